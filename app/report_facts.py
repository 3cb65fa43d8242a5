"""The facts of a report: given, derived, contradicting each other, missing."""

from __future__ import annotations

from collections.abc import Iterator

from guidewright.answer_page import CONFLICTS
from guidewright.answer_words import Answer, counted, ids, is_narrowed, recorded_in_words
from guidewright.document import Block, Item, Line, Paragraph, Span, Table, joined, said
from guidewright.engine.assessment import Conflict
from guidewright.rules.model import BooleanType

_QUESTIONS = 8
_SETTLED = 3


def given(answer: Answer) -> Iterator[Block]:
    """Every recorded fact with what each source says."""
    facts = answer.assessment.facts
    if not facts:
        yield Paragraph(said("Nothing is recorded about this patient.", "alert"))
        return
    plain = {id: value for id in facts if (value := _plain_truth(id, answer)) is not None}
    rows = tuple((said(fact.label), _entries(id, answer)) for id, fact in facts.items() if id not in plain)
    if rows:
        yield Table(("Fact", "Recorded (source; date)"), rows, (13, 10))
    for value, words in ((True, "Recorded as yes: "), (False, "Recorded as no: ")):
        alike = [facts[id].label for id, known in plain.items() if known is value]
        if alike:
            yield Paragraph((Span(words, "strong"), *said(f"{'; '.join(alike)}.")))
    sourceless = sum(entry.source is None for fact in facts.values() for entry in fact.recorded)
    if sourceless:
        entries = sum(len(fact.recorded) for fact in facts.values())
        yield Paragraph(said(f"{sourceless} of {counted(entries, 'entry', 'entries')} name no source.", "dim"))


def _plain_truth(fact: str, answer: Answer) -> bool | None:
    """Yes or no, where the record says that alone, without a source, a date or a note."""
    recorded = answer.assessment.facts[fact]
    if len(recorded.recorded) != 1 or not isinstance(answer.guideline.facts[fact].type, BooleanType):
        return None
    entry = recorded.recorded[0]
    if entry.source or entry.on or entry.note or entry.value not in ("true", "false"):
        return None
    return entry.value == "true"


def _entries(fact: str, answer: Answer) -> Line:
    entries = recorded_in_words(fact, answer)
    if len(entries) == 1:
        return said(entries[0])
    differs = any(c.about == fact and c.kind == "sources" for c in answer.assessment.conflicts)
    mark = (Span("differ: ", "alert"),) if differs else ()
    return (*mark, *said(" / ".join(entries)))


def derived(answer: Answer) -> Iterator[Block]:
    """What follows from the record, with the row that says so; and what could not be worked out."""
    a = answer.assessment
    found: list[tuple[Line, ...]] = []
    for id, fact in a.derived.items():
        if fact.problem is not None:
            found.append((said(fact.label), said(f"could not be worked out: {fact.problem}", "alert"), ()))
        elif is_narrowed(id, answer):
            by = ids([fact.by]) if fact.by is not None else said("computed")
            found.append((said(fact.label), said(fact.words), by))
    for recorded in a.facts.values():
        if recorded.problem is not None and recorded.id not in a.derived:
            found.append((said(recorded.label), said(f"could not be worked out: {recorded.problem}", "alert"), ()))
    if found:
        yield Table(("Fact", "Value", "By"), tuple(found), (9, 9, 3))


def contradictions(answer: Answer) -> Iterator[Block]:
    """Each with both sides, and the rules for which it matters."""
    for conflict in answer.assessment.conflicts:
        parts = recorded_in_words(conflict.about, answer) if conflict.kind == "sources" else conflict.between
        line = (Span(f"{conflict.label}. ", "strong"), *said(f"{CONFLICTS[conflict.kind]}: {' / '.join(parts)}."))
        yield Item((*line, *_affected(conflict)), marker="!", style="alert")


def _affected(conflict: Conflict) -> Line:
    return (Span(" Matters for: ", "dim"), *ids(conflict.affects)) if conflict.affects else ()


def missing(answer: Answer) -> Iterator[Block]:
    """The questions that come first, each with what it settles."""
    questions = answer.assessment.ask
    if not questions:
        yield Paragraph(said("Nothing that this guideline asks for is missing."))
        return
    shown = questions[:_QUESTIONS]
    first = f", the first {len(shown)}" if len(shown) < len(questions) else ""
    missing = counted(len(questions), "fact")
    yield Paragraph(
        said(
            f"{missing} to find out{first}, those first that decide the most. What is not recorded is "
            "unknown, never “no”."
        )
    )
    rows = tuple((said(question.question), _settles(question.settles, answer)) for question in shown)
    yield Table(("To find out", "Settles"), rows, (19, 7))
    if len(shown) < len(questions):
        yield Paragraph(said(f"and {len(questions) - len(shown)} more, which the full answer lists.", "dim"))


def _settles(names: tuple[str, ...], answer: Answer) -> Line:
    """A few rules by their ids, more by their number."""
    rules = [name for name in names if name in answer.assessment.rules]
    arguments = len(names) - len(rules)
    parts: list[Line] = []
    if rules:
        parts.append(ids(rules) if len(rules) <= _SETTLED else said(counted(len(rules), "rule")))
    if arguments:
        parts.append(said(counted(arguments, "argument")))
    return joined(parts, said(", "))
