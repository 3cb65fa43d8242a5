"""The values of a formula, given the sets of values that its facts may still have.

Where the facts have few single values left, the formula is computed for each combination; else on the hull of each set,
and the result is never narrower than the truth. Numbers are exact, in base units until the end; irrational results have
12 significant digits (see `decimals`). `round` takes what lies half-way away from 0. Both engines compute by this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import reduce
from itertools import product
from math import ceil, floor
from typing import TypeAlias, cast

from guidewright.engine import intervals
from guidewright.engine.calendar_months import days_between, months_between, years_between
from guidewright.engine.decimals import TooLarge, bounded, irrational, power
from guidewright.engine.intervals import Interval, holds_negative, holds_zero, just
from guidewright.rules.dimensions import BETWEEN, counted_in, is_whole
from guidewright.rules.display import quoted
from guidewright.rules.formulas import (
    Arithmetic,
    AsOf,
    Call,
    Constant,
    Expression,
    FactValue,
    Function,
    Negative,
    facts_in,
    print_formula,
    whole_constant,
)
from guidewright.rules.model import DateType, FactType, IntegerType, QuantityType
from guidewright.rules.units import Unit, parse_unit
from guidewright.rules.values import NONE, NOTHING, Number, Ordered, Span, ValueSet, number, of_spans, span, whole_step

MOST_COMBINATIONS = 64
"""Up to so many combinations of values, a formula is computed for each."""


@dataclass(frozen=True, slots=True)
class Computed:
    """The values that a formula may have, in the unit of its fact and not cut to its range.

    With a `problem` nothing is computed: `values` is empty, the fact is unknown for this reason, and `none` says
    whether there may also be no value at all, because an input may not apply. Else `none` is as in `values`.
    """

    values: ValueSet
    problem: str | None = None
    none: bool = False


def evaluate(
    e: Expression,
    known: Callable[[str], ValueSet],
    fact_types: Mapping[str, FactType],
    as_of: date,
    result: FactType,
    empirical: bool,
) -> Computed:
    """The values of a formula that `check_dimensions` passed, for a fact of type `result` (an integer or a quantity).

    `known` gives the values that a fact may still have. A fact that is surely none makes the result none; one that may
    be none adds none to it. Nothing is raised: a divisor that may be zero, the logarithm of what may be negative, a
    number of more than 400 digits or a fact without any value left are a `problem`.
    """
    facts = facts_in(e)
    inputs = {fact: known(fact) for fact in facts}
    if any(values == NONE for values in inputs.values()):
        return Computed(NONE, none=True)
    none = any(values.none for values in inputs.values())
    for fact, values in inputs.items():
        if not values.spans:
            return Computed(NOTHING, f"`{fact}` has no possible value", none)
    scope = _Scope(fact_types, as_of, result, empirical)
    points = _points(inputs, fact_types)
    try:
        if points is None:
            spans = [_over_all(e, inputs, scope)]
        else:
            spans = [_at_one(e, dict(zip(facts, values, strict=True)), scope) for values in product(*points)]
    except _Trouble as trouble:
        sure = points is not None and all(len(values) == 1 for values in points)
        return Computed(NOTHING, trouble.text(sure), none)
    step = whole_step if isinstance(result, IntegerType) else None
    return Computed(of_spans(spans, none, step), none=none)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a formula is computed with, beside the values of its facts."""

    fact_types: Mapping[str, FactType]
    as_of: date
    result: FactType
    empirical: bool

    def factor(self, unit: Unit | None) -> Fraction | int:
        return 1 if self.empirical or unit is None else unit.factor

    def of_fact(self, fact: str) -> Fraction | int:
        kind = self.fact_types[fact]
        return self.factor(kind.unit) if isinstance(kind, QuantityType) else 1

    def of_unit(self, text: str) -> Fraction | int:
        return self.factor(cast(Unit, parse_unit(text))) if text else 1

    def of_result(self) -> Fraction | int:
        return self.factor(self.result.unit) if isinstance(self.result, QuantityType) else 1

    def of_rounding(self, e: Call) -> Fraction | int:
        return 1 if self.empirical else counted_in(e, self.fact_types, self.result).factor


class _Trouble(Exception):
    """Why there is no result: `subject` is, or may be, `what`. Never leaves this module."""

    def __init__(self, subject: Expression, what: str) -> None:
        super().__init__()
        self.subject = subject
        self.what = what

    def text(self, sure: bool) -> str:
        return f"{quoted(print_formula(self.subject))} {'is' if sure else 'may be'} {self.what}"


