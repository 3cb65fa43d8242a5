"""The parts of a report that show where candidates stand and which boxes the patient's way passes."""

from __future__ import annotations

from collections.abc import Iterator

from guidewright.answer_weighing import ORDER, standing_of
from guidewright.answer_words import Answer, counted, labels
from guidewright.document import Block, Line, Paragraph, Span, Standing, Style, Table, id_span, joined, said, signed
from guidewright.engine.assessment import ArgumentAnswer, CandidateAnswer, PathAnswer, StepAnswer, WeighingAnswer

_ARGUMENTS = 2
_STANDINGS = {
    "confirmed": "confirmed",
    "leading": "leads so far",
    "possible": "may still lead",
    "behind": "behind so far",
    "excluded": "excluded",
}


def weighed(weighing: WeighingAnswer) -> Iterator[Block]:
    """Every candidate with its standing and the heaviest arguments."""
    if not any(candidate.supporting or candidate.opposing for candidate in weighing.candidates):
        open_ = sum(len(candidate.open) for candidate in weighing.candidates)
        more = f" {counted(open_, 'argument')} wait for facts." if open_ else ""
        yield Paragraph(said(f"No argument speaks for or against any candidate yet.{more}"))
        return
    yield Paragraph(said("An ordering to discuss, not a probability. Open arguments may still move it."))
    found = [(standing_of(candidate, weighing), candidate) for candidate in weighing.candidates]
    found.sort(key=lambda both: (ORDER.index(both[0].standing), -float(both[0].net)))
    rows = tuple(_candidate(standing, candidate) for standing, candidate in found)
    header = ("Candidate, standing", "Net (range)", "For", "Against", "Open")
    yield Table(header, rows, (17, 11, 31, 31, 5))


def _candidate(standing: Standing, candidate: CandidateAnswer) -> tuple[Line, ...]:
    ahead = standing.standing in ("confirmed", "leading")
    style: Style = "strong" if ahead else "dim"
    most = _ARGUMENTS if standing.standing in ("confirmed", "leading", "possible") else 1
    return (
        (Span(f"{standing.label}, ", "strong" if ahead else "plain"), Span(_STANDINGS[standing.standing], style)),
        (*said(signed(standing.net), "strong"), *said(f" ({signed(standing.low)} to {signed(standing.high)})")),
        _arguments(candidate.supporting, most),
        _arguments(candidate.opposing, most),
        said(str(standing.open)),
    )


def _arguments(arguments: tuple[ArgumentAnswer, ...], most: int) -> Line:
    """How many there are, and the heaviest."""
    heaviest = sorted(arguments, key=lambda a: (a.decisive is None, -abs(float(a.weight))))[:most]
    if not arguments:
        return said("none")
    count = Span(f"{len(arguments)}: ", "strong")
    return (count, *joined([_argument(argument) for argument in heaviest], said("; ")))


def _argument(argument: ArgumentAnswer) -> Line:
    weight = f"{argument.decisive} it" if argument.decisive is not None else signed(argument.weight)
    return (*said(f"{argument.says} ({weight}) "), id_span(argument.id))


# --- the way


def ways(answer: Answer) -> Iterator[Block]:
    """For every page the numbers of the boxes on the way, and where it ends or stops."""
    paths = answer.assessment.paths
    titles = {stage.id: stage.title for stage in answer.guideline.stages}
    if not paths:
        return
    rows = tuple((said(titles[id]), said(_boxes(path)), _end(path, answer)) for id, path in paths.items())
    yield Table(("Page", "Boxes on the way", "Where it ends"), rows, (10, 17, 14))
    if any(step.assuming for path in paths.values() for step in path.steps):
        yield Paragraph(said("* assumed: taken although another answer of that box is not known to be false.", "dim"))


def _boxes(path: PathAnswer) -> str:
    return " → ".join(f"{step.box}{'*' if step.assuming else ''}" for step in path.steps)


def _end(path: PathAnswer, answer: Answer) -> Line:
    last = path.steps[-1]
    if path.several:
        return (Span("Stops: ", "alert"), *said(f"{last.text} has several answers at once: {'; '.join(path.several)}"))
    if path.stopped_at is None:
        return said(last.text)
    needs = (Span(" NEEDS: ", "alert"), *said(labels(path.needs, answer))) if path.needs else ()
    return (Span("Stops at: ", "alert"), *said(last.text), *needs)


def way_in_words(path: PathAnswer, answer: Answer) -> tuple[Line, ...]:
    """The way as numbered text, a line for each box that it passes: what stands beside a picture of it."""
    return tuple(_step(step, step is path.steps[-1], path, answer) for step in path.steps)


def _step(step: StepAnswer, is_last: bool, path: PathAnswer, answer: Answer) -> Line:
    line: list[Span] = [Span(f"{step.box}. ", "strong"), *said(step.text)]
    if step.answer is not None:
        line += said(f" {step.answer}.", "strong")
    if step.assuming:
        missing = dict.fromkeys(fact for assumption in step.assuming for fact in assumption.needs)
        line += (Span(" Assumed; not known: ", "alert"), *said(labels(missing, answer)))
    if is_last and path.stopped_at is not None:
        needs = labels(path.needs, answer) or "; ".join(path.several)
        line += (Span(" The way stops here. NEEDS: ", "alert"), *said(needs))
    return tuple(line)
