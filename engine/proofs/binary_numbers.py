"""Whole numbers as bits, each bit a proposition: what is needed to count days and months inside the propositions.

The least bit stands first. Bits that are known fold away, so that what is compared with a constant costs little.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest

from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions

Bits = tuple[Proposition, ...]


def constant(number: int, width: int) -> Bits:
    """A known number that is not negative."""
    return tuple(TRUE if number >> i & 1 else FALSE for i in range(width))


def any_number(name: str, width: int, nodes: Propositions) -> Bits:
    """A number of so many bits that may be any."""
    return tuple(nodes.variable(f"{name}, bit {i}") for i in range(width))


def number_in(bits: Bits, holds: Callable[[Proposition], bool]) -> int:
    """The number, where every proposition is known."""
    return sum(1 << i for i, bit in enumerate(bits) if holds(bit))


def same(a: Bits, b: Bits, nodes: Propositions) -> Proposition:
    return nodes.all(-_either(x, y, nodes) for x, y in zip_longest(a, b, fillvalue=FALSE))


def at_least(a: Bits, b: Bits, nodes: Propositions) -> Proposition:
    """Whether `a` is as great as `b`, or greater."""
    found = TRUE
    for x, y in zip_longest(a, b, fillvalue=FALSE):
        if y == TRUE:
            found = nodes.all((x, found))
        elif y == FALSE:
            found = nodes.any((x, found))
        else:
            found = nodes.any((nodes.all((x, -y)), nodes.all((nodes.any((x, -y)), found))))
    return found


def plus(a: Bits, b: Bits, nodes: Propositions, carry: Proposition = FALSE) -> Bits:
    """The sum, one bit longer than the longer of both. `carry` adds one."""
    found: list[Proposition] = []
    for x, y in zip_longest(a, b, fillvalue=FALSE):
        one = _either(x, y, nodes)
        found.append(_either(one, carry, nodes))
        carry = nodes.any((nodes.all((x, y)), nodes.all((carry, nodes.any((x, y))))))
    return (*found, carry)


def times(a: Bits, factor: int, nodes: Propositions) -> Bits:
    found: Bits = ()
    for shift in range(factor.bit_length()):
        if factor >> shift & 1:
            found = plus(found, (*constant(0, shift), *a), nodes) if found else (*constant(0, shift), *a)
    return found


def quotient(a: Bits, divisor: int, nodes: Propositions) -> Bits:
    """How often a known number goes into `a`."""
    width = divisor.bit_length()
    by, less = constant(divisor, width), constant((1 << width + 1) - divisor, width + 1)
    found: list[Proposition] = []
    rest: Bits = constant(0, width)
    for bit in reversed(a):
        rest = (bit, *rest)
        goes = at_least(rest, by, nodes)
        without = plus(rest, less, nodes)
        rest = tuple(nodes.choose(goes, x, y) for x, y in zip(without, rest[:width], strict=False))
        found.insert(0, goes)
    return tuple(found)


def opposite(a: Bits) -> Bits:
    """What is missing to the greatest number of so many bits."""
    return tuple(-bit for bit in a)


def _either(a: Proposition, b: Proposition, nodes: Propositions) -> Proposition:
    """Whether one of both is true, and not the other."""
    return nodes.choose(a, -b, b)
