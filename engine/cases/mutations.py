"""Small changes of a guideline, each as a slip of its author may leave it: to see which of them its cases, its proofs
and a comparison notice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from guidewright.engine.cases.condition_mutations import changes_of
from guidewright.engine.cases.slips import Slip, Tells, slips_of
from guidewright.engine.cases.spots import spots_of
from guidewright.engine.program import program_of
from guidewright.rules.diagnostics import Place
from guidewright.rules.model import Guideline

KINDS = (
    "comparison",
    "limit",
    "parameter",
    "value",
    "dropped test",
    "negated test",
    "any and all",
    "unless",
    "override",
    "stop",
    "act",
    "despite",
    "answers",
    "dropped answer",
    "row",
    "order of rows",
    "value of a row",
    "points",
    "weight",
    "decisive",
    "timing",
)
"""What can slip: `limit` is one that a condition states itself, `parameter` one that many may share; `comparison` is
whether the limit itself belongs to it; `value` another value, or one of several left out.
"""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A guideline in which one thing has slipped, and still loads. `id` names the slip, the same for the same
    guideline; `says` tells it in one sentence; `about` are the ids of what was touched. `tells`: who gets this is told
    something else, though it may hold for the same patients.
    """

    id: str
    kind: str
    says: str
    about: tuple[str, ...]
    place: Place | None
    guideline: Guideline
    tells: Tells = ()


def mutations_of(guideline: Guideline) -> tuple[Mutation, ...]:
    """Every mutation, in the order of the guideline. Formulas, ranges and texts are left as they are."""
    kinds = program_of(guideline).kinds
    numbers: Counter[str] = Counter()

    def mutation(slip: Slip) -> Mutation:
        owner = slip.owner or guideline.id
        stem = ".".join(word.replace(" ", "-") for word in (owner, slip.part, slip.kind) if word)
        numbers[stem] += 1
        part = "" if slip.part in ("", "when", "row") else f", {slip.part}"
        about = (slip.owner,) if slip.owner else ()
        says = f"{slip.owner or 'the guideline'}{part}: {slip.says}"
        return Mutation(f"{stem}.{numbers[stem]}", slip.kind, says, about, slip.place, slip.guideline, slip.tells)

    conditions = (
        Slip(change.kind, spot.owner, spot.part, change.says, change.place or spot.place, spot.put(change.condition))
        for spot in spots_of(guideline)
        for change in changes_of(spot.condition, kinds)
    )
    return tuple(mutation(slip) for slip in (*conditions, *slips_of(guideline)))


def sample(mutations: Sequence[Mutation], size: int) -> tuple[Mutation, ...]:
    """So many of the mutations, the same ones each time, in their order: of every kind about as many, and of each kind
    from as many rules as can be. All of them, where there are no more.
    """
    if size >= len(mutations):
        return tuple(mutations)
    queues = {kind: _mixed([m for m in mutations if m.kind == kind]) for kind in KINDS}
    taken: dict[str, Mutation] = {}
    while len(taken) < size:
        for queue in queues.values():
            if queue and len(taken) < size:
                chosen = queue.popleft()
                taken[chosen.id] = chosen
    return tuple(mutation for mutation in mutations if mutation.id in taken)


def _mixed(mutations: Sequence[Mutation]) -> deque[Mutation]:
    """In an order in which what one thing owns comes once before anything comes twice."""
    shuffled = list(mutations)
    Random(len(shuffled)).shuffle(shuffled)
    rounds: Counter[tuple[str, ...]] = Counter()
    order: list[tuple[int, int]] = []
    for i, mutation in enumerate(shuffled):
        order.append((rounds[mutation.about], i))
        rounds[mutation.about] += 1
    return deque(shuffled[i] for _, i in sorted(order))
