"""What a board is asked: taken from where the ways stop, from choices left to clinicians and from what is weighed.

Nothing here is invented: where an assessment leaves nothing open, the report says so. What the referring team wants to
know stands in no record, so there is a line for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guidewright.answer_words import Answer, counted, labels, what_is_known
from guidewright.document import Blank, Block, Form, Item, Line, Paragraph, Span, id_span, joined, said
from guidewright.engine.assessment import WeighingAnswer
from guidewright.rules.model import ChoiceType, Fact, Step, Weighing


@dataclass(frozen=True, slots=True, repr=False)
class Point:
    """Something open at a box of a page. `stops`: the way ends there for want of facts."""

    stage: str
    box: int
    line: Line
    stops: bool = False


def points(answer: Answer) -> tuple[Point, ...]:
    """What is open on the pages that the patient's ways pass: what is weighed, then choices, then where a way stops."""
    return (*_weighed(answer), *_chosen(answer), *_stopped(answer))


def the_question(answer: Answer) -> Iterator[Block]:
    found = points(answer)
    yield Form(((Blank("Question of the referring team", 1),),))
    if found:
        yield from (Item(point.line) for point in found)
    elif answer.assessment.paths:
        yield Paragraph(said("No way through the guideline stops, and no choice is left open on it."))
    fired = [rule for rule in answer.assessment.with_status("fired") if rule.kind != "row"]
    if fired:
        signed = sum(rule.signoff for rule in fired)
        below = "recommendation" if len(fired) == 1 else f"{len(fired)} recommendations"
        what = f"The board is asked to accept, change or reject the {below} below"
        also = f"; {counted(signed, 'needs a signature', 'need a signature')} before use" if signed else ""
        yield Paragraph(said(f"{what}{also}."))


def _passed(answer: Answer) -> Iterator[tuple[str, Step]]:
    """The boxes on the patient's ways, with their stages."""
    steps = {(stage.id, step.id): step for stage in answer.guideline.stages for step in stage.steps}
    for stage, path in answer.assessment.paths.items():
        yield from ((stage, steps[stage, taken.step]) for taken in path.steps)


# --- what is weighed


def _weighed(answer: Answer) -> Iterator[Point]:
    seen: set[str] = set()
    for stage, step in _passed(answer):
        if step.weigh is None or step.weigh in seen or answer.assessment.weighing[step.weigh].confirmed is not None:
            continue
        seen.add(step.weigh)
        weighing = answer.assessment.weighing[step.weigh]
        fact = settled_by(answer.guideline.weighings[step.weigh], tuple(answer.guideline.facts.values()))
        line: list[Span] = [Span(f"{weighing.question} ", "strong")]
        if fact is not None:
            line += said(f"{fact.label}: {what_is_known(fact.id, answer)}. ")
            line += _against_it(fact, weighing, answer)
        line += said(f"{_standing(weighing)} (box {step.box}).")
        yield Point(stage, step.box, tuple(line))


def settled_by(weighing: Weighing, facts: tuple[Fact, ...]) -> Fact | None:
    """The fact in which a clinician records what was accepted: the choice that has most of the candidates as options,
    and more than half of them.
    """
    candidates = {candidate.id for candidate in weighing.candidates}

    def shared(fact: Fact) -> int:
        options = fact.type.options if isinstance(fact.type, ChoiceType) and fact.derivation is None else ()
        return len(candidates & {option.id for option in options})

    best = max(facts, key=shared, default=None)
    return best if best is not None and 2 * shared(best) > len(candidates) else None


def _against_it(fact: Fact, weighing: WeighingAnswer, answer: Answer) -> Line:
    """Where the accepted candidate is not the one that the arguments put first."""
    recorded = answer.assessment.facts.get(fact.id)
    accepted = recorded.may_be[0] if recorded is not None and len(recorded.may_be) == 1 else None
    if accepted in weighing.excluded:
        return said("The arguments exclude what was accepted. ", "alert")
    names = {candidate.id for candidate in weighing.candidates}
    if accepted in names and weighing.leading and accepted not in weighing.leading:
        return said("The arguments put another first. ", "alert")
    return ()


def _standing(weighing: WeighingAnswer) -> str:
    names = {candidate.id: candidate.label for candidate in weighing.candidates}
    if not any(candidate.supporting or candidate.opposing for candidate in weighing.candidates):
        return "No argument speaks for or against any candidate yet"
    leading = " and ".join(names[id] for id in weighing.leading)
    rest = "; ".join(names[id] for id in weighing.possible if id not in weighing.leading)
    verb = "lead" if len(weighing.leading) > 1 else "leads"
    first = f"By the arguments so far {leading} {verb}" if leading else "By the arguments so far none leads"
    return f"{first}; may still lead: {rest}" if rest else first


# --- choices


def _chosen(answer: Answer) -> Iterator[Point]:
    for stage, step in _passed(answer):
        if step.kind != "choose":
            continue
        rules = [answer.assessment.rules[id] for id in step.rules]
        parts: list[Line] = []
        for status, words in (("fired", "holds"), ("open", "open")):
            alike = [rule.id for rule in rules if rule.status == status]
            if alike:
                parts.append((*said(f"{words}: "), *joined([(id_span(id),) for id in alike], said(" "))))
        options = joined(parts, said("; ")) if parts else said("none of its options holds")
        yield Point(stage, step.box, (Span(f"{step.text} ", "strong"), *options, *said(f" (box {step.box}).")))


# --- where ways stop


def _stopped(answer: Answer) -> Iterator[Point]:
    titles = {stage.id: stage.title for stage in answer.guideline.stages}
    for stage, path in answer.assessment.paths.items():
        if path.stopped_at is None:
            continue
        last = path.steps[-1]
        why = f"It has several answers at once: {'; '.join(path.several)}" if path.several else ""
        if path.needs and not why:
            why = f"Needs: {labels(path.needs, answer)}"
        line = (Span(f"{last.text} ", "strong"), *said(f"{why} (the way stops here: {titles[stage]}, box {last.box})."))
        yield Point(stage, last.box, line, stops=True)
