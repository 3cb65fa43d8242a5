"""Which pages of the flowchart stand in a report: those that matter for this patient, at most two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from guidewright.answer_rules import WEIGHTY
from guidewright.answer_words import Answer
from guidewright.document import Line
from guidewright.report_question import points
from guidewright.report_way import way_in_words

if TYPE_CHECKING:
    from guidewright.engine.assessment import Assessment
    from guidewright.rules.model import Guideline
    from guidewright.visualize.booklet import Page
    from guidewright.visualize.paper import Paper
    from guidewright.visualize.picture import Picture

_MOST = 2


@dataclass(frozen=True, slots=True, repr=False)
class Figure:
    """A page of the flowchart with the patient's way, and the same way in words."""

    title: str
    picture: Picture
    outline: tuple[Line, ...]

    @property
    def in_words(self) -> str:
        """The title and the way, for whoever cannot see the picture."""
        lines = ("".join(span.text for span in line) for line in self.outline)
        return "\n".join((self.title, *lines))


def figures(answer: Answer, paper: Paper) -> tuple[Figure, ...]:
    """The pages for a report, in the guideline's order; none where the guideline does not apply.

    Of a stage that takes several sheets those come first on which the way stops, leaves something open, or ends.
    """
    stages = stages_that_matter(answer)
    if not stages:
        return ()
    drawn = every_page(answer.guideline, answer.assessment, paper)
    ways = {stage: [step.box for step in answer.assessment.paths[stage].steps] for stage in stages}
    open_points = points(answer)
    sheets: list[tuple[int, int, Page, str]] = []
    for position, page in enumerate(drawn):
        if page.stage in ways and (passed := _boxes_on(page) & set(ways[page.stage])):
            stops = any(point.stops and point.box in passed for point in open_points)
            leaves = any(point.box in passed for point in open_points)
            rank = 0 if stops else 1 if leaves else 2 if ways[page.stage][-1] in passed else 3
            sheets.append((rank, position, page, page.stage))
    sheets = [sheet for sheet in sheets if sheet[0] < 3] or sheets
    chosen = sorted(sheets, key=lambda sheet: sheet[:2])[:_MOST]
    return tuple(_figure(page, stage, answer) for _, _, page, stage in sorted(chosen, key=lambda sheet: sheet[1]))


def _boxes_on(page: Page) -> set[int]:
    from guidewright.visualize.picture import every_group

    ids = (group.id.removeprefix("box-") for group in every_group(page.picture.shapes) if group.kind == "box")
    return {int(id) for id in ids if id.isdecimal()}


def _figure(page: Page, stage: str, answer: Answer) -> Figure:
    path, on_page = answer.assessment.paths[stage], _boxes_on(page)
    lines = zip(path.steps, way_in_words(path, answer), strict=True)
    return Figure(
        f"The patient's way: {page.title}", page.picture, tuple(line for step, line in lines if step.box in on_page)
    )


def every_page(guideline: Guideline, assessment: Assessment, paper: Paper) -> tuple[Page, ...]:
    """The pages of the flowchart as they are printed for this patient."""
    from guidewright.visualize.booklet import pages

    return pages(guideline, assessment, paper=paper)


def stages_that_matter(answer: Answer) -> tuple[str, ...]:
    """The stages whose page a board needs: where the way stops, then where it leaves something to weigh or to choose,
    then where most of what is recommended stands. A second one only where it stops or leaves something too.
    """
    open_points = points(answer)
    stops = {point.stage for point in open_points if point.stops}
    leaves = {stage: sum(point.stage == stage for point in open_points) for stage in answer.assessment.paths}
    stages = [stage.id for stage in answer.guideline.stages if stage.id in answer.assessment.paths]

    def rank(stage: str) -> tuple[bool, int, int]:
        return stage not in stops, -leaves[stage], -_recommended_on(stage, answer)

    ranked = sorted(stages, key=rank)
    chosen = [*ranked[:1], *(stage for stage in ranked[1:] if leaves[stage])][:_MOST]
    return tuple(stage for stage in stages if stage in chosen)


def _recommended_on(stage: str, answer: Answer) -> int:
    """How many weighty rules fire on the boxes of the way through a stage."""
    steps = next(s for s in answer.guideline.stages if s.id == stage).steps
    passed = {step.step for step in answer.assessment.paths[stage].steps}
    on_way = {rule for step in steps if step.id in passed for rule in step.rules}
    fired = answer.assessment.with_status("fired")
    return sum(rule.id in on_way and rule.kind in WEIGHTY for rule in fired)
