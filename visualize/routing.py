"""Where lanes, gutters and arrows run on a page: one column after another from left to right, each column's end joined
to the next one's beginning by a line between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from guidewright.visualize.lanes import Arrow
from guidewright.visualize.picture import Area, Point
from guidewright.visualize.placing import CHANNEL, LABEL, LABEL_LEADING, Placed, Run, Size
from guidewright.visualize.text_metrics import text_width

_TRACK = 7.0
_CLEAR = 4.0  # between parallel parts of arrows
_LEAST_GUTTER = 20.0
BETWEEN = 22.0  # between the columns, where the line to the next one runs


@dataclass(frozen=True, slots=True, repr=False)
class Label:
    """The lines of an answer, and the room that they take; anchored at its left or right edge."""

    lines: tuple[str, ...]
    area: Area


@dataclass(frozen=True, slots=True, repr=False)
class Drawn:
    """An arrow as it is drawn. One that goes on in the next column ends there."""

    arrow: Arrow
    points: tuple[Point, ...]
    label: Label | None


@dataclass(frozen=True, slots=True, repr=False)
class Chart:
    """The places of the boxes, the arrows, and the size of it all."""

    places: Mapping[int, Area]
    arrows: tuple[Drawn, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the lanes of a column begin, and in each gutter where labels and tracks begin."""

    lane_x: tuple[float, ...]
    tracks_x: Mapping[int, float]
    right: float


def chart(columns: Sequence[Placed], sizes: Sequence[Size], width: float) -> Chart:
    places: dict[int, Area] = {}
    drawn: list[Drawn] = []
    x, low = 0.0, max(column.height for column in columns)
    pending: list[tuple[Drawn, float]] = []
    for number, column in enumerate(columns):
        tracks = _tracks(column)
        grid = _grid(column, tracks, width, x)
        for box, top in column.tops.items():
            if box < len(sizes) and box not in places and _is_own(box, column):
                places[box] = Area(grid.lane_x[column.lanes[box]], top, width, sizes[box].height)
        for before, between in pending:
            drawn.append(_joined(before, between, grid.lane_x[0] + width / 2, min(column.tops.values())))
        pending = []
        stop = max(column.lanes)
        for run in column.runs:
            one = Drawn(run.arrow, _points(run, column, grid, tracks, width), _label(run, column, grid, width))
            if run.arrow.head == stop and number < len(columns) - 1:
                pending.append((one, grid.right + BETWEEN / 2))
            else:
                drawn.append(one)
        x = grid.right + BETWEEN
    return Chart(places, tuple(drawn), x - BETWEEN, low)


def width_of(column: Placed, width: float) -> float:
    """How wide a column is, with boxes of a width."""
    return _grid(column, _tracks(column), width, 0.0).right


def _is_own(box: int, column: Placed) -> bool:
    return box != max(column.lanes)


def _joined(before: Drawn, between: float, centre: float, top: float) -> Drawn:
    """The arrow on its way up between the columns and into the first box of the next one."""
    _, y = before.points[-1]
    points = (*before.points, (between, y), (between, top - CHANNEL - 4), (centre, top - CHANNEL - 4), (centre, top))
    return Drawn(before.arrow, points, before.label)


@dataclass(slots=True)
class _Upright:
    """The upright part of the arrows to one box in a gutter, and at which heights they come to it or leave it on its
    left and on its right.
    """

    left: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)

    @property
    def span(self) -> tuple[float, float]:
        return min(*self.left, *self.right), max(*self.left, *self.right)

    def must_be_left_of(self, other: _Upright) -> bool:
        """Whether they would run in one line elsewhere."""
        return any(abs(y - z) < _CLEAR for y in self.left for z in other.right)


def _tracks(column: Placed) -> dict[tuple[int, int], int]:
    """The track of each upright part in its gutter, by gutter and head. Arrows to one box share a track."""
    parts: dict[tuple[int, int], _Upright] = {}
    for run in column.runs:
        if run.route in ("around", "under"):
            part = parts.setdefault((run.gutter, run.arrow.head), _Upright())
            enter = run.channel if run.channel is not None else run.enter
            for lane, y in ((column.lanes[run.arrow.tail], run.y), (column.lanes[run.arrow.head], enter)):
                (part.left if lane <= run.gutter else part.right).append(y)
    found: dict[tuple[int, int], int] = {}
    for gutter in sorted({gutter for gutter, _ in parts}):
        here = {head: part for (at, head), part in parts.items() if at == gutter}
        found |= {(gutter, head): track for head, track in _side_by_side(here).items()}
    return found


