"""Conditions as far as it has to be known of them which facts they depend on.

Where the parts of a condition share no fact, that follows from what is known of the parts. Only where they do is it
worked out what the condition comes to for each combination of values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Literal

from guidewright.engine.questions.diagrams import FALSE, OPEN, TRUE, Diagrams

_F, _O, _T = 1 << FALSE, 1 << OPEN, 1 << TRUE


@dataclass(slots=True)
class Part:
    """A condition or a part of one. Sets of variables, and of truths, are the bits of a number.

    It depends on no other than `facts`; two values of those that it `matters` make a difference to it, and only of
    those; it comes to these `truths`. `held` are facts that are taken to stay as they are. `diagram` where there is one
    already, else it is made of the `parts`.
    """

    kind: Literal["diagram", "all", "any", "not", "sure", "possible"]
    parts: tuple[Part, ...]
    facts: int
    matters: int
    truths: int
    held: int
    diagram: int | None = None


def part_of(diagram: int, diagrams: Diagrams, held: int = 0) -> Part:
    """The part that a diagram is."""
    facts, matters, truths = diagrams.facts[diagram], diagrams.matters[diagram], diagrams.truths[diagram]
    return Part("diagram", (), facts, matters, truths, held, diagram)


def negated(part: Part) -> Part:
    truths = (part.truths & _O) | (_T if part.truths & _F else 0) | (_F if part.truths & _T else 0)
    return Part("not", (part,), part.facts, part.matters, truths, part.held)


def surely(part: Part, diagrams: Diagrams) -> Part:
    """Whether it is true: what is open does not count."""
    return part if not part.truths & _O else _of_diagram(Part("sure", (part,), 0, 0, 0, part.held), diagrams)


def possibly(part: Part, diagrams: Diagrams) -> Part:
    """Whether it is not false: what is open counts."""
    return part if not part.truths & _O else _of_diagram(Part("possible", (part,), 0, 0, 0, part.held), diagrams)


def combined(kind: Literal["all", "any"], parts: Iterable[Part], diagrams: Diagrams) -> Part:
    """Kleene's `all` or `any` of parts."""
    parts = tuple(parts)
    neutral, strong = (_T, _F) if kind == "all" else (_F, _T)
    held = reduce(or_, (part.held for part in parts), 0)
    if any(part.truths == strong for part in parts):
        return part_of(FALSE if kind == "all" else TRUE, diagrams, held)
    working = [part for part in parts if part.truths != neutral]
    if not working:
        return part_of(TRUE if kind == "all" else FALSE, diagrams, held)
    if len(working) == 1 and working[0].held == held:
        return working[0]
    facts = shared = 0
    for part in working:
        shared |= facts & part.facts
        facts |= part.facts
    apart = [part for part in working if not part.facts & shared]
    if shared:
        # Those that share facts are worked out together.
        together = tuple(part for part in working if part.facts & shared)
        apart.append(_of_diagram(Part(kind, together, 0, 0, 0, held), diagrams))
    whole = Part(kind, tuple(apart), 0, 0, 0, held)
    if len(apart) == 1 or any(not part.truths & neutral for part in apart):
        # A part that is never neutral may hide the others.
        return _of_diagram(whole, diagrams)
    whole.facts = reduce(or_, (part.facts for part in apart))
    whole.matters = reduce(or_, (part.matters for part in apart))
    # All of them can be neutral at once, and each can be what it is while the others are.
    whole.truths = reduce(or_, (part.truths for part in apart))
    return whole


def diagram_of(part: Part, diagrams: Diagrams) -> int:
    """What a part comes to. Raises `Undecided`."""
    if part.diagram is None:
        part.diagram = _made(part, diagrams)
    return part.diagram


def _made(part: Part, diagrams: Diagrams) -> int:
    match part.kind:
        case "all" | "any":
            join = diagrams.met if part.kind == "all" else diagrams.joined
            # From the last variable upwards each step is short.
            found = TRUE if part.kind == "all" else FALSE
            made = [diagram_of(inner, diagrams) for inner in part.parts]
            for other in sorted(made, key=lambda diagram: (-diagrams.asks[diagram], diagram)):
                found = join(other, found)
            return found
        case _:
            changes = {"not": (TRUE, OPEN, FALSE), "sure": (FALSE, FALSE, TRUE), "possible": (FALSE, TRUE, TRUE)}
            change = changes[part.kind]
            return diagrams.each(diagram_of(part.parts[0], diagrams), lambda truth: change[truth])


def _of_diagram(part: Part, diagrams: Diagrams) -> Part:
    return part_of(diagram_of(part, diagrams), diagrams, part.held)
