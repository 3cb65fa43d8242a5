"""All pages of a guideline as pictures: an overview, a flowchart for each stage, the weighings, and the sources.

The places of everything are the same with and without a patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guidewright.engine.assessment import Assessment
from guidewright.rules.model import Guideline, Stage
from guidewright.visualize.boxes import Target
from guidewright.visualize.given import Loaded, checked
from guidewright.visualize.legend import legend
from guidewright.visualize.marks import Marks, marks_of
from guidewright.visualize.palette import stage_rank
from guidewright.visualize.paper import Paper, readable_size
from guidewright.visualize.picture import Area, Group, Picture, Rectangle, Shape
from guidewright.visualize.references import references
from guidewright.visualize.rule_rows import Row, Scheme, drawn_row, row_of
from guidewright.visualize.sheet import GAP, LEAST_WIDTH, MARGIN, Block, Sheet, footer, header, page_of
from guidewright.visualize.sheets import Rooms, SheetChart, sheets_of
from guidewright.visualize.stage_chart import drawn_chart


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """`name` is good for a file: `overview`, `1-workup`. `stage` is `None` for the overview and the sources."""

    name: str
    title: str
    picture: Picture
    stage: str | None = None


def pages(
    guideline: Guideline | Loaded, assessment: Assessment | None = None, *, paper: Paper | None = None
) -> tuple[Page, ...]:
    """Every page, in reading order; with an assessment marked for its patient.

    With `paper`, a page that would be printed there with letters below 7 points goes on on another sheet. Raises
    `TypeError` for anything but a guideline, and `ValueError` where the assessment came from another guideline.
    """
    from guidewright.visualize.overview import overview
    from guidewright.visualize.sources_page import sources_pages
    from guidewright.visualize.weighing_page import weighing_page

    model = checked(guideline)
    marks = marks_of(assessment, model) if assessment is not None else None
    scheme = Scheme(model, references(model))
    charts = {
        stage.id: sheets_of(
            stage,
            position,
            scheme,
            _targets(stage, model),
            _rooms(stage, scheme, paper),
            split=paper is not None,
        )
        for position, stage in enumerate(model.stages)
    }
    sources = sources_pages(scheme)
    of = 1 + sum(map(len, charts.values())) + len(model.weighings) + len(sources)
    made: list[Page] = []

    def sheet() -> Sheet:
        return Sheet(model, marks, len(made) + 1, of)

    made.append(Page("overview", f"{model.title}: overview", overview(scheme, sheet())))
    for position, stage in enumerate(model.stages):
        for part, chart in enumerate(charts[stage.id]):
            parts = len(charts[stage.id])
            name = f"{position + 1}-{stage.id}" + (f"-{part + 1}" if parts > 1 else "")
            title = stage.title + (f" (sheet {part + 1} of {parts})" if parts > 1 else "")
            picture = _stage_page(chart, position, title, name, scheme, sheet(), beside=part == 0)
            made.append(Page(name, title, picture, stage.id))
        for weighing in model.weighings.values():
            if weighing.stage == stage.id:
                several = sum(other.stage == stage.id for other in model.weighings.values()) > 1
                name = f"{position + 1}-{stage.id}-weighing" + (f"-{weighing.id}" if several else "")
                picture = weighing_page(weighing, position, name, scheme, sheet())
                made.append(Page(name, f"Weighing: {weighing.question}", picture, stage.id))
    for part, block in enumerate(sources):
        name = "sources" + (f"-{part + 1}" if len(sources) > 1 else "")
        frame = sheet()
        head = header(frame, "", "Sources", "ink", block.width)
        picture = page_of([head, block, footer(frame, block.width)], "Sources", "The sources by number.", name)
        made.append(Page(name, "Sources", picture))
    return tuple(made)


def letter_of(position: int) -> str:
    """The letter of the stage at a position; after Z come two letters."""
    return (letter_of(position // 26 - 1) if position >= 26 else "") + chr(ord("A") + position % 26)


def _targets(stage: Stage, guideline: Guideline) -> dict[str, Target]:
    """Where each link of a stage leads."""
    found: dict[str, Target] = {}
    positions = {other.id: i for i, other in enumerate(guideline.stages)}
    for step in stage.steps:
        if step.link is None:
            continue
        page, _, id = step.link.rpartition("/")
        other = guideline.stages[positions[page or stage.id]]
        box = next(to.box for to in other.steps if to.id == id)
        elsewhere = other.id != stage.id
        place = positions[other.id]
        found[step.id] = Target(box, f"page {letter_of(place)}", f"{place + 1}-{other.id}" if elsewhere else "")
    return found


def _stage_page(
    chart: SheetChart, position: int, title: str, name: str, scheme: Scheme, sheet: Sheet, *, beside: bool
) -> Picture:
    width = max(chart.made.chart.width, LEAST_WIDTH)
    colour = stage_rank(position)
    blocks = [header(sheet, letter_of(position), title, f"stage-{colour}", width)]
    if beside and chart.stage.beside:
        blocks.append(_beside(chart.stage, colour, width, scheme, sheet.marks))
    # A narrow chart stands in the middle.
    left = (width - chart.made.chart.width) / 2
    shapes = tuple(drawn_chart(chart.made, colour, scheme, sheet.marks, left, 0))
    blocks.append(Block(shapes, width, chart.made.chart.height))
    blocks += [legend(scheme, width, sheet.marks is not None), footer(sheet, width)]
    return page_of(blocks, f"{scheme.guideline.title}: {title}", _description(chart, sheet.marks), name)


def _description(chart: SheetChart, marks: Marks | None) -> str:
    boxes = [box.step.box for box in chart.made.boxes if box.step.box]
    words = f"A flowchart with the boxes {min(boxes)} to {max(boxes)}." if boxes else "A page without boxes."
    if marks is not None and boxes:
        passed = [
            str(box.step.box)
            for box in chart.made.boxes
            if box.step.box and marks.box(box.stage.id, box.step.id).passing != "beyond"
        ]
        words += f" The patient's way: {', '.join(passed)}." if passed else " The patient's way does not come here."
    return words + " The outline has the same as text."


def _rooms(stage: Stage, scheme: Scheme, paper: Paper | None) -> Rooms:
    """The room for the chart on the first sheet of a stage, and on others. Without `paper` it is that of A4, since a
    page on a screen is best of a like shape.
    """
    wide, high = readable_size(paper or "a4")
    room = wide - 2 * MARGIN
    frame = Sheet(scheme.guideline, None, 1, 1)
    blocks = [header(frame, "A", stage.title, "ink", room), legend(scheme, room, False), footer(frame, room)]
    high -= sum(block.height + GAP for block in blocks) + 2 * MARGIN
    beside = _beside(stage, 0, room, scheme, None).height + GAP if stage.beside else 0.0
    return Rooms((room, high - beside), (room, high))


def _beside(stage: Stage, colour: int, width: float, scheme: Scheme, marks: Marks | None) -> Block:
    """The rules that hold throughout a page, in columns below one heading."""
    rules = [scheme.guideline.rules[id] for id in stage.beside]
    columns = max(1, min(len(rules), int(width // 210)))
    room = (width - 16 - (columns - 1) * 14) / columns
    rows = [row_of(rule, room, scheme) for rule in rules]
    share = _shared(rows, columns)
    high = max(sum(row.height for row in column) for column in share)
    area = Area(0, 0, width, high + 22)
    from guidewright.visualize.picture import Text

    shapes: list[Shape] = [
        Rectangle(area, f"tint-{colour}", 4),
        Text(8, 13, "Throughout this page", 10, "ink", width - 16, bold=True),
    ]
    for number, column in enumerate(share):
        y = 18.0
        for row in column:
            shapes += drawn_row(row, 8 + number * (room + 14), y, room, scheme, marks)
            y += row.height
    said = "Throughout this page. " + ". ".join(f"{rule.id}: {rule.text}" for rule in rules)
    return Block((Group("panel", f"beside-{stage.id}", said, area, tuple(shapes)),), width, area.height)


def _shared(rows: list[Row], columns: int) -> list[list[Row]]:
    """The rows in columns of like height, in order."""
    fair = sum(row.height for row in rows) / columns
    found: list[list[Row]] = [[]]
    used = 0.0
    for row in rows:
        if found[-1] and used + row.height / 2 > fair * len(found) and len(found) < columns:
            found.append([])
        found[-1].append(row)
        used += row.height
    return found


def every_box(page: Page) -> Iterator[Group]:
    """The boxes of a page, in reading order."""
    from guidewright.visualize.picture import every_group

    return (group for group in every_group(page.picture.shapes) if group.kind == "box")
