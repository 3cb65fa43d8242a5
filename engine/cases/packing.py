"""Few patients for many aims: small records put together as long as each remains readable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from guidewright.engine.cases.aims import Aim, Found, Tried

_MOST_ALTERNATIVES = 3  # two of many are looked for, and no more

Try = Callable[[Mapping[str, Any]], Tried | None]


@dataclass(frozen=True, slots=True, repr=False)
class Packed:
    """A patient, and what they are for."""

    one: Tried
    aims: tuple[Aim, ...]


def packed(
    found: Sequence[Found], try_: Try, most_facts: int, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[Packed, ...]:
    """Patients who together reach every aim, each with at most so many facts where the aim allows.

    Greedy: beginning with the aim that takes most facts, a patient is given whatever other aims need, those first that
    need fewest facts more; whoever the others make superfluous goes. What a patient is for is what nobody with fewer
    facts reaches, and what this does not take is not recorded.
    """
    left = sorted(found, key=lambda pair: -len(pair[1].facts))
    patients: list[Tried] = []
    while left:
        one = _filled(left, try_, most_facts)
        patients.append(one)
        left = [pair for pair in left if not pair[0].reached_by(one)]
        progress(len(found) - len(left), len(found))
    return _trimmed(_shared_out([aim for aim, _ in found], patients), try_)


def _filled(left: Sequence[Found], try_: Try, most_facts: int) -> Tried:
    """A patient for the first aim, and for as many others as find room."""
    first, one = left[0]
    aims, waiting = [first], [*left[1:]]
    while waiting:
        waiting.sort(key=lambda pair: len(pair[1].facts.keys() - one.facts.keys()))
        taken = None
        for position, (aim, alone) in enumerate(waiting):
            together = {**alone.facts, **one.facts}
            if len(together) > most_facts:
                break
            another = one if len(together) == len(one.facts) else try_(together)
            if another is not None and aim.reached_by(another) and all(a.reached_by(another) for a in aims):
                taken = position, another
                break
        if taken is None:
            break
        position, one = taken
        aims.append(waiting[position][0])
        waiting = waiting[position + 1 :]
    return one


def _shared_out(aims: Sequence[Aim], patients: Sequence[Tried]) -> list[tuple[Tried, list[Aim]]]:
    """Each aim with the smallest patient who reaches it; first those go whom the others make superfluous."""
    reached = [frozenset(i for i, aim in enumerate(aims) if aim.reached_by(one)) for one in patients]
    kept = [*range(len(patients))]
    for position in sorted(kept, key=lambda position: (len(reached[position]), -len(patients[position].facts))):
        others = frozenset[int]().union(*(reached[other] for other in kept if other != position))
        if reached[position] <= others:
            kept.remove(position)
    kept.sort(key=lambda position: len(patients[position].facts))
    shared: list[tuple[Tried, list[Aim]]] = []
    met: set[int] = set()
    for position in kept:
        new = sorted(reached[position] - met)
        met.update(new)
        if new:
            shared.append((patients[position], [aims[i] for i in new]))
    return shared


def _trimmed(shared: Sequence[tuple[Tried, Sequence[Aim]]], try_: Try) -> tuple[Packed, ...]:
    """Without the facts, and the alternatives to a value, that a patient's own aims do not take."""
    trimmed: list[Packed] = []
    for one, aims in shared:
        smallest = one
        for id in one.facts:
            for facts in _plainer(smallest.facts, id):
                without = try_(facts)
                if without is not None and all(aim.reached_by(without) for aim in aims):
                    smallest = without
                    break
        trimmed.append(Packed(smallest, tuple(aims)))
    return tuple(trimmed)


def _plainer(facts: Mapping[str, Any], id: str) -> Iterator[dict[str, Any]]:
    """The record without a fact, or with fewer alternatives for it."""
    yield {other: said for other, said in facts.items() if other != id}
    if isinstance(facts[id], dict):
        several = facts[id]["one_of"]
        for number in range(1, min(len(several), _MOST_ALTERNATIVES)):
            for fewer in combinations(several, number):
                yield {**facts, id: fewer[0] if number == 1 else {"one_of": [*fewer]}}
