"""The legend of a page: what each shape and mark means. That of a patient has its room without one too, so that both
views of a page have one geometry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from guidewright.rules.display import escaped
from guidewright.rules.model import Guideline
from guidewright.visualize.palette import BADGES
from guidewright.visualize.picture import Area, Group, Line, Polygon, Rectangle, Shape, Text, moved
from guidewright.visualize.rule_rows import Scheme, badge_shapes, badge_width, signature_mark, stop_mark
from guidewright.visualize.sheet import Block
from guidewright.visualize.text_metrics import clipped, text_width

_SIZE = 9.0
_HIGH = 13.6
_WIDE = 24.0
_APART = 11.0


@dataclass(frozen=True, slots=True, repr=False)
class _Item:
    """A sample as wide as `width`, and what it means."""

    shapes: tuple[Shape, ...]
    width: float
    words: str


def legend(scheme: Scheme, width: float, patient: bool) -> Block:
    """`patient`: whether the marks of a patient are shown; their room is kept in any case."""
    rows = _rows([*_shapes(), *_marks(scheme)], width)
    own = _rows(_of_patient(), width)
    shapes: list[Shape] = []
    for number, row in enumerate([*rows, *(own if patient else [])]):
        x = 0.0
        for item in row:
            shapes += [moved(shape, x, number * _HIGH) for shape in item.shapes]
            room = text_width(item.words, _SIZE) + 0.5
            shapes.append(Text(x + item.width + 4, number * _HIGH + 9.6, item.words, _SIZE, "muted", room))
            x += item.width + 4 + room + _APART
    height = (len(rows) + len(own)) * _HIGH
    group = Group("legend", "page-legend", "", Area(0, 0, width, height), tuple(shapes))
    return Block((group,), width, height)


def _rows(items: Sequence[_Item], width: float) -> list[list[_Item]]:
    rows: list[list[_Item]] = [[]]
    x = 0.0
    for item in items:
        wide = item.width + 4 + text_width(item.words, _SIZE) + 0.5
        if rows[-1] and x + wide > width:
            rows.append([])
            x = 0.0
        rows[-1].append(item)
        x += wide + _APART
    return rows


_BOX = Area(0.6, 1.5, _WIDE - 1.2, 10)


def _shapes() -> list[_Item]:
    hexagon = ((4.0, 1.5), (_WIDE - 4, 1.5), (_WIDE - 0.6, 6.5), (_WIDE - 4, 11.5), (4.0, 11.5), (0.6, 6.5))
    tab = Rectangle(Area(0.6, 1.5, 6, 10), "tab-0")
    middle = Text(15, 9.4, "or", 9, "muted", 12, bold=True, anchor="middle")
    bars = (Line(((9, 6.5), (21, 6.5)), "arrow"), Rectangle(Area(13, 4, 5, 5), "net", 2.5))
    return [
        _Item((Rectangle(_BOX, "state", 5),), _WIDE, "state"),
        _Item((Polygon(hexagon, "decision"),), _WIDE, "decision"),
        _Item((Rectangle(_BOX, "action"), tab), _WIDE, "action"),
        _Item((Rectangle(_BOX, "action"), tab, middle), _WIDE, "one of these"),
        _Item((Rectangle(_BOX, "panel"), tab, *bars), _WIDE, "weighing"),
        _Item((Rectangle(_BOX, "link", 5),), _WIDE, "go to another box"),
        _Item((Rectangle(_BOX, "end", 5),), _WIDE, "end"),
        _Item(stop_mark(6, 6.5, 5), 12, "DO NOT"),
        _Item(signature_mark(6, 6.5), 12, "awaits a clinician's signature"),
        _Item((Text(0, 9.6, "[1]", 9, "muted", 14),), 12, "source"),
    ]


def _marks(scheme: Scheme) -> list[_Item]:
    guideline: Guideline = scheme.guideline
    items: list[_Item] = []
    wide = badge_width(0, None)
    for rank, grade in enumerate(guideline.strengths[: len(BADGES)]):
        pill = badge_shapes(rank, None, scheme.letters(), 0, 9.6)
        items.append(_Item(tuple(pill), wide, clipped(escaped(grade.label), _SIZE, 150)))
    of = len(guideline.certainties)
    wide = badge_width(None, (of, of))
    for rank, grade in enumerate(guideline.certainties):
        pill = badge_shapes(None, (of - rank, of), scheme.letters(), 0, 9.6)
        items.append(_Item(tuple(pill), wide, clipped(f"{escaped(grade.label)} certainty", _SIZE, 170)))
    return items


def _of_patient() -> list[_Item]:
    fired = (
        Rectangle(Area(0.6, 1.5, _WIDE - 1.2, 10), "row-fired", 2),
        Line(((8.4, 6.5), (11, 9.5), (15, 2.9)), "tick"),
    )
    still = (
        Rectangle(Area(0.6, 1.5, _WIDE - 1.2, 10), "row-open", 2),
        Text(_WIDE / 2, 9.8, "?", 10, "open", 8, bold=True, anchor="middle"),
    )
    return [
        _Item((Line(((0, 6.5), (_WIDE, 6.5)), "arrow-passed"),), _WIDE, "this patient's way"),
        _Item((Line(((0, 6.5), (_WIDE, 6.5)), "arrow-assumed"),), _WIDE, "assumed: not known"),
        _Item(fired, _WIDE, "holds for this patient"),
        _Item(still, _WIDE, "open: see NEEDS"),
        _Item((Text(0, 9.6, "text", 9, "faded", 20, struck=True),), 18, "replaced by another"),
        _Item((Line(((1, 6.5), (6, 6.5)), "cross"), Text(9, 9.6, "text", 9, "faded", 18)), _WIDE + 2, "does not hold"),
    ]
