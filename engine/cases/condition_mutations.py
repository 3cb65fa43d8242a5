"""Small changes of a condition, as an author may slip: another bound, a test too few, the wrong way round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from guidewright.rules.condition_text import write_check, write_condition
from guidewright.rules.conditions import (
    AllOf,
    AnyOf,
    Check,
    Compare,
    Condition,
    Literal,
    Not,
    OneOf,
    Operator,
    Record,
    Test,
    Within,
)
from guidewright.rules.diagnostics import Place
from guidewright.rules.display import clipped
from guidewright.rules.domains import precise_options, step_of
from guidewright.rules.model import BooleanType, ChoicesType, ChoiceType, FactType, IntegerType, QuantityType
from guidewright.rules.one_line import on_one_line, without_braces
from guidewright.rules.units import show_number
from guidewright.rules.values import Number, Value, contains, number

_LONGEST = 90  # characters of a condition in a sentence
_LOOSER: Mapping[Operator, Operator] = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


@dataclass(frozen=True, slots=True)
class Change:
    """A condition after a slip of this kind. `says`: what became what."""

    kind: str
    says: str
    condition: Condition
    place: Place | None


def changes_of(condition: Condition, kinds: Mapping[str, FactType]) -> Iterator[Change]:
    """Every small change of a condition, in the author's order; none leaves it as it was, and no two are alike."""
    seen = {condition}
    for change in _changes(condition, kinds):
        if change.condition not in seen:
            seen.add(change.condition)
            yield change


def in_text(condition: Condition, kinds: Mapping[str, FactType]) -> str:
    """A condition on one line, as an author would write it, shortened where it is long."""
    return clipped(without_braces(write_condition(condition, kinds)), _LONGEST)


def _changes(condition: Condition, kinds: Mapping[str, FactType]) -> Iterator[Change]:
    match condition:
        case Test():
            yield from _of_a_test(condition, kinds)
        case Not(part):
            text = in_text(condition, kinds)
            yield Change("negated test", f"`{text}` lost its `not`", part, _place(part))
            # The opposite of its opposite is what lost its `not`.
            inside = (change for change in _changes(part, kinds) if change.condition != Not(part))
            yield from (replace(change, condition=Not(change.condition)) for change in inside)
        case AllOf(parts) | AnyOf(parts):
            yield from _of_several(condition, parts, kinds)


def _of_several(
    condition: AllOf | AnyOf, parts: Sequence[Condition], kinds: Mapping[str, FactType]
) -> Iterator[Change]:
    make: Callable[[tuple[Condition, ...]], Condition] = AllOf if isinstance(condition, AllOf) else AnyOf
    if len(parts) > 1:
        became: tuple[str, Condition] = (
            ("any", AnyOf(condition.parts)) if isinstance(condition, AllOf) else ("all", AllOf(condition.parts))
        )
        says = f"any one of `{in_text(condition, kinds)}` became enough"
        if became[0] == "all":
            says = f"all of `{in_text(condition, kinds)}` became necessary"
        yield Change("any and all", says, became[1], _place(condition))
        for i, part in enumerate(parts):
            others = (*parts[:i], *parts[i + 1 :])
            left = others[0] if len(others) == 1 else make(others)
            yield Change("dropped test", f"`{in_text(part, kinds)}` was left out", left, _place(part))
    for i, part in enumerate(parts):
        for change in _changes(part, kinds):
            yield replace(change, condition=make((*parts[:i], change.condition, *parts[i + 1 :])))


def _place(condition: Condition) -> Place | None:
    match condition:
        case Test(_, _, place):
            return place
        case Not(part):
            return _place(part)
        case AllOf(parts) | AnyOf(parts):
            return next((place for part in parts if (place := _place(part)) is not None), None)


# --- one test


def _of_a_test(test: Test, kinds: Mapping[str, FactType]) -> Iterator[Change]:
    kind = kinds[test.fact]
    before = f"`{test.fact}: {on_one_line(write_check(test.check, kind))}`"
    for what, check in _of_a_check(test.check, kind):
        after = on_one_line(write_check(check, kind))
        yield Change(what, f"{before} became `{after}`", replace(test, check=check), test.place)
    if not isinstance(kind, BooleanType) and not isinstance(test.check, Record):
        yield Change("negated test", f"{before} became its opposite", Not(test), test.place)


def _of_a_check(check: Check, kind: FactType) -> Iterator[tuple[str, Check]]:
    match check:
        case Compare("!=", literal):
            yield "negated test", OneOf((literal,))
        case Compare(operator, literal):
            yield "comparison", Compare(_LOOSER[operator], literal)
            yield from (("limit", Compare(operator, other)) for other in _moved(literal, kind))
        case Within(low, high, low_open, high_open):
            changed = [replace(check, low_open=not low_open), replace(check, high_open=not high_open)]
            yield from (("comparison", one) for one in changed if not _is_empty(one))
            ends = [replace(check, low=other) for other in _moved(low, kind)]
            ends += [replace(check, high=other) for other in _moved(high, kind)]
            yield from (("limit", one) for one in ends if not _is_empty(one))
        case OneOf(literals):
            yield from (("value", OneOf(others)) for others in _other_values(literals, kind))
        case Record("known"):
            yield "negated test", Record("unknown")
        case Record("unknown"):
            yield "negated test", Record("known")
        case Record("uncertain"):
            yield "value", Record("unknown")


def _is_empty(run: Within) -> bool:
    low, high = run.low.value, run.high.value
    return low > high or (low == high and (run.low_open or run.high_open))  # type: ignore[operator]


def _other_values(literals: tuple[Literal, ...], kind: FactType) -> Iterator[tuple[Literal, ...]]:
    """One value too few, or another one in place of the only one."""
    if len(literals) > 1:
        yield from (literals[:i] + literals[i + 1 :] for i in range(len(literals)))
        return
    value = literals[0].value
    match kind:
        case BooleanType():
            yield (Literal(not value),)
        case ChoiceType() | ChoicesType():
            options = precise_options(kind)
            other = options[(options.index(str(value)) + 1) % len(options)]
            yield (Literal(other),)
        case _:
            yield from ((other,) for other in _moved(literals[0], kind))


def _moved(literal: Literal, kind: FactType) -> Iterator[Literal]:
    """The limit one step up and one down. What a parameter gives moves with the parameter."""
    if literal.parameter is None:
        for direction in (1, -1):
            value = next_value(literal.value, kind, direction)
            if value is not None:
                yield Literal(value)


def next_value(value: Value, kind: FactType, direction: int) -> Value | None:
    """The value a step further: the next whole number, day or option; of a quantity one more in its last written
    place. `None` where a fact of this type cannot have it.
    """
    match kind:
        case ChoiceType():
            options = precise_options(kind)
            at = options.index(str(value)) + direction
            return options[at] if 0 <= at < len(options) else None
        case IntegerType(run) | QuantityType(_, run):
            assert isinstance(value, int | Fraction)
            moved = number(value + direction * (1 if isinstance(kind, IntegerType) else last_place(value)))
            return moved if contains(run, moved) else None
        case _:
            step = step_of(kind)
            return step(value, direction) if step is not None and isinstance(value, date) else None


def last_place(value: Number) -> Fraction:
    """One in the last place of a number as it is written: 1 for 92, 0.1 for 2.5."""
    _, _, decimals = show_number(value).partition(".")
    return Fraction(1, 10 ** len(decimals)) if decimals.isdigit() else Fraction(1)
