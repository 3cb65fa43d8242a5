"""What is known of one patient, laid over a guideline's pages: which boxes the way passes, which answers it takes,
what became of each rule, and what is missing where.

Pictures, outlines and reports mark the same things, so they take them from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Literal

from guidewright.engine.assessment import Assessment, RuleAnswer, WeighingAnswer
from guidewright.engine.outcome import Status
from guidewright.rules.model import Answer, Guideline

Passing = Literal["passed", "stopped", "beyond"]
"""Whether the way passes a box, stops at it for want of facts, or never comes there."""


@dataclass(frozen=True, slots=True, repr=False)
class BoxMarks:
    """`answer`: the position of the answer taken. `assumed`: it was taken although another is not known to be false.
    `needs`: labels of the facts for which the way stops here, or on which an assumed answer rests. `several`:
    positions of answers that hold at once, a fault of the guideline.
    """

    passing: Passing = "beyond"
    answer: int | None = None
    assumed: bool = False
    needs: tuple[str, ...] = ()
    several: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class RuleMarks:
    """`assuming`: it fires on an assumption or with a proviso. `needs`: labels of the facts that would settle it."""

    status: Status
    assuming: bool
    needs: tuple[str, ...]
    overridden_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Marks:
    """`boxes` by `stage/step`, `rules` by id. A guideline that does not apply to the patient marks nothing. `digest` is
    that of the guideline.
    """

    digest: str
    patient: str | None
    as_of: date
    applies: bool | None
    boxes: Mapping[str, BoxMarks]
    rules: Mapping[str, RuleMarks]
    weighings: Mapping[str, WeighingAnswer]

    def box(self, stage: str, step: str) -> BoxMarks:
        return self.boxes.get(f"{stage}/{step}", _BEYOND)


_BEYOND = BoxMarks()


def marks_of(assessment: Assessment, guideline: Guideline) -> Marks:
    """The marks of an assessment on the pages of the guideline that it came from. Raises `ValueError` where it came
    from another guideline or version.
    """
    if not isinstance(assessment, Assessment):
        raise TypeError(f"an assessment is what guidewright.evaluate gives, not {type(assessment).__name__}")
    if assessment.digest != guideline.digest:
        raise ValueError("the assessment came from another guideline, or another version of it")
    labels = {id: fact.label for id, fact in guideline.facts.items()}
    return Marks(
        digest=assessment.digest,
        patient=assessment.patient,
        as_of=assessment.as_of,
        applies=assessment.applies,
        boxes=_boxes(assessment, guideline, labels) if assessment.applies is not False else {},
        rules={rule.id: _rule(rule, labels) for rule in assessment.rules.values()},
        weighings=assessment.weighing,
    )


def _boxes(assessment: Assessment, guideline: Guideline, labels: Mapping[str, str]) -> dict[str, BoxMarks]:
    found: dict[str, BoxMarks] = {}
    for stage in guideline.stages:
        path = assessment.paths.get(stage.id)
        if path is None:
            continue
        by_id = {step.id: step for step in stage.steps}
        for taken, following in zip_longest(path.steps, path.steps[1:]):
            answers = by_id[taken.step].answers
            stopped = path.stopped_at == taken.step
            missing = path.needs if stopped else tuple(dict.fromkeys(n for a in taken.assuming for n in a.needs))
            found[f"{stage.id}/{taken.step}"] = BoxMarks(
                passing="stopped" if stopped else "passed",
                answer=_taken(answers, taken.answer, following.step if following is not None else None),
                assumed=bool(taken.assuming),
                needs=tuple(labels.get(fact, fact) for fact in missing),
                several=tuple(i for i, answer in enumerate(answers) if stopped and answer.text in path.several),
            )
    return found


def _taken(answers: tuple[Answer, ...], text: str | None, following: str | None) -> int | None:
    """The position of the answer that was given: the one that leads on, where several have the same words."""
    same = [i for i, answer in enumerate(answers) if answer.text == text]
    return next((i for i in same if answers[i].go == following), same[0] if same else None)


def _rule(rule: RuleAnswer, labels: Mapping[str, str]) -> RuleMarks:
    doubts = [fact for assumption in rule.assuming for fact in assumption.needs]
    doubts += [fact for proviso in rule.provided for fact in proviso.needs]
    return RuleMarks(
        status=rule.status,
        assuming=bool(rule.assuming or rule.provided),
        needs=tuple(labels.get(fact, fact) for fact in dict.fromkeys((*rule.needs, *doubts))),
        overridden_by=rule.overridden_by,
    )


def whose(marks: Marks) -> str:
    """Whom the chart is about, and whether the guideline is meant for this patient."""
    patient = f"Patient {marks.patient}" if marks.patient is not None else "Patient without an id"
    whom = f"{patient}, as of {marks.as_of.isoformat()}"
    match marks.applies:
        case True:
            return whom
        case False:
            return f"{whom}: THIS GUIDELINE DOES NOT APPLY, so nothing is marked. That is no all-clear."
        case None:
            return f"{whom}: it is not known whether this guideline applies. The marks hold only if it does."
