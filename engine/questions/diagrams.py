"""Decision diagrams: what a condition comes to for each combination of the values of facts, in a form from which the
facts that it depends on can be read off.

A diagram is a number. It is a result, or asks for the value of one variable and goes on to another diagram for each.
Variables are asked for in the order of their numbers, and equal diagrams have equal numbers; so a diagram asks for a
variable only where that makes a difference, and every way through it is a combination that there is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

FALSE, OPEN, TRUE = 0, 1, 2
"""The diagrams of the three truths; their order is that of Kleene's tables."""

_LAST = 1 << 60
_MOST_VARIABLES = 150

Result = Hashable


class Undecided(Exception):
    """It is not worked out what something comes to: it takes too many steps or variables, or cannot be said here."""


@dataclass(slots=True)
class Diagrams:
    """Diagrams over common variables. `told` says of a variable how many of its values count as values that it may turn
    out to have; those behind them are ways to stay as it is. Every step of work is counted, up to `most`.

    By the number of a diagram: `asks` is the variable that it asks for first, `leads` where its values lead, `facts`
    the variables that it depends on, `matters` those of which two values make a difference, `truths` which of the three
    truths it comes to; sets are the bits of a number.
    """

    told: dict[int, int]
    most: int
    steps: int = 0
    asks: list[int] = field(default_factory=lambda: [_LAST, _LAST, _LAST])
    leads: list[tuple[int, ...]] = field(default_factory=lambda: [(), (), ()])
    facts: list[int] = field(default_factory=lambda: [0, 0, 0])
    matters: list[int] = field(default_factory=lambda: [0, 0, 0])
    truths: list[int] = field(default_factory=lambda: [1, 2, 4])
    results: dict[int, Result] = field(default_factory=dict)
    _numbers: dict[object, int] = field(default_factory=dict)
    _met: dict[tuple[int, int], int] = field(default_factory=dict)
    _joined: dict[tuple[int, int], int] = field(default_factory=dict)

    def result(self, value: Result) -> int:
        """The diagram that comes to this for everybody. For truths there are `FALSE`, `OPEN` and `TRUE`."""
        key = ("result", value)
        if key not in self._numbers:
            self.results[len(self.asks)] = value
            self._numbers[key] = self._add(_LAST, (), 0, 0, 0)
        return self._numbers[key]

    def choice(self, variable: int, leads: Sequence[int]) -> int:
        """The diagram that asks for a variable first; those it leads to ask for later ones only."""
        first = leads[0]
        if all(lead == first for lead in leads):
            return first
        key = (variable, *leads)
        found = self._numbers.get(key)
        if found is None:
            told = leads[: self.told[variable]]
            facts = matters = 1 << variable
            if all(lead == told[0] for lead in told):
                matters = 0
            truths = 0
            for lead in leads:
                facts |= self.facts[lead]
                matters |= self.matters[lead]
                truths |= self.truths[lead]
            if facts.bit_count() > _MOST_VARIABLES:
                raise Undecided
            found = self._numbers[key] = self._add(variable, key[1:], facts, matters, truths)
        return found

    def _add(self, variable: int, leads: tuple[int, ...], facts: int, matters: int, truths: int) -> int:
        self.asks.append(variable)
        self.leads.append(leads)
        self.facts.append(facts)
        self.matters.append(matters)
        self.truths.append(truths)
        return len(self.asks) - 1

    def step(self, number: int = 1) -> None:
        """Counts work. Raises `Undecided` where there has been enough."""
        self.steps += number
        if self.steps > self.most:
            raise Undecided

    def met(self, a: int, b: int) -> int:
        """Kleene's `all` of two truths."""
        return self._kleene(a, b, FALSE, TRUE, self._met)

    def joined(self, a: int, b: int) -> int:
        """Kleene's `any` of two truths."""
        return self._kleene(a, b, TRUE, FALSE, self._joined)

    def _kleene(self, a: int, b: int, strong: int, weak: int, known: dict[tuple[int, int], int]) -> int:
        if b in (strong, a) or a == weak:
            return b
        if a == strong or b == weak:
            return a
        key = (a, b) if a < b else (b, a)
        found = known.get(key)
        if found is None:
            self.step()
            x, y = self.asks[a], self.asks[b]
            if x == y:
                pairs = zip(self.leads[a], self.leads[b], strict=True)
                leads = [self._kleene(left, right, strong, weak, known) for left, right in pairs]
            elif x < y:
                leads = [self._kleene(left, b, strong, weak, known) for left in self.leads[a]]
            else:
                leads = [self._kleene(a, right, strong, weak, known) for right in self.leads[b]]
            found = known[key] = self.choice(min(x, y), leads)
        return found

    def each(self, diagram: int, change: Callable[[int], int], known: dict[int, int] | None = None) -> int:
        """The same diagram with every result changed, given and taken as diagrams."""
        known = {} if known is None else known
        found = known.get(diagram)
        if found is None:
            self.step()
            leads = self.leads[diagram]
            if leads:
                found = self.choice(self.asks[diagram], [self.each(lead, change, known) for lead in leads])
            else:
                found = change(diagram)
            known[diagram] = found
        return found

    def paired(
        self, a: int, b: int, both: Callable[[int, int], int], known: dict[tuple[int, int], int] | None = None
    ) -> int:
        """What follows from the results of two diagrams together, given and taken as diagrams."""
        known = {} if known is None else known
        found = known.get((a, b))
        if found is None:
            self.step()
            x, y = self.asks[a], self.asks[b]
            if x == y == _LAST:
                found = both(a, b)
            else:
                first = min(x, y)
                lefts = self.leads[a] if x == first else [a] * len(self.leads[b])
                rights = self.leads[b] if y == first else [b] * len(self.leads[a])
                pairs = zip(lefts, rights, strict=True)
                found = self.choice(first, [self.paired(left, right, both, known) for left, right in pairs])
            known[a, b] = found
        return found
