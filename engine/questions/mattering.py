"""Which missing facts matter: those of which two values make a difference to something that cannot be said yet.

A fact matters to a rule, an argument or a decision if there are two patients (`completions`), alike in all that
is recorded and in every other fact, of whom it says different things: of the one the rule fires or is replaced, of the
other it does not hold. Both ways that is worked out from decision diagrams. Their work is counted, so that the same
record always gives the same answer.

What comes to the same for all these patients needs no fact to be said. Only where an answer does not say it (a rule
that fires for all of them is open, because a condition is not seen through) do the facts stay those that the simpler
method asks for, so that nothing is left unsaid that holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Literal

from guidewright.engine.due import due_dates
from guidewright.engine.known import Known
from guidewright.engine.needs import Needs
from guidewright.engine.paths import Path, Taken
from guidewright.engine.questions.completed_conditions import argument_in, condition_in
from guidewright.engine.questions.completions import Completions, completions_of
from guidewright.engine.questions.diagrams import FALSE, TRUE, Undecided
from guidewright.engine.questions.parts import Part, combined, negated, possibly, surely
from guidewright.engine.questions.possible_values import sample_values
from guidewright.engine.trees import Tree
from guidewright.rules.conditions import Condition, facts_of
from guidewright.rules.model import Fact, Row, Rule, Table
from guidewright.rules.patient import Patient
from guidewright.rules.values import of

Mattering = Literal["shown", "perhaps", "never"]
"""Two patients are shown to differ; it was not found out; or there are none, and nothing is left unsaid."""

_MOST_STEPS = 12_000
_MOST_STEPS_EACH = 4_000
_MOST_STEPS_SAMPLED = 8_000

Make = Callable[[Completions], Part]


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Something that cannot be said yet. `facts` stand behind it by the simpler method; `made` says when it holds, and
    `says` is what the answer takes it for now; a way may stop for it. `key` is the same for the same condition;
    `settles` is the rule or argument that it is about, if it is about one.
    """

    key: str
    settles: str | None
    facts: tuple[str, ...]
    made: Make
    says: bool
    stops: bool = False


class Completed:
    """The completions of a record, with what has been worked out for them. Those of which formulas are worked out for
    some values only are made where they are needed.
    """

    __slots__ = ("_made", "_patient", "_state", "parts")

    def __init__(self, state: Needs, patient: Patient) -> None:
        self._state, self._patient = state, patient
        self._made: dict[bool, Completions] = {}
        self.parts: dict[tuple[bool, str], Part | None] = {}

    def of(self, sampled: bool) -> Completions:
        if sampled not in self._made:
            self._made[sampled] = completions_of(self._state, self._patient, 0, sampled)
        return self._made[sampled]


def mattering(unsaid: Unsaid, completed: Completed) -> dict[str, Mattering]:
    """Of each fact that may stand behind something whether it matters to it."""
    part = _part(unsaid, completed, sampled=False)
    return {fact: _of_fact(fact, unsaid, part, completed) for fact in unsaid.facts}


def _of_fact(fact: str, unsaid: Unsaid, part: Part | None, completed: Completed) -> Mattering:
    c = completed.of(sampled=False)
    bit = 1 << c.places[fact]
    if part is None or part.held & (part.facts | bit):
        return "perhaps"
    if not part.matters:
        is_said = part.truths == 1 << (TRUE if unsaid.says else FALSE)
        return "never" if is_said else "perhaps"
    if not part.facts & c.free:
        return "shown" if part.matters & bit else "never"
    free = part.matters & c.free
    behind = reduce(or_, (below for id, below in c.below.items() if free >> c.places[id] & 1), part.matters)
    if not behind & bit:
        return "never"
    some = _part(unsaid, completed, sampled=True)
    if some is None or some.facts & completed.of(sampled=True).free or some.held & some.facts:
        return "perhaps"
    return "shown" if some.matters & bit else "perhaps"


def _part(unsaid: Unsaid, completed: Completed, sampled: bool) -> Part | None:
    """When something holds; `None` where that is not found out."""
    key = (sampled, unsaid.key)
    if key not in completed.parts:
        c = completed.of(sampled)
        most = _MOST_STEPS_SAMPLED if sampled else _MOST_STEPS
        c.diagrams.most = min(most, c.diagrams.steps + _MOST_STEPS_EACH)
        try:
            completed.parts[key] = unsaid.made(c)
        except Undecided:
            completed.parts[key] = None
    return completed.parts[key]


