"""What is known about a fact: the values it may still have, and how that came about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from guidewright.engine.arithmetic import Computed
from guidewright.rules.domains import step_of, whole
from guidewright.rules.english import set_in_words
from guidewright.rules.model import BooleanType, Fact, TextType
from guidewright.rules.patient import Record
from guidewright.rules.values import (
    NONE,
    NOTHING,
    Number,
    Ordered,
    Span,
    Step,
    ValueSet,
    has_value,
    intersection,
    is_empty,
    of_spans,
    single,
    span,
    union,
    without_none,
)

_MOST_TOTALS = 1000


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """`has_data`: something is recorded, or computed from data. `said`: the imprecise values that the record names.

    `conflict` holds what is recorded and what is computed where nothing satisfies both; `problem` names the reason
    why nothing
    could be computed; `against_only_if` says that a value is recorded although the fact does not apply.
    """

    values: ValueSet
    has_data: bool
    said: frozenset[str] = frozenset()
    conflict: tuple[ValueSet, ValueSet] | None = None
    problem: str | None = None
    against_only_if: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Derived:
    """What computation allows. With a `problem` nothing can be computed, and `values` only says whether there may be
    no value at all. `from_data`: no input is simply missing.
    """

    values: ValueSet
    from_data: bool
    problem: str | None = None


def computed_as(computed: Computed, from_data: bool) -> Derived:
    """What a formula allows. Where nothing can be computed, there may still be no value, because an input has none."""
    may_be_none = computed.none and computed.problem is not None
    return Derived(NONE if may_be_none else computed.values, from_data, computed.problem)


def is_settled(known: Known) -> bool:
    """Whether one possibility is left: one value, or surely none."""
    return single(known.values) is not None or known.values == NONE


def settle(fact: Fact, record: Record | None, derived: Derived | None, applies: bool | None, as_of: date) -> Known:
    """What is known about a fact from its record, its computation and its `only_if` (`applies`)."""
    raw = derived
    if derived is not None:
        derived = _inside_range(fact, derived, as_of)
    if record is not None:
        if derived is not None and raw is not None and derived.problem is not None and raw.problem is None:
            # What is computed is impossible, so the record stands, but it is contradicted.
            return Known(
                record.values, True, record.said, (record.values, raw.values), derived.problem, applies is False
            )
        against = applies is False and has_value(record.values)
        if derived is None or applies is False or derived.problem is not None:
            return Known(record.values, True, record.said, None, derived.problem if derived else None, against)
        known = _reconciled(fact, record, derived)
        if applies is None:
            # Where the fact turns out not to apply, what is recorded stands as it is.
            known = replace(known, values=union(record.values, known.values, step_of(fact.type)))
        return known
    if applies is False:
        return Known(NONE, False)
    everything = whole(fact.type, as_of)
    if derived is None or derived.problem is not None:
        may_be_none = not applies or (derived is not None and derived.values.none)
        problem = derived.problem if derived is not None else None
        return Known(union(everything, NONE) if may_be_none else everything, False, problem=problem)
    return Known(derived.values if applies else union(derived.values, NONE), derived.from_data)


def _inside_range(fact: Fact, derived: Derived, as_of: date) -> Derived:
    """Values outside the range drop out; where none is left, nothing is computed, and the reason says so."""
    if derived.problem is not None or isinstance(fact.type, TextType | BooleanType):
        return derived
    inside = intersection(without_none(derived.values), whole(fact.type, as_of))
    if is_empty(inside) and has_value(derived.values):
        computed = set_in_words(without_none(derived.values), fact.type)
        reason = f"what is computed ({computed}) lies outside the range of this fact"
        return Derived(NONE if derived.values.none else NOTHING, False, reason)
    return Derived(union(inside, NONE) if derived.values.none else inside, derived.from_data)


def _reconciled(fact: Fact, record: Record, derived: Derived) -> Known:
    """What record and computation both allow; within the tolerance the computed value counts; else either, and a
    conflict.
    """
    both = intersection(record.values, derived.values)
    if fact.tolerance is not None and (derived.from_data or is_empty(both)):
        # The record is only as exact as its tolerance, so the computed values near it count, and no narrower set: a
        # date that becomes exact must not turn an answer round. Without data to compute from, the record says it alone.
        near = intersection(widened(record.values, fact.tolerance), without_none(derived.values))
        if not is_empty(near):
            return Known(union(near, NONE) if both.none else near, True, record.said)
    if not is_empty(both):
        return Known(both, True, record.said)
    either = union(record.values, derived.values, step_of(fact.type))
    return Known(either, True, record.said, (record.values, derived.values))


def widened(values: ValueSet, tolerance: Number) -> ValueSet:
    """The values that are so near to some of these; of dates, so many days."""

    def moved(end: Ordered | None, by: Number) -> Ordered | None:
        if isinstance(end, date):
            try:
                return end + timedelta(days=int(by))
            except OverflowError:
                return None
        return None if end is None else end + by

    return of_spans(
        [span(moved(s.low, -tolerance), moved(s.high, tolerance), s.low_open, s.high_open) for s in values.spans]
    )


def sums(sure: Number, perhaps: list[Number], step: Step | None) -> ValueSet:
    """Every total that a score may still have: the sure points, with or without each of the open ones. Beyond
    `_MOST_TOTALS` different totals, everything between the least and the greatest.
    """
    totals = {sure}
    for points in perhaps:
        totals |= {total + points for total in totals}
        if len(totals) > _MOST_TOTALS:
            low = sure + sum((p for p in perhaps if p < 0), Fraction(0))
            high = sure + sum((p for p in perhaps if p > 0), Fraction(0))
            return of_spans([span(_whole(low), _whole(high), step=step)])
    return of_spans([Span(_whole(t), _whole(t)) for t in totals], step=None)


def _whole(value: Number) -> Number:
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def all_from_data(inputs: Iterable[Known]) -> bool:
    """Whether no input is simply missing: each is settled, or uncertain although something is recorded or computed."""
    return all(known.has_data or is_settled(known) for known in inputs)
