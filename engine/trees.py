"""Conditions prepared for explanation: every distinct test of a program is numbered, so that its truth is worked
out once a patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from guidewright.engine.three_valued import Truth, all_of, any_of, negation
from guidewright.rules.conditions import AllOf, AnyOf, Condition, Not, Test


@dataclass(frozen=True, slots=True)
class Leaf:
    number: int


@dataclass(frozen=True, slots=True)
class Branch:
    kind: Literal["all", "any", "not"]
    parts: tuple[Tree, ...]


Tree = Leaf | Branch


def tree_of(condition: Condition, numbers: dict[Test, int]) -> Tree:
    """The tree of a condition; a test not met before gets the next number."""
    match condition:
        case Test():
            return Leaf(numbers.setdefault(condition, len(numbers)))
        case Not(part):
            return Branch("not", (tree_of(part, numbers),))
        case AllOf(parts):
            return Branch("all", tuple(tree_of(part, numbers) for part in parts))
        case AnyOf(parts):
            return Branch("any", tuple(tree_of(part, numbers) for part in parts))


def truth_in(tree: Tree, truths: Sequence[Truth]) -> Truth:
    if isinstance(tree, Leaf):
        return truths[tree.number]
    if tree.kind == "not":
        return negation(truth_in(tree.parts[0], truths))
    return (all_of if tree.kind == "all" else any_of)([truth_in(part, truths) for part in tree.parts])


def deciding(tree: Tree, truths: Sequence[Truth]) -> Iterator[tuple[int, bool]]:
    """The tests that make the tree what it is, each with whether it stands plainly (`True`) or under a `not`.

    Of a conjunction that is false only the false parts count, of an alternative that is true only the true ones,
    and of one that
    is open only the open ones: what stands beside them cannot change it.
    """
    yield from _deciding(tree, truths, truth_in(tree, truths), True)


def _deciding(tree: Tree, truths: Sequence[Truth], truth: Truth, plainly: bool) -> Iterator[tuple[int, bool]]:
    if isinstance(tree, Leaf):
        yield tree.number, plainly
    elif tree.kind == "not":
        yield from _deciding(tree.parts[0], truths, negation(truth), not plainly)
    else:
        for part in tree.parts:
            if truth_in(part, truths) is truth:
                yield from _deciding(part, truths, truth, plainly)
