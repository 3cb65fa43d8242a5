"""Measuring pictures: where their texts, boxes and arrows are, and what is wrong with it.

Each function gives a list of faults in words, empty where there are none, so that a failing test says what to look at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from guidewright.rules.display import escaped
from guidewright.visualize.palette import SHAPES
from guidewright.visualize.picture import Area, Group, Line, Picture, Point, Polygon, Rectangle, Text, every_group
from guidewright.visualize.picture import every_shape as leaves
from guidewright.visualize.text_metrics import ASCENT, DESCENT, is_measured, text_width

SLACK = 0.35  # what nobody sees
HALF_STROKE = 1.4  # of the thickest arrow
FRAME = ("title", "legend", "footer", "panel")
OUTLINES = re.compile(r"(state|action|decision|link|end|panel|stage)(-passed|-faded|-stopped)?")


# --- texts


def drawn_width(text: Text) -> float:
    """How wide a text is drawn. A viewer fits what has letters from elsewhere into its room."""
    wide = text_width(text.text, text.size, text.bold)
    return wide if is_measured(text.text) else min(wide, text.room)


_BELOW = frozenset("gjpqyQ,;()[]{}|@_$/\\")
_PLAIN = frozenset("\u2212\u2013\u2014\u2026\u00b7\u2018\u2019\u201c\u201d\u2010\u2011\u2022\u00d7\u2265\u2264\u2192")
_ASCII_HEIGHT = 0.74  # of the highest letters that bear no accent, in em


def extent(text: Text) -> Area:
    """The room that a line takes, from the top of its highest letter to the end of its lowest."""
    wide = drawn_width(text)
    x = text.x - {"start": 0.0, "middle": wide / 2, "end": wide}[text.anchor]
    letters = set(text.text) - _PLAIN
    known = all(letter.isascii() for letter in letters)
    high = _ASCII_HEIGHT if known else ASCENT
    low = 0.02 if known and not letters & _BELOW else DESCENT
    return Area(x, text.y - high * text.size, wide, (high + low) * text.size)


def texts_of(shapes: Sequence[object]) -> list[Text]:
    return [shape for shape in leaves(tuple(shapes)) if isinstance(shape, Text)]  # type: ignore[arg-type]


def room_faults(picture: Picture) -> list[str]:
    """Texts wider than their room. What is not measured is fitted, so it has to have been wrapped all the same."""
    return [
        f"`{text.text[:60]}` is {text_width(escaped(text.text), text.size, text.bold):.1f} wide, "
        f"and has {text.room:.1f}"
        for text in texts_of(picture.shapes)
        if text_width(escaped(text.text), text.size, text.bold) > text.room + SLACK
    ]


def overlap_faults(picture: Picture) -> list[str]:
    """Texts that stand on one another, anywhere on the page."""
    found: list[str] = []
    placed = sorted(((extent(text), text) for text in texts_of(picture.shapes)), key=lambda pair: pair[0].y)
    for i, (area, text) in enumerate(placed):
        for other, another in placed[i + 1 :]:
            if other.y > area.bottom:
                break
            if area.overlaps(other, SLACK):
                found.append(f"`{text.text[:40]}` stands on `{another.text[:40]}`")
    return found


# --- boxes


def boxes(picture: Picture) -> list[Group]:
    """The boxes, also those that only lead to another sheet."""
    return [group for group in every_group(picture.shapes) if group.kind in ("box", "onward")]


def number_of(box: Group) -> int:
    return int(box.id.rpartition("-")[2])


def outline(box: Group) -> list[Rectangle | Polygon]:
    """The shapes that make up a box."""
    return [
        shape
        for shape in box.shapes
        if isinstance(shape, Rectangle | Polygon)
        and OUTLINES.fullmatch(shape.role)
        and (isinstance(shape, Polygon) or shape.area.width > box.area.width / 2)
    ]


def _holds(shape: Rectangle | Polygon, point: Point, grown: float) -> bool:
    """Whether a point lies in a shape grown by so much on every side."""
    x, y = point
    if isinstance(shape, Polygon):
        return all(_side(a, b, point) >= -grown for a, b in pairwise((*shape.points, shape.points[0])))
    area, radius = shape.area, min(shape.radius, shape.area.width / 2, shape.area.height / 2)
    if not (area.x - grown <= x <= area.right + grown and area.y - grown <= y <= area.bottom + grown):
        return False
    inner_x = min(max(x, area.x + radius), area.right - radius)
    inner_y = min(max(y, area.y + radius), area.bottom - radius)
    return x == inner_x or y == inner_y or math.dist(point, (inner_x, inner_y)) <= radius + grown


def _side(a: Point, b: Point, point: Point) -> float:
    """How far a point lies on the inner side of an edge of a polygon that is drawn clockwise."""
    across = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
    return across / math.dist(a, b)


def inside(box: Group, point: Point, grown: float = 0.0) -> bool:
    return any(_holds(shape, point, grown) for shape in outline(box))


def on_border(box: Group, point: Point, within: float = 1.0) -> bool:
    return inside(box, point, within) and not inside(box, point, -within)


def corners(area: Area, rim: float = 0.0) -> tuple[Point, ...]:
    left, right = area.x + rim, area.right - rim
    return (left, area.y + rim), (right, area.y + rim), (right, area.bottom - rim), (left, area.bottom - rim)


def box_faults(picture: Picture) -> list[str]:
    """Texts that leave their box, boxes that leave their area or stand on one another, marks on texts."""
    found: list[str] = []
    all_boxes = boxes(picture)
    for box in all_boxes:
        if not outline(box):
            found.append(f"{box.id} has no outline")
        for text in texts_of(box.shapes):
            for corner in corners(extent(text), SLACK):
                if not inside(box, corner):
                    found.append(f"{box.id}: `{text.text[:40]}` leaves the box at {corner[0]:.1f}, {corner[1]:.1f}")
                    break
        for shape in leaves(box.shapes):
            if not isinstance(shape, Text) and not _within(_area(shape), box.area, 1.0):
                found.append(f"{box.id}: {shape.role} leaves its area")
        found += [f"{box.id}: {fault}" for fault in mark_faults(box)]
    for i, box in enumerate(all_boxes):
        for other in all_boxes[i + 1 :]:
            if box.area.overlaps(other.area, -4.0):
                found.append(f"{box.id} and {other.id} touch")
    return found


_MARKS = re.compile(r"badge.*|sign(-faded)?|stop-mark.*|dot.*|net|bar.*")


def mark_faults(box: Group) -> list[str]:
    """Badges, signs, dots and bars on which a text stands that is not theirs."""
    found: list[str] = []
    marks = [s for s in box.shapes if isinstance(s, Rectangle | Polygon) and _MARKS.fullmatch(s.role)]
    for text in texts_of(box.shapes):
        area = extent(text)
        for mark in marks:
            own = len(text.text) == 1 and _within(Area(*area.centre, 0, 0), _area(mark), 0)
            if not own and area.overlaps(_area(mark), SLACK):
                found.append(f"`{text.text[:40]}` stands on a {mark.role}")
    return found


def _area(shape: Text | Rectangle | Polygon | Line) -> Area:
    match shape:
        case Text():
            return extent(shape)
        case Rectangle(area):
            return area
        case Polygon(points) | Line(points):
            xs, ys = [x for x, _ in points], [y for _, y in points]
            return Area(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def _within(area: Area, room: Area, rim: float) -> bool:
    return (
        area.x >= room.x - rim
        and area.y >= room.y - rim
        and area.right <= room.right + rim
        and area.bottom <= room.bottom + rim
    )


# --- arrows and labels


@dataclass(frozen=True)
class Arrow:
    """An arrow of a page with its label, if it has one."""

    group: Group
    line: Line
    label: Group | None

    @property
    def segments(self) -> Iterator[tuple[Point, Point]]:
        return pairwise(self.line.points)

    @property
    def head(self) -> Area:
        """The room of the arrow head, the larger one of a patient's way."""
        (x, y), (fx, fy) = self.line.points[-1], self.line.points[-2]
        if abs(x - fx) > abs(y - fy):
            return Area(min(x, x + math.copysign(9, fx - x)), y - 4.6, 9, 9.2)
        return Area(x - 4.6, min(y, y + math.copysign(9, fy - y)), 9.2, 9)


