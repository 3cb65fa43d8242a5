"""What a new version of a guideline changes for patients: for each rule, row, argument and box whether some incomplete
record gets another answer, proved or shown by a smallest patient.

Every patient has been run on the reference evaluator under both versions before anyone sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any, Literal

from guidewright.engine.comparing.versions import Versions, has_formula, versions_of
from guidewright.engine.outcome import Outcome
from guidewright.engine.paths import path_through
from guidewright.engine.program import Program, rows_with_ids
from guidewright.engine.proofs.encoded_facts import Recorded
from guidewright.engine.proofs.encoding import Encoding
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition
from guidewright.engine.proofs.solving import can_be, solver_of
from guidewright.engine.proofs.trying import plain_inputs, records_near, smaller_records
from guidewright.engine.proofs.witness import Prover, smallest_record
from guidewright.engine.reference import evaluate_naively
from guidewright.rules.patient import Patient, patient_from

What = Literal["rule", "row", "argument", "box", "fact"]
Standing = Literal["fired", "open", "not_fired", "overridden", "passed", "not_passed", "known", "absent"]
"""How something ends for a patient: a rule or row by its status; an argument that is true, open or false is `fired`,
`open` or `not_fired`; a box is `passed` where the way comes to it; what is worked out of a fact is `known`, be it known
otherwise. `absent`: the version does not have it.
"""

MOST_SHOWN = 3
"""Ways of ending otherwise that are shown of one rule, each with its patient."""

# What a reader wants to know first: who loses an answer, who gets one, and only then what becomes open or is replaced.
_ORDER: tuple[tuple[Standing, Standing], ...] = (
    ("fired", "absent"),
    ("absent", "fired"),
    ("open", "absent"),
    ("absent", "open"),
    ("fired", "not_fired"),
    ("not_fired", "fired"),
    ("fired", "overridden"),
    ("overridden", "fired"),
    ("fired", "open"),
    ("open", "fired"),
    ("open", "not_fired"),
    ("not_fired", "open"),
    ("overridden", "not_fired"),
    ("not_fired", "overridden"),
    ("overridden", "open"),
    ("open", "overridden"),
    ("passed", "not_passed"),
    ("not_passed", "passed"),
    ("passed", "absent"),
    ("absent", "passed"),
)
# Whoever gets it still gets it, and is told something else.
_AGAIN: tuple[tuple[Standing, Standing], ...] = (("fired", "fired"), ("passed", "passed"))


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """A patient as both versions read the same record. `facts` as a patient file holds them, dotted; a fact that a
    version does not know is left out there.
    """

    facts: Mapping[str, Any]
    before: Patient
    after: Patient
    outcome_before: Outcome
    outcome_after: Outcome


@dataclass(frozen=True, slots=True, repr=False)
class Shift:
    """One way in which something ends otherwise. No `patient`: it is not decided whether there is one."""

    before: Standing
    after: Standing
    patient: Seen | None


@dataclass(frozen=True, slots=True, repr=False)
class Effect:
    """What becomes of one rule, row, argument, box or derived fact. No `shifts`: proved the same for every patient.
    `more`: there may be other ways than those shown.
    """

    what: What
    id: str
    shifts: tuple[Shift, ...]
    more: bool = False

    @property
    def verdict(self) -> Literal["same", "changed", "undecided"]:
        if any(shift.patient is not None for shift in self.shifts):
            return "changed"
        return "undecided" if self.shifts else "same"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions and the solver that knows both. `tried` are patients that were looked at: who shows nothing of one
    rule may show something of the next.
    """

    versions: Versions
    prover: Prover
    tried: list[Seen] = field(default_factory=list)


def comparison_of(old: Program, new: Program, as_of: date, milliseconds: int = 10_000) -> Comparison:
    """Both versions for patients assessed on a day, and so much time for each question. Raises `ProverMissing`."""
    versions = versions_of(old, new, as_of)
    joint = versions.joint
    return Comparison(versions, Prover(joint, solver_of(joint.nodes, joint.constraints, milliseconds), as_of))


def compared(comparison: Comparison) -> tuple[tuple[What, str], ...]:
    """Everything that `effect_of` can tell of: what either version has. Of facts tells `derived_differences`."""
    old, new = comparison.versions.old, comparison.versions.new
    rows = {row.id for program in (old.program, new.program) for _, row in rows_with_ids(program)}
    rules = dict.fromkeys((*new.rules, *old.rules))
    found: list[tuple[What, str]] = [("row" if id in rows else "rule", id) for id in rules]
    found += [("argument", id) for id in dict.fromkeys((*new.arguments, *old.arguments))]
    return (*found, *(("box", id) for id in dict.fromkeys((*new.passes, *old.passes))))


