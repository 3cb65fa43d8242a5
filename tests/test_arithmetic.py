"""The values of formulas: the calendar, exact and rounded numbers, and sets of values that are never too narrow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from guidewright.engine.arithmetic import MOST_COMBINATIONS, Computed, evaluate
from guidewright.engine.calendar_months import add_months, months_between, years_between
from guidewright.engine.decimals import Irrational, TooLarge, irrational, power
from guidewright.rules.diagnostics import Place
from guidewright.rules.dimensions import check_dimensions
from guidewright.rules.formulas import (
    Arithmetic,
    AsOf,
    Call,
    Constant,
    Expression,
    FactValue,
    Negative,
    facts_in,
    parse_formula,
)
from guidewright.rules.model import DateType, FactType, IntegerType, QuantityType
from guidewright.rules.units import Unit, parse_unit
from guidewright.rules.values import (
    NONE,
    NOTHING,
    Number,
    Ordered,
    Span,
    ValueSet,
    contains,
    intersection,
    number,
    of,
    of_spans,
    span,
    union,
    whole_step,
)

ANY = Span(None, None, True, True)
AS_OF = date(2020, 12, 15)
DATE = DateType()
INTEGER = IntegerType(ANY)


def quantity(text: str) -> QuantityType:
    unit = parse_unit(text)
    assert isinstance(unit, Unit)
    return QuantityType(unit, ANY)


PLAIN = quantity("1")
FACTS: dict[str, FactType] = {
    "x": PLAIN,
    "y": PLAIN,
    "n": INTEGER,
    "m": INTEGER,
    "start": DATE,
    "end": DATE,
    "size": quantity("mm"),
    "depth": quantity("cm"),
    "weight": quantity("kg"),
    "height": quantity("cm"),
    "share": quantity("%"),
}


def read(text: str) -> Expression:
    e, found = parse_formula(text, Place("f", 1, 1, 1, 1 + len(text)))
    assert e is not None, found
    return e


def compute(text: str, result: FactType = PLAIN, *, empirical: bool = False, **known: ValueSet) -> Computed:
    e = read(text)
    assert check_dimensions(e, FACTS, result, empirical, Place("f", 1, 1, 1, 2)) == ()
    return evaluate(e, known.__getitem__, FACTS, AS_OF, result, empirical)


def values(text: str, result: FactType = PLAIN, *, empirical: bool = False, **known: ValueSet) -> ValueSet:
    computed = compute(text, result, empirical=empirical, **known)
    assert computed.problem is None
    assert computed.none == computed.values.none
    return computed.values


def problem(text: str, result: FactType = PLAIN, *, empirical: bool = False, **known: ValueSet) -> str:
    computed = compute(text, result, empirical=empirical, **known)
    assert computed.values == NOTHING
    assert computed.problem is not None
    return computed.problem


def run(low: Ordered | None, high: Ordered | None, ends: str = "[]") -> ValueSet:
    """A run of values: `[)` excludes its upper end."""
    return of_spans([span(low, high, ends[0] == "(", ends[1] == ")")])


def tenth(n: int) -> Fraction:
    return Fraction(n, 10)


# --- the calendar


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2020, 1, 15), date(2020, 7, 15), 6),
        (date(2020, 1, 15), date(2020, 7, 14), 5 + Fraction(29, 30)),
        (date(2020, 1, 15), date(2020, 7, 30), 6 + Fraction(15, 31)),
        (date(2020, 1, 31), date(2020, 2, 29), 1),
        (date(2021, 1, 31), date(2021, 2, 28), 1),
        (date(2021, 1, 31), date(2021, 2, 27), Fraction(27, 28)),
        (date(2021, 1, 31), date(2021, 3, 1), 1 + Fraction(1, 31)),
        (date(2021, 1, 31), date(2021, 3, 31), 2),
        (date(2021, 2, 28), date(2021, 3, 31), 1 + Fraction(3, 31)),
        (date(2020, 2, 29), date(2021, 2, 28), 12),
        (date(2020, 2, 29), date(2024, 2, 29), 48),
        (date(2019, 12, 1), date(2020, 1, 1), 1),
        (date(2019, 12, 31), date(2020, 1, 1), Fraction(1, 31)),
        (date(2020, 5, 5), date(2020, 5, 5), 0),
        (date(9999, 12, 1), date(9999, 12, 31), Fraction(30, 31)),
        (date(1, 1, 1), date(9999, 12, 31), 9999 * 12 - 1 + Fraction(30, 31)),
    ],
)
def test_months_between(start: date, end: date, months: Number) -> None:
    assert months_between(start, end) == months
    assert months_between(end, start) == -months
    assert years_between(start, end) == Fraction(months) / 12


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2020, 1, 31), 1, date(2020, 2, 29)),
        (date(2021, 1, 31), 1, date(2021, 2, 28)),
        (date(2021, 1, 31), 3, date(2021, 4, 30)),
        (date(2020, 11, 15), 2, date(2021, 1, 15)),
        (date(2020, 12, 15), -12, date(2019, 12, 15)),
        (date(2020, 3, 31), -1, date(2020, 2, 29)),
        (date(2020, 3, 31), 0, date(2020, 3, 31)),
    ],
)
def test_add_months(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@pytest.mark.parametrize(("day", "months"), [(date(9999, 12, 1), 1), (date(1, 1, 31), -1), (date(2020, 1, 1), 10**9)])
def test_add_months_beyond_the_calendar(day: date, months: int) -> None:
    with pytest.raises(OverflowError):
        add_months(day, months)


any_day = st.dates(date(1896, 1, 1), date(2110, 12, 31))
near_days = st.builds(lambda day, more: (day, day + timedelta(days=more)), any_day, st.integers(-900, 900))


@given(near_days, st.integers(-40, 40))
@settings(max_examples=200)
def test_months_are_full_where_the_calendar_says_so(days: tuple[date, date], more: int) -> None:
    """The definition, written down again: full months by adding them, and the rest by its days."""
    start, end = min(days), max(days)
    months = 0
    while add_months(start, months + 1) <= end:
        months += 1
    last, following = add_months(start, months), add_months(start, months + 1)
    assert months_between(start, end) == months + Fraction((end - last).days, (following - last).days)
    assert months_between(start, add_months(start, more)) == more or more < 0


@given(near_days, near_days)
@settings(max_examples=300)
def test_months_never_fall_with_a_later_end_nor_rise_with_a_later_start(
    days: tuple[date, date], others: tuple[date, date]
) -> None:
    first, last = min(days), max(days)
    for other in (*others, add_months(last, 1), add_months(first, -3)):
        assert months_between(other, first) <= months_between(other, last)
        assert months_between(first, other) >= months_between(last, other)


def test_months_are_monotone_over_two_years_day_by_day() -> None:
    every = [date(2019, 12, 1) + timedelta(days=n) for n in range(500)]
    ends = [day for day in every if day.day in (1, 2, 15, 27, 28, 29, 30, 31)]
    table = [[months_between(start, end) for end in ends] for start in every]
    assert all(one <= other for row in table for one, other in pairwise(row))
    assert all(one >= other for column in zip(*table, strict=True) for one, other in pairwise(column))


# --- numbers to twelve digits


def test_known_irrational_results() -> None:
    assert irrational("sqrt", 2) == Fraction("1.41421356237")
    assert irrational("ln", 2) == Fraction("0.693147180560")
    assert irrational("log10", 2) == Fraction("0.301029995664")
    assert irrational("exp", 1) == Fraction("2.71828182846")
    assert irrational("exp", -1) == Fraction("0.367879441171")
    assert irrational("exp", 100) == 268811714182 * 10**32
    assert power(2, Fraction(1, 2)) == Fraction("1.41421356237")
    assert power(Fraction("0.9938"), 105) == Fraction("0.520468203869")
    assert power(Fraction("61.5"), Fraction("-0.302")) == Fraction("0.288243627739")


def test_known_exact_results() -> None:
    assert irrational("sqrt", Fraction(9, 16)) == Fraction(3, 4)
    assert irrational("sqrt", 0) == 0
    assert irrational("sqrt", 10**40) == 10**20
    assert irrational("sqrt", Fraction("1.0000000000001") ** 2) == Fraction("1.0000000000001")
    assert irrational("ln", 1) == 0
    assert irrational("log10", Fraction(1, 1000)) == -3
    assert irrational("exp", 0) == 1
    assert power(Fraction(2, 3), -2) == Fraction(9, 4)
    assert power(-3, 3) == -27
    assert power(Fraction("1.0000000001"), 12) == Fraction("1.0000000001") ** 12
    assert power(2, 20) == 2**20
    assert power(-2, 21) == -(2**21)
    assert power(5, 18) == 3814697265620  # 3814697265625 lies half-way, and goes to the even digit
    assert power(4, Fraction(1, 2)) == 2
    assert power(4, Fraction(-1, 2)) == Fraction(1, 2)


def test_directed_rounding_is_never_on_the_wrong_side() -> None:
    tiny = Fraction(1, 10**200)
    assert irrational("exp", tiny, "up") == Fraction("1.00000000001")
    assert irrational("exp", tiny, "down") == irrational("exp", tiny) == 1
    assert irrational("exp", -tiny, "down") == Fraction("0.999999999999")
    assert irrational("exp", -tiny, "up") == irrational("exp", -tiny) == 1
    assert power(4, Fraction(1, 2), "up") == power(4, Fraction(1, 2), "down") == 2
    assert power(Fraction(1, 3), 2, "down") == Fraction("0.111111111111")
    for exponent in (13, 10_001):
        small = -Fraction(1001, 1000)
        down, up = power(small, exponent, "down"), power(small, exponent, "up")
        assert down < up
        assert down <= power(small, exponent) <= up
        assert -up == power(-small, exponent, "down")


def test_sizes_are_bounded() -> None:
    for x in (922, 1_000, 10**9):
        with pytest.raises(TooLarge):
            irrational("exp", x)
        with pytest.raises(TooLarge):
            irrational("exp", x, "up")
    with pytest.raises(TooLarge):
        power(10**39, 12)
    with pytest.raises(TooLarge):
        power(10, 401)
    with pytest.raises(TooLarge):
        power(3, 10**12)
    with pytest.raises(TooLarge):
        power(Fraction(1, 2), Fraction(-(10**12) - 1, 2))
    assert irrational("exp", -1_000) == irrational("exp", -(10**9)) == 0
    assert power(Fraction(1, 2), 10**12) == 0
    assert power(Fraction(-1, 2), 10**12 + 1) == 0
    assert irrational("exp", -(10**9), "down") == 0
    assert 0 < irrational("exp", -(10**9), "up") < Fraction(1, 10**379)


positive = st.fractions(min_value=Fraction(1, 10**6), max_value=10**6, max_denominator=10**9)
exponents = st.fractions(min_value=-20, max_value=20, max_denominator=1000)
FUNCTIONS: list[Irrational] = ["sqrt", "ln", "log10", "exp"]


def true_value(function: Irrational, x: Fraction) -> Fraction:
    """To fifty digits or so."""
    context = Context(prec=80)
    decimal = context.divide(Decimal(x.numerator), Decimal(x.denominator))
    functions = {"sqrt": context.sqrt, "ln": context.ln, "log10": context.log10, "exp": context.exp}
    return Fraction(functions[function](decimal))


def has_twelve_digits(x: Number) -> bool:
    return Fraction(Context(prec=12).create_decimal(Decimal(x.numerator) / Decimal(x.denominator))) == x


@given(st.sampled_from(FUNCTIONS), positive)
@settings(max_examples=200)
def test_results_are_the_nearest_of_twelve_digits(function: Irrational, x: Fraction) -> None:
    assume(function != "exp" or x < 900)
    true, found = true_value(function, x), irrational(function, x)
    assert abs(found - true) <= abs(true) * Fraction(5, 10**12)
    assert has_twelve_digits(found) or Fraction(found) ** 2 == x
    low, high = irrational(function, x, "down"), irrational(function, x, "up")
    assert low <= true <= high
    assert low <= found <= high
    assert high - low <= abs(true) * Fraction(2, 10**11)


@given(positive, exponents)
@settings(max_examples=200)
def test_powers_are_the_nearest_of_twelve_digits(base: Fraction, exponent: Fraction) -> None:
    low, found, high = power(base, exponent, "down"), power(base, exponent), power(base, exponent, "up")
    assert low <= found <= high
    assert high - low <= Fraction(found) * Fraction(2, 10**11)
    assert float(found) == pytest.approx(float(base) ** float(exponent), rel=1e-9)
    assert exponent.denominator == 1 or has_twelve_digits(found)


# --- single values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4 / 8", Fraction(13, 2)),
        ("-2 ^ 2", -4),
        ("2 ^ 3 ^ 2", 512),
        ("2 ^ -1", Fraction(1, 2)),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("1 / 3 * 3", 1),
        ("min(3, 1, 2) + max(3, 1, 2)", 4),
        ("abs(-3.5)", Fraction(7, 2)),
        ("0 ^ 0", 1),
        ("0 ^ 2", 0),
        ("0 ^ 1.5", 0),
        ("(-2) ^ 3", -8),
        ("(-2) ^ -3", Fraction(-1, 8)),
        ("floor(2.5) + floor(-2.5)", -1),
        ("ceil(2.5) + ceil(-2.5)", 1),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(2.4999)", 2),
        ("round(0.125, 2)", Fraction(13, 100)),
        ("round(-0.125, 2)", Fraction(-13, 100)),
        ("round(1250, -2)", 1300),
        ("sqrt(2.25)", Fraction(3, 2)),
        ("exp(ln(1))", 1),
        ("log10(0.001)", -3),
        ("years_between(start, as_of) / 1 a", 10),
        ("days_between(start, as_of) / 1 d", 3653),
        ("months_between(as_of, start) / 1 mo", -120),
    ],
)
def test_known_results(text: str, expected: Number) -> None:
    assert values(text, start=of(date(2010, 12, 15))) == of(number(expected))


def test_units_are_converted_exactly() -> None:
    assert values("size + depth", quantity("mm"), size=of(3), depth=of(tenth(2))) == of(5)
    assert values("size + depth", quantity("cm"), size=of(3), depth=of(tenth(2))) == of(Fraction(1, 2))
    assert values("size * depth * 2 mm", quantity("mL"), size=of(30), depth=of(4)) == of(Fraction(12, 5))
    assert values("size / depth", quantity("%"), size=of(3), depth=of(1)) == of(30)
    assert values("share * 200", share=of(tenth(5))) == of(1)
    assert values("weight / height ^ 2", quantity("kg/m2"), weight=of(81), height=of(180)) == of(25)
    bmi = values("round(weight / height ^ 2, 1)", quantity("kg/m2"), weight=of(80), height=of(180))
    assert bmi == of(Fraction("24.7"))
    area = values("sqrt(height * weight / (3600 cm.kg)) * 1 m2", quantity("m2"), weight=of(80), height=of(180))
    assert area == of(2)
    months = values("months_between(start, as_of) + 1 a", quantity("mo"), start=of(date(2020, 6, 15)))
    assert months == of(18)


def test_what_is_rounded_is_counted_in_the_unit_of_the_result() -> None:
    born = of(date(1960, 12, 16))
    assert values("floor(years_between(start, as_of))", quantity("a"), start=born) == of(59)
    assert values("floor(months_between(start, as_of))", quantity("mo"), start=born) == of(719)
    assert values("floor(years_between(start, as_of) / 1 a)", INTEGER, start=born) == of(59)
    assert values("floor(years_between(start, as_of) / 1 a) * 1 a", quantity("mo"), start=born) == of(708)
    assert values("round(size / 1 cm) * 1 cm", quantity("mm"), size=of(26)) == of(30)
    assert values("round(n / m)", quantity("%"), n=of(1), m=of(3)) == of(33)
    assert values("round(share)", quantity("%"), share=of(Fraction("35.4"))) == of(35)
    assert values("ceil(size)", quantity("mm"), size=run(Fraction("2.1"), Fraction("4.1"))) == run(3, 5)


def test_an_empirical_formula_takes_each_number_as_it_stands() -> None:
    known = {"size": of(20), "depth": of(3)}
    assert values("size + depth", quantity("kg"), empirical=True, **known) == of(23)
    assert values("round(size / depth)", quantity("%"), empirical=True, **known) == of(7)
    assert values("years_between(start, as_of)", quantity("mo"), empirical=True, start=of(date(2010, 12, 15))) == of(10)
    assert values(
        "0.007184 * weight ^ 0.425 * height ^ 0.725", quantity("m2"), empirical=True, weight=of(80), height=of(180)
    ) == of(Fraction("0.007184") * Fraction("6.43892319079") * Fraction("43.1591185310"))


# --- sets of values: known results

FOURTEENTH = run(Fraction("3.79749833583"), Fraction("39.3737638570"))


@pytest.mark.parametrize(
    ("text", "x", "y", "expected"),
    [
        ("x + y", run(1, 2), run(10, 20, "[)"), run(11, 22, "[)")),
        ("x - y", run(1, 2), run(10, 20, "[)"), run(-19, -8, "(]")),
        ("x * y", run(1, 2), run(3, 4, "[)"), run(3, 8, "[)")),
        ("x * y", run(-1, 2), run(-3, 4), run(-6, 8)),
        ("x * y", run(0, 2), run(3, 4, "()"), run(0, 8, "[)")),
        ("x * y", run(0, 2, "(]"), run(3, None), run(0, None, "()")),
        ("x * y", run(0, 2), run(3, None), run(0, None)),
        ("x * y", of(0), run(None, None), of(0)),
        ("x * y", run(-1, 1), run(3, None), run(None, None)),
        ("x / y", run(1, 2), run(4, 8), run(Fraction(1, 8), Fraction(1, 2))),
        ("x / y", run(1, 2), run(0, 8, "(]"), run(Fraction(1, 8), None)),
        ("x / y", run(1, 2), run(4, None), run(0, Fraction(1, 2), "(]")),
        ("x / y", run(1, 2), run(-8, -4, "[)"), run(Fraction(-1, 2), Fraction(-1, 8), "(]")),
        ("-x", run(1, None), NOTHING, run(None, -1)),
        ("x - x", run(1, 2), NOTHING, run(-1, 1)),
        ("min(x, y)", run(1, 5, "(]"), run(1, 3, "[)"), run(1, 3, "[)")),
        ("max(x, y)", run(1, 5, "(]"), run(1, 3), run(1, 5, "(]")),
        ("max(x, y)", run(1, 3, "[)"), run(0, 3), run(1, 3)),
        ("min(x, y)", run(1, None), run(2, 9), run(1, 9)),
        ("abs(x)", run(-3, 2, "()"), NOTHING, run(0, 3, "[)")),
        ("abs(x)", run(-3, -2, "[)"), NOTHING, run(2, 3, "(]")),
        ("abs(x)", run(None, 2), NOTHING, run(0, None)),
        ("x ^ 2", run(-3, 2, "()"), NOTHING, run(0, 9, "[)")),
        ("x ^ 3", run(-3, 2, "()"), NOTHING, run(-27, 8, "()")),
        ("x ^ -2", run(-4, -2, "[)"), NOTHING, run(Fraction(1, 16), Fraction(1, 4), "[)")),
        ("x ^ -1", run(0, 2, "(]"), NOTHING, run(Fraction(1, 2), None)),
        ("x ^ 0", run(-3, 2), NOTHING, of(1)),
        ("floor(x)", run(1, 3, "()"), NOTHING, run(1, 2)),
        ("ceil(x)", run(1, 3, "()"), NOTHING, run(2, 3)),
        ("round(x)", run(tenth(5), tenth(25), "()"), NOTHING, run(1, 2)),
        ("round(x)", run(tenth(-25), tenth(-5), "()"), NOTHING, run(-2, -1)),
        ("round(x)", run(tenth(5), tenth(25)), NOTHING, run(1, 3)),
        ("round(x, 1)", run(1, 2, "()"), NOTHING, run(1, 2)),
        ("round(x, -1)", run(14, 25, "[)"), NOTHING, run(10, 20)),
        ("sqrt(x)", run(4, 9), NOTHING, run(2, 3)),
        ("sqrt(x)", run(0, None), NOTHING, run(0, None)),
        ("ln(x)", run(0, 1, "(]"), NOTHING, run(None, 0)),
        ("exp(x)", run(None, 0), NOTHING, run(0, 1)),
        ("log10(x)", run(10, 1000), NOTHING, run(1, 3)),
        ("x ^ 0.5", run(4, 9), NOTHING, run(2, 3)),
        ("sqrt(x)", run(1, 2), NOTHING, run(1, Fraction("1.41421356238"))),
        ("sqrt(x)", run(3, 4, "()"), NOTHING, run(Fraction("1.73205080756"), 2)),
        ("x ^ 1.5", run(2, 11, "()"), NOTHING, run(Fraction("2.82842712474"), Fraction("36.4828726940"))),
        ("x ^ 14", run(Fraction("1.1"), Fraction("1.3"), "()"), NOTHING, FOURTEENTH),
        ("x ^ y", run(tenth(5), 2), run(-1, 2, "()"), run(Fraction("0.25"), Fraction(4))),
        ("x ^ y", run(0, 1), run(1, 2), run(0, 1)),
        ("x ^ y", run(0, 1, "(]"), run(0, 1), run(0, 1)),
        ("x ^ y", run(2, None), run(0, 1), run(1, None)),
        ("x ^ y", run(2, None), run(-2, 0, "[)"), run(0, 1)),
        ("x ^ y", run(1, 2), run(None, 1), run(0, 2)),
        ("2 ^ x", run(None, 0), NOTHING, run(0, 1)),
    ],
)
def test_known_runs(text: str, x: ValueSet, y: ValueSet, expected: ValueSet) -> None:
    assert values(text, x=x, y=y) == expected


def test_few_values_are_computed_one_by_one() -> None:
    assert values("x * y", x=of(1, 10), y=of(2, 3)) == of(2, 3, 20, 30)
    assert values("x - x", x=of(1, 2, 3)) == of(0)
    assert values("n * m", INTEGER, n=run(1, 3), m=of(10, 20)) == of(10, 20, 30, 40, 60)
    assert values("n - 1", INTEGER, n=run(1, 3)) == run(0, 2)
    days = run(date(2020, 6, 1), date(2020, 6, 30))
    wait = values("days_between(start, as_of)", quantity("d"), start=days)
    assert wait == of(*range(168, 198))


def test_many_values_are_computed_on_their_hull() -> None:
    most = MOST_COMBINATIONS
    assert values("n - n", INTEGER, n=run(1, most)) == of(0)
    assert values("n - n", INTEGER, n=run(1, most + 1)) == run(-most, most)
    few = of(*range(0, 80, 10))
    assert values("x + y", x=few, y=few) == of(*range(0, 150, 10))
    assert values("x + y", x=few, y=union(few, of(100))) == run(0, 170)
    four, five = of(0, 10, 20, 30), run(0, 4)
    assert values("x + y * 0 + n * 0", x=four, y=four, n=run(0, 3)) == four
    assert values("x + y * 0 + n * 0", x=four, y=four, n=five) == run(0, 30)
    assert values("x * n", x=of(1, 5), n=run(0, None)) == run(0, None)
    assert values("x + y", x=union(run(0, 1, "[)"), of(5)), y=of(1)) == run(1, 6)


def test_runs_of_days() -> None:
    start, end = run(date(2018, 1, 31), date(2018, 12, 31)), of(date(2019, 2, 28))
    assert values("months_between(start, end)", quantity("mo"), start=start, end=end) == run(2, 13)
    open_start = of_spans([Span(None, date(2018, 1, 1), True, False)])
    assert values("years_between(start, end)", quantity("a"), start=open_start, end=of(date(2019, 1, 1))) == run(
        1, None
    )
    assert values("days_between(end, start)", quantity("d"), start=open_start, end=of(date(2018, 1, 3))) == run(
        None, -2
    )


def test_whole_results_of_runs_are_whole() -> None:
    assert values("floor(x)", INTEGER, x=run(tenth(5), tenth(35), "()")) == run(0, 3)
    assert values("n * 2", INTEGER, n=run(0, 1000)) == run(0, 2000)
    assert values("n * 2", INTEGER, n=of(1, 2)) == of(2, 4)
    assert values("n + 1", INTEGER, n=run(None, 5)) == run(None, 6)


# --- none, and what cannot be computed


def test_none() -> None:
    assert compute("x + y", x=NONE, y=run(0, 1)) == Computed(NONE, none=True)
    assert compute("x / y", x=NONE, y=of(0)) == Computed(NONE, none=True)
    assert values("x + 1", x=union(of(1), NONE)) == union(of(2), NONE)
    assert values("x + y", x=union(run(1, 2), NONE), y=of(1)) == union(run(2, 3), NONE)


def test_a_problem_keeps_that_there_may_be_none() -> None:
    assert compute("1 / x", x=union(of(0), NONE)) == Computed(NOTHING, "`x` is zero", none=True)
    assert compute("1 / x", x=of(0)) == Computed(NOTHING, "`x` is zero", none=False)


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("1 / x", of(0), "`x` is zero"),
        ("1 / x", of(0, 1), "`x` may be zero"),
        ("1 / x", run(0, 1), "`x` may be zero"),
        ("1 / x", run(-1, 1), "`x` may be zero"),
        ("1 / (x - 1)", run(None, None), "`x - 1` may be zero"),
        ("1 / x / 2 + 1", run(-1, 0), "`x` may be zero"),
        ("sqrt(x - 2)", of(1), "`x - 2` is negative"),
        ("sqrt(x)", run(-1, 1), "`x` may be negative"),
        ("sqrt(x)", run(None, 4), "`x` may be negative"),
        ("ln(x)", of(0), "`x` is zero or negative"),
        ("ln(x)", run(0, 1), "`x` may be zero or negative"),
        ("log10(x)", run(-1, 1), "`x` may be zero or negative"),
        ("x ^ -1", of(0), "`x` is zero"),
        ("x ^ -2", run(-1, 1), "`x` may be zero"),
        ("x ^ 0.5", of(-1), "`x` is negative"),
        ("x ^ 0.5", run(-1, 1), "`x` may be negative"),
        ("x ^ -0.5", run(0, 1), "`x` may be zero"),
        ("(x + 2) ^ x", run(-2, 1), "`x + 2` may be zero"),
        ("exp(x)", of(1000), "`exp(x)` is too large to compute"),
        ("exp(x)", run(0, 1000), "`exp(x)` may be too large to compute"),
        ("1 + (10 ^ 300 * x) ^ 2", of(1), "`(10 ^ 300 * x) ^ 2` is too large to compute"),
        ("10 ^ 300 * 10 ^ x", run(99, 101), "`10 ^ 300 * 10 ^ x` may be too large to compute"),
        ("x ^ x", of(10**20), "`x ^ x` is too large to compute"),
        ("2 * x", NOTHING, "`x` has no possible value"),
    ],
)
def test_problems(text: str, x: ValueSet, expected: str) -> None:
    assert problem(text, x=x) == expected


def test_a_part_of_a_number_is_a_problem_for_an_integer() -> None:
    """The dimension check refuses such formulas; should one come through, nothing wrong is computed."""
    half = read("n / 2")
    for n, expected in ((of(1), "`n / 2` is no whole number"), (run(0, 100), "`n / 2` may be no whole number")):
        computed = evaluate(half, {"n": n}.__getitem__, FACTS, AS_OF, INTEGER, False)
        assert computed == Computed(NOTHING, expected)
    assert evaluate(half, {"n": of(4)}.__getitem__, FACTS, AS_OF, INTEGER, False).values == of(2)


# --- sets of values: nothing falls outside

ends = st.sampled_from([number(Fraction(n, 4)) for n in (-24, -9, -8, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 10, 16, 20)])


@st.composite
def number_runs(draw: st.DrawFn) -> ValueSet:
    spans: list[Span | None] = []
    for _ in range(draw(st.integers(1, 2))):
        low, high = sorted((draw(ends), draw(ends)))
        kind = draw(st.sampled_from(["point", "[]", "[)", "(]", "()", "(", ")"]))
        if kind == "point":
            spans.append(Span(low, low))
        elif kind == "(":
            spans.append(span(low, None, True, True))
        elif kind == ")":
            spans.append(span(None, high, True, False))
        else:
            spans.append(span(low, high, kind[0] == "(", kind[1] == ")") or Span(low, low))
    return of_spans(spans)


@st.composite
def whole_runs(draw: st.DrawFn) -> ValueSet:
    low, more = draw(st.sampled_from([(-3, 2), (-1, -1), (0, 0), (0, 5), (1, 1), (2, -2), (3, 7)]))
    high = draw(st.sampled_from([low, low + 1, low + 3, low + 100, None]))
    return of_spans([span(low, high), Span(more, more)], step=whole_step)


@st.composite
def day_runs(draw: st.DrawFn) -> ValueSet:
    low = date(2019, 12, 1) + timedelta(days=draw(st.integers(0, 500)))
    high = low + timedelta(days=draw(st.sampled_from([0, 0, 1, 30, 40, 400])))
    unbounded = draw(st.integers(0, 9)) == 0
    return of_spans([Span(None if unbounded else low, high, unbounded, False)])


SETS = {
    "x": number_runs(),
    "y": number_runs(),
    "n": whole_runs(),
    "m": whole_runs(),
    "start": day_runs(),
    "end": day_runs(),
}
FACT_LEAVES = [
    "x",
    "y",
    "n",
    "m",
    "months_between(start, end)",
    "days_between(start, as_of)",
    "years_between(end, start)",
]
LEAVES = [*FACT_LEAVES, "x", "y", "x", "y", "1", "2", "0.5", "3"]
FORMS = [
    *("({} + {})", "({} - {})", "({} * {})", "({} * {})", "({} / {})", "min({}, {})", "max({}, {})", "({}) ^ ({})"),
    *("abs({})", "floor({})", "ceil({})", "round({})", "round({}, 1)", "round({}, -1)", "-({})"),
    *("sqrt({})", "ln({})", "log10({})", "exp({})", "sqrt(abs({}))", "exp(-abs({}))", "ln(1 + abs({}))"),
    *(f"({{}}) ^ {exponent}" for exponent in ("2", "3", "-1", "-2", "13", "14", "-13", "-14", "0", "0.5", "-1.5")),
    *("(0.5 + abs({})) ^ ({})", "abs({}) ^ 0.5", "({}) / (1 + abs({}))"),
]


@st.composite
def formulas(draw: st.DrawFn) -> str:
    """At least one fact, and up to six operations."""
    parts = [draw(st.sampled_from(FACT_LEAVES))]
    for _ in range(draw(st.integers(1, 6))):
        form = draw(st.sampled_from(FORMS))
        first = parts.pop(draw(st.integers(0, len(parts) - 1)))
        others = [draw(st.sampled_from([*parts, *LEAVES])) for _ in range(form.count("{}") - 1)]
        parts.append(form.format(*([first, *others] if draw(st.booleans()) else [*others, first])))
    return parts[-1]


@st.composite
def narrowed(draw: st.DrawFn, known: ValueSet, discrete: bool) -> ValueSet:
    """Some of the values: single ones, often at or close to an end, or shorter runs."""
    parts: list[Span] = []
    for _ in range(draw(st.integers(1, 2))):
        part = draw(st.sampled_from(known.spans))
        one, other = member(draw, part, discrete), member(draw, part, discrete)
        kind = draw(st.sampled_from(["point", "point", "run", "whole"]))
        if kind == "point":
            parts.append(Span(one, one))
        elif kind == "run":
            parts.append(Span(min(one, other), max(one, other)))
        else:
            parts.append(part)
    return of_spans(parts, step=whole_step if discrete else None)


CLOSE_TO_AN_END = [Fraction(0), Fraction(1, 10**15), Fraction(1, 10**9), Fraction(1, 3), Fraction(1, 2)]


def member(draw: st.DrawFn, part: Span, discrete: bool) -> Ordered:
    """A value of a run."""
    if isinstance(part.high, date):
        low_day = part.low if isinstance(part.low, date) else part.high - timedelta(days=2000)
        return low_day + timedelta(days=draw(st.integers(0, (part.high - low_day).days)))
    assert not isinstance(part.low, date)
    far = draw(st.sampled_from([1, 10, 10**6]))
    low: Number = part.low if part.low is not None else (part.high or 0) - far
    high: Number = part.high if part.high is not None else low + far
    if discrete:
        return draw(st.integers(math.ceil(low), math.floor(high)))
    share = draw(st.sampled_from([*CLOSE_TO_AN_END, *(1 - share for share in CLOSE_TO_AN_END)]))
    value = number(low + (high - low) * share)
    return value if contains(part, value) else number(low + (high - low) / Fraction(2))


def computed_for(e: Expression, known: Mapping[str, ValueSet], result: FactType = PLAIN) -> Computed:
    return evaluate(e, known.__getitem__, FACTS, AS_OF, result, True)


def is_within(narrow: Computed, wide: Computed) -> bool:
    if wide.problem is not None:
        return True
    if narrow.problem is not None:
        return "too large" in narrow.problem
    return intersection(narrow.values, wide.values) == narrow.values


@given(st.data())
@settings(max_examples=700, deadline=None)
def test_fewer_values_of_the_facts_give_no_other_results(data: st.DataObject) -> None:
    """So nothing falls outside, computed one by one or on hulls, whether a fact occurs once or twice."""
    e = read(data.draw(formulas()))
    wide_box: dict[str, ValueSet] = {}
    narrow_box: dict[str, ValueSet] = {}
    for fact in facts_in(e):
        wide_box[fact] = data.draw(SETS[fact], label=fact)
        narrow_box[fact] = data.draw(narrowed(wide_box[fact], not isinstance(FACTS[fact], QuantityType)), label=fact)
    wide, narrow = computed_for(e, wide_box), computed_for(e, narrow_box)
    assert is_within(narrow, wide), (narrow, wide)


@st.composite
def single_values(draw: st.DrawFn, e: Expression) -> dict[str, Ordered]:
    point: dict[str, Ordered] = {}
    for fact in facts_in(e):
        part = draw(st.sampled_from(draw(SETS[fact]).spans))
        point[fact] = member(draw, part, not isinstance(FACTS[fact], QuantityType))
    return point


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_single_values_give_a_single_result(data: st.DataObject) -> None:
    e = read(data.draw(formulas()))
    point = data.draw(single_values(e))
    found = computed_for(e, {fact: of(value) for fact, value in point.items()})
    assert not found.none
    if found.problem is None:
        (only,) = found.values.spans
        assert only.low == only.high
    else:
        assert found.values == NOTHING
        assert " is " in found.problem
    expected = plainly(e, point)
    if expected is not None and "too large" not in (found.problem or ""):
        assert found.values == of(number(expected))


class NotExact(Exception):
    pass


def plainly(e: Expression, point: Mapping[str, Ordered]) -> Fraction | None:
    """What the formula gives, where that is exact and there is such a number; written down as simply as can be."""
    try:
        return exactly(e, point)
    except (NotExact, ZeroDivisionError):
        return None


def exactly(e: Expression, point: Mapping[str, Ordered]) -> Fraction:
    def day(part: Expression) -> date:
        found = AS_OF if isinstance(part, AsOf) else point[facts_in(part)[0]]
        assert isinstance(found, date)
        return found

    match e:
        case Constant(value):
            return Fraction(value)
        case FactValue(fact):
            found = point[fact]
            assert not isinstance(found, date)
            return Fraction(found)
        case Negative(operand):
            return -exactly(operand, point)
        case Arithmetic("^", left, right):
            base, exponent = exactly(left, point), exactly(right, point)
            if exponent.denominator != 1 or abs(exponent) > 12:
                raise NotExact
            return base ** int(exponent)
        case Arithmetic(operator, left, right):
            one, other = exactly(left, point), exactly(right, point)
            return {"+": one + other, "-": one - other, "*": one * other}[operator] if operator != "/" else one / other
        case Call("months_between", (start, end)):
            return Fraction(months_between(day(start), day(end)))
        case Call("years_between", (start, end)):
            return Fraction(years_between(day(start), day(end)))
        case Call("days_between", (start, end)):
            return Fraction((day(end) - day(start)).days)
        case Call("sqrt" | "ln" | "log10" | "exp"):
            raise NotExact
        case Call(function, arguments):
            x, *others = [exactly(argument, point) for argument in arguments]
            match function:
                case "min":
                    return min(x, *others)
                case "max":
                    return max(x, *others)
                case "abs":
                    return abs(x)
                case "floor":
                    return Fraction(x // 1)
                case "ceil":
                    return Fraction(-(-x // 1))
                case _:
                    return half_up(x, int(others[0]) if others else 0)
        case _:
            raise AssertionError(e)


def half_up(x: Fraction, places: int) -> Fraction:
    scale = Fraction(10) ** places
    size = max(
        n for n in (math.floor(abs(x) * scale), math.ceil(abs(x) * scale)) if n <= abs(x) * scale + Fraction(1, 2)
    )
    return Fraction(size if x > 0 else -size) / scale