def arrows(picture: Picture) -> list[Arrow]:
    labels = {group.id: group for group in every_group(picture.shapes) if group.kind == "label"}
    found: list[Arrow] = []
    for group in every_group(picture.shapes):
        if group.kind == "arrow":
            (line,) = group.shapes
            assert isinstance(line, Line), group.id
            assert line.arrow, group.id
            found.append(Arrow(group, line, labels.pop(f"{group.id}-label", None)))
    assert not labels, f"labels without an arrow: {list(labels)}"
    return found


def crosses(segment: tuple[Point, Point], area: Area, rim: float = 0.0) -> bool:
    """Whether a level or upright segment runs through the inside of an area that is smaller by a rim."""
    (ax, ay), (bx, by) = segment
    left, right, top, bottom = area.x + rim, area.right - rim, area.y + rim, area.bottom - rim
    return max(ax, bx) > left and min(ax, bx) < right and max(ay, by) > top and min(ay, by) < bottom


def arrow_faults(picture: Picture) -> list[str]:
    """Arrows that lean, run through boxes, or cannot be told from one another; labels that are crossed or covered."""
    found: list[str] = []
    all_boxes, all_arrows = boxes(picture), arrows(picture)
    for arrow in all_arrows:
        name = arrow.group.id
        for (ax, ay), (bx, by) in arrow.segments:
            if min(abs(ax - bx), abs(ay - by)) > 0.01:
                found.append(f"{name} leans")
        for box in all_boxes:
            if _runs_through(arrow, box):
                found.append(f"{name} runs through {box.id}")
        for label in (other.label for other in all_arrows if other.label is not None):
            for segment in arrow.segments:
                if crosses(segment, label.area, SLACK):
                    found.append(f"{name} crosses {label.id}")
            for text in texts_of(label.shapes):
                if any(crosses(segment, extent(text), -HALF_STROKE) for segment in arrow.segments):
                    found.append(f"{name} touches the letters of {label.id}")
                if arrow.head.overlaps(extent(text), SLACK):
                    found.append(f"the head of {name} touches the letters of {label.id}")
    for i, one in enumerate(all_arrows):
        found += [fault for other in all_arrows[i + 1 :] for fault in _confused(one, other)]
    labels = [arrow.label for arrow in all_arrows if arrow.label is not None]
    for i, label in enumerate(labels):
        found += [f"{label.id} stands on {box.id}" for box in all_boxes if label.area.overlaps(box.area, SLACK)]
        found += [f"{label.id} stands on {other.id}" for other in labels[i + 1 :] if label.area.overlaps(other.area)]
        for text in texts_of(label.shapes):
            if not _within(extent(text), label.area, 1.0):
                found.append(f"{label.id}: `{text.text}` leaves its area")
    return found