def _points(inputs: Mapping[str, ValueSet], fact_types: Mapping[str, FactType]) -> Sequence[Sequence[Ordered]] | None:
    """The single values of each fact, or `None` where they are too many."""
    combinations = 1
    points: list[list[Ordered]] = []
    for fact, values in inputs.items():
        discrete = isinstance(fact_types[fact], IntegerType | DateType)
        single = _single_values(values, discrete, MOST_COMBINATIONS // combinations)
        if single is None:
            return None
        combinations *= len(single)
        points.append(single)
    return points


def _single_values(values: ValueSet, discrete: bool, most: int) -> list[Ordered] | None:
    found: list[Ordered] = []
    for run in values.spans:
        if run.low is None or run.high is None or not (discrete or run.low == run.high):
            return None
        value = run.low
        while value <= run.high:  # type: ignore[operator]
            if len(found) == most:
                return None
            found.append(value)
            if value == run.high:
                break
            value = whole_step(value, 1)
    return found


# --- for single values

_Point: TypeAlias = Mapping[str, Ordered]


def _at_one(e: Expression, point: _Point, scope: _Scope) -> Span:
    value, factor = _at(e, point, scope), scope.of_result()
    value = number(value if factor == 1 else Fraction(value) / factor)
    if isinstance(scope.result, IntegerType) and not isinstance(value, int):
        raise _Trouble(e, "no whole number")
    return Span(value, value)


def _at(e: Expression, point: _Point, scope: _Scope) -> Number:
    try:
        match e:
            case Constant(value, unit):
                return value * scope.of_unit(unit)
            case FactValue(fact):
                return cast(Number, point[fact]) * scope.of_fact(fact)
            case Negative(operand):
                return -_at(operand, point, scope)
            case Arithmetic("+", left, right):
                return bounded(_at(left, point, scope) + _at(right, point, scope))
            case Arithmetic("-", left, right):
                return bounded(_at(left, point, scope) - _at(right, point, scope))
            case Arithmetic("*", left, right):
                return bounded(_at(left, point, scope) * _at(right, point, scope))
            case Arithmetic("/", left, right):
                divisor = _at(right, point, scope)
                if divisor == 0:
                    raise _Trouble(right, "zero")
                return bounded(Fraction(_at(left, point, scope)) / divisor)
            case Arithmetic(_, left, right):
                return _power_at(left, _at(left, point, scope), _at(right, point, scope))
            case Call(function, (start, end)) if function in BETWEEN:
                count = _COUNT[function](_day(start, point, scope), _day(end, point, scope))
                return count * scope.of_unit(BETWEEN[function])
            case Call(function, arguments):
                values = [_at(argument, point, scope) for argument in arguments[: 1 if function == "round" else None]]
                return _call_at(e, function, values, scope)
            case AsOf():
                raise AssertionError("a day is no number: the dimension check has passed it")
    except TooLarge:
        raise _Trouble(e, "too large to compute") from None


def _power_at(e: Expression, base: Number, exponent: Number) -> Number:
    if exponent == 0:
        return 1
    if base == 0:
        if exponent < 0:
            raise _Trouble(e, "zero")
        return 0
    if base < 0 and exponent.denominator != 1:
        raise _Trouble(e, "negative")
    return power(base, exponent)


def _call_at(e: Call, function: Function, values: Sequence[Number], scope: _Scope) -> Number:
    x = values[0]
    match function:
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "abs":
            return x if x >= 0 else -x
        case "round" | "floor" | "ceil":
            unit = scope.of_rounding(e)
            return _STEPS[function](Fraction(x) / unit, _decimals(e)) * unit
        case "sqrt" if x < 0:
            raise _Trouble(e.arguments[0], "negative")
        case "ln" | "log10" if x <= 0:
            raise _Trouble(e.arguments[0], "zero or negative")
        case "sqrt" | "ln" | "log10" | "exp":
            return irrational(function, x)
        case _:
            raise AssertionError(function)


def _day(e: Expression, point: _Point, scope: _Scope) -> date:
    return scope.as_of if isinstance(e, AsOf) else cast(date, point[cast(FactValue, e).fact])


_COUNT: Mapping[Function, Callable[[date, date], Number]] = {
    "months_between": months_between,
    "days_between": days_between,
    "years_between": years_between,
}
_STEPS: Mapping[Function, Callable[[Number, int], Number]] = {
    "round": intervals.rounded,
    "floor": lambda x, _: floor(x),
    "ceil": lambda x, _: ceil(x),
}


def _decimals(e: Call) -> int:
    return (whole_constant(e.arguments[1]) or 0) if len(e.arguments) == 2 else 0


# --- for hulls

_Box: TypeAlias = Mapping[str, Span]


def _over_all(e: Expression, inputs: Mapping[str, ValueSet], scope: _Scope) -> Span | None:
    box = {fact: _hull(values) for fact, values in inputs.items()}
    found = intervals.times(_over(e, box, scope), just(1 / Fraction(scope.of_result())))
    if isinstance(scope.result, IntegerType) and not is_whole(e, scope.fact_types, scope.empirical):
        raise _Trouble(e, "no whole number")
    return span(found.low, found.high, found.low_open, found.high_open)


def _hull(values: ValueSet) -> Span:
    first, last = values.spans[0], values.spans[-1]
    return Span(first.low, last.high, first.low_open, last.high_open)


def _over(e: Expression, box: _Box, scope: _Scope) -> Interval:
    try:
        match e:
            case Constant(value, unit):
                return just(value * scope.of_unit(unit))
            case FactValue(fact):
                run = box[fact]
                low, high = cast(Number | None, run.low), cast(Number | None, run.high)
                values = Interval(low, high, run.low_open, run.high_open)
                return intervals.times(values, just(scope.of_fact(fact)))
            case Negative(operand):
                return intervals.negative(_over(operand, box, scope))
            case Arithmetic("+", left, right):
                return intervals.plus(_over(left, box, scope), _over(right, box, scope))
            case Arithmetic("-", left, right):
                return intervals.plus(_over(left, box, scope), intervals.negative(_over(right, box, scope)))
            case Arithmetic("*", left, right):
                return intervals.times(_over(left, box, scope), _over(right, box, scope))
            case Arithmetic("/", left, right):
                divisor = _over(right, box, scope)
                if holds_zero(divisor):
                    raise _Trouble(right, "zero")
                return intervals.times(_over(left, box, scope), intervals.reciprocal(divisor))
            case Arithmetic(_, left, right):
                return _power_over(left, _over(left, box, scope), _over(right, box, scope))
            case Call(function, (start, end)) if function in BETWEEN:
                count = _count_over(function, _days(start, box, scope), _days(end, box, scope))
                return intervals.times(count, just(scope.of_unit(BETWEEN[function])))
            case Call(function, arguments):
                runs = [_over(argument, box, scope) for argument in arguments[: 1 if function == "round" else None]]
                return _call_over(e, function, runs, scope)
            case AsOf():
                raise AssertionError("a day is no number: the dimension check has passed it")
    except TooLarge:
        raise _Trouble(e, "too large to compute") from None


def _power_over(e: Expression, base: Interval, exponent: Interval) -> Interval:
    only = intervals.point(exponent)
    if only is not None and only.denominator == 1:
        if only < 0 and holds_zero(base):
            raise _Trouble(e, "zero")
        return intervals.whole_power(base, only.numerator)
    if holds_negative(base):
        raise _Trouble(e, "negative")
    if holds_zero(base) and (holds_negative(exponent) or holds_zero(exponent)):
        raise _Trouble(e, "zero")
    return intervals.real_power(base, exponent)


def _call_over(e: Call, function: Function, runs: Sequence[Interval], scope: _Scope) -> Interval:
    a = runs[0]
    match function:
        case "min":
            return reduce(intervals.least_of, runs)
        case "max":
            return reduce(intervals.greatest_of, runs)
        case "abs":
            return intervals.absolute(a)
        case "round" | "floor" | "ceil":
            unit = Fraction(scope.of_rounding(e))
            decimals = _decimals(e)
            step = Fraction(10) ** -decimals / 2
            counted = intervals.times(a, just(1 / unit))
            stepped = intervals.in_steps(counted, lambda x: _STEPS[function](x, decimals), step)
            return intervals.times(stepped, just(unit))
        case "sqrt" if holds_negative(a):
            raise _Trouble(e.arguments[0], "negative")
        case "ln" | "log10" if holds_negative(a) or holds_zero(a):
            raise _Trouble(e.arguments[0], "zero or negative")
        case "sqrt" | "ln" | "log10" | "exp":
            return intervals.increasing(function, a)
        case _:
            raise AssertionError(function)


def _days(e: Expression, box: _Box, scope: _Scope) -> Span:
    return Span(scope.as_of, scope.as_of) if isinstance(e, AsOf) else box[cast(FactValue, e).fact]


def _count_over(function: Function, start: Span, end: Span) -> Interval:
    """Counted from the latest start to the earliest end, and from the earliest start to the latest end."""
    count = _COUNT[function]

    def between(one: Ordered | None, other: Ordered | None) -> Number | None:
        return None if one is None or other is None else count(cast(date, one), cast(date, other))

    low, high = between(start.high, end.low), between(start.low, end.high)
    return Interval(low, high, low is None, high is None)
