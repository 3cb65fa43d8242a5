"""Generated patients as cases: what each is for in words, what is expected of it, and its file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from guidewright.case_writing import case_text
from guidewright.engine.assessment import NOTICE
from guidewright.engine.cases.aims import Aim, Tried, changes_beyond
from guidewright.engine.cases.coverage import Goal, Kind
from guidewright.engine.cases.generating import Generated
from guidewright.engine.cases.limits import Stand
from guidewright.engine.cases.packing import Packed
from guidewright.engine.plan import Plan
from guidewright.engine.weighing import weigh
from guidewright.rules.cases import Expected, rule_ids
from guidewright.rules.english import in_words, inside_a_sentence
from guidewright.rules.model import Weighing

_NAMED = 8  # rules that a sentence names; the rest stands under `expect`
_LONGEST = 80  # characters of a file's name
_TELLING: tuple[Kind, ...] = ("fired", "overridden", "row", "answer", "argument", "boundary", "not fired", "open")


def case_files_of(found: Generated, plan: Plan, first: int = 1) -> Iterator[tuple[str, str]]:
    """The name and the text of the file of each patient, numbered from `first`. A name says no fact of a patient."""
    for number, patient in enumerate(found.patients, first):
        id = f"g-{number:03}-{_slug(patient.aims)}"
        why, expected = why_of(patient, plan), expected_of(patient, plan)
        comment = [
            f"made by guidewright cases --generate from {plan.guideline.id} {plan.guideline.version}: no real patient",
            "It shows what the guideline says, not what is right. A clinician has to read it before it counts.",
            NOTICE,
        ]
        yield f"{id}.yaml", case_text(id, why, found.as_of, patient.one.facts, expected, comment)


def _slug(aims: Iterable[Aim]) -> str:
    """What a patient is for above all, as a part of a file's name."""
    goals = [aim.purpose for aim in aims if isinstance(aim.purpose, Goal)]
    stands = [aim.purpose for aim in aims if isinstance(aim.purpose, Stand)]
    if goals:
        goal = min(goals, key=lambda goal: _TELLING.index(goal.kind))
        side = f"-{goal.side}" if goal.kind in ("row", "argument") else ""
        name = f"{goal.id}{side or f'-{goal.kind}'}"
    else:
        name = f"{stands[0].fact}-{stands[0].side}"
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[:_LONGEST]


# --- what is expected


def expected_of(patient: Packed, plan: Plan) -> Expected:
    """What the guideline says now of all that a patient is for, as far as a case can expect it: statuses, what changes
    beyond a limit, and who leads where arguments are weighed.
    """
    outcome = patient.one.outcome
    about: set[str] = set()
    leading: dict[str, tuple[str, ...]] = {}
    for aim in patient.aims:
        purpose = aim.purpose
        if isinstance(purpose, Stand):
            about.update(id for id in changes_beyond(aim, patient.one, plan) if id in outcome.rules)
        elif purpose.id in outcome.rules and purpose.kind not in ("argument", "answer", "boundary"):
            about.add(purpose.id)
        elif purpose.kind == "argument" and outcome.applies is not False:
            weighing = next(w for w in plan.program.weighings if purpose.id in _arguments(w))
            leading[weighing.id] = weigh(weighing, outcome.arguments).leading
    ordered = [id for id in rule_ids(plan.guideline) if id in about]
    by_status = {
        status: tuple(id for id in ordered if outcome.rules[id] == status)
        for status in ("fired", "overridden", "not_fired", "open")
    }
    return Expected(
        fired=by_status["fired"],
        overridden=by_status["overridden"],
        not_fired=by_status["not_fired"],
        open=by_status["open"],
        leading={id: leaders for id, leaders in leading.items() if leaders} or None,
    )


def _arguments(weighing: Weighing) -> Iterator[str]:
    return (argument.id for candidate in weighing.candidates for argument in candidate.arguments)


# --- what a patient is for


