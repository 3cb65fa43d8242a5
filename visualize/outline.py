"""The flowchart pages as an outline: the same boxes, arrows, rules and weighings as data whose texts are whole, for
screen readers, terminals and documents.

Texts are as the author wrote them; whoever shows them makes them harmless.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from guidewright.engine.assessment import Assessment, CandidateAnswer, WeighingAnswer
from guidewright.engine.due import Due
from guidewright.rules.conditions import ALWAYS, Condition
from guidewright.rules.english import condition_in_words, timing_in_words
from guidewright.rules.model import (
    Argument,
    Candidate,
    Evidence,
    Grade,
    Guideline,
    ReadAs,
    Rule,
    RuleKind,
    Stage,
    Step,
    Weighing,
)
from guidewright.rules.values import Number
from guidewright.visualize.given import Loaded, checked
from guidewright.visualize.marks import BoxMarks, Marks, RuleMarks, marks_of
from guidewright.visualize.references import cited, references

BoxKind = Literal["state", "action", "decision", "choice", "weighing", "link", "end"]
"""What a box is for a reader. A box that carries rules is an action, one without a state."""

ArgumentStanding = Literal["holds", "open", "does not hold"]


@dataclass(frozen=True, slots=True)
class Support:
    """What grades and supports something: labels of the guideline's grading, and numbers of its references."""

    strength: str | None
    certainty: str | None
    references: tuple[int, ...]
    objections: tuple[int, ...]
    expert: bool


