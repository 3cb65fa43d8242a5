"""What values a fact of each type can have, and how they are written."""

from __future__ import annotations

from datetime import date

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
from guidewright.rules.units import show_number
from guidewright.rules.values import Number, Ordered, Span, Step, Value, ValueSet, of_spans, whole_step


def step_of(kind: FactType) -> Step | None:
    """The next value of a discrete ordered type, or `None` where between two values there is always another."""
    return whole_step if isinstance(kind, IntegerType | DateType) else None


def precise_options(kind: ChoiceType | ChoicesType) -> tuple[str, ...]:
    """The values that a fact can really have, in the author's order (an imprecise value is a way of recording, not
    a value).
    """
    return tuple(option.id for option in kind.options if not option.may_be)


def whole(kind: FactType, as_of: date) -> ValueSet:
    """Every value that a fact of this type can have, for a patient assessed on `as_of` (a date after it only where
    `future`).
    """
    match kind:
        case BooleanType():
            return ValueSet(values=frozenset({True, False}))
        case IntegerType(run) | QuantityType(_, run):
            return of_spans([run])
        case ChoiceType():
            return ValueSet(values=frozenset(precise_options(kind)))
        case ChoicesType():
            return ValueSet(subsets_of=frozenset(precise_options(kind)))
        case DateType(future):
            return of_spans([Span(None, None if future else as_of, True, future)])
        case TextType():
            return ValueSet()


def option_label(kind: ChoiceType | ChoicesType, value: str) -> str:
    return next((option.label for option in kind.options if option.id == value), value)


def written(value: Value, kind: FactType) -> str:
    """A value as an author or a record would write it: `20 mm`, `metachronous`, `2020-12-15`, `true`, `[1, 6]`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        assert isinstance(kind, ChoicesType)
        return "[" + ", ".join(option for option in precise_options(kind) if option in value) + "]"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    return written_number(value, kind)


def written_number(value: Number, kind: FactType) -> str:
    digits = show_number(value)
    if isinstance(kind, QuantityType) and kind.unit.text != "1":
        return f"{digits} {kind.unit.text}"
    return digits


def written_span(run: Span, kind: FactType) -> str:
    """A run as a record would write it: `20 mm`, `< 5 ng/mL`, `[0..1]`, `(5 mm..10 mm]`; `any` where it has no ends."""
    if run.low is not None and run.low == run.high:
        return written(run.low, kind)
    if run.low is None and run.high is None:
        return "any"
    if run.low is None:
        return f"{'<' if run.high_open else '<='} {written(_known(run.high), kind)}"
    if run.high is None:
        return f"{'>' if run.low_open else '>='} {written(run.low, kind)}"
    left, right = "(" if run.low_open else "[", ")" if run.high_open else "]"
    return f"{left}{written(run.low, kind)}..{written(run.high, kind)}{right}"


def _known(end: Ordered | None) -> Ordered:
    assert end is not None
    return end


def listed(values: ValueSet, kind: FactType) -> tuple[str | bool | int | list[str], ...]:
    """A value set as the answer shows it (`may_be`): booleans, whole numbers without a unit and lists as
    themselves, all else as text.
    """
    out: list[str | bool | int | list[str]] = []
    if isinstance(kind, ChoiceType):
        out += [option for option in precise_options(kind) if option in values.values]
    elif isinstance(kind, ChoicesType):
        if values.subsets_of is not None:
            out.append("any of " + ", ".join(option for option in precise_options(kind) if option in values.subsets_of))
        order = precise_options(kind)
        sets = [tuple(option for option in order if option in v) for v in values.values if isinstance(v, frozenset)]
        out += [list(s) for s in sorted(sets)]
    elif isinstance(kind, BooleanType):
        out += [v for v in (True, False) if v in values.values]
    else:
        out += [
            run.low if isinstance(run.low, int) and run.low == run.high and _bare(kind) else written_span(run, kind)
            for run in values.spans
        ]
        out += sorted(str(v) for v in values.values)
    if values.none:
        out.append("none")
    return tuple(out)


def _bare(kind: FactType) -> bool:
    return isinstance(kind, IntegerType) or (isinstance(kind, QuantityType) and kind.unit.text == "1")


def as_json(value: Value, kind: FactType) -> str | bool | int | list[str]:
    """One value as the answer shows it."""
    if isinstance(value, frozenset):
        assert isinstance(kind, ChoicesType)
        return [option for option in precise_options(kind) if option in value]
    if isinstance(value, bool) or (isinstance(value, int) and _bare(kind)):
        return value
    return written(value, kind)
