"""The report on one patient as data: the sheet that a tumour board has before it, in sections, pictures at the end.

It says what `evaluate` says, ordered for a meeting and short enough to be read there; Markdown, HTML, Word and PDF are
written from it and hold the same texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from guidewright.answer_page import ENGINES
from guidewright.answer_words import Answer, counted, day_in_words, what_is_known
from guidewright.document import Blank, Block, Document, Form, Line, Paragraph, Span, said
from guidewright.engine.assessment import NOTICE
from guidewright.report_facts import contradictions, derived, given, missing
from guidewright.report_pictures import Figure, figures
from guidewright.report_question import the_question
from guidewright.report_rules import before_acting, calendar, cited_sources, recommended, still_open
from guidewright.report_way import way_in_words, ways, weighed
from guidewright.rules.conditions import facts_of
from guidewright.visualize.paper import Paper

_DIGEST = len("sha256:") + 12


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    """`id` is unique in the report. `columns`: in how many its tables may be set on paper; `small`: in smaller
    letters, and its items run on.
    """

    id: str
    title: str
    blocks: Document
    columns: Literal[1, 2] = 1
    small: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """`about` says what this is about, as labels and values; `outlines` are the ways through all pages in words, by
    the titles of the pages; `running` stands at the foot of every page.
    """

    title: str
    language: str
    as_of: date
    about: tuple[tuple[str, Line], ...]
    notice: str
    sections: tuple[Section, ...]
    outlines: tuple[tuple[str, tuple[Line, ...]], ...]
    figures: tuple[Figure, ...]
    running: tuple[str, ...]


def report_of(answer: Answer, pictures: Paper | None = "a4") -> Report:
    """The report on an assessment. `pictures`: on what paper they must be readable; `None` draws none."""
    a = answer.assessment
    titles = {stage.id: stage.title for stage in answer.guideline.stages}
    return Report(
        title=a.title,
        language=answer.guideline.language,
        as_of=a.as_of,
        about=tuple(_about(answer)),
        notice=NOTICE,
        sections=tuple(section for section in _sections(answer) if section.blocks),
        outlines=tuple((titles[id], way_in_words(path, answer)) for id, path in a.paths.items()),
        figures=figures(answer, pictures) if pictures is not None else (),
        running=_running(answer),
    )


def _about(answer: Answer) -> Iterator[tuple[str, Line]]:
    a = answer.assessment
    yield "Patient", (Span(a.patient, "strong", keep=True),) if a.patient is not None else said("without an id")
    yield "As of", said(day_in_words(a.as_of) + ("" if a.dated else " (today: the record names no day)"))
    status = Span(a.status or "without a status", "alert")
    yield "Guideline", (*said(f"{a.guideline} {a.version}, "), status, *said(f" ({a.digest[:_DIGEST]})"))
    yield "Engines", said(ENGINES.get(a.engine, a.engine))
    if answer.chosen is not None:
        yield "Chosen", said(answer.chosen)


def _running(answer: Answer) -> tuple[str, ...]:
    """Who and when, what worked it out, and the notice."""
    a = answer.assessment
    patient = f"Patient {a.patient}" if a.patient is not None else "Patient without an id"
    return (
        f"{patient} · as of {day_in_words(a.as_of)} · {NOTICE}",
        f"{a.guideline} {a.version} ({a.status or 'without a status'}) · {a.digest[:_DIGEST]} · "
        f"{ENGINES.get(a.engine, a.engine)}",
    )


def _sections(answer: Answer) -> Iterator[Section]:
    applies = answer.assessment.applies
    if applies is not True:
        title = "This guideline does not apply to this patient" if applies is False else "Does this guideline apply?"
        yield Section("applies", title, tuple(_whether_it_applies(answer)))
    if applies is not False:
        yield Section("question", "The question", tuple(the_question(answer)))
    yield Section("given", "Recorded facts", tuple(given(answer)), 2)
    yield Section("derived", "Derived facts", tuple(derived(answer)))
    yield Section("conflicts", "Contradictions", tuple(contradictions(answer)))
    if applies is not False:
        yield Section("missing", "Missing facts", tuple(missing(answer)), 2)
        yield Section("recommended", "Recommendations", tuple(recommended(answer)))
        yield Section("sure", "Before acting, make sure", tuple(before_acting(answer)))
        yield Section("open", "What cannot be said yet", tuple(still_open(answer)))
        for weighing in answer.assessment.weighing.values():
            yield Section(f"weighing-{weighing.id}", weighing.question, tuple(weighed(weighing)))
        yield Section("way", "The way through the flowchart", tuple(ways(answer)))
        yield Section("calendar", "Calendar", tuple(calendar(answer)))
    yield Section("outcome", "Outcome", tuple(_outcome(answer)))
    if applies is not False:
        yield Section("references", "References cited above", tuple(cited_sources(answer)), small=True)


def _whether_it_applies(answer: Answer) -> Iterator[Block]:
    a = answer.assessment
    known = "; ".join(
        f"{answer.guideline.facts[fact].label}: {what_is_known(fact, answer)}"
        for fact in facts_of(answer.guideline.applies)
    )
    yield Paragraph(said(f"It is meant for: {a.applies_if}. The record says: {known}."))
    if a.applies is False:
        yield Paragraph(said("No rule was applied. That is not an all-clear.", "strong"))
    else:
        yield Paragraph(said("Not known. What follows is only right if it applies.", "strong"))


def _outcome(answer: Answer) -> Iterator[Block]:
    """The part to be filled in by hand."""
    signed = [rule.id for rule in answer.assessment.with_status("fired") if rule.signoff]
    rows: list[tuple[Blank, ...]] = [(Blank("Decision", 3),)]
    if answer.assessment.applies is not False:
        rows.append((Blank("Where it deviates from the guideline, and why", 2),))
    if signed:
        what = counted(len(signed), "recommendation")
        rows.append((Blank(f"{what} to be signed before use, accepted or not: {', '.join(signed)}"),))
    rows.append((Blank("What is to be found out, by whom, until when", 2),))
    rows.append((Blank("Responsible"), Blank("Date"), Blank("Signature")))
    yield Form(tuple(rows))
