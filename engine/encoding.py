"""A program as propositions: one translation for everything that is proved about a guideline.

It says of every incomplete record what the reference evaluator says of one. Where a fact follows from a formula, what
is computed is left free, and so are the values that a record and a table leave together within one run of numbers:
what holds of this wider set of records holds of the real ones, and a record that is found is run on the reference
evaluator before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from guidewright.engine.cells import cells_of, value_bits
from guidewright.engine.encoded_facts import (
    Kleene,
    Meeting,
    Recorded,
    Shape,
    Shared,
    State,
    Worked,
    all_of,
    any_contents,
    any_of,
    anything_in,
    is_from_data,
    listed_contents,
    only_one,
    record_of,
    shape_of,
    truth_of,
)
from guidewright.engine.known import sums
from guidewright.engine.outcome import Status
from guidewright.engine.program import Program, claims_of, conditions_of
from guidewright.engine.propositions import FALSE, TRUE, Proposition, Propositions
from guidewright.rules.conditions import Check, Condition, tests_of
from guidewright.rules.formulas import facts_in
from guidewright.rules.model import Argument, Fact, Formula, Holds, Row, Rule, Score, Stage, Table, Weighing
from guidewright.rules.values import Value, intersection, is_empty, of

_ALWAYS = Kleene(TRUE, FALSE)


@dataclass(frozen=True, slots=True)
class Encoding:
    """`rules` gives each rule and row with an id a proposition a status; `passes` says of each box, `stage/step`, that
    the way comes to it. `computed` says that some fact is worked out by a formula from what is recorded, which is
    the part that is left free. `meetings` are of facts that are derived without a formula, and may be recorded too.
    """

    program: Program
    nodes: Propositions
    constraints: tuple[Proposition, ...]
    shapes: Mapping[str, Shape]
    records: Mapping[str, Recorded]
    states: Mapping[str, State]
    rules: Mapping[str, Mapping[Status, Proposition]]
    arguments: Mapping[str, Kleene]
    answers: Mapping[str, tuple[Kleene, ...]]
    applies: Kleene
    passes: Mapping[str, Proposition]
    computed: Proposition
    meetings: Mapping[str, Meeting]


def encoding_of(
    program: Program, as_of: date, others: Iterable[Condition] = (), shared: Shared | None = None
) -> Encoding:
    """The propositions of a program, for patients assessed on a day. What `others` test can be asked of it too; what
    is `shared` is that of another program's encoding.
    """
    over = shared or Shared(Propositions(), {}, {}, {})
    made = _Made(program, over.nodes, [], shapes_of(program, as_of, others), {}, {}, {}, {**over.meetings})
    computed: list[Proposition] = []
    for fact in program.facts:
        kept = over.records.get(fact.id)
        made.records[fact.id] = kept or record_of(fact.id, made.shapes[fact.id], made.nodes, made.constraints)
        applies = made.truth(fact.only_if) if fact.only_if is not None else _ALWAYS
        if fact.id in over.states:
            made.states[fact.id] = over.states[fact.id]
        elif _is_free(fact):
            made.states[fact.id] = _free_state(fact, applies, made)
        else:
            derived = _derived(fact, made)
            made.states[fact.id] = _settled(fact, derived, applies, made)
        if _is_free(fact):
            computed.append(_rests_on_formula(fact, applies, made))
    arguments = {argument.id: _argument_truth(argument, made) for argument in program.arguments}
    for weighing in program.weighings:
        made.states[f"{weighing.id}.confirmed"] = _confirmed(weighing, arguments, made)
    meant_for = made.truth(program.guideline.applies)
    for fact in program.facts:
        for row, holds in _row_truths(fact, made):
            if row.id is not None:
                made.rules[row.id] = _row_statuses(holds, meant_for, made.nodes)
    for rule in program.rules:
        made.rules[rule.id] = _statuses(rule, meant_for, made)
    answers = {step: tuple(made.truth(answer.when) for answer in every) for step, every in program.decisions.items()}
    return Encoding(
        program=program,
        nodes=made.nodes,
        constraints=tuple(made.constraints),
        shapes=made.shapes,
        records=made.records,
        states=made.states,
        rules=made.rules,
        arguments=arguments,
        answers=answers,
        applies=meant_for,
        passes={key: at for stage in program.guideline.stages for key, at in _passes(stage, answers, made.nodes)},
        computed=made.nodes.any(computed),
        meetings=made.meetings,
    )


def shapes_of(program: Program, as_of: date, others: Iterable[Condition] = ()) -> dict[str, Shape]:
    """The cells of every fact, by what the program asks, what its guideline claims, and what `others` test."""
    found: dict[str, list[Check]] = {id: [] for id in program.kinds}
    for condition in (*conditions_of(program), *claims_of(program), *others):
        for test in tests_of(condition):
            found[test.fact].append(test.check)
    return {id: shape_of(cells_of(program.kinds[id], checks), program.kinds[id], as_of) for id, checks in found.items()}


@dataclass(frozen=True, slots=True)
class _Made:
    """What has been translated so far."""

    program: Program
    nodes: Propositions
    constraints: list[Proposition]
    shapes: dict[str, Shape]
    records: dict[str, Recorded]
    states: dict[str, State]
    rules: dict[str, dict[Status, Proposition]]
    meetings: dict[str, Meeting]

    def truth(self, condition: Condition) -> Kleene:
        return truth_of(condition, self.states, self.shapes, self.nodes)


# --- facts


def _is_free(fact: Fact) -> bool:
    if fact.tolerance is not None and fact.derivation is not None:
        return True
    match fact.derivation:
        case Formula():
            return True
        case Table() as table:
            return any(row.formula is not None for row in table.all_rows)
        case Score(rows):
            return _has_too_many_totals(rows)
        case _:
            return False


def _has_too_many_totals(rows: Sequence[Row]) -> bool:
    """Whether the evaluator may answer with a run instead of every total (`known.sums`)."""
    return any(run.low != run.high for run in sums(0, [row.points or 0 for row in rows], None).spans)


def _free_state(fact: Fact, applies: Kleene, made: _Made) -> State:
    """A fact of which anything may be known, whatever its inputs are; what is recorded of it is still a record."""
    nodes, shape, record = made.nodes, made.shapes[fact.id], made.records[fact.id]
    may = tuple(
        nodes.variable(f"{fact.id} may be in cell {i}") if possible else FALSE
        for i, possible in enumerate((*shape.possible, True))
    )
    data = nodes.variable(f"{fact.id} is computed from data, or recorded")
    made.constraints.extend((nodes.any(may), nodes.implies(record.there, data)))
    absent = nodes.all((-record.there, applies.no))
    made.constraints.append(nodes.implies(absent, nodes.all((may[-1], -nodes.any(may[:-1]), -data))))
    one = only_one(f"{fact.id} is one value", may, shape, nodes, made.constraints)
    return State(may, one, data, record.said, record.contains)


def _rests_on_formula(fact: Fact, applies: Kleene, made: _Made) -> Proposition:
    """Whether what is known of a free fact may differ from what its record alone gives."""
    nodes, record, state, shape = made.nodes, made.records[fact.id], made.states[fact.id], made.shapes[fact.id]
    inputs = nodes.any(made.records[input].there for input in _computed_from(fact))
    cells = tuple(_same(a, b, nodes) for a, b in zip(state.may, record.may, strict=True))
    as_recorded = nodes.all((*cells, _same(state.one, record.one, nodes), state.data))
    whole = [cell for cell, possible in zip(state.may, shape.possible, strict=False) if possible]
    anything = nodes.all((*whole, _same(state.may[-1], -applies.yes, nodes), -state.one, -state.data))
    plain = nodes.choose(record.there, as_recorded, nodes.any((applies.no, anything)))
    return nodes.any((inputs, -plain))


def _computed_from(fact: Fact) -> tuple[str, ...]:
    """The facts that a formula of this one names."""
    match fact.derivation:
        case Formula(expression):
            return facts_in(expression)
        case Table() as table:
            rows = [row for row in table.all_rows if row.formula is not None]
            return tuple(name for row in rows if row.formula is not None for name in facts_in(row.formula))
        case _:
            return ()


def _same(a: Proposition, b: Proposition, nodes: Propositions) -> Proposition:
    return nodes.choose(a, b, -b)


def _derived(fact: Fact, made: _Made) -> Worked | None:
    nodes = made.nodes
    cells: dict[Value, Proposition] = {}
    none = FALSE
    match fact.derivation:
        case None | Formula():
            return None
        case Holds(condition):
            holds = made.truth(condition)
            cells = {True: -holds.no, False: -holds.yes}
        case Score(rows):
            cells.update(_totals(rows, made).items())
        case Table() as table:
            cells, none = _table(table, made)
    shape = made.shapes[fact.id]
    outside = {value for value in cells if is_empty(intersection(of(value), shape.everything))}
    inside = {value: possible for value, possible in cells.items() if value not in outside}
    fails = nodes.all((nodes.any(cells[value] for value in outside), *(-possible for possible in inside.values())))
    anything = anything_in(shape)
    may = [nodes.all((fails, cell)) for cell in anything.may[:-1]]
    for value, possible in inside.items():
        # A set of choices has no bit of its own: its one cell is the last.
        at = value_bits(shape.cells, of(value)).bit_length() - 1
        may[at] = nodes.any((may[at], possible))
    one = nodes.all((nodes.choose(fails, anything.one, nodes.exactly_one(inside.values())), -none))
    from_data = nodes.all(is_from_data(made.states[input], nodes) for input in made.program.inputs[fact.id])
    contains = listed_contents(inside, none, shape, nodes)
    return Worked((*may, none), one, nodes.all((from_data, -fails)), fails, contains)


def _totals(rows: Sequence[Row], made: _Made) -> Mapping[int | Fraction, Proposition]:
    """Every total that may still come out, with when it may."""
    nodes = made.nodes
    totals: dict[int | Fraction, Proposition] = {0: TRUE}
    for row in rows:
        holds, points = made.truth(row.when), row.points or 0
        following: dict[int | Fraction, Proposition] = {}
        for total, may in totals.items():
            for reached, possible in ((total, -holds.yes), (total + points, -holds.no)):
                following[reached] = nodes.any((following.get(reached, FALSE), nodes.all((may, possible))))
        totals = following
    return totals


def _table(table: Table, made: _Made) -> tuple[dict[Value, Proposition], Proposition]:
    """Every value that a row may give, and whether it may be that none does."""
    nodes = made.nodes
    values: dict[Value, Proposition] = {}
    settled = FALSE
    for row in table.all_rows:
        holds = made.truth(row.when)
        assert row.value is not None
        reached = nodes.all((-settled, -holds.no))
        values[row.value] = nodes.any((values.get(row.value, FALSE), reached))
        settled = nodes.any((settled, holds.yes))
    return values, -settled


def _settled(fact: Fact, derived: Worked | None, applies: Kleene, made: _Made) -> State:
    """What is known from the record, the derivation, and whether the fact applies (`known.settle`)."""
    nodes, shape, record = made.nodes, made.shapes[fact.id], made.records[fact.id]
    sure = derived if derived is not None else anything_in(shape)
    absent = [applies.no if i == shape.none else FALSE for i in range(shape.none + 1)]
    alone = [nodes.all((-applies.no, cell)) for cell in sure.may[:-1]]
    alone.append(nodes.any((absent[-1], sure.may[-1], -applies.yes)))
    both, agrees = _reconciled(fact, record, derived, applies, made) if derived is not None else (record.may, ())
    may = tuple(nodes.choose(record.there, there, not_there) for there, not_there in zip(both, alone, strict=True))
    data = nodes.any((record.there, nodes.all((-applies.no, sure.from_data))))
    met = Meeting(record.one, (), record.contains)
    if derived is not None:
        both_one = only_one(f"{fact.id} is one value", may, shape, nodes, made.constraints)
        both_contain = any_contents(fact.id, record.there, may, both_one, shape, nodes, made.constraints)
        made.meetings[fact.id] = met = Meeting(both_one, agrees, both_contain)
    one = nodes.choose(record.there, met.one, nodes.all((applies.yes, sure.one)))
    contains = {
        check: Kleene(
            nodes.choose(record.there, truth.yes, nodes.all((applies.yes, sure.contains[check].yes))),
            nodes.choose(record.there, truth.no, nodes.any((applies.no, sure.contains[check].no))),
        )
        for check, truth in met.contains.items()
    }
    said = {value: nodes.all((record.there, says)) for value, says in record.said.items()}
    return State(may, one, data, said, contains)


def _reconciled(
    fact: Fact, record: Recorded, derived: Worked, applies: Kleene, made: _Made
) -> tuple[tuple[Proposition, ...], tuple[Proposition, ...]]:
    """What a record and a derivation both allow; where nothing, either; where the fact may not apply, the record too.
    And where they agree.

    Two sets of numbers in one run may or may not have a number in common, so that is left free.
    """
    nodes, shape = made.nodes, made.shapes[fact.id]
    free, common = [TRUE] * (shape.none + 1), list[Proposition]()
    for i, (recorded, worked) in enumerate(zip(record.may, derived.may, strict=True)):
        both = nodes.all((recorded, worked))
        if i != shape.none and not shape.single[i] and both != FALSE:
            free[i] = nodes.variable(f"{fact.id} agrees in {i}")
        common.append(nodes.all((both, free[i])))
    agrees = nodes.any(common)
    stands = nodes.any((applies.no, derived.fails))
    found: list[Proposition] = []
    for recorded, worked, both in zip(record.may, derived.may, common, strict=True):
        reconciled = nodes.choose(agrees, both, nodes.any((recorded, worked)))
        perhaps = nodes.any((recorded, reconciled))
        found.append(nodes.choose(stands, recorded, nodes.choose(applies.yes, reconciled, perhaps)))
    return tuple(found), tuple(free)


# --- rules, arguments, ways


def _argument_truth(argument: Argument, made: _Made) -> Kleene:
    unless = made.truth(argument.unless).negation if argument.unless is not None else _ALWAYS
    return all_of([made.truth(argument.when), unless], made.nodes)


def _confirmed(weighing: Weighing, arguments: Mapping[str, Kleene], made: _Made) -> State:
    """What decisive arguments confirm (`deciding.confirmed`)."""
    nodes = made.nodes
    confirms = {c.id: any_of([arguments[a.id] for a in c.arguments if a.confirms], nodes) for c in weighing.candidates}
    excludes = {c.id: any_of([arguments[a.id] for a in c.arguments if a.excludes], nodes) for c in weighing.candidates}
    shape = made.shapes[f"{weighing.id}.confirmed"]
    may, sure = [FALSE] * shape.none, FALSE
    for candidate in weighing.candidates:
        others = [confirms[other.id] for other in weighing.candidates if other is not candidate]
        own, against = confirms[candidate.id], excludes[candidate.id]
        at = shape.cells.bits[candidate.id].bit_length() - 1
        may[at] = nodes.all((-own.no, -against.yes, *(-other.yes for other in others)))
        settled = nodes.all((own.yes, against.no, *(other.no for other in others)))
        sure = nodes.any((sure, settled))
    return State((*may, -sure), sure, FALSE, {}, {})


def _row_truths(fact: Fact, made: _Made) -> list[tuple[Row, Kleene]]:
    if isinstance(fact.derivation, Score):
        return [(row, made.truth(row.when)) for row in fact.derivation.rows]
    if not isinstance(fact.derivation, Table):
        return []
    found: list[tuple[Row, Kleene]] = []
    earlier = Kleene(FALSE, TRUE)
    for row in fact.derivation.all_rows:
        holds = made.truth(row.when)
        found.append((row, all_of([earlier.negation, holds], made.nodes)))
        earlier = any_of([earlier, holds], made.nodes)
    return found


def _row_statuses(holds: Kleene, meant_for: Kleene, nodes: Propositions) -> dict[Status, Proposition]:
    fired = nodes.all((-meant_for.no, holds.yes))
    still = nodes.all((-meant_for.no, -holds.yes, -holds.no))
    return {"fired": fired, "open": still, "not_fired": nodes.all((-fired, -still)), "overridden": FALSE}


def _statuses(rule: Rule, meant_for: Kleene, made: _Made) -> dict[Status, Proposition]:
    nodes = made.nodes
    when = made.truth(rule.when)
    excepted = made.truth(rule.unless).yes if rule.unless is not None else FALSE
    perhaps = nodes.all((-meant_for.no, -excepted, -when.no))
    replaced = nodes.any(made.rules[other]["fired"] for other in made.program.replaced_by[rule.id])
    return {
        "fired": nodes.all((perhaps, -replaced, when.yes)),
        "open": nodes.all((perhaps, -replaced, -when.yes)),
        "not_fired": -perhaps,
        "overridden": nodes.all((perhaps, replaced)),
    }


def _passes(
    stage: Stage, answers: Mapping[str, tuple[Kleene, ...]], nodes: Propositions
) -> list[tuple[str, Proposition]]:
    """When the way comes to each box (`paths.path_through`), in reading order."""
    reached = {step.id: FALSE for step in stage.steps}
    if stage.steps:
        reached[stage.steps[0].id] = TRUE
    for step in sorted(stage.steps, key=lambda step: step.box):
        here = reached[step.id]
        if step.go is not None:
            reached[step.go] = nodes.any((reached[step.go], here))
        truths = answers.get(f"{stage.id}/{step.id}", ())
        true = [t.yes for t, answer in zip(truths, step.answers, strict=True) if answer.last != "assumed"]
        for position, answer in enumerate(step.answers):
            if answer.last == "assumed":
                taken = -nodes.any(true)
            else:
                taken = nodes.all((true[position], *(-other for i, other in enumerate(true) if i != position)))
            reached[answer.go] = nodes.any((reached[answer.go], nodes.all((here, taken))))
    return [(f"{stage.id}/{id}", at) for id, at in reached.items()]
