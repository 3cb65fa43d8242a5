"""The dates on which something is due, from the timing of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from guidewright.engine.calendar_months import add_months
from guidewright.engine.known import Known
from guidewright.rules.model import Duration, Timing
from guidewright.rules.values import single

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Due:
    """A span of days in which something is due. Where `latest` lies before the day of assessment, it is overdue."""

    earliest: date
    latest: date


def due_dates(timing: Timing | None, start: Known | None, as_of: date) -> tuple[Due, ...]:
    """The next dates due, at most four. Without a known start there are none: no date is guessed.

    `every: [3 mo, 4 mo]` means every 4 months at the latest, counted from the start, and not more than a month sooner:
    the spans follow each other and do not overlap, however often it has been done. `once` stays, even when overdue.
    """
    day = single(start.values) if start is not None else None
    if timing is None or not isinstance(day, date):
        return ()
    begin = day if timing.after is None else later(day, timing.after, 1)
    end = None if timing.until is None else later(day, timing.until, 1)
    if begin is None:
        return ()
    if timing.once is not None:
        earliest, latest = later(begin, timing.once[0], 1), later(begin, timing.once[1], 1)
        return () if earliest is None or latest is None else (Due(earliest, latest),)
    return () if timing.every is None else _repeated(timing.every, begin, end, as_of)


def _repeated(every: tuple[Duration, Duration], begin: date, end: date | None, as_of: date) -> tuple[Due, ...]:
    shortest, longest = every
    found: list[Due] = []
    times = _times_before(begin, longest, as_of)
    while len(found) < _SHOWN:
        last, latest = later(begin, longest, times), later(begin, longest, times + 1)
        earliest = later(last, shortest, 1) if last is not None else None
        if earliest is None or latest is None or (end is not None and earliest >= end):
            break
        if latest >= as_of:
            found.append(Due(min(earliest, latest), latest if end is None else min(latest, end)))
        times += 1
    return tuple(found)


def _times_before(begin: date, duration: Duration, as_of: date) -> int:
    """How often a duration has surely passed between two days."""
    days = {"d": 1, "wk": 7, "mo": 31, "a": 366}[duration.unit] * int(duration.number)
    return max(0, (as_of - begin).days // days - 1)


def later(day: date, duration: Duration, times: int) -> date | None:
    """The day that many durations later; `None` beyond the calendar."""
    count = int(duration.number) * times
    try:
        match duration.unit:
            case "mo":
                return add_months(day, count)
            case "a":
                return add_months(day, 12 * count)
            case "wk":
                return day + timedelta(weeks=count)
            case _:
                return day + timedelta(days=count)
    except (OverflowError, ValueError):
        return None