def _side_by_side(parts: dict[int, _Upright]) -> dict[int, int]:
    """The track of each part in one gutter, the short ones first: where tracks are free, and no two parts meet."""
    waiting = sorted(parts, key=lambda head: (parts[head].span[1] - parts[head].span[0], head))
    found: dict[int, int] = {}
    while waiting:
        free = [h for h in waiting if not any(parts[o].must_be_left_of(parts[h]) for o in waiting if o != h)]
        head = (free or waiting)[0]
        waiting.remove(head)
        start, end = parts[head].span
        track = max((found[o] + 1 for o in found if parts[o].must_be_left_of(parts[head])), default=0)
        spans = {other: parts[other].span for other in found}
        while any(found[o] == track and s - _CLEAR < end and start < e + _CLEAR for o, (s, e) in spans.items()):
            track += 1
        found[head] = track
    return found


def _grid(column: Placed, tracks: Mapping[tuple[int, int], int], width: float, x: float) -> _Grid:
    lanes = max(column.lanes.values()) + 1
    lane_x: list[float] = []
    tracks_x: dict[int, float] = {}
    for gutter in range(-1, lanes):
        used = max((track + 1 for (at, _), track in tracks.items() if at == gutter), default=0)
        labels = _label_room(column, gutter, right=True), _label_room(column, gutter, right=False)
        room = labels[0] + labels[1] + used * _TRACK + (8 if used or any(labels) else 0)
        if 0 <= gutter < lanes - 1:
            room = max(room, _LEAST_GUTTER)
        tracks_x[gutter] = x + labels[0] + (room - labels[0] - labels[1] - (used - 1) * _TRACK) / 2
        x += room
        if gutter < lanes - 1:
            lane_x.append(x)
            x += width
    return _Grid(tuple(lane_x), tracks_x, x)


def _label_room(column: Placed, gutter: int, right: bool) -> float:
    """What the labels of a gutter take: of those that leave boxes on its left to the right, or the other way round."""
    widths = [
        text_width(line, LABEL, True) + 8
        for run in column.runs
        if run.route in ("across", "around")
        and run.bottom is None
        and run.gutter == gutter
        and (column.lanes[run.arrow.tail] <= gutter) is right
        for line in run.label
    ]
    return max(widths, default=0.0)


def _points(
    run: Run, column: Placed, grid: _Grid, tracks: Mapping[tuple[int, int], int], width: float
) -> tuple[Point, ...]:
    tail, head = run.arrow.tail, run.arrow.head
    tail_x, head_x = grid.lane_x[column.lanes[tail]], grid.lane_x[column.lanes[head]]
    centre, into = tail_x + width / 2, head_x + width / 2
    match run.route:
        case "down":
            return (centre, run.y), (into, run.enter)
        case "across":
            return (tail_x + width, run.y), (head_x, run.enter)
        case "over":
            return (tail_x + width, run.y), (into, run.y), (into, run.enter)
        case "around" | "under":
            right = run.gutter >= column.lanes[tail]
            track = grid.tracks_x[run.gutter] + tracks[run.gutter, head] * _TRACK
            if run.bottom is None:
                begin: tuple[Point, ...] = ((tail_x + width - run.inset if right else tail_x + run.inset, run.y),)
            else:
                begin = ((centre, run.bottom), (centre, run.y))
            if head == max(column.lanes):
                # The line to the next column begins below the boxes, wherever the arrow comes down.
                return *begin, (track, run.y), (track, run.enter)
            if run.channel is None:
                side = head_x + width if run.gutter >= column.lanes[head] else head_x
                return *begin, (track, run.y), (track, run.enter), (side, run.enter)
            return *begin, (track, run.y), (track, run.channel), (into, run.channel), (into, run.enter)


def _label(run: Run, column: Placed, grid: _Grid, width: float) -> Label | None:
    if not run.label:
        return None
    wide = max(text_width(line, LABEL, True) for line in run.label)
    tail_x = grid.lane_x[column.lanes[run.arrow.tail]]
    head_x = grid.lane_x[column.lanes[run.arrow.head]]
    right = run.gutter >= column.lanes[run.arrow.tail]
    if run.route in ("over", "under"):
        x = head_x + 2
    elif run.route == "down" or run.bottom is not None:
        x = tail_x + width / 2 + (5 if right else -5 - wide)
    else:
        x = tail_x + width + 4 if right else tail_x - 4 - wide
    return Label(run.label, Area(x, run.label_top, wide, len(run.label) * LABEL_LEADING))
