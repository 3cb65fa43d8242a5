"""The frame of a page: its title, whom it is about, the legend, and the footer that says what it is and is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from guidewright.engine.assessment import NOTICE
from guidewright.rules.display import escaped
from guidewright.rules.model import Guideline
from guidewright.visualize.marks import Marks, whose
from guidewright.visualize.picture import Area, Group, Line, Picture, Rectangle, Shape, Text
from guidewright.visualize.text_metrics import clipped, text_width, wrapped

MARGIN = 10.0
LEAST_WIDTH = 600.0
_TITLE = 18.0
_ROLES = {True: "path", False: "stop", None: "open"}


GAP = 10.0
"""Between the parts of a page."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every page of a guideline shares. `number` of `of` pages."""

    guideline: Guideline
    marks: Marks | None
    number: int
    of: int


@dataclass(frozen=True, slots=True, repr=False)
class Block:
    """Shapes with their top left corner at the origin, and their size."""

    shapes: tuple[Shape, ...]
    width: float
    height: float


def header(sheet: Sheet, letter: str, title: str, colour: str, width: float) -> Block:
    """The guideline, the page's letter and title, and a line for the patient that is kept without one too."""
    guideline, marks = sheet.guideline, sheet.marks
    about = f"{escaped(guideline.title)} · {escaped(guideline.status)}" if guideline.status else guideline.title
    shapes: list[Shape] = [Text(0, 9, clipped(escaped(about), 9.5, width), 9.5, "muted", width)]
    y = 13.0
    begin = text_width(letter + "  ", _TITLE, True) if letter else 0.0
    for i, line in enumerate(wrapped(escaped(title), _TITLE, width - begin, bold=True)):
        y += _TITLE * 1.2
        if letter and i == 0:
            shapes.append(Text(0, y - 4, letter, _TITLE, colour, begin, bold=True))
        shapes.append(Text(begin, y - 4, line, _TITLE, colour, width - begin, bold=True))
    y += 14
    words = ""
    if marks is not None:
        words, role = escaped(whose(marks)), _ROLES[marks.applies]
        shapes.append(Text(0, y - 3, clipped(words, 10, width, True), 10, role, width, bold=True))
    area = Area(0, 0, width, y)
    return Block((Group("title", "page-title", words, area, tuple(shapes)),), width, y + 4)


def footer(sheet: Sheet, width: float) -> Block:
    guideline, marks = sheet.guideline, sheet.marks
    version = f"{guideline.id} {guideline.version}"
    if guideline.date is not None:
        version += f" of {guideline.date.isoformat()}"
    facts = [escaped(version), guideline.digest[: len("sha256:") + 12]]
    if marks is not None:
        facts.append(f"patient as of {marks.as_of.isoformat()}")
    page = f"Page {sheet.number} of {sheet.of}"
    room = width - text_width(page, 9) - 12
    shapes: tuple[Shape, ...] = (
        Line(((0, 0.5), (width, 0.5)), "rule-line"),
        Text(0, 12, clipped(NOTICE, 9, width, True), 9, "ink", width, bold=True),
        Text(0, 24, clipped(" · ".join(facts), 9, room), 9, "muted", room),
        Text(width, 24, page, 9, "muted", width, anchor="end"),
    )
    label = f"{NOTICE} {' · '.join(facts)}. {page}"
    return Block((Group("footer", "page-footer", label, Area(0, 0, width, 26), shapes),), width, 27)


def stacked(blocks: Sequence[Block], gap: float = GAP) -> tuple[list[tuple[Block, float]], float]:
    """The blocks below one another: each with its top, and the bottom of them all."""
    found: list[tuple[Block, float]] = []
    y = 0.0
    for block in blocks:
        found.append((block, y))
        y += block.height + gap
    return found, y - gap


def _named(shape: Shape, page: str) -> Shape:
    """A part that other pages have too bears the name of its page: ids are unique in a document of many pages."""
    if isinstance(shape, Group) and shape.id.startswith(("page-", "onward-")):
        return replace(shape, id=f"{page}-{shape.id}")
    return shape


def page_of(blocks: Sequence[Block], title: str, description: str, name: str) -> Picture:
    """A page with its blocks below one another, inside a margin."""
    from guidewright.visualize.picture import moved

    placed, height = stacked([block for block in blocks if block.height > 0])
    width = max(block.width for block in blocks) + 2 * MARGIN
    shapes: list[Shape] = [Rectangle(Area(0, 0, width, height + 2 * MARGIN), "paper")]
    for block, top in placed:
        shapes += [_named(moved(shape, MARGIN, MARGIN + top), name) for shape in block.shapes]
    return Picture(width, height + 2 * MARGIN, title, description, tuple(shapes), name)
