"""What could be different in a patient's record, as propositions: facts that become known, and facts that change.

A changed fact is recorded as one value, as `none`, or as an imprecise value that a test asks for. Nothing is taken out
of the record, what is `fixed` keeps what is known of it, and no change may contradict the rest of the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guidewright.engine.checks import check_truth, truth_of
from guidewright.engine.comparing.ways import cells_in, ways_to_record
from guidewright.engine.known import Known, is_settled
from guidewright.engine.outcome import Outcome
from guidewright.engine.program import Program, facts_behind
from guidewright.engine.proofs.encoded_dates import as_in, lie_in
from guidewright.engine.proofs.encoded_derivations import computed_from
from guidewright.engine.proofs.encoded_facts import Kleene
from guidewright.engine.proofs.encoded_facts import truth_of as encoded_truth_of
from guidewright.engine.proofs.encoding import Encoding, encoding_of, is_free
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions
from guidewright.engine.proofs.solving import Solver, solver_of
from guidewright.rules.conditions import OneOf
from guidewright.rules.domains import precise_options
from guidewright.rules.model import ChoicesType, Fact, TextType
from guidewright.rules.patient import Patient
from guidewright.rules.values import NONE, NOTHING, ValueSet, intersection, single


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """A way to record a fact: `written` as in a patient file (`None` for a set or a day, which the model names), and
    `values`, all those of which it is an example.
    """

    written: Any
    values: ValueSet
    chosen: Proposition
    said: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Space:
    """The records that differ from a patient's. `changed` and `entries` are of the facts that may change, `members`
    of those that are sets of choices. Where `calm` holds, nothing that is left free plays a part. `alike` are the
    facts of which every value of an entry does the same.
    """

    encoding: Encoding
    solver: Solver
    patient: Patient
    before: Outcome
    changed: Mapping[str, Proposition]
    entries: Mapping[str, tuple[Entry, ...]]
    members: Mapping[str, Mapping[str, Proposition]]
    calm: tuple[Proposition, ...]
    alike: frozenset[str]


def space_of(program: Program, patient: Patient, before: Outcome, milliseconds: int) -> Space:
    """The space around a patient. Raises `ProverMissing` where z3 is not installed."""
    encoding = encoding_of(program, patient.as_of)
    feeding = {input for fact in program.facts if is_free(fact, encoding) for input in computed_from(fact)}
    made = _Made(program, encoding, patient, before, feeding, [], {}, {}, {})
    for fact in program.facts:
        _add_changes(fact, made)
    calm = [made.calm(fact) for fact in program.facts]
    for fact in program.facts:
        _add_pins(fact, made)
        _add_consistency(fact, made)
    solver = solver_of(encoding.nodes, (*encoding.constraints, *made.constraints), milliseconds)
    alike = frozenset(fact.id for fact in program.facts if fact.derivation is None) - feeding - encoding.days.keys()
    quiet = tuple(dict.fromkeys(one for one in calm if one != TRUE))
    return Space(encoding, solver, patient, before, made.changed, made.entries, made.members, quiet, alike)


@dataclass(frozen=True, slots=True)
class _Made:
    program: Program
    encoding: Encoding
    patient: Patient
    before: Outcome
    feeding: set[str]
    constraints: list[Proposition]
    changed: dict[str, Proposition]
    entries: dict[str, tuple[Entry, ...]]
    members: dict[str, dict[str, Proposition]]

    @property
    def nodes(self) -> Propositions:
        return self.encoding.nodes

    def is_free(self, fact: Fact) -> bool:
        """Whether the encoding leaves open what is known of a derived fact."""
        return is_free(fact, self.encoding)

    def applies(self, fact: Fact) -> Kleene:
        if fact.only_if is None:
            return Kleene(TRUE, FALSE)
        return encoded_truth_of(fact.only_if, self.encoding.states, self.encoding.shapes, self.nodes)

    def stays(self, fact: Fact) -> Proposition:
        """Whether nothing changes of what a fact follows from."""
        behind = facts_behind(self.program.inputs[fact.id], self.program)
        return self.nodes.all(-self.changed[id] for id in behind if id in self.changed)

    def is_as_before(self, fact: Fact) -> Proposition:
        """Whether nothing changes of a fact, and of what it follows from."""
        return self.nodes.all((self.stays(fact), -self.changed.get(fact.id, FALSE)))

    def matters(self, fact: Fact) -> Proposition:
        """Whether something plays a part that is left free between the record and what is derived, or in either."""
        encoding, found = self.encoding, list[Proposition]()
        if fact.id in encoding.meetings:
            found.append(encoding.meetings[fact.id].matters)
        if fact.id in encoding.gaps:
            found.append(encoding.gaps[fact.id].matter)
        return self.nodes.any(found)

    def calm(self, fact: Fact) -> Proposition:
        """Whether what is known of a fact that a formula works out is what its record says, or what it was."""
        if not self.is_free(fact):
            return self.nodes.any((self.is_as_before(fact), -self.matters(fact)))
        nodes, record, state = self.nodes, self.encoding.records[fact.id], self.encoding.states[fact.id]
        missing = (-self.encoding.records[input].there for input in computed_from(fact))
        recorded = (*_same(state.may, record.may, nodes), *_same((state.one,), (record.one,), nodes), state.data)
        possible = [TRUE if possible else FALSE for possible in self.encoding.shapes[fact.id].possible]
        anything = (*_same(state.may, (*possible, -self.applies(fact).yes), nodes), -state.one, -state.data)
        plain = nodes.choose(record.there, nodes.all(recorded), nodes.all(anything))
        return nodes.any((self.stays(fact), nodes.all((*missing, plain))))


def _same(these: Sequence[Proposition], those: Sequence[Proposition], nodes: Propositions) -> list[Proposition]:
    return [nodes.same(a, b) for a, b in zip(these, those, strict=True)]


def _as(propositions: Sequence[Proposition], truths: Sequence[bool]) -> list[Proposition]:
    """Each proposition where it is to be true, its negation where not."""
    return [a if true else -a for a, true in zip(propositions, truths, strict=True)]


# --- what may change


def _add_changes(fact: Fact, made: _Made) -> None:
    """Whether the fact is recorded as it was, or how it is recorded instead."""
    nodes = made.nodes
    same = _as_recorded(fact.id, made)
    if not _may_change(fact, made):
        made.constraints.append(same)
        return
    entries: list[Entry] = []
    shape, tested = made.encoding.shapes[fact.id], made.encoding.records[fact.id].said
    known, kinds = made.before.facts.__getitem__, made.program.kinds.__getitem__
    applied = fact.only_if is None or truth_of(fact.only_if, known, kinds)
    feeds, days = fact.id in made.feeding, made.encoding.days.get(fact.id)
    for written, values, said in ways_to_record(fact, shape, tested, applied, feeds, days is not None, made.patient):
        chosen = nodes.variable(f"{fact.id} becomes {written}")
        named = frozenset({said} if said is not None else ())
        is_one = said is None and values != NONE
        is_set = isinstance(fact.type, ChoicesType) and written is None
        pattern = _any_set(fact, made) if is_set else _pattern(fact.id, Known(values, True, named), is_one, made)
        if days is not None and written is None:
            pattern = nodes.all((pattern, lie_in(days, values, nodes)))
        made.constraints.append(nodes.implies(chosen, pattern))
        entries.append(Entry(written, values, chosen, said))
    made.entries[fact.id] = tuple(entries)
    made.changed[fact.id] = changed = nodes.any(entry.chosen for entry in entries)
    made.constraints.extend([nodes.at_most_one(entry.chosen for entry in entries), nodes.any((changed, same))])


def _may_change(fact: Fact, made: _Made) -> bool:
    """What follows from others is changed by changing those, unless it is asked or recorded itself, or a formula works
    it out from facts of which none is recorded.
    """
    recorded = made.patient.records.get(fact.id)
    if fact.fixed and is_settled(made.before.facts[fact.id]) and made.before.facts[fact.id].values != NONE:
        return False
    if isinstance(fact.type, TextType):
        return recorded is None and fact.derivation is None
    if fact.derivation is None or fact.question is not None or recorded is not None:
        return True
    inputs = computed_from(fact)
    return bool(inputs) and not any(input in made.patient.records for input in inputs)


def _as_recorded(id: str, made: _Made) -> Proposition:
    record = made.patient.records.get(id)
    if record is None:
        return -made.encoding.records[id].there
    is_one = single(record.values) is not None
    days = made.encoding.days.get(id)
    same_days = as_in(days, record.values, made.nodes) if days is not None else TRUE
    return made.nodes.all((_pattern(id, Known(record.values, True, record.said), is_one, made), same_days))


def _pattern(id: str, known: Known, is_one: bool, made: _Made) -> Proposition:
    """That a fact is recorded so; with `is_one` as one of these values."""
    record, shape = made.encoding.records[id], made.encoding.shapes[id]
    parts = [record.there, *_as(record.may, cells_in(known.values, shape))]
    if not isinstance(shape.kind, TextType):
        parts.append(record.one if is_one else -record.one)
    parts += [says if word in known.said else -says for word, says in record.said.items()]
    for check, truth in record.contains.items():
        holds = check_truth(check, known, shape.kind)
        parts += [truth.yes if holds is True else -truth.yes, truth.no if holds is False else -truth.no]
    return made.nodes.all(parts)


def _any_set(fact: Fact, made: _Made) -> Proposition:
    """That a fact is recorded as one set of choices; variables say which choices are in it."""
    assert isinstance(fact.type, ChoicesType)
    record, nodes = made.encoding.records[fact.id], made.nodes
    members = {option: nodes.variable(f"{fact.id} holds {option}") for option in precise_options(fact.type)}
    made.members[fact.id] = members
    parts = [record.there, record.may[0], -record.may[-1], record.one, *(-says for says in record.said.values())]
    for check, truth in record.contains.items():
        asked = {literal.value for literal in check.literals} if isinstance(check, OneOf) else set()
        some = nodes.any(inside for option, inside in members.items() if option in asked)
        parts += _same((truth.yes, truth.no), (some, -some), nodes)
    return nodes.all(parts)


# --- what is so whatever changes


def _add_pins(fact: Fact, made: _Made) -> None:
    """Where nothing changes of a fact and of what it follows from, what the encoding leaves free is as it was."""
    nodes, id = made.nodes, fact.id
    if fact.derivation is None or not (made.is_free(fact) or made.matters(fact) != FALSE):
        return
    known, shape, state = made.before.facts[id], made.encoding.shapes[id], made.encoding.states[id]
    at, is_one = cells_in(known.values, shape), single(known.values) is not None
    before = _as((*state.may, state.one, state.data), (*at, is_one, known.has_data))
    for check, truth in state.contains.items():
        holds = check_truth(check, known, shape.kind)
        before += _as((truth.yes, truth.no), (holds is True, holds is False))
    made.constraints.append(nodes.implies(made.is_as_before(fact), nodes.all(before)))
    if not made.is_free(fact) or fact.tolerance is not None:
        return
    for entry in made.entries.get(id, ()):
        cells = _as(state.may, cells_in(entry.values, shape))
        alone = state.one if entry.said is None and entry.values != NONE else -state.one
        recorded = nodes.all((*cells, alone, state.data))
        made.constraints.append(nodes.implies(nodes.all((made.stays(fact), entry.chosen)), recorded))


def _add_consistency(fact: Fact, made: _Made) -> None:
    """No new contradiction within the record, and what is fixed keeps what is known of it."""
    nodes, id = made.nodes, fact.id
    record, state, known = made.encoding.records[id], made.encoding.states[id], made.before.facts[id]
    if fact.only_if is not None and not known.against_only_if:
        given = nodes.all((record.there, nodes.any(record.may[:-1])))
        made.constraints.append(nodes.implies(given, -made.applies(fact).no))
    if fact.derivation is not None and fact.tolerance is None and known.conflict is None:
        kept = nodes.all(nodes.implies(a, b) for a, b in zip(state.may, record.may, strict=True))
        made.constraints.append(nodes.implies(record.there, kept))
    if fact.fixed and known.values not in (NONE, NOTHING) and not isinstance(fact.type, TextType):
        at = cells_in(known.values, made.encoding.shapes[id])
        made.constraints.extend([-cell for cell, may in zip(state.may, at, strict=True) if not may])


def keeps_what_is_fixed(program: Program, before: Outcome, after: Outcome) -> bool:
    """Whether of every fixed fact only more is known than before."""
    for fact in program.facts:
        old, new = before.facts[fact.id].values, after.facts[fact.id].values
        if fact.fixed and old != NONE and not isinstance(fact.type, TextType) and intersection(old, new) != new:
            return False
    return True


def adds_no_contradiction(before: Outcome, after: Outcome) -> bool:
    """Whether every contradiction in the facts was there before."""
    for id, new in after.facts.items():
        old = before.facts[id]
        if new.conflict is not None and old.conflict is None:
            return False
        if new.against_only_if and not old.against_only_if:
            return False
        if new.problem is not None and old.problem is None:
            return False
    return True
