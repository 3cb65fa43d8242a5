"""Slips that leave every condition as it is: what is replaced or stopped no more, rows, points, weights, answers and
times that are others; and a parameter that moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from guidewright.engine.cases.moved_parameters import moved_parameters
from guidewright.engine.cases.spots import (
    arguments_of,
    name_of_row,
    rows_of,
    with_answers,
    with_argument,
    with_fact,
    with_rows,
    with_rule,
)
from guidewright.rules.cross_checks import rows_of as row_places
from guidewright.rules.diagnostics import Place
from guidewright.rules.domains import written
from guidewright.rules.graphs import circles
from guidewright.rules.model import Argument, Duration, Fact, Guideline, Row, Rule, Score, Stage, Step, Table, Timing
from guidewright.rules.overriding import replaced_by, whole_of
from guidewright.rules.units import show_number

Tells = tuple[tuple[Literal["rule", "row", "argument"], str], ...]
"""What says something else than before, by its id."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A guideline in which one thing has slipped. `owner` is the id of what it belongs to and `part` which part of it
    that is, as for a `Spot`.
    """

    kind: str
    owner: str
    part: str
    says: str
    place: Place | None
    guideline: Guideline
    tells: Tells = ()


def slips_of(guideline: Guideline) -> Iterator[Slip]:
    """Every slip beside those of conditions, in the order of the guideline. Each guideline still loads."""
    for parameter, says, moved in moved_parameters(guideline):
        yield Slip("parameter", parameter.id, "", says, parameter.place, moved)
    for fact in guideline.facts.values():
        yield from _of_rows(fact, guideline)
    for rule in guideline.rules.values():
        yield from _of_rule(rule, guideline)
    for argument in arguments_of(guideline):
        yield from _of_argument(argument, guideline)
    for stage in guideline.stages:
        for step in stage.steps:
            yield from _of_answers(step, stage, guideline)


# --- rows


def _of_rows(fact: Fact, guideline: Guideline) -> Iterator[Slip]:
    if isinstance(fact.derivation, Table | Score):
        yield from _lost_rows(fact, guideline)
    match fact.derivation:
        case Table(rows):
            for i, (one, other) in enumerate(pairwise(rows)):
                owner, part = name_of_row(fact, i)
                second = " ".join(word for word in name_of_row(fact, i + 1) if word not in ("row", fact.id))
                swapped = (*rows[:i], other, one, *rows[i + 2 :])
                after = with_fact(with_rows(fact, swapped), guideline)
                yield Slip("order of rows", owner, part, f"it came to stand behind `{second}`", one.place, after)
                if (one.value, one.formula) != (other.value, other.formula):
                    yield _swapped_values(fact, i, second, guideline)
        case Score(rows):
            for i, row in enumerate(rows):
                owner, part = name_of_row(fact, i)
                more = replace(row, points=(row.points or 0) + 1)
                says = f"`points: {show_number(row.points or 0)}` became `{show_number(more.points or 0)}`"
                after = with_fact(with_rows(fact, (*rows[:i], more, *rows[i + 1 :])), guideline)
                yield Slip("points", owner, part, says, row.place, after, _tells_row(row))
        case _:
            pass


def _lost_rows(fact: Fact, guideline: Guideline) -> Iterator[Slip]:
    rows = rows_of(fact.derivation)
    last = fact.derivation.otherwise if isinstance(fact.derivation, Table) else None
    named = _named_elsewhere(guideline)
    for i, row in enumerate(rows):
        if (len(rows) > 1 or last is not None) and row.id not in named:
            owner, part = name_of_row(fact, i)
            after = with_fact(with_rows(fact, (*rows[:i], *rows[i + 1 :])), guideline)
            yield Slip("row", owner, part, "this row was left out", row.place, after)
    if last is not None and rows and last.id not in named:
        assert isinstance(fact.derivation, Table)
        after = with_fact(replace(fact, derivation=replace(fact.derivation, otherwise=None)), guideline)
        yield Slip("row", last.id or fact.id, "otherwise", "`otherwise` was left out", last.place or fact.place, after)


def _named_elsewhere(guideline: Guideline) -> frozenset[str]:
    """The rows that the guideline could not load without."""
    named = {id for one in guideline.accept for id in one.about}
    for invariant in guideline.invariants.values():
        groups = (invariant.never_fires, invariant.one_fires, *invariant.never_together)
        named |= {id for group in groups for id in group}
    named |= {id for group in guideline.exclusive for id in group.rules}
    return frozenset(named & row_places(guideline.facts).keys())


def _swapped_values(fact: Fact, i: int, second: str, guideline: Guideline) -> Slip:
    assert isinstance(fact.derivation, Table)
    rows = fact.derivation.rows
    one, other = rows[i], rows[i + 1]
    swapped = (
        replace(one, value=other.value, formula=other.formula),
        replace(other, value=one.value, formula=one.formula),
    )
    after = with_fact(with_rows(fact, (*rows[:i], *swapped, *rows[i + 2 :])), guideline)
    shown = [written(row.value, fact.type) if row.value is not None else "its formula" for row in (one, other)]
    says = f"it gave `{shown[1]}` for `{shown[0]}`, and `{second}` the other way round"
    owner, part = name_of_row(fact, i)
    return Slip("value of a row", owner, part, says, one.place, after, _tells_row(one) + _tells_row(other))


def _tells_row(row: Row) -> Tells:
    return (("row", row.id),) if row.id is not None else ()


# --- rules


def _of_rule(rule: Rule, guideline: Guideline) -> Iterator[Slip]:
    if rule.unless is not None:
        after = with_rule(replace(rule, unless=None), guideline)
        yield Slip("unless", rule.id, "", "its `unless` was left out", rule.place, after)
    for kind, name in (("override", "overrides"), ("stop", "stops"), ("act", "acts"), ("despite", "despite")):
        ids: tuple[str, ...] = getattr(rule, name)
        for id in ids:
            left: dict[str, tuple[str, ...]] = {name: tuple(other for other in ids if other != id)}
            after = with_rule(replace(rule, **left), guideline)  # type: ignore[arg-type]
            if _still_loads(after):
                yield Slip(kind, rule.id, "", f"`{name}: {id}` was left out", rule.place, after)
    if rule.timing is not None:
        says, timing = _other_times(rule.timing)
        yield Slip(
            "timing",
            rule.id,
            "",
            says,
            rule.place,
            with_rule(replace(rule, timing=timing), guideline),
            _tells_rule(rule),
        )


def _tells_rule(rule: Rule) -> Tells:
    return (("rule", rule.id),)


def _still_loads(guideline: Guideline) -> bool:
    """Whether rules replace each other in no circle, and each `despite` names a rule that stops something."""
    for rule in guideline.rules.values():
        acted = {whole for action in rule.acts for whole in whole_of(action, guideline.actions)}
        if any(acted.isdisjoint(guideline.rules[other].stops) for other in rule.despite):
            return False
    return next(circles(replaced_by(guideline.rules, guideline.actions).graph()), None) is None


def _other_times(timing: Timing) -> tuple[str, Timing]:
    word, times = ("every", timing.every) if timing.every is not None else ("once", timing.once)
    assert times is not None
    low, high = _longer(times[0]), _longer(times[1])
    other = replace(timing, every=(low, high)) if word == "every" else replace(timing, once=(low, high))
    return f"`{word}: {_in_text(times)}` became `{_in_text((low, high))}`", other


def _longer(time: Duration) -> Duration:
    return replace(time, number=time.number + 1)


def _in_text(times: tuple[Duration, Duration]) -> str:
    shown = [f"{show_number(time.number)} {time.unit}" for time in times]
    return shown[0] if shown[0] == shown[1] else f"[{', '.join(shown)}]"


# --- arguments


def _of_argument(argument: Argument, guideline: Guideline) -> Iterator[Slip]:
    if argument.unless is not None:
        after = with_argument(replace(argument, unless=None), guideline)
        yield Slip("unless", argument.id, "", "its `unless` was left out", argument.place, after)
    kind = "decisive" if argument.confirms or argument.excludes else "weight"
    for other in _other_weights(argument):
        says = f"`{_weight(argument)}` became `{_weight(other)}`"
        tells: Tells = (("argument", argument.id),)
        yield Slip(kind, argument.id, "", says, argument.place, with_argument(other, guideline), tells)


def _other_weights(argument: Argument) -> Iterator[Argument]:
    if argument.confirms or argument.excludes:
        yield replace(argument, confirms=False, excludes=False, weight=1 if argument.confirms else -1)
        yield replace(argument, confirms=argument.excludes, excludes=argument.confirms)
    else:
        yield replace(argument, weight=-argument.weight)
        yield replace(argument, weight=argument.weight + (1 if argument.weight > 0 else -1))


def _weight(argument: Argument) -> str:
    if argument.confirms or argument.excludes:
        return "confirms: true" if argument.confirms else "excludes: true"
    if argument.weight > 0:
        return f"supports: {show_number(argument.weight)}"
    return f"opposes: {show_number(-argument.weight)}"


# --- answers


def _of_answers(step: Step, stage: Stage, guideline: Guideline) -> Iterator[Slip]:
    owner = f"{stage.id}/{step.id}"
    for i, (one, other) in enumerate(pairwise(step.answers)):
        if one.go != other.go:
            crossed = (replace(one, go=other.go), replace(other, go=one.go))
            answers = (*step.answers[:i], *crossed, *step.answers[i + 2 :])
            says = f"the answers `{one.text}` and `{other.text}` led each where the other does"
            yield Slip("answers", owner, "", says, step.place, with_answers(answers, step, stage, guideline))
    for i, answer in enumerate(step.answers):
        left = (*step.answers[:i], *step.answers[i + 1 :])
        if len(left) > 1:
            after = with_answers(left, step, stage, guideline)
            if _all_come_by(next(other for other in after.stages if other.id == stage.id)):
                yield Slip("dropped answer", owner, "", f"the answer `{answer.text}` was left out", step.place, after)


def _all_come_by(stage: Stage) -> bool:
    """Whether every step of a page can be come by: from its start, or by a link on the page."""
    by_id = {step.id: step for step in stage.steps}
    reached: set[str] = set()
    waiting = [stage.steps[0].id]
    while waiting:
        id = waiting.pop()
        if id not in reached:
            reached.add(id)
            step = by_id[id]
            waiting += [answer.go for answer in step.answers]
            waiting += [step.go] if step.go is not None else []
    return all(step.id in reached or any(other.link == step.id for other in stage.steps) for step in stage.steps)
