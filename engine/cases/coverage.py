"""What the cases of a guideline reach: statuses of rules, rows, arguments, answers, and both sides of every
parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from guidewright.engine.outcome import Outcome
from guidewright.engine.paths import path_through
from guidewright.engine.plan import Plan, truths_of
from guidewright.engine.program import rows_with_ids
from guidewright.rules.condition_text import literals_of
from guidewright.rules.conditions import Condition, is_about_the_record, tests_of

Kind = Literal["fired", "not fired", "open", "overridden", "row", "argument", "answer", "boundary"]
KINDS: tuple[Kind, ...] = ("fired", "not fired", "open", "overridden", "row", "argument", "answer", "boundary")


@dataclass(frozen=True, slots=True)
class Goal:
    """Something that a case should reach: `id` names the rule, row, argument, decision or parameter, `side` which
    of its ways.
    """

    kind: Kind
    id: str
    side: str = ""


def goals_of(plan: Plan) -> tuple[Goal, ...]:
    """Everything that cases can reach. A rule that nothing replaces cannot be overridden, and one that only asks
    what is recorded is never open.
    """
    found: dict[Goal, None] = {}
    program = plan.program
    for rule in plan.guideline.rules.values():
        found[Goal("fired", rule.id)] = None
        found[Goal("not fired", rule.id)] = None
        if _can_be_open(rule.when):
            found[Goal("open", rule.id)] = None
        if program.replaced_by[rule.id]:
            found[Goal("overridden", rule.id)] = None
    for _, row in rows_with_ids(program):
        assert row.id is not None
        found |= dict.fromkeys((Goal("row", row.id, "fired"), Goal("row", row.id, "not fired")))
    for argument in program.arguments:
        found |= dict.fromkeys((Goal("argument", argument.id, "true"), Goal("argument", argument.id, "false")))
    for step, answers in program.decisions.items():
        found |= dict.fromkeys(Goal("answer", step, answer.text) for answer in answers)
    found |= dict.fromkeys(goal for goal, _, _ in boundary_goals(plan))
    return tuple(found)


def _can_be_open(condition: Condition) -> bool:
    return any(not is_about_the_record(test) for test in tests_of(condition))


def boundary_goals(plan: Plan) -> Iterator[tuple[Goal, int, bool]]:
    """Each goal at a parameter, with the number of the test that must come out so."""
    for number, test in enumerate(plan.tests):
        for literal in literals_of(test.check):
            if literal.parameter is not None:
                for truth, side in ((True, "yes"), (False, "no")):
                    yield Goal("boundary", literal.parameter, f"{plan.words[number]}: {side}"), number, truth


def reached(plan: Plan, outcome: Outcome) -> frozenset[Goal]:
    """What one patient reaches."""
    found: set[Goal] = set()
    rows = {row.id for _, row in rows_with_ids(plan.program)}
    kinds: Mapping[str, Kind] = {"fired": "fired", "not_fired": "not fired", "open": "open", "overridden": "overridden"}
    for id, status in outcome.rules.items():
        if id not in rows:
            found.add(Goal(kinds[status], id))
        elif status in ("fired", "not_fired"):
            found.add(Goal("row", id, kinds[status]))
    for id, truth in outcome.arguments.items():
        if truth is not None:
            found.add(Goal("argument", id, "true" if truth else "false"))
    for stage in plan.guideline.stages:
        way = path_through(stage, outcome.answers)
        for taken in way.steps if way is not None else ():
            if taken.answer is not None:
                found.add(Goal("answer", f"{stage.id}/{taken.step.id}", taken.step.answers[taken.answer].text))
    truths = truths_of(plan, outcome.facts)
    found.update(goal for goal, number, truth in boundary_goals(plan) if truths.tests[number] is truth)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many goals of each kind are reached, and which are not."""

    reached: Mapping[Kind, int]
    total: Mapping[Kind, int]
    missing: tuple[Goal, ...]

    @property
    def percent(self) -> float:
        total = sum(self.total.values())
        return 100.0 if total == 0 else 100.0 * sum(self.reached.values()) / total


def coverage(plan: Plan, every: Iterable[frozenset[Goal]]) -> Coverage:
    """The coverage by all patients together."""
    goals = goals_of(plan)
    met = frozenset().union(*every)
    return Coverage(
        reached={kind: sum(goal.kind == kind and goal in met for goal in goals) for kind in KINDS},
        total={kind: sum(goal.kind == kind for goal in goals) for kind in KINDS},
        missing=tuple(goal for goal in goals if goal not in met),
    )
