"""Conditions that are alike but for one test."""

from __future__ import annotations

from collections.abc import Sequence

from guidewright.rules.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Not,
    Test,
    facts_of,
    negated,
    without_names,
)


def whole_condition(when: Condition, unless: Condition | None) -> Condition:
    """When a rule or an argument holds, as one plain condition."""
    return plain(when if unless is None else AllOf((when, Not(unless))))


def plain(condition: Condition) -> Condition:
    """The same with `not` only before tests, and no list inside another of its kind."""
    match condition:
        case Test() | Not(Test()):
            return condition
        case Not(part):
            return plain(negated(part))
        case AllOf(parts) | AnyOf(parts):
            kind = type(condition)
            every = map(plain, parts)
            flat = [inner for part in every for inner in (part.parts if isinstance(part, kind) else (part,))]
            return flat[0] if len(flat) == 1 else kind(tuple(flat))


def difference(one: Condition, other: Condition) -> tuple[Condition, Condition, bool] | None:
    """The tests of one fact in which two plain conditions differ, and whether all else is alike. Where both want all of
    a list, one may want more than the other.
    """
    match one, other:
        case (AnyOf(ours), AnyOf(theirs)):
            only_ours, only_theirs = _unshared(ours, theirs), _unshared(theirs, ours)
            return difference(only_ours[0], only_theirs[0]) if len(only_ours) == len(only_theirs) == 1 else None
        case (AllOf(), _) | (_, AllOf()):
            ours, theirs = (each.parts if isinstance(each, AllOf) else (each,) for each in (one, other))
            only_ours, only_theirs = _unshared(ours, theirs), _unshared(theirs, ours)
            if min(len(only_ours), len(only_theirs)) != 1:
                return None
            found = [difference(a, b) for a in only_ours for b in only_theirs]
            alike = len(only_ours) == len(only_theirs)
            return next(((a, b, alike and so) for a, b, so in filter(None, found)), None)
        case (Test() | Not(), Test() | Not()):
            if facts_of(one) == facts_of(other):
                return one, other, True
    return None


def _unshared(ours: Sequence[Condition], theirs: Sequence[Condition]) -> list[Condition]:
    bare = {without_names(part) for part in theirs}
    return [part for part in ours if without_names(part) not in bare]


def replaced(condition: Condition, test: Condition, by: Condition) -> Condition:
    """A plain condition with another in the place of this very test."""
    if condition is test:
        return by
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return type(condition)(tuple(replaced(part, test, by) for part in parts))
        case _:
            return condition
