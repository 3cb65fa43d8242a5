"""The patients that a record leaves: all of whom everything is known that would be asked, and whose record is this one,
completed.

Such a patient has one value, of those that are still possible, for each fact that would be asked; what follows from
facts follows. As everywhere, what a derived fact is recorded as does not narrow what it is derived from. A fact whose
`only_if` is false there has no value; one that applies has one, unless its record says that there may be none. Where
tests ask for the record of a fact (`unknown`), it may also stay as it is now, so that a rule that waits for the record
is not lost; conditions then have three truths, by Kleene's tables as ever.

A derived fact that has a question is asked itself: its value varies, and what it is derived from is held as it is now.
Of what depends on both, nothing is said, and nothing of what depends on a fact that follows from what is recorded of
another. Where a derived fact is recorded in part or contradicted, or follows from a formula of too many values, it is
free: it may be whatever it may be now, and of what depends on it is only known on which other facts it does not depend.
With `sampled` such formulas are worked out for some values of what they work with: those patients exist, though they
are not all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import Literal

from guidewright.engine.cells import Cells, value_bits
from guidewright.engine.known import Known, all_from_data, is_settled
from guidewright.engine.needs import Needs, facts_to_ask
from guidewright.engine.program import fact_conditions
from guidewright.engine.questions.diagrams import Diagrams, Undecided
from guidewright.engine.questions.parts import Part
from guidewright.engine.questions.possible_values import all_values, sample_values, sets_told_apart
from guidewright.engine.trees import truth_in
from guidewright.rules.conditions import OneOf, Record, SaidAs, facts_of, tests_of
from guidewright.rules.derivation_order import inputs_of
from guidewright.rules.formulas import facts_in
from guidewright.rules.model import ChoicesType, Fact, Formula, Table, TextType
from guidewright.rules.patient import Patient
from guidewright.rules.values import NONE, ValueSet, of, without_none

Role = Literal["told", "derived", "free"]
"""Of a fact that is not settled: its value varies, it follows from others, or neither is certain."""


@dataclass(frozen=True, slots=True, repr=False)
class Values:
    """The values among which a fact varies: their cells, and where they are single ones, they themselves. With `now`
    the fact may also stay as it is.
    """

    bits: tuple[int, ...]
    sets: tuple[ValueSet, ...] | None
    now: bool


@dataclass(slots=True, repr=False)
class Completions:
    """The completions of one record. Facts are variables of the diagrams by their places; sets of facts are the bits of
    a number. `below` are the facts not settled from which a fact follows, and it itself; `held` those that are taken to
    stay as they are where a fact is worked with; `pointed` those whose single values a formula takes; `turning` those
    that follow from what is recorded, of which nothing known now stays so.

    What has been worked out is kept: `gates` are diagrams of whether a fact applies, `results` of what it comes to.
    """

    state: Needs
    patient: Patient
    sampled: bool
    diagrams: Diagrams
    places: dict[str, int]
    roles: dict[str, Role] = field(default_factory=dict)
    below: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    free: int = 0
    pointed: set[str] = field(default_factory=set)
    turning: set[str] = field(default_factory=set)
    values: dict[str, Values] = field(default_factory=dict)
    gates: dict[str, int] = field(default_factory=dict)
    results: dict[str, int] = field(default_factory=dict)
    tests: dict[int, Part] = field(default_factory=dict)
    branches: dict[int, Part] = field(default_factory=dict)

    @property
    def facts(self) -> Mapping[str, Known]:
        return self.state.facts

    def cells(self, fact: str) -> Cells:
        compiled = self.state.plan.compiled
        return compiled.cells[compiled.places[fact]]

    def may_not_apply(self, fact: str) -> bool:
        """Whether nothing is recorded of a fact and its `only_if` is open."""
        tree = self.state.plan.only_if.get(fact)
        return tree is not None and fact not in self.patient.records and truth_in(tree, self.state.truths) is None

    def only_if_of(self, fact: str) -> Sequence[str]:
        """The facts that say whether a fact applies, where that matters."""
        condition = self.state.plan.guideline.facts[fact].only_if
        return () if condition is None or fact in self.patient.records else facts_of(condition)


def completions_of(state: Needs, patient: Patient, most: int, sampled: bool = False) -> Completions:
    """The completions of a record. `most` limits the work that their diagrams may take."""
    facts = state.plan.program.facts
    found = Completions(state, patient, sampled, Diagrams({}, most), {fact.id: i for i, fact in enumerate(facts)})
    for fact in facts:
        _place(fact, found)
    return found


# --- what part a fact plays


def _place(fact: Fact, c: Completions) -> None:
    """Says of a fact, after those that it follows from, what part it plays."""
    id, is_derived, recorded = fact.id, fact.derivation is not None, fact.id in c.patient.records
    inputs = c.state.plan.program.inputs[id] if is_derived or not recorded else ()
    if any(input in c.turning for input in inputs) or (inputs and _is_asked_for_records(fact, c)):
        c.turning.add(id)
    held = reduce(or_, (c.held[input] for input in inputs), 0)
    below = reduce(or_, (c.below[input] for input in inputs), 0)
    if is_derived and recorded:
        held |= below
    if is_settled(c.facts[id]):
        # What is derived alone stays settled. What is recorded moves within its tolerance with what it is derived from.
        c.held[id], c.below[id] = held, below if is_derived and recorded else 0
        return
    role = c.roles[id] = _role_of_derived(fact, c) if is_derived else "told"
    if is_derived and role == "told":
        held |= reduce(or_, (_held_below(input, fact, c) for input in inputs_of(replace(fact, only_if=None))), 0)
    if role == "free":
        c.free |= 1 << c.places[id]
    if role == "derived" and isinstance(fact.derivation, Formula):
        c.pointed |= {input for input in facts_in(fact.derivation.expression) if c.roles.get(input) == "told"}
    c.held[id], c.below[id] = held, below | 1 << c.places[id]


def _is_asked_for_records(fact: Fact, c: Completions) -> bool:
    """Whether a fact follows from what is recorded of another that is not settled yet."""
    return any(
        isinstance(test.check, Record | SaidAs) and not is_settled(c.facts[test.fact])
        for condition in fact_conditions(fact)
        for test in tests_of(condition)
    )


def _held_below(input: str, fact: Fact, c: Completions) -> int:
    """What is held behind one of the facts from which a fact would be derived. What applies where the fact itself does
    is held alone: whether it applies may vary.
    """
    source = c.state.plan.guideline.facts[input]
    alike = source.derivation is None and source.only_if == fact.only_if and fact.id not in c.patient.records
    return c.below[input] & 1 << c.places[input] if alike else c.below[input]


def _role_of_derived(fact: Fact, c: Completions) -> Role:
    known = c.facts[fact.id]
    if fact.question is not None or known.conflict is not None:
        # What is recorded of it settles it only where nothing contradicts that or moves it.
        moves = all_from_data(c.facts[input] for input in c.state.plan.program.inputs[fact.id])
        fails = known.conflict is not None or known.problem is not None or _may_give_none(fact, c)
        return "free" if moves or fails else "told"
    if fact.id in c.patient.records or facts_to_ask(fact.id, c.state) == (fact.id,):
        # Where what it follows from is known and gives nothing, it is asked itself.
        return "free"
    match fact.derivation:
        case Formula(expression):
            return "derived" if all(_can_be_worked_with(input, c) for input in facts_in(expression)) else "free"
        case Table() as table:
            return "free" if any(row.formula is not None for row in table.all_rows) else "derived"
        case _:
            return "derived"


def _may_give_none(fact: Fact, c: Completions) -> bool:
    """Whether a fact that applies may still have no value, because nothing is computed."""
    if not c.may_not_apply(fact.id):
        return False
    match fact.derivation:
        case Formula(expression):
            inputs = [c.state.plan.guideline.facts[input] for input in facts_in(expression)]
            # What applies where the fact does has a value there.
            return any(
                c.facts[input.id].values.none
                and (input.only_if != fact.only_if or input.derivation is not None or input.id in c.patient.records)
                for input in inputs
            )
        case Table(_, otherwise):
            return otherwise is None
        case _:
            return False


def _can_be_worked_with(input: str, c: Completions) -> bool:
    """Whether a formula can be worked out for the values of a fact, one by one."""
    if is_settled(c.facts[input]) or c.roles[input] == "derived":
        return True
    if c.roles[input] == "free" or (_is_asked_for_its_record(input, c) and c.may_not_apply(input)):
        return False
    return c.sampled or all_values(c.facts[input].values, c.state.plan.program.kinds[input]) is not None


def _is_asked_for_its_record(fact: str, c: Completions) -> bool:
    return any(isinstance(check, Record | SaidAs) for check, _, _ in c.cells(fact).pairs)


# --- the values of a fact


def values_of(id: str, c: Completions) -> Values:
    """The values of a fact that varies. Raises `Undecided` where they are too many."""
    if id not in c.values:
        if c.roles[id] == "free":
            values = Values(_cells_in(c.facts[id].values, c.cells(id)), None, True)
        else:
            values = _told_values(id, c)
        # Of a free fact it is not known which values it can have: that it stays as it is counts for one.
        c.diagrams.told[c.places[id]] = len(values.bits) + (c.roles[id] == "free")
        c.values[id] = values
    return c.values[id]


def _told_values(id: str, c: Completions) -> Values:
    known, cells = c.facts[id].values, c.cells(id)
    if c.may_not_apply(id):
        known = without_none(known)
    now = _is_asked_for_its_record(id, c)
    unlisted = isinstance(cells.kind, ChoicesType | TextType)
    if not unlisted and id not in c.pointed:
        return Values(_cells_in(known, cells), None, now)
    if isinstance(cells.kind, TextType):
        sets: list[ValueSet] | None = [of("recorded")]
    elif isinstance(cells.kind, ChoicesType):
        asked = {literal.value for check, _, _ in cells.pairs if isinstance(check, OneOf) for literal in check.literals}
        sets = sets_told_apart(known, asked)
    else:
        points = all_values(known, cells.kind)
        sets = [of(v) for v in (sample_values(known, cells, c.patient.as_of) if points is None else points)]
    if sets is None:
        raise Undecided
    sets += [NONE] if known.none else []
    bits = tuple(cells.none if s == NONE else 0 if unlisted else value_bits(cells, s) for s in sets)
    return Values(bits, tuple(sets), now)


def _cells_in(values: ValueSet, cells: Cells) -> tuple[int, ...]:
    inside = value_bits(cells, values)
    return tuple(1 << i for i in range(inside.bit_length()) if inside >> i & 1)