def _runs_through(arrow: Arrow, box: Group) -> bool:
    points = arrow.line.points
    ends = [end for end in (points[0], points[-1]) if inside(box, end, 1.5)]
    if not ends:
        return any(crosses(segment, box.area, -1.0) for segment in arrow.segments)
    # At the box where it begins or ends, it may only touch the border.
    return any(inside(box, point, -2.0) for segment in arrow.segments for point in _along(segment))


def _along(segment: tuple[Point, Point]) -> Iterator[Point]:
    (ax, ay), (bx, by) = segment
    steps = max(int(math.dist(*segment) / 3), 1)
    return ((ax + (bx - ax) * i / steps, ay + (by - ay) * i / steps) for i in range(steps + 1))


def _confused(one: Arrow, other: Arrow) -> Iterator[str]:
    """Where two arrows with different heads and tails run in one line, and so cannot be told apart."""
    shares = one.line.points[0] == other.line.points[0] or one.line.points[-1] == other.line.points[-1]
    for a in one.segments:
        for b in other.segments:
            for along, across in ((0, 1), (1, 0)):
                if abs(a[0][across] - a[1][across]) > 0.01 or abs(b[0][across] - b[1][across]) > 0.01:
                    continue
                near = abs(a[0][across] - b[0][across])
                low = max(min(p[along] for p in a), min(p[along] for p in b))
                high = min(max(p[along] for p in a), max(p[along] for p in b))
                if high - low > 2.0 and near < 3.0 and not shares:
                    yield f"{one.group.id} and {other.group.id} run in one line"


