"""The outline of the flowchart pages as a page of text: "4. Is there disease outside the liver? Yes: go to 5."

With a patient it says of every box whether the way passes it, and of every rule what became of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from guidewright.answer_rules import KINDS
from guidewright.answer_weighing import standings_of
from guidewright.answer_words import counted, day_in_words, days_of, ids
from guidewright.document import (
    MINUS,
    Block,
    Document,
    Heading,
    Item,
    Line,
    Paragraph,
    Span,
    Style,
    id_span,
    joined,
    said,
    signed,
)
from guidewright.engine.assessment import NOTICE
from guidewright.rules.english import READ_AS
from guidewright.rules.units import show_number
from guidewright.visualize.marks import BoxMarks, RuleMarks
from guidewright.visualize.outline import (
    ArgumentOutline,
    Arrow,
    BoxOutline,
    Outline,
    RuleOutline,
    StageOutline,
    Support,
    Target,
    WeighingOutline,
)

_SAYS = {"do": "Do", "consider": "Consider", "ask": "Ask", "flag": "Note", "inform": "Know"}
_FORBIDS = "do not "
_KINDS = {"state": " (state)", "choice": " (choose)", "weighing": " (weighing)", "link": " (link)", "end": " (end)"}
_LAST = {
    "otherwise": "if every other answer is known not to hold",
    "assumed": "if none of the others is known to hold (assumed)",
}
_DIGEST = len("sha256:") + 12  # characters that are shown


@dataclass(frozen=True, slots=True)
class _Linked:
    """What the page holds and may therefore link to, and the day of the assessment."""

    boxes: frozenset[int]
    references: frozenset[int]
    as_of: date | None


def outline_page(outline: Outline, only: str | None = None) -> Document:
    """The page of an outline, or of its stage `only`."""
    stages = [stage for stage in outline.stages if only in (None, stage.id)]
    used = {number for stage in stages for number in _cited_on(stage)}
    listed = [reference for reference in outline.references if only is None or reference.number in used]
    linked = _Linked(
        frozenset(box.number for stage in stages for box in stage.boxes),
        frozenset(reference.number for reference in listed),
        outline.patient.as_of if outline.patient is not None else None,
    )
    blocks = [*_header(outline)]
    for stage in stages:
        blocks += _stage(stage, linked)
    if listed:
        blocks.append(Heading(2, said("References")))
    for reference in listed:
        read: Line = said(f" ({READ_AS[reference.read]})", "dim")
        url = (*said(" "), Span(reference.url, "dim", link=reference.url)) if reference.url is not None else ()
        line = (*said(reference.cite), *read, *url)
        blocks.append(Item(line, marker=f"{reference.number:>2}.", anchor=_reference_anchor(reference.number)))
    return (*blocks, *_footer(outline))


def _header(outline: Outline) -> Iterator[Block]:
    yield Heading(1, said(outline.title))
    yield Paragraph(said("The flowcharts as text. Box numbers are those of the pictures.", "dim"))
    day = f" of {day_in_words(outline.date)}" if outline.date is not None else ""
    status = Span(outline.status or "without a status", "alert")
    yield Paragraph((*said(f"Guideline version {outline.version}{day}, "), status))
    if outline.meant_for is not None:
        yield Paragraph(said(f"Meant for: {outline.meant_for}."))
    if outline.patient is not None:
        patient = outline.patient
        who = (Span(patient.id, keep=True),) if patient.id is not None else said("without an id")
        today = "" if patient.dated else " (today: the record names no day)"
        yield Paragraph((*said("Patient "), *who, *said(f", as of {day_in_words(patient.as_of)}{today}")))
        if patient.applies is False:
            yield Paragraph(said("This guideline does not apply to this patient, so nothing is marked.", "stop"))
        elif patient.applies is None:
            text = "Not known whether this guideline applies: what is marked is only right if it does."
            yield Paragraph(said(text, "alert"))
    yield Paragraph(said(NOTICE, "strong"))


def _footer(outline: Outline) -> Iterator[Block]:
    yield Heading(2, said("About this outline"))
    day = f" of {day_in_words(outline.date)}" if outline.date is not None else ""
    status = f", {outline.status}" if outline.status else ""
    digest = outline.digest[:_DIGEST]
    yield Paragraph(said(f"Guideline {outline.id} {outline.version}{day} ({digest}){status}.", "dim"))
    yield Paragraph(said(NOTICE, "dim"))


# --- boxes and arrows


def _stage(stage: StageOutline, linked: _Linked) -> Iterator[Block]:
    yield Heading(2, said(stage.title))
    if not stage.boxes:
        yield Paragraph(said("This page has no boxes."))
    for box in stage.boxes:
        yield from _box(box, linked)
    if stage.beside:
        yield Heading(3, said("Throughout this page"))
        for rule in stage.beside:
            yield _rule(rule, 0, linked)
    for weighing in stage.weighings:
        yield from _weighing(weighing, linked)


def _box(box: BoxOutline, linked: _Linked) -> Iterator[Block]:
    kind = _KINDS.get(box.kind, "") if box.kind != "decision" or box.text.endswith("?") else " (decision)"
    line = [Span(box.text, "strong"), Span(kind, "dim")]
    if box.mark is not None:
        line += _passing(box.mark)
    below = [_arrow(arrow, linked) for arrow in box.arrows]
    if box.target is not None:
        below.append(_link(box.target, box, linked))
    if box.mark is not None:
        below += _stops(box.mark)
    yield Item(tuple(line), tuple(below), f"{box.number:>2}.", anchor=_box_anchor(box.number))
    for rule in box.rules:
        yield _rule(rule, 1, linked)


def _link(target: Target, box: BoxOutline, linked: _Linked) -> Line:
    text = f" ({target.text})" if target.text != box.text else ""
    page = f", on the page “{target.page}”" if target.page is not None else ""
    return (Span("→ "), _to(target.box, "go to box", linked), *said(f"{text}{page}"))


def _passing(mark: BoxMarks) -> Line:
    """How the patient's way meets a box."""
    match mark.passing:
        case "passed":
            return (Span(" · ", "dim"), Span("on the way", "go"))
        case "stopped":
            return (Span(" · ", "dim"), Span("stops here", "alert"))
        case "beyond":
            return (Span(" · not reached", "dim"),)


