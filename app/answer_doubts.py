"""The part of an answer that says what to make sure of before acting: the assumptions and provisos behind it.

Each outcome (a rule that would take the place of others, or an exception) is told once, below the facts that decide it.
What would forbid something recommended stands first, and is always shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from guidewright.answer_rules import more
from guidewright.answer_words import Answer, counted, how_missing, ids, labels, shortened
from guidewright.document import Block, Heading, Item, Line, Paragraph, Span, id_span, said
from guidewright.engine.assessment import RuleAnswer

_SHOWN = 6


class Severity(IntEnum):
    """What would become of a recommendation, the gravest first. To act: a `do` or `consider` with `acts`."""

    FORBIDDEN_ACT = 0
    OTHER_ACT = 1
    FORBIDDEN = 2
    OTHER = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What missing facts may bring: `other` in the place of `rules`, or the exception `unless` to them."""

    other: str | None
    unless: str | None
    rules: tuple[str, ...]
    severity: Severity


@dataclass(frozen=True, slots=True)
class Doubt:
    """Facts to make sure of, and every outcome that they decide together, the gravest first."""

    facts: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def severity(self) -> Severity:
        return self.outcomes[0].severity


def doubts(answer: Answer) -> list[Doubt]:
    """Every assumption and proviso of the rules that fire, the gravest first, then what concerns the most rules."""
    found: dict[tuple[tuple[str, ...], str | None, str | None], dict[str, RuleAnswer]] = {}
    for rule in answer.assessment.with_status("fired"):
        for assumption in rule.assuming:
            found.setdefault((assumption.needs, None, assumption.unless), {})[rule.id] = rule
        for proviso in rule.provided:
            found.setdefault((proviso.needs, proviso.rule, None), {})[rule.id] = rule
    by_facts: dict[frozenset[str], tuple[tuple[str, ...], list[Outcome]]] = {}
    for (needs, other, unless), rules in found.items():
        severity = min(_severity(rule, other, answer) for rule in rules.values())
        outcome = Outcome(other, unless, tuple(rules), severity)
        by_facts.setdefault(frozenset(needs), (needs, []))[1].append(outcome)

    def rank(outcome: Outcome) -> tuple[int, bool, int]:
        avoids = outcome.other is not None and answer.assessment.rules[outcome.other].kind == "avoid"
        return outcome.severity, not avoids, -len(outcome.rules)

    made = [Doubt(facts, tuple(sorted(outcomes, key=rank))) for facts, outcomes in by_facts.values()]
    return sorted(made, key=lambda doubt: rank(doubt.outcomes[0]))


def _severity(rule: RuleAnswer, other: str | None, answer: Answer) -> Severity:
    written = answer.guideline.rules.get(rule.id)
    acts = written is not None and written.kind in ("do", "consider") and bool(written.acts)
    if _forbids(other, answer):
        return Severity.FORBIDDEN_ACT if acts else Severity.FORBIDDEN
    return Severity.OTHER_ACT if acts else Severity.OTHER


def _forbids(other: str | None, answer: Answer) -> bool:
    written = answer.guideline.rules.get(other) if other is not None else None
    return written is not None and (written.kind == "avoid" or bool(written.stops))


def make_sure(answer: Answer) -> Iterator[Block]:
    """One section for every assumption and proviso, by the facts that would settle them."""
    found = doubts(answer)
    if not found:
        return
    yield Heading(2, said("Before acting, make sure"))
    concerned = {rule for doubt in found for outcome in doubt.outcomes for rule in outcome.rules}
    facts = list(dict.fromkeys(fact for doubt in found for fact in doubt.facts))
    rests, are = "rests" if len(concerned) == 1 else "rest", "is" if len(facts) == 1 else "are"
    yield Paragraph(
        said(
            f"{counted(len(concerned), 'recommendation')} above {rests} on {counted(len(facts), 'fact')} "
            f"that {are} {how_missing(facts, answer)}."
        )
    )
    grave = sum(doubt.severity is Severity.FORBIDDEN_ACT for doubt in found)
    shown = found if answer.everything else found[: max(grave, _SHOWN)]
    for doubt in shown:
        line, below = said(labels(doubt.facts, answer), "strong"), tuple(_outcomes(doubt, answer))
        yield Item(line, below, "!", "stop") if doubt.severity is Severity.FORBIDDEN_ACT else Item(line, below)
    rest = found[len(shown) :]
    if rest:
        told = {fact for doubt in shown for fact in doubt.facts}
        untold = list(dict.fromkeys(fact for doubt in rest for fact in doubt.facts if fact not in told))
        about = f": {labels(untold, answer)}" if untold else ""
        yield more(f"and {len(rest)} more to make sure of{about}")


def _outcomes(doubt: Doubt, answer: Answer) -> Iterator[Line]:
    """What would forbid is always told in full; of the other rules that would take a place, the first."""
    others: list[str] = []
    for outcome in doubt.outcomes:
        if outcome.unless is not None:
            yield _taken(doubt, outcome, outcome.unless, answer)
        elif outcome.other is not None:
            if answer.everything or not others or _forbids(outcome.other, answer):
                yield _replaced(outcome, outcome.other, answer)
            else:
                yield (*ids(outcome.rules), Span(" would give way to ", "dim"), id_span(outcome.other))
            others.append(outcome.other)


def _taken(doubt: Doubt, outcome: Outcome, unless: str, answer: Answer) -> Line:
    # What the fact's own label says already is not said twice.
    itself = unless.casefold() == f"{labels(doubt.facts, answer)}: yes".casefold()
    words = "this not to be so" if itself else f"not to be so: {shortened(unless, answer, 140)}"
    return (*ids(outcome.rules), Span(" takes " if len(outcome.rules) == 1 else " take ", "dim"), *said(words))


def _replaced(outcome: Outcome, other: str, answer: Answer) -> Line:
    text = shortened(answer.assessment.rules[other].text, answer)
    would = Span(" would give way to: ", "stop" if outcome.severity is Severity.FORBIDDEN_ACT else "dim")
    return (*ids(outcome.rules), would, *said(f"{text} "), id_span(other))