@dataclass(frozen=True, slots=True, repr=False)
class RuleOutline:
    """A rule with its whole text, and the `short` one of its box where it has one. `when` and `unless` are in words,
    `None` where there is no condition. `mark` and `due` are there with a patient to whom the guideline may apply.
    """

    id: str
    kind: RuleKind
    text: str
    short: str | None
    when: str | None
    unless: str | None
    timing: str | None
    except_: str | None
    note: str | None
    signoff: bool
    support: Support
    mark: RuleMarks | None
    due: tuple[Due, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Arrow:
    """The way to the box `to`. At a decision it is an answer: its `text`, its `condition` in words, or the `last`
    one. `taken`: the patient's way takes it, perhaps only as `assumed`. `holds`: one of several that hold at once.
    """

    to: int
    text: str | None = None
    condition: str | None = None
    last: Literal["otherwise", "assumed"] | None = None
    taken: bool = False
    assumed: bool = False
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link goes on: the box and its text, and the title of its page where that is another one."""

    box: int
    text: str
    page: str | None


@dataclass(frozen=True, slots=True, repr=False)
class BoxOutline:
    """A box. `weighing` is the id of what is weighed at it; `mark` is there with a patient to whom the guideline may
    apply.
    """

    number: int
    step: str
    kind: BoxKind
    text: str
    arrows: tuple[Arrow, ...]
    rules: tuple[RuleOutline, ...]
    target: Target | None
    weighing: str | None
    mark: BoxMarks | None


@dataclass(frozen=True, slots=True, repr=False)
class ArgumentOutline:
    """`weight` is positive for, negative against, 0 where it `confirms` or `excludes`. `standing` and the labels that
    it `needs` are there with a patient.
    """

    id: str
    says: str
    weight: Number
    confirms: bool
    excludes: bool
    support: Support
    standing: ArgumentStanding | None
    needs: tuple[str, ...]

    @property
    def against(self) -> bool:
        return self.excludes or self.weight < 0


@dataclass(frozen=True, slots=True, repr=False)
class CandidateOutline:
    """A candidate with its arguments, those for it first, the decisive and the heaviest before the others."""

    id: str
    label: str
    arguments: tuple[ArgumentOutline, ...]


@dataclass(frozen=True, slots=True, repr=False)
class WeighingOutline:
    """`boxes` are those at which it is done; `answer` what the patient's arguments sum up to."""

    id: str
    question: str
    boxes: tuple[int, ...]
    candidates: tuple[CandidateOutline, ...]
    answer: WeighingAnswer | None


@dataclass(frozen=True, slots=True, repr=False)
class StageOutline:
    """A page: its boxes in the order of their numbers, and the rules that hold throughout it."""

    id: str
    title: str
    boxes: tuple[BoxOutline, ...]
    beside: tuple[RuleOutline, ...]
    weighings: tuple[WeighingOutline, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    number: int
    cite: str
    read: ReadAs
    url: str | None


@dataclass(frozen=True, slots=True, repr=False)
class PatientOutline:
    """For whom the pages are marked. Where `applies` is `False` nothing is."""

    id: str | None
    as_of: datetime.date
    dated: bool
    applies: bool | None


@dataclass(frozen=True, slots=True, repr=False)
class Outline:
    """All pages of a guideline. `meant_for` is the condition under which it applies, in words."""

    id: str
    title: str
    version: str
    status: str
    date: datetime.date | None
    language: str
    digest: str
    meant_for: str | None
    stages: tuple[StageOutline, ...]
    references: tuple[Reference, ...]
    patient: PatientOutline | None


def outline(guideline: Guideline | Loaded, assessment: Assessment | None = None) -> Outline:
    """The outline of all pages, marked for the patient of an assessment. Raises `ValueError` where the assessment came
    from another guideline or version.
    """
    model = checked(guideline)
    marks = marks_of(assessment, model) if assessment is not None else None
    patient = (
        PatientOutline(assessment.patient, assessment.as_of, assessment.dated, assessment.applies)
        if assessment is not None
        else None
    )
    if assessment is not None and assessment.applies is False:
        assessment = marks = None
    pages = _Pages(model, references(model), assessment, marks)
    return Outline(
        id=model.id,
        title=model.title,
        version=model.version,
        status=model.status,
        date=model.date,
        language=model.language,
        digest=model.digest,
        meant_for=_in_words(model.applies, model),
        stages=tuple(_stage(stage, pages) for stage in model.stages),
        references=tuple(
            Reference(number, model.sources[id].cite, model.sources[id].read, model.sources[id].url)
            for id, number in pages.numbers.items()
        ),
        patient=patient,
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Pages:
    """What every part of the outline is made from."""

    guideline: Guideline
    numbers: dict[str, int]
    assessment: Assessment | None
    marks: Marks | None


def _in_words(condition: Condition | None, guideline: Guideline) -> str | None:
    return None if condition is None or condition == ALWAYS else condition_in_words(condition, guideline.facts)


# --- boxes and arrows


def _stage(stage: Stage, pages: _Pages) -> StageOutline:
    weighings = [weighing for weighing in pages.guideline.weighings.values() if weighing.stage == stage.id]
    return StageOutline(
        id=stage.id,
        title=stage.title,
        boxes=tuple(_box(step, stage, pages) for step in sorted(stage.steps, key=lambda step: step.box)),
        beside=tuple(_rule(pages.guideline.rules[id], pages) for id in stage.beside),
        weighings=tuple(_weighing(weighing, pages) for weighing in weighings),
    )


def _box(step: Step, stage: Stage, pages: _Pages) -> BoxOutline:
    mark = pages.marks.box(stage.id, step.id) if pages.marks is not None else None
    target = _target(step.link, stage, pages.guideline) if step.link is not None else None
    return BoxOutline(
        number=step.box,
        step=step.id,
        kind=box_kind(step),
        # A link without a title of its own has the name of its target as its text.
        text=target.text if target is not None and step.text == step.link else step.text,
        arrows=tuple(_arrows(step, stage, mark, pages.guideline)),
        rules=tuple(_rule(pages.guideline.rules[id], pages) for id in step.rules),
        target=target,
        weighing=step.weigh,
        mark=mark,
    )


def box_kind(step: Step) -> BoxKind:
    """What a box is for a reader."""
    match step.kind:
        case "box":
            return "action" if step.rules else "state"
        case "choose":
            return "choice"
        case "weigh":
            return "weighing"
        case "decision" | "link" | "end":
            return step.kind


def _arrows(step: Step, stage: Stage, mark: BoxMarks | None, guideline: Guideline) -> Iterator[Arrow]:
    boxes = {other.id: other.box for other in stage.steps}
    if step.go is not None:
        yield Arrow(boxes[step.go], taken=mark is not None and mark.passing == "passed")
    for position, answer in enumerate(step.answers):
        taken = mark is not None and mark.answer == position
        yield Arrow(
            to=boxes[answer.go],
            text=answer.text,
            condition=condition_in_words(answer.when, guideline.facts) if answer.last is None else None,
            last=answer.last,
            taken=taken,
            assumed=taken and mark is not None and mark.assumed,
            holds=mark is not None and position in mark.several,
        )


def _target(link: str, stage: Stage, guideline: Guideline) -> Target:
    page_id, _, step_id = link.rpartition("/")
    page = next((other for other in guideline.stages if other.id == page_id), stage)
    step = next(step for step in page.steps if step.id == step_id)
    return Target(step.box, step.text, page.title if page.id != stage.id else None)


# --- rules


def _rule(rule: Rule, pages: _Pages) -> RuleOutline:
    guideline = pages.guideline
    answered = pages.assessment.rules[rule.id] if pages.assessment is not None else None
    return RuleOutline(
        id=rule.id,
        kind=rule.kind,
        text=rule.text,
        short=rule.short,
        when=_in_words(rule.when, guideline),
        unless=_in_words(rule.unless, guideline),
        timing=timing_in_words(rule.timing, guideline.facts) if rule.timing is not None else None,
        except_=rule.except_,
        note=rule.note,
        signoff=rule.signoff,
        support=_support(rule.evidence, pages),
        mark=pages.marks.rules[rule.id] if pages.marks is not None else None,
        due=answered.due if answered is not None else (),
    )


def _support(evidence: Evidence, pages: _Pages) -> Support:
    return Support(
        strength=_label(evidence.strength, pages.guideline.strengths),
        certainty=_label(evidence.certainty, pages.guideline.certainties),
        references=cited(evidence.because, pages.numbers),
        objections=cited(evidence.although, pages.numbers),
        expert=evidence.expert,
    )


def _label(grade: str | None, grades: tuple[Grade, ...]) -> str | None:
    return next((known.label for known in grades if known.id == grade), grade)


# --- weighings


def _weighing(weighing: Weighing, pages: _Pages) -> WeighingOutline:
    answer = pages.assessment.weighing.get(weighing.id) if pages.assessment is not None else None
    answered = {candidate.id: candidate for candidate in answer.candidates} if answer is not None else {}
    return WeighingOutline(
        id=weighing.id,
        question=weighing.question,
        boxes=tuple(step.box for stage in pages.guideline.stages for step in stage.steps if step.weigh == weighing.id),
        candidates=tuple(_candidate(one, answered.get(one.id), pages) for one in weighing.candidates),
        answer=answer,
    )


def _candidate(candidate: Candidate, answer: CandidateAnswer | None, pages: _Pages) -> CandidateOutline:
    arguments = (_argument(argument, answer, pages) for argument in candidate.arguments)
    return CandidateOutline(candidate.id, candidate.label, tuple(sorted(arguments, key=_rank)))


def _rank(argument: ArgumentOutline) -> tuple[bool, bool, float]:
    return argument.against, not (argument.confirms or argument.excludes), -abs(float(argument.weight))


def _argument(argument: Argument, answer: CandidateAnswer | None, pages: _Pages) -> ArgumentOutline:
    standing: ArgumentStanding | None = None
    needs: tuple[str, ...] = ()
    if answer is not None:
        holding = {given.id for given in (*answer.supporting, *answer.opposing)}
        still_open = {given.id: given.needs for given in answer.open}
        standing = "holds" if argument.id in holding else "open" if argument.id in still_open else "does not hold"
        facts = pages.guideline.facts
        needs = tuple(facts[fact].label if fact in facts else fact for fact in still_open.get(argument.id, ()))
    return ArgumentOutline(
        id=argument.id,
        says=argument.says,
        weight=argument.weight,
        confirms=argument.confirms,
        excludes=argument.excludes,
        support=_support(argument.evidence, pages),
        standing=standing,
        needs=needs,
    )
