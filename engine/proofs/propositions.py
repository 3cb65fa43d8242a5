"""Propositions as numbered nodes that share what they have in common: what a solver is given, and what a test can
evaluate without one.

A proposition is a number; its negative is its negation. `TRUE` is 1 and `FALSE` is -1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Proposition = int
TRUE: Proposition = 1
FALSE: Proposition = -1


@dataclass(slots=True)
class Propositions:
    """The nodes so far: node n is at position n - 1, a conjunction of others or the name of a variable."""

    nodes: list[tuple[Proposition, ...] | str] = field(default_factory=lambda: [()])
    _known: dict[tuple[Proposition, ...], Proposition] = field(default_factory=dict)

    def variable(self, name: str) -> Proposition:
        """A new proposition that may be true or false. Names are for whoever reads a model; they need not differ."""
        self.nodes.append(name)
        return len(self.nodes)

    def all(self, parts: Iterable[Proposition]) -> Proposition:
        """True where every part is."""
        found: dict[Proposition, None] = {}
        for part in parts:
            if part == FALSE or -part in found:
                return FALSE
            if part != TRUE:
                found[part] = None
        if len(found) < 2:
            return next(iter(found), TRUE)
        key = tuple(sorted(found))
        if key not in self._known:
            self.nodes.append(key)
            self._known[key] = len(self.nodes)
        return self._known[key]

    def any(self, parts: Iterable[Proposition]) -> Proposition:
        """True where some part is."""
        return -self.all(-part for part in parts)

    def implies(self, this: Proposition, that: Proposition) -> Proposition:
        return self.any((-this, that))

    def choose(self, if_: Proposition, then: Proposition, otherwise: Proposition) -> Proposition:
        """`then` where `if_` is true, else `otherwise`."""
        if then == otherwise:
            return then
        return self.any((self.all((if_, then)), self.all((-if_, otherwise))))

    def same(self, one: Proposition, other: Proposition) -> Proposition:
        """True where both are, and where neither is."""
        return self.choose(one, other, -other)

    def at_most_one(self, parts: Iterable[Proposition]) -> Proposition:
        """True where no two parts are."""
        seen, fine = FALSE, TRUE
        for part in parts:
            fine = self.all((fine, -self.all((seen, part))))
            seen = self.any((seen, part))
        return fine

    def more_than(self, parts: Iterable[Proposition], most: int) -> list[Proposition]:
        """For each number up to `most` whether more than so many of the parts are true."""
        more = [FALSE] * (most + 1)
        for part in parts:
            more = [self.any((more[i], self.all((part, more[i - 1] if i else TRUE)))) for i in range(most + 1)]
        return more

    def exactly_one(self, parts: Iterable[Proposition]) -> Proposition:
        parts = tuple(parts)
        return self.all((self.any(parts), self.at_most_one(parts)))


def value_of(proposition: Proposition, nodes: Propositions, variables: Mapping[Proposition, bool]) -> bool:
    """Whether a proposition is true under values of the variables; one without a value is false."""
    known: dict[int, bool] = {}
    stack = [abs(proposition)]
    while stack:
        node = stack[-1]
        content = nodes.nodes[node - 1]
        if isinstance(content, str):
            known[node] = variables.get(node, False)
            stack.pop()
            continue
        waiting = [abs(part) for part in content if abs(part) not in known]
        if waiting:
            stack += waiting
            continue
        known[node] = all(known[abs(part)] is (part > 0) for part in content)
        stack.pop()
    return known[abs(proposition)] is (proposition > 0)
