"""What a new version changes, as a page: for patients first, then what its authors edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guidewright.answer_words import counted, day_in_words, ids
from guidewright.difference import Difference, RecordedCase
from guidewright.difference_words import ends_in_words, patient_in_words, sides_of, why
from guidewright.document import MINUS, Block, Document, Heading, Item, Line, Paragraph, Span, id_span, joined, said
from guidewright.engine.assessment import NOTICE
from guidewright.engine.comparing.differences import Effect, Seen, Standing, What
from guidewright.engine.comparing.edits import Edit, Field, Thing, texts_of, users_of

Texts = Mapping[tuple[Thing, str], str]

_WAYS = 12  # boxes whose ways are shown; each new way changes many boxes


def difference_page(difference: Difference) -> Document:
    return tuple(_page(difference))


def _page(d: Difference) -> Iterator[Block]:
    old, new = d.before.guideline, d.after.guideline
    texts = texts_of(d.before) | texts_of(d.after)
    yield Heading(1, said(f"What changes: {new.title}"))
    versions = f"From {d.old.name} (version {old.version}) to {d.new.name} (version {new.version})"
    yield Paragraph(said(f"{versions}; patients as assessed on {day_in_words(d.as_of)}", "dim"))
    if old.id != new.id:
        yield Paragraph(said(f"These are two guidelines: {old.id} and {new.id}.", "alert"))
    yield from _for_patients(d, texts)
    if d.cases is not None:
        yield from _cases(d, d.cases, texts)
    yield from _parameters(d)
    yield from _edited(d.edits)
    yield Paragraph(said(""))
    yield Paragraph(said(NOTICE, "dim"))


# --- patients


def _for_patients(d: Difference, texts: Texts) -> Iterator[Block]:
    yield Heading(2, said("For patients"))
    changed = [effect for effect in d.effects if effect.verdict == "changed"]
    undecided = [effect for effect in d.effects if effect.verdict == "undecided"]
    if d.recorded_otherwise:
        these = (*said("A record may say something else of these facts than before: "), *ids(d.recorded_otherwise))
        yield Paragraph((*these, *said(". What follows is about records that both versions can use.")))
    if not changed and not undecided:
        nobody = "Nothing changes for any patient, however much of the record is missing: proved."
        yield Paragraph(said(nobody, "go" if not d.recorded_otherwise else "plain"))
        if any(field.sort == "wording" for edit in d.edits for field in edit.fields):
            yield Paragraph(said("Whether the new words below mean the same as the old ones is for people to say."))
    elif changed:
        number = counted(len(changed), "thing ends", "things end")
        same = len(d.effects) - len(changed) - len(undecided)
        yield Paragraph(said(f"{number} otherwise for some patient; {same} proved the same for every patient."))
    for effect in changed:
        if effect.what != "box":
            yield from _effect(effect, d, texts)
    boxes = [effect for effect in changed if effect.what == "box"]
    if boxes:
        yield Heading(3, said("Ways through the pages"))
    for effect in boxes[:_WAYS]:
        yield from _way(effect, d, texts)
    if len(boxes) > _WAYS:
        yield Paragraph(
            said(f"… {counted(len(boxes) - _WAYS, 'more box', 'more boxes')} (--format json has all)", "dim")
        )
    if undecided:
        yield Heading(3, said("Not decided", "alert"))
        yield Paragraph(said("Here it is neither proved that nothing changes, nor is a patient found:"))
    for effect in undecided:
        yield Item((*said(f"{texts[effect.what, effect.id]} "), id_span(effect.id)), marker="?", style="maybe")


def _effect(effect: Effect, d: Difference, texts: Texts) -> Iterator[Block]:
    yield Heading(3, (*said(f"{texts[effect.what, effect.id]} "), id_span(effect.id)))
    for shift in effect.shifts:
        if shift.patient is None:
            continue
        below = tuple(_patient(effect.what, effect.id, shift.before, shift.after, shift.patient, d))
        if shift.before == shift.after:
            below += tuple(_says(effect, d))
        yield Item(ends_in_words(shift), below)
    if undecided := [ends_in_words(shift) for shift in effect.shifts if shift.patient is None]:
        yield Paragraph((Span("Not decided: ", "maybe"), *joined(undecided, said("; "))))
    if effect.more:
        yield Paragraph(said("… it may end otherwise in more ways than these", "dim"))


def _says(effect: Effect, d: Difference) -> Iterator[Line]:
    """What else it says, in the fields that differ."""
    fields = [
        field
        for edit in d.edits
        for field in edit.fields
        if (edit.thing, edit.id) == (effect.what, effect.id) and field.sort == "says"
    ]
    for field in fields:
        yield (Span(f"{field.name}: ", "dim"), *said(f"{field.before or 'nothing'} → {field.after or 'nothing'}"))


def _patient(what: What, id: str, before: Standing, after: Standing, seen: Seen, d: Difference) -> Iterator[Line]:
    sides = sides_of(seen, d.before, d.after)
    yield (Span("Patient: ", "dim"), *patient_in_words(sides))
    yield from ((Span("Before: ", "dim"), *line) for line in why(what, id, before, sides.before))
    yield from ((Span("Now: ", "dim"), *line) for line in why(what, id, after, sides.after))


def _way(effect: Effect, d: Difference, texts: Texts) -> Iterator[Block]:
    """A box with the first patient whose way is another."""
    shift = next(shift for shift in effect.shifts if shift.patient is not None)
    assert shift.patient is not None
    line = (*said(f"{texts['box', effect.id]} "), id_span(effect.id), *said(": "), *ends_in_words(shift))
    patient = patient_in_words(sides_of(shift.patient, d.before, d.after))
    yield Item(line, ((Span("Patient: ", "dim"), *patient),))


# --- recorded cases


def _cases(d: Difference, cases: tuple[RecordedCase, ...], texts: Texts) -> Iterator[Block]:
    changed = [case for case in cases if case.is_otherwise]
    unusable = [case for case in cases if len(case.refused) > 1]
    yield Heading(2, said("Recorded patients"))
    gets = "gets" if len(changed) == 1 else "get"
    neither = f"; neither version can use {len(unusable)}" if unusable else ""
    yield Paragraph(said(f"{len(changed)} of {counted(len(cases), 'file')} {gets} another answer{neither}."))
    for case in (*changed, *unusable):
        yield Heading(3, (Span(case.file, keep=True),))
        for version, diagnostics in case.refused:
            told = diagnostics[0].message if diagnostics else "it cannot be read"
            yield Item(said(f"the {version} version cannot use it: {told}"), marker="!", style="alert")
        if case.seen is None:
            continue
        sides = sides_of(case.seen, d.before, d.after)
        for end in case.endings:
            line = (*said(f"{texts[end.what, end.id]} "), id_span(end.id), *said(": "), *ends_in_words(end))
            below = [(Span("Before: ", "dim"), *line) for line in why(end.what, end.id, end.before, sides.before)]
            below += [(Span("Now: ", "dim"), *line) for line in why(end.what, end.id, end.after, sides.after)]
            yield Item(line, tuple(below))


# --- what was edited


def _parameters(d: Difference) -> Iterator[Block]:
    moved = [edit for edit in d.edits if edit.thing == "parameter" and not edit.is_reworded_only]
    if moved:
        yield Heading(2, said("Parameters"))
    for edit in moved:
        value = next((field for field in edit.fields if field.name == "value"), None)
        words = f": {value.before} → {value.after}" if value is not None else f" ({edit.how})"
        users = tuple(dict.fromkeys((*users_of(edit.id, d.after), *users_of(edit.id, d.before))))
        below = ((Span("Decides about: ", "dim"), *ids(users)),) if users else ()
        yield Item((*said(f"{edit.text}{words} "), id_span(edit.id)), below)


_THINGS: dict[Thing, str] = {
    "guideline": "The guideline",
    "fact": "Facts",
    "rule": "Rules",
    "row": "Rows",
    "argument": "Arguments",
    "box": "Boxes",
    "parameter": "Parameters",
}
_MARKERS = {"added": "+", "removed": MINUS, "changed": "~"}


def _edited(edits: tuple[Edit, ...]) -> Iterator[Block]:
    shown = [edit for edit in edits if edit.thing != "parameter" or edit.is_reworded_only]
    yield Heading(2, said("What was edited"))
    if not edits:
        yield Paragraph(said("Nothing."))
    for thing, title in _THINGS.items():
        of_kind = [edit for edit in shown if edit.thing == thing]
        if of_kind:
            yield Heading(3, said(title))
        for edit in of_kind:
            how = " (reworded)" if edit.is_reworded_only else f" ({edit.how})"
            line = (*said(edit.text), Span(f"{how} ", "dim"), id_span(edit.id))
            yield Item(line, tuple(map(_field, edit.fields)), _MARKERS[edit.how])


def _field(field: Field) -> Line:
    before, after = field.before or "nothing", field.after or "nothing"
    return (Span(f"{field.name}: ", "dim"), *said(before), Span(" → ", "dim"), *said(after))
