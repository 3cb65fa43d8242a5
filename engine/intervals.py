"""Arithmetic on runs of numbers: a run that holds every result of every choice of numbers from the operands.

Nothing is lost: where the true run cannot be told, the result is wider. Ends may be open or unbounded. They are exact,
but for irrational functions, which round them outward (see `decimals`) and so are always reached.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import TypeAlias

from guidewright.engine.decimals import EXACT_EXPONENT, Irrational, Towards, bounded, irrational, power
from guidewright.rules.values import Number, number


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers from `low` to `high`; an end that is `None` is unbounded, and then its `open` flag is true."""

    low: Number | None
    high: Number | None
    low_open: bool = False
    high_open: bool = False


def just(value: Number) -> Interval:
    return Interval(value, value)


def point(a: Interval) -> Number | None:
    """The only number, where there is only one."""
    return a.low if a.low == a.high else None


def holds_negative(a: Interval) -> bool:
    return a.low is None or a.low < 0


def holds_zero(a: Interval) -> bool:
    up_to_zero = a.low is None or a.low < 0 or (a.low == 0 and not a.low_open)
    return up_to_zero and (a.high is None or a.high > 0 or (a.high == 0 and not a.high_open))


# An end, perhaps an infinity, and whether it is only approached. Sorted, an end that is reached comes first.
_End: TypeAlias = tuple[Number | float, bool]


def _low(a: Interval) -> _End:
    return (-inf, True) if a.low is None else (a.low, a.low_open)


def _high(a: Interval) -> _End:
    return (inf, True) if a.high is None else (a.high, a.high_open)


def _reached_last(end: _End) -> tuple[Number | float, bool]:
    return end[0], not end[1]


def _between(low: _End, high: _End) -> Interval:
    return Interval(
        None if isinstance(low[0], float) else number(low[0]),
        None if isinstance(high[0], float) else number(high[0]),
        low[1] or isinstance(low[0], float),
        high[1] or isinstance(high[0], float),
    )


# --- the four operations


def negative(a: Interval) -> Interval:
    low, high = (None if end is None else -end for end in (a.high, a.low))
    return Interval(low, high, a.high_open, a.low_open)


def plus(a: Interval, b: Interval) -> Interval:
    low = None if a.low is None or b.low is None else number(bounded(a.low + b.low))
    high = None if a.high is None or b.high is None else number(bounded(a.high + b.high))
    return Interval(low, high, a.low_open or b.low_open, a.high_open or b.high_open)


def times(a: Interval, b: Interval) -> Interval:
    corners = [_product(x, y) for x in (_low(a), _high(a)) for y in (_low(b), _high(b))]
    return _between(min(corners), max(corners, key=_reached_last))


def _product(x: _End, y: _End) -> _End:
    (one, one_open), (other, other_open) = x, y
    if one == 0 or other == 0:
        # Where the other end is infinite, its own run goes from there to a finite end, and that corner tells the rest.
        return 0, not ((one == 0 and not one_open) or (other == 0 and not other_open))
    if isinstance(one, float) or isinstance(other, float):
        return inf if (one > 0) == (other > 0) else -inf, True
    return bounded(one * other), one_open or other_open


def reciprocal(a: Interval) -> Interval:
    """One divided by a run that does not hold 0."""
    low = None if a.high == 0 else 0 if a.high is None else number(Fraction(1) / a.high)
    high = None if a.low == 0 else 0 if a.low is None else number(Fraction(1) / a.low)
    return Interval(low, high, a.high_open, a.low_open)


# --- comparing and rounding


def least_of(a: Interval, b: Interval) -> Interval:
    """The smaller of two numbers. Of two equal upper ends it reaches what both reach."""
    return _between(min(_low(a), _low(b)), min(_high(a), _high(b), key=_reached_last))


def greatest_of(a: Interval, b: Interval) -> Interval:
    """The greater of two numbers."""
    return negative(least_of(negative(a), negative(b)))


