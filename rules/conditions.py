"""Conditions as data: one closed sum type that every engine, explanation and picture reads.

A condition is a test of one fact, or `AllOf`, `AnyOf`, `Not` of conditions. Places are carried for messages and
take no part in equality.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as OneWordOf

from guidewright.rules.diagnostics import Place
from guidewright.rules.values import Value

Operator = OneWordOf["<", "<=", ">", ">=", "!="]
RecordWord = OneWordOf["known", "unknown", "uncertain"]


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that an author wrote, in the unit of its fact; `parameter` names the parameter that it came from."""

    value: Value
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class OneOf:
    """Equals one of these values. For a `choices` fact: contains one of them."""

    literals: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    operator: Operator
    literal: Literal


@dataclass(frozen=True, slots=True)
class Within:
    low: Literal
    high: Literal
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class IsNone:
    """There is no such value: the fact does not apply."""


@dataclass(frozen=True, slots=True)
class Record:
    """A two-valued test about the record: `known`, `unknown` or `uncertain`."""

    word: RecordWord


@dataclass(frozen=True, slots=True)
class SaidAs:
    """A two-valued test about the record: it says this imprecise value."""

    value: str


Check = OneOf | Compare | Within | IsNone | Record | SaidAs


@dataclass(frozen=True, slots=True)
class Test:
    fact: str
    check: Check
    place: Place | None = field(default=None, compare=False, repr=False)

    __test__ = False  # pytest would otherwise collect it


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = Test | AllOf | AnyOf | Not

ALWAYS = AllOf(())


def tests_of(condition: Condition) -> Iterator[Test]:
    """Every test in a condition, in the author's order."""
    match condition:
        case Test():
            yield condition
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from tests_of(part)
        case Not(part):
            yield from tests_of(part)


def facts_of(condition: Condition) -> tuple[str, ...]:
    """The facts that a condition names, each once, in the author's order."""
    return tuple(dict.fromkeys(test.fact for test in tests_of(condition)))


def negated(condition: Condition) -> Condition:
    """The condition that is true where this is false, false where it is true, and open where it is open."""
    match condition:
        case Not(part):
            return part
        case AllOf(parts):
            return AnyOf(tuple(negated(part) for part in parts))
        case AnyOf(parts):
            return AllOf(tuple(negated(part) for part in parts))
        case Test():
            # `not (x < 5)` is more than `x >= 5`: it also holds where the fact is none.
            return Not(condition)


def is_about_the_record(test: Test) -> bool:
    """Whether a test asks what is recorded (two-valued) rather than what is so (three-valued)."""
    return isinstance(test.check, Record | SaidAs)


def without_names(condition: Condition) -> Condition:
    """The condition with the values of its parameters, whatever these are called."""
    match condition:
        case Test(fact, check):
            return Test(fact, _without_names(check))
        case Not(part):
            return Not(without_names(part))
        case AllOf(parts):
            return AllOf(tuple(map(without_names, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(without_names, parts)))


def _without_names(check: Check) -> Check:
    match check:
        case OneOf(literals):
            return OneOf(tuple(Literal(literal.value) for literal in literals))
        case Compare(operator, literal):
            return Compare(operator, Literal(literal.value))
        case Within(low, high, low_open, high_open):
            return Within(Literal(low.value), Literal(high.value), low_open, high_open)
        case _:
            return check
