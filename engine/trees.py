"""Conditions prepared for explanation: every distinct test and every branch is numbered, and its truth worked out
once a patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from guidewright.engine.three_valued import Truth, all_of, any_of, negation
from guidewright.rules.conditions import AllOf, AnyOf, Condition, Not, Test


@dataclass(frozen=True, slots=True)
class Leaf:
    number: int


@dataclass(frozen=True, slots=True)
class Branch:
    number: int
    kind: Literal["all", "any", "not"]
    parts: tuple[Tree, ...]


Tree = Leaf | Branch


@dataclass(frozen=True, slots=True)
class Numbering:
    """The tests and branches met so far, in the order of their numbers; a branch stands after its parts."""

    tests: dict[Test, int] = field(default_factory=dict)
    branches: list[Branch] = field(default_factory=list)

    def tree_of(self, condition: Condition) -> Tree:
        """The tree of a condition; a test not met before gets the next number."""
        match condition:
            case Test():
                return Leaf(self.tests.setdefault(condition, len(self.tests)))
            case Not(part):
                return self._branch("not", (part,))
            case AllOf(parts):
                return self._branch("all", parts)
            case AnyOf(parts):
                return self._branch("any", parts)

    def _branch(self, kind: Literal["all", "any", "not"], parts: tuple[Condition, ...]) -> Branch:
        trees = tuple(self.tree_of(part) for part in parts)
        branch = Branch(len(self.branches), kind, trees)
        self.branches.append(branch)
        return branch


@dataclass(frozen=True, slots=True)
class Truths:
    """The truth of every test and of every branch, by number."""

    tests: list[Truth]
    branches: list[Truth]


def truths_from(tests: list[Truth], branches: tuple[Branch, ...]) -> Truths:
    """The truths of all branches, from those of the tests."""
    truths = Truths(tests, [])
    for branch in branches:
        parts = [truth_in(part, truths) for part in branch.parts]
        match branch.kind:
            case "not":
                truths.branches.append(negation(parts[0]))
            case "all":
                truths.branches.append(all_of(parts))
            case "any":
                truths.branches.append(any_of(parts))
    return truths


def truth_in(tree: Tree, truths: Truths) -> Truth:
    return truths.tests[tree.number] if isinstance(tree, Leaf) else truths.branches[tree.number]


def deciding(tree: Tree, truths: Truths) -> Iterator[tuple[int, bool]]:
    """The tests that make the tree what it is, each with whether it stands plainly (`True`) or under a `not`.

    Of a conjunction that is false only the false parts count, of an alternative that is true only the true ones, and of
    one that is open only the open ones: what stands beside them cannot change it.
    """
    return iter(_deciding(tree, truths, truth_in(tree, truths), True))


def _deciding(tree: Tree, truths: Truths, truth: Truth, plainly: bool) -> list[tuple[int, bool]]:
    if isinstance(tree, Leaf):
        return [(tree.number, plainly)]
    if tree.kind == "not":
        return _deciding(tree.parts[0], truths, negation(truth), not plainly)
    found: list[tuple[int, bool]] = []
    for part in tree.parts:
        if truth_in(part, truths) is truth:
            found += _deciding(part, truths, truth, plainly)
    return found
