"""Propositions say what they are made of: each is held against plain Python, under all values of the variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from random import Random

import pytest
from encoded_patients import every_value, is_true

from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions, value_of

Meaning = Callable[[Sequence[bool]], bool]
COUNT = 4


def over(how: str, parts: Sequence[tuple[Proposition, Meaning]], nodes: Propositions) -> tuple[Proposition, Meaning]:
    """A proposition of others, and what it should mean."""
    made, meant = [part for part, _ in parts], [meaning for _, meaning in parts]

    def count(values: Sequence[bool]) -> int:
        return sum(meaning(values) for meaning in meant)

    match how:
        case "all":
            return nodes.all(made), lambda values: count(values) == len(meant)
        case "any":
            return nodes.any(made), lambda values: count(values) > 0
        case "at_most_one":
            return nodes.at_most_one(made), lambda values: count(values) <= 1
        case "exactly_one":
            return nodes.exactly_one(made), lambda values: count(values) == 1
        case "implies":
            this, that = meant[0], meant[-1]
            return nodes.implies(made[0], made[-1]), lambda values: not this(values) or that(values)
        case "choose":
            if_, then, otherwise = meant[0], meant[len(meant) // 2], meant[-1]
            chosen = nodes.choose(made[0], made[len(made) // 2], made[-1])
            return chosen, lambda values: then(values) if if_(values) else otherwise(values)
        case _:
            raise AssertionError(how)


def simple(nodes: Propositions) -> list[tuple[Proposition, Meaning]]:
    """The variables, their negations, and the constants."""

    def read(number: int, wanted: bool) -> Meaning:
        return lambda values: values[number] is wanted

    found: list[tuple[Proposition, Meaning]] = [(TRUE, lambda _: True), (FALSE, lambda _: False)]
    for number in range(COUNT):
        variable = nodes.variable(f"v{number}")
        found += [(variable, read(number, True)), (-variable, read(number, False))]
    return found


@pytest.mark.parametrize("how", ["all", "any", "at_most_one", "exactly_one", "implies", "choose"])
def test_every_way_of_putting_together(how: str) -> None:
    for seed in range(60):
        random, nodes = Random(f"{how}{seed}"), Propositions()
        known = simple(nodes)
        variables = [proposition for proposition, _ in known[2::2]]
        for _ in range(6):
            # Mostly this way, of what the other ways gave.
            way = how if random.random() < 0.6 else random.choice(["all", "any", "choose", "exactly_one"])
            known.append(over(way, random.choices(known, k=random.randint(1, 4)), nodes))
        for values in product((True, False), repeat=COUNT):
            given = dict(zip(variables, values, strict=True))
            at_once = every_value(nodes, given)
            for proposition, meaning in known:
                assert value_of(proposition, nodes, given) is meaning(values), (seed, proposition)
                assert is_true(proposition, at_once) is meaning(values), (seed, proposition)


def test_nothing_put_together() -> None:
    nodes = Propositions()
    assert nodes.all(()) == TRUE
    assert nodes.any(()) == FALSE
    assert nodes.at_most_one(()) == TRUE
    assert nodes.exactly_one(()) == FALSE


def test_what_is_the_same_is_one_node() -> None:
    nodes = Propositions()
    a, b = nodes.variable("a"), nodes.variable("b")
    both = nodes.all((a, b))
    before = len(nodes.nodes)
    assert nodes.all((b, TRUE, a, b)) == both
    assert nodes.any((-a, -b)) == -both
    assert nodes.all((a, -a, b)) == FALSE
    assert nodes.any((a, -a)) == TRUE
    assert nodes.all((a,)) == a
    assert nodes.choose(b, a, a) == a
    assert len(nodes.nodes) == before


def test_variables_of_one_name_differ() -> None:
    nodes = Propositions()
    assert nodes.variable("a") != nodes.variable("a")


def test_every_part_is_made_before_the_whole() -> None:
    """Whoever reads the nodes in their order has all parts at hand."""
    random, nodes = Random(1), Propositions()
    known = simple(nodes)
    for _ in range(40):
        known.append(over(random.choice(["all", "any", "choose", "exactly_one"]), random.choices(known, k=3), nodes))
    for number, content in enumerate(nodes.nodes, 1):
        assert isinstance(content, str) or all(abs(part) < number for part in content)


def test_a_long_chain_needs_no_deep_stack() -> None:
    nodes = Propositions()
    chain = nodes.variable("first")
    for number in range(20_000):
        chain = nodes.all((nodes.any((chain, nodes.variable(f"a{number}"))), nodes.variable(f"b{number}")))
    assert value_of(chain, nodes, dict.fromkeys(range(1, len(nodes.nodes) + 1), True)) is True
    assert value_of(chain, nodes, {}) is False
