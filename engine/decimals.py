"""Numbers that stay finite in size: exact up to 400 digits, and irrational results to twelve significant digits.

`sqrt`, `ln`, `log10`, `exp` and powers whose exponent is not a whole number up to 12 rarely give a number that can be
written down. Their result is the decimal number of 12 significant digits that is nearest to the true one, on every
machine alike. Where a run of numbers is computed, its ends are rounded outward instead, so that neither the true value
nor the rounded one of any number within can fall outside.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, Inexact
from fractions import Fraction
from math import isqrt
from typing import Literal as OneWordOf
from typing import TypeAlias

from guidewright.rules.values import Number, number

Irrational = OneWordOf["sqrt", "ln", "log10", "exp"]
Towards = OneWordOf["nearest", "down", "up"]

EXACT_EXPONENT = 12
"""Whole powers up to this one (and down to its negative) are exact."""

_DIGITS = 12
_LARGEST = 10**400
_SMALLEST = Fraction(1, 10**380)
#: e to this power is far above the largest number, and to its negative far below the smallest.
_LARGEST_LOGARITHM = 1_000
_PRECISIONS = (30, 60, 450)
_EXACT_BITS = 50_000
_ROUNDINGS = {"nearest": ROUND_HALF_EVEN, "down": ROUND_FLOOR, "up": ROUND_CEILING}

_Enclosure: TypeAlias = tuple[Decimal, Decimal]


class TooLarge(Exception):
    """A number that no quantity of this world needs."""


def bounded(value: Number) -> Number:
    """The number itself. Raises TooLarge where its numerator or denominator has more than 400 digits."""
    if isinstance(value, int):
        if -_LARGEST < value < _LARGEST:
            return value
    elif -_LARGEST < value.numerator < _LARGEST and value.denominator < _LARGEST:
        return value
    raise TooLarge


def irrational(function: Irrational, x: Number, towards: Towards = "nearest") -> Number:
    """The function of a number within its domain, to 12 significant digits; a rational root exactly, unless directed.

    What is closer to 0 than 1e-380 becomes 0, or that, if directed away from 0. Raises TooLarge.
    """
    if function == "sqrt" and towards == "nearest":
        numerator, denominator = isqrt(x.numerator), isqrt(x.denominator)
        if numerator**2 == x.numerator and denominator**2 == x.denominator:
            return number(Fraction(numerator, denominator))
    return _resolved(lambda precision: _enclosed(function, x, precision), towards)


def power(base: Number, exponent: Number, towards: Towards = "nearest") -> Number:
    """A power of a number above 0, or of any number but 0 if the exponent is whole, to 12 significant digits.

    Exact where the exponent is a whole number from -12 to 12, unless directed. Small results are as with `irrational`.
    Raises TooLarge.
    """
    if exponent.denominator != 1:
        return _resolved(lambda precision: _enclosed_power(base, exponent, precision), towards)
    whole = exponent.numerator
    if towards == "nearest" and abs(whole) <= EXACT_EXPONENT:
        return number(bounded(Fraction(base) ** whole))
    if max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(whole) <= _EXACT_BITS:
        return _rounded(_divided(Fraction(base) ** whole, _DIGITS, _ROUNDINGS[towards]), towards)
    if base < 0 and whole % 2:
        opposite: Towards = "nearest" if towards == "nearest" else "down" if towards == "up" else "up"
        return -power(-base, whole, opposite)
    positive = base if base > 0 else -base
    return _resolved(lambda precision: _enclosed_power(positive, whole, precision), towards)


# --- enclosures: two decimal numbers between which the true one lies


def _enclosed(function: Irrational, x: Number, precision: int) -> _Enclosure:
    return (
        _enclosed_one(function, _divided(x, precision, ROUND_FLOOR), precision)[0],
        _enclosed_one(function, _divided(x, precision, ROUND_CEILING), precision)[1],
    )


def _enclosed_one(function: Irrational, x: Decimal, precision: int) -> _Enclosure:
    """The function of a decimal number. The decimal module rounds these four correctly, to the nearest."""
    context = Context(prec=precision, traps=[])
    if function == "exp" and abs(x) > _LARGEST_LOGARITHM:
        if x > 0:
            raise TooLarge
        x = Decimal(-_LARGEST_LOGARITHM)  # rounds like anything below
    functions = {"sqrt": context.sqrt, "ln": context.ln, "log10": context.log10, "exp": context.exp}
    value = functions[function](x)
    if context.flags[Inexact]:
        return context.next_minus(value), context.next_plus(value)
    return value, value


def _enclosed_power(base: Number, exponent: Number, precision: int) -> _Enclosure:
    """By logarithms: both are enclosed, and so is their product."""
    low, high = _enclosed("ln", base, precision)
    floor, ceiling = Context(prec=precision, rounding=ROUND_FLOOR), Context(prec=precision, rounding=ROUND_CEILING)
    exponents = _divided(exponent, precision, ROUND_FLOOR), _divided(exponent, precision, ROUND_CEILING)
    least = min(floor.multiply(logarithm, factor) for logarithm in (low, high) for factor in exponents)
    most = max(ceiling.multiply(logarithm, factor) for logarithm in (low, high) for factor in exponents)
    return _enclosed_one("exp", least, precision)[0], _enclosed_one("exp", most, precision)[1]


def _divided(x: Number, precision: int, rounding: str) -> Decimal:
    context = Context(prec=precision, rounding=rounding)
    return context.divide(Decimal(x.numerator), Decimal(x.denominator))


# --- rounding to twelve digits


def _resolved(enclosed: Callable[[int], _Enclosure], towards: Towards) -> Number:
    """Rounds as soon as both ends of an enclosure round alike.

    Where they never do, the true value is a number of 12 digits, or half-way between two: with 450 digits it cannot be
    told from that, and the nearest such number is taken whatever the direction.
    """
    low = high = Decimal(0)
    for precision in _PRECISIONS:
        low, high = enclosed(precision)
        rounded = _rounded(low, towards)
        if rounded == _rounded(high, towards):
            return rounded
    return _rounded(high, "nearest")


def _rounded(value: Decimal, towards: Towards) -> Number:
    rounded = Fraction(Context(prec=_DIGITS, rounding=_ROUNDINGS[towards]).plus(value))
    if abs(rounded) >= _LARGEST:
        raise TooLarge
    if abs(rounded) >= _SMALLEST or rounded == 0:
        return number(rounded)
    if towards == "nearest" or (rounded > 0) != (towards == "up"):
        return 0
    return number(_SMALLEST if rounded > 0 else -_SMALLEST)