# --- the page


def frame_faults(picture: Picture) -> list[str]:
    """What leaves the page, and what runs into its title, legend, footer and panels."""
    found: list[str] = []
    page = Area(0, 0, picture.width, picture.height)
    for shape in leaves(picture.shapes):
        area = _area(shape)
        if not _within(area, page, 0.0 if not isinstance(shape, Text) else SLACK):
            what = shape.text[:40] if isinstance(shape, Text) else shape.role
            found.append(f"`{what}` leaves the page")
    frames = [group for group in every_group(picture.shapes) if group.kind in FRAME]
    for frame in frames:
        own = {id(shape) for shape in leaves(frame.shapes)}
        for shape in leaves(picture.shapes):
            if id(shape) in own:
                if isinstance(shape, Text) and not _within(extent(shape), frame.area, 1.0):
                    found.append(f"{frame.id}: `{shape.text[:40]}` leaves it")
            elif isinstance(shape, Line):
                if any(crosses(segment, frame.area, -HALF_STROKE) for segment in pairwise(shape.points)):
                    found.append(f"{shape.role} crosses {frame.id}")
            elif getattr(shape, "role", "") != "paper" and _area(shape).overlaps(frame.area, SLACK):
                what = shape.text[:40] if isinstance(shape, Text) else shape.role
                found.append(f"`{what}` stands on {frame.id}")
    return found


def order_faults(picture: Picture) -> list[str]:
    """Boxes that do not follow one another down a column, and columns that do not follow from left to right."""
    found: list[str] = []
    own = [box for box in boxes(picture) if box.kind == "box"]
    numbers = [number_of(box) for box in own]
    if numbers != sorted(numbers):
        found.append(f"the boxes stand in the file as {numbers}")
    columns: list[list[Group]] = [[]]
    for box in boxes(picture):
        before = columns[-1]
        if before and box.area.y < before[-1].area.y - 0.01:
            if box.area.x <= max(other.area.right for column in columns for other in column):
                found.append(f"{box.id} stands above {before[-1].id}, and not in a column to the right")
            columns.append([])
        columns[-1].append(box)
    if len(columns) > 4:
        found.append(f"the page has {len(columns)} columns")
    return found


def geometry_faults(picture: Picture) -> list[str]:
    return [
        *room_faults(picture),
        *overlap_faults(picture),
        *box_faults(picture),
        *arrow_faults(picture),
        *frame_faults(picture),
    ]


def chart_faults(picture: Picture) -> list[str]:
    return [*geometry_faults(picture), *order_faults(picture)]


# --- what stands on what


def fills_under(picture: Picture, text: Text) -> set[str]:
    """The colours on which a text stands: below its middle and its ends those of the topmost shapes."""
    area = extent(text)
    y = area.centre[1]
    fills = {(x, y): "#FFFFFF" for x in (area.x + 0.5, area.centre[0], area.right - 0.5)}
    for shape in leaves(picture.shapes):
        if shape is text:
            return set(fills.values())
        if isinstance(shape, Rectangle | Polygon):
            fills |= {
                point: SHAPES[shape.role].fill or fill for point, fill in fills.items() if _holds(shape, point, 0)
            }
    raise AssertionError("the text is not in the picture")
