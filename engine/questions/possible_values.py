"""The values that a fact may have, one by one; or some of them, where they are many."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations

from guidewright.engine.cells import Cells
from guidewright.rules.domains import step_of
from guidewright.rules.model import DateType, FactType
from guidewright.rules.values import Ordered, Value, ValueSet, contains, number, of

_MOST_VALUES = 24
_MOST_SAMPLES = 12
_MOST_ASKED = 4
_DAYS_BEFORE = (0, 1, 30, 182, 365, 1096, 3653, 7305, 16436, 25567)


def all_values(values: ValueSet, kind: FactType) -> list[Ordered] | None:
    """Every number or day among these values; `None` where there are more than a few."""
    step = step_of(kind)
    found: list[Ordered] = []
    for run in values.spans:
        if run.low is None or run.high is None or (step is None and run.low != run.high):
            return None
        at = run.low
        while at <= run.high:  # type: ignore[operator]
            found.append(at)
            if len(found) > _MOST_VALUES:
                return None
            if step is None or at == run.high:
                break
            at = step(at, 1)
    return found


def sample_values(values: ValueSet, cells: Cells, as_of: date) -> list[Ordered]:
    """Some of these numbers or days: the ends of their runs, those at which tests turn, and some between."""
    near = list(_days(cells, as_of) if isinstance(cells.kind, DateType) else _numbers(cells))
    ends = [end for run in values.spans for end in (run.low, run.high) if end is not None]
    inside = (v for v in dict.fromkeys((*ends, *near)) if any(contains(run, v) for run in values.spans))
    return [value for value, _ in zip(inside, range(_MOST_SAMPLES), strict=False)]


def _days(cells: Cells, as_of: date) -> Iterator[date]:
    for day in (as_of, *(cut for cut in cells.cuts if isinstance(cut, date))):
        for count in _DAYS_BEFORE:
            if (day - date.min).days >= count:
                yield day - timedelta(days=count)


def _numbers(cells: Cells) -> Iterator[Ordered]:
    for cut in (*cells.cuts, 0, 1, 10, 100):
        if not isinstance(cut, date):
            yield from (number(cut), number(cut - 1), number(cut + 1))


def sets_told_apart(values: ValueSet, asked: Collection[Value]) -> list[ValueSet] | None:
    """A set of choices for each answer that tests of these choices may give; `None` where they are too many."""
    if values.subsets_of is None:
        sets: Iterable[Value] = sorted(values.values, key=str)
    else:
        options = sorted(option for option in values.subsets_of if option in asked)
        if len(options) > _MOST_ASKED:
            return None
        sets = (frozenset(held) for count in range(len(options) + 1) for held in combinations(options, count))
    found = [of(held) for held in sets]
    return found if len(found) <= _MOST_VALUES else None
