"""Where the boxes of one column stand and how its arrows run, before anything has a horizontal place.

Boxes are placed in reading order, each as high as it may stand: no top lies above that of a box with a lower number,
and what the arrows and labels need is kept free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from guidewright.visualize.lanes import Arrow
from guidewright.visualize.text_metrics import text_width, wrapped

GAP = 15.0  # between a box and the next one below
CHANNEL = 9.0  # above a box: where arrows come in from the side
LABEL, LABEL_LEADING = 9.0, 10.2
GUTTER_LABEL = 50.0  # the most that an answer may take of a gutter
_STUB = 8.0
_LOWER = 9.0

Route = Literal["down", "across", "over", "under", "around"]
"""`down`: straight to the next box of the lane. `across`: to the right neighbour in the same row. `over`: to the right,
then down into a lane that is free. `under`: to the right through the gutter, into a lane below other boxes of it.
`around`: through the gutter beside the lane, to anywhere.
"""


@dataclass(frozen=True, slots=True)
class Size:
    """What placing needs of a box: its height, how far below its top arrows leave sideways, and whether it decides."""

    height: float
    exit: float
    decision: bool


@dataclass(frozen=True, slots=True)
class Run:
    """An arrow with its route. `y`: where it leaves; `enter`: where it comes in. `gutter` k lies right of lane k.
    `channel`: at which height it crosses to its head's top, or `None` if it enters from the side or above.
    """

    arrow: Arrow
    route: Route
    label: tuple[str, ...]
    y: float
    enter: float = 0.0
    gutter: int = 0
    channel: float | None = None
    sideways: bool = False  # leaves at a side, not at the bottom
    lower: float = 0.0  # how far below the point of a hexagon it leaves, since others leave at the point


@dataclass(frozen=True, slots=True)
class Placed:
    """A column: the tops of its boxes, the runs of its arrows, its height. The end of the column is box `stop`."""

    tops: Mapping[int, float]
    lanes: Mapping[int, int]
    runs: tuple[Run, ...]
    height: float


@dataclass(slots=True)
class _State:
    free: dict[int, float] = field(default_factory=dict)  # by lane: below which height it is free
    tops: dict[int, float] = field(default_factory=dict)
    top: float = 0.0


def placed(
    boxes: range, sizes: Sequence[Size], arrows: Sequence[Arrow], lanes: Mapping[int, int], width: float, first: float
) -> Placed:
    """The column of `boxes`, whose first top is `first`. `width` is that of a box."""
    inside = [Arrow(a.tail, min(a.head, boxes.stop), a.label, a.positions) for a in arrows if a.tail in boxes]
    leaves = any(a.head == boxes.stop for a in inside)
    lane = {**{box: lanes[box] for box in boxes}, boxes.stop: 0}
    size = {**{box: sizes[box] for box in boxes}, boxes.stop: Size(0.0, 0.0, False)}
    below = _next_in_lane(boxes, lane)
    state = _State(top=first)
    routes: dict[tuple[int, int], tuple[Route, float]] = {}
    entering: dict[int, list[Arrow]] = {}
    for arrow in inside:
        entering.setdefault(arrow.head, []).append(arrow)
    for box in [*boxes, *([boxes.stop] if leaves else [])]:
        top = _top(box, entering.get(box, []), routes, size, lane, below, state, width, first)
        if box == boxes.stop:
            # From the end of the column a line runs right below all its lanes.
            top = max(top, *(free + 7 for free in state.free.values()))
        state.tops[box] = state.top = top
        state.free[lane[box]] = top + size[box].height
        _reserve(box, entering.get(box, []), routes, lane, top, state)
        _leave(box, [a for a in inside if a.tail == box], routes, size, lane, below, state, width)
    narrow = {box: _narrow(entering.get(box, []), routes) for box in [*boxes, boxes.stop]}
    runs = tuple(_run(arrow, routes, size, lane, state.tops, width, narrow[arrow.head]) for arrow in inside)
    # Whatever passes beside or below the boxes must end inside the column too.
    low = max([*state.free.values(), *(run.enter for run in runs)])
    return Placed(state.tops, lane, runs, low)


def _next_in_lane(boxes: range, lane: Mapping[int, int]) -> dict[int, int]:
    last: dict[int, int] = {}
    found: dict[int, int] = {}
    for box in [*boxes, boxes.stop]:
        if lane[box] in last:
            found[last[lane[box]]] = box
        last[lane[box]] = box
    return found


def _top(
    box: int,
    entering: Sequence[Arrow],
    routes: Mapping[tuple[int, int], tuple[Route, float]],
    size: Mapping[int, Size],
    lane: Mapping[int, int],
    below: Mapping[int, int],
    state: _State,
    width: float,
    first: float,
) -> float:
    """The highest place where a box may stand."""
    own = state.free.get(lane[box])
    top = max(state.top, own + GAP if own is not None else first)
    channelled = False
    for arrow in entering:
        route, y = routes[arrow.tail, arrow.head]
        tail_bottom = state.tops[arrow.tail] + size[arrow.tail].height
        match route:
            case "across":
                high, out = size[box].height, size[arrow.tail].height
                top = max(top, state.tops[arrow.tail] if high >= out else y - high / 2)
            case "over":
                top = max(top, y + 15.0)
            case "down":
                top = max(top, tail_bottom + GAP)
            case "under":
                label = len(lane_label(arrow.label, width, _narrow(entering, routes))) * LABEL_LEADING
                top = max(top, y + GAP, (own if own is not None else first) + CHANNEL + label + 6)
                for crossed in _crossed(arrow, lane, size):
                    if crossed in state.free:
                        top = max(top, state.free[crossed] + CHANNEL + 8)
            case "around":
                top = max(top, max(y, tail_bottom) + (4 if _enters_side(arrow, size, lane) else GAP + 2))
                for crossed in _crossed(arrow, lane, size):
                    if crossed in state.free:
                        top = max(top, state.free[crossed] + CHANNEL + 8)
                channelled |= not _enters_side(arrow, size, lane)
    if channelled and own is not None:
        top = max(top, own + GAP + 4)
    return top


def _reserve(
    box: int,
    entering: Sequence[Arrow],
    routes: Mapping[tuple[int, int], tuple[Route, float]],
    lane: Mapping[int, int],
    top: float,
    state: _State,
) -> None:
    """Keep the lanes free that arrows cross on their way to a box."""
    for arrow in entering:
        if routes[arrow.tail, arrow.head][0] in ("around", "under"):
            gutter = _gutter(arrow, lane)
            for crossed in _between(gutter, lane[box]):
                state.free[crossed] = max(state.free.get(crossed, 0.0), top - CHANNEL)


def _leave(
    box: int,
    leaving: Sequence[Arrow],
    routes: dict[tuple[int, int], tuple[Route, float]],
    size: Mapping[int, Size],
    lane: Mapping[int, int],
    below: Mapping[int, int],
    state: _State,
    width: float,
) -> None:
    """Choose the routes of the arrows that leave a box, and keep free what they and their labels need."""
    top = state.tops[box]
    bottom, exit = top + size[box].height, top + size[box].exit
    right = [a for a in leaving if not _is_down(a, lane, below) and lane[a.head] > lane[box]]
    beside = [a for a in leaving if not _is_down(a, lane, below) and lane[a.head] >= lane[box]]
    # Those that go around come last: they leave below the others.
    for arrow in sorted(leaving, key=lambda a: lane[a.head] <= lane[box]):
        if _is_down(arrow, lane, below):
            lines = down_label(arrow.label, width)
            routes[box, arrow.head] = ("down", bottom)
            if lines:
                state.free[lane[box]] = bottom + len(lines) * LABEL_LEADING - 4
            continue
        if not size[box].decision:
            routes[box, arrow.head] = ("around", bottom)
            state.free[lane[box]] = bottom + _STUB + 4
            continue
        fresh = arrow in right and _is_fresh(arrow, lane, state, exit)
        alone = len(beside) == 1 and arrow.head == box + 1 and lane[arrow.head] == lane[box] + 1
        fits = not arrow.label or (
            len(gutter_label(arrow.label)) == 1 and text_width(arrow.label, LABEL, True) <= GUTTER_LABEL / 2
        )
        if fresh and alone and fits and not size[arrow.head].decision:
            routes[box, arrow.head] = ("across", exit)
        elif fresh:
            routes[box, arrow.head] = ("over", exit)
            for crossed in range(lane[box] + 1, lane[arrow.head]):
                state.free[crossed] = max(state.free.get(crossed, 0.0), exit - 4)
        elif lane[arrow.head] > lane[box]:
            routes[box, arrow.head] = ("under", exit)
        else:
            lower = _LOWER * len([a for a in leaving if routes.get((box, a.head), ("down",))[0] != "down"])
            routes[box, arrow.head] = ("around", exit + lower)


def _is_down(arrow: Arrow, lane: Mapping[int, int], below: Mapping[int, int]) -> bool:
    return lane[arrow.head] == lane[arrow.tail] and below.get(arrow.tail) == arrow.head


def _is_fresh(arrow: Arrow, lane: Mapping[int, int], state: _State, exit: float) -> bool:
    """Whether the lane of the head is free from the height of the arrow down to it, with room for the label above."""
    lines = max(len(wrapped(arrow.label, LABEL, 140.0, bold=True)), 1)
    between = [at for at in lane if arrow.tail < at < arrow.head and lane[at] == lane[arrow.head]]
    above = state.free.get(lane[arrow.head])
    crossed = [state.free.get(k, -100.0) for k in range(lane[arrow.tail] + 1, lane[arrow.head])]
    return (
        not between
        and (above is None or above + 6 <= exit - lines * LABEL_LEADING)
        and all(free + 6 <= exit for free in crossed)
    )


def _gutter(arrow: Arrow, lane: Mapping[int, int]) -> int:
    """The gutter beside the tail, on the side of the head."""
    return lane[arrow.tail] - 1 if lane[arrow.head] < lane[arrow.tail] else lane[arrow.tail]


def _between(gutter: int, lane: int) -> range:
    """The lanes that lie between a gutter and a lane."""
    return range(lane + 1, gutter + 1) if lane <= gutter else range(gutter + 1, lane)


def _enters_side(arrow: Arrow, size: Mapping[int, Size], lane: Mapping[int, int]) -> bool:
    """Whether an arrow enters its head from the gutter beside it."""
    gutter = _gutter(arrow, lane)
    high = size[arrow.head].height
    return high > 0 and not size[arrow.head].decision and gutter in (lane[arrow.head], lane[arrow.head] - 1)


def _crossed(arrow: Arrow, lane: Mapping[int, int], size: Mapping[int, Size]) -> range:
    return _between(_gutter(arrow, lane), lane[arrow.head])


def _run(
    arrow: Arrow,
    routes: Mapping[tuple[int, int], tuple[Route, float]],
    size: Mapping[int, Size],
    lane: Mapping[int, int],
    tops: Mapping[int, float],
    width: float,
    narrow: bool,
) -> Run:
    route, y = routes[arrow.tail, arrow.head]
    top = tops[arrow.head]
    decision = size[arrow.tail].decision
    match route:
        case "down":
            return Run(arrow, route, down_label(arrow.label, width), y, top)
        case "across":
            return Run(arrow, route, gutter_label(arrow.label), y, y, lane[arrow.tail], sideways=True)
        case "over":
            label = lane_label(arrow.label, width, narrow)
            return Run(arrow, route, label, y, top, lane[arrow.tail], sideways=True)
        case "under":
            label, gutter = lane_label(arrow.label, width, narrow), lane[arrow.tail]
            return Run(arrow, route, label, y, top, gutter, top - CHANNEL, sideways=True)
        case "around":
            side = _enters_side(arrow, size, lane)
            enter = top + min(size[arrow.head].height / 2, 15.0) if side else top
            return Run(
                arrow,
                route,
                gutter_label(arrow.label),
                y if decision else y + _STUB,
                enter,
                _gutter(arrow, lane),
                None if side else top - CHANNEL,
                decision,
                y - tops[arrow.tail] - size[arrow.tail].exit if decision else 0.0,
            )


def down_label(label: str, width: float) -> tuple[str, ...]:
    return wrapped(label, LABEL, width / 2 - 8, bold=True)


def lane_label(label: str, width: float, narrow: bool) -> tuple[str, ...]:
    return wrapped(label, LABEL, width / 2 - 8 if narrow else width - 4, bold=True)


def _narrow(entering: Sequence[Arrow], routes: Mapping[tuple[int, int], tuple[Route, float]]) -> bool:
    """Whether a label above a box has only its left half, since an arrow comes down to it."""
    return any(routes[arrow.tail, arrow.head][0] == "down" for arrow in entering)


def gutter_label(label: str) -> tuple[str, ...]:
    return wrapped(label, LABEL, GUTTER_LABEL, bold=True)