def why_of(patient: Packed, plan: Plan) -> str:
    """What a patient is for, in words."""
    goals = [aim.purpose for aim in patient.aims if isinstance(aim.purpose, Goal)]
    parts = [*_statuses(goals, patient.one, plan), *_others(goals), *_standing(patient, plan)]
    nobody = "nothing is recorded; " if not patient.one.facts else ""
    sentence = f"{nobody}{'; '.join(parts)}."
    return sentence[:1].upper() + sentence[1:] if nobody else sentence


def _statuses(goals: Sequence[Goal], one: Tried, plan: Plan) -> Iterator[str]:
    def ids(kind: Kind, side: str = "") -> list[str]:
        return [goal.id for goal in goals if goal.kind == kind and (not side or goal.side == side)]

    yield from _said(ids("fired"), "fires", "fire")
    overridden: dict[tuple[str, ...], list[str]] = {}
    for id in ids("overridden"):
        by = tuple(other for other in plan.program.replaced_by[id] if one.outcome.rules[other] == "fired")
        overridden.setdefault(by, []).append(id)
    for by, replaced in overridden.items():
        yield from _said(replaced, f"is overridden by {_listed(by)}", f"are overridden by {_listed(by)}")
    yield from _said(ids("not fired"), "does not fire", "do not fire")
    yield from _said(ids("open"), "stays open", "stay open")
    yield from _said(ids("row", "fired"), "holds", "hold", "the row ", "the rows ")
    yield from _said(ids("row", "not fired"), "does not hold", "do not hold", "the row ", "the rows ")


def _said(ids: Sequence[str], one: str, several: str, before_one: str = "", before_several: str = "") -> Iterator[str]:
    if len(ids) == 1:
        yield f"{before_one}{ids[0]} {one}"
    elif ids:
        yield f"{before_several}{_listed(ids)} {several}"


def _listed(ids: Sequence[str]) -> str:
    if len(ids) > _NAMED + 1:
        return f"{', '.join(ids[:_NAMED])} and {len(ids) - _NAMED} more"
    return ids[0] if len(ids) == 1 else f"{', '.join(ids[:-1])} and {ids[-1]}"


def _others(goals: Sequence[Goal]) -> Iterator[str]:
    """Of arguments all are named, since a case does not expect them."""
    for side in ("true", "false"):
        ids = [goal.id for goal in goals if goal.kind == "argument" and goal.side == side]
        if ids:
            yield f"the argument{'s' if len(ids) > 1 else ''} {', '.join(ids)} {'are' if len(ids) > 1 else 'is'} {side}"
    for goal in goals:
        if goal.kind == "answer":
            yield f'the answer "{goal.side}" is taken at {goal.id}'
    for goal in goals:
        if goal.kind == "boundary":
            test, _, side = goal.side.rpartition(": ")
            yield f'"{test}" ({goal.id}) is {"true" if side == "yes" else "false"}'


def _standing(patient: Packed, plan: Plan) -> Iterator[str]:
    """At which limits the patient stands, and what would be otherwise on the other side."""
    aims: dict[str, list[tuple[Stand, Aim]]] = {}
    for aim in patient.aims:
        if isinstance(aim.purpose, Stand):
            aims.setdefault(aim.purpose.fact, []).append((aim.purpose, aim))
    for id, here in aims.items():
        fact = plan.guideline.facts[id]
        stand = min((stand for stand, _ in here), key=lambda stand: stand.side != "at")
        side = {"below": "just below", "at": "at the limit", "above": "just above"}[stand.side]
        beyond: dict[str, tuple[str, ...]] = {}
        for stood, aim in here:
            there = in_words(stood.beyond, fact.type)
            beyond[there] = tuple(dict.fromkeys((*beyond.get(there, ()), *changes_beyond(aim, patient.one, plan))))
        otherwise = [f"at {there} {_listed(ids)}" for there, ids in beyond.items() if ids]
        words = f"{inside_a_sentence(fact.label)} {side} {in_words(stand.limit, fact.type)}"
        yield f"{words} ({', '.join(otherwise)} would be otherwise)" if otherwise else words
