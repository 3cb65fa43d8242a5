"""Tests that the rule engine makes itself: it compares a known value with an author's literal, both as whole numbers.

Only whole numbers of 32 bits go into the engine (`rete_host` says why). A date goes in as its day, a choice as its
place among the options, a quantity in parts of its unit so small that every literal, and three decimals of a value, are
whole. Nothing is rounded: a value that is not whole even so, or too large, has its tests settled by `check_truth`, as a
fact with several values left has, and goes in as the truths of these tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm

from guidewright.engine.rete_host import Pattern
from guidewright.rules.conditions import Check, Compare, IsNone, Literal, OneOf, Record, SaidAs, Within
from guidewright.rules.domains import precise_options
from guidewright.rules.model import (
    BooleanType,
    ChoicesType,
    ChoiceType,
    DateType,
    FactType,
    IntegerType,
    QuantityType,
    TextType,
)
from guidewright.rules.values import Value

# The engine reads a literal into a C `long`, which has 32 bits on some systems.
_LARGEST = 2**31 - 1
_DECIMALS = 10**3
_MOST_LITERALS = 20

_FAILS = {"<": "$gte", "<=": "$gt", ">": "$lte", ">=": "$lt"}
_PASSES = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


@dataclass(frozen=True, slots=True)
class Code:
    """How the values of a fact become whole numbers: the place of a choice, or a number of parts of the unit."""

    places: Mapping[Value, int] | None
    parts: int = 1

    def number(self, value: Value) -> int | None:
        """The whole number that stands for a value, or `None` where there is none of 32 bits."""
        if self.places is not None:
            return self.places.get(value)
        if isinstance(value, date):
            return value.toordinal()
        if not isinstance(value, int | Fraction):
            return None
        found = value * self.parts
        return found.numerator if found.denominator == 1 and -_LARGEST <= found <= _LARGEST else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two rules of a test, for true and for false. At most `pending` of their conditions hold at a time."""

    passes: Pattern
    fails: Pattern
    pending: int


def code_of(kind: FactType, checks: Sequence[Check]) -> Code | None:
    """How the values of a fact with these tests become whole numbers, or `None` where they do not."""
    match kind:
        case BooleanType():
            return Code({False: 0, True: 1})
        case ChoiceType():
            return Code({option: place for place, option in enumerate(precise_options(kind))})
        case DateType():
            return Code(None)
        case IntegerType() | QuantityType():
            numbers = [value for check in checks for value in _values(check) if isinstance(value, int | Fraction)]
            least = lcm(*(number.denominator for number in numbers))
            finer = lcm(least, _DECIMALS) if isinstance(kind, QuantityType) else least
            fits = (
                parts for parts in (finer, least) if all(-_LARGEST <= number * parts <= _LARGEST for number in numbers)
            )
            return next((Code(None, parts) for parts in fits), None)
        case ChoicesType() | TextType():
            return None


def comparison(check: Check, name: str, code: Code) -> Comparison | None:
    """The two rules of a test of the property `name`, or `None` where the engine cannot make it."""

    def of(literal: Literal) -> int | None:
        return code.number(literal.value)

    match check:
        case OneOf(literals):
            numbers = [number for literal in literals if (number := of(literal)) is not None]
            if not 0 < len(numbers) == len(literals) <= _MOST_LITERALS:
                return None
            passes: list[Pattern] = [{name: number} for number in dict.fromkeys(numbers)]
            fails: list[Pattern] = [{"$neq": {name: number}} for number in dict.fromkeys(numbers)]
            if len(passes) == 1:
                return Comparison(passes[0], fails[0], 1)
            return Comparison({"$or": passes}, {"$and": fails}, len(passes) + 1)
        case Compare("!=", literal) if (number := of(literal)) is not None:
            return Comparison({"$neq": {name: number}}, {name: number}, 1)
        case Compare(operator, literal) if operator != "!=" and (number := of(literal)) is not None:
            return Comparison({_PASSES[operator]: {name: number}}, {_FAILS[operator]: {name: number}}, 1)
        case Within(low, high, low_open, high_open):
            least, most = of(low), of(high)
            if least is None or most is None:
                return None
            above, below = "$gt" if low_open else "$gte", "$lt" if high_open else "$lte"
            not_above, not_below = "$lte" if low_open else "$lt", "$gte" if high_open else "$gt"
            return Comparison(
                {"$and": [{above: {name: least}}, {below: {name: most}}]},
                {"$or": [{not_above: {name: least}}, {not_below: {name: most}}]},
                3,
            )
        case _:
            return None


def _values(check: Check) -> list[Value]:
    match check:
        case OneOf(literals):
            return [literal.value for literal in literals]
        case Compare(_, literal):
            return [literal.value]
        case Within(low, high):
            return [low.value, high.value]
        case IsNone() | Record() | SaidAs():
            return []
