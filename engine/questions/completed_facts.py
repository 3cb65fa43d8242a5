"""What derived facts come to for the patients that a record leaves, as diagrams of sets of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from guidewright.engine.arithmetic import evaluate
from guidewright.engine.known import Derived, computed_as, is_settled, settle, sums
from guidewright.engine.questions.completions import Completions, values_of
from guidewright.engine.questions.diagrams import FALSE, OPEN, TRUE
from guidewright.engine.three_valued import Truth
from guidewright.rules.domains import step_of
from guidewright.rules.formulas import facts_in
from guidewright.rules.model import Fact, Formula, Holds, Row, Score, Table
from guidewright.rules.values import BOTH, NONE, Number, ValueSet, of, union, without_none

DIAGRAM: dict[Truth, int] = {False: FALSE, None: OPEN, True: TRUE}
TRUTH: dict[int, Truth] = {diagram: truth for truth, diagram in DIAGRAM.items()}

_COSTLY = 20  # working out a formula takes as long as so many steps


def results_of(fact: Fact, rows: Sequence[int], c: Completions) -> int:
    """What a derived fact comes to. `rows` are the truths of its conditions; what it follows from, and whether it
    applies, has been worked out.
    """
    diagrams = c.diagrams
    match fact.derivation:
        case Holds():
            sets: dict[Truth, ValueSet] = {True: of(True), False: of(False), None: BOTH}
            derived = diagrams.each(rows[0], lambda truth: diagrams.result(Derived(sets[TRUTH[truth]], True)))
        case Table() as table:
            derived = _of_table(table, fact, rows, c)
        case Score(scored):
            derived = _of_score(scored, fact, rows, c)
        case Formula() as formula:
            derived = _of_formula(formula, fact, c)
        case _:
            raise AssertionError(f"{fact.id} follows from nothing")

    def settled(result: int, applies: int) -> int:
        given = cast(Derived, diagrams.results[result])
        return diagrams.result(settle(fact, None, given, TRUTH[applies], c.patient.as_of).values)

    return diagrams.paired(derived, c.gates.get(fact.id, TRUE), settled)


def _of_table(table: Table, fact: Fact, rows: Sequence[int], c: Completions) -> int:
    """The value of the first row that holds, and those of the open ones before it."""
    diagrams, step = c.diagrams, step_of(fact.type)
    found = diagrams.result(NONE)
    for row, truth in reversed(list(zip(table.all_rows, rows, strict=True))):
        assert row.value is not None
        given = of(row.value)

        def chosen(truth: int, behind: int, given: ValueSet = given) -> int:
            if truth == OPEN:
                return diagrams.result(union(given, cast(ValueSet, diagrams.results[behind]), step))
            return diagrams.result(given) if truth == TRUE else behind

        found = diagrams.paired(truth, found, chosen)
    return diagrams.each(found, lambda one: diagrams.result(Derived(cast(ValueSet, diagrams.results[one]), True)))


def _of_score(scored: Sequence[Row], fact: Fact, rows: Sequence[int], c: Completions) -> int:
    """The points that are sure, and those that are open."""
    diagrams = c.diagrams
    found = diagrams.result((0, ()))
    for row, truth in zip(scored, rows, strict=True):

        def added(so_far: int, truth: int, points: Number = row.points or 0) -> int:
            sure, perhaps = cast(tuple[Number, tuple[Number, ...]], diagrams.results[so_far])
            if truth == OPEN:
                return diagrams.result((sure, (*perhaps, points)))
            return diagrams.result((sure + points, perhaps)) if truth == TRUE else so_far

        found = diagrams.paired(found, truth, added)

    def total(result: int) -> int:
        sure, perhaps = cast(tuple[Number, tuple[Number, ...]], diagrams.results[result])
        return diagrams.result(Derived(sums(sure, list(perhaps), step_of(fact.type)), True))

    return diagrams.each(found, total)


def _of_formula(formula: Formula, fact: Fact, c: Completions) -> int:
    """What the formula gives for each combination of values."""
    diagrams, inputs, kinds = c.diagrams, facts_in(formula.expression), c.state.plan.program.kinds
    found = diagrams.result(())

    def with_one_more(so_far: int, one: int) -> int:
        return diagrams.result((*cast(tuple[int, ...], diagrams.results[so_far]), one))

    for input in inputs:
        found = diagrams.paired(found, _of_input(input, c), with_one_more)

    def computed(result: int) -> int:
        diagrams.step(_COSTLY)
        each = cast(tuple[int, ...], diagrams.results[result])
        values = {input: cast(ValueSet, diagrams.results[one]) for input, one in zip(inputs, each, strict=True)}
        as_of, empirical = c.patient.as_of, formula.empirical
        given = evaluate(formula.expression, values.__getitem__, kinds, as_of, fact.type, empirical)
        return diagrams.result(computed_as(given, True))

    return diagrams.each(found, computed)


def _of_input(id: str, c: Completions) -> int:
    """The values of what a formula works with."""
    diagrams, known = c.diagrams, c.facts[id].values
    if is_settled(c.facts[id]):
        return diagrams.result(known)
    if c.roles[id] == "derived":
        return c.results[id]
    values, none = values_of(id, c), diagrams.result(NONE)
    assert values.sets is not None
    leads = [diagrams.result(one) for one in values.sets]
    if values.now:
        leads.append(diagrams.result(without_none(known) if c.may_not_apply(id) else known))
    told = diagrams.choice(c.places[id], leads)
    applies = c.gates.get(id, TRUE)
    return diagrams.paired(applies, told, lambda truth, one: none if truth == FALSE else one)
