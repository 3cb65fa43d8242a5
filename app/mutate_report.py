"""What became of the mutations of a guideline, as a page and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, get_args

from guidewright.answer_words import counted, day_in_words
from guidewright.difference_words import ENDS
from guidewright.document import Block, Document, Heading, Item, Line, Paragraph, Span, said
from guidewright.engine.assessment import NOTICE
from guidewright.engine.cases.mutating import Change, Judged, NewCase, Verdict
from guidewright.rules.cases import Expected
from guidewright.rules.diagnostics import Place
from guidewright.rules.display import escaped
from guidewright.rules.model import Guideline
from guidewright.witness_files import fact_lines, yaml_value

SCHEMA = "guidewright/mutations/1"

VERDICTS: Mapping[Verdict, str] = {
    "noticed": "a case fails",
    "unnoticed": "no case fails, though a patient gets another answer",
    "beyond": "something changes, but no case was found that could expect it: a way, an argument, a time, a value",
    "harmless": "proved: no patient gets another answer",
    "undecided": "neither proved nor shown whether a case could notice it",
}
_NAMES: Mapping[Verdict, str] = {"unnoticed": "not noticed", "beyond": "beyond cases"}


@dataclass(frozen=True, slots=True, repr=False)
class Mutated:
    """What was tried of so many mutations (`of`). Made-up patients are assessed on `as_of`."""

    guideline: Guideline
    cases: int
    judged: Sequence[Judged]
    of: int
    as_of: date

    def with_verdict(self, verdict: Verdict) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if one.verdict == verdict)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is left to do: no mutation is undecided, or goes by a case that was found."""
        return not self.with_verdict("unnoticed") and not self.with_verdict("undecided")


# --- the page


def mutated_page(mutated: Mutated) -> Document:
    return tuple(_page(mutated))


def _page(mutated: Mutated) -> Iterator[Block]:
    yield Heading(1, said(f"Mutations: {mutated.guideline.title}"))
    tried, of = len(mutated.judged), mutated.of
    left_out = f"; {of - tried} were left out (--sample all tries every one)" if of > tried else ""
    cases = counted(mutated.cases, "case was", "cases were")
    yield Paragraph(said(f"{cases} held against {tried} of {counted(of, 'small change')}{left_out}."))
    for verdict, means in VERDICTS.items():
        number = len(mutated.with_verdict(verdict))
        if number or verdict in ("noticed", "unnoticed"):
            yield Item((Span(f"{number} {_NAMES.get(verdict, verdict)}", "strong"), *said(f": {means}")))
    unnoticed = mutated.with_verdict("unnoticed")
    if unnoticed:
        yield Heading(2, said("Not noticed"))
        yield Paragraph(said(f"Made-up patients, assessed on {day_in_words(mutated.as_of)}.", "dim"))
    shown: set[str] = set()
    for one in unnoticed:
        assert one.case is not None
        yield _item(one, tuple(_case_lines(one.case, one.case.id in shown)))
        shown.add(one.case.id)
    if beyond := mutated.with_verdict("beyond"):
        yield Heading(2, said("No case was found that could expect it"))
        for one in beyond:
            assert one.changed is not None
            yield _item(one, tuple(_change_lines(one.changed)))
    if undecided := mutated.with_verdict("undecided"):
        yield Heading(2, said("Not decided", "alert"))
        for one in undecided:
            yield _item(one, ())
    yield Paragraph(said(""))
    yield Paragraph(said(NOTICE, "dim"))


def _item(judged: Judged, below: tuple[Line, ...]) -> Item:
    mutation = judged.mutation
    where = ((Span(_where(mutation.place), "dim", keep=True),),) if mutation.place is not None else ()
    return Item(said(mutation.says), (*where, *below))


def _where(place: Place) -> str:
    return f"{place.file}:{place.line}"


def _case_lines(case: NewCase, shown: bool) -> Iterator[Line]:
    if shown:
        yield (Span("Would be noticed by the case of another one: ", "dim"), Span(case.id, keep=True))
        return
    yield (Span("Patient: ", "dim"), *said("; ".join(fact_lines(case.facts)) or "nothing is recorded"))
    yield (Span("Expect: ", "dim"), *said("; ".join(expected_lines(case.expected))))


def expected_lines(expected: Expected) -> Iterator[str]:
    """What a case expects, as its file says it."""
    for name, value in _expected_json(expected).items():
        yield f"{name}: {yaml_value(value)}"


def _change_lines(change: Change) -> Iterator[Line]:
    if change.ends is None:
        yield (Span("Known otherwise: ", "dim"), *said(change.id))
    elif change.ends[0] == change.ends[1]:
        yield (Span("Says something else: ", "dim"), *said(change.id))
    else:
        before, after = (ENDS[end] for end in change.ends)
        yield (*said(f"{change.id}: "), Span(*before), Span(" → ", "dim"), Span(*after))
    yield (Span("Patient: ", "dim"), *said("; ".join(fact_lines(change.patient.facts)) or "nothing is recorded"))


# --- JSON


def mutated_json(mutated: Mutated) -> dict[str, Any]:
    guideline = mutated.guideline
    return {
        "schema": SCHEMA,
        "guideline": {name: getattr(guideline, name) for name in ("id", "version", "digest")},
        "as_of": mutated.as_of.isoformat(),
        "cases": mutated.cases,
        "mutations": mutated.of,
        "tried": len(mutated.judged),
        "counts": {verdict: len(mutated.with_verdict(verdict)) for verdict in get_args(Verdict)},
        "results": [_judged_json(one) for one in mutated.judged],
        "notice": NOTICE,
    }


def _judged_json(judged: Judged) -> dict[str, Any]:
    mutation, change = judged.mutation, judged.changed
    return {
        "id": mutation.id,
        "kind": mutation.kind,
        "says": escaped(mutation.says),
        "about": [*mutation.about],
        "place": None if mutation.place is None else _place_json(mutation.place),
        "verdict": judged.verdict,
        "noticed_by": judged.by,
        "case": None if judged.case is None else _case_json(judged.case),
        "changes": None if change is None else _change_json(change),
    }


def _place_json(place: Place) -> dict[str, Any]:
    return {"file": escaped(place.file), "line": place.line, "column": place.column}


def _case_json(case: NewCase) -> dict[str, Any]:
    expected = _expected_json(case.expected)
    return {"case": case.id, "as_of": case.as_of.isoformat(), "facts": dict(case.facts), "expect": expected}


def _expected_json(expected: Expected) -> dict[str, Any]:
    said = {field.name: getattr(expected, field.name) for field in fields(expected)}
    listed = {name: [*ids] for name, ids in said.items() if ids and name != "leading"}
    leading = {id: [*led] for id, led in (expected.leading or {}).items()}
    return listed | ({"leading": leading} if leading else {})


def _change_json(change: Change) -> dict[str, Any]:
    before, after = change.ends if change.ends is not None else (None, None)
    return {
        "what": change.what,
        "id": change.id,
        "before": before,
        "after": after,
        "facts": dict(change.patient.facts),
    }
