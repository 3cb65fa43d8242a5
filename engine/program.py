"""The guideline flattened for the engines: facts in order of dependency, rules after those that may replace them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from guidewright.rules.conditions import Condition, facts_of
from guidewright.rules.derivation_order import in_order, inputs_of
from guidewright.rules.model import (
    Answer,
    Argument,
    ChoiceType,
    Fact,
    FactType,
    Guideline,
    Holds,
    Option,
    Row,
    Rule,
    Score,
    Table,
    Weighing,
)
from guidewright.rules.overriding import ReplacedBy, overriders_first, replaced_by


@dataclass(frozen=True, slots=True)
class Program:
    """`facts` stand after their inputs, `rules` after those that replace them (`replaced_by`). `kinds` includes
    what weighings confirm.
    """

    guideline: Guideline
    facts: tuple[Fact, ...]
    inputs: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, FactType]
    rules: tuple[Rule, ...]
    replaced_by: ReplacedBy
    weighings: tuple[Weighing, ...]
    arguments: tuple[Argument, ...]
    decisions: Mapping[str, tuple[Answer, ...]]


def program_of(guideline: Guideline) -> Program:
    """The program of a checked guideline: it has no circles, and every name in it exists."""
    by = replaced_by(guideline.rules, guideline.actions)
    weighings = tuple(guideline.weighings.values())
    kinds: dict[str, FactType] = {id: fact.type for id, fact in guideline.facts.items()}
    for weighing in weighings:
        kinds[f"{weighing.id}.confirmed"] = ChoiceType(tuple(Option(c.id, c.label) for c in weighing.candidates))
    return Program(
        guideline=guideline,
        facts=tuple(guideline.facts[id] for id in in_order(guideline.facts)),
        inputs={id: inputs_of(fact) for id, fact in guideline.facts.items()},
        kinds=kinds,
        rules=tuple(guideline.rules[id] for id in overriders_first(by)),
        replaced_by=by,
        weighings=weighings,
        arguments=tuple(
            argument for weighing in weighings for candidate in weighing.candidates for argument in candidate.arguments
        ),
        decisions={
            f"{stage.id}/{step.id}": step.answers for stage in guideline.stages for step in stage.steps if step.answers
        },
    )


def rows_of(fact: Fact) -> tuple[Row, ...]:
    """The rows of a table, `otherwise` among them, or of a score."""
    match fact.derivation:
        case Table() as table:
            return table.all_rows
        case Score(rows):
            return rows
        case _:
            return ()


def rows_with_ids(program: Program) -> Iterator[tuple[Fact, Row]]:
    """The rows that are rules of the answer, with their facts."""
    for fact in program.facts:
        for row in rows_of(fact):
            if row.id is not None:
                yield fact, row


def facts_behind(names: Iterable[str], program: Program) -> tuple[str, ...]:
    """These facts and all that they follow from; what a weighing confirms follows from its arguments."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = None
        if name in program.inputs:
            waiting += program.inputs[name]
            continue
        weighing = next(weighing for weighing in program.weighings if f"{weighing.id}.confirmed" == name)
        for candidate in weighing.candidates:
            for argument in candidate.arguments:
                waiting += facts_of(argument.when)
                waiting += facts_of(argument.unless) if argument.unless is not None else ()
    return tuple(found)


def conditions_of(program: Program) -> Iterator[Condition]:
    """Every condition of the program."""
    guideline = program.guideline
    yield guideline.applies
    for fact in program.facts:
        yield from fact_conditions(fact)
    for rule in program.rules:
        yield rule.when
        if rule.unless is not None:
            yield rule.unless
    for argument in program.arguments:
        yield argument.when
        if argument.unless is not None:
            yield argument.unless
    for answers in program.decisions.values():
        yield from (answer.when for answer in answers)


def claims_of(program: Program) -> Iterator[Condition]:
    """Every condition under which the guideline claims something of itself."""
    for invariant in program.guideline.invariants.values():
        yield invariant.when
        if invariant.unless is not None:
            yield invariant.unless


def fact_conditions(fact: Fact) -> Iterator[Condition]:
    if fact.only_if is not None:
        yield fact.only_if
    match fact.derivation:
        case Holds(condition):
            yield condition
        case Table() as table:
            yield from (row.when for row in table.all_rows)
        case Score(rows):
            yield from (row.when for row in rows)
        case _:
            pass
