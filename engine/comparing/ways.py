"""How a fact could be recorded: a way for each set of values that the tests of the guideline tell apart."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import MAXYEAR, MINYEAR, date
from typing import Any

from guidewright.engine.cells import value_bits
from guidewright.engine.proofs.encoded_facts import Shape, values_in
from guidewright.engine.proofs.witness import in_a_file, plain_value
from guidewright.engine.three_valued import Truth
from guidewright.rules.conditions import Check, IsNone
from guidewright.rules.domains import precise_options, whole
from guidewright.rules.model import (
    BooleanType,
    ChoicesType,
    ChoiceType,
    DateType,
    Fact,
    FactType,
    IntegerType,
    TextType,
)
from guidewright.rules.patient import Patient, Record
from guidewright.rules.values import (
    NONE,
    NOTHING,
    Ordered,
    ValueSet,
    contains,
    has_value,
    intersection,
    is_empty,
    of,
    single,
)

_MONTHS = (0, 1, 2, 3, 4, 6, 9, 12, 18, 24, 30, 36, 48, 60, 84, 120)
_FEW = 24

Way = tuple[Any, ValueSet, str | None]
"""As a patient file says it (`None`: a set of choices, or a day, any), all values that it is an example of, and the
imprecise value that it names.
"""


def cells_in(values: ValueSet, shape: Shape) -> tuple[bool, ...]:
    """The cells that values lie in, the last one for having none."""
    if isinstance(shape.kind, ChoicesType | TextType):
        return (has_value(values), values.none)
    bits = value_bits(shape.cells, values)
    return tuple(bool(bits >> i & 1) for i in range(shape.none + 1))


def ways_to_record(
    fact: Fact,
    shape: Shape,
    imprecise: Collection[str],
    applies: Truth,
    feeds: bool,
    by_day: bool,
    patient: Patient,
) -> Iterator[Way]:
    """Every way that some test can tell from how the fact is recorded now. `imprecise` are the imprecise values that a
    test asks for. A fact that `applies` for sure is not recorded as `none`. Of a fact that `feeds` a formula there are
    several examples of what its tests do not tell apart. Of a date that matters `by_day`, any day may be meant.
    """
    kind, recorded = fact.type, patient.records.get(fact.id)
    within = recorded.values if fact.fixed and recorded is not None else None
    found: list[Way] = []
    match kind:
        case TextType():
            found.append(("recorded", of("recorded"), None))
        case BooleanType():
            found += [(value, of(value), None) for value in (True, False)]
        case ChoiceType():
            found += [(option, of(option), None) for option in precise_options(kind)]
        case ChoicesType():
            found.append((None, whole(kind, patient.as_of), None))
        case _ if by_day:
            found += [(None, days, None) for days in _cells_within(shape, within)]
        case _:
            found += [(value, run, None) for run, value in _ordered_ways(shape, within, feeds, patient)]
    if _may_have_none(fact, shape.cells.masks, applies):
        found.append(("none", NONE, None))
    if isinstance(kind, ChoiceType | ChoicesType):
        found += [(o.id, _stands_for(o.may_be, kind), o.id) for o in kind.options if o.id in imprecise]
    for written, values, said in found:
        if within is not None and written is not None and intersection(values, within) != values:
            continue
        if recorded is not None and written is not None and not feeds and _is_as_before(values, said, recorded, shape):
            continue
        yield written, values, said


def _is_as_before(values: ValueSet, said: str | None, recorded: Record, shape: Shape) -> bool:
    """Whether no test can tell a way to record a fact from how it is recorded."""
    one = single(recorded.values) is not None or recorded.values == NONE
    return one and said is None and not recorded.said and cells_in(values, shape) == cells_in(recorded.values, shape)


def _may_have_none(fact: Fact, tests: Iterable[Check], applies: Truth) -> bool:
    options = fact.type.options if isinstance(fact.type, ChoiceType | ChoicesType) else ()
    if isinstance(fact.type, TextType) or any(option.id == "none" for option in options):
        return False
    if fact.only_if is not None:
        return applies is not True
    return any(isinstance(check, IsNone) for check in tests)


def _stands_for(may_be: Sequence[str], kind: FactType) -> ValueSet:
    return of(*(frozenset({value}) if isinstance(kind, ChoicesType) else value for value in may_be))


def _ordered_ways(
    shape: Shape, within: ValueSet | None, feeds: bool, patient: Patient
) -> Iterator[tuple[ValueSet, Any]]:
    """A plain value of each cell, or several."""
    for values in _cells_within(shape, within):
        if feeds:
            yield from ((values, written) for written in examples_of(values, shape.kind, patient))
        else:
            yield values, in_a_file(plain_value(values.spans[0], shape.kind, patient.as_of), shape.kind)


def _cells_within(shape: Shape, within: ValueSet | None) -> Iterator[ValueSet]:
    """The values of each cell that are among some others."""
    for cell, possible in enumerate(shape.possible):
        values = values_in(cell, shape.cells, shape.kind, shape.everything) if possible else NOTHING
        values = values if within is None else intersection(values, within)
        if not is_empty(values):
            yield values


def examples_of(values: ValueSet, kind: FactType, patient: Patient) -> list[Any]:
    """Some of these values, the plainest first, as a patient file says them."""
    found = [plain_value(values.spans[0], kind, patient.as_of)]
    found += [value for value in _examples(kind, patient) if _is_in(value, values)]
    return [in_a_file(value, kind) for value in dict.fromkeys(found)]


def _is_in(value: Ordered, values: ValueSet) -> bool:
    return any(contains(run, value) for run in values.spans)


def _examples(kind: FactType, patient: Patient) -> Iterator[Ordered]:
    """Days at round distances from those of the record, or small whole numbers."""
    if isinstance(kind, IntegerType):
        yield from range(_FEW)
    if isinstance(kind, DateType):
        days = [patient.as_of]
        for record in patient.records.values():
            days += [run.low for run in record.values.spans if isinstance(run.low, date)]
        for day in dict.fromkeys(days):
            for months in _MONTHS:
                yield from (moved for by in (-months, months) if (moved := _months_later(day, by)) is not None)


def _months_later(day: date, months: int) -> date | None:
    """The same day so many calendar months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
