"""Whether a test holds: naively, by asking for values that pass it and values that fail it."""

from __future__ import annotations

from collections.abc import Callable

from guidewright.engine.known import Known
from guidewright.engine.three_valued import Truth, all_of, any_of, negation
from guidewright.rules.conditions import (
    AllOf,
    AnyOf,
    Check,
    Compare,
    Condition,
    IsNone,
    Not,
    OneOf,
    Record,
    SaidAs,
    Test,
    Within,
)
from guidewright.rules.domains import precise_options, step_of
from guidewright.rules.model import ChoicesType, ChoiceType, FactType, TextType
from guidewright.rules.values import Ordered, Span, Step, Value, has_value, overlap, single, span

Lookup = Callable[[str], Known]


def truth_of(condition: Condition, known: Lookup, kinds: Callable[[str], FactType]) -> Truth:
    """Kleene's strong tables over the tests of a condition, and no further."""
    match condition:
        case Test(fact, check):
            return check_truth(check, known(fact), kinds(fact))
        case AllOf(parts):
            return all_of([truth_of(part, known, kinds) for part in parts])
        case AnyOf(parts):
            return any_of([truth_of(part, known, kinds) for part in parts])
        case Not(part):
            return negation(truth_of(part, known, kinds))


def check_truth(check: Check, known: Known, kind: FactType) -> Truth:
    """True if a test holds for every value that its fact may still have, false if for none, else open."""
    values = known.values
    match check:
        case Record(word):
            return _record_truth(word, known, kind)
        case SaidAs(value):
            return value in known.said
        case IsNone():
            return None if values.none and has_value(values) else values.none
        case _:
            can_pass, can_fail = _passes_and_fails(check, known, kind)
            can_fail = can_fail or values.none
            return None if can_pass and can_fail else can_pass


def _record_truth(word: str, known: Known, kind: FactType) -> bool:
    one = single(known.values) is not None or (isinstance(kind, TextType) and known.has_data)
    several = not one and (has_value(known.values) or isinstance(kind, TextType))
    if word == "known":
        return one
    return several if word == "unknown" else several and known.has_data


def _passes_and_fails(check: Check, known: Known, kind: FactType) -> tuple[bool, bool]:
    """Whether some value that the fact may have passes, and whether some fails."""
    values = known.values
    if values.subsets_of is not None:
        # Some subset holds one of the values asked for, and the empty one holds none of them.
        return any(value in values.subsets_of for value in _asked(check)), True
    if values.spans:
        passing = _passing(check, step_of(kind))
        can_pass = any(overlap(run, p) for run in values.spans for p in passing)
        can_fail = any(overlap(run, f) for run in values.spans for f in _failing(passing, step_of(kind)))
        return can_pass, can_fail
    results = [_passes(check, value, kind) for value in values.values]
    return any(results), not all(results)


def _asked(check: Check) -> list[Value]:
    assert isinstance(check, OneOf)
    return [literal.value for literal in check.literals]


def _passes(check: Check, value: Value, kind: FactType) -> bool:
    """Whether one unordered value passes."""
    match check:
        case OneOf(literals):
            if isinstance(kind, ChoicesType) and isinstance(value, frozenset):
                return any(literal.value in value for literal in literals)
            return any(literal.value == value for literal in literals)
        case Compare("!=", literal):
            return value != literal.value
        case Compare(operator, literal):
            assert isinstance(kind, ChoiceType)
            assert isinstance(value, str)
            assert isinstance(literal.value, str)
            order = precise_options(kind)
            here, there = order.index(value), order.index(literal.value)
            return {"<": here < there, "<=": here <= there, ">": here > there, ">=": here >= there}[operator]
        case _:
            raise AssertionError(f"{check} does not test an unordered value")


def _passing(check: Check, step: Step | None) -> list[Span]:
    """The runs of ordered values that pass, ascending and disjoint."""
    match check:
        case OneOf(literals):
            values = sorted((_ordered(literal.value) for literal in literals), key=lambda v: v)
            return [Span(value, value) for value in values]
        case Compare(operator, literal):
            value = _ordered(literal.value)
            below, above = span(None, value, high_open=True, step=step), span(value, None, low_open=True, step=step)
            at_most, at_least = span(None, value), span(value, None)
            runs = {"<": [below], "<=": [at_most], ">": [above], ">=": [at_least], "!=": [below, above]}[operator]
            return [run for run in runs if run is not None]
        case Within(low, high, low_open, high_open):
            run = span(_ordered(low.value), _ordered(high.value), low_open, high_open, step)
            return [] if run is None else [run]
        case _:
            raise AssertionError(f"{check} does not test an ordered value")


def _failing(passing: list[Span], step: Step | None) -> list[Span]:
    """The runs between those that pass."""
    runs: list[Span | None] = []
    low: Ordered | None = None
    low_open = True
    for run in passing:
        if run.low is not None:
            runs.append(span(low, run.low, low_open, not run.low_open, step))
        if run.high is None:
            return [r for r in runs if r is not None]
        low, low_open = run.high, not run.high_open
    runs.append(span(low, None, low_open, True, step))
    return [run for run in runs if run is not None]


def _ordered(value: Value) -> Ordered:
    assert not isinstance(value, bool | str | frozenset)
    return value
