"""What is known of every fact of a program, as propositions: from records, and from what facts follow from.

Exact are conditions, tables of values, scores, the time between two recorded dates (`encoded_times`), and formulas over
few whole numbers (`encoded_formulas`). Left free is what any other formula gives, a table with a formula in a row, and
a score of so many totals that the evaluator does not tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from guidewright.engine.cells import value_bits
from guidewright.engine.known import sums
from guidewright.engine.program import Program
from guidewright.engine.proofs.encoded_dates import Days, days_known, days_recorded, only_day
from guidewright.engine.proofs.encoded_facts import (
    Kleene,
    Recorded,
    Shape,
    State,
    Worked,
    anything_in,
    is_from_data,
    listed_contents,
    only_one,
    record_of,
    truth_of,
)
from guidewright.engine.proofs.encoded_formulas import few_values, results
from guidewright.engine.proofs.encoded_meetings import Meeting, settled
from guidewright.engine.proofs.encoded_times import Count, Gaps, count_of, time_between
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions
from guidewright.rules.conditions import Condition
from guidewright.rules.formulas import facts_in
from guidewright.rules.model import Fact, Formula, Holds, Row, Score, Table
from guidewright.rules.values import Value, intersection, is_empty, of

ALWAYS = Kleene(TRUE, FALSE)


@dataclass(frozen=True, slots=True)
class Shared:
    """What the encoding of one program takes over from that of another, so that both speak of the same patients: the
    nodes, records of facts, and what is known of facts that follow from the same in the same way; `days` and `gaps` as
    in an encoding.
    """

    nodes: Propositions = field(default_factory=Propositions)
    records: Mapping[str, Recorded] = field(default_factory=dict)
    states: Mapping[str, State] = field(default_factory=dict)
    meetings: Mapping[str, Meeting] = field(default_factory=dict)
    days: Mapping[str, Days] = field(default_factory=dict)
    gaps: Mapping[str, Gaps] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What has been translated so far. `days` are of the records of dates with which something is worked out. `free`
    are propositions, one of which is true where something that is left free plays a part.
    """

    program: Program
    as_of: date
    nodes: Propositions
    constraints: list[Proposition]
    shapes: Mapping[str, Shape]
    records: dict[str, Recorded]
    days: dict[str, Days]
    states: dict[str, State]
    meetings: dict[str, Meeting]
    gaps: dict[str, Gaps]
    free: list[Proposition]

    def truth(self, condition: Condition) -> Kleene:
        return truth_of(condition, self.states, self.shapes, self.nodes)


def encoded(program: Program, as_of: date, shapes: Mapping[str, Shape], over: Shared) -> Facts:
    """All facts of a program, for patients assessed on a day. What is `over` from another program is taken as it is."""
    facts = Facts(program, as_of, over.nodes, [], shapes, {}, {**over.days}, {}, {**over.meetings}, {**over.gaps}, [])
    for fact in program.facts:
        id = fact.id
        kept = over.records.get(id)
        facts.records[id] = kept or record_of(id, shapes[id], facts.nodes, facts.constraints)
        applies = facts.truth(fact.only_if) if fact.only_if is not None else ALWAYS
        if id in over.states:
            facts.states[id] = over.states[id]
        elif _is_free(fact, facts):
            facts.states[id] = _free_state(fact, applies, facts)
        else:
            _add_settled(fact, applies, facts)
        if fact.derivation is not None and id not in facts.meetings:
            facts.free.append(_rests_on_formula(fact, applies, facts))
        facts.free.append(facts.meetings[id].matters if id in facts.meetings else FALSE)
        facts.free.append(facts.gaps[id].matter if id in facts.gaps else FALSE)
    return facts


def _add_settled(fact: Fact, applies: Kleene, facts: Facts) -> None:
    derived = _derived(fact, facts) if fact.derivation is not None else None
    if derived is not None:
        inputs = [facts.states[input] for input in facts.program.inputs[fact.id]]
        from_data = facts.nodes.all(is_from_data(state, facts.nodes) for state in inputs)
        derived = replace(derived, from_data=facts.nodes.all((from_data, -derived.fails)))
    state, met = settled(
        fact, facts.records[fact.id], derived, applies, facts.shapes[fact.id], facts.nodes, facts.constraints
    )
    facts.states[fact.id] = state
    if met is not None:
        facts.meetings[fact.id] = met


# --- facts of which anything may be known


def _is_free(fact: Fact, facts: Facts) -> bool:
    match fact.derivation:
        case Formula():
            return few_values(fact, facts.program.kinds) is None and _count(fact, facts) is None
        case Table() as table:
            return any(row.formula is not None for row in table.all_rows)
        case Score(rows):
            return _has_too_many_totals(rows)
        case _:
            return False


def _has_too_many_totals(rows: Sequence[Row]) -> bool:
    """Whether the evaluator may answer with a run instead of every total (`known.sums`)."""
    return any(run.low != run.high for run in sums(0, [row.points or 0 for row in rows], None).spans)


def _free_state(fact: Fact, applies: Kleene, facts: Facts) -> State:
    """A fact of which anything may be known, whatever its inputs are; what is recorded of it is still a record."""
    nodes, shape, record = facts.nodes, facts.shapes[fact.id], facts.records[fact.id]
    may = tuple(
        nodes.variable(f"{fact.id} may be in cell {i}") if possible else FALSE
        for i, possible in enumerate((*shape.possible, True))
    )
    data = nodes.variable(f"{fact.id} is computed from data, or recorded")
    facts.constraints.extend((nodes.any(may), nodes.implies(record.there, data)))
    absent = nodes.all((-record.there, applies.no))
    facts.constraints.append(nodes.implies(absent, nodes.all((may[-1], -nodes.any(may[:-1]), -data))))
    one = only_one(f"{fact.id} is one value", may, shape, nodes, facts.constraints)
    return State(may, one, data, record.said, record.contains)


