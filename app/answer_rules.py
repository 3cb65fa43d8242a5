"""The parts of an answer that tell of rules: what is recommended, what is open, what was considered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from guidewright.answer_words import (
    NOT_APPLICABLE,
    Answer,
    conditions_by_id,
    counted,
    due_in_words,
    grades,
    how_missing,
    ids,
    labels,
    reasons,
    shortened,
    sources,
    what_is_known,
)
from guidewright.document import Block, Heading, Item, Line, Paragraph, Span, Style, id_span, joined, said
from guidewright.engine.assessment import Failed, RuleAnswer

_OPEN = 8
_QUESTIONS = 12
_SETTLED = 3


class Kind(NamedTuple):
    """How the rules of one kind are shown: above those that fire, above those that are open, and before each."""

    title: str
    perhaps: str
    marker: str
    style: Style


KINDS: dict[str, Kind] = {
    "avoid": Kind("Do not", "Perhaps to be avoided", "✗", "stop"),
    "do": Kind("Do", "Perhaps to be done", "✓", "go"),
    "consider": Kind("Consider", "Perhaps to be considered", "○", "maybe"),
    "ask": Kind("Ask for", "Perhaps to be asked for", "?", "maybe"),
    "flag": Kind("Note", "Perhaps to be noted", "!", "alert"),
    "inform": Kind("Know and tell", "Perhaps to be told", "i", "plain"),
    "row": Kind("Worked out from the record", "Not worked out yet", "=", "plain"),
}

WEIGHTY = ("avoid", "do", "consider")
"""The kinds that say what is to be done to the patient; the others inform."""


def in_order(rules: list[RuleAnswer], answer: Answer) -> list[RuleAnswer]:
    """By stage, the strongest first, then the most certain, then as the guideline has them."""
    stages = {stage.id: i for i, stage in enumerate(answer.guideline.stages)}
    strengths = {grade.id: i for i, grade in enumerate(answer.guideline.strengths)}
    certainties = {grade.id: i for i, grade in enumerate(answer.guideline.certainties)}

    def key(rule: RuleAnswer) -> tuple[int, int, int]:
        strength, certainty = rule.strength or "", rule.certainty or ""
        last = len(strengths) + len(certainties)
        return stages.get(rule.stage or "", -1), strengths.get(strength, last), certainties.get(certainty, last)

    return sorted(rules, key=key)


# --- what is recommended


def recommended(answer: Answer) -> Iterator[Block]:
    """Every rule that fires, prohibitions first."""
    fired = answer.assessment.with_status("fired")
    yield Heading(2, said("What is recommended now"))
    if not fired:
        yield Paragraph(said("Nothing, from what is recorded. That is not an all-clear: see what to find out next."))
    when = conditions_by_id(answer.plan)
    for kind, (title, _, marker, style) in KINDS.items():
        rules = in_order([rule for rule in fired if rule.kind == kind], answer)
        if rules:
            yield Heading(3, said(title, style))
        for rule in rules:
            below = tuple(_about(rule, answer, reasons(rule, when[rule.id], answer)))
            line = said(rule.text, "strong" if kind in ("avoid", "do") else "plain")
            yield Item(line, below, marker, style)


def _about(rule: RuleAnswer, answer: Answer, why: str) -> Iterator[Line]:
    """The reason, what the rule forbids, its dates, what speaks against it, and how well it is supported."""
    if why:
        yield (Span("Why: ", "dim"), *said(why))
    written = answer.guideline.rules.get(rule.id)
    if written is not None and written.stops:
        forbidden = "; ".join(answer.guideline.actions[action].label for action in written.stops)
        yield (Span("Forbids for now: ", "stop"), *said(forbidden))
    if written is not None and (due := due_in_words(rule, written.timing, answer)):
        yield said(due)
    if rule.disputed:
        for objection in sources(rule.although if answer.everything else rule.although[:1], answer):
            yield (Span("Disputed: ", "alert"), *objection)
    elif answer.everything:
        for objection in sources(rule.although, answer):
            yield (Span("But: ", "dim"), *objection)
    if rule.except_ is not None and (rule.kind in WEIGHTY or answer.everything):
        yield (Span("Except: ", "dim"), *said(rule.except_))
    if answer.everything and rule.note is not None:
        yield (Span("Note: ", "dim"), *said(rule.note))
    yield tuple(_marks(rule, answer))


def _marks(rule: RuleAnswer, answer: Answer) -> Iterator[Span]:
    """The grades, what a reader must not overlook, and the id."""
    about = grades(rule, answer.guideline)
    if about:
        yield from (Span(about, "dim"), Span(" · ", "dim"))
    for holds, mark in (
        (rule.signoff, "needs a clinician's signature"),
        (rule.disputed, "disputed"),
        (bool(rule.assuming), "rests on an assumption"),
        (bool(rule.provided), "with a proviso"),
        (any(rule.id in conflict.affects for conflict in answer.assessment.conflicts), "rests on a contradiction"),
    ):
        if holds:
            yield from (Span(mark, "alert"), Span(" · ", "dim"))
    yield id_span(rule.id)


def more(text: str) -> Paragraph:
    """What a short answer only counts."""
    return Paragraph(said(f"… {text} (--all shows them)", "dim"))


# --- what cannot be said yet


def still_open(answer: Answer) -> Iterator[Block]:
    """The rules that are open, in brief."""
    rules = [rule for rule in answer.assessment.with_status("open") if rule.kind != "row"]
    kinds = list(KINDS)
    strengths = [grade.id for grade in answer.guideline.strengths]

    def rank(rule: RuleAnswer) -> tuple[int, int]:
        strength = strengths.index(rule.strength) if rule.strength in strengths else len(strengths)
        return kinds.index(rule.kind), strength

    ranked = sorted(rules, key=rank)
    if rules:
        yield Heading(2, said("Cannot be said yet"))
        weighty = [rule for rule in ranked if rule.kind in WEIGHTY]
        shown = ranked if answer.everything else _a_few(weighty or ranked)
        verb = "depends" if len(rules) == 1 else "depend"
        missing = how_missing({fact for rule in rules for fact in rule.needs}, answer)
        yield Paragraph(said(f"{counted(len(rules), 'recommendation')} {verb} on what is {missing}."))
        for kind, (_, title, marker, style) in KINDS.items():
            alike = [rule for rule in shown if rule.kind == kind]
            if alike:
                yield Heading(3, said(title, style))
            for rule in alike:
                below = ((Span("Needs: ", "dim"), *said(labels(rule.needs, answer))),) if answer.everything else ()
                yield Item((*said(f"{shortened(rule.text, answer)} "), id_span(rule.id)), below, marker, style)
        if len(shown) < len(ranked):
            yield more(f"and {len(ranked) - len(shown)} more")


def _a_few(ranked: list[RuleAnswer]) -> list[RuleAnswer]:
    """Some of each kind, so that neither what to do nor what not to do is out of sight."""
    by_kind: dict[str, list[RuleAnswer]] = {}
    for rule in ranked:
        by_kind.setdefault(rule.kind, []).append(rule)
    share = {kind: rules[: max(2, _OPEN // len(by_kind))] for kind, rules in by_kind.items()}
    left = _OPEN - sum(map(len, share.values()))
    chosen = {rule.id for rules in share.values() for rule in rules}
    chosen |= {rule.id for rule in [rule for rule in ranked if rule.id not in chosen][: max(left, 0)]}
    return [rule for rule in ranked if rule.id in chosen]


_REASONS = {
    "applies": "Whether this guideline is meant for the patient",
    "rule": "A recommendation above asks for it",
    "path": "A page of the guideline waits for it",
    "open": "It settles what cannot be said yet",
}


def to_find_out(answer: Answer) -> Iterator[Block]:
    """The questions in the order of the answer, each with what it settles."""
    questions = answer.assessment.ask
    if not questions:
        return
    yield Heading(2, said("What to find out next"))
    shown = questions if answer.everything else questions[:_QUESTIONS]
    reason = None
    for number, question in enumerate(shown, 1):
        if question.reason != reason:
            reason = question.reason
            yield Heading(3, said(_REASONS[reason], "dim"))
        doubt = () if question.exact or question.reason == "rule" else said(" (perhaps without effect)", "dim")
        line = (*said(question.question), *_settles(question.settles, answer), *doubt)
        yield Item(line, marker=f"{number:>2}.")
    if len(shown) < len(questions):
        yield more(f"and {len(questions) - len(shown)} more")


def _settles(names: tuple[str, ...], answer: Answer) -> Iterator[Span]:
    """What a question settles: a few rules by their ids, more by their number."""
    rules = [name for name in names if name in answer.assessment.rules]
    arguments = len(names) - len(rules)
    parts: list[Line] = []
    if rules and (answer.everything or len(rules) <= _SETTLED):
        parts.append(ids(rules))
    elif rules:
        parts.append(said(counted(len(rules), "recommendation"), "dim"))
    if arguments:
        parts.append(said(counted(arguments, "argument"), "dim"))
    if parts:
        yield Span(" → ", "dim")
        yield from joined(parts, said(", ", "dim"))


# --- what was considered


def considered(answer: Answer) -> Iterator[Block]:
    """Everything that was replaced or does not hold, with the reason."""
    replaced = answer.assessment.with_status("overridden")
    if replaced:
        yield Heading(2, said("Replaced by something else"))
        for rule in replaced:
            by = tuple(
                (Span("Replaced by: ", "dim"), *said(f"{answer.assessment.rules[other].text} "), id_span(other))
                for other in rule.overridden_by
            )
            yield Item((*said(f"{rule.text} "), id_span(rule.id)), by, marker="-")
    absent = answer.assessment.with_status("not_fired")
    if absent and answer.assessment.applies is not False:
        yield Heading(2, said("Considered, and why not"))
        for rule in absent:
            why = tuple(failed(failure, answer) for failure in rule.failed)
            yield Item((*said(f"{rule.text} "), id_span(rule.id)), why, marker="-")


def failed(failure: Failed, answer: Answer) -> Line:
    """A test that did not hold, and what is known of its fact; or the exception that is there."""
    if failure.test.startswith("unless "):
        return (Span("Stopped by: ", "dim"), *said(failure.test.removeprefix("unless ")))
    as_found = failure.found == NOT_APPLICABLE or failure.fact not in answer.guideline.facts
    known = failure.found if as_found else what_is_known(failure.fact, answer)
    return (Span("Not so: ", "dim"), *said(f"{failure.test} (it is: {known})"))
