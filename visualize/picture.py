"""A picture as data: shapes on a page, in points (1/72 inch) from the top left corner. Layouts make pictures, `svg`
writes them; tests measure them.

How a shape looks is said by its `role`, a name in the palette, never by numbers here: so the same picture is drawn
once for all and once for a patient without moving anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True, repr=False)
class Area:
    """A rectangle by its corner and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    def overlaps(self, other: Area, by: float = 0.0) -> bool:
        """Whether the two share more than a rim of `by`."""
        return (
            self.x + by < other.right
            and other.x + by < self.right
            and self.y + by < other.bottom
            and other.y + by < self.bottom
        )


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """One line. `y` is the baseline; `room` the width that it must not exceed. `struck`: crossed out."""

    x: float
    y: float
    text: str
    size: float
    role: str
    room: float
    bold: bool = False
    anchor: Anchor = "start"
    struck: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Rectangle:
    area: Area
    role: str
    radius: float = 0.0


@dataclass(frozen=True, slots=True, repr=False)
class Polygon:
    points: tuple[Point, ...]
    role: str


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """A line through points, its corners rounded by `radius`; with an `arrow` at the end."""

    points: tuple[Point, ...]
    role: str
    radius: float = 0.0
    arrow: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Group:
    """Shapes that belong together, such as a box. `id` is unique on the page, `label` what a screen reader says.

    `kind` tells tests and styles what it is: `box`, `arrow`, `label`, `title`, `legend`, `panel`, `footer`. `area` is
    the room that it claims. `link` leads somewhere: `#id` on the same page, or another page's file.
    """

    kind: str
    id: str
    label: str
    area: Area
    shapes: tuple[Shape, ...]
    link: str | None = None


Shape = Text | Rectangle | Polygon | Line | Group


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A page. `title` and `description` are for whoever cannot see it; `name` tells pages of one document apart."""

    width: float
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]
    name: str = "page"


def every_group(shapes: tuple[Shape, ...]) -> Iterator[Group]:
    """The groups, outer before inner."""
    for shape in shapes:
        if isinstance(shape, Group):
            yield shape
            yield from every_group(shape.shapes)


def every_shape(shapes: tuple[Shape, ...]) -> Iterator[Text | Rectangle | Polygon | Line]:
    """The shapes that are drawn, in the order of drawing."""
    for shape in shapes:
        if isinstance(shape, Group):
            yield from every_shape(shape.shapes)
        else:
            yield shape


def moved(shape: Shape, right: float, down: float) -> Shape:
    """The same shape elsewhere."""
    match shape:
        case Text():
            return replace(shape, x=shape.x + right, y=shape.y + down)
        case Rectangle(area):
            return replace(shape, area=shifted(area, right, down))
        case Polygon(points) | Line(points):
            return replace(shape, points=tuple((x + right, y + down) for x, y in points))
        case Group(area=area, shapes=shapes):
            inside = tuple(moved(inner, right, down) for inner in shapes)
            return replace(shape, area=shifted(area, right, down), shapes=inside)


def shifted(area: Area, right: float, down: float) -> Area:
    return Area(area.x + right, area.y + down, area.width, area.height)