def absolute(a: Interval) -> Interval:
    if not holds_negative(a):
        return a
    if not holds_zero(a):
        return negative(a)
    return _between((0, False), max(_high(a), _high(negative(a)), key=_reached_last))


def rounded(x: Number, decimals: int) -> Number:
    """To so many decimals; what lies half-way goes away from 0, as taught at school: 2.5 to 3, and -2.5 to -3."""
    scale = Fraction(10) ** decimals
    steps = (2 * abs(x * scale) + 1) // 2
    return number((steps if x >= 0 else -steps) / scale)


def in_steps(a: Interval, function: Callable[[Number], Number], step: Number) -> Interval:
    """A function that never falls and is constant between multiples of `step`: `round`, `floor` or `ceil`."""
    low = None if a.low is None else function(_just_above(a.low, step) if a.low_open else a.low)
    high = None if a.high is None else function(-_just_above(-a.high, step) if a.high_open else a.high)
    return Interval(low, high, low is None, high is None)


def _just_above(x: Number, step: Number) -> Number:
    """A number between `x` and the next multiple of `step`."""
    return (x + (x // step + 1) * step) / Fraction(2)


# --- irrational functions and powers


def increasing(function: Irrational, a: Interval) -> Interval:
    """A function that always rises, of a run within its domain."""
    only = point(a)
    if only is not None:
        return just(irrational(function, only))
    if a.low is None:
        low: Number | None = 0 if function == "exp" else None
    else:
        low = None if a.low == 0 and function in ("ln", "log10") else irrational(function, a.low, "down")
    high = None if a.high is None else irrational(function, a.high, "up")
    return Interval(low, high, low is None, high is None)


def whole_power(a: Interval, exponent: int) -> Interval:
    """A power of a run; of one that does not hold 0, if the exponent is negative."""
    if exponent == 0:
        return just(1)
    size = absolute(a)
    if abs(exponent) <= EXACT_EXPONENT:
        sizes = _exact_power(size, abs(exponent))
        sizes = reciprocal(sizes) if exponent < 0 else sizes
    else:
        sizes = real_power(size, just(exponent))
    if exponent % 2 == 0 or not holds_negative(a):
        return sizes
    if not holds_zero(a):
        return negative(sizes)
    # Below and above 0 alike it rises, and the exponent is positive.
    below_zero = whole_power(Interval(0, None if a.low is None else -a.low, False, a.low_open), exponent)
    above_zero = whole_power(Interval(0, a.high, False, a.high_open), exponent)
    return Interval(negative(below_zero).low, above_zero.high, below_zero.high_open, above_zero.high_open)


def _exact_power(a: Interval, exponent: int) -> Interval:
    low = None if a.low is None else number(bounded(a.low**exponent))
    high = None if a.high is None else number(bounded(a.high**exponent))
    return Interval(low, high, a.low_open, a.high_open)


def real_power(a: Interval, b: Interval) -> Interval:
    """A power of a run without negative numbers; without 0, if the exponent may be 0 or negative."""
    base, exponent = point(a), point(b)
    if base is not None and exponent is not None and base > 0:
        return just(power(base, exponent))
    # For each base it rises or falls with the exponent, for each exponent with the base: corners tell all.
    corners = [(x[0], y[0]) for x in (_low(a), _high(a)) for y in (_low(b), _high(b))]
    low = min(_corner(x, y, "down") for x, y in corners)
    high = max(_corner(x, y, "up") for x, y in corners)
    return _between((low, False), (high, False))


def _corner(x: Number | float, y: Number | float, towards: Towards) -> Number | float:
    """What a power comes close to where the exponent comes close to `y` and then the base to `x`."""
    if y == 0 or x == 1:
        return 1
    if x == 0 or isinstance(x, float):
        return 0 if (x == 0) == (y > 0) else inf
    if isinstance(y, float):
        return inf if (x > 1) == (y > 0) else 0
    return power(x, y, towards)
