"""Counting days, months and years as a calendar does.

A date a month later has the same day of the month, or is the last day of a shorter month. A part of a month counts by
its days: of the days from the last full month to the next one.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date
from fractions import Fraction

from guidewright.rules.values import Number, number


def add_months(day: date, months: int) -> date:
    """The day so many months later (earlier, if negative): 31 January and one month is 28 or 29 February.

    Raises OverflowError outside the years 1 to 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError(f"{months} months from {day.isoformat()} is no day of the calendar")
    return _clamped(year, month + 1, day.day)


def days_between(start: date, end: date) -> int:
    """The days from `start` to `end`; negative where `end` is earlier."""
    return (end - start).days


def months_between(start: date, end: date) -> Number:
    """The calendar months from `start` to `end`, exactly: 15 January to 15 July is 6, to 30 July 6 and 15/31.

    Negative where `end` is earlier: `months_between(b, a)` is `-months_between(a, b)`. A later `end` never gives less,
    a later `start` never more.
    """
    if end < start:
        return -months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    reached = _clamped(end.year, end.month, start.day)
    if reached > end:
        months -= 1
        reached = add_months(start, months)
    if reached == end:
        return months
    # The next full month may end behind the last day of the calendar, so that day is not made.
    following = 31 if reached.month == 12 else _length(reached.year, reached.month + 1)
    days = _length(reached.year, reached.month) - reached.day + min(start.day, following)
    return number(months + Fraction((end - reached).days, days))


def years_between(start: date, end: date) -> Number:
    """The calendar years from `start` to `end`: a twelfth of the months."""
    return number(Fraction(months_between(start, end)) / 12)


_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _length(year: int, month: int) -> int:
    return 29 if month == 2 and isleap(year) else _LENGTHS[month - 1]


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, _length(year, month)))
