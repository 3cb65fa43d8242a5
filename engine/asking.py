"""What to find out next, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guidewright.engine.assessment import PathAnswer, Question, RuleAnswer
from guidewright.engine.known import is_settled
from guidewright.engine.needs import Needs, argument_needs, facts_to_ask, needs_of
from guidewright.engine.outcome import Outcome
from guidewright.engine.plan import Plan
from guidewright.engine.weighing import WeighingResult


@dataclass(frozen=True, slots=True, repr=False)
class Explained:
    """Everything that the questions and the conflicts are drawn from."""

    plan: Plan
    outcome: Outcome
    state: Needs
    rules: Mapping[str, RuleAnswer]
    paths: Mapping[str, PathAnswer]
    weighed: Mapping[str, WeighingResult]


def questions(explained: Explained) -> tuple[Question, ...]:
    """Facts to ask: what decides whether the guideline applies, what fired rules ask for, what stops a way, then
    what stands behind
    open tests: by how many rules and arguments a fact may settle, the strongest rules first, then by id."""
    if explained.outcome.applies is False:
        return ()
    settles = _settled_by(explained)
    reasons: dict[str, str] = {}
    if explained.outcome.applies is None:
        reasons |= dict.fromkeys(needs_of([explained.plan.applies], explained.state), "applies")
    for fact in _asked_by_rules(explained):
        reasons.setdefault(fact, "rule")
    for path in explained.paths.values():
        for fact in path.needs:
            reasons.setdefault(fact, "path")
    strengths = {grade.id: i for i, grade in enumerate(explained.plan.guideline.strengths)}

    def rank(fact: str) -> tuple[int, int, str]:
        strongest = min(
            (strengths.get(s, len(strengths)) for id in settles[fact] if (s := _strength(id, explained))),
            default=len(strengths),
        )
        return -len(settles[fact]), strongest, fact

    for fact in sorted(settles, key=rank):
        reasons.setdefault(fact, "open")
    facts = explained.plan.guideline.facts
    return tuple(
        Question(id, facts[id].label, facts[id].question or f"{facts[id].label}?", reason, tuple(settles.get(id, ())))
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


def _settled_by(explained: Explained) -> dict[str, list[str]]:
    """For each missing fact the rules and arguments that it may settle."""
    found: dict[str, dict[str, None]] = {}

    def add(facts: tuple[str, ...], id: str) -> None:
        for fact in facts:
            found.setdefault(fact, {})[id] = None

    for rule in explained.rules.values():
        add(rule.needs, rule.id)
        for assumption in rule.assuming:
            add(assumption.needs, rule.id)
        for proviso in rule.provided:
            add(proviso.needs, rule.id)
    for id, written in explained.plan.guideline.rules.items():
        timing = written.timing
        if explained.rules[id].status == "fired" and timing is not None and timing.start is not None:
            # Its dates cannot be said before the day is known from which they are counted.
            add(facts_to_ask(timing.start, explained.state), id)
    for path in explained.paths.values():
        for step in path.steps:
            for assumed in step.assuming:
                # It settles no rule, but the way through the page rests on it.
                for fact in assumed.needs:
                    found.setdefault(fact, {})
    for result in explained.weighed.values():
        for weighed in result.candidates:
            for argument in weighed.open:
                add(argument_needs(argument.id, explained.state), argument.id)
    return {fact: list(ids) for fact, ids in found.items()}
