"""Whether two versions know a fact otherwise for some patient, also one that no rule tests: an answer shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Literal

from guidewright.engine.comparing.differences import Comparison, Seen, comparison_of, seen_by
from guidewright.engine.comparing.versions import has_formula, meaning
from guidewright.engine.program import Program
from guidewright.engine.proofs.propositions import Proposition
from guidewright.engine.proofs.solving import find
from guidewright.engine.proofs.witness import smallest_record
from guidewright.rules.conditions import AnyOf, OneOf, Test
from guidewright.rules.conditions import Literal as Written
from guidewright.rules.model import ChoicesType, Fact, Invariant, Score, Table
from guidewright.rules.values import Value

_MOST_TOTALS = 64


def known_otherwise(
    old: Program, new: Program, as_of: date, milliseconds: int = 10_000
) -> Iterator[tuple[str, Seen | Literal["undecided"]]]:
    """The facts that both versions have and know otherwise for a patient, who is shown; and those of which that is not
    decided. The others are proved to be known alike for every patient. Raises `ProverMissing`.
    """
    comparison = comparison_of(_telling_apart(old), _telling_apart(new), as_of, milliseconds)
    same: set[str] = set()
    for fact in new.facts:
        before = old.guideline.facts.get(fact.id)
        if before is None:
            continue
        if meaning(before) == meaning(fact) and same.issuperset(new.inputs[fact.id]):
            same.add(fact.id)
            continue
        found = _patient(fact.id, comparison)
        if found == "impossible" and _is_told_apart(before) and _is_told_apart(fact):
            same.add(fact.id)
        else:
            yield fact.id, found if isinstance(found, Seen) else "undecided"


def _patient(fact: str, comparison: Comparison) -> Seen | Literal["impossible", "undecided"]:
    old, new = comparison.versions.old, comparison.versions.new
    before, after = old.states[fact].may, new.states[fact].may
    if len(before) != len(after):
        return "undecided"
    nodes = comparison.versions.joint.nodes
    differs: Proposition = nodes.any(nodes.choose(a, -b, b) for a, b in zip(before, after, strict=True))
    # A record of the fact itself would only hide what is worked out.
    wanted = [differs, -old.records[fact].there]
    if find(comparison.prover.solver, wanted) == "impossible":
        return "impossible"
    facts = smallest_record(comparison.prover, wanted)
    seen = seen_by(facts, old.program, new.program, comparison.prover.as_of) if not isinstance(facts, str) else None
    if seen is None or seen.outcome_before.facts[fact].values == seen.outcome_after.facts[fact].values:
        return "undecided"
    return seen


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
