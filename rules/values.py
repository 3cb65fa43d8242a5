"""Values, and sets of values that a fact may still have.

What is known about a fact is never a single value or a hole but the set of values that the record still allows.
Unordered values
(booleans, choices, sets of choices) are listed; ordered ones (numbers, dates) are runs, because there may be
infinitely many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

Number = int | Fraction
Ordered = int | Fraction | date
Value = bool | int | Fraction | str | date | frozenset[str]

#: The next value of a discrete ordered type (`None` for a dense one such as a quantity): closed ends are then the
#: normal form.
Step = Callable[[Ordered, int], Ordered]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of ordered values; an end that is `None` is unbounded (and then its `open` flag is true)."""

    low: Ordered | None
    high: Ordered | None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class ValueSet:
    """The values that something may have.

    `values` lists unordered values, `spans` are disjoint runs of ordered ones in ascending order, `subsets_of`
    stands for every
    subset of these choices, and `none` says that there may be no value at all (the fact does not apply).
    """

    values: frozenset[Value] = frozenset()
    spans: tuple[Span, ...] = ()
    subsets_of: frozenset[str] | None = None
    none: bool = False


NOTHING = ValueSet()
NONE = ValueSet(none=True)
BOTH = ValueSet(values=frozenset({True, False}))


def number(value: Number) -> Number:
    """The same number, as an `int` where it is whole (cheaper to compare, and hashes alike)."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def whole_step(value: Ordered, direction: int) -> Ordered:
    """The next integer or the next day."""
    if isinstance(value, date):
        try:
            return value + timedelta(days=direction)
        except OverflowError:
            return value
    return value + direction


def span(
    low: Ordered | None, high: Ordered | None, low_open: bool = False, high_open: bool = False, step: Step | None = None
) -> Span | None:
    """A run in normal form, or `None` where it is empty. With `step` the type is discrete and open ends become
    closed ones.
    """
    if step is not None:
        # Beyond the first and the last day of the calendar there is none.
        if low is not None and low_open:
            following = step(low, 1)
            if following == low:
                return None
            low, low_open = following, False
        if high is not None and high_open:
            previous = step(high, -1)
            if previous == high:
                return None
            high, high_open = previous, False
        if isinstance(low, Fraction):
            low = -(-low.numerator // low.denominator)
        if isinstance(high, Fraction):
            high = high.numerator // high.denominator
    low_open = low_open or low is None
    high_open = high_open or high is None
    if low is not None and high is not None and (high < low or (low == high and (low_open or high_open))):  # type: ignore[operator]
        return None
    return Span(low, high, low_open, high_open)


def of(*values: Value) -> ValueSet:
    """Exactly these values: booleans, choices and sets of choices are listed, numbers and dates become runs of one."""
    listed = frozenset(v for v in values if isinstance(v, (bool, str, frozenset)))
    runs = [Span(v, v) for v in values if not isinstance(v, (bool, str, frozenset))]
    return ValueSet(values=listed, spans=merged(runs))


def of_spans(spans: Iterable[Span | None], none: bool = False, step: Step | None = None) -> ValueSet:
    return ValueSet(spans=merged([s for s in spans if s is not None], step), none=none)


def is_empty(a: ValueSet) -> bool:
    return not a.values and not a.spans and a.subsets_of is None and not a.none


def has_value(a: ValueSet) -> bool:
    """Whether there may be a value at all (beside `none`)."""
    return bool(a.values) or bool(a.spans) or a.subsets_of is not None


def single(a: ValueSet) -> Value | None:
    """The one value that is left, or `None` where there are several, or none."""
    if a.none or a.subsets_of is not None:
        return None
    if len(a.values) == 1 and not a.spans:
        return next(iter(a.values))
    if len(a.spans) == 1 and not a.values:
        run = a.spans[0]
        if run.low is not None and run.low == run.high:
            return run.low
    return None


def union(a: ValueSet, b: ValueSet, step: Step | None = None) -> ValueSet:
    subsets = (
        a.subsets_of if b.subsets_of is None else b.subsets_of if a.subsets_of is None else a.subsets_of | b.subsets_of
    )
    values = a.values | b.values if subsets is None else frozenset[Value]()
    return ValueSet(values, merged([*a.spans, *b.spans], step), subsets, a.none or b.none)


def intersection(a: ValueSet, b: ValueSet) -> ValueSet:
    none = a.none and b.none
    if a.subsets_of is not None and b.subsets_of is not None:
        return ValueSet(subsets_of=a.subsets_of & b.subsets_of, none=none)
    if a.subsets_of is not None:
        inside = a.subsets_of
        return ValueSet(values=frozenset(v for v in b.values if isinstance(v, frozenset) and v <= inside), none=none)
    if b.subsets_of is not None:
        inside = b.subsets_of
        return ValueSet(values=frozenset(v for v in a.values if isinstance(v, frozenset) and v <= inside), none=none)
    return ValueSet(a.values & b.values, merged(_overlaps(a.spans, b.spans)), None, none)


def _overlaps(left: tuple[Span, ...], right: tuple[Span, ...]) -> list[Span]:
    """What two lists of disjoint ascending runs share. Each step leaves behind the run that ends first."""
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        x, y = left[i], right[j]
        common = overlap(x, y)
        if common is not None:
            found.append(common)
        if y.high is None or (x.high is not None and x.high <= y.high):  # type: ignore[operator]
            i += 1
        else:
            j += 1
    return found


def without_none(a: ValueSet) -> ValueSet:
    return a if not a.none else ValueSet(a.values, a.spans, a.subsets_of)


def overlap(x: Span, y: Span) -> Span | None:
    """The part that two runs share, or `None`."""
    low, low_open = _later_low(x, y)
    high, high_open = _earlier_high(x, y)
    return span(low, high, low_open, high_open)


def contains(run: Span, value: Ordered) -> bool:
    return overlap(run, Span(value, value)) is not None


def merged(runs: list[Span], step: Step | None = None) -> tuple[Span, ...]:
    """Disjoint runs in ascending order. Runs that touch are joined; so are neighbours of a discrete type, if its
    `step` is given.
    """
    if len(runs) < 2:
        return tuple(runs)
    ordered = sorted(runs, key=_low_key)
    out = [ordered[0]]
    for run in ordered[1:]:
        last = out[-1]
        if _touches(last, run, step):
            high, high_open = _later_high(last, run)
            out[-1] = Span(last.low, high, last.low_open, high_open)
        else:
            out.append(run)
    return tuple(out)


def _low_key(run: Span) -> tuple[bool, object, bool]:
    return (run.low is not None, run.low if run.low is not None else 0, run.low_open)


def _touches(left: Span, right: Span, step: Step | None) -> bool:
    if left.high is None or right.low is None:
        return True
    if right.low < left.high:  # type: ignore[operator]
        return True
    if right.low == left.high:
        return not (left.high_open and right.low_open)
    return step is not None and step(left.high, 1) == right.low


def _later_low(x: Span, y: Span) -> tuple[Ordered | None, bool]:
    if x.low is None:
        return y.low, y.low_open
    if y.low is None:
        return x.low, x.low_open
    if x.low == y.low:
        return x.low, x.low_open or y.low_open
    return (x.low, x.low_open) if x.low > y.low else (y.low, y.low_open)  # type: ignore[operator]


def _earlier_high(x: Span, y: Span) -> tuple[Ordered | None, bool]:
    if x.high is None:
        return y.high, y.high_open
    if y.high is None:
        return x.high, x.high_open
    if x.high == y.high:
        return x.high, x.high_open or y.high_open
    return (x.high, x.high_open) if x.high < y.high else (y.high, y.high_open)  # type: ignore[operator]


def _later_high(x: Span, y: Span) -> tuple[Ordered | None, bool]:
    if x.high is None or y.high is None:
        return None, True
    if x.high == y.high:
        return x.high, x.high_open and y.high_open
    return (x.high, x.high_open) if x.high > y.high else (y.high, y.high_open)  # type: ignore[operator]
