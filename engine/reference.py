"""The reference evaluator: the meaning of a guideline for one patient, kept naive. Every other engine is held
against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from guidewright.engine.arithmetic import evaluate
from guidewright.engine.checks import truth_of
from guidewright.engine.deciding import confirmed
from guidewright.engine.known import Derived, Known, all_from_data, computed_as, settle, sums
from guidewright.engine.outcome import Outcome, Status
from guidewright.engine.program import Program
from guidewright.engine.three_valued import Truth, all_of, any_of, negation
from guidewright.rules.conditions import Condition
from guidewright.rules.domains import step_of
from guidewright.rules.model import Argument, Fact, Formula, Holds, Row, Rule, Score, Table
from guidewright.rules.patient import Patient
from guidewright.rules.values import BOTH, NONE, NOTHING, ValueSet, of, union

_TruthOf = Callable[[Condition], Truth]


def evaluate_naively(program: Program, patient: Patient) -> Outcome:
    """Every fact, row, argument, rule and answer, one after the other, by the words of the specification."""
    facts: dict[str, Known] = {}
    rules: dict[str, Status] = {}

    def truth(condition: Condition) -> Truth:
        return truth_of(condition, facts.__getitem__, program.kinds.__getitem__)

    for fact in program.facts:
        applies = True if fact.only_if is None else truth(fact.only_if)
        derived = _derived(fact, program, patient, facts)
        facts[fact.id] = settle(fact, patient.records.get(fact.id), derived, applies, patient.as_of)

    arguments = {argument.id: _argument_truth(argument, truth) for argument in program.arguments}
    for weighing in program.weighings:
        facts[f"{weighing.id}.confirmed"] = Known(confirmed(weighing, arguments), False)

    meant_for = truth(program.guideline.applies)
    for fact in program.facts:
        for row, status in _row_statuses(fact, truth):
            if row.id is not None:
                rules[row.id] = status if meant_for is not False else "not_fired"
    for rule in program.rules:
        rules[rule.id] = _status(rule, truth, program, rules) if meant_for is not False else "not_fired"
    answers = {step: tuple(truth(answer.when) for answer in every) for step, every in program.decisions.items()}
    return Outcome(facts, rules, arguments, answers, meant_for)


def _status(rule: Rule, truth: _TruthOf, program: Program, settled: Mapping[str, Status]) -> Status:
    if rule.unless is not None and truth(rule.unless) is True:
        return "not_fired"
    holds = truth(rule.when)
    if holds is False:
        return "not_fired"
    if any(settled[other] == "fired" for other in program.replaced_by[rule.id]):
        return "overridden"
    return "fired" if holds is True else "open"


def _argument_truth(argument: Argument, truth: _TruthOf) -> Truth:
    unless = False if argument.unless is None else truth(argument.unless)
    return all_of([truth(argument.when), negation(unless)])


def _row_statuses(fact: Fact, truth: _TruthOf) -> list[tuple[Row, Status]]:
    """A row of a table is reached where no earlier one holds; a row of a score always."""
    if isinstance(fact.derivation, Score):
        return [(row, _as_status(truth(row.when))) for row in fact.derivation.rows]
    if not isinstance(fact.derivation, Table):
        return []
    found: list[tuple[Row, Status]] = []
    earlier: Truth = False
    for row in fact.derivation.all_rows:
        holds = truth(row.when)
        found.append((row, _as_status(all_of([negation(earlier), holds]))))
        earlier = any_of([earlier, holds])
    return found


def _as_status(truth: Truth) -> Status:
    return "open" if truth is None else "fired" if truth else "not_fired"


def _derived(fact: Fact, program: Program, patient: Patient, facts: Mapping[str, Known]) -> Derived | None:
    def truth(condition: Condition) -> Truth:
        return truth_of(condition, facts.__getitem__, program.kinds.__getitem__)

    if fact.derivation is None:
        return None
    from_data = all_from_data(facts[input] for input in program.inputs[fact.id])
    match fact.derivation:
        case Formula(expression, _, empirical):
            computed = evaluate(
                expression, lambda id: facts[id].values, program.kinds, patient.as_of, fact.type, empirical
            )
            return computed_as(computed, from_data)
        case Holds(condition):
            holds = truth(condition)
            return Derived(BOTH if holds is None else of(holds), from_data)
        case Score(rows):
            sure = sum((row.points or 0 for row in rows if truth(row.when) is True), 0)
            perhaps = [row.points or 0 for row in rows if truth(row.when) is None]
            return Derived(sums(sure, perhaps, step_of(fact.type)), from_data)
        case Table() as table:
            values: ValueSet = NOTHING
            problem: str | None = None
            for row in table.all_rows:
                holds = truth(row.when)
                if holds is False:
                    continue
                given = _given(row, fact, program, patient, facts)
                values = union(values, given.values, step_of(fact.type))
                problem = problem or given.problem
                if holds is True:
                    return Derived(values, from_data, problem)
            return Derived(union(values, NONE), from_data, problem)


def _given(row: Row, fact: Fact, program: Program, patient: Patient, facts: Mapping[str, Known]) -> Derived:
    if row.formula is None:
        assert row.value is not None
        return Derived(of(row.value), True)
    empirical = isinstance(fact.derivation, Table) and fact.derivation.empirical
    computed = evaluate(row.formula, lambda id: facts[id].values, program.kinds, patient.as_of, fact.type, empirical)
    return computed_as(computed, False)
