"""What a record leaves of a date: its first and its last day as bits, tied to the cells of the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from guidewright.engine.proofs.binary_days import (
    Day,
    any_day,
    chosen_day,
    day_in,
    is_first_of_month,
    is_first_of_year,
    known_day,
    not_before,
    same_day,
)
from guidewright.engine.proofs.encoded_facts import Recorded, Shape, runs_of
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions
from guidewright.rules.model import DateType
from guidewright.rules.values import Ordered, Span, ValueSet

_YEARS = 12  # a day in so many years before the assessment is plain


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a date may be: from `first`, unless it is `endless_before`, to `last`, unless it is
    `endless_after`; `every` one of them, or some are left out in between.
    """

    first: Day
    last: Day
    endless_before: Proposition
    endless_after: Proposition
    every: Proposition


def only_day(day: date) -> Days:
    known = known_day(day)
    return Days(known, known, FALSE, FALSE, TRUE)


def days_recorded(id: str, record: Recorded, shape: Shape, nodes: Propositions, constraints: list[Proposition]) -> Days:
    """The days of a record that names some; of no record, or one that says `none`, they may be any."""
    assert isinstance(shape.kind, DateType)
    days = Days(
        first=any_day(f"the first day in the record of {id}", nodes, constraints),
        last=any_day(f"the last day in the record of {id}", nodes, constraints),
        endless_before=nodes.variable(f"the record of {id} has no first day"),
        endless_after=nodes.variable(f"the record of {id} has no last day") if shape.kind.future else FALSE,
        every=nodes.variable(f"the record of {id} leaves out no day in between"),
    )
    endless = nodes.any((days.endless_before, days.endless_after))
    one = nodes.all((-endless, same_day(days.first, days.last, nodes)))
    tied = [
        nodes.any((endless, not_before(days.last, days.first, nodes))),
        _ends_by(days, shape.everything.spans[0].high, nodes),
        nodes.implies(record.one, one),
        nodes.implies(nodes.all((one, -record.may[-1])), record.one),
        nodes.implies(one, days.every),
    ]
    for may, run in zip(record.may, runs_of(shape), strict=False):
        if run is None:
            continue
        ends_in = nodes.all((_ends_from(days, run.low, nodes), _ends_by(days, run.high, nodes)))
        begins_in = nodes.all((_begins_from(days, run.low, nodes), _begins_by(days, run.high, nodes)))
        reached = nodes.all((_ends_from(days, run.low, nodes), _begins_by(days, run.high, nodes)))
        tied.append(nodes.implies(may, reached))
        tied.append(nodes.implies(nodes.any((begins_in, ends_in, nodes.all((days.every, reached)))), may))
    names_days = _names_days(record, nodes)
    constraints += [nodes.implies(names_days, part) for part in tied]
    return days


def days_known(days: Days, record: Recorded, shape: Shape, nodes: Propositions) -> Days:
    """The days of the record or, where it names none, all that there may be."""
    names_days = _names_days(record, nodes)
    latest = shape.everything.spans[0].high
    before, every = nodes.any((-names_days, days.endless_before)), nodes.any((-names_days, days.every))
    if latest is None:
        return Days(days.first, days.last, before, nodes.any((-names_days, days.endless_after)), every)
    last = chosen_day(names_days, days.last, _day(latest), nodes)
    return Days(days.first, last, before, nodes.all((names_days, days.endless_after)), every)


def as_in(days: Days, values: ValueSet, nodes: Propositions) -> Proposition:
    """Whether a record leaves just these days, as far as the first, the last, and whether some are left out can say."""
    if not values.spans:
        return TRUE
    low, high = values.spans[0].low, values.spans[-1].high
    before = days.endless_before if low is None else nodes.all((-days.endless_before, _is(days.first, low, nodes)))
    after = days.endless_after if high is None else nodes.all((-days.endless_after, _is(days.last, high, nodes)))
    return nodes.all((before, after, days.every if len(values.spans) == 1 else -days.every))


def lie_in(days: Days, values: ValueSet, nodes: Propositions) -> Proposition:
    """Whether all days lie in one of these runs."""
    return nodes.any(
        nodes.all((_begins_from(days, run.low, nodes), _ends_by(days, run.high, nodes))) for run in values.spans
    )


def plainer(days: Days, as_of: date, nodes: Propositions) -> tuple[Proposition, ...]:
    """What makes days easier for a reader to take in: those that matter most stand first."""
    early = date(max(as_of.year - _YEARS, 1), 1, 1)
    return (
        days.every,
        _begins_from(days, early, nodes),
        _ends_by(days, as_of, nodes),
        is_first_of_month(days.first, nodes),
        is_first_of_year(days.first, nodes),
    )


def run_in(days: Days, holds: Callable[[Proposition], bool]) -> Span:
    """From the first to the last day, where every proposition is known."""
    low = None if holds(days.endless_before) else day_in(days.first, holds)
    high = None if holds(days.endless_after) else day_in(days.last, holds)
    return Span(low, high, low is None, high is None)


def _names_days(record: Recorded, nodes: Propositions) -> Proposition:
    return nodes.all((record.there, nodes.any(record.may[:-1])))


def _is(day: Day, end: Ordered, nodes: Propositions) -> Proposition:
    return same_day(day, _day(end), nodes)


def _day(end: Ordered) -> Day:
    assert isinstance(end, date)
    return known_day(end)


def _begins_from(days: Days, day: Ordered | None, nodes: Propositions) -> Proposition:
    """Whether no day is before this one."""
    return TRUE if day is None else nodes.all((-days.endless_before, not_before(days.first, _day(day), nodes)))


def _begins_by(days: Days, day: Ordered | None, nodes: Propositions) -> Proposition:
    """Whether some day is this one or before it."""
    return TRUE if day is None else nodes.any((days.endless_before, not_before(_day(day), days.first, nodes)))


def _ends_from(days: Days, day: Ordered | None, nodes: Propositions) -> Proposition:
    """Whether some day is this one or after it."""
    return TRUE if day is None else nodes.any((days.endless_after, not_before(days.last, _day(day), nodes)))


def _ends_by(days: Days, day: Ordered | None, nodes: Propositions) -> Proposition:
    """Whether no day is after this one."""
    return TRUE if day is None else nodes.all((-days.endless_after, not_before(_day(day), days.last, nodes)))
