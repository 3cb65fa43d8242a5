"""The time between two dates, as propositions: `months_between`, `days_between` and `years_between`, exactly.

It lies between the time between the nearest days and that between the farthest, and its cells are those that this
reaches. Only where a record leaves out days in between, or some days are nearer and some farther but perhaps none just
so far, it is left free which of the cells in between are reached: `Gaps`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from guidewright.engine.proofs.binary_days import (
    Distance,
    days_apart,
    is_at_least,
    is_last_of_month,
    is_more,
    late_in_month,
    months_apart,
    same_day,
    same_month,
)
from guidewright.engine.proofs.binary_numbers import at_least
from guidewright.engine.proofs.encoded_dates import Days
from guidewright.engine.proofs.encoded_facts import Shape, State, Worked, anything_in, runs_of
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions
from guidewright.rules.dimensions import BETWEEN
from guidewright.rules.formulas import Call, Expression, FactValue
from guidewright.rules.model import Fact, Formula, QuantityType
from guidewright.rules.units import Unit, parse_unit
from guidewright.rules.values import Ordered, Span, single


@dataclass(frozen=True, slots=True)
class Count:
    """A formula that is the time between two dates, `None` for the day of assessment. One unit of the fact is so many
    `steps`: days or months.
    """

    start: str | None
    end: str | None
    in_days: bool
    steps: Fraction


@dataclass(frozen=True, slots=True)
class Gaps:
    """What the days at both ends do not say of the time between two dates: which cells are reached in between, and
    whether that is one value. Variables, or constants where nothing is free. `matter`: something hangs on them.
    """

    may: tuple[Proposition, ...]
    one: Proposition
    matter: Proposition


def count_of(fact: Fact, facts: Mapping[str, Fact], shape: Shape) -> Count | None:
    """The formula of a fact, where it is just the time between two dates that do not follow from others, and all that
    tells its values apart is a whole number of months or days.
    """
    count = time_counted(fact)
    if count is None or count.start == count.end:
        return None
    plain = all(name is None or facts[name].derivation is None for name in (count.start, count.end))
    return count if plain and _is_in_steps(count, shape) else None


def time_counted(fact: Fact) -> Count | None:
    """The formula of a fact, where it is just the time between two dates, however that is written."""
    match fact.derivation, fact.type:
        case Formula(Call(function, (start, end)), _, empirical), QuantityType(unit) if function in BETWEEN:
            counted = parse_unit(BETWEEN[function])
            assert isinstance(counted, Unit)
            steps = Fraction(1) if empirical else Fraction(unit.factor) / counted.factor
            steps = steps * 12 if function == "years_between" else steps
            return Count(_named(start), _named(end), function == "days_between", steps)
        case _:
            return None


def _named(e: Expression) -> str | None:
    return e.fact if isinstance(e, FactValue) else None


def _is_in_steps(count: Count, shape: Shape) -> bool:
    ends = [end for run in runs_of(shape) if run is not None for end in (run.low, run.high) if end is not None]
    return single(shape.everything) is None and all(_steps(end, count) is not None for end in ends)


def _steps(end: Ordered, count: Count) -> int | None:
    assert isinstance(end, int | Fraction)
    found = end * count.steps
    return found.numerator if found.denominator == 1 else None


@dataclass(frozen=True, slots=True)
class _Time:
    """The time from one date to another: the `least` that it may be and the `greatest`, unless there is no such. With
    `is_open`, a bound is left out itself; without one, everything is beyond it.
    """

    count: Count
    start: Days
    end: Days
    nodes: Propositions
    least: Distance
    greatest: Distance
    no_least: Proposition
    no_greatest: Proposition

    @property
    def bounded(self) -> Proposition:
        return self.nodes.all((-self.no_least, -self.no_greatest))

    @property
    def smooth(self) -> Proposition:
        """Whether no day is left out: then everything between the least and the greatest is reached."""
        return self.nodes.any((-self.bounded, self.nodes.all((self.start.every, self.end.every))))

    def all_from(self, bound: Ordered | None, is_open: bool = False) -> Proposition:
        """Whether nothing is below a bound."""
        return TRUE if bound is None else self.nodes.all((-self.no_least, self._is(self.least, bound, is_open)))

    def some_from(self, bound: Ordered | None, is_open: bool = False) -> Proposition:
        """Whether something is at a bound or above it."""
        return TRUE if bound is None else self.nodes.any((self.no_greatest, self._is(self.greatest, bound, is_open)))

    def some_to(self, bound: Ordered | None, is_open: bool = False) -> Proposition:
        """Whether something is at a bound or below it."""
        return TRUE if bound is None else self.nodes.any((self.no_least, -self._is(self.least, bound, not is_open)))

    def all_to(self, bound: Ordered | None, is_open: bool = False) -> Proposition:
        """Whether nothing is above a bound."""
        if bound is None:
            return TRUE
        return self.nodes.all((-self.no_greatest, -self._is(self.greatest, bound, not is_open)))

    def covers(self, run: Span) -> Proposition:
        """Whether everything in a run of values is reached, where there is no least or no greatest."""
        below = self.no_least if run.low is None else self.some_to(run.low)
        above = self.no_greatest if run.high is None else self.some_from(run.high)
        return self.nodes.all((-self.bounded, below, above))

    def may_skip(self, run: Span) -> Proposition:
        """Whether a run of values may be left out between the least and the greatest: between one day and two there
        is nothing; no day is a month before 31 March, though from some it is less, and from others more.
        """
        low, high = self._step(run.low), self._step(run.high)
        if low is None or high is None:
            return FALSE
        if self.count.in_days:
            return self.bounded if high == low + 1 and run.low_open and run.high_open else FALSE
        if low != high or low == 0:
            return FALSE
        days = self.end if low > 0 else self.start
        late = late_in_month(days.first, self.nodes)
        return self.nodes.all((self.bounded, late, same_month(days.first, days.last, self.nodes)))

    def _step(self, bound: Ordered | None) -> int | None:
        return None if bound is None else _steps(bound, self.count)

    def _is(self, distance: Distance, bound: Ordered, more: bool) -> Proposition:
        steps = self._step(bound)
        assert steps is not None
        return (is_more if more else is_at_least)(distance, steps, self.nodes)


def _time(count: Count, start: Days, end: Days, nodes: Propositions) -> _Time:
    apart: Callable[..., Distance] = days_apart if count.in_days else months_apart
    return _Time(
        count,
        start,
        end,
        nodes,
        least=apart(start.last, end.first, nodes),
        greatest=apart(start.first, end.last, nodes),
        no_least=nodes.any((start.endless_after, end.endless_before)),
        no_greatest=nodes.any((start.endless_before, end.endless_after)),
    )


def time_between(
    id: str, count: Count, start: Days, end: Days, inputs: Sequence[State], shape: Shape, nodes: Propositions
) -> tuple[Worked, Gaps]:
    """What a formula leaves that is the time from one date to another; what is known of these are the `inputs`."""
    time = _time(count, start, end, nodes)
    none = nodes.any(state.may[-1] for state in inputs)
    has_value = nodes.all(nodes.any(state.may[:-1]) for state in inputs)
    cells = [_Cell(FALSE, FALSE, FALSE, FALSE) for _ in range(shape.none)]
    for i, run in enumerate(runs_of(shape)):
        if run is not None:
            cells[i] = _cell(f"{id} may be in cell {i}", time, run, has_value)
    may = tuple(cell.may for cell in cells)
    one, gap_of_one, one_matters = _is_one(id, time, may, shape)
    fails = nodes.all((has_value, -nodes.any(may)))
    anything = anything_in(shape)
    worked = Worked(
        may=(*(nodes.choose(fails, a, b) for a, b in zip(anything.may[:-1], may, strict=True)), none),
        one=nodes.all((nodes.choose(fails, anything.one, one), -none)),
        from_data=-fails,
        fails=fails,
        contains={},
        covers=tuple(nodes.all((-fails, cell.covered)) for cell in cells),
    )
    matter = nodes.any((*(cell.matters for cell in cells), one_matters))
    return worked, Gaps(tuple(cell.gap for cell in cells), gap_of_one, matter)


@dataclass(frozen=True, slots=True)
class _Cell:
    """Whether a cell is reached, whether all of it is, and the variable that says so where it is free."""

    may: Proposition
    covered: Proposition
    gap: Proposition
    matters: Proposition


def _cell(name: str, time: _Time, run: Span, has_value: Proposition) -> _Cell:
    nodes = time.nodes
    within = (time.some_from(run.low, run.low_open), time.some_to(run.high, run.high_open))
    reached = nodes.all((has_value, *within))
    an_end = nodes.any((time.all_from(run.low, run.low_open), time.all_to(run.high, run.high_open)))
    sure = nodes.any((an_end, nodes.all((time.smooth, -time.may_skip(run)))))
    matters = nodes.all((reached, -sure))
    gap = nodes.variable(f"{name}, between its ends") if matters != FALSE else FALSE
    may = nodes.all((reached, nodes.any((sure, gap))))
    return _Cell(may, nodes.all((has_value, time.covers(run))), gap, matters)


def _is_one(
    id: str, time: _Time, may: Sequence[Proposition], shape: Shape
) -> tuple[Proposition, Proposition, Proposition]:
    """Whether one value is left: the least is the greatest, or only one of them reaches the range, and no farther.
    Where the range cuts off an end, and values between the ends may be left out, that is free.
    """
    nodes, range = time.nodes, shape.everything.spans[0]
    just = [nodes.all((time.bounded, nodes.any(_ends_alike(time))))]
    just += (
        [nodes.all((time.some_from(range.low), time.all_to(range.low)))]
        if _is_closed(range.low, range.low_open)
        else []
    )
    just += (
        [nodes.all((time.some_to(range.high), time.all_from(range.high)))]
        if _is_closed(range.high, range.high_open)
        else []
    )
    limits = [limit for limit in (range.low, range.high) if limit is not None]
    rough = nodes.any((-time.smooth, *(time.may_skip(Span(limit, limit)) for limit in limits)))
    cut = nodes.any(nodes.all((time.some_from(limit, True), time.some_to(limit, True))) for limit in limits)
    sure = nodes.all((nodes.any(may), nodes.any(just)))
    matters = nodes.all((rough, cut, nodes.exactly_one(may), -sure))
    gap = nodes.variable(f"{id} is one value, between its ends") if matters != FALSE else FALSE
    single_cells = nodes.any(cell for cell, is_single in zip(may, shape.single, strict=True) if is_single)
    return nodes.any((sure, nodes.all((matters, nodes.any((single_cells, gap)))))), gap, matters


def _is_closed(end: Ordered | None, is_open: bool) -> bool:
    return end is not None and not is_open


def _ends_alike(time: _Time) -> list[Proposition]:
    """Both dates are one day; or one is the last of its month, and the other several days of an earlier, longer month
    that are all just so many months before it.
    """
    nodes, count = time.nodes, time.count
    alike = [nodes.all(same_day(days.first, days.last, nodes) for days in (time.start, time.end))]
    if count.in_days:
        return alike
    earlier = (is_more(time.least, 0, nodes), -is_at_least(time.greatest, 0, nodes))
    for several, one, is_earlier in zip((time.start, time.end), (time.end, time.start), earlier, strict=True):
        several_alike = (is_earlier, same_month(several.first, several.last, nodes))
        clamped = (is_last_of_month(one.first, nodes), at_least(several.first.day, one.first.day, nodes))
        alike.append(nodes.all((*several_alike, *clamped, same_day(one.first, one.last, nodes))))
    return alike
