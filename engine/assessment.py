"""The answer for one patient: every rule with its status and why, the weighing, the ways through the pages, and
what to ask next.

`to_json` gives the object that the specification fixes; its field names are a public interface, versioned by `SCHEMA`.
Nothing here has a `repr` of its values: clinical facts must not slip into logs and tracebacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from guidewright.engine.due import Due
from guidewright.engine.outcome import Status
from guidewright.engine.three_valued import Truth

SCHEMA = "guidewright/assessment/1"
NOTICE = "Decision support for review by a clinician; not a prescription."

Json = str | bool | int | list[str] | None
MayBe = tuple[str | bool | int | list[str], ...]


@dataclass(frozen=True, slots=True, repr=False)
class Recorded:
    """What one source says about a fact, as it was written."""

    value: str
    source: str | None
    on: str | None
    note: str | None


@dataclass(frozen=True, slots=True, repr=False)
class FactAnswer:
    """A fact of which something is recorded."""

    id: str
    label: str
    may_be: MayBe
    words: str
    recorded: tuple[Recorded, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class DerivedAnswer:
    """A fact that was worked out. `value` is there where one value is left. `by` is the row that gave its value;
    `problem` the reason why nothing could be computed.
    """

    id: str
    label: str
    may_be: MayBe
    value: Json
    words: str
    by: str | None
    problem: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Assumption:
    """A rule fires although it is not known that its exception is absent: `unless` in words, and the facts that
    would settle it.
    """

    unless: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Proviso:
    """A rule fires provided that another, still open, turns out not to."""

    rule: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Failed:
    """A test that did not hold: what was asked, and what is known of its fact."""

    fact: str
    test: str
    found: str


@dataclass(frozen=True, slots=True, repr=False)
class RuleAnswer:
    id: str
    status: Status
    kind: str
    stage: str | None
    box: int | None
    text: str
    strength: str | None
    certainty: str | None
    facts: Mapping[str, Json]
    reasons: tuple[str, ...]
    assuming: tuple[Assumption, ...]
    provided: tuple[Proviso, ...]
    needs: tuple[str, ...]
    failed: tuple[Failed, ...]
    overridden_by: tuple[str, ...]
    because: tuple[str, ...]
    although: tuple[str, ...]
    disputed: bool
    expert: bool
    signoff: bool
    except_: str | None
    note: str | None
    asks: tuple[str, ...]
    due: tuple[Due, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ArgumentAnswer:
    id: str
    says: str
    weight: str
    decisive: str | None
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class CandidateAnswer:
    id: str
    label: str
    net: str
    low: str
    high: str
    supporting: tuple[ArgumentAnswer, ...]
    opposing: tuple[ArgumentAnswer, ...]
    open: tuple[ArgumentAnswer, ...]


@dataclass(frozen=True, slots=True, repr=False)
class WeighingAnswer:
    id: str
    question: str
    leading: tuple[str, ...]
    possible: tuple[str, ...]
    excluded: tuple[str, ...]
    confirmed: str | None
    candidates: tuple[CandidateAnswer, ...]


@dataclass(frozen=True, slots=True, repr=False)
class StepAnswer:
    step: str
    box: int
    text: str
    answer: str | None
    assuming: tuple[Assumption, ...]


@dataclass(frozen=True, slots=True, repr=False)
class PathAnswer:
    """`several` names answers that hold at once where more than one does: a fault of the guideline."""

    stage: str
    steps: tuple[StepAnswer, ...]
    stopped_at: str | None
    needs: tuple[str, ...]
    several: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """A fact to find out. `reason`: `applies`, `rule` (a rule asks for it), `path` (a way stops for it) or `open`.

    `exact`: it is shown that the answer depends on it: there are two patients, alike in all that is recorded and in all
    else, whose answers differ.
    """

    fact: str
    label: str
    question: str
    reason: str
    settles: tuple[str, ...]
    exact: bool


@dataclass(frozen=True, slots=True, repr=False)
class Conflict:
    """A contradiction: between sources, between record and computation, with `only_if`, or among decisive
    arguments (`about`).
    """

    about: str
    label: str
    kind: str
    between: tuple[str, ...]
    affects: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Assessment:
    """The answer of a guideline for one patient. Decision support for review by a clinician; not a prescription."""

    guideline: str
    title: str
    version: str
    status: str
    digest: str
    applies: Truth
    applies_if: str
    parameters: Mapping[str, str]
    patient: str | None
    as_of: date
    dated: bool
    engine: str
    facts: Mapping[str, FactAnswer]
    derived: Mapping[str, DerivedAnswer]
    rules: Mapping[str, RuleAnswer]
    weighing: Mapping[str, WeighingAnswer]
    paths: Mapping[str, PathAnswer]
    ask: tuple[Question, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def ask_is_exact(self) -> bool:
        """Whether of all that is asked, except for what fired rules ask for, it is shown that the answer depends on it.
        Else some facts are asked because they stand behind what is open, and it was not found out whether they matter.
        """
        return all(question.exact for question in self.ask if question.reason != "rule")

    def with_status(self, status: Status) -> tuple[RuleAnswer, ...]:
        """The rules that ended in this status, in the guideline's order. Raises `ValueError` for any other word."""
        statuses: tuple[str, ...] = get_args(Status)
        if status not in statuses:
            raise ValueError(f"there is no status {status!r}; the statuses are {', '.join(statuses)}")
        return tuple(rule for rule in self.rules.values() if rule.status == status)

    def to_json(self) -> dict[str, Any]:
        """The answer as the specification fixes it: plain objects, ready for `json.dumps`."""
        from guidewright.engine.assessment_json import assessment_json

        return assessment_json(self)
