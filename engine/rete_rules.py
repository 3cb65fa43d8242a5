"""A program as rulesets: which conclusions rules draw from which facts, and in what order.

Facts are settled stratum by stratum, since what derived facts are follows from conditions on others. In each stratum the engine first
makes the tests of the facts just settled, then draws conclusions from the truths of tests, level by level where a condition had to
be divided. Every test, and every condition with more than one test, has a slot for its truth and a rule each for true and for false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from guidewright.engine.program import Program, fact_conditions
from guidewright.engine.rete_conditions import Leaf, Node, bounded, leaves_of, nodes_of, opposite, pattern_of, shaped
from guidewright.engine.rete_host import Names, Pattern, ReteError, definition
from guidewright.engine.rete_tests import Code, Comparison, code_of, comparison
from guidewright.rules.conditions import Check, Condition, Test, facts_of
from guidewright.rules.model import Fact, Weighing

# Conditions that may be pending in a ruleset at a time; beyond 64 the engine fails.
_MOST_PENDING = 60


class ReteRefused(Exception):
    """A program that cannot be compiled into rules."""


@dataclass(frozen=True, slots=True)
class FactTests:
    """The tests of a fact, with their slots: those that the engine can make of a known value (`code` turns it into a number, `name`
    is its property), and all of them, to be settled beforehand otherwise."""

    name: str
    code: Code | None
    compared: frozenset[int]
    all: tuple[tuple[int, Check], ...]


@dataclass(frozen=True, slots=True)
class Ruleset:
    """`tested` are the facts whose values go in, `truths` the slots whose truths do, each with its two ways of being written."""

    index: int
    tested: tuple[str, ...] = ()
    truths: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Stratum:
    """Facts and weighings to settle in this order; then the rulesets of their tests; then, one level after the other, of conditions."""

    facts: tuple[Fact, ...]
    weighings: tuple[Weighing, ...]
    tests: tuple[Ruleset, ...]
    conditions: tuple[tuple[Ruleset, ...], ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`leaves` says where the truth of each condition of the program is found, `conclusions` what a rule that fires concludes."""

    slots: int
    strata: tuple[Stratum, ...]
    tests: Mapping[str, FactTests]
    leaves: Mapping[Condition, Leaf]
    definitions: tuple[str, ...]
    conclusions: Mapping[str, tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class _Rules:
    """The two rules of a slot, the properties that they read, and how many of their conditions may be pending at a time."""

    slot: int
    passes: Pattern
    fails: Pattern
    nodes: int
    reads: tuple[object, ...]


def rulebook_of(program: Program, conditions: Iterable[Condition]) -> Rulebook:
    """The rulesets that conclude the truth of these conditions. Raises `ReteRefused` where a fact would have to be known before it can be."""
    strata = _strata(program)
    book = _Book(strata)
    leaves = {condition: book.leaf_of(condition) for condition in conditions}
    return book.bound(program, leaves)


class _Book:
    """Slots handed out so far: to tests, and to conditions of more than one test."""

    def __init__(self, strata: Mapping[str, int]) -> None:
        self._stratum_of_fact = strata
        self._names = Names()
        self._tests: dict[Test, int] = {}
        self._nodes: dict[Node, int] = {}
        # Slot 0 is always true. `_ready` is the stratum, and the level in it, after which a slot's truth is concluded.
        self._ready: list[tuple[int, int]] = [(0, 0)]

    def leaf_of(self, condition: Condition) -> Leaf:
        return self._named(bounded(shaped(condition, self._slot_of), self._named))

    def _slot_of(self, test: Test) -> int:
        if test not in self._tests:
            if test.fact not in self._stratum_of_fact:
                raise ReteRefused(f"`{test.fact}` is tested, and is no fact")
            self._tests[test] = self._new((self._stratum_of_fact[test.fact], 0))
        return self._tests[test]

    def _named(self, node: Node) -> Leaf:
        if isinstance(node, Leaf):
            return node
        if node not in self._nodes and (other := self._nodes.get(opposite(node))) is not None:
            return Leaf(other, False)
        if node not in self._nodes:
            stratum, level = max(self._ready[leaf.slot] for leaf in leaves_of(node))
            self._nodes[node] = self._new((stratum, level + 1))
        return Leaf(self._nodes[node])

    def _new(self, ready: tuple[int, int]) -> int:
        self._ready.append(ready)
        return len(self._ready) - 1

    def bound(self, program: Program, leaves: Mapping[Condition, Leaf]) -> Rulebook:
        definitions: list[str] = []
        conclusions: dict[str, tuple[int, bool]] = {}
        truth_names = {slot: self._names.fresh(f"x{slot}") for slot in range(len(self._ready))}
        tests, comparisons = self._comparisons(program)
        strata: list[Stratum] = []

        def rulesets(rules: Iterable[_Rules]) -> Iterator[Ruleset]:
            for group in _grouped(rules):
                patterns: dict[str, Pattern] = {}
                for rule in group:
                    for letter, truth, pattern in (("t", True, rule.passes), ("f", False, rule.fails)):
                        patterns[f"{letter}{rule.slot}"] = pattern
                        conclusions[f"{letter}{rule.slot}"] = (rule.slot, truth)
                reads = dict.fromkeys(read for rule in group for read in rule.reads)
                tested = tuple(read for read in reads if isinstance(read, str))
                slots = (read for read in reads if isinstance(read, int))
                truths = tuple((slot, f'"{truth_names[slot]}":true', f'"{truth_names[slot]}":false') for slot in slots)
                definitions.append(definition(patterns))
                yield Ruleset(len(definitions) - 1, tested, truths)

        by_key: dict[tuple[int, int], list[_Rules]] = {}
        for test, slot in self._tests.items():
            if slot in comparisons:
                found = comparisons[slot]
                by_key.setdefault(self._ready[slot], []).append(_Rules(slot, found.passes, found.fails, found.nodes, (test.fact,)))
        for node, slot in self._nodes.items():
            by_key.setdefault(self._ready[slot], []).append(_condition_rules(slot, node, truth_names))
        for number in range(max(self._stratum_of_fact.values(), default=0) + 1):
            levels = sorted(level for stratum, level in by_key if stratum == number and level > 0)
            strata.append(
                Stratum(
                    tuple(fact for fact in program.facts if self._stratum_of_fact[fact.id] == number),
                    tuple(w for w in program.weighings if self._stratum_of_fact[f"{w.id}.confirmed"] == number),
                    tuple(rulesets(by_key.get((number, 0), ()))),
                    tuple(tuple(rulesets(by_key[number, level])) for level in levels),
                )
            )
        return Rulebook(len(self._ready), tuple(strata), tests, leaves, tuple(definitions), conclusions)

    def _comparisons(self, program: Program) -> tuple[dict[str, FactTests], dict[int, Comparison]]:
        of_fact: dict[str, list[tuple[int, Check]]] = {}
        for test, slot in self._tests.items():
            of_fact.setdefault(test.fact, []).append((slot, test.check))
        tests: dict[str, FactTests] = {}
        comparisons: dict[int, Comparison] = {}
        for number, (fact, checks) in enumerate(of_fact.items()):
            name = self._names.fresh(f"p{number}")
            code = code_of(program.kinds[fact], [check for _, check in checks])
            found = {slot: comparison(check, name, code) for slot, check in checks} if code is not None else {}
            made = {slot: both for slot, both in found.items() if both is not None}
            comparisons |= made
            tests[fact] = FactTests(name, code, frozenset(made), tuple(checks))
        return tests, comparisons


def _condition_rules(slot: int, node: Node, names: Mapping[int, str]) -> _Rules:
    other = opposite(node)
    reads = tuple(dict.fromkeys(leaf.slot for leaf in leaves_of(node)))
    patterns = pattern_of(node, names.__getitem__), pattern_of(other, names.__getitem__)
    return _Rules(slot, *patterns, nodes_of(node) + nodes_of(other), reads)


def _grouped(rules: Iterable[_Rules]) -> Iterator[list[_Rules]]:
    """Rules in groups that cannot have too many conditions pending, whatever is known."""
    group: list[_Rules] = []
    pending = 0
    for rule in rules:
        if group and pending + rule.nodes > _MOST_PENDING:
            yield group
            group, pending = [], 0
        group.append(rule)
        pending += rule.nodes
    if group:
        yield group


def _strata(program: Program) -> dict[str, int]:
    """For each fact the stratum in which it can be settled: behind those of the facts that its conditions test."""
    found: dict[str, int] = {}

    def behind(condition: Condition) -> int:
        missing = next((fact for fact in facts_of(condition) if fact not in found), None)
        if missing is not None:
            raise ReteRefused(f"`{missing}` is tested before it can be known")
        return max((found[fact] + 1 for fact in facts_of(condition)), default=0)

    for fact in program.facts:
        inputs = (found[input] for input in program.inputs[fact.id])
        found[fact.id] = max((*inputs, *(behind(condition) for condition in fact_conditions(fact))), default=0)
    confirmed: dict[str, int] = {}
    for weighing in program.weighings:
        arguments = [argument for candidate in weighing.candidates for argument in candidate.arguments]
        needed = [c for argument in arguments for c in (argument.when, argument.unless) if c is not None]
        confirmed[f"{weighing.id}.confirmed"] = max((behind(condition) for condition in needed), default=0)
    return found | confirmed
