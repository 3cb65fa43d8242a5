"""What decisive arguments settle: `confirms` and `excludes`."""

from __future__ import annotations

from collections.abc import Mapping

from guidewright.engine.three_valued import Truth, any_of
from guidewright.rules.model import Candidate, Weighing
from guidewright.rules.values import ValueSet


def is_confirmed(candidate: Candidate, arguments: Mapping[str, Truth]) -> Truth:
    return any_of(arguments[argument.id] for argument in candidate.arguments if argument.confirms)


def is_excluded(candidate: Candidate, arguments: Mapping[str, Truth]) -> Truth:
    return any_of(arguments[argument.id] for argument in candidate.arguments if argument.excludes)


def confirmed(weighing: Weighing, arguments: Mapping[str, Truth]) -> ValueSet:
    """The candidates that may be the confirmed one, and none where it may be that none is.

    One is confirmed where a decisive argument confirms it, none excludes it, and no other candidate is confirmed:
    both for one
    candidate, or two confirmed ones, is a conflict, and then nothing is.
    """
    confirms = {c.id: is_confirmed(c, arguments) for c in weighing.candidates}
    excludes = {c.id: is_excluded(c, arguments) for c in weighing.candidates}
    possible: set[str] = set()
    for candidate in weighing.candidates:
        others = [confirms[other.id] for other in weighing.candidates if other is not candidate]
        if confirms[candidate.id] is not False and excludes[candidate.id] is not True and True not in others:
            possible.add(candidate.id)
            if confirms[candidate.id] is True and excludes[candidate.id] is False and None not in others:
                return ValueSet(values=frozenset({candidate.id}))
    return ValueSet(values=frozenset(possible), none=True)
