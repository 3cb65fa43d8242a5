"""A checked guideline as plain JSON and back, for the cache. Places are left out: they are for messages about the
files.

Nothing but the classes listed here can come back, so that a damaged or foreign file gives an error and never runs
anything.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from fractions import Fraction
from typing import Any

from guidewright.rules import claims, conditions, formulas, model, units, values
from guidewright.rules.model import Guideline


class StoredError(Exception):
    """What was kept is not a guideline."""


_CLASSES: tuple[type[Any], ...] = (
    conditions.Literal,
    conditions.OneOf,
    conditions.Compare,
    conditions.Within,
    conditions.IsNone,
    conditions.Record,
    conditions.SaidAs,
    conditions.Test,
    conditions.AllOf,
    conditions.AnyOf,
    conditions.Not,
    formulas.Constant,
    formulas.FactValue,
    formulas.AsOf,
    formulas.Negative,
    formulas.Arithmetic,
    formulas.Call,
    model.Option,
    model.BooleanType,
    model.IntegerType,
    model.QuantityType,
    model.ChoiceType,
    model.ChoicesType,
    model.DateType,
    model.TextType,
    model.Row,
    model.Formula,
    model.Holds,
    model.Table,
    model.Score,
    model.Code,
    model.Fact,
    model.Evidence,
    model.Duration,
    model.Timing,
    model.Rule,
    model.Action,
    model.Argument,
    model.Candidate,
    model.Weighing,
    model.Answer,
    model.Step,
    model.Stage,
    model.Statement,
    model.Source,
    model.Parameter,
    model.Grade,
    claims.Invariant,
    claims.Exclusive,
    claims.Acceptance,
    model.Guideline,
    units.Unit,
    values.Span,
)
_NUMBER = {kind: i for i, kind in enumerate(_CLASSES)}
_NAMES = tuple(tuple(f.name for f in fields(kind) if f.name != "place") for kind in _CLASSES)
_TUPLE, _DICT, _SET, _FRACTION, _DATE = -1, -2, -3, -4, -5


def to_stored(thing: Any) -> Any:
    """Plain JSON: objects become lists that begin with the number of their class."""
    if thing is None or isinstance(thing, str | bool | int):
        return thing
    if isinstance(thing, tuple):
        return [_TUPLE, *(to_stored(item) for item in thing)]
    if isinstance(thing, dict):
        return [_DICT, *(to_stored(item) for pair in thing.items() for item in pair)]
    if isinstance(thing, frozenset):
        return [_SET, *sorted(thing)]
    if isinstance(thing, Fraction):
        return [_FRACTION, thing.numerator, thing.denominator]
    if isinstance(thing, date):
        return [_DATE, thing.isoformat()]
    number = _NUMBER[type(thing)]
    return [number, *(to_stored(getattr(thing, name)) for name in _NAMES[number])]


def from_stored(stored: Any) -> Guideline:
    """The guideline that was kept. Raises `StoredError` for anything else."""
    try:
        thing = _restored(stored)
    except (TypeError, ValueError, IndexError, KeyError, ZeroDivisionError, RecursionError) as fault:
        raise StoredError(str(fault)) from fault
    if not isinstance(thing, Guideline):
        raise StoredError("not a guideline")
    return thing


def _restored(stored: Any) -> Any:
    if not isinstance(stored, list):
        return stored
    number = stored[0]
    if number >= 0:
        if len(stored) - 1 != len(_NAMES[number]):
            raise StoredError("another number of fields")
        # By position: `place`, which is left out, is the last field of every class that has one.
        return _CLASSES[number](*[_restored(item) if isinstance(item, list) else item for item in stored[1:]])
    if number == _TUPLE:
        return tuple([_restored(item) if isinstance(item, list) else item for item in stored[1:]])
    if number == _DICT:
        rest = [_restored(item) for item in stored[1:]]
        return dict(zip(rest[::2], rest[1::2], strict=True))
    if number == _SET:
        return frozenset(stored[1:])
    if number == _FRACTION:
        return Fraction(stored[1], stored[2])
    if number == _DATE:
        return date.fromisoformat(stored[1])
    raise StoredError(f"unknown mark {number}")
