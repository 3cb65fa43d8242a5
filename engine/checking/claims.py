"""What is asked of the prover about a guideline, and what comes of it: a fault, with the patients who show it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from guidewright.engine.checks import truth_of as naive_truth_of
from guidewright.engine.outcome import Outcome
from guidewright.engine.program import Program
from guidewright.engine.proofs.encoded_facts import Kleene, truth_of
from guidewright.engine.proofs.propositions import Proposition
from guidewright.engine.proofs.solving import can_be
from guidewright.engine.proofs.witness import Prover, Witness, witness
from guidewright.engine.three_valued import Truth
from guidewright.rules.conditions import ALWAYS, Condition
from guidewright.rules.diagnostics import Place
from guidewright.rules.model import Fact, Guideline

Severity = Literal["warning", "note"]
Places = tuple[tuple[str, Place], ...]
_KEPT = 400


@dataclass(frozen=True, slots=True, repr=False)
class Example:
    """Patients of a kind: what is true of them, and whether one is such by what the reference evaluator says.

    `beyond`: what is wanted says more than can be seen from the evaluator's answer.
    """

    wanted: tuple[Proposition, ...]
    holds: Callable[[Outcome], bool]
    beyond: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Fault:
    """Something that is wrong with a guideline. `places` begins with the main one, each says what stands there;
    `example` are the patients that show it. `undecided`: that it is wrong was neither proved nor refuted.
    """

    code: str
    message: str
    about: tuple[str, ...]
    places: Places
    help: str | None = None
    severity: Severity = "warning"
    example: Example | None = None
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Proofs:
    """A prover, and what the reference evaluator said of the patients found so far: whatever is so for one of them
    needs no search.
    """

    prover: Prover
    seen: list[Outcome] = field(default_factory=list)

    @property
    def guideline(self) -> Guideline:
        return self.prover.encoding.program.guideline

    @property
    def program(self) -> Program:
        return self.prover.encoding.program

    @property
    def meant(self) -> Proposition:
        """That the guideline may be meant for the patient."""
        return -self.prover.encoding.applies.no

    def truth(self, condition: Condition) -> Kleene:
        encoding = self.prover.encoding
        return truth_of(condition, encoding.states, encoding.shapes, encoding.nodes)

    def said(self, condition: Condition, outcome: Outcome) -> Truth:
        """The truth of a condition by the reference evaluator."""
        return naive_truth_of(condition, outcome.facts.__getitem__, self.program.kinds.__getitem__)


def can_hold(wanted: Sequence[Proposition], proofs: Proofs) -> bool | None:
    """Whether the propositions leave room for all of this: false is proved, `None` is undecided. True need not mean
    that there is such a patient, where a formula plays a part.
    """
    return can_be(proofs.prover.solver, wanted)


def is_possible(example: Example, proofs: Proofs) -> bool | None:
    """Whether there is such a patient: false only where it is proved that there is none, `None` where neither."""
    if not example.beyond and any(example.holds(outcome) for outcome in proofs.seen):
        return True
    if can_be(proofs.prover.solver, example.wanted) is False:
        return False
    found = witness(proofs.prover, example.wanted, example.holds, smallest=False)
    if isinstance(found, str):
        # What was found may not be so where a formula plays a part; the smallest may be.
        found = witness(proofs.prover, example.wanted, example.holds)
    if isinstance(found, Witness):
        if len(proofs.seen) < _KEPT:
            proofs.seen.append(found.outcome)
        return True
    return False if found == "impossible" else None


def fires(rules: Sequence[str], proofs: Proofs, *also: Example) -> Example:
    """Patients for whom all these rules fire, and who are of these kinds too."""
    statuses = proofs.prover.encoding.rules
    return both(
        Example(
            tuple(statuses[rule]["fired"] for rule in rules),
            lambda outcome: all(outcome.rules[rule] == "fired" for rule in rules),
        ),
        *also,
    )


def both(*kinds: Example) -> Example:
    """Patients of all these kinds."""
    wanted = tuple(dict.fromkeys(proposition for kind in kinds for proposition in kind.wanted))
    return Example(wanted, lambda outcome: all(kind.holds(outcome) for kind in kinds), any(k.beyond for k in kinds))


def is_true(condition: Condition, proofs: Proofs) -> Example:
    """Patients for whom a condition is known to be true."""
    return Example((proofs.truth(condition).yes,), lambda outcome: proofs.said(condition, outcome) is True)


def is_false(condition: Condition, proofs: Proofs) -> Example:
    """Patients for whom a condition is known to be false."""
    return Example((proofs.truth(condition).no,), lambda outcome: proofs.said(condition, outcome) is False)


def is_meant(proofs: Proofs) -> Example:
    """Patients for whom the guideline may be meant."""
    return Example((proofs.meant,), lambda outcome: outcome.applies is not False)


def may_apply(fact: Fact, proofs: Proofs) -> Example:
    """Patients to whom a fact may apply."""
    only_if = fact.only_if if fact.only_if is not None else ALWAYS
    return Example((-proofs.truth(only_if).no,), lambda outcome: proofs.said(only_if, outcome) is not False)


def has_values(facts: Collection[str], prover: Prover) -> Example:
    """Patients of whom it is not recorded that they have no value of these facts, as far as everyone has one."""
    encoding = prover.encoding
    everyone = [fact.id for fact in encoding.program.facts if fact.id in facts and fact.only_if is None]
    records = [encoding.records[id] for id in everyone]
    wanted = [-encoding.nodes.all((record.there, record.may[-1])) for record in records]
    return Example(tuple(wanted), lambda _: True, beyond=True)


def where(*every: tuple[str, Place | None]) -> Places:
    """The places that are known."""
    return tuple((text, place) for text, place in every if place is not None)


def listed(ids: Sequence[str]) -> str:
    quoted = [f"`{id}`" for id in ids]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


Faults = Iterator[Fault]
Look = Callable[[], Iterable[Fault]]
"""What is wrong with one subject, such as a rule. A family of findings is a list of looks, so that it is known how many
there are before the first is taken, which is when the prover is asked.
"""
