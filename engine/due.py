"""The dates on which something is due, from the timing of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from guidewright.engine.calendar_months import add_months
from guidewright.engine.known import Known
from guidewright.rules.model import Duration, Timing
from guidewright.rules.values import single

_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Due:
    """A span of days in which something is due."""

    earliest: date
    latest: date


def due_dates(timing: Timing | None, start: Known | None, as_of: date) -> tuple[Due, ...]:
    """The next dates due after `as_of`, at most four. Without a known start there are none: no date is guessed."""
    day = single(start.values) if start is not None else None
    if timing is None or not isinstance(day, date):
        return ()
    begin = day if timing.after is None else later(day, timing.after, 1)
    end = None if timing.until is None else later(day, timing.until, 1)
    between = timing.every or timing.once
    if between is None or begin is None:
        return ()
    found: list[Due] = []
    times = 1
    while len(found) < _AT_ONCE and times <= 1000:
        earliest, latest = later(begin, between[0], times), later(begin, between[1], times)
        if earliest is None or latest is None or (end is not None and earliest > end):
            break
        if latest >= as_of:
            found.append(Due(earliest, latest if end is None else min(latest, end)))
        if timing.once is not None:
            break
        times += 1
    return tuple(found)


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
