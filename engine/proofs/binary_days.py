"""Days of the calendar as bits, and how far they lie apart, exactly as `engine.calendar_months` counts: every day from
the year 1 to the year 9999.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from guidewright.engine.proofs.binary_numbers import (
    Bits,
    any_number,
    at_least,
    constant,
    number_in,
    opposite,
    plus,
    quotient,
    same,
    times,
)
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions

_YEAR, _MONTH, _DAY = 14, 4, 5
_LONG, _SHORT, _FEBRUARY = (1, 3, 5, 7, 8, 10, 12), (4, 6, 9, 11), 2


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar; the month counts from 1. `leap`: its year has a 29 February."""

    year: Bits
    month: Bits
    day: Bits
    leap: Proposition

    @property
    def bits(self) -> Bits:
        """Greater for a later day."""
        return (*self.day, *self.month, *self.year)


def known_day(day: date) -> Day:
    year, month, number = constant(day.year, _YEAR), constant(day.month, _MONTH), constant(day.day, _DAY)
    return Day(year, month, number, TRUE if isleap(day.year) else FALSE)


def any_day(name: str, nodes: Propositions, constraints: list[Proposition]) -> Day:
    """A day that may be any."""
    year = any_number(f"year of {name}", _YEAR, nodes)
    month, number = any_number(f"month of {name}", _MONTH, nodes), any_number(f"day of {name}", _DAY, nodes)
    found = Day(year, month, number, _is_leap(year, nodes))
    short = nodes.any(_is(found.month, month, nodes) for month in _SHORT)
    february = _is(found.month, _FEBRUARY, nodes)
    most = [(TRUE, 31), (short, 30), (february, 29), (nodes.all((february, -found.leap)), 28)]
    constraints += [
        at_least(found.year, constant(1, _YEAR), nodes),
        at_least(constant(date.max.year, _YEAR), found.year, nodes),
        at_least(found.month, constant(1, _MONTH), nodes),
        at_least(constant(12, _MONTH), found.month, nodes),
        at_least(found.day, constant(1, _DAY), nodes),
        *(nodes.implies(when, at_least(constant(length, _DAY), found.day, nodes)) for when, length in most),
    ]
    return found


def day_in(day: Day, holds: Callable[[Proposition], bool]) -> date:
    """The day, where every proposition is known."""
    return date(*(number_in(bits, holds) for bits in (day.year, day.month, day.day)))


def chosen_day(if_: Proposition, then: Day, otherwise: Day, nodes: Propositions) -> Day:
    def either(these: Bits, those: Bits) -> Bits:
        return tuple(nodes.choose(if_, a, b) for a, b in zip(these, those, strict=True))

    return Day(
        either(then.year, otherwise.year),
        either(then.month, otherwise.month),
        either(then.day, otherwise.day),
        nodes.choose(if_, then.leap, otherwise.leap),
    )


def not_before(day: Day, other: Day, nodes: Propositions) -> Proposition:
    return at_least(day.bits, other.bits, nodes)


def same_day(day: Day, other: Day, nodes: Propositions) -> Proposition:
    return same(day.bits, other.bits, nodes)


def same_month(day: Day, other: Day, nodes: Propositions) -> Proposition:
    """Whether both lie in one month of one year."""
    return same((*day.month, *day.year), (*other.month, *other.year), nodes)


def is_first_of_month(day: Day, nodes: Propositions) -> Proposition:
    return _is(day.day, 1, nodes)


def is_first_of_year(day: Day, nodes: Propositions) -> Proposition:
    return nodes.all((_is(day.day, 1, nodes), _is(day.month, 1, nodes)))


def is_last_of_month(day: Day, nodes: Propositions) -> Proposition:
    february = _is(day.month, _FEBRUARY, nodes)
    return nodes.any(
        (
            _is(day.day, 31, nodes),
            nodes.all((_is(day.day, 30, nodes), nodes.any(_is(day.month, month, nodes) for month in _SHORT))),
            nodes.all((_is(day.day, 29, nodes), february)),
            nodes.all((_is(day.day, 28, nodes), february, -day.leap)),
        )
    )


def late_in_month(day: Day, nodes: Propositions) -> Proposition:
    """Whether some month has no such day."""
    return at_least(day.day, constant(29, _DAY), nodes)


