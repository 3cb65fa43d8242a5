"""Due dates: from the timing of a rule, a known start, and the day of assessment."""

from datetime import date
from itertools import pairwise

import pytest

from guidewright.engine.due import Due, due_dates
from guidewright.engine.known import Known
from guidewright.rules.model import Duration, Timing
from guidewright.rules.values import Span, ValueSet, of


def months(low: int, high: int | None = None) -> tuple[Duration, Duration]:
    return Duration(low, "mo"), Duration(high or low, "mo")


def due(timing: Timing, start: date, as_of: date) -> tuple[Due, ...]:
    return due_dates(timing, Known(of(start), True), as_of)


EVERY_3_TO_4 = Timing(months(3, 4), None, "done_on", None, Duration(36, "mo"))


def test_spans_follow_each_other_and_do_not_overlap():
    found = due(EVERY_3_TO_4, date(2022, 1, 15), date(2024, 6, 1))
    assert found == (Due(date(2024, 8, 15), date(2024, 9, 15)), Due(date(2024, 12, 15), date(2025, 1, 15)))
    assert all(a.latest <= b.earliest for a, b in pairwise(found))


def test_the_first_is_counted_from_the_start():
    found = due(EVERY_3_TO_4, date(2024, 1, 31), date(2024, 2, 1))
    assert found[0] == Due(date(2024, 4, 30), date(2024, 5, 31))


def test_nothing_is_due_after_the_end():
    assert due(EVERY_3_TO_4, date(2018, 1, 1), date(2024, 6, 1)) == ()
    assert due(EVERY_3_TO_4, date(2021, 7, 1), date(2024, 6, 1))[-1].latest <= date(2024, 7, 1)


def test_a_short_interval_long_ago_is_still_found():
    daily = Timing((Duration(1, "d"), Duration(1, "d")), None, "done_on", None, None)
    assert due(daily, date(2010, 1, 1), date(2024, 6, 1))[0] == Due(date(2024, 6, 1), date(2024, 6, 1))


def test_once_stays_even_when_it_is_overdue():
    once = Timing(None, months(3, 6), "seen_on", None, None)
    assert due(once, date(2020, 1, 10), date(2024, 6, 1)) == (Due(date(2020, 4, 10), date(2020, 7, 10)),)


def test_after_moves_the_beginning():
    later = Timing(months(6), None, "done_on", Duration(36, "mo"), Duration(60, "mo"))
    assert due(later, date(2020, 1, 1), date(2020, 6, 1))[0].latest == date(2023, 7, 1)


@pytest.mark.parametrize("start", [None, Known(ValueSet(spans=(Span(date(2020, 1, 1), date(2020, 1, 31)),)), True)])
def test_without_a_known_start_no_date_is_guessed(start):
    assert due_dates(EVERY_3_TO_4, start, date(2020, 6, 1)) == ()
