"""Changes of a patient's record, each evaluated once on the reference evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from guidewright.engine.comparing.changes import Space, adds_no_contradiction, keeps_what_is_fixed
from guidewright.engine.outcome import Outcome, Status
from guidewright.engine.program import Program
from guidewright.engine.proofs.propositions import FALSE, Proposition, Propositions
from guidewright.engine.reference import evaluate_naively
from guidewright.rules.domains import step_of
from guidewright.rules.patient import Patient, patient_from
from guidewright.rules.values import NOTHING, ValueSet, union


def status_of(id: str, outcome: Outcome) -> Status:
    """The status of a rule or row; that of an argument by its truth."""
    if id in outcome.rules:
        return outcome.rules[id]
    truth = outcome.arguments[id]
    return "open" if truth is None else "fired" if truth else "not_fired"


@dataclass(frozen=True, slots=True, repr=False)
class Search:
    """What is looked for around a patient's record: how a rule, row or argument can end, until time ends."""

    program: Program
    patient: Patient
    id: str
    space: Space
    end: float
    replays: dict[str, Outcome | None] = field(default_factory=dict)

    @property
    def nodes(self) -> Propositions:
        return self.space.encoding.nodes

    @property
    def is_over(self) -> bool:
        return monotonic() > self.end

    def statuses(self, wanted: Sequence[Status]) -> Proposition:
        """That the rule has one of these statuses."""
        encoding = self.space.encoding
        if self.id in encoding.rules:
            return self.nodes.any(encoding.rules[self.id][status] for status in wanted)
        truth = encoding.arguments[self.id]
        by_status = {"fired": truth.yes, "not_fired": truth.no, "open": self.nodes.all((-truth.yes, -truth.no))}
        return self.nodes.any(by_status.get(status, FALSE) for status in wanted)

    def replay(self, facts: Mapping[str, Any]) -> Status | None:
        """The status on the reference evaluator if these facts were recorded so; `None` where they cannot be."""
        key = repr(sorted(facts.items()))
        if key not in self.replays:
            self.replays[key] = self._outcome(facts)
        outcome = self.replays[key]
        return status_of(self.id, outcome) if outcome is not None else None

    def _outcome(self, facts: Mapping[str, Any]) -> Outcome | None:
        as_of = self.patient.as_of
        read = patient_from(dict(facts), self.program.guideline, as_of, as_of)
        if read.patient is None:
            return None
        changed = Patient(self.patient.id, as_of, {**self.patient.records, **read.patient.records}, self.patient.dated)
        after, before = evaluate_naively(self.program, changed), self.space.before
        sound = adds_no_contradiction(before, after) and keeps_what_is_fixed(self.program, before, after)
        return after if sound else None


def only_value(written: Any, search: Search, id: str) -> ValueSet:
    """Just the value that is written."""
    as_of = search.patient.as_of
    read = patient_from({id: written}, search.program.guideline, as_of, as_of)
    assert read.patient is not None
    return read.patient.records[id].values


def joined_sets(sets: Iterable[ValueSet], program: Program, id: str) -> ValueSet:
    """All values of these sets."""
    found = NOTHING
    for values in sets:
        found = union(found, values, step_of(program.kinds[id]))
    return found
