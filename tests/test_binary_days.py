"""Numbers and days as bits are what they are as numbers and days."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from random import Random

from encoded_patients import every_value, is_true
from strategies import EXAMPLES

from guidewright.engine.calendar_months import add_months, days_between, months_between
from guidewright.engine.proofs.binary_days import (
    Day,
    any_day,
    chosen_day,
    day_in,
    days_apart,
    is_at_least,
    is_last_of_month,
    is_more,
    known_day,
    late_in_month,
    months_apart,
    not_before,
    same_day,
    same_month,
)
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

PAIRS = EXAMPLES or 400
MONTHS = (-25, -12, -1, 0, 1, 2, 6, 12, 1200)
DAYS = (-366, -31, -1, 0, 1, 28, 365, 36525)


def given(bits: Bits, number: int) -> dict[Proposition, bool]:
    return {bit: bool(number >> i & 1) for i, bit in enumerate(bits)}


def given_day(day: Day, value: date) -> dict[Proposition, bool]:
    return given(day.year, value.year) | given(day.month, value.month) | given(day.day, value.day)


def known(nodes: Propositions, variables: dict[Proposition, bool]) -> Callable[[Proposition], bool]:
    values = every_value(nodes, variables)
    return lambda proposition: is_true(proposition, values)


def test_numbers() -> None:
    nodes = Propositions()
    a, b = any_number("a", 4, nodes), any_number("b", 3, nodes)
    carry = nodes.variable("carry")
    sums = (plus(a, b, nodes), plus(a, b, nodes, carry), plus(a, constant(5, 3), nodes), times(a, 13, nodes))
    compared = (at_least(a, b, nodes), at_least(b, a, nodes), same(a, b, nodes), at_least(a, constant(9, 4), nodes))
    parts = (quotient(a, 3, nodes), quotient(a, 5, nodes), quotient(a, 1, nodes), opposite(a))
    for x, y, one in product(range(16), range(8), (0, 1)):
        holds = known(nodes, given(a, x) | given(b, y) | {carry: bool(one)})
        assert [number_in(found, holds) for found in sums] == [x + y, x + y + one, x + 5, 13 * x]
        assert [holds(found) for found in compared] == [x >= y, y >= x, x == y, x >= 9]
        assert [number_in(found, holds) for found in parts] == [x // 3, x // 5, x, 15 - x]


def test_constants_fold_away() -> None:
    nodes = Propositions()
    seven, nine = constant(7, 4), constant(9, 4)
    assert plus(seven, nine, nodes) == constant(16, 5)
    assert (at_least(nine, seven, nodes), at_least(seven, nine, nodes), same(seven, nine, nodes)) == (
        TRUE,
        FALSE,
        FALSE,
    )
    assert quotient(constant(99, 7), 10, nodes) == constant(9, 7)
    first, last = known_day(date(2020, 2, 29)), known_day(date(2021, 2, 28))
    assert is_at_least(months_apart(first, last, nodes), 12, nodes) == TRUE
    assert is_more(months_apart(first, last, nodes), 12, nodes) == FALSE
    assert len(nodes.nodes) == 1


def random_day(random: Random) -> date:
    if random.random() < 0.3:
        return date.fromordinal(random.randint(1, date.max.toordinal()))
    month_end = random.choice([date(1900, 2, 28), date(2000, 2, 29), date(2020, 2, 29), date(2021, 1, 31)])
    return month_end + timedelta(days=random.randint(-3, 3) + 365 * random.randint(0, 4))


def test_days() -> None:
    nodes, constraints = Propositions(), list[Proposition]()
    a, b = any_day("a", nodes, constraints), any_day("b", nodes, constraints)
    months, days = months_apart(a, b, nodes), days_apart(a, b, nodes)
    fixed = months_apart(a, known_day(date(2021, 3, 31)), nodes)
    asked_months = [(is_at_least(months, k, nodes), is_more(months, k, nodes)) for k in MONTHS]
    asked_fixed = [(is_at_least(fixed, k, nodes), is_more(fixed, k, nodes)) for k in MONTHS]
    asked_days = [(is_at_least(days, k, nodes), is_more(days, k, nodes)) for k in DAYS]
    either = chosen_day(not_before(a, b, nodes), a, b, nodes)
    said = (not_before(a, b, nodes), same_day(a, b, nodes), same_month(a, b, nodes))
    of_a = (is_last_of_month(a, nodes), late_in_month(a, nodes), a.leap)
    random = Random("days")
    for _ in range(PAIRS):
        x = y = random_day(random)
        try:
            y = add_months(x, random.choice(MONTHS)) + timedelta(days=random.randint(-3, 3))
        except OverflowError:
            y = random_day(random)
        holds = known(nodes, given_day(a, x) | given_day(b, y))
        assert all(map(holds, constraints)), (x, y)
        assert day_in(a, holds) == x
        assert day_in(either, holds) == max(x, y)
        assert [holds(p) for p in said] == [x >= y, x == y, (x.year, x.month) == (y.year, y.month)]
        assert [holds(p) for p in of_a] == [
            x.day == monthrange(x.year, x.month)[1],
            x.day > 28,
            monthrange(x.year, 2)[1] > 28,
        ]
        for asked, counts, value in (
            (asked_months, MONTHS, months_between(x, y)),
            (asked_fixed, MONTHS, months_between(x, date(2021, 3, 31))),
            (asked_days, DAYS, days_between(x, y)),
        ):
            found = [(holds(reached), holds(passed)) for reached, passed in asked]
            assert found == [(value >= k, value > k) for k in counts], (x, y)


def test_only_days_of_the_calendar() -> None:
    nodes, constraints = Propositions(), list[Proposition]()
    day = any_day("day", nodes, constraints)
    for year, month, number in product((0, 1, 1900, 2000, 2021, 2024, 9999, 10000), range(15), range(32)):
        variables = given(day.year, year) | given(day.month, month) | given(day.day, number)
        try:
            date(year, month, number)
            is_day = True
        except ValueError:
            is_day = False
        assert all(map(known(nodes, variables), constraints)) is is_day, (year, month, number)
