"""A guideline in which a parameter has another value, wherever a condition names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from guidewright.engine.cases.condition_mutations import last_place
from guidewright.engine.program import program_of
from guidewright.rules.conditions import Check, Compare, Literal, OneOf, Test, Within
from guidewright.rules.model import FactType, Guideline, IntegerType, Parameter, QuantityType
from guidewright.rules.other_tests import with_tests
from guidewright.rules.units import show_number
from guidewright.rules.values import Number, contains, number


def moved_parameters(guideline: Guideline) -> Iterator[tuple[Parameter, str, Guideline]]:
    """Each parameter that is a number, one more and one less in its last written place; with what became what. Where a
    fact cannot have the value, or nothing tests it, there is none. What a parameter gives to a row, a time or a text
    stays.
    """
    kinds = program_of(guideline).kinds
    for parameter in guideline.parameters.values():
        digits, _, unit = parameter.written.partition(" ")
        try:
            before = Fraction(digits)
        except ValueError:
            continue
        if before == 0:
            continue
        for direction in (1, -1):
            after = before + direction * last_place(before)
            moved = _with(guideline, parameter.id, after / before, kinds)
            if moved is not None:
                text = f"{show_number(number(after))} {unit}".strip()
                moved = replace(moved, parameters={**moved.parameters, parameter.id: replace(parameter, written=text)})
                yield parameter, f"`{parameter.written}` became `{text}`", moved


class _Impossible(Exception):
    """A fact cannot have the value."""


def _with(guideline: Guideline, parameter: str, factor: Fraction, kinds: Mapping[str, FactType]) -> Guideline | None:
    """The guideline with the parameter so many times what it was; `None` where nothing tests it, or nothing can."""

    def moved(test: Test) -> Test:
        check = _check(test.check, parameter, factor, kinds[test.fact])
        return test if check == test.check else replace(test, check=check)

    try:
        found: Guideline = with_tests(guideline, moved)
    except _Impossible:
        return None
    return None if found is guideline else found


def _check(check: Check, parameter: str, factor: Fraction, kind: FactType) -> Check:
    def value(literal: Literal) -> Literal:
        if literal.parameter != parameter:
            return literal
        return replace(literal, value=_value(literal.value, factor, kind))

    match check:
        case Compare():
            return replace(check, literal=value(check.literal))
        case OneOf(literals):
            return replace(check, literals=tuple(map(value, literals)))
        case Within(low, high):
            run = replace(check, low=value(low), high=value(high))
            if run.low.value >= run.high.value:  # type: ignore[operator]
                raise _Impossible
            return run
        case _:
            return check


def _value(value: Any, factor: Fraction, kind: FactType) -> Number:
    moved = number(Fraction(value) * factor) if isinstance(value, int | Fraction) else None
    if moved is None or not isinstance(kind, IntegerType | QuantityType) or not contains(kind.range, moved):
        raise _Impossible
    if isinstance(kind, IntegerType) and not isinstance(moved, int):
        raise _Impossible
    return moved
