"""Two versions of a guideline as propositions about the same patients.

A fact that both versions know by one id is one record, and its cells are those that either version tells apart. A fact
that follows from the same in the same way is one fact. So a rule that nothing has touched is one proposition in
both, and what is left to prove is what has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from guidewright.engine.program import Program, claims_of, conditions_of
from guidewright.engine.proofs.encoded_derivations import Shared
from guidewright.engine.proofs.encoded_facts import Recorded, Shape, State
from guidewright.engine.proofs.encoded_formulas import told_apart
from guidewright.engine.proofs.encoded_times import time_counted
from guidewright.engine.proofs.encoding import Encoding, encoding_of, is_free, shapes_of
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions
from guidewright.rules.condition_text import values_of
from guidewright.rules.conditions import (
    Check,
    Compare,
    Condition,
    Literal,
    SaidAs,
    Test,
    tests_of,
    without_names,
)
from guidewright.rules.domains import precise_options, whole
from guidewright.rules.model import (
    BooleanType,
    ChoicesType,
    ChoiceType,
    Derivation,
    Fact,
    FactType,
    Formula,
    Holds,
    Option,
    QuantityType,
    Row,
    Score,
    Table,
    TextType,
)


@dataclass(frozen=True, slots=True)
class Versions:
    """Both encodings over the same nodes. `joint` is `old` with every record that a patient may have, for finding
    patients of both. `apart` are the facts that both versions know and of which no record can mean the same in both;
    `computed` those of the new version that a formula works out otherwise, or from something else, and of which it is
    left free what it gives.
    """

    old: Encoding
    new: Encoding
    joint: Encoding
    apart: tuple[str, ...]
    computed: tuple[str, ...]


def versions_of(old: Program, new: Program, as_of: date) -> Versions:
    """Both versions, for patients assessed on a day."""
    both = [id for id in old.kinds if id in new.kinds]
    alike = frozenset(id for id in both if _alike(old.kinds[id], new.kinds[id]))
    before = encoding_of(old, as_of, _others(new, old, alike, as_of))
    others = tuple(_others(old, new, alike, as_of))
    shapes = shapes_of(new, as_of, others)
    constraints: list[Proposition] = []
    records = {
        id: _same_record(before.records[id], before.shapes[id], shapes[id], before.nodes, constraints)
        for id in before.records
        if id in alike
    }
    same = frozenset(unchanged(old, new))
    states = {id: before.states[id] for id in same}
    meetings = {id: met for id, met in before.meetings.items() if id in same}
    gaps = {id: gap for id, gap in before.gaps.items() if id in same}
    days = {id: known for id, known in before.days.items() if id in alike}
    after = encoding_of(new, as_of, others, Shared(before.nodes, records, states, meetings, days, gaps))
    constraints += known_alike(before, after, same)
    apart = tuple(id for id in before.records if id in after.records and id not in alike)
    added = {id: record for id, record in after.records.items() if id not in before.records}
    joint = replace(
        before,
        constraints=(*before.constraints, *after.constraints, *constraints),
        records={**before.records, **added},
        days={**{id: days for id, days in after.days.items() if id in alike or id in added}, **before.days},
        shapes={**after.shapes, **before.shapes},
        computed=before.nodes.any((before.computed, after.computed)),
    )
    free = {fact.id for fact in old.facts if is_free(fact, before)} | {f.id for f in new.facts if is_free(f, after)}
    computed = tuple(fact.id for fact in new.facts if fact.id in free - same and has_formula(fact))
    return Versions(before, after, joint, apart, computed)


# --- records that both versions read


def _alike(old: FactType, new: FactType) -> bool:
    """Whether a record of one type can be a record of the other: ranges and the options of a choice may differ."""
    match old, new:
        case ChoicesType(options), ChoicesType(others):
            return [(o.id, o.may_be) for o in options] == [(o.id, o.may_be) for o in others]
        case QuantityType(unit), QuantityType(other):
            return unit.text == other.text
        case _:
            return type(old) is type(new)


def _others(other: Program, program: Program, alike: frozenset[str], as_of: date) -> Iterator[Condition]:
    """What the other version tests of the facts of a program, and where its ranges end."""
    for condition in (*conditions_of(other), *claims_of(other), *told_apart(other)):
        for test in tests_of(condition):
            if test.fact in alike and _can_be_asked(test.check, program.kinds[test.fact]):
                yield test
    for id in alike:
        kinds = (other.kinds[id], program.kinds[id])
        if not isinstance(kinds[0], BooleanType | ChoiceType | ChoicesType | TextType) and kinds[0] != kinds[1]:
            for end in {end for kind in kinds for run in whole(kind, as_of).spans for end in (run.low, run.high)}:
                if end is not None:
                    yield Test(id, Compare("<=", Literal(end)))


def _can_be_asked(check: Check, kind: FactType) -> bool:
    if not isinstance(kind, ChoiceType | ChoicesType):
        return True
    if isinstance(check, SaidAs):
        return any(option.id == check.value and option.may_be for option in kind.options)
    return all(value in precise_options(kind) for value in values_of(check))


def _same_record(old: Recorded, before: Shape, after: Shape, nodes: Propositions, kept: list[Proposition]) -> Recorded:
    """The record of a fact as the new version reads it. Records that only one version takes are left out (`kept`). A
    record is the values that it leaves: where a range ends elsewhere, `> 3` counts up to where the narrower one ends.
    """
    if isinstance(after.kind, ChoicesType | TextType):
        return old
    at = _cells_of_the_old(before, after)
    may = tuple(
        old.may[i] if i is not None and i < before.none and before.possible[i] and possible else FALSE
        for i, possible in zip(at, after.possible, strict=True)
    )
    read = {cell for cell in may if cell != FALSE}
    kept += [-cell for cell in old.may[:-1] if cell not in read]
    said = {value: says for value, says in old.said.items() if _stands_for(value, before) == _stands_for(value, after)}
    kept += [-says for value, says in old.said.items() if value not in said]
    missing = {c.value: FALSE for c, _, _ in after.cells.pairs if isinstance(c, SaidAs) and c.value not in said}
    return Recorded(old.there, (*may, old.may[-1]), old.one, said | missing, old.contains)


def _cells_of_the_old(before: Shape, after: Shape) -> list[int | None]:
    """For each cell of the new version that of the old one that holds the same."""
    if not after.cells.bits:
        assert before.cells.cuts == after.cells.cuts
        return list(range(after.none))
    by_value = {value: bit.bit_length() - 1 for value, bit in before.cells.bits.items()}
    return [by_value.get(value) for value in after.cells.bits]


def _stands_for(value: str, shape: Shape) -> frozenset[str]:
    options = getattr(shape.kind, "options", ())
    return frozenset(precise for option in options if option.id == value for precise in option.may_be)


# --- facts that follow from the same


def has_formula(fact: Fact) -> bool:
    """Whether a formula works out a fact, or a row of its table."""
    table = fact.derivation if isinstance(fact.derivation, Table) else None
    rows = table.all_rows if table is not None else ()
    return isinstance(fact.derivation, Formula) or any(row.formula is not None for row in rows)


def unchanged(old: Program, new: Program) -> Iterator[str]:
    """The facts of which, for one record, both versions know the same."""
    found: set[str] = set()
    for fact in new.facts:
        before = old.guideline.facts.get(fact.id)
        if before is not None and are_known_alike(before, fact) and all(id in found for id in new.inputs[fact.id]):
            found.add(fact.id)
            yield fact.id


def known_alike(old: Encoding, new: Encoding, same: frozenset[str]) -> Iterator[Proposition]:
    """That a fact which follows in the same way is known alike wherever its inputs are, though they follow otherwise.
    Cells do not say which number is in one, so numbers count as known alike only where each cell holds a single one.
    """
    nodes = new.nodes
    alike = dict.fromkeys(same, TRUE)
    for fact in new.program.facts:
        before = old.program.guideline.facts.get(fact.id)
        if fact.id in same or before is None or type_meaning(before.type) != type_meaning(fact.type):
            continue
        here, there = old.states[fact.id], new.states[fact.id]
        as_seen = same_state(here, there, nodes)
        follows = FALSE
        if are_known_alike(before, fact):
            follows = nodes.all(alike.get(input, FALSE) for input in new.program.inputs[fact.id])
            yield nodes.implies(follows, as_seen)
        exact = FALSE if isinstance(fact.type, ChoicesType | TextType) else as_seen
        for cell, single in zip(here.may, new.shapes[fact.id].single, strict=False):
            exact = nodes.all((exact, TRUE if single else -cell))
        alike[fact.id] = nodes.any((follows, exact))


def same_state(one: State, other: State, nodes: Propositions) -> Proposition:
    """Whether the same is known of a fact, as far as tests can tell."""
    pairs = [*zip(one.may, other.may, strict=True), (one.one, other.one), (one.data, other.data)]
    pairs += [(says, other.said.get(value, FALSE)) for value, says in one.said.items()]
    pairs += [(says, FALSE) for value, says in other.said.items() if value not in one.said]
    pairs += [(t.yes, other.contains[check].yes) for check, t in one.contains.items() if check in other.contains]
    pairs += [(t.no, other.contains[check].no) for check, t in one.contains.items() if check in other.contains]
    return nodes.all(nodes.same(a, b) for a, b in pairs)


def meaning(fact: Fact) -> tuple[object, ...]:
    """What a fact says apart from words: two facts of one meaning are known alike for every record."""
    only_if = without_names(fact.only_if) if fact.only_if is not None else None
    return type_meaning(fact.type), only_if, _derivation(fact.derivation), fact.tolerance


def are_known_alike(one: Fact, other: Fact) -> bool:
    """Whether two facts mean the same, also where a formula is written otherwise."""
    count = time_counted(one)
    if count is not None and count == time_counted(other):
        other = replace(other, derivation=one.derivation)
    return meaning(one) == meaning(other)


def type_meaning(kind: FactType) -> FactType:
    if isinstance(kind, ChoiceType | ChoicesType):
        return replace(kind, options=tuple(Option(option.id, "", option.may_be) for option in kind.options))
    return kind


def _derivation(derivation: Derivation | None) -> tuple[object, ...]:
    match derivation:
        case Formula(expression, _, empirical):
            return ("formula", expression, empirical)
        case Holds(condition):
            return ("holds", without_names(condition))
        case Table(rows, otherwise, empirical):
            last = row_meaning(otherwise) if otherwise is not None else None
            return ("table", tuple(map(row_meaning, rows)), last, empirical)
        case Score(rows):
            return ("score", tuple(map(row_meaning, rows)))
        case None:
            return ()


def row_meaning(row: Row) -> tuple[object, ...]:
    return without_names(row.when), row.value, row.formula, row.points
