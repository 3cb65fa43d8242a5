"""Whether a guideline's own cases notice its mutations; and of one that they do not, whether it changes anything for
any patient, and a case that would notice it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args

from guidewright.engine.assess import assess
from guidewright.engine.assessment import Assessment
from guidewright.engine.cases.expectations import misses
from guidewright.engine.cases.leading import leads
from guidewright.engine.cases.mutations import Mutation
from guidewright.engine.comparing.derived_differences import known_otherwise
from guidewright.engine.comparing.differences import (
    Comparison,
    Seen,
    Standing,
    What,
    compared,
    comparison_of,
    effect_of,
    seen_by,
)
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.outcome import Outcome, Status
from guidewright.engine.plan import Plan, plan_of
from guidewright.engine.proofs.witness import smallest_record
from guidewright.engine.weighing import weigh
from guidewright.rules.cases import Case, Expected
from guidewright.rules.patient import Patient

Verdict = Literal["noticed", "unnoticed", "beyond", "harmless", "undecided"]
"""`noticed`: a case fails. `unnoticed`: none does, and one is shown that would. `beyond`: something changes for a
patient, but no case was found that could expect it: a way through a page, an argument, a time, a value that is only
shown. `harmless`: proved that for no patient a rule, row, argument or box ends otherwise, or a fact is known otherwise.
`undecided`: neither; also where no case was found, and of a rule or row it is not decided whether it ends otherwise.
"""


# Arguments, boxes and facts that were not touched, are otherwise, and are looked at for a case; where these give none,
# others seldom do. Rules and rows are all looked at: cases tell of them.
_MOST_BEYOND = 4
_TOLD_BY_CASES = ("rule", "row")


@dataclass(frozen=True, slots=True, repr=False)
class NewCase:
    """A made-up patient, with what the guideline says and the mutation does not. `facts` as in a patient file."""

    id: str
    why: str
    as_of: date
    facts: Mapping[str, Any]
    expected: Expected
    patient: Patient


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """Something that ends otherwise for a patient: how before, and how after; a `fact` is known otherwise."""

    what: What
    id: str
    ends: tuple[Standing, Standing] | None
    patient: Seen


@dataclass(frozen=True, slots=True)
class Undecided:
    """Something of which it is not decided whether it ends otherwise, or in how many ways; or is known otherwise."""

    what: What
    id: str


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """What became of a mutation. `by`: the case that notices it. `case`: one that would, where none does; it may stand
    for several mutations. `changed`: the first thing found to end otherwise for a patient.
    """

    mutation: Mutation
    verdict: Verdict
    by: str | None = None
    case: NewCase | None = None
    changed: Change | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Suite:
    """A guideline with its cases, all of which hold, and what was made for mutations that they do not notice."""

    plan: Plan
    cases: Sequence[Case]
    as_of: date
    milliseconds: int
    outcomes: Mapping[str, Outcome]
    made: list[NewCase] = field(default_factory=list)


def suite_of(plan: Plan, cases: Sequence[Case], as_of: date, milliseconds: int = 5_000) -> Suite:
    """The cases ready to be held against mutations; made-up patients are assessed on `as_of`, and the solver is given
    so much time for each question.
    """
    outcomes = {case.id: evaluate_compiled(plan.compiled, case.patient) for case in cases}
    return Suite(plan, cases, as_of, milliseconds, outcomes)


def failing(suite: Suite) -> tuple[str, ...]:
    """The cases that fail as the guideline is: they cannot tell a mutation from it."""
    plan, outcomes = suite.plan, suite.outcomes
    answers = ((case, assess(plan, case.patient, outcomes[case.id], "compiled")) for case in suite.cases)
    return tuple(case.id for case, answer in answers if misses(case.expected, answer))


def judged(mutation: Mutation, suite: Suite) -> Judged:
    """What becomes of a mutation. Raises `ProverMissing` where no case notices it and z3 is not installed."""
    by = noticed_by(mutation, suite)
    if by is not None:
        return Judged(mutation, "noticed", by)
    mutated = plan_of(mutation.guideline)
    for case in suite.made:
        if _is_noticed(case.patient, case.expected, mutated):
            return Judged(mutation, "unnoticed", case=case)
    found = _looked_for(mutation, mutated, suite)
    if found.case is not None:
        suite.made.append(found.case)
    return found


# --- the cases that there are


def noticed_by(mutation: Mutation, suite: Suite) -> str | None:
    """The first case that a mutation fails: by what ends otherwise, of those that name what was touched before the
    others; or else by what is asked, which takes longer to find out.
    """
    mutated = plan_of(mutation.guideline)
    cases = sorted(suite.cases, key=lambda case: not _names(case.expected, mutation))
    for case in cases:
        outcome = evaluate_compiled(mutated.compiled, case.patient)
        if _ends_otherwise(case.expected, suite.outcomes[case.id], outcome, mutation, suite) and _is_noticed(
            case.patient, case.expected, mutated
        ):
            return case.id
    asking = (case for case in cases if case.expected.ask)
    return next((case.id for case in asking if _is_noticed(case.patient, case.expected, mutated)), None)


def _names(expected: Expected, mutation: Mutation) -> bool:
    return any(id in _statuses(expected) for id in mutation.about)


def _statuses(expected: Expected) -> dict[str, str]:
    """The rules and rows of which a case expects something."""
    groups = ("fired", "overridden", "must_not_fire", "not_fired", "open")
    return {id: status for status in groups for id in getattr(expected, status)}


def _ends_otherwise(expected: Expected, before: Outcome, after: Outcome, mutation: Mutation, suite: Suite) -> bool:
    """Whether anything that a case expects ends otherwise, apart from what is asked."""
    if any(before.rules.get(id) != after.rules.get(id) for id in _statuses(expected)):
        return True
    weighings = (
        (suite.plan.guideline.weighings[id], mutation.guideline.weighings[id]) for id in expected.leading or ()
    )
    return any(
        weigh(one, before.arguments).leading != weigh(other, after.arguments).leading for one, other in weighings
    ) or (before.applies is False) != (after.applies is False)


def _is_noticed(patient: Patient, expected: Expected, mutated: Plan) -> bool:
    answer = assess(mutated, patient, evaluate_compiled(mutated.compiled, patient), "compiled")
    return _is_missed(expected, answer)


def _is_missed(expected: Expected, answer: Assessment) -> bool:
    """Whether an answer is not what a case expects. A case that names a row which is gone cannot be read any more."""
    return any(id not in answer.rules for id in _statuses(expected)) or bool(misses(expected, answer))


# --- a case that there might be


def _looked_for(mutation: Mutation, mutated: Plan, suite: Suite) -> Judged:
    comparison = comparison_of(suite.plan.program, mutated.program, suite.as_of, suite.milliseconds)
    first: Change | None = None
    undecided: set[str] = set()
    arguments = False
    beyond = 0
    for change in changes_in(mutation, comparison):
        arguments |= change.what == "argument"
        if isinstance(change, Undecided):
            undecided.add(change.what)
            continue
        first = first or change
        case = _case(change.patient, change.id, mutation, mutated, suite)
        if case is not None:
            return Judged(mutation, "unnoticed", case=case, changed=change)
        beyond += change.what not in _TOLD_BY_CASES and change.id not in mutation.about
        if beyond == _MOST_BEYOND:
            break
    for seen in _led_by_others(mutation, comparison) if arguments else ():
        case = _case(seen, None, mutation, mutated, suite)
        if case is not None:
            return Judged(mutation, "unnoticed", case=case, changed=first)
    if undecided.intersection(_TOLD_BY_CASES) or (undecided and first is None):
        return Judged(mutation, "undecided", changed=first)
    otherwise: Verdict = "undecided" if _moves_what_is_told(mutation, suite) else "harmless"
    return Judged(mutation, "beyond" if first is not None else otherwise, changed=first)


def _moves_what_is_told(mutation: Mutation, suite: Suite) -> bool:
    """Whether texts or rows tell the parameter that moved: a mutation leaves them as they are."""
    parameters = suite.plan.guideline.parameters if mutation.kind == "parameter" else {}
    return any(id in parameters and bool(parameters[id].told_by) for id in mutation.about)


def changes_in(mutation: Mutation, comparison: Comparison) -> Iterator[Change | Undecided]:
    """What ends otherwise for a patient, beginning with what was touched, then rules and rows, of which cases tell; and
    what is not decided. Facts that are known otherwise come only where nothing else does.
    """
    told: set[tuple[str, str]] = {*mutation.tells}
    order: list[What] = ["rule", "row", "argument", "box"]
    every = sorted(compared(comparison), key=lambda one: (one[1] not in mutation.about, order.index(one[0])))
    changed = False
    for what, id in every:
        effect = effect_of(what, id, comparison, (what, id) in told)
        if any(shift.patient is None for shift in effect.shifts):
            yield Undecided(what, id)
        for shift in effect.shifts:
            if shift.patient is not None:
                changed = True
                yield Change(what, id, (shift.before, shift.after), shift.patient)
    if not changed:
        old, new = comparison.versions.old.program, comparison.versions.new.program
        for fact, known in known_otherwise(old, new, comparison.prover.as_of, comparison.prover.solver.milliseconds):
            yield Undecided("fact", fact) if known == "undecided" else Change("fact", fact, None, known)


def _led_by_others(mutation: Mutation, comparison: Comparison) -> Iterator[Seen]:
    """Patients for whom somebody leads a weighing before, and not after."""
    old, new = comparison.versions.old, comparison.versions.new
    nodes = comparison.versions.joint.nodes
    for id, weighing in mutation.guideline.weighings.items():
        before = old.program.guideline.weighings[id]
        for one, other in zip(before.candidates, weighing.candidates, strict=True):
            wanted = nodes.all((leads(one, before, old), -leads(other, weighing, new)))
            facts = smallest_record(comparison.prover, [wanted])
            seen = (
                seen_by(facts, old.program, new.program, comparison.prover.as_of) if isinstance(facts, dict) else None
            )
            if seen is not None:
                yield seen


def _case(seen: Seen, id: str | None, mutation: Mutation, mutated: Plan, suite: Suite) -> NewCase | None:
    """The patient as a case, where a case can expect what the mutation says otherwise."""
    before = assess(suite.plan, seen.before, seen.outcome_before, "reference")
    after = assess(mutated, seen.after, seen.outcome_after, "reference")
    expected = _lost(before, after, id)
    if misses(expected, before) or not _is_noticed(seen.after, expected, mutated):
        return None
    why = f"So that a slip would be noticed: {mutation.says}"
    return NewCase(f"mutation-{mutation.id}", why, suite.as_of, seen.facts, expected, seen.before)


def _lost(before: Assessment, after: Assessment, also: str | None) -> Expected:
    """What one answer holds and the other does not: how a rule ends (`also`), and every other that fires no more; or
    else who leads; or else what is asked.
    """
    other = {
        id: rule.status
        for id, rule in before.rules.items()
        if id not in after.rules or after.rules[id].status != rule.status
    }
    wanted = [id for id in other if other[id] == "fired" or id == also]
    if wanted:
        ids = {status: tuple(id for id in wanted if other[id] == status) for status in get_args(Status)}
        return Expected(ids["fired"], ids["overridden"], not_fired=ids["not_fired"], open=ids["open"])
    leading = {
        id: lost
        for id, weighing in before.weighing.items()
        if (lost := tuple(c for c in weighing.leading if c not in after.weighing[id].leading))
    }
    asked = {question.fact for question in after.ask}
    no_more = tuple(question.fact for question in before.ask if question.fact not in asked)
    return Expected(leading=leading) if leading else Expected(ask=no_more)
