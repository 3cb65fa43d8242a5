"""What a fact is derived from, and the order in which facts follow from each other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from guidewright.rules.conditions import facts_of
from guidewright.rules.diagnostics import error
from guidewright.rules.formulas import facts_in
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
        case Table(rows, otherwise):
            for row in (*rows, *((otherwise,) if otherwise else ())):
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
    done: set[str] = set()
    for start in facts:
        way: list[str] = []
        _walk(start, facts, way, done, problems)


def _walk(id: str, facts: Mapping[str, Fact], way: list[str], done: set[str], problems: Problems) -> None:
    # An explicit stack: a chain of derived facts may be longer than Python's own stack is deep.
    stack = [(id, iter(inputs_of(facts[id]) if id in facts else ()))] if id not in done else []
    way.extend(name for name, _ in stack)
    while stack:
        name, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            done.add(name)
            stack.pop()
            way.pop()
        elif following in way:
            circle = [*way[way.index(following) :], following]
            place = facts[following].place
            assert place is not None
            related = tuple(
                (f"`{a}` follows from `{b}`", p) for a, b in pairwise(circle) if (p := facts[a].place) is not None
            )
            problems.append(
                error(
                    "GW214",
                    "a fact follows from itself: " + " → ".join(f"`{n}`" for n in circle),
                    place,
                    related=related,
                )
            )
            done.update(circle)
        elif following not in done and following in facts:
            stack.append((following, iter(inputs_of(facts[following]))))
            way.append(following)


def in_order(facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Every fact after those it follows from."""
    order: dict[str, None] = {}
    for start in facts:
        stack = [start]
        while stack:
            name = stack[-1]
            if name in order:
                stack.pop()
                continue
            waiting = [n for n in inputs_of(facts[name]) if n in facts and n not in order]
            if waiting:
                stack.extend(waiting)
            else:
                order[name] = None
                stack.pop()
    return tuple(order)
