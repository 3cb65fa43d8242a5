"""All pages of a guideline as pictures: an overview, a flowchart for each stage, the weighings, and the sources.

The places of everything are the same with and without a patient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

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

    model = checked(guideline)
    marks = marks_of(assessment, model) if assessment is not None else None
    scheme = Scheme(model, references(model))
    planned = [_Planned("overview", f"{model.title}: overview", None, lambda sheet: overview(scheme, sheet))]
    for position, stage in enumerate(model.stages):
        planned += _charts(stage, position, scheme, paper)
        planned += _weighings(stage, position, scheme, paper)
    planned += _sources(scheme, paper)
    sheets = [Sheet(model, marks, number, len(planned)) for number in range(1, len(planned) + 1)]
    made = [Page(p.name, p.title, p.draw(sheet), p.stage) for p, sheet in zip(planned, sheets, strict=True)]
    return tuple(_linked(made))


@dataclass(frozen=True, slots=True)
class _Planned:
    """A page before it is known how many there are, and how it is drawn once that is."""

    name: str
    title: str
    stage: str | None
    draw: Callable[[Sheet], Picture]


def _charts(stage: Stage, position: int, scheme: Scheme, paper: Paper | None) -> Iterator[_Planned]:
    targets, rooms = _targets(stage, scheme.guideline), _rooms(stage, scheme, paper)
    # Rules that stand beside no chart have a page all the same.
    charts: Sequence[SheetChart | None] = sheets_of(
        stage, position, scheme, targets, rooms, split=paper is not None
    ) or ((None,) if stage.beside else ())
    # On paper, what stands above and below a chart is as wide as the rooms were made for.
    least = LEAST_WIDTH if paper is None else readable_size(paper)[0] - 2 * MARGIN
    for part, chart in enumerate(charts):
        name = f"{position + 1}-{stage.id}" + (f"-{part + 1}" if len(charts) > 1 else "")
        title = stage.title + _sheet_of(part, len(charts))
        draw = partial(_stage_page, stage, chart, position, title, name, scheme, least, part == 0)
        yield _Planned(name, title, stage.id, draw)


def _weighings(stage: Stage, position: int, scheme: Scheme, paper: Paper | None) -> Iterator[_Planned]:
    from guidewright.visualize.weighing_page import weighing_page, weighing_sheets

    own = [weighing for weighing in scheme.guideline.weighings.values() if weighing.stage == stage.id]
    for weighing in own:
        question = f"Weighing: {weighing.question}"
        height = None if paper is None else _height_below(question, scheme, paper)
        parts = weighing_sheets(weighing, scheme, height)
        whole = f"{position + 1}-{stage.id}-weighing" + (f"-{weighing.id}" if len(own) > 1 else "")
        for part, candidates in enumerate(parts):
            name = whole + (f"-{part + 1}" if len(parts) > 1 else "")
            title = question + _sheet_of(part, len(parts))
            draw = partial(weighing_page, weighing, candidates, title, position, name, scheme)
            yield _Planned(name, title, stage.id, draw)


def _sources(scheme: Scheme, paper: Paper | None) -> Iterator[_Planned]:
    from guidewright.visualize.sources_page import sources_pages

    blocks = sources_pages(scheme, _height_below("Sources", scheme, paper))
    for part, block in enumerate(blocks):
        name = "sources" + (f"-{part + 1}" if len(blocks) > 1 else "")
        yield _Planned(name, "Sources", None, partial(_sources_page, block, name))


def _sources_page(block: Block, name: str, sheet: Sheet) -> Picture:
    parts = [header(sheet, "", "Sources", "ink", block.width), block, footer(sheet, block.width)]
    return page_of(parts, "Sources", "The sources by number.", name)


def _sheet_of(part: int, parts: int) -> str:
    return f" (sheet {part + 1} of {parts})" if parts > 1 else ""


def letter_of(position: int) -> str:
    """The letter of the stage at a position; after Z come two letters."""
    return (letter_of(position // 26 - 1) if position >= 26 else "") + chr(ord("A") + position % 26)


def _linked(made: Sequence[Page]) -> Iterator[Page]:
    """The pages with links that name the file of the box that they lead to, where it is on another page."""
    where = {group.id: page.name for page in made for group in page.picture.shapes if isinstance(group, Group)}
    for page in made:
        shapes = tuple(
            replace(shape, link=_link(shape.link, page.name, where)) if isinstance(shape, Group) else shape
            for shape in page.picture.shapes
        )
        yield replace(page, picture=replace(page.picture, shapes=shapes))


def _link(link: str | None, page: str, where: Mapping[str, str]) -> str | None:
    if link is None or where[link.removeprefix("#")] == page:
        return link
    return f"{where[link.removeprefix('#')]}.svg{link}"


def _targets(stage: Stage, guideline: Guideline) -> dict[str, Target]:
    """Where each link of a stage leads."""
    found: dict[str, Target] = {}
    positions = {other.id: i for i, other in enumerate(guideline.stages)}
    for step in stage.steps:
        if step.link is None:
            continue
        page, _, id = step.link.rpartition("/")
        other = guideline.stages[positions[page or stage.id]]
        to = next(to for to in other.steps if to.id == id)
        elsewhere = other.id != stage.id
        place = positions[other.id]
        found[step.id] = Target(
            to.box, to.text, f"page {letter_of(place)}", f"{place + 1}-{other.id}" if elsewhere else ""
        )
    return found


def _stage_page(
    stage: Stage,
    chart: SheetChart | None,
    position: int,
    title: str,
    name: str,
    scheme: Scheme,
    least: float,
    first: bool,
    sheet: Sheet,
) -> Picture:
    width = max(chart.made.chart.width, least) if chart is not None else least
    colour = stage_rank(position)
    blocks = [header(sheet, letter_of(position), title, f"stage-{colour}", width)]
    if first and stage.beside:
        blocks.append(_beside(stage, colour, width, scheme, sheet.marks))
    if chart is not None:
        # A narrow chart stands in the middle.
        left = (width - chart.made.chart.width) / 2
        shapes = tuple(drawn_chart(chart.made, colour, scheme, sheet.marks, left, 0))
        blocks.append(Block(shapes, width, chart.made.chart.height))
    blocks += [legend(scheme, width, sheet.marks is not None), footer(sheet, width)]
    return page_of(blocks, f"{scheme.guideline.title}: {title}", _description(chart, sheet.marks), name)


def _description(chart: SheetChart | None, marks: Marks | None) -> str:
    if chart is None:
        return "A page without boxes. The outline has the same as text."
    boxes = [box.step.box for box in chart.made.boxes if box.step.box]
    words = f"A flowchart with the boxes {min(boxes)} to {max(boxes)}."
    if marks is not None:
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
    room = readable_size(paper or "a4")[0] - 2 * MARGIN
    title = stage.title + (_sheet_of(8, 9) if paper is not None else "")
    high = _height_below(title, scheme, paper) - legend(scheme, room, False).height - GAP
    beside = _beside(stage, 0, room, scheme, None).height + GAP if stage.beside else 0.0
    return Rooms((room, high - beside), (room, high))


def _height_below(title: str, scheme: Scheme, paper: Paper | None) -> float:
    """The height that is left between the title of a page and its footer."""
    wide, high = readable_size(paper or "a4")
    frame = Sheet(scheme.guideline, None, 1, 1)
    room = min(wide - 2 * MARGIN, LEAST_WIDTH)
    return (
        high
        - 2 * MARGIN
        - sum(block.height + GAP for block in (header(frame, "A", title, "ink", room), footer(frame, room)))
    )


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
