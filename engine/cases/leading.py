"""Who leads a weighing, as propositions: for finding patients for whom somebody else does (`weighing.weigh`)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from guidewright.engine.proofs.encoding import Encoding
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions
from guidewright.rules.model import Argument, Candidate, Weighing

Weighted = tuple[tuple[int, Proposition], ...]


def leads(candidate: Candidate, weighing: Weighing, encoding: Encoding) -> Proposition:
    """That a candidate is among those that lead: confirmed, or of those that nothing excludes the one with the highest
    net so far, or one of several, where any argument speaks for anyone.
    """
    nodes = encoding.nodes
    state = encoding.states[f"{weighing.id}.confirmed"]
    cells = encoding.shapes[f"{weighing.id}.confirmed"].cells
    settled = nodes.all((state.one, state.may[cells.bits[candidate.id].bit_length() - 1]))
    argued = nodes.any(
        encoding.arguments[a.id].yes for c in weighing.candidates for a in c.arguments if a.weight > 0 or a.confirms
    )
    others = [other for other in weighing.candidates if other is not candidate]
    highest = [nodes.any((_excluded(o, encoding), _not_behind(candidate, o, encoding))) for o in others]
    ahead = nodes.all((-state.one, argued, -_excluded(candidate, encoding), *highest))
    return nodes.all((-encoding.applies.no, nodes.any((settled, ahead))))


def _excluded(candidate: Candidate, encoding: Encoding) -> Proposition:
    return encoding.nodes.any(encoding.arguments[a.id].yes for a in candidate.arguments if a.excludes)


def _not_behind(one: Candidate, other: Candidate, encoding: Encoding) -> Proposition:
    """That the net of one candidate is at least that of the other."""
    signed: list[tuple[Argument, int]] = [(a, 1) for a in one.arguments] + [(a, -1) for a in other.arguments]
    scale = lcm(*(Fraction(a.weight).denominator for a, _ in signed))
    terms = [(int(a.weight * sign * scale), encoding.arguments[a.id].yes) for a, sign in signed if a.weight != 0]
    return at_least(0, terms, encoding.nodes)


def at_least(limit: int, terms: Sequence[tuple[int, Proposition]], nodes: Propositions) -> Proposition:
    """That the weights of what is true sum up to the limit or more."""
    # The lowest and highest sum that the terms from each position on can still give.
    lows, highs = [0], [0]
    for weight, _ in reversed(terms):
        lows.append(lows[-1] + min(weight, 0))
        highs.append(highs[-1] + max(weight, 0))
    lows.reverse()
    highs.reverse()
    made: dict[tuple[int, int], Proposition] = {}

    def from_term(position: int, wanted: int) -> Proposition:
        if wanted <= lows[position]:
            return TRUE
        if wanted > highs[position]:
            return FALSE
        key = (position, wanted)
        if key not in made:
            weight, holds = terms[position]
            with_it, without = from_term(position + 1, wanted - weight), from_term(position + 1, wanted)
            made[key] = nodes.choose(holds, with_it, without)
        return made[key]

    return from_term(0, limit)