def _stops(mark: BoxMarks) -> Iterator[Line]:
    """Why the way stops at a box, or on what it was assumed to go on."""
    if mark.several:
        yield said("Several answers hold at once: a fault of the guideline", "alert")
    elif mark.passing == "stopped":
        yield (Span("NEEDS: ", "alert"), *said("; ".join(mark.needs)))
    elif mark.assumed:
        yield (Span("Assumed, since not known: ", "alert"), *said("; ".join(mark.needs)))


def _arrow(arrow: Arrow, linked: _Linked) -> Line:
    """`→ go to 5`, and of an answer `→ Yes: go to 5 · answer taken · if …`"""
    if arrow.text is None:
        return (Span("→ "), _to(arrow.to, "go to", linked))
    line = [Span("→ "), Span(arrow.text, "strong"), Span(": "), _to(arrow.to, "go to", linked)]
    if arrow.taken:
        line += (Span(" · ", "dim"), Span(f"answer taken{' (assumed)' if arrow.assumed else ''}", "go"))
    if arrow.holds:
        line += (Span(" · ", "dim"), Span("holds", "alert"))
    condition = _LAST[arrow.last] if arrow.last is not None else f"if {arrow.condition}"
    return (*line, Span(f" · {condition}", "dim"))


def _to(box: int, words: str, linked: _Linked) -> Span:
    return Span(f"{words} {box}", link=f"#{_box_anchor(box)}" if box in linked.boxes else None)


def _box_anchor(number: int) -> str:
    return f"outline-box-{number}"


def _reference_anchor(number: int) -> str:
    return f"outline-reference-{number}"


# --- rules


def _rule(rule: RuleOutline, depth: int, linked: _Linked) -> Item:
    marker, style = _marker(rule)
    return Item((*_what(rule), *said(" "), id_span(rule.id)), tuple(_about(rule, linked)), marker, style, depth)


def _marker(rule: RuleOutline) -> tuple[str, Style]:
    """A sign beside the words: of a DO NOT, of what fires and of what is open."""
    status = rule.mark.status if rule.mark is not None else None
    if status == "open":
        return "?", "maybe"
    if status in ("overridden", "not_fired"):
        return "·", "dim"
    if rule.kind == "avoid":
        return KINDS["avoid"].marker, "stop"
    return ("✓", "go") if status == "fired" else ("•", "plain")


def _what(rule: RuleOutline) -> Line:
    """`Consider: treat at home`, `DO NOT operate`. What is worded as a prohibition never stands behind the bare words
    DO NOT, which would turn it into its opposite.
    """
    text = " ".join(rule.text.split("\n\n"))
    if rule.kind != "avoid":
        return (Span(f"{_SAYS[rule.kind]}: ", "strong"), *said(text))
    if text.casefold().startswith(_FORBIDS):
        return (Span("DO NOT ", "stop"), *said(text[len(_FORBIDS) :]))
    if rule.short is not None:
        return (Span("DO NOT: ", "stop"), *said(f"{rule.short.rstrip('.')}. {text}"))
    return (Span("DO NOT rule: ", "stop"), *said(text))


