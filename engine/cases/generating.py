"""Generated cases: few patients who together reach everything that cases can reach of a guideline, and who stand on
both sides of every limit that its tests name.

What comes first is that all is reached that can be; then that no patient has more than so many facts; then the number
of patients, greedily, so it need not be the least there can be; then the facts of each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from guidewright.engine.cases.aims import Aim, Found, Purpose, Tried, kinds_of, seek, seek_pair, tried
from guidewright.engine.cases.coverage import Goal, goals_of, reached
from guidewright.engine.cases.limits import Stand, stands_of, twins_of
from guidewright.engine.cases.packing import Packed, packed
from guidewright.engine.checking.claims import Proofs
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.plan import Plan
from guidewright.engine.proofs.encoding import shapes_of
from guidewright.engine.proofs.witness import prover_of
from guidewright.engine.reference import evaluate_naively
from guidewright.rules.patient import Patient

MOST_FACTS = 12
"""Facts of a patient who is for several things at once: as many as a reader keeps in view. One thing alone may take
more.
"""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much is done, and of how much."""


@dataclass(frozen=True, slots=True, repr=False)
class Generated:
    """`patients` for all that is `sought` but what is `impossible`, which is proved, and `undecided`: nobody was found,
    and it is not proved that there is nobody. `idle` are the aims at limits where no rule was found to change.
    """

    patients: tuple[Packed, ...]
    sought: tuple[Purpose, ...]
    impossible: tuple[Purpose, ...]
    undecided: tuple[Purpose, ...]
    idle: tuple[Aim, ...]
    as_of: date


def generated(
    plan: Plan,
    as_of: date,
    others: Sequence[Patient] = (),
    progress: Progress = lambda what, done, of: None,
    milliseconds: int = 10_000,
) -> Generated:
    """Patients assessed on `as_of`, for what none of the `others` reaches; each has been run on the reference
    evaluator. A question to the prover gets so much time. Raises `ProverMissing` where z3 is not installed.
    """
    known = [Tried({}, one, evaluate_compiled(plan.compiled, one)) for one in others]
    met = frozenset[Goal]().union(*(reached(plan, one.outcome) for one in known))
    goals = [goal for goal in goals_of(plan) if goal not in met]
    stands = [*stands_of(plan.program, shapes_of(plan.program, as_of), as_of)]
    search = _Search(plan, as_of, milliseconds, progress, 2 * (len(goals) + len(stands)))
    _seek_goals(goals, search)
    _seek_limits(stands, known, search)

    def packing(done: int, of: int) -> None:
        search.tell("few patients for all of it", search.of * (of + done) // (2 * of))

    patients = packed(search.found, lambda facts: tried(facts, plan, as_of), MOST_FACTS, packing)
    kept = tuple(one for patient in patients if (one := _replayed(patient, search)) is not None)
    return Generated(
        kept, tuple(search.sought), tuple(search.impossible), tuple(search.undecided), tuple(search.idle), as_of
    )


@dataclass(frozen=True, slots=True)
class _Search:
    plan: Plan
    as_of: date
    milliseconds: int
    progress: Progress
    of: int
    sought: list[Purpose] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    impossible: list[Purpose] = field(default_factory=list)
    undecided: list[Purpose] = field(default_factory=list)
    idle: list[Aim] = field(default_factory=list)

    def tell(self, what: str, done: int) -> None:
        self.progress(what, done, self.of)


def _seek_goals(goals: Sequence[Goal], search: _Search) -> None:
    """A small patient for each goal: one found before, or else a new one. The first that there is has no facts."""
    plan = search.plan
    proofs = Proofs(prover_of(plan.program, search.as_of, search.milliseconds))
    empty = tried({}, plan, search.as_of)
    pool = [empty] if empty is not None else []
    for done, goal in enumerate(goals):
        search.tell("a patient for each rule, argument and answer", done)
        search.sought.append(goal)
        kinds = kinds_of(goal, plan, proofs)
        smallest = min((one for one in pool if kinds[0].holds(one)), key=lambda one: len(one.facts), default=None)
        if smallest is not None:
            search.found.append((Aim(goal, kinds[0].holds), smallest))
            continue
        found = seek(goal, kinds, plan, proofs)
        if found == "impossible":
            search.impossible.append(goal)
        elif found == "undecided":
            search.undecided.append(goal)
        else:
            search.found.append(found)
            pool.append(found[1])


def _seek_limits(stands: Sequence[Stand], known: Sequence[Tried], search: _Search) -> None:
    """Two small patients for each limit, one on each side, as far as they are not known already."""
    if not stands:
        return
    twins = twins_of(search.plan.program, search.as_of, search.milliseconds)
    begun = len(search.sought)
    for position in range(0, len(stands), 2):
        search.tell("both sides of each limit", begun + position)
        pair = seek_pair(stands[position], search.plan, twins)
        if isinstance(pair, str):
            search.sought.extend(stands[position : position + 2])
            search.undecided.extend(stands[position : position + 2])
            continue
        for aim, one in pair:
            if not any(aim.reached_by(other) for other in known):
                search.sought.append(aim.purpose)
                search.found.append((aim, one))
        if pair[0][0].decides in ("ways", "nothing"):
            search.idle.append(pair[0][0])


def _replayed(patient: Packed, search: _Search) -> Packed | None:
    """The patient as the reference evaluator answers, for what is so by it too."""
    outcome = evaluate_naively(search.plan.program, patient.one.patient)
    one = replace(patient.one, outcome=outcome)
    aims = tuple(aim for aim in patient.aims if aim.reached_by(one))
    search.undecided.extend(aim.purpose for aim in patient.aims if aim not in aims)
    return Packed(one, aims) if aims else None
