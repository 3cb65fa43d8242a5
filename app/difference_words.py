"""What a difference says in words: how something ends, why it does so for a patient, and what is recorded of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from guidewright.answer_rules import failed
from guidewright.answer_words import Answer, conditions_by_id, labels, reasons, recorded_in_words, what_is_known
from guidewright.difference import Ending
from guidewright.document import Line, Span, Style, id_span, joined, said
from guidewright.engine.assess import assess
from guidewright.engine.comparing.differences import Seen, Shift, Standing, What
from guidewright.engine.outcome import Outcome
from guidewright.engine.plan import Plan
from guidewright.rules.english import condition_in_words
from guidewright.rules.patient import Patient

ENDS: Mapping[Standing, tuple[str, Style]] = {
    "fired": ("holds", "go"),
    "open": ("cannot be said", "maybe"),
    "not_fired": ("does not hold", "stop"),
    "overridden": ("is replaced", "alert"),
    "passed": ("on the way", "go"),
    "not_passed": ("not on the way", "stop"),
    "known": ("is worked out", "go"),
    "absent": ("is not there", "dim"),
}

_MOST_FAILED = 2


@dataclass(frozen=True, slots=True, repr=False)
class Sides:
    """One patient's answers of both versions."""

    before: Answer
    after: Answer


def sides_of(seen: Seen, before: Plan, after: Plan) -> Sides:
    return Sides(_answer(before, seen.before, seen.outcome_before), _answer(after, seen.after, seen.outcome_after))


def _answer(plan: Plan, patient: Patient, outcome: Outcome) -> Answer:
    return Answer(assess(plan, patient, outcome, "reference"), plan)


def ends_in_words(end: Shift | Ending) -> Line:
    before, after = ENDS[end.before], ENDS[end.after]
    if end.before == end.after == "known":
        return said("is known otherwise", "alert")
    said_again = " still, and says something else" if end.before == end.after else ""
    return (Span(*before), Span(" → ", "dim"), Span(after[0] + said_again, after[1]))


def patient_in_words(sides: Sides) -> Line:
    """What is recorded of a patient, as labels with values."""
    before, after = sides.before.assessment.facts, sides.after.assessment.facts
    parts: list[Line] = []
    for id in dict.fromkeys((*before, *after)):
        answer = sides.after if id in after else sides.before
        only = "" if id in before and id in after else f" (only the {'new' if id in after else 'old'} version asks)"
        words = " or ".join(recorded_in_words(id, answer))
        parts.append(said(f"{answer.guideline.facts[id].label}: {words}{only}"))
    return joined(parts, said("; ")) if parts else said("nothing is recorded")


def why(what: What, id: str, standing: Standing, answer: Answer) -> Iterator[Line]:
    """Why something ends so for a patient, in few words."""
    if standing == "absent":
        return
    if what == "fact":
        yield said(what_is_known(id, answer))
    elif answer.assessment.applies is False:
        yield said(f"the guideline is meant for {answer.assessment.applies_if}")
    elif what == "argument":
        argument = next(a for a in answer.plan.program.arguments if a.id == id)
        yield said(f"it counts where {condition_in_words(argument.when, answer.plan.named)}")
    elif what in ("rule", "row"):
        yield from _why_rule(id, answer)


def _why_rule(id: str, answer: Answer) -> Iterator[Line]:
    rule = answer.assessment.rules[id]
    match rule.status:
        case "fired":
            because = reasons(rule, conditions_by_id(answer.plan)[id], answer)
            yield said(because or "it holds for everyone")
            for assumption in rule.assuming:
                yield (Span("Taken not to be so: ", "dim"), *said(assumption.unless))
        case "open":
            yield (Span("Would be settled by: ", "dim"), *said(labels(rule.needs, answer)))
        case "overridden":
            for other in rule.overridden_by:
                text = answer.assessment.rules[other].text
                yield (Span("Replaced by: ", "dim"), *said(f"{text} "), id_span(other))
        case "not_fired":
            for failure in rule.failed[:_MOST_FAILED]:
                yield failed(failure, answer)


def plain(line: Line) -> str:
    return "".join(span.text for span in line)
