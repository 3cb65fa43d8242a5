"""Formulas over whole numbers of which there are few, as propositions: worked out for every combination of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import prod

from guidewright.engine.arithmetic import MOST_COMBINATIONS, evaluate
from guidewright.engine.cells import value_bits
from guidewright.engine.program import Program
from guidewright.engine.proofs.encoded_facts import Shape, State
from guidewright.engine.proofs.propositions import FALSE, Proposition, Propositions
from guidewright.rules.conditions import Compare, Literal, Test
from guidewright.rules.formulas import facts_in
from guidewright.rules.model import Fact, FactType, Formula, IntegerType
from guidewright.rules.values import Value, of, single


@dataclass(frozen=True, slots=True)
class Results:
    """When each value may come out, when none may, and when nothing can be worked out because it cannot for one."""

    values: Mapping[Value, Proposition]
    none: Proposition
    fails: Proposition


def few_values(fact: Fact, kinds: Mapping[str, FactType]) -> dict[str, range] | None:
    """The values of the facts that a formula names, where all their combinations are so few that the evaluator too
    goes through them; else `None`.
    """
    if not isinstance(fact.derivation, Formula):
        return None
    found: dict[str, range] = {}
    for name in facts_in(fact.derivation.expression):
        kind = kinds[name]
        if not isinstance(kind, IntegerType) or kind.range.low is None or kind.range.high is None:
            return None
        assert isinstance(kind.range.low, int)
        assert isinstance(kind.range.high, int)
        found[name] = range(kind.range.low, kind.range.high + 1)
    return found if prod(map(len, found.values())) <= MOST_COMBINATIONS else None


def told_apart(program: Program) -> Iterator[Test]:
    """Tests that tell apart the values with which such formulas work."""
    for fact in program.facts:
        for name, values in (few_values(fact, program.kinds) or {}).items():
            yield from (Test(name, Compare("<=", Literal(value))) for value in values)


def results(
    fact: Fact,
    values: Mapping[str, range],
    states: Mapping[str, State],
    shapes: Mapping[str, Shape],
    program: Program,
    as_of: date,
    nodes: Propositions,
) -> Results:
    """What a formula gives, for each combination of the values of its facts that may be."""
    assert isinstance(fact.derivation, Formula)
    expression, empirical = fact.derivation.expression, fact.derivation.empirical
    found: dict[Value, Proposition] = {}
    fails = FALSE
    for combination in product(*values.values()):
        named = dict(zip(values, combination, strict=True))
        may = nodes.all(_may_be(value, states[id], shapes[id]) for id, value in named.items())
        computed = evaluate(expression, lambda id, n=named: of(n[id]), program.kinds, as_of, fact.type, empirical)  # type: ignore[misc]
        value = single(computed.values)
        if value is None:
            fails = nodes.any((fails, may))
        else:
            found[value] = nodes.any((found.get(value, FALSE), may))
    return Results(found, nodes.any(states[id].may[-1] for id in values), fails)


def _may_be(value: int, state: State, shape: Shape) -> Proposition:
    return state.may[value_bits(shape.cells, of(value)).bit_length() - 1]