def _rests_on_formula(fact: Fact, applies: Kleene, facts: Facts) -> Proposition:
    """Whether what is known of a free fact may differ from what its record alone gives."""
    nodes, record = facts.nodes, facts.records[fact.id]
    state, shape = facts.states[fact.id], facts.shapes[fact.id]
    inputs = nodes.any(facts.records[input].there for input in computed_from(fact))
    cells = tuple(nodes.same(a, b) for a, b in zip(state.may, record.may, strict=True))
    as_recorded = nodes.all((*cells, nodes.same(state.one, record.one), state.data))
    whole = [cell for cell, possible in zip(state.may, shape.possible, strict=False) if possible]
    anything = nodes.all((*whole, nodes.same(state.may[-1], -applies.yes), -state.one, -state.data))
    plain = nodes.choose(record.there, as_recorded, nodes.any((applies.no, anything)))
    return nodes.any((inputs, -plain))


def computed_from(fact: Fact) -> tuple[str, ...]:
    """The facts that a formula of this one names."""
    match fact.derivation:
        case Formula(expression):
            return facts_in(expression)
        case Table() as table:
            return tuple(name for row in table.all_rows if row.formula is not None for name in facts_in(row.formula))
        case _:
            return ()


# --- facts that follow from others


def _derived(fact: Fact, facts: Facts) -> Worked:
    """What a derivation leaves; `from_data` is not asked yet."""
    count = _count(fact, facts)
    if count is not None:
        return _counted(fact, count, facts)
    cells: dict[Value, Proposition] = {}
    none = trouble = FALSE
    match fact.derivation:
        case Holds(condition):
            holds = facts.truth(condition)
            cells = {True: -holds.no, False: -holds.yes}
        case Score(rows):
            cells.update(_totals(rows, facts).items())
        case Table() as table:
            cells, none = _table(table, facts)
        case _:
            values = few_values(fact, facts.program.kinds)
            assert values is not None
            found = results(fact, values, facts.states, facts.shapes, facts.program, facts.as_of, facts.nodes)
            cells, none, trouble = {**found.values}, found.none, found.fails
    return _of_values(cells, none, trouble, facts.shapes[fact.id], facts.nodes)


def _count(fact: Fact, facts: Facts) -> Count | None:
    return count_of(fact, facts.program.guideline.facts, facts.shapes[fact.id])


def _counted(fact: Fact, count: Count, facts: Facts) -> Worked:
    """The time between two dates."""
    start, end = _days_of(count.start, facts), _days_of(count.end, facts)
    states = [facts.states[id] for id in (count.start, count.end) if id is not None]
    worked, facts.gaps[fact.id] = time_between(fact.id, count, start, end, states, facts.shapes[fact.id], facts.nodes)
    return worked


def _days_of(id: str | None, facts: Facts) -> Days:
    if id is None:
        return only_day(facts.as_of)
    record, shape = facts.records[id], facts.shapes[id]
    if id not in facts.days:
        facts.days[id] = days_recorded(id, record, shape, facts.nodes, facts.constraints)
    return days_known(facts.days[id], record, shape, facts.nodes)


def _of_values(
    cells: Mapping[Value, Proposition], none: Proposition, trouble: Proposition, shape: Shape, nodes: Propositions
) -> Worked:
    """What is left where these are the values that may come out, and nothing where there is `trouble`."""
    outside = {value for value in cells if is_empty(intersection(of(value), shape.everything))}
    inside = {value: possible for value, possible in cells.items() if value not in outside}
    none_inside = (nodes.any(cells[value] for value in outside), *(-possible for possible in inside.values()))
    fails = nodes.any((trouble, nodes.all(none_inside)))
    anything = anything_in(shape)
    may = [nodes.all((fails, cell)) for cell in anything.may[:-1]]
    for value, possible in inside.items():
        # A set of choices has no bit of its own: its one cell is the last.
        at = value_bits(shape.cells, of(value)).bit_length() - 1
        may[at] = nodes.any((may[at], possible))
    one = nodes.all((nodes.choose(fails, anything.one, nodes.exactly_one(inside.values())), -none))
    return Worked((*may, none), one, -fails, fails, listed_contents(inside, none, shape, nodes))


def _totals(rows: Sequence[Row], facts: Facts) -> Mapping[int | Fraction, Proposition]:
    """Every total that may still come out, with when it may."""
    nodes = facts.nodes
    totals: dict[int | Fraction, Proposition] = {0: TRUE}
    for row in rows:
        holds, points = facts.truth(row.when), row.points or 0
        following: dict[int | Fraction, Proposition] = {}
        for total, may in totals.items():
            for reached, possible in ((total, -holds.yes), (total + points, -holds.no)):
                following[reached] = nodes.any((following.get(reached, FALSE), nodes.all((may, possible))))
        totals = following
    return totals


def _table(table: Table, facts: Facts) -> tuple[dict[Value, Proposition], Proposition]:
    """Every value that a row may give, and whether it may be that none does."""
    nodes = facts.nodes
    values: dict[Value, Proposition] = {}
    settled_by_row = FALSE
    for row in table.all_rows:
        holds = facts.truth(row.when)
        assert row.value is not None
        reached = nodes.all((-settled_by_row, -holds.no))
        values[row.value] = nodes.any((values.get(row.value, FALSE), reached))
        settled_by_row = nodes.any((settled_by_row, holds.yes))
    return values, -settled_by_row
