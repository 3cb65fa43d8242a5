"""Running engines side by side. If any answer differs, nothing is answered: a fault of ours is never shown as a
recommendation.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal, get_args

from guidewright.engine.assess import assess
from guidewright.engine.assessment import Assessment
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.outcome import Outcome
from guidewright.engine.plan import Plan, plan_of
from guidewright.rules.model import Guideline
from guidewright.rules.patient import Patient

if TYPE_CHECKING:
    from guidewright.engine.rete import Rete

EngineName = Literal["lockstep", "compiled", "rete", "reference"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two engines answer differently."""

    what: str
    id: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two engines and everything that they answer differently. It names no fact of the patient."""

    engines: tuple[str, str]
    differences: tuple[Difference, ...]


class RuleEngineMissing(Exception):
    """durable_rules is not installed, or does not run on this Python; it needs one below 3.13."""


class RuleEngineFailed(Exception):
    """The production-rule engine failed, or said what cannot be; nothing that it said may be used."""


class Ready:
    """A guideline ready to answer. Shared by threads: the production-rule engine is built once, when it is first
    needed.
    """

    __slots__ = ("_lock", "_rete", "plan")

    def __init__(self, guideline: Guideline) -> None:
        self.plan: Plan = plan_of(guideline)
        self._rete: Rete | None = None
        self._lock = Lock()

    @property
    def guideline(self) -> Guideline:
        return self.plan.guideline

    def rete(self) -> Rete | None:
        """The guideline as production rules; `None` where durable_rules is not installed."""
        from guidewright.engine.rete import compile_rete, rete_available
        from guidewright.engine.rete_host import ReteError
        from guidewright.engine.rete_rules import ReteRefused

        if self._rete is None and rete_available():
            with self._lock:
                if self._rete is None:
                    try:
                        self._rete = compile_rete(self.plan.program)
                    except (ReteError, ReteRefused) as fault:
                        raise RuleEngineFailed(str(fault)) from fault
        return self._rete


def answer(ready: Ready, patient: Patient, engine: EngineName = "lockstep") -> Assessment | Disagreement:
    """The answer of an engine, or of two that agree. Raises `RuleEngineMissing` where `rete` is asked for and not
    installed.
    """
    plan = ready.plan
    match engine:
        case "compiled":
            return assess(plan, patient, evaluate_compiled(plan.compiled, patient), "compiled")
        case "reference":
            from guidewright.engine.reference import evaluate_naively

            return assess(plan, patient, evaluate_naively(plan.program, patient), "reference")
        case "rete":
            return assess(plan, patient, _by_rete(ready, patient), "rete")
        case "lockstep":
            outcome = evaluate_compiled(plan.compiled, patient)
            if ready.rete() is None:
                return assess(plan, patient, outcome, "compiled (one engine ran: durable_rules is not installed)")
            differences = compare(outcome, _by_rete(ready, patient))
            if differences:
                return Disagreement(("compiled", "rete"), differences)
            return assess(plan, patient, outcome, "lockstep")


def _by_rete(ready: Ready, patient: Patient) -> Outcome:
    from guidewright.engine.rete import evaluate_by_rete
    from guidewright.engine.rete_host import ReteError

    rete = ready.rete()
    if rete is None:
        raise RuleEngineMissing("durable_rules is not installed; it needs a Python below 3.13 and a C compiler")
    try:
        return evaluate_by_rete(rete, patient)
    except ReteError as fault:
        raise RuleEngineFailed(str(fault)) from fault


def compare(left: Outcome, right: Outcome) -> tuple[Difference, ...]:
    """Every rule, row, argument, answer and fact on which two outcomes differ."""
    found: list[Difference] = []
    if left.applies is not right.applies:
        found.append(Difference("applies", "", str(left.applies), str(right.applies)))
    pairs = (
        ("rule", left.rules, right.rules),
        ("argument", left.arguments, right.arguments),
        ("answers", left.answers, right.answers),
    )
    for what, here, there in pairs:
        for id in dict.fromkeys((*here, *there)):
            if here.get(id, "missing") != there.get(id, "missing"):
                found.append(Difference(what, id, str(here.get(id, "missing")), str(there.get(id, "missing"))))
    for id in dict.fromkeys((*left.facts, *right.facts)):
        here_known, there_known = left.facts.get(id), right.facts.get(id)
        if here_known != there_known:
            # The values themselves are the patient's and stay out of the report.
            found.append(Difference("fact", id, "one thing is known", "another"))
    return tuple(found)
