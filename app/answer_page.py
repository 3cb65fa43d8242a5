"""The whole answer for one patient as a page: what a clinician needs first stands first."""

from __future__ import annotations

from collections.abc import Iterator

from guidewright.answer_doubts import make_sure
from guidewright.answer_rules import considered, recommended, still_open, to_find_out
from guidewright.answer_weighing import weighed
from guidewright.answer_words import Answer, counted, day_in_words, ids, labels, recorded_in_words, what_is_known
from guidewright.document import Block, Document, Heading, Item, Line, Paragraph, Span, said
from guidewright.engine.assessment import NOTICE, Conflict, PathAnswer
from guidewright.rules.conditions import facts_of

ENGINES = {
    "lockstep": "worked out twice, by two engines that agree",
    "compiled": "worked out by one engine (compiled)",
    "rete": "worked out by one engine (production rules)",
    "reference": "worked out by one engine (reference)",
}


def answer_page(answer: Answer) -> Document:
    """The page of an answer, from what is recommended now down to how it was worked out."""
    applies = answer.assessment.applies
    blocks = [*_header(answer), *_whether_it_applies(answer)]
    if applies is not False:
        # With nothing to go by, what to record comes first.
        first = applies is None or not answer.assessment.facts
        blocks += [*_in_short(answer), *(to_find_out(answer) if first else ())]
        blocks += [*recommended(answer), *make_sure(answer), *still_open(answer)]
        blocks += [*(() if first else to_find_out(answer)), *weighed(answer)]
    blocks += [*_conflicts(answer), *_not_worked_out(answer)]
    if applies is not False:
        blocks += _ways(answer)
    if answer.everything:
        blocks += considered(answer)
    return (*blocks, *_footer(answer))


def _header(answer: Answer) -> Iterator[Block]:
    a = answer.assessment
    yield Heading(1, said(a.title))
    day = day_in_words(a.as_of) + ("" if a.dated else " (today: the record names no day)")
    who = (Span(a.patient, keep=True),) if a.patient is not None else said("without an id")
    yield Paragraph((*said("Patient "), *who, *said(f", as of {day}")))
    yield Paragraph((*said(f"Guideline version {a.version}, "), Span(a.status or "without a status", "alert")))
    if answer.chosen is not None:
        yield Paragraph(said(answer.chosen))
    yield Paragraph(said(NOTICE, "strong"))


def _whether_it_applies(answer: Answer) -> Iterator[Block]:
    a = answer.assessment
    if a.applies is True:
        return
    known = "; ".join(
        f"{answer.guideline.facts[fact].label}: {what_is_known(fact, answer)}"
        for fact in facts_of(answer.guideline.applies)
    )
    if a.applies is False:
        yield Heading(2, said("This guideline does not apply to this patient", "stop"))
        yield Paragraph(said(f"It is meant for: {a.applies_if}. The record says: {known}."))
        yield Paragraph(said("No rule was applied. That is not an all-clear."))
    else:
        yield Heading(2, said("Not known whether this guideline applies", "alert"))
        yield Paragraph(said(f"It is meant for: {a.applies_if}. The record says: {known}."))
        yield Paragraph(said("What follows is only right if it applies."))


def _in_short(answer: Answer) -> Iterator[Block]:
    a = answer.assessment
    fired = [rule for rule in a.with_status("fired") if rule.kind != "row"]
    still = [rule for rule in a.with_status("open") if rule.kind != "row"]
    parts = [f"{counted(len(fired), 'recommendation')} now", f"{len(still)} that cannot be said yet"]
    if a.conflicts:
        parts.append(f"{counted(len(a.conflicts), 'contradiction')} in the record")
    if not a.facts:
        yield Paragraph(said("Nothing is recorded about this patient: begin with what to find out.", "alert"))
    yield Paragraph((Span("In short: ", "strong"), *said(f"{', '.join(parts)}.")))


CONFLICTS = {
    "sources": "The sources differ",
    "record-and-computation": "The record differs from what follows from other facts",
    "not-applicable": "It is recorded, but should not apply",
    "arguments": "Decisive arguments exclude each other",
}


def _conflicts(answer: Answer) -> Iterator[Block]:
    conflicts = answer.assessment.conflicts
    if not conflicts:
        return
    yield Heading(2, said("Contradictions in the record"))
    for conflict in conflicts:
        yield Item(_contradiction(conflict, answer), tuple(_affected(conflict)), marker="!", style="alert")


def _contradiction(conflict: Conflict, answer: Answer) -> Line:
    parts = recorded_in_words(conflict.about, answer) if conflict.kind == "sources" else conflict.between
    between = " / ".join(parts)
    return (Span(conflict.label, "strong"), *said(f". {CONFLICTS[conflict.kind]}: {between}"))


def _affected(conflict: Conflict) -> Iterator[Line]:
    if conflict.affects:
        yield (Span("Matters for: ", "dim"), *ids(conflict.affects))


def _not_worked_out(answer: Answer) -> Iterator[Block]:
    """Why something could not be computed although it might have been."""
    a = answer.assessment
    found = [(fact.label, fact.problem) for fact in a.facts.values() if fact.problem is not None]
    found += [(fact.label, fact.problem) for fact in a.derived.values() if fact.problem is not None]
    if not found:
        return
    yield Heading(2, said("Could not be worked out"))
    for label, problem in found:
        yield Item((Span(label, "strong"), *said(f" could not be worked out: {problem}")), marker="!", style="alert")


def _ways(answer: Answer) -> Iterator[Block]:
    titles = {stage.id: stage.title for stage in answer.guideline.stages}
    if not answer.assessment.paths:
        return
    yield Heading(2, said("The way through the pages"))
    for id, path in answer.assessment.paths.items():
        yield Item(said(titles.get(id, id), "strong"), tuple(_way(path, answer)))


def _way(path: PathAnswer, answer: Answer) -> Iterator[Line]:
    """The boxes passed; the end or where the way stops, and for what it waits."""
    if answer.everything:
        for step in path.steps:
            taken = f" → {step.answer}" if step.answer is not None else ""
            assumed = " (assumed)" if step.assuming else ""
            yield (Span(f"Box {step.box} ", "dim"), *said(f"{step.text}{taken}"), Span(assumed, "alert"))
    else:
        boxes = " → ".join(f"{step.box}{' (assumed)' if step.assuming else ''}" for step in path.steps)
        yield (Span("Boxes: ", "dim"), *said(boxes))
    last = path.steps[-1]
    if path.several:
        yield (Span("Stops: ", "alert"), *said(f"“{last.text}” has several answers at once: {'; '.join(path.several)}"))
    elif path.stopped_at is not None:
        yield (Span("Stops at: ", "alert"), *said(last.text))
        if path.needs:
            yield (Span("Waits for: ", "dim"), *said(labels(path.needs, answer)))
    elif not answer.everything:
        yield (Span("Ends at: ", "dim"), *said(last.text))


def _footer(answer: Answer) -> Iterator[Block]:
    a = answer.assessment
    yield Heading(2, said("How this was worked out"))
    engine = ENGINES.get(a.engine, a.engine)
    yield Paragraph(said(f"Guideline {a.guideline} {a.version} ({a.digest[: len('sha256:') + 12]}), {engine}.", "dim"))
    yield Paragraph(said(NOTICE, "dim"))