def _about(rule: RuleOutline, linked: _Linked) -> Iterator[Line]:
    if rule.mark is not None:
        yield _status(rule.mark)
    if rule.when is not None:
        yield (Span("If: ", "dim"), *said(rule.when))
    if rule.unless is not None:
        yield (Span("Unless: ", "dim"), *said(rule.unless))
    if rule.timing is not None:
        yield (Span("When: ", "dim"), *said(rule.timing))
    if rule.due and linked.as_of is not None:
        as_of = linked.as_of
        yield (Span("Due: ", "dim"), *said(", then ".join(days_of(due, as_of) for due in rule.due)))
    for label, text in (("Except: ", rule.except_), ("Note: ", rule.note)):
        for position, part in enumerate(text.split("\n\n") if text is not None else ()):
            yield (*((Span(label, "dim"),) if position == 0 else ()), *said(part))
    if rule.signoff:
        yield said("Needs a clinician's signature", "alert")
    if support := _support(rule.support, linked):
        yield support


def _status(mark: RuleMarks) -> Line:
    """What became of a rule for the patient."""
    missing = said("; ".join(mark.needs))
    match mark.status:
        case "fired" if mark.assuming and mark.needs:
            return (Span("Fires", "go"), *said(", although this is not known: "), *missing)
        case "fired":
            return (Span("Fires", "go"), *(said(", on an assumption") if mark.assuming else ()))
        case "open":
            return (Span("Open", "maybe"), *((*said(", needs: "), *missing) if mark.needs else ()))
        case "overridden":
            return (Span("Overridden", "alert"), *said(" by "), *ids(mark.overridden_by))
        case "not_fired":
            return said("Does not apply", "dim")


def _support(support: Support, linked: _Linked) -> Line:
    """`strong · low certainty · references 1, 3 · against it 9 · expert opinion`"""
    parts: list[Line] = []
    if support.strength is not None:
        parts.append(said(_small(support.strength), "dim"))
    if support.certainty is not None:
        parts.append(said(f"{_small(support.certainty)} certainty", "dim"))
    if support.references:
        word = "reference " if len(support.references) == 1 else "references "
        parts.append((Span(word, "dim"), *_numbers(support.references, linked)))
    if support.objections:
        parts.append((Span("objections in ", "dim"), *_numbers(support.objections, linked)))
    # An expert's opinion need not be said where that is already the strength.
    if support.expert and "expert" not in (support.strength or "").casefold():
        parts.append(said("expert opinion", "dim"))
    return joined(parts, said(" · ", "dim"))


def _numbers(references: tuple[int, ...], linked: _Linked) -> Line:
    found: list[Line] = [
        (Span(str(number), "dim", link=f"#{_reference_anchor(number)}" if number in linked.references else None),)
        for number in references
    ]
    return joined(found, said(", ", "dim"))


def _small(label: str) -> str:
    return label[:1].lower() + label[1:]


def _cited_on(stage: StageOutline) -> Iterator[int]:
    rules = (*(rule for box in stage.boxes for rule in box.rules), *stage.beside)
    arguments = (a for weighing in stage.weighings for candidate in weighing.candidates for a in candidate.arguments)
    for support in (*(rule.support for rule in rules), *(argument.support for argument in arguments)):
        yield from (*support.references, *support.objections)


# --- weighings


def _weighing(weighing: WeighingOutline, linked: _Linked) -> Iterator[Block]:
    at = f" (weighed at box {', '.join(map(str, weighing.boxes))})" if weighing.boxes else ""
    yield Heading(3, said(f"{weighing.question}{at}"))
    yield Paragraph(said("An ordering to discuss, not a probability.", "dim"))
    if weighing.answer is not None:
        yield standings_of(weighing.answer)
    for candidate in weighing.candidates:
        supporting = [argument for argument in candidate.arguments if not argument.against]
        opposing = [argument for argument in candidate.arguments if argument.against]
        count = f" ({counted(len(supporting), 'argument')} for, {len(opposing)} against)"
        yield Item((Span(candidate.label, "strong"), Span(count, "dim")))
        for argument in candidate.arguments:
            yield _argument(argument, linked)


def _argument(argument: ArgumentOutline, linked: _Linked) -> Item:
    decisive = "confirms it" if argument.confirms else "excludes it" if argument.excludes else None
    weight = decisive or f"{'against' if argument.against else 'for'} it, {signed(show_number(argument.weight))}"
    line = (*said(f"{argument.says} "), Span(f"({weight}) ", "strong" if decisive else "dim"), id_span(argument.id))
    below: list[Line] = []
    if argument.standing == "holds":
        below.append(said("Holds", "go"))
    elif argument.standing == "open":
        needs = (*said(", needs: "), *said("; ".join(argument.needs))) if argument.needs else ()
        below.append((Span("Open", "maybe"), *needs))
    elif argument.standing is not None:
        below.append(said("Does not hold", "dim"))
    if support := _support(argument.support, linked):
        below.append(support)
    marker = MINUS if argument.against else "+"
    return Item(line, tuple(below), marker, "stop" if argument.against else "go", depth=1)
