"""What a record and a derivation of one fact leave together, as propositions (`engine.known.settle`).

Cells do not say which number of a run is meant. So where a record and a computation leave some of the numbers of one
run, or where a tolerance counts, it is left free in which cells they agree, within what their cells allow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guidewright.engine.known import widened
from guidewright.engine.proofs.encoded_facts import (
    Kleene,
    Recorded,
    Shape,
    State,
    Worked,
    any_contents,
    anything_in,
    only_one,
    runs_of,
)
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions
from guidewright.rules.conditions import Check
from guidewright.rules.model import Fact
from guidewright.rules.values import of_spans, overlap


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a record and a derivation leave together, as far as their cells do not say it: whether that is one value,
    in which cells they agree and, within a tolerance, come near, and what tests of a set of choices say. Variables, or
    constants where nothing is free. `matters`: something hangs on them.
    """

    one: Proposition
    agrees: tuple[Proposition, ...]
    near: tuple[Proposition, ...]
    contains: Mapping[Check, Kleene]
    matters: Proposition


def settled(
    fact: Fact,
    record: Recorded,
    derived: Worked | None,
    applies: Kleene,
    shape: Shape,
    nodes: Propositions,
    constraints: list[Proposition],
) -> tuple[State, Meeting | None]:
    """What is known from the record, the derivation, and whether the fact applies."""
    sure = derived if derived is not None else anything_in(shape)
    absent = [applies.no if i == shape.none else FALSE for i in range(shape.none + 1)]
    alone = [nodes.all((-applies.no, cell)) for cell in sure.may[:-1]]
    alone.append(nodes.any((absent[-1], sure.may[-1], -applies.yes)))
    met: Meeting | None = None
    left = record
    if derived is not None:
        met, left = _met(fact, record, derived, applies, alone, shape, nodes, constraints)
    may = tuple(nodes.choose(record.there, a, b) for a, b in zip(left.may, alone, strict=True))
    state = State(
        may,
        nodes.choose(record.there, left.one, nodes.all((applies.yes, sure.one))),
        nodes.any((record.there, nodes.all((-applies.no, sure.from_data)))),
        {value: nodes.all((record.there, says)) for value, says in record.said.items()},
        {
            check: Kleene(
                nodes.choose(record.there, truth.yes, nodes.all((applies.yes, sure.contains[check].yes))),
                nodes.choose(record.there, truth.no, nodes.any((applies.no, sure.contains[check].no))),
            )
            for check, truth in left.contains.items()
        },
    )
    return state, met


def _met(
    fact: Fact,
    record: Recorded,
    derived: Worked,
    applies: Kleene,
    alone: Sequence[Proposition],
    shape: Shape,
    nodes: Propositions,
    constraints: list[Proposition],
) -> tuple[Meeting, Recorded]:
    """The meeting, and what it leaves of the record: what both allow; where nothing, either; where the fact may not
    apply, the record too.
    """
    covers = derived.covers or shape.none * (FALSE,)
    sure = [TRUE if single else cover for single, cover in zip(shape.single, covers, strict=True)]
    agrees, common = _common(fact.id, record, derived, sure, nodes)
    near: tuple[Proposition, ...] = ()
    agreed, by_near = common, FALSE
    if fact.tolerance is not None:
        near, agreed = _nearby(fact, record, derived, common, shape, nodes)
        by_near = nodes.any((derived.from_data, -nodes.any(common)))
        agreed = tuple(nodes.choose(by_near, a, b) for a, b in zip(agreed, common, strict=True))
    stands = nodes.any((applies.no, derived.fails))
    there = _reconciled(record, derived, agreed, stands, applies, nodes)
    may = [nodes.choose(record.there, a, b) for a, b in zip(there, alone, strict=True)]
    one = only_one(f"{fact.id} is one value", may, shape, nodes, constraints)
    contains = any_contents(fact.id, record.there, tuple(may), one, shape, nodes, constraints)
    kept = [nodes.implies(a, nodes.all((b, c))) for a, b, c in zip(record.may, derived.may, (*sure, TRUE), strict=True)]
    as_recorded = nodes.any((stands, nodes.all((-by_near, *kept))))
    several = any(possible and not single for possible, single in zip(shape.possible, shape.single, strict=True))
    matters = nodes.all((record.there, -as_recorded)) if several else FALSE
    left = Recorded(
        record.there,
        there,
        nodes.choose(as_recorded, record.one, one),
        record.said,
        {
            check: Kleene(
                nodes.choose(as_recorded, record.contains[check].yes, truth.yes),
                nodes.choose(as_recorded, record.contains[check].no, truth.no),
            )
            for check, truth in contains.items()
        },
    )
    return Meeting(one, agrees, near, contains, matters), left


def _reconciled(
    record: Recorded,
    derived: Worked,
    agreed: Sequence[Proposition],
    stands: Proposition,
    applies: Kleene,
    nodes: Propositions,
) -> tuple[Proposition, ...]:
    """The cells that are left, where these are agreed on, and where the record `stands` as it is."""
    found: list[Proposition] = []
    for recorded, worked, both in zip(record.may, derived.may, agreed, strict=True):
        reconciled = nodes.choose(nodes.any(agreed), both, nodes.any((recorded, worked)))
        perhaps = nodes.any((recorded, reconciled))
        found.append(nodes.choose(stands, recorded, nodes.choose(applies.yes, reconciled, perhaps)))
    return tuple(found)


def _common(
    id: str, record: Recorded, derived: Worked, sure: Sequence[Proposition], nodes: Propositions
) -> tuple[tuple[Proposition, ...], tuple[Proposition, ...]]:
    """In which cells a record and a derivation agree: the variables, and what comes of them."""
    free, common = list[Proposition](), list[Proposition]()
    for i, (recorded, worked, known) in enumerate(zip(record.may, derived.may, (*sure, TRUE), strict=True)):
        both = nodes.all((recorded, worked))
        free.append(TRUE if known == TRUE or both == FALSE else nodes.variable(f"{id} agrees in {i}"))
        common.append(nodes.all((both, nodes.any((known, free[-1])))))
    return tuple(free), tuple(common)


def _nearby(
    fact: Fact, record: Recorded, derived: Worked, common: Sequence[Proposition], shape: Shape, nodes: Propositions
) -> tuple[tuple[Proposition, ...], tuple[Proposition, ...]]:
    """In which cells something is computed that is within the tolerance of what is recorded."""
    assert fact.tolerance is not None
    runs = runs_of(shape)
    reach = [widened(of_spans([run]), fact.tolerance).spans for run in runs]
    free, near = list[Proposition](), list[Proposition]()
    for i, run in enumerate(runs):
        from_cells = [
            recorded
            for recorded, spans in zip(record.may, reach, strict=False)
            if run is not None and any(overlap(run, other) is not None for other in spans)
        ]
        perhaps = nodes.all((derived.may[i], nodes.any(from_cells)))
        free.append(TRUE if perhaps == FALSE else nodes.variable(f"{fact.id} comes near in {i}"))
        near.append(nodes.any((common[i], nodes.all((perhaps, free[-1])))))
    return (*free, TRUE), (*near, common[-1])