def _is(bits: Bits, number: int, nodes: Propositions) -> Proposition:
    return nodes.all(bit if number >> i & 1 else -bit for i, bit in enumerate(bits))


def _is_leap(year: Bits, nodes: Propositions) -> Proposition:
    centuries = nodes.any(_is(year, number, nodes) for number in range(100, date.max.year, 100) if number % 400)
    return nodes.all((-year[0], -year[1], -centuries))


# --- how far apart


@dataclass(frozen=True, slots=True)
class Distance:
    """How far it is from one day to another, counted in months or in days.

    `has_steps` says whether there are so many days, or months of the calendar without regard to the days in them, or
    more. Where there are just so many months, the days decide: `reaches` and `passes` say for what is not negative
    whether as much is reached, or more, and `reaches_back` and `passes_back` for what is.
    """

    has_steps: Callable[[int], Proposition]
    reaches: Proposition
    passes: Proposition
    reaches_back: Proposition
    passes_back: Proposition


def months_apart(start: Day, end: Day, nodes: Propositions) -> Distance:
    """The calendar months from one day to another (`calendar_months.months_between`)."""
    years, months = _difference(end.year, start.year, nodes), _difference(end.month, start.month, nodes)

    def has_steps(count: int) -> Proposition:
        # Two months of a year are at most eleven apart.
        whole, rest = divmod(count, 12)
        return nodes.any(
            (
                years(whole + 2),
                nodes.all((years(whole + 1), months(rest - 12))),
                nodes.all((years(whole), months(rest))),
            )
        )

    as_late, later = at_least(end.day, start.day, nodes), -at_least(start.day, end.day, nodes)
    return Distance(
        has_steps,
        nodes.any((as_late, is_last_of_month(end, nodes))),
        later,
        as_late,
        nodes.all((later, -is_last_of_month(start, nodes))),
    )


def days_apart(start: Day, end: Day, nodes: Propositions) -> Distance:
    """The days from one day to another."""
    return Distance(_difference(_days(end, nodes), _days(start, nodes), nodes), TRUE, FALSE, TRUE, FALSE)


def is_at_least(distance: Distance, count: int, nodes: Propositions) -> Proposition:
    """Whether it is so many months or days, or more."""
    return _beyond(distance, count, distance.reaches if count >= 0 else distance.reaches_back, nodes)


def is_more(distance: Distance, count: int, nodes: Propositions) -> Proposition:
    return _beyond(distance, count, distance.passes if count >= 0 else distance.passes_back, nodes)


def _beyond(distance: Distance, count: int, where_as_many: Proposition, nodes: Propositions) -> Proposition:
    return nodes.any((distance.has_steps(count + 1), nodes.all((distance.has_steps(count), where_as_many))))


def _difference(a: Bits, b: Bits, nodes: Propositions) -> Callable[[int], Proposition]:
    """Whether `a` less `b` is so much, or more."""
    width = max(len(a), len(b))
    bits = plus(a, opposite((*b, *constant(0, width - len(b)))), nodes)
    found: dict[int, Proposition] = {}

    def is_from(number: int) -> Proposition:
        wanted = number + (1 << width) - 1
        if wanted <= 0 or wanted >= 1 << len(bits):
            return TRUE if wanted <= 0 else FALSE
        if wanted not in found:
            found[wanted] = at_least(bits, constant(wanted, len(bits)), nodes)
        return found[wanted]

    return is_from


def _days(day: Day, nodes: Propositions) -> Bits:
    """The number of a day in the calendar, but for a constant."""
    before = plus(day.year, constant((1 << _YEAR) - 1, _YEAR), nodes)[:_YEAR]
    centuries = quotient(before, 100, nodes)
    starts = [sum(monthrange(2023, month)[1] for month in range(1, of)) for of in range(1, 13)]
    start = tuple(
        nodes.any(_is(day.month, of, nodes) for of, number in enumerate(starts, 1) if number >> i & 1) for i in range(9)
    )
    leap_day = nodes.all((day.leap, at_least(day.month, constant(3, _MONTH), nodes)))
    found = plus(start, day.day, nodes, leap_day)
    for part in (times(before, 365, nodes), before[2:], centuries[2:], opposite(centuries)):
        found = plus(found, part, nodes)
    return found
