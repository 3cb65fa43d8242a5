"""What would change the answer: the smallest changes of a patient's record that make a rule fire, or stop it, and which
facts would settle alone what is open. Everything that is proposed was found so on the reference evaluator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from time import monotonic
from typing import Any, Literal

from guidewright.engine.comparing.changes import Entry, space_of
from guidewright.engine.comparing.searching import Search, joined_sets, only_value, status_of
from guidewright.engine.comparing.ways import examples_of
from guidewright.engine.known import is_settled
from guidewright.engine.outcome import Status
from guidewright.engine.program import Program, facts_behind, rows_with_ids
from guidewright.engine.proofs.binary_days import day_in
from guidewright.engine.proofs.encoded_dates import as_in, plainer
from guidewright.engine.proofs.propositions import Proposition
from guidewright.engine.proofs.solving import Model, find
from guidewright.engine.proofs.witness import in_a_file
from guidewright.engine.reference import evaluate_naively
from guidewright.rules.conditions import Condition, facts_of
from guidewright.rules.model import ChoicesType
from guidewright.rules.patient import Patient
from guidewright.rules.values import NONE, Value, ValueSet, of

Verdict = Literal["found", "impossible", "more", "undecided"]

MOST_CHANGES = 8
MOST_PROPOSALS = 3
_MOST_TRIED = 150  # examples of facts that a formula works with, for each number of changes
_MOST_SETS = 64
_MOST_TOGETHER = 120  # combinations of values that are evaluated for one proposal
_FEW = 12


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """A fact and how it would be recorded, as in a patient file. `values`: everything known to do the same, together
    with any of the values of the other changes; `said`: the imprecise value that it is.
    """

    fact: str
    written: Any
    values: ValueSet
    said: str | None
    was_recorded: bool


@dataclass(frozen=True, slots=True, repr=False)
class Proposal:
    """Changes that together give a rule another status."""

    changes: tuple[Change, ...]
    status: Status


@dataclass(frozen=True, slots=True, repr=False)
class Settling:
    """What comes of it if one open fact becomes known: the status for each of its values, the open ones last.
    `always`: it is proved that every value settles the rule.
    """

    fact: str
    outcomes: tuple[tuple[Status, ValueSet], ...]
    always: bool


@dataclass(frozen=True, slots=True, repr=False)
class WhatIf:
    """`proposals` are the smallest changes found, all of one number of facts, at most three. Without one, `verdict`
    says why: it is proved that no change does it (`impossible`), or none of up to `MOST_CHANGES` facts, while more were
    not looked for (`more`), or neither (`undecided`). `is_smallest`: it is proved that fewer changes do not do it.
    `alone` is what settles it alone; for so many facts that was `not_looked_at`, since time ended.
    """

    id: str
    status: Status
    proposals: tuple[Proposal, ...]
    verdict: Verdict
    is_smallest: bool
    alone: tuple[Settling, ...]
    not_looked_at: int = 0

    @property
    def stops(self) -> bool:
        """Whether the changes stop what fires; else they make it fire."""
        return self.status == "fired"


def what_if(program: Program, patient: Patient, id: str, milliseconds: int = 4_000, seconds: float = 20) -> WhatIf:
    """What would change the status of a rule, of a row with an id, or of an argument.

    One question to the solver may take `milliseconds`, all of the search about `seconds`, of which what settles it
    alone takes half at most. Raises `ProverMissing` where z3 is not installed, and `KeyError` for any other id.
    """
    before = evaluate_naively(program, patient)
    status = status_of(id, before)
    space = space_of(program, patient, before, milliseconds)
    begin = monotonic()
    search = Search(program, patient, id, space, begin + seconds)
    alone, not_looked_at = _settling(search, begin + seconds / 2) if status == "open" else ((), 0)
    proposals, verdict, is_smallest = _changes(search)
    return WhatIf(id, status, tuple(proposals), verdict, is_smallest, alone, not_looked_at)


# --- the smallest changes


def _changes(search: Search) -> tuple[list[Proposal], Verdict, bool]:
    """The proposals, what became of the search, and whether it is proved that fewer changes do not do it."""
    status = status_of(search.id, search.space.before)
    goal = search.statuses(("not_fired", "overridden") if status == "fired" else ("fired",))
    anything = find(search.space.solver, (goal,))
    if isinstance(anything, str):
        return [], anything, False
    proposals, is_proved = _smallest(search, goal)
    if proposals:
        return proposals, "found", is_proved
    if not is_proved:
        return [], "undecided", False
    return [], "more" if len(search.space.changed) > MOST_CHANGES else "impossible", False


@dataclass(slots=True)
class _Level:
    """The search among changes of one number of facts. `taken` are those not to be found again. `is_proof`: none of
    them was refused that was only an example of others.
    """

    found: list[Proposal] = field(default_factory=list)
    taken: list[Proposition] = field(default_factory=list)
    refused: int = 0
    is_proof: bool = True


def _smallest(search: Search, goal: Proposition) -> tuple[list[Proposal], bool]:
    """Proposals of the least number of changes, and whether it is proved that there are none of fewer."""
    space, nodes = search.space, search.nodes
    recorded = [changed for id, changed in space.changed.items() if id in search.patient.records]
    most = min(MOST_CHANGES, len(space.changed))
    every, of_recorded = nodes.more_than(space.changed.values(), most), nodes.more_than(recorded, most)
    proved = True
    for count in range(1, most + 1):
        level = _Level()
        for assumed in (space.calm, ()) if space.calm else ((),):
            # Facts that become known come before facts that change.
            for changing in range(count + 1):
                _collect(search, (goal, -every[count], -of_recorded[changing], *assumed), level)
            if level.found:
                return level.found, proved
        proved = proved and level.is_proof
        if search.is_over:
            return [], False
    return [], proved


def _collect(search: Search, few: Sequence[Proposition], level: _Level) -> None:
    """Adds proposals for which all of this is true until there are enough."""
    space = search.space
    while len(level.found) < MOST_PROPOSALS:
        if level.refused > _MOST_TRIED or search.is_over:
            level.is_proof = False
            return
        model = find(space.solver, (*few, *level.taken))
        if isinstance(model, str):
            level.is_proof = level.is_proof and model == "impossible"
            return
        facts, chosen = _plainest(search, model, (*few, *level.taken))
        status = search.replay(facts)
        if status is not None and _is_wanted(status, search):
            level.found.append(_proposal(search, facts, chosen, status))
            level.taken.append(-search.nodes.all(space.changed[id] for id in facts))
        else:
            level.taken.append(-search.nodes.all(chosen))
            level.refused += 1
            # Of a set of choices or a day just the one that was tried is left out.
            level.is_proof = level.is_proof and (space.alike | space.encoding.days.keys()).issuperset(facts)


def _is_wanted(status: Status, search: Search) -> bool:
    was = status_of(search.id, search.space.before)
    return status in ("not_fired", "overridden") if was == "fired" else status == "fired"


def _plainest(search: Search, model: Model, wanted: Sequence[Proposition]) -> tuple[dict[str, Any], list[Proposition]]:
    """For the same facts the first of their entries that do, as a patient file says them, and as propositions."""
    space = search.space
    ids = [id for id, changed in space.changed.items() if model[changed]]
    settled = [*wanted, *(space.changed[id] for id in ids)]
    facts: dict[str, Any] = {}
    chosen: list[Proposition] = []
    for id in ids:
        # Of many examples for a formula any will do.
        for entry in space.entries[id] if len(space.entries[id]) <= _FEW or id in space.alike else ():
            found = find(space.solver, (*settled, entry.chosen))
            if not isinstance(found, str):
                model = found
                break
        entry = next(entry for entry in space.entries[id] if model[entry.chosen])
        parts = [entry.chosen]
        facts[id] = entry.written
        if entry.written is None and id in space.encoding.days:
            day = _plainest_day(search, id, (*settled, entry.chosen), model)
            parts.append(as_in(space.encoding.days[id], of(day), search.nodes))
            facts[id] = in_a_file(day, search.program.kinds[id])
        elif entry.written is None:
            parts += [inside if model[inside] else -inside for inside in space.members[id].values()]
            facts[id] = [option for option, inside in space.members[id].items() if model[inside]]
        settled += parts
        chosen += parts
    return facts, chosen


def _plainest_day(search: Search, id: str, settled: Sequence[Proposition], model: Model) -> date:
    """The day of a date, where it can be an easy one."""
    days, wishes = search.space.encoding.days[id], list(settled)
    for wish in plainer(days, search.patient.as_of, search.nodes):
        found = find(search.space.solver, (*wishes, wish))
        if not isinstance(found, str):
            model = found
            wishes.append(wish)
    return day_in(days.first, model.__getitem__)


def _proposal(search: Search, facts: Mapping[str, Any], chosen: Sequence[Proposition], status: Status) -> Proposal:
    """The changes, each with all values of which every combination was evaluated and does the same."""
    changes: list[Change] = []
    together: list[Mapping[str, Any]] = [facts]
    for id, written in facts.items():
        entry = next(entry for entry in search.space.entries[id] if entry.chosen in chosen)
        if entry.written is None and isinstance(written, list):
            values = of(frozenset(written))
        elif entry.said is not None or entry.values == NONE:
            values = entry.values
        elif id not in search.space.alike:
            values = only_value(written, search, id)
        else:
            kept = _kept(search, entry, id, together, status)
            together = [{**some, id: other.written} for some in together for other in kept]
            values = joined_sets([other.values for other in kept], search.program, id)
        changes.append(Change(id, written, values, entry.said, id in search.patient.records))
    return Proposal(tuple(changes), status)


def _kept(search: Search, chosen: Entry, id: str, together: Sequence[Mapping[str, Any]], status: Status) -> list[Entry]:
    """The entries of a fact that do the same as the chosen one, with all that was kept of the facts before it."""
    every = [e for e in search.space.entries[id] if e.said is None and e.values != NONE]
    if len(every) * len(together) > _MOST_TOGETHER or search.is_over:
        return [chosen]
    return [e for e in every if all(search.replay({**some, id: e.written}) == status for some in together)]


# --- facts that settle it alone


def _settling(search: Search, end: float) -> tuple[tuple[Settling, ...], int]:
    """The open facts that stand behind the rule and settle it for some value, those that always do first; and how many
    facts were not looked at before the end.
    """
    space, found, not_looked_at = search.space, list[Settling](), 0
    behind = facts_behind(_named(search), search.program)
    for id in (id for id in space.changed if id in behind and not is_settled(space.before.facts[id])):
        if monotonic() > end:
            not_looked_at += 1
            continue
        others = [-changed for other, changed in space.changed.items() if other != id]
        precise = [-entry.chosen for entry in space.entries[id] if entry.said is not None]
        alone = (*others, *precise, space.changed[id])
        if find(space.solver, (*alone, -search.statuses(("open",)))) == "impossible":
            continue
        by_status: dict[Status, list[ValueSet]] = {}
        for written, values in _single_values(search, id):
            status = search.replay({id: written})
            if status is not None:
                by_status.setdefault(status, []).append(values)
        if not any(status != "open" for status in by_status):
            continue
        always = "open" not in by_status and find(space.solver, (*alone, search.statuses(("open",)))) == "impossible"
        ranked = sorted(by_status, key=("fired", "overridden", "not_fired", "open").index)
        outcomes = tuple((status, joined_sets(by_status[status], search.program, id)) for status in ranked)
        found.append(Settling(id, outcomes, always))
    return tuple(sorted(found, key=lambda settling: not settling.always)), not_looked_at


def _single_values(search: Search, id: str) -> Iterator[tuple[Any, ValueSet]]:
    """Every way to record one value of a fact, as far as they are few."""
    kind, space = search.program.kinds[id], search.space
    for entry in space.entries[id]:
        if entry.said is not None:
            continue
        if entry.written is not None:
            alike = id in space.alike or entry.values == NONE
            yield entry.written, entry.values if alike else only_value(entry.written, search, id)
        elif id in space.encoding.days:
            yield from ((day, only_value(day, search, id)) for day in examples_of(entry.values, kind, search.patient))
        elif isinstance(kind, ChoicesType):
            options = list(space.members[id])
            sets = product((False, True), repeat=len(options))
            for inside, _ in zip(sets, range(_MOST_SETS), strict=False):
                held = [option for option, is_in in zip(options, inside, strict=True) if is_in]
                value: Value = frozenset(held)
                yield held, of(value)


def _named(search: Search) -> tuple[str, ...]:
    """The facts that the rule names, and the guideline for whom it is meant, and what may replace the rule."""
    program = search.program
    conditions: list[Condition | None] = [program.guideline.applies]
    ids = [search.id]
    while ids:
        id = ids.pop()
        rule = program.guideline.rules.get(id)
        if rule is not None:
            conditions += [rule.when, rule.unless]
            ids += [other for other in program.replaced_by[id] if search.id == id]
    conditions += [c for a in program.arguments if a.id == search.id for c in (a.when, a.unless)]
    for fact, row in rows_with_ids(program):
        if row.id == search.id:
            # An earlier row that holds is taken instead.
            conditions += [fact.only_if, row.when]
            return tuple(dict.fromkeys((*_facts(conditions), *program.inputs[fact.id])))
    return tuple(dict.fromkeys(_facts(conditions)))


def _facts(conditions: Iterable[Condition | None]) -> Iterator[str]:
    for condition in conditions:
        if condition is not None:
            yield from facts_of(condition)
