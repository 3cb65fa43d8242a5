"""The part of an answer that weighs candidates: where each stands, and the main arguments for and against."""

from __future__ import annotations

from collections.abc import Iterator

from guidewright.answer_words import Answer, counted, labels
from guidewright.document import (
    MINUS,
    Block,
    Heading,
    Item,
    Line,
    Paragraph,
    Span,
    Standing,
    Standings,
    id_span,
    said,
    signed,
)
from guidewright.engine.assessment import ArgumentAnswer, CandidateAnswer, WeighingAnswer

_FOR, _AGAINST = 4, 3
ORDER = ("confirmed", "leading", "possible", "behind", "excluded")


def weighed(answer: Answer) -> Iterator[Block]:
    """Each weighing as a table, and below it the arguments of the candidates that may still lead."""
    for weighing in answer.assessment.weighing.values():
        yield Heading(2, said(weighing.question))
        if not answer.everything and not any(c.supporting or c.opposing for c in weighing.candidates):
            yield Paragraph(said("No argument speaks for or against any candidate yet."))
            continue
        yield Paragraph(said("An ordering to discuss, not a probability. Open arguments may still move it.", "dim"))
        yield standings_of(weighing)
        yield from _arguments(weighing, answer)


def standings_of(weighing: WeighingAnswer) -> Standings:
    """Every candidate, the one that leads first."""
    rows = (standing_of(candidate, weighing) for candidate in weighing.candidates)
    return Standings(tuple(sorted(rows, key=lambda row: (ORDER.index(row.standing), -float(row.net)))))


def standing_of(candidate: CandidateAnswer, weighing: WeighingAnswer) -> Standing:
    return Standing(
        label=candidate.label,
        standing="confirmed"
        if weighing.confirmed == candidate.id
        else "excluded"
        if candidate.id in weighing.excluded
        else "leading"
        if candidate.id in weighing.leading
        else "possible"
        if candidate.id in weighing.possible
        else "behind",
        net=candidate.net,
        low=candidate.low,
        high=candidate.high,
        supporting=len(candidate.supporting),
        opposing=len(candidate.opposing),
        open=len(candidate.open),
    )


def _arguments(weighing: WeighingAnswer, answer: Answer) -> Iterator[Block]:
    """What speaks for and against the candidates that lead or may still lead; with `everything`, all candidates."""
    named = dict.fromkeys((*weighing.leading, *weighing.possible, *weighing.excluded))
    order = [*named, *(c.id for c in weighing.candidates if c.id not in named)] if answer.everything else [*named]
    by_id = {candidate.id: candidate for candidate in weighing.candidates}
    for id in order:
        candidate = by_id[id]
        if not answer.everything and not (candidate.supporting or candidate.opposing):
            continue
        yield Heading(3, said(candidate.label))
        for sign, marker, arguments, most in (
            ("for", "+", candidate.supporting, _FOR),
            ("against", MINUS, candidate.opposing, _AGAINST),
        ):
            heaviest = sorted(arguments, key=lambda a: (a.decisive is None, -abs(float(a.weight))))
            shown = heaviest if answer.everything else heaviest[:most]
            for argument in shown:
                yield Item(_argument(argument), marker=marker, style="go" if marker == "+" else "stop")
            if len(shown) < len(arguments):
                yield Paragraph(said(f"… and {counted(len(arguments) - len(shown), 'more argument')} {sign}", "dim"))
        if answer.everything:
            for argument in candidate.open:
                needs = ((Span("Needs: ", "dim"), *said(labels(argument.needs, answer))),) if argument.needs else ()
                yield Item(_argument(argument), needs, marker="?", style="maybe")


def _argument(argument: ArgumentAnswer) -> Line:
    weight = f"{argument.decisive} it" if argument.decisive is not None else signed(argument.weight)
    return (*said(f"{argument.says} "), Span(f"{weight} ", "dim"), id_span(argument.id))