def effect_of(what: What, id: str, comparison: Comparison, says_otherwise: bool = False) -> Effect:
    """What becomes of one of `compared`. `says_otherwise`: it says something else, so who gets it gets another answer,
    also where it ends in the same way.
    """
    solver, nodes = comparison.prover.solver, comparison.versions.joint.nodes
    before = _standings(what, id, comparison.versions.old)
    after = _standings(what, id, comparison.versions.new)
    if before == after and not says_otherwise:
        return Effect(what, id, ())
    order = _ORDER if not says_otherwise else (*_AGAIN, *_ORDER)
    pairs = {
        (one, other): wanted
        for one, other in order
        if one in before and other in after
        if (wanted := nodes.all((before[one], after[other]))) != FALSE
    }
    if not pairs or can_be(solver, [nodes.any(pairs.values())]) is False:
        return Effect(what, id, ())
    shifts: list[Shift] = []
    near: list[dict[str, Any]] = []
    for number, ((one, other), wanted) in enumerate(pairs.items()):
        if sum(shift.patient is not None for shift in shifts) == MOST_SHOWN:
            left = list(pairs.values())[number:]
            more = can_be(solver, [nodes.any(left)]) is not False
            return Effect(what, id, _with_tried(shifts, near, what, id, comparison), more)
        found = _patient(_Wanted(what, id, one, other, wanted), comparison)
        if isinstance(found, dict):
            near.append(found)
        if found != "impossible":
            shifts.append(Shift(one, other, found if isinstance(found, Seen) else None))
        if isinstance(found, Seen) and "absent" in (one, other):
            # Who gets what is new, or loses what is gone, says all.
            break
    return Effect(what, id, _with_tried(shifts, near, what, id, comparison))


def _with_tried(
    shifts: list[Shift], starts: Sequence[Mapping[str, Any]], what: What, id: str, comparison: Comparison
) -> tuple[Shift, ...]:
    """The shifts, with patients that are found by trying where a formula kept the solver from finding one."""
    found = {(shift.before, shift.after): shift.patient for shift in shifts}
    versions, as_of = comparison.versions, comparison.prover.as_of
    if None not in found.values() or not versions.computed:
        return tuple(shifts)
    programs = (versions.old.program, versions.new.program)
    facts = sorted({fact for program in programs for fact in plain_inputs(versions.computed, program)})
    uncomputed = [{id: said for id, said in start.items() if id not in versions.computed} for start in starts]
    new = (
        seen_by(record, *programs, as_of)
        for record in records_near(uncomputed, facts, versions.joint.shapes, as_of, id)
    )
    for seen in chain(tuple(comparison.tried), _kept(new, comparison.tried)):
        pair = _ends(seen, what, id, comparison)
        if pair in found and found[pair] is None:
            found[pair] = _smaller(seen, pair, what, id, comparison)
        if sum(patient is not None for patient in found.values()) >= MOST_SHOWN or None not in found.values():
            break
    return tuple(Shift(before, after, patient) for (before, after), patient in found.items())


def _kept(patients: Iterable[Seen | None], kept: list[Seen]) -> Iterator[Seen]:
    for seen in patients:
        if seen is not None:
            kept.append(seen)
            yield seen


def _smaller(seen: Seen, pair: tuple[Standing, Standing], what: What, id: str, comparison: Comparison) -> Seen:
    """A patient of whom less is recorded and who ends in the same way."""
    programs = (comparison.versions.old.program, comparison.versions.new.program)
    for record in smaller_records(seen.facts):
        smaller = seen_by(record, *programs, comparison.prover.as_of)
        if smaller is not None and _ends(smaller, what, id, comparison) == pair:
            return _smaller(smaller, pair, what, id, comparison)
    return seen


def _ends(seen: Seen, what: What, id: str, comparison: Comparison) -> tuple[Standing, Standing]:
    """How something ends for a patient by both versions."""
    old, new = comparison.versions.old.program, comparison.versions.new.program
    return standing_of(what, id, seen.outcome_before, old), standing_of(what, id, seen.outcome_after, new)


