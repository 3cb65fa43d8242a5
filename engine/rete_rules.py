"""A program as rulesets: what rules conclude from what, and in which order.

Facts are settled stratum by stratum, since a derived fact follows from conditions on others. In each stratum the engine
first makes the tests of the facts just settled; then it concludes conditions from the truths of their tests, level by
level where a condition had to be divided. Every test, and every condition of more than one test, has a slot for its
truth, one rule that concludes that it is true, and one that concludes that it is false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from guidewright.engine.program import Program, fact_conditions
from guidewright.engine.rete_conditions import Leaf, Node, bounded, leaves_of, nodes_of, opposite, pattern_of, shaped
from guidewright.engine.rete_host import Names, Pattern, definition
from guidewright.engine.rete_tests import Code, Comparison, code_of, comparison
from guidewright.rules.conditions import Check, Condition, Test, facts_of
from guidewright.rules.model import Fact, Weighing

# Conditions that may be pending in a ruleset at a time: beyond 64 the engine fails, depending on what is known.
_MOST_PENDING = 60

_T = TypeVar("_T")


class ReteRefused(Exception):
    """A program that tests a fact before it can be known. No checked guideline does."""


@dataclass(frozen=True, slots=True)
class FactTests:
    """The tests of a fact, with their slots. The engine makes those in `compared` of a value with a number (`code`)."""

    name: str
    code: Code | None
    compared: frozenset[int]
    checks: tuple[tuple[int, Check], ...]


@dataclass(frozen=True, slots=True)
class Comparing:
    """A ruleset that makes the tests of these facts."""

    index: int
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concluding:
    """A ruleset that concludes conditions from truths: of slots, each with what is written if it is true, or false."""

    index: int
    truths: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Stratum:
    """Facts and weighings to settle, in this order; then their tests; then, one level after the other, conditions."""

    facts: tuple[Fact, ...]
    weighings: tuple[Weighing, ...]
    comparing: tuple[Comparing, ...]
    concluding: tuple[Concluding, ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`conclusions` says of each rule which slot it concludes to be true or false."""

    slots: int
    strata: tuple[Stratum, ...]
    tests: Mapping[str, FactTests]
    definitions: tuple[str, ...]
    conclusions: Mapping[str, tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class _Rules:
    """The two rules of a slot. At most `pending` of their conditions hold at a time."""

    slot: int
    passes: Pattern
    fails: Pattern
    pending: int


class Book:
    """Gathers the conditions of a program, and then writes the rules that conclude them.

    Raises `ReteRefused`.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._strata = _strata(program)
        self._tests: dict[Test, int] = {}
        self._leaves: dict[Node, Leaf] = {}
        self._named: list[tuple[int, Node, Node]] = []
        # For each slot the stratum, and the level in it, in which its truth is concluded. Slot 0 is always true.
        self._place: list[tuple[int, int]] = [(0, 0)]
        self._names = Names()
        self._definitions: list[str] = []
        self._conclusions: dict[str, tuple[int, bool]] = {}

    def leaf_of(self, condition: Condition) -> Leaf:
        """Where the truth of a condition will be found."""
        return self._leaf(bounded(shaped(condition, self._slot_of), self._leaf))

    def written(self) -> Rulebook:
        """The rules of every condition that was asked for."""
        tests, comparisons = self._comparisons()
        names = [self._names.fresh(f"x{slot}") for slot in range(len(self._place))]
        tests_in: dict[int, list[tuple[str, _Rules]]] = {}
        for test, slot in self._tests.items():
            if slot in comparisons:
                found = comparisons[slot]
                rules = _Rules(slot, found.passes, found.fails, found.pending)
                tests_in.setdefault(self._place[slot][0], []).append((test.fact, rules))
        nodes_at: dict[tuple[int, int], list[tuple[Node, _Rules]]] = {}
        for slot, node, other in self._named:
            rules = _Rules(slot, pattern_of(node, names), pattern_of(other, names), nodes_of(node) + nodes_of(other))
            nodes_at.setdefault(self._place[slot], []).append((node, rules))
        strata: list[Stratum] = []
        for number in range(1 + max(self._strata.values(), default=0)):
            comparing = self._comparing(tests_in.get(number, []))
            concluding = [self._concluding(nodes_at[place], names) for place in sorted(nodes_at) if place[0] == number]
            strata.append(
                Stratum(
                    tuple(fact for fact in self._program.facts if self._strata[fact.id] == number),
                    tuple(w for w in self._program.weighings if self._strata[f"{w.id}.confirmed"] == number),
                    tuple(comparing),
                    tuple(ruleset for level in concluding for ruleset in level),
                )
            )
        return Rulebook(len(self._place), tuple(strata), tests, tuple(self._definitions), self._conclusions)

    def _slot_of(self, test: Test) -> int:
        slot = self._tests.get(test)
        if slot is None:
            if test.fact not in self._strata:
                raise ReteRefused(f"`{test.fact}` is tested, and is no fact")
            slot = self._tests[test] = self._new_slot(self._strata[test.fact], 0)
        return slot

    def _leaf(self, node: Node) -> Leaf:
        if isinstance(node, Leaf):
            return node
        leaf = self._leaves.get(node)
        if leaf is None:
            stratum, level = max(self._place[leaf.slot] for leaf in leaves_of(node))
            leaf, other = Leaf(self._new_slot(stratum, level + 1)), opposite(node)
            self._leaves |= {node: leaf, other: Leaf(leaf.slot, False)}
            self._named.append((leaf.slot, node, other))
        return leaf

    def _new_slot(self, stratum: int, level: int) -> int:
        self._place.append((stratum, level))
        return len(self._place) - 1

    def _comparisons(self) -> tuple[dict[str, FactTests], dict[int, Comparison]]:
        checks_of: dict[str, list[tuple[int, Check]]] = {}
        for test, slot in self._tests.items():
            checks_of.setdefault(test.fact, []).append((slot, test.check))
        tests: dict[str, FactTests] = {}
        comparisons: dict[int, Comparison] = {}
        for number, (fact, checks) in enumerate(checks_of.items()):
            name = self._names.fresh(f"p{number}")
            code = code_of(self._program.kinds[fact], [check for _, check in checks])
            made = {slot: found for slot, check in checks if code and (found := comparison(check, name, code))}
            comparisons |= made
            tests[fact] = FactTests(name, code, frozenset(made), tuple(checks))
        return tests, comparisons

    def _comparing(self, rules: Sequence[tuple[str, _Rules]]) -> Iterator[Comparing]:
        for group in _grouped(rules):
            yield Comparing(self._defined(rules for _, rules in group), tuple(dict.fromkeys(fact for fact, _ in group)))

    def _concluding(self, rules: Sequence[tuple[Node, _Rules]], names: Sequence[str]) -> Iterator[Concluding]:
        for group in _grouped(rules):
            slots = dict.fromkeys(leaf.slot for node, _ in group for leaf in leaves_of(node))
            truths = tuple((slot, f'"{names[slot]}":true', f'"{names[slot]}":false') for slot in slots)
            yield Concluding(self._defined(rules for _, rules in group), truths)

    def _defined(self, group: Iterable[_Rules]) -> int:
        patterns: dict[str, Pattern] = {}
        for rules in group:
            for name, truth, pattern in (
                (f"t{rules.slot}", True, rules.passes),
                (f"f{rules.slot}", False, rules.fails),
            ):
                patterns[name] = pattern
                self._conclusions[name] = (rules.slot, truth)
        self._definitions.append(definition(patterns))
        return len(self._definitions) - 1


def _grouped(rules: Sequence[tuple[_T, _Rules]]) -> Iterator[list[tuple[_T, _Rules]]]:
    """Rules in groups that cannot have too many conditions pending, whatever is known."""
    group: list[tuple[_T, _Rules]] = []
    pending = 0
    for item in rules:
        if group and pending + item[1].pending > _MOST_PENDING:
            yield group
            group, pending = [], 0
        group.append(item)
        pending += item[1].pending
    if group:
        yield group


def _strata(program: Program) -> dict[str, int]:
    """For each fact the stratum in which it can be settled: behind those of the facts that its conditions test."""
    found: dict[str, int] = {}

    def known(fact: str) -> int:
        if fact not in found:
            raise ReteRefused(f"`{fact}` is needed before it can be known")
        return found[fact]

    def behind(condition: Condition) -> int:
        return max((known(fact) + 1 for fact in facts_of(condition)), default=0)

    for fact in program.facts:
        inputs = (known(input) for input in program.inputs[fact.id])
        found[fact.id] = max((*inputs, *(behind(condition) for condition in fact_conditions(fact))), default=0)
    confirmed: dict[str, int] = {}
    for weighing in program.weighings:
        arguments = [argument for candidate in weighing.candidates for argument in candidate.arguments]
        conditions = [c for argument in arguments for c in (argument.when, argument.unless) if c is not None]
        confirmed[f"{weighing.id}.confirmed"] = max((behind(condition) for condition in conditions), default=0)
    return found | confirmed
