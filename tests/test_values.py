"""Sets of values against brute force: every operation is compared with the same one on listed values."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import tried

from guidewright.engine.cells import cells_of, value_bits
from guidewright.engine.checks import check_truth
from guidewright.engine.known import Known, settle, sums
from guidewright.rules.conditions import Check, Compare, Literal, OneOf, Within
from guidewright.rules.domains import step_of
from guidewright.rules.model import DateType, Fact, FactType, IntegerType, QuantityType
from guidewright.rules.patient import Entry, Record
from guidewright.rules.units import Unit, parse_unit
from guidewright.rules.values import (
    BOTH,
    NONE,
    NOTHING,
    Ordered,
    Span,
    ValueSet,
    contains,
    has_value,
    intersection,
    is_empty,
    of,
    of_spans,
    single,
    span,
    union,
    whole_step,
    without_none,
)

# Ends are whole; halves lie between them, and -2 and 8 beyond.
SAMPLES: list[int | Fraction] = [Fraction(n, 2) for n in range(-4, 17)]
WHOLE_SAMPLES = list(range(-3, 10))
FIRST = date(2020, 2, 25)

ends = st.none() | st.integers(0, 6)
runs = st.tuples(ends, ends, st.booleans(), st.booleans())
many = st.lists(runs, max_size=4)
UNIT = parse_unit("mm")
assert isinstance(UNIT, Unit)
UNBOUNDED = Span(None, None, True, True)
KINDS: dict[str, FactType] = {
    "integer": IntegerType(UNBOUNDED),
    "quantity": QuantityType(UNIT, UNBOUNDED),
    "date": DateType(True),
}


def inside(value: int | Fraction, run: tuple[int | None, int | None, bool, bool]) -> bool:
    low, high, low_open, high_open = run
    above = low is None or value > low or (value == low and not low_open)
    return above and (high is None or value < high or (value == high and not high_open))


def made(parts: list[tuple[int | None, int | None, bool, bool]], none: bool = False, whole: bool = False) -> ValueSet:
    step = whole_step if whole else None
    return of_spans([span(*part, step=step) for part in parts], none, step)


def members(values: ValueSet, samples: list[int | Fraction] | list[int]) -> set[int | Fraction]:
    return {sample for sample in samples if any(contains(run, sample) for run in values.spans)}


def is_normal(values: ValueSet, whole: bool) -> bool:
    """Ascending, disjoint, and not to be joined."""
    for one, other in zip(values.spans, values.spans[1:], strict=False):
        if one.high is None or other.low is None or one.high > other.low:  # type: ignore[operator]
            return False
        if one.high == other.low and not (one.high_open and other.low_open):
            return False
        if whole and whole_step(one.high, 1) == other.low:
            return False
    return all(run.low is None or run.high is None or run.low <= run.high for run in values.spans)  # type: ignore[operator]


@tried(150)
@given(many, many, st.booleans(), st.booleans())
def test_union_and_intersection_of_dense_runs(a: list, b: list, a_none: bool, b_none: bool) -> None:  # type: ignore[type-arg]
    left, right = made(a, a_none), made(b, b_none)
    here = {s for s in SAMPLES if any(inside(s, run) for run in a)}
    there = {s for s in SAMPLES if any(inside(s, run) for run in b)}
    assert members(left, SAMPLES) == here
    assert members(union(left, right), SAMPLES) == here | there
    assert members(intersection(left, right), SAMPLES) == here & there
    assert union(left, right).none == (a_none or b_none)
    assert intersection(left, right).none == (a_none and b_none)
    for values in (left, union(left, right), intersection(left, right)):
        assert is_normal(values, whole=False)
    assert union(left, right) == union(right, left)
    assert intersection(left, right) == intersection(right, left)
    assert union(left, left) == left == intersection(left, left)
    assert is_empty(left) == (not here and not a_none)
    assert has_value(left) == bool(here)
    assert without_none(left).none is False
    assert without_none(left).spans == left.spans


@tried(150)
@given(many, many)
def test_union_and_intersection_of_whole_numbers(a: list, b: list) -> None:  # type: ignore[type-arg]
    left, right = made(a, whole=True), made(b, whole=True)
    here = {s for s in WHOLE_SAMPLES if any(inside(s, run) for run in a)}
    there = {s for s in WHOLE_SAMPLES if any(inside(s, run) for run in b)}
    assert members(left, WHOLE_SAMPLES) == here
    assert members(union(left, right, whole_step), WHOLE_SAMPLES) == here | there
    assert members(intersection(left, right), WHOLE_SAMPLES) == here & there
    assert is_normal(union(left, right, whole_step), whole=True)
    for values in (left, right):
        assert all(not (run.low_open and run.low is not None) for run in values.spans)
        assert all(not (run.high_open and run.high is not None) for run in values.spans)
    # The normal form is one: sets with the same members are equal.
    assert (left == right) == (here == there)


subsets = st.frozensets(st.sampled_from("xyz"))
listings = st.frozensets(subsets)


@tried(150)
@given(listings, listings, st.none() | subsets, st.none() | subsets)
def test_sets_of_choices(a: frozenset, b: frozenset, a_all: frozenset | None, b_all: frozenset | None) -> None:  # type: ignore[type-arg]
    def one(listed: frozenset, within: frozenset | None) -> tuple[ValueSet, set]:  # type: ignore[type-arg]
        if within is None:
            return ValueSet(values=listed), set(listed)
        return ValueSet(subsets_of=within), {frozenset(s) for s in _subsets(within)}

    def expand(values: ValueSet) -> set:  # type: ignore[type-arg]
        return set(values.values) | (
            {frozenset(s) for s in _subsets(values.subsets_of)} if values.subsets_of is not None else set()
        )

    left, here = one(a, a_all)
    right, there = one(b, b_all)
    assert expand(intersection(left, right)) == here & there
    assert expand(union(left, right)) >= here | there or (a_all is not None or b_all is not None)
    if a_all is None and b_all is None:
        assert expand(union(left, right)) == here | there


def _subsets(of_these: frozenset[str]) -> list[frozenset[str]]:
    found = [frozenset[str]()]
    for value in of_these:
        found += [subset | {value} for subset in found]
    return found


def test_of_and_single() -> None:
    assert of(True, False) == BOTH
    assert single(of(3)) == 3
    assert single(of("a")) == "a"
    assert single(of(3, 4)) is None
    assert single(union(of(3), NONE)) is None
    assert single(NONE) is None
    assert single(NOTHING) is None
    assert single(of(date(2020, 1, 1))) == date(2020, 1, 1)
    assert of(1, 2).spans == (Span(1, 1), Span(2, 2))
    assert union(of(1), of(2), whole_step).spans == (Span(1, 2),)
    assert union(of(1), of(2)).spans == (Span(1, 1), Span(2, 2))
    assert single(of(frozenset({"a"}))) == frozenset({"a"})


@pytest.mark.parametrize("end", [date.min, date.max])
def test_there_is_no_day_beyond_the_calendar(end: date) -> None:
    low, high = (None, end) if end == date.min else (end, None)
    assert span(low, high, low_open=True, high_open=True, step=whole_step) is None
    kind = KINDS["date"]
    check = Compare("<" if end == date.min else ">", Literal(end))
    assert check_truth(check, Known(of(end), True), kind) is False
    everything = Known(of_spans([UNBOUNDED]), False)
    assert check_truth(check, everything, kind) is False


# --- tests of values, and the cells that the compiled engine makes of them


def _as(kind: str, value: int | Fraction) -> Ordered:
    return FIRST + timedelta(days=int(value)) if kind == "date" else value


def _check(kind: str, shape: str, one: int, other: int, opens: tuple[bool, bool]) -> Check:
    low, high = Literal(_as(kind, min(one, other))), Literal(_as(kind, max(one, other)))
    match shape:
        case "one_of":
            return OneOf((low,) if one == other else (low, high))
        case "within":
            opens = opens if one != other else (False, False)
            return Within(low, high, *opens)
        case operator:
            return Compare(operator, low)  # type: ignore[arg-type]


def _holds(check: Check, value: Ordered) -> bool:
    match check:
        case OneOf(literals):
            return value in [literal.value for literal in literals]
        case Within(low, high, low_open, high_open):
            above = value > low.value if low_open else value >= low.value  # type: ignore[operator]
            return above and (value < high.value if high_open else value <= high.value)  # type: ignore[operator]
        case Compare(operator, literal):
            v, w = value, literal.value
            return {"<": v < w, "<=": v <= w, ">": v > w, ">=": v >= w, "!=": v != w}[operator]  # type: ignore[operator]
    raise AssertionError(check)


shapes = st.tuples(
    st.sampled_from(["one_of", "within", "<", "<=", ">", ">=", "!="]),
    st.integers(0, 6),
    st.integers(0, 6),
    st.tuples(st.booleans(), st.booleans()),
)


def _compare(name: str, parts: list, none: bool, checks: list[Check]) -> None:  # type: ignore[type-arg]
    """Tests of a set of values, by the reference and by cells, against every value that it may be."""
    kind = KINDS[name]
    whole = step_of(kind) is not None
    samples = WHOLE_SAMPLES if whole else SAMPLES
    spans = [
        (None if a is None else _as(name, a), None if b is None else _as(name, b), *opens) for a, b, *opens in parts
    ]
    values = of_spans([span(*run, step=step_of(kind)) for run in spans], none, step_of(kind))
    possible = [_as(name, s) for s in samples if any(inside(s, run) for run in parts)]
    cells = cells_of(kind, checks)
    bits = value_bits(cells, values)
    for check in checks:
        results = {_holds(check, value) for value in possible} | ({False} if none else set())
        truth = None if len(results) == 2 else True in results
        assert check_truth(check, Known(values, True), kind) is truth
        passing, failing = cells.masks[check]
        assert (bool(bits & passing), bool(bits & failing)) == (True in results, False in results)


@pytest.mark.parametrize("name", KINDS)
@tried(60)
@given(parts=many, none=st.booleans(), wanted=st.lists(shapes, min_size=1, max_size=3))
def test_tests_and_cells_against_brute_force(name: str, parts: list, none: bool, wanted: list) -> None:  # type: ignore[type-arg]
    _compare(name, parts, none, [_check(name, *shape) for shape in wanted])


@pytest.mark.parametrize("name", KINDS)
def test_every_run_beside_every_boundary(name: str) -> None:
    """Nothing is left to chance where a run begins or ends at the value that a test names."""
    opens = [(False, False), (False, True), (True, False), (True, True)]
    checks = [
        _check(name, shape, one, one, (False, False))
        for shape in ("one_of", "<", "<=", ">", ">=", "!=")
        for one in (1, 2)
    ]
    checks += [_check(name, "within", 1, 3, pair) for pair in opens] + [_check(name, "one_of", 1, 3, (False, False))]
    some_ends = (None, 0, 1, 2, 3)
    for low, high, pair in product(some_ends, some_ends, opens):
        _compare(name, [(low, high, *pair)], False, checks)
        _compare(name, [(low, high, *pair)], False, checks[:2])


# --- what is known


def _settled(kind: FactType, recorded: ValueSet, computed: ValueSet | None, tolerance: int | None = None) -> Known:
    from guidewright.engine.known import Derived

    record = Record((Entry(recorded, "x"),), recorded)
    derived = None if computed is None else Derived(computed, True)
    return settle(Fact("f", "F", kind, tolerance=tolerance), record, derived, True, date(2021, 1, 1))


@pytest.mark.parametrize(
    ("recorded", "computed", "tolerance", "values", "conflict"),
    [
        (of(5), of(5), None, of(5), False),
        (of(5), of(6), None, of(5, 6), True),
        (of(5), of(6), 1, of(6), False),
        (of(5), of(7), 1, of(5, 7), True),
        (of(5), of(4, 7), 1, of(4), False),
        (of(5, 9), of(9, 12), None, of(9), False),
        (of_spans([Span(1, 4)]), of(6), 2, of(6), False),
        (of_spans([Span(1, 4, False, True)]), of(6), 2, union(of_spans([Span(1, 4, False, True)]), of(6)), True),
        (of(5), NONE, 1, union(of(5), NONE), True),
        (NONE, of(5), 1, union(of(5), NONE), True),
        (NONE, union(of(5), NONE), None, NONE, False),
    ],
)
def test_record_and_computation(
    recorded: ValueSet, computed: ValueSet, tolerance: int | None, values: ValueSet, conflict: bool
) -> None:
    known = _settled(KINDS["quantity"], recorded, computed, tolerance)
    assert known.values == values
    assert (known.conflict is not None) == conflict


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("tolerance", [10, 10**12, Fraction(1, 2)])
def test_a_tolerance_does_not_leave_the_calendar(day: date, tolerance: int) -> None:
    known = _settled(KINDS["date"], of(day), of(date(2020, 1, 1)), tolerance)
    near = tolerance == 10**12
    assert known.values == (of(date(2020, 1, 1)) if near else of(day, date(2020, 1, 1)))
    assert (known.conflict is None) == near


@tried(100)
@given(st.integers(-3, 3), st.lists(st.integers(-3, 3), max_size=13))
def test_the_totals_of_a_score(sure: int, perhaps: list[int]) -> None:
    totals = {sure}
    for points in perhaps:
        totals |= {total + points for total in totals}
    found = sums(sure, list(perhaps), whole_step)
    every = set(range(sure - 40, sure + 41))
    got = {total for total in every if any(contains(run, total) for run in found.spans)}
    assert totals <= got
    if len([points for points in perhaps if points]) <= 10:
        assert got == totals
    else:
        assert (min(got), max(got)) == (min(totals), max(totals))