def _standings(what: What, id: str, encoding: Encoding) -> dict[Standing, Proposition]:
    nodes, outside = encoding.nodes, encoding.applies.no
    if what == "box" and id in encoding.passes:
        passed = nodes.all((encoding.passes[id], -outside))
        return {"passed": passed, "not_passed": -passed}
    if what == "argument" and id in encoding.arguments:
        truth = encoding.arguments[id]
        fired, not_fired = nodes.all((truth.yes, -outside)), nodes.any((truth.no, outside))
        return {"fired": fired, "not_fired": not_fired, "open": nodes.all((-fired, -not_fired))}
    if id not in encoding.rules:
        return {"absent": TRUE}
    return {status: encoding.rules[id][status] for status in encoding.rules[id]}


def standing_of(what: What, id: str, outcome: Outcome, program: Program) -> Standing:
    """How something ends for a patient, by what an evaluator says."""
    if what == "fact":
        return "known" if id in program.guideline.facts else "absent"
    if what == "box" and id not in boxes_of(program):
        return "absent"
    if what == "box":
        ways = [path_through(stage, outcome.answers) for stage in program.guideline.stages]
        passed = {f"{way.stage.id}/{taken.step.id}" for way in ways if way is not None for taken in way.steps}
        return "passed" if id in passed and outcome.applies is not False else "not_passed"
    if what == "argument" and id in outcome.arguments:
        truth = outcome.arguments[id] if outcome.applies is not False else False
        return "open" if truth is None else "fired" if truth else "not_fired"
    return outcome.rules.get(id, "absent")


def boxes_of(program: Program) -> tuple[str, ...]:
    """The boxes of all pages, `stage/step`."""
    return tuple(f"{stage.id}/{step.id}" for stage in program.guideline.stages for step in stage.steps)


def ends_otherwise(before: Standing, after: Standing, says_otherwise: bool) -> bool:
    """Whether a patient gets another answer: to lose or get what says nothing of the patient is none."""
    return (before, after) in _ORDER or (says_otherwise and (before, after) in _AGAIN)


# --- patients


@dataclass(frozen=True, slots=True)
class _Wanted:
    """That something ends in one way before and in another after, and the proposition that says so."""

    what: What
    id: str
    before: Standing
    after: Standing
    proposition: Proposition


def _patient(wanted: _Wanted, comparison: Comparison) -> Seen | Literal["impossible"] | dict[str, Any]:
    """The smallest patient found for whom something ends so. `impossible` is proved. Else a record that may be near
    one: there was not time enough, or what was found is not so on the evaluator, as may be where a formula plays a
    part.
    """
    prover, versions = comparison.prover, comparison.versions
    records = versions.joint.records
    near: dict[str, Any] = {}
    if can_be(prover.solver, [wanted.proposition]) is False:
        return "impossible"
    # No patient is shown who would be recorded differently in each version.
    readable = [-record.there for id in versions.apart for record in _records(id, versions)]
    programs = (versions.old.program, versions.new.program)
    derived = [fact for program in programs for fact in program.facts if fact.derivation is not None]
    worked_out = dict.fromkeys(fact.id for fact in derived if not has_formula(fact))
    nothing_derived = [-records[id].there for id in worked_out if id in records]
    for also in ([*readable, *nothing_derived, -versions.joint.computed], [*readable, *nothing_derived], readable):
        facts = smallest_record(prover, [wanted.proposition, *also])
        if isinstance(facts, str):
            continue
        near = facts
        seen = seen_by(facts, versions.old.program, versions.new.program, prover.as_of)
        if seen is not None and _ends(seen, wanted.what, wanted.id, comparison) == (wanted.before, wanted.after):
            return seen
    return near


def _records(id: str, versions: Versions) -> tuple[Recorded, Recorded]:
    return versions.old.records[id], versions.new.records[id]


def seen_by(facts: Mapping[str, Any], old: Program, new: Program, as_of: date) -> Seen | None:
    """A record as both versions read it; `None` where one of them refuses it."""
    before, after = (
        patient_from({id: facts[id] for id in facts if id in program.guideline.facts}, program.guideline, as_of, as_of)
        for program in (old, new)
    )
    if before.patient is None or after.patient is None:
        return None
    outcomes = evaluate_naively(old, before.patient), evaluate_naively(new, after.patient)
    return Seen(facts, before.patient, after.patient, *outcomes)