# --- what cannot be said yet


def condition(tree: Tree) -> Make:
    return lambda c: condition_in(tree, c)


def argument(id: str) -> Make:
    return lambda c: argument_in(id, c)


def rule_holds(rule: Rule) -> Make:
    """Whether a rule holds: fires, or would if nothing replaced it. Its exception stops it only where it is true."""

    def made(c: Completions) -> Part:
        plan, parts = c.state.plan, [_is_meant(c), condition_in(c.state.plan.when[rule.id], c)]
        if rule.id in plan.unless:
            parts.append(negated(surely(condition_in(plan.unless[rule.id], c), c.diagrams)))
        return combined("all", parts, c.diagrams)

    return made


def row_holds(fact: Fact, row: Row) -> Make:
    """Whether a row with an id is reached and holds."""

    def made(c: Completions) -> Part:
        assert row.id is not None
        before: tuple[Tree, ...] = ()
        if isinstance(fact.derivation, Table):
            before = c.state.plan.rows[fact.id][: _position(row, fact.derivation)]
        earlier = [negated(condition_in(tree, c)) for tree in before]
        return combined("all", [_is_meant(c), *earlier, condition_in(c.state.plan.when[row.id], c)], c.diagrams)

    return made


def _position(row: Row, table: Table) -> int:
    return next(i for i, other in enumerate(table.all_rows) if other is row)


def _is_meant(c: Completions) -> Part:
    """Whether the guideline may be meant for a patient: else no rule fires."""
    return possibly(condition_in(c.state.plan.applies, c), c.diagrams)


def answer_holds(way: Path, at: int, answer: int) -> Make:
    """Whether a patient's way comes to the decision at this position, and this answer holds there."""

    def made(c: Completions) -> Part:
        parts = [part for taken in way.steps[:at] for part in _goes_on(way, taken, c)]
        return combined("all", [*parts, condition_in(_answers(way, way.steps[at], c)[answer], c)], c.diagrams)

    return made


def _goes_on(way: Path, taken: Taken, c: Completions) -> Iterator[Part]:
    """That the way leaves a decision by the answer that it takes now, and no other one holds."""
    for i, tree in enumerate(_answers(way, taken, c)):
        if taken.step.answers[i].last != "assumed":
            holds = surely(condition_in(tree, c), c.diagrams)
            yield holds if i == taken.answer else negated(holds)


def _answers(way: Path, taken: Taken, c: Completions) -> tuple[Tree, ...]:
    return c.state.plan.answers.get(f"{way.stage.id}/{taken.step.id}", ())


# --- dates


def dates_differ(rule: Rule, completed: Completed) -> bool:
    """Whether two days from which a fired rule counts are shown to give different dates: the rule and what may replace
    it do not rest on that day.
    """
    timing, c = rule.timing, completed.of(sampled=False)
    if timing is None or timing.start is None or c.roles.get(timing.start) != "told":
        return False
    if c.below[timing.start] & _behind_rules(rule, c):
        return False
    days = sample_values(c.facts[timing.start].values, c.cells(timing.start), c.patient.as_of)
    return len({due_dates(timing, Known(of(day), True), c.patient.as_of) for day in days}) > 1


def _behind_rules(rule: Rule, c: Completions) -> int:
    """The facts that are not settled behind a rule, and behind those that may replace it or them."""
    plan, rules = c.state.plan, c.state.plan.guideline.rules
    found, seen, waiting = 0, {rule.id}, [rule.id]
    conditions: list[Condition | None] = [plan.guideline.applies]
    while waiting:
        id = waiting.pop()
        conditions += [rules[id].when, rules[id].unless]
        new = [other for other in plan.program.replaced_by[id] if other not in seen]
        seen.update(new)
        waiting += new
    for condition in conditions:
        if condition is not None:
            # What follows from arguments rests on any of their facts.
            facts = facts_of(condition)
            found |= reduce(or_, (c.below.get(fact, -1) for fact in facts), 0)
    return found
