"""Where a guideline states a condition, and the guideline with another condition there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from guidewright.rules.conditions import ALWAYS, AnyOf, Condition, negated
from guidewright.rules.diagnostics import Place
from guidewright.rules.model import (
    Answer,
    Argument,
    Candidate,
    Derivation,
    Fact,
    Guideline,
    Holds,
    Row,
    Rule,
    Score,
    Stage,
    Step,
    Table,
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A condition of a guideline. `owner` is the id of what it belongs to, a step as `stage/step`, or nothing for the
    guideline itself; `part` says which of its conditions it is; `put` gives the guideline with another one there.
    """

    owner: str
    part: str
    condition: Condition
    place: Place | None
    put: Callable[[Condition], Guideline]


def spots_of(guideline: Guideline) -> Iterator[Spot]:
    """Every condition, in the order of facts, rules, arguments and pages; those that always hold are left out."""
    for spot in _all_spots(guideline):
        if spot.condition != ALWAYS:
            yield spot


def _all_spots(guideline: Guideline) -> Iterator[Spot]:
    yield Spot("", "applies", guideline.applies, None, lambda c: replace(guideline, applies=c))
    for fact in guideline.facts.values():
        yield from _of_fact(fact, guideline)
    for rule in guideline.rules.values():
        yield from _of_rule(rule, guideline)
    for argument in arguments_of(guideline):
        yield from _of_argument(argument, guideline)
    for stage in guideline.stages:
        for step in stage.steps:
            yield from _of_step(step, stage, guideline)


def _of_fact(fact: Fact, guideline: Guideline) -> Iterator[Spot]:
    if fact.only_if is not None:
        yield Spot(
            fact.id, "only_if", fact.only_if, fact.place, lambda c: with_fact(replace(fact, only_if=c), guideline)
        )
    match fact.derivation:
        case Holds(condition):
            yield Spot(
                fact.id,
                "holds",
                condition,
                fact.place,
                lambda c: with_fact(replace(fact, derivation=Holds(c)), guideline),
            )
        case Table() | Score():
            for i, row in enumerate(rows_of(fact.derivation)):
                yield _of_row(fact, i, row, guideline)
        case _:
            pass


def _of_row(fact: Fact, i: int, row: Row, guideline: Guideline) -> Spot:
    owner, part = name_of_row(fact, i)

    def put(condition: Condition) -> Guideline:
        rows = list(rows_of(fact.derivation))
        rows[i] = replace(row, when=condition)
        return with_fact(with_rows(fact, tuple(rows)), guideline)

    return Spot(owner, part, row.when, row.place or fact.place, put)


def _of_rule(rule: Rule, guideline: Guideline) -> Iterator[Spot]:
    yield Spot(rule.id, "when", rule.when, rule.place, lambda c: with_rule(replace(rule, when=c), guideline))
    if rule.unless is not None:
        yield Spot(rule.id, "unless", rule.unless, rule.place, lambda c: with_rule(replace(rule, unless=c), guideline))


def _of_argument(argument: Argument, guideline: Guideline) -> Iterator[Spot]:
    yield Spot(
        argument.id,
        "when",
        argument.when,
        argument.place,
        lambda c: with_argument(replace(argument, when=c), guideline),
    )
    if argument.unless is not None:
        yield Spot(
            argument.id,
            "unless",
            argument.unless,
            argument.place,
            lambda c: with_argument(replace(argument, unless=c), guideline),
        )


def _of_step(step: Step, stage: Stage, guideline: Guideline) -> Iterator[Spot]:
    for i, answer in enumerate(step.answers):
        if answer.last is None:
            yield _of_answer(answer, i, step, stage, guideline)


def _of_answer(answer: Answer, i: int, step: Step, stage: Stage, guideline: Guideline) -> Spot:
    def put(condition: Condition) -> Guideline:
        answers = (*step.answers[:i], replace(answer, when=condition), *step.answers[i + 1 :])
        return with_answers(answers, step, stage, guideline)

    return Spot(f"{stage.id}/{step.id}", f"answer {i + 1}", answer.when, step.place, put)


# --- parts of a guideline, and the guideline with others


def rows_of(derivation: Derivation | None) -> tuple[Row, ...]:
    """The rows of a table or a score, without `otherwise`."""
    return derivation.rows if isinstance(derivation, Table | Score) else ()


def name_of_row(fact: Fact, i: int) -> tuple[str, str]:
    """Whose row it is, and which: a row with an id is named by it."""
    id = rows_of(fact.derivation)[i].id
    return (id, "row") if id is not None else (fact.id, f"row {i + 1}")


def arguments_of(guideline: Guideline) -> Iterator[Argument]:
    for weighing in guideline.weighings.values():
        for candidate in weighing.candidates:
            yield from candidate.arguments


def with_fact(fact: Fact, guideline: Guideline) -> Guideline:
    return replace(guideline, facts={**guideline.facts, fact.id: fact})


def with_rows(fact: Fact, rows: tuple[Row, ...]) -> Fact:
    assert isinstance(fact.derivation, Table | Score)
    return replace(fact, derivation=replace(fact.derivation, rows=rows))


def with_rule(rule: Rule, guideline: Guideline) -> Guideline:
    return replace(guideline, rules={**guideline.rules, rule.id: rule})


def with_argument(argument: Argument, guideline: Guideline) -> Guideline:
    """The guideline with an argument in the place of that with its id."""

    def arguments(candidate: Candidate) -> tuple[Argument, ...]:
        return tuple(argument if other.id == argument.id else other for other in candidate.arguments)

    weighings = {
        id: replace(weighing, candidates=tuple(replace(c, arguments=arguments(c)) for c in weighing.candidates))
        for id, weighing in guideline.weighings.items()
    }
    return replace(guideline, weighings=weighings)


def with_answers(answers: tuple[Answer, ...], step: Step, stage: Stage, guideline: Guideline) -> Guideline:
    """The guideline with other answers of a decision: what is `otherwise` follows from the others."""
    if answers[-1].last == "otherwise":
        others = AnyOf(tuple(answer.when for answer in answers[:-1]))
        answers = (*answers[:-1], replace(answers[-1], when=negated(others)))
    steps = tuple(replace(step, answers=answers) if other.id == step.id else other for other in stage.steps)
    stages = tuple(replace(stage, steps=steps) if other.id == stage.id else other for other in guideline.stages)
    return replace(guideline, stages=stages)
