"""Facts as bits: the values that tests can tell apart, one bit each, so that a test is one operation on whole numbers.

The literals of all tests of a fact cut its values into cells: each literal, and each run between neighbouring
literals. What a fact
may still be is then a set of cells, held as the bits of one number; a test is the set of cells that pass and the
set that fail.
Tests about the record, which no value decides, have a pair of bits of their own: one says that they hold, one that
they do not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from guidewright.engine.checks import check_truth
from guidewright.engine.known import Known
from guidewright.rules.condition_text import values_of
from guidewright.rules.conditions import Check, Compare, IsNone, OneOf, Record, SaidAs, Within
from guidewright.rules.domains import precise_options, step_of
from guidewright.rules.model import BooleanType, ChoicesType, ChoiceType, FactType, TextType
from guidewright.rules.values import Ordered, Step, Value, ValueSet


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one fact. `bits` of unordered values; `cuts` of ordered ones (cell 2i+1 is the i-th cut, 2i the
    run below it).
    """

    bits: dict[Value, int]
    cuts: tuple[Ordered, ...]
    filled: int
    none: int
    pairs: tuple[tuple[Check, int, int], ...]
    kind: FactType
    masks: dict[Check, tuple[int, int]]


def cells_of(kind: FactType, checks: Iterable[Check]) -> Cells:
    """The cells that these tests of a fact tell apart."""
    checks = tuple(dict.fromkeys(checks))
    step = step_of(kind)
    bits: dict[Value, int] = {}
    cuts: tuple[Ordered, ...] = ()
    width, filled = 0, 0
    if isinstance(kind, BooleanType):
        bits = {True: 1, False: 2}
        width, filled = 2, 3
    elif isinstance(kind, ChoiceType):
        bits = {option: 1 << i for i, option in enumerate(precise_options(kind))}
        width = len(bits)
        filled = (1 << width) - 1
    elif not isinstance(kind, ChoicesType | TextType):
        cuts = tuple(
            sorted({v for check in checks for v in values_of(check) if not isinstance(v, bool | str | frozenset)})
        )
        width = 2 * len(cuts) + 1
        filled = _filled(cuts, step)
    none = 1 << width
    width += 1
    pairs: list[tuple[Check, int, int]] = []
    masks: dict[Check, tuple[int, int]] = {}
    bare = Cells(bits, cuts, filled, none, (), kind, {})
    for check in checks:
        by_value = not isinstance(check, Record | SaidAs) and not isinstance(kind, ChoicesType | TextType)
        if by_value:
            masks[check] = _value_masks(check, bare)
        else:
            pairs.append((check, 1 << width, 2 << width))
            masks[check] = (1 << width, 2 << width)
            width += 2
    return Cells(bits, cuts, filled, none, tuple(pairs), kind, masks)


def _filled(cuts: tuple[Ordered, ...], step: Step | None) -> int:
    """The cells that hold a value at all: between neighbouring whole numbers there is none."""
    filled = 0 if step is not None and cuts and step(cuts[0], -1) == cuts[0] else 1
    for i, cut in enumerate(cuts):
        filled |= 1 << (2 * i + 1)
        # Behind the last day of the calendar the next one is the same.
        following = cuts[i + 1] if i + 1 < len(cuts) else cut
        gap_is_empty = step is not None and step(cut, 1) == following
        filled |= 0 if gap_is_empty else 1 << (2 * i + 2)
    return filled


def _value_masks(check: Check, cells: Cells) -> tuple[int, int]:
    """The cells that pass and those that fail; where there is no value, every test but `none` fails."""
    if isinstance(check, IsNone):
        return cells.none, cells.filled
    passing = _passing(check, cells) & cells.filled
    return passing, cells.filled & ~passing | cells.none


def _passing(check: Check, cells: Cells) -> int:
    match check:
        case OneOf(literals):
            return reduce(or_, (_bit(literal.value, cells) for literal in literals), 0)
        case Compare(operator, literal):
            at = _bit(literal.value, cells)
            # Bits ascend with the values they stand for, so that all below a bit are the smaller values.
            below, above = at - 1, cells.filled & ~(2 * at - 1)
            return {"<": below, "<=": below | at, ">": above, ">=": above | at, "!=": cells.filled & ~at}[operator]
        case Within(low, high, low_open, high_open):
            first, last = _bit(low.value, cells), _bit(high.value, cells)
            between = (2 * last - 1) & ~(first - 1)
            return between & ~(first if low_open else 0) & ~(last if high_open else 0)
        case _:
            raise AssertionError(f"{check} is not about a value")


def _bit(value: Value, cells: Cells) -> int:
    if cells.bits:
        return cells.bits[value]
    return 2 << 2 * bisect_left(cells.cuts, value)


def encode(cells: Cells, known: Known) -> int:
    """The cells that a fact may be in, and what holds of its record."""
    bits = value_bits(cells, known.values)
    for check, yes, no in cells.pairs:
        truth = check_truth(check, known, cells.kind)
        bits |= yes if truth is True else no if truth is False else yes | no
    return bits


def value_bits(cells: Cells, values: ValueSet) -> int:
    """The cells that these values lie in."""
    bits = cells.none if values.none else 0
    if values.values:
        for value in values.values:
            bits |= cells.bits.get(value, 0)
        return bits
    cuts = cells.cuts
    for run in values.spans:
        if run.low is None:
            first = 0
        else:
            at = bisect_left(cuts, run.low)
            on = at < len(cuts) and cuts[at] == run.low
            if run.low == run.high:
                bits |= 1 << (2 * at + on)
                continue
            first = 2 * at + (2 if on and run.low_open else on)
        if run.high is None:
            last = 2 * len(cuts)
        else:
            at = bisect_left(cuts, run.high)
            on = at < len(cuts) and cuts[at] == run.high
            last = 2 * at + (0 if run.high_open else on)
        bits |= ((2 << last) - (1 << first)) & cells.filled
    return bits
