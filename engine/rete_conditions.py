"""Conditions in the shape that the rule engine can bear: negation at the leaves, nothing too wide, deep or often true.

A condition becomes two rules: one concludes that it is true, one that it is false. Where neither fires, it is open.
That is Kleene's logic: `and` is true where all of its parts are known true, and false where one is known false. No rule
rests on an absence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from guidewright.engine.rete_host import Pattern
from guidewright.engine.three_valued import Truth, negation
from guidewright.rules.conditions import AllOf, AnyOf, Condition, Not, Test

# An operator takes two of the 31 places that a rule has, and a rule fires once for each way through its `or`s, whose
# number is a product. Conditions that may be pending are limited for a ruleset, too.
_MOST_NODES = 30
_MOST_OPERATORS = 12
_MOST_WAYS = 24
_WIDEST = 20


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a slot holds, the truth of a test or of a condition, is known to be true; or false, where not `wanted`."""

    slot: int
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Node, ...]


Node: TypeAlias = Leaf | Every | Some

#: Slot 0 is always true, so that conditions without a test (`AllOf(())`) are leaves like any other.
TRUE = Leaf(0)
FALSE = Leaf(0, False)


def truth_at(leaf: Leaf, truths: list[Truth]) -> Truth:
    return truths[leaf.slot] if leaf.wanted else negation(truths[leaf.slot])


def opposite(node: Node) -> Node:
    """The condition that is true where this is false, and false where it is true."""
    match node:
        case Leaf(slot, wanted):
            return Leaf(slot, not wanted)
        case Every(parts):
            return Some(tuple(opposite(part) for part in parts))
        case Some(parts):
            return Every(tuple(opposite(part) for part in parts))


def shaped(condition: Condition, slot_of: Callable[[Test], int], wanted: bool = True) -> Node:
    """A condition (or its negation) with negation at the leaves, and without parts that change nothing."""
    match condition:
        case Test():
            return Leaf(slot_of(condition), wanted)
        case Not(part):
            return shaped(part, slot_of, not wanted)
        case AllOf(parts) | AnyOf(parts):
            inner = [shaped(part, slot_of, wanted) for part in parts]
            return _joined(inner, every=isinstance(condition, AllOf) is wanted)


def _joined(parts: Iterable[Node], every: bool) -> Node:
    kind, neutral, decisive = (Every, TRUE, FALSE) if every else (Some, FALSE, TRUE)
    flat: dict[Node, None] = {}
    for part in parts:
        if part == decisive:
            return decisive
        if isinstance(part, kind):
            flat |= dict.fromkeys(part.parts)
        elif part != neutral:
            flat[part] = None
    if len(flat) <= 1:
        return next(iter(flat), neutral)
    return kind(tuple(flat))


def bounded(node: Node, named: Callable[[Node], Leaf]) -> Node:
    """The same condition with parts replaced, until the engine can bear it, by leaves that `named` gives for them."""
    if isinstance(node, Leaf):
        return node
    kind = Every if isinstance(node, Every) else Some
    parts = [bounded(part, named) for part in node.parts]
    while len(parts) > _WIDEST:
        groups = [parts[at : at + _WIDEST] for at in range(0, len(parts), _WIDEST)]
        parts = [named(bounded(kind(tuple(group)), named)) if len(group) > 1 else group[0] for group in groups]
    whole = kind(tuple(parts))
    if all(isinstance(part, Leaf) for part in parts) or _is_bearable(whole):
        return whole
    return kind(tuple(part if isinstance(part, Leaf) else named(part) for part in parts))


def _is_bearable(node: Node) -> bool:
    return all(
        nodes_of(way) <= _MOST_NODES and _operators(way) <= _MOST_OPERATORS and _ways(way) <= _MOST_WAYS
        for way in (node, opposite(node))
    )


def nodes_of(node: Node) -> int:
    """How many conditions of a fact may at most be pending in the engine for the sake of this rule."""
    match node:
        case Leaf():
            return 1
        case Every(parts):
            return sum(nodes_of(part) for part in parts)
        case Some(parts):
            return 1 + sum(nodes_of(part) for part in parts)


def _operators(node: Node) -> int:
    return 0 if isinstance(node, Leaf) else 1 + sum(_operators(part) for part in node.parts)


def _ways(node: Node) -> int:
    """How often a rule with this condition may fire for one fact."""
    match node:
        case Leaf():
            return 1
        case Every(parts):
            ways = 1
            for part in parts:
                ways *= _ways(part)
            return ways
        case Some(parts):
            return sum(_ways(part) for part in parts)


def leaves_of(node: Node) -> Iterable[Leaf]:
    if isinstance(node, Leaf):
        yield node
    else:
        for part in node.parts:
            yield from leaves_of(part)


def pattern_of(node: Node, names: Sequence[str]) -> Pattern:
    """A condition as the engine reads it, over the properties (`names`) that hold the truths of slots."""
    match node:
        case Leaf(slot, wanted):
            return {names[slot]: wanted}
        case Every(parts):
            return {"$and": [pattern_of(part, names) for part in parts]}
        case Some(parts):
            return {"$or": [pattern_of(part, names) for part in parts]}
