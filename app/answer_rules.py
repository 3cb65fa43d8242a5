"""The parts of an answer that tell of rules: what is recommended, what to make sure of, what is open, and what was not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from guidewright.answer_words import (
    Answer,
    conditions_by_id,
    counted,
    due_in_words,
    grades,
    ids,
    label_of,
    labels,
    reasons,
    shortened,
    sources,
    what_is_known,
)
from guidewright.document import Block, Heading, Item, Line, Paragraph, Span, Style, id_span, said
from guidewright.engine.assessment import RuleAnswer

_DOUBTS = 6
_OPEN = 8
_QUESTIONS = 12
_SETTLED = 4


class Kind(NamedTuple):
    """How the rules of one kind are shown."""

    title: str
    marker: str
    style: Style


KINDS: dict[str, Kind] = {
    "avoid": Kind("Do not", "✗", "stop"),
    "do": Kind("Do", "✓", "go"),
    "consider": Kind("Consider", "○", "maybe"),
    "ask": Kind("Ask for", "?", "maybe"),
    "flag": Kind("Note", "!", "alert"),
    "inform": Kind("Know and tell", "i", "plain"),
    "row": Kind("Worked out from the record", "=", "plain"),
}


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
    for kind, (title, marker, style) in KINDS.items():
        rules = in_order([rule for rule in fired if rule.kind == kind], answer)
        if rules:
            yield Heading(3, said(title, style))
        for rule in rules:
            below = tuple(_about(rule, answer, reasons(rule, when[rule.id], answer)))
            line = said(rule.text, "strong" if kind in ("avoid", "do") else "plain")
            yield Item(line, below, marker, style)


def _about(rule: RuleAnswer, answer: Answer, why: str) -> Iterator[Line]:
    yield (*_marks(rule, answer),)
    if why:
        yield (Span("Why: ", "dim"), *said(why))
    written = answer.guideline.rules.get(rule.id)
    if written is not None and written.stops:
        forbidden = ", ".join(answer.guideline.actions[action].label for action in written.stops)
        yield (Span("Forbids for now: ", "stop"), *said(forbidden))
    if written is not None and (due := due_in_words(rule, written.timing, answer)):
        yield said(due)
    if rule.disputed:
        for objection in sources(rule.although if answer.everything else rule.although[:1], answer):
            yield (Span("Disputed: ", "alert"), *objection)
    elif answer.everything:
        for objection in sources(rule.although, answer):
            yield (Span("But: ", "dim"), *objection)
    if rule.except_ is not None:
        yield (Span("Except: ", "dim"), *said(rule.except_))
    if answer.everything and rule.note is not None:
        yield (Span("Note: ", "dim"), *said(rule.note))


def _marks(rule: RuleAnswer, answer: Answer) -> Iterator[Span]:
    """The id, the grades, and what a reader must not overlook."""
    yield id_span(rule.id)
    about = grades(rule, answer.guideline)
    if about:
        yield Span(f" {about}", "dim")
    for holds, mark in (
        (rule.signoff, "needs a clinician's signature"),
        (rule.disputed, "disputed"),
        (bool(rule.assuming), "rests on an assumption"),
        (bool(rule.provided), "with a proviso"),
    ):
        if holds:
            yield Span(f" · {mark}", "alert")


# --- what to make sure of


@dataclass(frozen=True, slots=True)
class Effect:
    """What a missing fact may do to a rule that fires: let `other` replace it, or show that its exception `unless` is there."""

    rule: str
    other: str | None
    unless: str | None


def doubts(answer: Answer) -> list[tuple[tuple[str, ...], tuple[Effect, ...]]]:
    """The facts behind assumptions and provisos; those with the same effects together, those that concern most rules first."""
    by_fact: dict[str, dict[Effect, None]] = {}
    for rule in answer.assessment.with_status("fired"):
        effects = [(a.needs, Effect(rule.id, None, a.unless)) for a in rule.assuming]
        effects += [(p.needs, Effect(rule.id, p.rule, None)) for p in rule.provided]
        for needs, effect in effects:
            for fact in needs:
                by_fact.setdefault(fact, {})[effect] = None
    together: dict[frozenset[Effect], list[str]] = {}
    for fact, found in by_fact.items():
        together.setdefault(frozenset(found), []).append(fact)
    groups = [(tuple(facts), tuple(by_fact[facts[0]])) for facts in together.values()]
    return sorted(groups, key=lambda group: -len({effect.rule for effect in group[1]}))


def make_sure(answer: Answer) -> Iterator[Block]:
    """One section for every assumption and proviso, by the facts that would settle them."""
    groups = doubts(answer)
    if not groups:
        return
    yield Heading(2, said("Before acting, make sure"))
    concerned = {effect.rule for _, effects in groups for effect in effects}
    facts = sum(len(facts) for facts, _ in groups)
    verb = "rests" if len(concerned) == 1 else "rest"
    yield Paragraph(
        said(
            f"{counted(len(concerned), 'recommendation')} above {verb} on {counted(facts, 'fact')} "
            f"that {'is' if facts == 1 else 'are'} not recorded."
        )
    )
    shown = groups if answer.everything else groups[:_DOUBTS]
    for names, effects in shown:
        yield Item(said(labels(names, answer), "strong"), tuple(_effects(effects, answer)))
    rest = [fact for names, _ in groups[len(shown) :] for fact in names]
    if rest:
        yield _more(f"and {counted(len(rest), 'fact')} more: {labels(rest, answer)}")


def _effects(effects: tuple[Effect, ...], answer: Answer) -> Iterator[Line]:
    by_other: dict[str, list[str]] = {}
    by_unless: dict[str, list[str]] = {}
    for effect in effects:
        if effect.other is not None:
            by_other.setdefault(effect.other, []).append(effect.rule)
        elif effect.unless is not None:
            by_unless.setdefault(effect.unless, []).append(effect.rule)
    for unless, rules in by_unless.items():
        yield (*ids(rules), Span(" taken not to be so: ", "dim"), *said(shortened(unless, answer, 140)))
    for other, rules in by_other.items():
        text = shortened(answer.assessment.rules[other].text, answer)
        yield (*ids(rules), Span(" would give way to: ", "dim"), *said(f"{text} "), id_span(other))


def _more(text: str) -> Paragraph:
    return Paragraph(said(f"… {text} (--all shows them)", "dim"))


# --- what cannot be said yet


def still_open(answer: Answer) -> Iterator[Block]:
    """The rules that are open, in brief, and what to find out."""
    rules = [rule for rule in answer.assessment.with_status("open") if rule.kind != "row"]
    kinds = list(KINDS)
    strengths = {grade.id: i for i, grade in enumerate(answer.guideline.strengths)}
    ranked = sorted(rules, key=lambda rule: (kinds.index(rule.kind), strengths.get(rule.strength or "", len(strengths))))
    if rules:
        yield Heading(2, said("Cannot be said yet"))
        weighty = [rule for rule in ranked if rule.kind in ("avoid", "do", "consider")]
        shown = ranked if answer.everything else _a_few(weighty or ranked)
        one = len(rules) == 1
        yield Paragraph(
            said(f"{counted(len(rules), 'recommendation')} {'depends' if one else 'depend'} on what is not recorded.")
        )
        for rule in shown:
            kind = KINDS[rule.kind]
            below = ((Span("Needs: ", "dim"), *said(labels(rule.needs, answer))),) if answer.everything else ()
            line = (Span(f"{kind.title}: ", kind.style), *said(f"{rule.text} "), id_span(rule.id))
            yield Item(line, below, most=None if answer.everything else 2)
        if len(shown) < len(ranked):
            yield _more(f"and {len(ranked) - len(shown)} more")
    yield from _questions(answer)


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


def _questions(answer: Answer) -> Iterator[Block]:
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
        line = (*said(question.question), *_settles(question.settles, answer))
        yield Item(line, marker=f"{number}.")
    if len(shown) < len(questions):
        yield _more(f"and {len(questions) - len(shown)} more")


def _settles(names: tuple[str, ...], answer: Answer) -> Iterator[Span]:
    rules = [name for name in names if name in answer.assessment.rules]
    arguments = len(names) - len(rules)
    if not names:
        return
    shown = rules if answer.everything else rules[:_SETTLED]
    yield Span(" → ", "dim")
    yield from ids(shown)
    rest = [f"{len(rules) - len(shown)} more"] if len(shown) < len(rules) else []
    rest += [counted(arguments, "argument")] if arguments else []
    yield Span((" and " if shown and rest else "") + " and ".join(rest), "dim")


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
            yield Item((*said(f"{rule.text} "), id_span(rule.id)), by, marker="–")
    failed = answer.assessment.with_status("not_fired")
    if failed and answer.assessment.applies is not False:
        yield Heading(2, said("Considered, and why not"))
        for rule in failed:
            why = tuple(
                (Span("Not so: ", "dim"), *said(f"{test.test} (it is: {_found(test.fact, test.found, answer)})"))
                if not test.test.startswith("unless ")
                else (Span("Stopped, ", "dim"), *said(f"{test.test} (it is: {_found(test.fact, test.found, answer)})"))
                for test in rule.failed
            )
            yield Item((*said(f"{rule.text} "), id_span(rule.id)), why, marker="–")


def _found(fact: str, found: str, answer: Answer) -> str:
    """What is known of a fact that failed a test. A fact without a record failed one about the record, or is not applicable."""
    recorded = fact in answer.assessment.facts or fact in answer.assessment.derived
    return found if recorded or found == "not applicable" else what_is_known(fact, answer)


def unknown_labels(facts: tuple[str, ...], answer: Answer) -> str:
    return "; ".join(label_of(fact, answer) for fact in facts)
