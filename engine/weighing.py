"""Weighing candidates: arguments for, against and open, and what their sum may still become. An ordering to
discuss, not a probability.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from guidewright.engine.deciding import confirmed, is_confirmed, is_excluded
from guidewright.engine.three_valued import Truth
from guidewright.rules.model import Argument, Candidate, Weighing
from guidewright.rules.values import Number


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate: its net so far, the interval of what the net may still become, and its arguments in three groups."""

    candidate: Candidate
    net: Number
    low: Number
    high: Number
    supporting: tuple[Argument, ...]
    opposing: tuple[Argument, ...]
    open: tuple[Argument, ...]
    confirmed: Truth
    excluded: Truth


@dataclass(frozen=True, slots=True)
class WeighingResult:
    """`leading`: the highest net so far (nobody while no argument speaks for anyone); `possible`: those that may still
    lead.
    """

    weighing: Weighing
    candidates: tuple[Weighed, ...]
    leading: tuple[str, ...]
    possible: tuple[str, ...]
    excluded: tuple[str, ...]
    confirmed: str | None
    conflict: tuple[str, ...]


def weigh(weighing: Weighing, arguments: Mapping[str, Truth]) -> WeighingResult:
    """The weighing for one patient, from the truth of its arguments."""
    weighed = tuple(_weigh_one(candidate, arguments) for candidate in weighing.candidates)
    allowed = confirmed(weighing, arguments)
    settled = next(iter(allowed.values)) if len(allowed.values) == 1 and not allowed.none else None
    excluded = tuple(w.candidate.id for w in weighed if w.excluded is True)
    sure = [w for w in weighed if w.confirmed is True]
    clash = tuple(w.candidate.id for w in sure if len(sure) > 1 or w.excluded is True)
    if isinstance(settled, str):
        return WeighingResult(weighing, weighed, (settled,), (settled,), excluded, settled, clash)
    running = [w for w in weighed if w.excluded is not True]
    argued = any(w.supporting for w in weighed)
    highest = max((w.net for w in running), default=Fraction(0))
    leading = tuple(w.candidate.id for w in running if argued and w.net == highest)
    possible = tuple(w.candidate.id for w in running if w.high >= highest or w.candidate.id in allowed.values)
    return WeighingResult(weighing, weighed, leading, possible, excluded, None, clash)


def _weigh_one(candidate: Candidate, arguments: Mapping[str, Truth]) -> Weighed:
    true = [a for a in candidate.arguments if arguments[a.id] is True]
    undecided = [a for a in candidate.arguments if arguments[a.id] is None]
    net = sum((a.weight for a in true), 0)
    return Weighed(
        candidate=candidate,
        net=net,
        low=net + sum((a.weight for a in undecided if a.weight < 0), 0),
        high=net + sum((a.weight for a in undecided if a.weight > 0), 0),
        supporting=tuple(a for a in true if a.weight > 0 or a.confirms),
        opposing=tuple(a for a in true if a.weight < 0 or a.excludes),
        open=tuple(undecided),
        confirmed=is_confirmed(candidate, arguments),
        excluded=is_excluded(candidate, arguments),
    )
