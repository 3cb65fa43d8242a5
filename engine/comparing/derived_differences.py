"""Whether two versions know a fact otherwise for some patient, also one that no rule tests: an answer shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from guidewright.engine.comparing.differences import Comparison, Seen, comparison_of, seen_by
from guidewright.engine.comparing.versions import are_known_alike, has_formula
from guidewright.engine.known import is_settled
from guidewright.engine.program import Program
from guidewright.engine.proofs.encoding import Encoding
from guidewright.engine.proofs.propositions import Proposition
from guidewright.engine.proofs.solving import can_be
from guidewright.engine.proofs.witness import smallest_record
from guidewright.rules.claims import Invariant
from guidewright.rules.conditions import AnyOf, OneOf, Test
from guidewright.rules.conditions import Literal as Written
from guidewright.rules.model import ChoicesType, Fact, Score, Table
from guidewright.rules.values import Value

_MOST_TOTALS = 64


def known_otherwise(
    old: Program, new: Program, as_of: date, milliseconds: int = 10_000
) -> Iterator[tuple[str, Seen | Literal["undecided"]]]:
    """The facts that both versions know otherwise for a patient, who is shown, or that only one of them works out; and
    those of which that is not decided. The others are proved to be known alike for every patient, from records that
    both versions read. Raises `ProverMissing`.
    """
    made: list[Comparison] = []

    def comparison() -> Comparison:
        if not made:
            made.append(comparison_of(_telling_apart(old), _telling_apart(new), as_of, milliseconds))
        return made[0]

    same: set[str] = set()
    for fact in new.facts:
        before = old.guideline.facts.get(fact.id)
        if before is None:
            if fact.derivation is not None:
                yield fact.id, _worked_out(fact.id, comparison(), comparison().versions.new)
            continue
        if same.issuperset(new.inputs[fact.id]):
            if are_known_alike(before, fact):
                same.add(fact.id)
                continue
            if _is_only_recorded(before, fact):
                continue
        found = _patient(fact.id, comparison(), before.tolerance != fact.tolerance)
        if found == "impossible" and _is_told_apart(before) and _is_told_apart(fact):
            same.add(fact.id)
        else:
            yield fact.id, found if isinstance(found, Seen) else "undecided"
    for fact in old.facts:
        if fact.id not in new.guideline.facts and fact.derivation is not None:
            yield fact.id, _worked_out(fact.id, comparison(), comparison().versions.old)


def _is_only_recorded(one: Fact, other: Fact) -> bool:
    """Whether two facts of other types say the same of a record that both versions read."""
    as_recorded = replace(other, type=one.type)
    return one.derivation is None and are_known_alike(one, as_recorded)


def _patient(fact: str, comparison: Comparison, in_records: bool) -> Seen | Literal["impossible", "undecided"]:
    """A patient of whom the fact is known otherwise. `in_records`: perhaps only where it is recorded too, which is not
    proved to be impossible.
    """
    old, new = comparison.versions.old, comparison.versions.new
    before, after = old.states[fact].may, new.states[fact].may
    if len(before) != len(after):
        return "undecided"
    nodes = comparison.versions.joint.nodes
    differs: Proposition = nodes.any(-nodes.same(a, b) for a, b in zip(before, after, strict=True))
    # A record of the fact itself would only hide what is worked out.
    undecided = in_records
    for wanted in ([differs, -old.records[fact].there], *([[differs]] if in_records else ())):
        if can_be(comparison.prover.solver, wanted) is False:
            continue
        undecided = True
        facts = smallest_record(comparison.prover, wanted)
        seen = _seen(facts, comparison) if not isinstance(facts, str) else None
        if seen is not None and seen.outcome_before.facts[fact].values != seen.outcome_after.facts[fact].values:
            return seen
    return "undecided" if undecided else "impossible"


def _worked_out(fact: str, comparison: Comparison, of: Encoding) -> Seen | Literal["undecided"]:
    """A patient of whom one version works out a fact that the other does not have."""
    facts = smallest_record(comparison.prover, [of.states[fact].one, -of.records[fact].there])
    seen = _seen(facts, comparison) if not isinstance(facts, str) else None
    if seen is None:
        return "undecided"
    outcome = seen.outcome_before if of is comparison.versions.old else seen.outcome_after
    return seen if is_settled(outcome.facts[fact]) else "undecided"


def _seen(facts: dict[str, Any], comparison: Comparison) -> Seen | None:
    versions = comparison.versions
    return seen_by(facts, versions.old.program, versions.new.program, comparison.prover.as_of)


def _is_told_apart(fact: Fact) -> bool:
    """Whether each value that can be worked out has a cell of its own (`_telling_apart`)."""
    if has_formula(fact) or (fact.derivation is not None and isinstance(fact.type, ChoicesType)):
        return False
    return not isinstance(fact.derivation, Score) or len(_totals(fact.derivation)) <= _MOST_TOTALS


def _telling_apart(program: Program) -> Program:
    """The program, asked about each value that a row can give or points can sum up to."""
    tests: list[Test] = []
    for fact in program.facts:
        values: set[Value] = set()
        match fact.derivation:
            case Table() as table if not isinstance(fact.type, ChoicesType):
                values = {row.value for row in table.all_rows if row.value is not None}
            case Score() as score:
                values = {*_totals(score)}
            case _:
                pass
        if len(values) <= _MOST_TOTALS:
            tests += [Test(fact.id, OneOf((Written(value),))) for value in sorted(values, key=str)]
    asked = Invariant("", "", when=AnyOf(tuple(tests)))
    guideline = replace(program.guideline, invariants={**program.guideline.invariants, "": asked})
    return replace(program, guideline=guideline)


def _totals(score: Score) -> frozenset[Value]:
    totals: set[Value] = {0}
    for row in score.rows:
        totals |= {total + (row.points or 0) for total in totals}  # type: ignore[operator]
        if len(totals) > _MOST_TOTALS:
            break
    return frozenset(totals)
