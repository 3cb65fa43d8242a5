"""What a fact is derived from, and the order in which facts follow from each other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from guidewright.rules.conditions import facts_of
from guidewright.rules.diagnostics import error
from guidewright.rules.formulas import facts_in
from guidewright.rules.graphs import circles, topological
from guidewright.rules.model import Fact, Formula, Holds, Score, Table
from guidewright.rules.shape import Problems


def inputs_of(fact: Fact) -> tuple[str, ...]:
    """The facts that a fact is derived from, `only_if` included, each once."""
    found: list[str] = list(facts_of(fact.only_if)) if fact.only_if is not None else []
    match fact.derivation:
        case Formula(expression):
            found += facts_in(expression)
        case Holds(condition):
            found += facts_of(condition)
        case Table() as table:
            for row in table.all_rows:
                found += facts_of(row.when)
                found += facts_in(row.formula) if row.formula is not None else ()
        case Score(rows):
            for row in rows:
                found += facts_of(row.when)
        case None:
            pass
    return tuple(dict.fromkeys(found))


def check_circles(facts: Mapping[str, Fact], problems: Problems) -> None:
    """A fact that follows from itself is an error that shows the way round."""
    for circle in circles({id: inputs_of(fact) for id, fact in facts.items()}):
        place = facts[circle[0]].place
        assert place is not None
        related = tuple(
            (f"`{a}` follows from `{b}`", p) for a, b in pairwise(circle) if (p := facts[a].place) is not None
        )
        message = "a fact follows from itself: " + " → ".join(f"`{n}`" for n in circle)
        problems.append(error("GW214", message, place, related=related))


def in_order(facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Every fact after those it follows from."""
    return topological({id: inputs_of(fact) for id, fact in facts.items()})
