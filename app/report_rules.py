"""The parts of a report that tell of rules: what is recommended, what to make sure of, what is open, when it is due;
and the sources that these name by number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guidewright.answer_doubts import Doubt, Severity, doubts
from guidewright.answer_rules import KINDS, WEIGHTY, in_order
from guidewright.answer_words import (
    Answer,
    conditions_by_id,
    counted,
    days_of,
    due_in_words,
    grades,
    how_missing,
    ids,
    labels,
    reasons,
    shortened,
)
from guidewright.document import Block, Heading, Item, Line, Paragraph, Span, Table, id_span, joined, said
from guidewright.engine.assessment import RuleAnswer
from guidewright.engine.due import Due
from guidewright.rules.english import READ_AS
from guidewright.visualize.references import cited, references

_TITLES = {
    "avoid": "DO NOT",
    "do": "Do",
    "consider": "Consider",
    "ask": "Ask for",
    "flag": "Note",
    "inform": "Know and tell",
}
_PERHAPS = {"avoid": "do not", "do": "do", "consider": "consider", "ask": "ask for", "flag": "note", "inform": "tell"}
_MADE_SURE = 6
_OPEN = 8
_SHORT = 70  # characters of a text that stands in full elsewhere, or in the guideline
_OBJECTION = 90


def recommended(answer: Answer) -> Iterator[Block]:
    """Every rule that fires, prohibitions first, the strongest first. Rows stand among the derived facts."""
    fired = [rule for rule in answer.assessment.with_status("fired") if rule.kind != "row"]
    if not fired:
        yield Paragraph(said("None, from what is recorded. That is not an all-clear: see what is missing.", "strong"))
    when, numbers = conditions_by_id(answer.plan), references(answer.guideline)
    for kind, title in _TITLES.items():
        alike = in_order([rule for rule in fired if rule.kind == kind], answer)
        if alike:
            yield Heading(3, said(title, KINDS[kind].style))
        for rule in alike:
            why = reasons(rule, when[rule.id], answer)
            below = joined([*_grounds(rule, why, numbers, answer), *_caveats(rule, numbers, answer)], said(" "))
            text = said(rule.text, "strong" if kind in ("avoid", "do") else "plain")
            yield Item((id_span(rule.id, "strong"), *said(" "), *text), (below,))


def _grounds(rule: RuleAnswer, why: str, numbers: dict[str, int], answer: Answer) -> Iterator[Line]:
    """Grades, references and what must not be overlooked; then the reason."""
    parts: list[Line] = []
    if about := grades(rule, answer.guideline):
        parts.append(said(about))
    sources = cited(rule.because, numbers)
    support = [f"reference{'s' if len(sources) > 1 else ''} {_listed(sources)}"] if sources else []
    support += ["expert opinion"] if rule.expert else []
    parts.append(said(", ".join(support)))
    for holds, mark in (
        (rule.signoff, "needs a clinician's signature"),
        (rule.disputed, "disputed"),
        (any(rule.id in conflict.affects for conflict in answer.assessment.conflicts), "rests on a contradiction"),
    ):
        if holds:
            parts.append(said(mark, "alert"))
    yield (*joined([part for part in parts if part[0].text], said(" · ")), *said("."))
    if why:
        yield (Span("Why: ", "dim"), *said(f"{why}."))


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _caveats(rule: RuleAnswer, numbers: dict[str, int], answer: Answer) -> Iterator[Line]:
    """What it forbids, what speaks against it, exceptions, and what it takes to be so without knowing."""
    written = answer.guideline.rules.get(rule.id)
    if written is not None and written.stops:
        forbidden = "; ".join(answer.guideline.actions[action].label for action in written.stops)
        yield (Span("Forbids for now: ", "stop"), *said(f"{forbidden}."))
    for statement in rule.although:
        source, _, id = statement.rpartition(".")
        says = answer.guideline.sources[source].statements[id].says
        word = Span("Disputed: " if rule.disputed else "Against it: ", "alert")
        yield (word, *said(f"{shortened(says.rstrip('.'), answer, _OBJECTION)} (reference {numbers[source]})."))
    if rule.except_ is not None and rule.kind in WEIGHTY:
        yield (Span("Except: ", "dim"), *said(f"{rule.except_.rstrip('.')}."))
    for assumption in rule.assuming:
        yield (Span("Assumed not so: ", "alert"), *said(_ended(shortened(assumption.unless, answer, _OBJECTION))))
    if rule.provided:
        others = tuple(dict.fromkeys(proviso.rule for proviso in rule.provided))
        yield (Span("Provided that these do not hold: ", "alert"), *ids(others), *said("."))


def _ended(text: str) -> str:
    """As a sentence; what was shortened ends in dots already."""
    return text if text.endswith("…") else f"{text}."


# --- what to make sure of


def before_acting(answer: Answer) -> Iterator[Block]:
    """The facts on which assumptions and provisos rest, and what would come of them."""
    found = doubts(answer)
    grave = sum(doubt.severity is Severity.FORBIDDEN_ACT for doubt in found)
    shown = found[: max(grave, _MADE_SURE)]
    if not found:
        return
    facts = {fact for doubt in found for fact in doubt.facts}
    yield Paragraph(said(f"Recommendations above rest on {counted(len(facts), 'fact')} {how_missing(facts, answer)}."))
    rows = tuple((said(labels(doubt.facts, answer), "strong"), _otherwise(doubt, answer)) for doubt in shown)
    yield Table(("Make sure of", "Else"), rows, (9, 16))
    if len(shown) < len(found):
        untold = dict.fromkeys(f for doubt in found[len(shown) :] for f in doubt.facts)
        yield Paragraph(said(f"Also to make sure of: {labels(untold, answer)}.", "dim"))


def _otherwise(doubt: Doubt, answer: Answer) -> Line:
    parts: list[Line] = []
    for outcome in doubt.outcomes:
        if outcome.other is not None:
            text = shortened(answer.assessment.rules[outcome.other].text, answer, _SHORT)
            verb = "gives" if len(outcome.rules) == 1 else "give"
            parts.append((*ids(outcome.rules), *said(f" {verb} way to "), id_span(outcome.other), *said(f" {text}")))
        elif outcome.unless is not None:
            unless = shortened(outcome.unless, answer, _OBJECTION)
            verb = "takes" if len(outcome.rules) == 1 else "take"
            parts.append((*ids(outcome.rules), *said(f" {verb} not to be so: {unless}")))
    return joined(parts, said("; "))


# --- what cannot be said yet


def still_open(answer: Answer) -> Iterator[Block]:
    """The weightiest rules that are open, with what would settle them; the others by their ids."""
    rules = [rule for rule in answer.assessment.with_status("open") if rule.kind != "row"]
    if not rules:
        yield Paragraph(said("Every rule of the guideline is settled by what is recorded."))
        return
    missing = how_missing({fact for rule in rules for fact in rule.needs}, answer)
    verb = "depends" if len(rules) == 1 else "depend"
    yield Paragraph(said(f"{counted(len(rules), 'recommendation')} {verb} on what is {missing}. The weightiest:"))
    shown = _weightiest(rules, answer)
    rows = tuple(
        (
            ids([rule.id]),
            (Span(f"{_PERHAPS[rule.kind]}? ", "dim"), *said(shortened(rule.text, answer, _SHORT))),
            said(_a_few_labels(rule.needs, answer)),
        )
        for rule in shown
    )
    yield Table(("Id", "Perhaps", "Settled by"), rows, (3, 26, 21))
    rest = [rule.id for rule in rules if rule not in shown]
    if rest:
        yield Paragraph((*said("Also open: ", "dim"), *ids(rest)))


def _weightiest(rules: list[RuleAnswer], answer: Answer) -> list[RuleAnswer]:
    """Prohibitions, then what may be to do, then what may be to consider: some of each."""
    strengths = [grade.id for grade in answer.guideline.strengths]

    def rank(rule: RuleAnswer) -> int:
        return strengths.index(rule.strength) if rule.strength in strengths else len(strengths)

    by_kind = [sorted((rule for rule in rules if rule.kind == kind), key=rank) for kind in _TITLES]
    weighty = [alike for kind, alike in zip(_TITLES, by_kind, strict=True) if alike and kind in WEIGHTY]
    groups = weighty or [alike for alike in by_kind if alike]
    share = max(1, _OPEN // len(groups))
    return [rule for alike in groups for rule in alike[:share]]


def _a_few_labels(facts: tuple[str, ...], answer: Answer, most: int = 2) -> str:
    first = labels(facts[:most], answer)
    return f"{first}; and {len(facts) - most} more" if len(facts) > most else first


# --- when


def calendar(answer: Answer) -> Iterator[Block]:
    """What recommended rules make due, by date; then what has no date yet, and why."""
    dated: list[tuple[Due, RuleAnswer]] = []
    undated: list[tuple[Line, ...]] = []
    for rule in answer.assessment.with_status("fired"):
        written = answer.guideline.rules.get(rule.id)
        timing = written.timing if written is not None else None
        dated += [(due, rule) for due in rule.due]
        if timing is not None and not rule.due:
            when = (due_in_words(rule, timing, answer) or "").removeprefix("When: ")
            undated.append((said(when), said(shortened(rule.text, answer)), ids([rule.id])))
    rows = [
        (said(days_of(due, answer.assessment.as_of)), said(shortened(rule.text, answer)), ids([rule.id]))
        for due, rule in sorted(dated, key=lambda entry: (entry[0].earliest, entry[0].latest, entry[1].id))
    ]
    if rows or undated:
        yield Table(("When", "What", "Id"), (*rows, *undated), (13, 16, 2))
    else:
        yield Paragraph(said("No recommendation that holds now names a date or a rhythm."))


# --- sources


def cited_sources(answer: Answer) -> Iterator[Block]:
    """The sources behind the recommendations above. Their numbers are those of the pictures."""
    numbers = references(answer.guideline)
    fired = [rule for rule in answer.assessment.with_status("fired") if rule.kind != "row"]
    named = {s.rpartition(".")[0] for rule in fired for s in (*rule.because, *rule.although)}
    for id in sorted(named, key=numbers.__getitem__):
        yield Item((Span(f"{numbers[id]} ", "strong"), *said(f"{answer.guideline.sources[id].cite.rstrip('.')}.")))
    if named:
        yield Paragraph(said(f"What was read of them: {_what_was_read(named, numbers, answer)}.", "dim"))


def _what_was_read(named: Iterable[str], numbers: dict[str, int], answer: Answer) -> str:
    """The numbers of the sources by how they were read."""
    by_reading: dict[str, list[int]] = {read: [] for read in READ_AS}
    for id in named:
        by_reading[answer.guideline.sources[id].read].append(numbers[id])
    return "; ".join(f"{READ_AS[read]} {_listed(sorted(found))}" for read, found in by_reading.items() if found)
