"""Arithmetic on runs of numbers: a run that holds every result of every choice of numbers from the operands.

Nothing is lost: where a result cannot be told apart from the true run, it is as wide or wider. Ends may be open or
unbounded, and are exact but for irrational functions, which round them outward (see `decimals`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import TypeAlias

from guidewright.engine.decimals import (
    EXACT_EXPONENT,
    Irrational,
    above,
    below,
    bounded,
    nearest,
    power,
    power_above,
    power_below,
)
from guidewright.rules.values import Number


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers from `low` to `high`; an end that is `None` is unbounded (and then its `open` flag is true)."""

    low: Number | None
    high: Number | None
    low_open: bool = False
    high_open: bool = False

    @property
    def point(self) -> Number | None:
        """The only number, where there is only one."""
        return self.low if self.low == self.high else None


def just(value: Number) -> Interval:
    return Interval(value, value)


def holds_zero(a: Interval) -> bool:
    return not_negative_part(a) and (a.low is None or a.low < 0 or (a.low == 0 and not a.low_open))


def not_negative_part(a: Interval) -> bool:
    """Whether a number of the run is 0 or more."""
    return a.high is None or a.high > 0 or (a.high == 0 and not a.high_open)


def holds_negative(a: Interval) -> bool:
    return a.low is None or a.low < 0


# --- the four operations


def negative(a: Interval) -> Interval:
    low, high = (None if end is None else -end for end in (a.high, a.low))
    return Interval(low, high, a.high_open, a.low_open)


def plus(a: Interval, b: Interval) -> Interval:
    low = None if a.low is None or b.low is None else bounded(a.low + b.low)
    high = None if a.high is None or b.high is None else bounded(a.high + b.high)
    return Interval(low, high, a.low_open or b.low_open, a.high_open or b.high_open)


_Corner: TypeAlias = tuple[Number | float, bool]
"""A number or an infinity, and whether it is only approached."""


def times(a: Interval, b: Interval) -> Interval:
    corners = [_product(x, y) for x in _ends(a) for y in _ends(b)]
    return _between(corners)


def _ends(a: Interval) -> tuple[_Corner, _Corner]:
    return (-inf if a.low is None else a.low, a.low_open), (inf if a.high is None else a.high, a.high_open)


def _product(x: _Corner, y: _Corner) -> _Corner:
    (one, one_open), (other, other_open) = x, y
    if one == 0 or other == 0:
        # Zero times anything is zero; times what grows without end, the other corners tell.
        return 0, not ((one == 0 and not one_open) or (other == 0 and not other_open))
    if isinstance(one, float) or isinstance(other, float):
        return (inf if (one > 0) == (other > 0) else -inf), True
    return bounded(one * other), one_open or other_open


def _between(corners: list[_Corner]) -> Interval:
    """The run from the least corner to the greatest; one that is reached counts before one that is approached."""
    least, low_open = min(corners)
    most, high_open = max(corners, key=lambda corner: (corner[0], not corner[1]))
    low = None if isinstance(least, float) else least
    high = None if isinstance(most, float) else most
    return Interval(low, high, low_open or low is None, high_open or high is None)


def reciprocal(a: Interval) -> Interval:
    """One divided by the run, which does not hold 0."""
    low = None if a.high == 0 else 0 if a.high is None else Fraction(1) / a.high
    high = None if a.low == 0 else 0 if a.low is None else Fraction(1) / a.low
    return Interval(low, high, a.high_open, a.low_open)


# --- choosing, rounding


def least_of(a: Interval, b: Interval) -> Interval:
    """The smaller of two numbers."""
    (low, low_open), (high, high_open) = min(_ends(a)[0], _ends(b)[0]), _lower(_ends(a)[1], _ends(b)[1])
    return _between([(low, low_open), (high, high_open)])


def _lower(x: _Corner, y: _Corner) -> _Corner:
    """Of two upper ends the lower; where they are equal it is reached only if both are."""
    return min(x, y, key=lambda corner: (corner[0], not corner[1]))


def greatest_of(a: Interval, b: Interval) -> Interval:
    """The greater of two numbers."""
    return negative(least_of(negative(a), negative(b)))


def absolute(a: Interval) -> Interval:
    if not holds_negative(a):
        return a
    if not not_negative_part(a):
        return negative(a)
    return greatest_of(a, negative(a)) if not holds_zero(a) else _from_zero(a)


def _from_zero(a: Interval) -> Interval:
    high, high_open = max((_ends(negative(a))[1], _ends(a)[1]), key=lambda corner: (corner[0], not corner[1]))
    return _between([(0, False), (high, high_open)])


def rounded(x: Number, decimals: int) -> Number:
    """To so many decimals; what lies half-way goes away from zero, as taught at school: 2.5 becomes 3 and -2.5 becomes -3."""
    scale = Fraction(10) ** decimals
    return Fraction(_half_away(x * scale)) / scale


def _half_away(x: Number) -> int:
    whole = (2 * abs(x) + 1) // 2
    return int(whole if x >= 0 else -whole)


def in_steps(a: Interval, function: Callable[[Number], Number], step: Number) -> Interval:
    """A function that never falls and has steps at multiples of half of `step`: `round`, `floor` or `ceil`.

    Just within an open end it is what it is anywhere between that end and the next possible step.
    """
    inside = Fraction(step) / 4
    low = None if a.low is None else function(_within(a.low, inside)) if a.low_open else function(a.low)
    high = None if a.high is None else function(-_within(-a.high, inside)) if a.high_open else function(a.high)
    return Interval(low, high, low is None, high is None)


def _within(end: Number, inside: Fraction) -> Number:
    """A number above `end` with no multiple of twice `inside` between the two."""
    return ((Fraction(end) // (2 * inside)) * 2 + 1) * inside if end % (2 * inside) < inside else end
