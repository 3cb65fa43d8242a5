"""What to find out next, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from guidewright.engine.assessment import PathAnswer, Question, RuleAnswer
from guidewright.engine.known import is_settled
from guidewright.engine.needs import Needs, argument_needs, facts_to_ask, needs_of
from guidewright.engine.outcome import Outcome
from guidewright.engine.paths import Path
from guidewright.engine.plan import Plan
from guidewright.engine.program import rows_with_ids
from guidewright.engine.questions.mattering import (
    Completed,
    Make,
    Unsaid,
    answer_holds,
    argument,
    condition,
    dates_differ,
    mattering,
    row_holds,
    rule_holds,
)
from guidewright.engine.weighing import WeighingResult
from guidewright.rules.patient import Patient


@dataclass(frozen=True, slots=True, repr=False)
class Explained:
    """Everything that the questions and the conflicts are drawn from."""

    plan: Plan
    outcome: Outcome
    state: Needs
    rules: Mapping[str, RuleAnswer]
    ways: Mapping[str, Path]
    paths: Mapping[str, PathAnswer]
    weighed: Mapping[str, WeighingResult]


def questions(explained: Explained, patient: Patient) -> tuple[Question, ...]:
    """Facts to ask: what decides whether the guideline applies, what fired rules ask for, what stops a way, then what
    stands behind open tests: by how many rules and arguments a fact may settle, the strongest rules first, then by id.

    What stops a way or stands behind open tests is asked only if it matters (`mattering`), or if that was not
    found out; `settles` names no rule to which it does not matter. Whether the guideline applies, and what its rules
    ask for, is asked in any case.
    """
    if explained.outcome.applies is False:
        return ()
    found = _found(explained, patient)
    reasons: dict[str, str] = {}
    if explained.outcome.applies is None:
        reasons |= dict.fromkeys(needs_of([explained.plan.applies], explained.state), "applies")
    for fact in _asked_by_rules(explained):
        reasons.setdefault(fact, "rule")
    for path in explained.paths.values():
        for fact in path.needs:
            if fact in found.stopping:
                reasons.setdefault(fact, "path")
    strengths = {grade.id: i for i, grade in enumerate(explained.plan.guideline.strengths)}

    def rank(fact: str) -> tuple[int, int, str]:
        strongest = min(
            (strengths.get(s, len(strengths)) for id in found.settles[fact] if (s := _strength(id, explained))),
            default=len(strengths),
        )
        return -len(found.settles[fact]), strongest, fact

    for fact in sorted(found.settles, key=rank):
        reasons.setdefault(fact, "open")
    facts = explained.plan.guideline.facts
    return tuple(
        Question(
            fact=id,
            label=facts[id].label,
            question=facts[id].question or f"{facts[id].label}?",
            reason=reason,
            settles=tuple(found.settles.get(id, ())),
            exact=id in found.shown,
        )
        for id, reason in reasons.items()
    )


def _strength(id: str, explained: Explained) -> str | None:
    rule = explained.rules.get(id)
    return rule.strength if rule is not None else None


def _asked_by_rules(explained: Explained) -> list[str]:
    """What fired `ask` rules ask for and is not answered yet. A fact that follows from others is asked as those,
    unless it has a question.
    """
    found: list[str] = []
    for rule in explained.rules.values():
        if rule.kind == "ask" and rule.status == "fired":
            for fact in rule.asks:
                if not is_settled(explained.state.facts[fact]):
                    found += facts_to_ask(fact, explained.state)
    return found


@dataclass(slots=True)
class _Found:
    """For each fact that matters, or may, the rules and arguments that it may settle; those shown to matter; those for
    which a way stops.
    """

    settles: dict[str, dict[str, None]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    stopping: set[str] = field(default_factory=set)

    def add(self, fact: str, settles: str | None, shown: bool) -> None:
        self.settles.setdefault(fact, {}).update({settles: None} if settles is not None else {})
        if shown:
            self.shown.add(fact)


def _found(explained: Explained, patient: Patient) -> _Found:
    found, completed = _Found(), Completed(explained.state, patient)
    for unsaid in _unsaid(explained):
        if not unsaid.facts:
            continue
        for fact, matters in mattering(unsaid, completed).items():
            if matters != "never":
                found.add(fact, unsaid.settles, matters == "shown")
                if unsaid.stops:
                    found.stopping.add(fact)
    for id, rule in explained.plan.guideline.rules.items():
        timing = rule.timing
        if explained.rules[id].status == "fired" and timing is not None and timing.start is not None:
            # Its dates cannot be said before the day is known from which they are counted.
            for fact in facts_to_ask(timing.start, explained.state):
                found.add(fact, id, fact == timing.start and dates_differ(rule, completed))
    return found


def _unsaid(explained: Explained) -> Iterator[Unsaid]:
    """All that cannot be said yet, with the missing facts that stand behind it."""
    plan, state = explained.plan, explained.state
    rows = {row.id: (fact, row) for fact, row in rows_with_ids(plan.program)}

    def holds(id: str) -> Make:
        return row_holds(*rows[id]) if id in rows else rule_holds(plan.guideline.rules[id])

    if explained.outcome.applies is None:
        yield Unsaid("/applies", None, needs_of([plan.applies], state), condition(plan.applies), True)
    for rule in explained.rules.values():
        yield Unsaid(rule.id, rule.id, rule.needs, holds(rule.id), False)
        for assumption in rule.assuming:
            yield Unsaid(rule.id, rule.id, assumption.needs, holds(rule.id), True)
        for proviso in rule.provided:
            yield Unsaid(proviso.rule, rule.id, proviso.needs, holds(proviso.rule), False)
    for way in explained.ways.values():
        yield from _unsaid_on(way, explained)
    for result in explained.weighed.values():
        for weighed in result.candidates:
            for open in weighed.open:
                yield Unsaid(open.id, open.id, argument_needs(open.id, state), argument(open.id), False)


def _unsaid_on(way: Path, explained: Explained) -> Iterator[Unsaid]:
    """The answers that may turn a way elsewhere, or let it go on."""
    for at, taken in enumerate(way.steps):
        stops = way.stopped_at is not None and at == len(way.steps) - 1
        key = f"{way.stage.id}/{taken.step.id}"
        for i in way.open if stops else taken.assuming:
            facts = needs_of([explained.plan.answers[key][i]], explained.state)
            yield Unsaid(f"{key}/{i}", None, facts, answer_holds(way, at, i), False, stops)
