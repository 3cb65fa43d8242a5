"""What generated cases are for: each goal as something that a patient reaches or not, with a small patient who does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from guidewright.engine.cases.coverage import Goal, boundary_goals
from guidewright.engine.cases.limits import (
    DECIDING,
    Decides,
    Stand,
    Twins,
    differing,
    is_there,
    record_at,
    recorded_where_they_apply,
    usual_values,
)
from guidewright.engine.checking.claims import Example, Proofs, has_values, is_false, is_meant, is_true
from guidewright.engine.checking.pathway_faults import takes_answer
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.outcome import Outcome, Status, contradicts_itself
from guidewright.engine.plan import Plan
from guidewright.engine.program import Program, facts_behind
from guidewright.engine.proofs.encoded_derivations import computed_from
from guidewright.engine.proofs.encoding import Encoding
from guidewright.engine.proofs.propositions import Proposition
from guidewright.engine.proofs.solving import Unsolved, can_be
from guidewright.engine.proofs.trying import plain_inputs, records_near
from guidewright.engine.proofs.witness import in_a_file, smallest_record
from guidewright.rules.conditions import facts_of
from guidewright.rules.model import Rule
from guidewright.rules.patient import Patient, Record, patient_from
from guidewright.rules.values import Ordered, contains, single

Purpose = Goal | Stand


@dataclass(frozen=True, slots=True, repr=False)
class Tried:
    """Facts as a patient file holds them, and what the engine says of the patient."""

    facts: Mapping[str, Any]
    patient: Patient
    outcome: Outcome


@dataclass(frozen=True, slots=True, repr=False)
class Aim:
    """A purpose, with what reaches it. `decides` says of a stand what changes beyond it, and `proved` that nothing
    changes there for anyone that would show more.
    """

    purpose: Purpose
    reached_by: Callable[[Tried], bool]
    decides: Decides = "nothing"
    proved: bool = True


Found = tuple[Aim, Tried]


def tried(facts: Mapping[str, Any], plan: Plan, as_of: date, consistent: bool = True) -> Tried | None:
    """Nobody, where a patient file cannot say so; or where it must be `consistent` and contradicts itself."""
    read = patient_from(facts, plan.guideline, as_of, as_of)
    if read.patient is None:
        return None
    outcome = evaluate_compiled(plan.compiled, read.patient)
    if consistent and contradicts_itself(outcome):
        return None
    return Tried(facts, read.patient, outcome)


# --- goals of the coverage


@dataclass(frozen=True, slots=True, repr=False)
class Kind:
    """Patients who reach a goal in a way: as the prover finds them, and as they are recognised."""

    wanted: tuple[Proposition, ...]
    holds: Callable[[Tried], bool]


def kinds_of(goal: Goal, plan: Plan, proofs: Proofs) -> tuple[Kind, ...]:
    """Patients who reach a goal, the most telling kind first; the last one are all. Most telling is somebody for whom
    the guideline may be meant; and where a rule does not fire, of whom something is recorded that it looks at.
    """
    plainly, meant = _example(goal, plan, proofs), is_meant(proofs)
    everyone = Kind(plainly.wanted, lambda one: plainly.holds(one.outcome))
    inside = Kind((*meant.wanted, *plainly.wanted), lambda one: meant.holds(one.outcome) and plainly.holds(one.outcome))
    if goal.kind != "not fired":
        return inside, everyone
    behind = _looked_at(plan.guideline.rules[goal.id], plan.program) & proofs.prover.encoding.records.keys()
    encoding = proofs.prover.encoding
    recorded = encoding.nodes.any(encoding.records[id].there for id in sorted(behind))
    about = Kind(
        (*inside.wanted, recorded), lambda one: inside.holds(one) and not behind.isdisjoint(one.patient.records)
    )
    return about, inside, everyone


def _looked_at(rule: Rule, program: Program) -> frozenset[str]:
    names = [*facts_of(rule.when), *(facts_of(rule.unless) if rule.unless is not None else ())]
    return frozenset(facts_behind(names, program))


def _example(goal: Goal, plan: Plan, proofs: Proofs) -> Example:
    encoding, id = proofs.prover.encoding, goal.id
    match goal.kind:
        case "fired" | "open" | "overridden" as status:
            return _ends(id, status, encoding)
        case "not fired":
            return _ends(id, "not_fired", encoding)
        case "row":
            return _ends(id, "fired" if goal.side == "fired" else "not_fired", encoding)
        case "argument":
            truth, is_so = encoding.arguments[id], goal.side == "true"
            return Example((truth.yes if is_so else truth.no,), lambda outcome: outcome.arguments[id] is is_so)
        case "answer":
            stage = next(stage for stage in plan.guideline.stages if id.startswith(f"{stage.id}/"))
            step = next(step for step in stage.steps if f"{stage.id}/{step.id}" == id)
            position = [answer.text for answer in step.answers].index(goal.side)
            return takes_answer(step, stage, position, proofs)
        case "boundary":
            number, is_so = next((number, truth) for other, number, truth in boundary_goals(plan) if other == goal)
            return (is_true if is_so else is_false)(plan.tests[number], proofs)


def _ends(id: str, status: Status, encoding: Encoding) -> Example:
    return Example((encoding.rules[id][status],), lambda outcome: outcome.rules[id] == status)


def seek(goal: Goal, kinds: Sequence[Kind], plan: Plan, proofs: Proofs) -> Found | Unsolved:
    """A small patient for a goal, of the first kind that there is. `impossible` is proved."""
    prover = proofs.prover
    if can_be(prover.solver, kinds[-1].wanted) is False:
        return "impossible"
    records = prover.encoding.records
    everyone = (*has_values(records, prover).wanted, *recorded_where_they_apply(prover.encoding))
    # What follows from other facts should follow from them here too; else nothing is left to a formula.
    inputs = tuple(dict.fromkeys(id for fact in plan.program.facts for id in computed_from(fact)))
    worked = [-records[id].there for id in prover.encoding.meetings]
    told = [-records[id].there for id in inputs]
    contradicting: Found | None = None
    near: list[dict[str, Any]] = []
    for kind in kinds:
        for also in ((*everyone, *worked), everyone, (*everyone, *told), ()):
            facts = smallest_record(prover, (*kind.wanted, *also))
            if isinstance(facts, str):
                continue
            near.append(facts)
            one = tried(facts, plan, prover.as_of, consistent=False)
            if one is None or not kind.holds(one):
                continue
            if tried(facts, plan, prover.as_of) is None:
                contradicting = contradicting or (Aim(goal, kind.holds), one)
                continue
            usual = _as_usual(one, prover.encoding, plan)
            return Aim(goal, kind.holds), usual if usual is not None and kind.holds(usual) else one
    return contradicting or _near(goal, kinds, near, plain_inputs(inputs, plan.program), plan, proofs) or "undecided"


def _near(
    goal: Goal,
    kinds: Sequence[Kind],
    starts: Sequence[Mapping[str, Any]],
    varied: Sequence[str],
    plan: Plan,
    proofs: Proofs,
) -> Found | None:
    """Somebody found by trying what formulas take, near what the prover found without knowing what they give."""
    encoding, as_of = proofs.prover.encoding, proofs.prover.as_of
    for facts in records_near(starts, varied, encoding.shapes, as_of, f"{goal.kind} {goal.id} {goal.side}"):
        one = tried(facts, plan, as_of)
        kind = next((kind for kind in kinds if one is not None and kind.holds(one)), None)
        if one is not None and kind is not None:
            return Aim(goal, kind.holds), one
    return None


def _as_usual(one: Tried, encoding: Encoding, plan: Plan, but: str | None = None) -> Tried | None:
    """The same with values that patients have, where that makes no difference to tests; `but` one fact."""
    facts = dict(one.facts)
    for id, ends in usual_values(encoding.shapes, one.patient.as_of).items():
        value = single(one.patient.records[id].values) if id in facts and id != but else None
        for run, usual in ends:
            if value is not None and not isinstance(value, bool | str | frozenset) and contains(run, value):
                facts[id] = in_a_file(usual, encoding.shapes[id].kind)
    return tried(facts, plan, one.patient.as_of)


# --- both sides of limits


def seek_pair(stand: Stand, plan: Plan, twins: Twins) -> tuple[Found, Found] | Literal["undecided"]:
    """A small patient on each side of a limit, alike but for that, between whom as much as can be changes."""
    proved = True
    contradicting: tuple[Found, Found] | None = None
    for decides in DECIDING:
        facts = record_at(stand, decides, twins)
        if isinstance(facts, str):
            proved = proved and facts == "impossible"
            continue
        found = _pair(stand, decides, proved, facts, plan, twins)
        if found is not None:
            return found
        contradicting = contradicting or _pair(stand, decides, proved, facts, plan, twins, consistent=False)
        proved = False
    anyone = record_at(stand, "nothing", twins)
    alone = _pair(stand, "nothing", proved, anyone, plan, twins) if not isinstance(anyone, str) else None
    return alone or contradicting or "undecided"


def _pair(
    stand: Stand,
    decides: Decides,
    proved: bool,
    facts: Mapping[str, Any],
    plan: Plan,
    twins: Twins,
    consistent: bool = True,
) -> tuple[Found, Found] | None:
    as_of = twins.prover.as_of
    here = tried(facts, plan, as_of, consistent)
    if here is None:
        return None
    neighbour = in_a_file(stand.beyond, plan.guideline.facts[stand.fact].type)
    for one in (_as_usual(here, twins.prover.encoding, plan, stand.fact), here):
        there = tried({**one.facts, stand.fact: neighbour}, plan, as_of, consistent) if one is not None else None
        if one is None or there is None:
            continue
        if decides == "nothing" or differing(one.outcome, there.outcome, decides):
            said, beyond = one.patient.records[stand.fact], there.patient.records[stand.fact]
            back = stand.opposite
            found = (
                (Aim(stand, _stands(stand, decides, said, beyond, plan), decides, proved), one),
                (Aim(back, _stands(back, decides, beyond, said, plan), decides, proved), there),
            )
            return found if all(aim.reached_by(at) for aim, at in found) else None
    return None


def _stands(stand: Stand, decides: Decides, here: Record, beyond: Record, plan: Plan) -> Callable[[Tried], bool]:
    def holds(one: Tried) -> bool:
        if not is_there(stand, one.outcome.facts[stand.fact].values):
            return False
        return decides == "nothing" or bool(differing(*_on_both_sides(one, stand.fact, here, beyond, plan), decides))

    return holds


def _on_both_sides(one: Tried, fact: str, here: Record, beyond: Record, plan: Plan) -> tuple[Outcome, Outcome]:
    """What the engine says of the patient, and of one recorded beyond the limit. Where the fact follows from others,
    both have it recorded and not those.
    """
    records = dict(one.patient.records)
    if fact in records:
        return one.outcome, _outcome({**records, fact: beyond}, one, plan)
    alone = {id: record for id, record in records.items() if id not in facts_behind((fact,), plan.program)}
    return _outcome({**alone, fact: here}, one, plan), _outcome({**alone, fact: beyond}, one, plan)


def _outcome(records: Mapping[str, Record], one: Tried, plan: Plan) -> Outcome:
    return evaluate_compiled(plan.compiled, Patient(None, one.patient.as_of, records))


def changes_beyond(aim: Aim, one: Tried, plan: Plan) -> tuple[str, ...]:
    """What is otherwise for the patient on the other side of the limit: ids of rules and rows, or of arguments and
    decisions.
    """
    stand = aim.purpose
    if not isinstance(stand, Stand) or aim.decides == "nothing":
        return ()
    here, beyond = (_record(stand.fact, value, one, plan) for value in (stand.here, stand.beyond))
    return differing(*_on_both_sides(one, stand.fact, here, beyond, plan), aim.decides)


def _record(fact: str, value: Ordered, one: Tried, plan: Plan) -> Record:
    facts, as_of = {fact: in_a_file(value, plan.guideline.facts[fact].type)}, one.patient.as_of
    patient = patient_from(facts, plan.guideline, as_of, as_of).patient
    assert patient is not None
    return patient.records[fact]
