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
_STUB = 8.0  # how far below a box an arrow that leaves at its bottom turns
_LOWER = 9.0  # how far below the point of a hexagon another arrow may leave
_ABOVE = 3.0  # between a label and the line below it
_CLEAR = 4.0  # between parallel parts of arrows

Route = Literal["down", "across", "over", "under", "around"]
"""`down`: straight to the next box of the lane. `across`: to the right neighbour in the same row. `over`: to the right,
then down into a lane that is free. `under`: to the right through the gutter, into a lane below other boxes of it.
`around`: through the gutter beside the lane, to anywhere.
"""


@dataclass(frozen=True, slots=True)
class Size:
    """What placing needs of a box: its height, how far below its top arrows leave sideways, and whether it decides.
    `slant`: how far the edges of a hexagon recede for each point below its tips.
    """

    height: float
    exit: float
    decision: bool
    slant: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """An arrow with its route. `y`: where it leaves; `enter`: where it comes in. `gutter` k lies right of lane k.
    `channel`: at which height it crosses to its head's top, or `None` if it enters from the side or above.
    `bottom`: it leaves there, at the bottom of its box, and turns at `y`. `inset`: so far from the side of its lane it
    leaves a hexagon. The label begins at `label_top`.
    """

    arrow: Arrow
    route: Route
    label: tuple[str, ...]
    label_top: float
    y: float
    enter: float = 0.0
    gutter: int = 0
    channel: float | None = None
    bottom: float | None = None
    inset: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A column: the tops of its boxes, the runs of its arrows, its height. The end of the column is box `stop`."""

    tops: Mapping[int, float]
    lanes: Mapping[int, int]
    runs: tuple[Run, ...]
    height: float


@dataclass(frozen=True, slots=True)
class _Way:
    """How an arrow leaves: at the height `y`, or turning there."""

    route: Route
    y: float
    label: tuple[str, ...] = ()
    label_top: float = 0.0  # of `under`: known only with the place of its head

    @property
    def label_height(self) -> float:
        return len(self.label) * LABEL_LEADING


_Ways = dict[tuple[int, int], _Way]


@dataclass(slots=True)
class _State:
    free: dict[int, float] = field(default_factory=dict)  # by lane: below which height it is free
    tops: dict[int, float] = field(default_factory=dict)
    top: float = 0.0
    # At which heights arrows come into each gutter from its left (`True`) and from its right.
    coming: dict[tuple[int, bool], list[float]] = field(default_factory=dict)


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
    ways: _Ways = {}
    entering: dict[int, list[Arrow]] = {}
    for arrow in inside:
        entering.setdefault(arrow.head, []).append(arrow)
    for box in [*boxes, *([boxes.stop] if leaves else [])]:
        above = state.free.get(lane[box], 0.0)
        top = _top(box, entering.get(box, []), ways, size, lane, state, first)
        if any(_is_channelled(arrow, ways, size, lane) for arrow in entering.get(box, [])):
            above = top - CHANNEL + _ABOVE
        if box == boxes.stop:
            # From the end of the column a line runs right below all its lanes.
            top = max(top, *(free + 7 for free in state.free.values()))
        state.tops[box] = state.top = top
        state.free[lane[box]] = top + size[box].height
        _reserve(box, entering.get(box, []), ways, lane, top, state)
        leaving = [a for a in inside if a.tail == box]
        _leave(box, leaving, entering, ways, size, lane, below, above, state, width)
    runs = tuple(_run(arrow, ways[arrow.tail, arrow.head], size, lane, state.tops) for arrow in inside)
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
    ways: _Ways,
    size: Mapping[int, Size],
    lane: Mapping[int, int],
    state: _State,
    first: float,
) -> float:
    """The highest place where a box may stand."""
    own = state.free.get(lane[box])
    top = max(state.top, own + GAP if own is not None else first)
    channelled = False
    for arrow in entering:
        way = ways[arrow.tail, arrow.head]
        tail_bottom = state.tops[arrow.tail] + size[arrow.tail].height
        match way.route:
            case "across":
                top = max(top, way.y - size[box].exit)
            case "over":
                top = max(top, way.y + 15.0)
            case "down":
                top = max(top, tail_bottom + GAP)
            case "under":
                beginning = own if own is not None else first
                top = max(top, way.y + GAP, beginning + CHANNEL + way.label_height + 6)
            case "around":
                if _enters_side(arrow, size, lane):
                    top = max(top, way.y - 4, tail_bottom + 4)
                else:
                    top = max(top, way.y + CHANNEL, tail_bottom + GAP + 2)
                    channelled = True
        if way.route in ("under", "around"):
            for crossed in _crossed(arrow, lane):
                if crossed in state.free:
                    top = max(top, state.free[crossed] + CHANNEL + 8)
    if channelled and own is not None:
        top = max(top, own + GAP + 4)
    return top


def _reserve(
    box: int, entering: Sequence[Arrow], ways: _Ways, lane: Mapping[int, int], top: float, state: _State
) -> None:
    """Keep the lanes free that arrows cross on their way to a box."""
    for arrow in entering:
        if ways[arrow.tail, arrow.head].route in ("around", "under"):
            for crossed in _crossed(arrow, lane):
                state.free[crossed] = max(state.free.get(crossed, 0.0), top - CHANNEL)


def _leave(
    box: int,
    leaving: Sequence[Arrow],
    entering: Mapping[int, Sequence[Arrow]],
    ways: _Ways,
    size: Mapping[int, Size],
    lane: Mapping[int, int],
    below: Mapping[int, int],
    above: float,
    state: _State,
    width: float,
) -> None:
    """Choose the routes of the arrows that leave a box, and keep free what they and their labels need. `above`: where
    what stands above the box in its lane ends.
    """
    bottom, exit = state.tops[box] + size[box].height, state.tops[box] + size[box].exit
    own = lane[box]
    used: dict[bool, list[float]] = {False: [], True: []}  # on the left and the right: where arrows leave sideways
    straight = [a for a in leaving if _is_down(a, lane, below)]
    aside = [a for a in leaving if a not in straight]
    beside = [a for a in aside if lane[a.head] >= own]
    around: list[Arrow] = []
    for arrow in sorted(aside, key=lambda a: lane[a.head] <= own):
        way = None
        if size[box].decision and lane[arrow.head] > own:
            way = _to_the_right(arrow, entering, ways, lane, below, state, exit, width)
        if way is None:
            around.append(arrow)
            continue
        if way.route == "over":
            if len(beside) == len(entering[arrow.head]) == 1 and _fits_across(arrow, size, lane, state):
                way = _above("across", exit, way.label)
            else:
                state.free |= {k: max(state.free.get(k, 0.0), exit) for k in range(own + 1, lane[arrow.head])}
                state.free[lane[arrow.head]] = exit
        ways[box, arrow.head] = way
        used[True].append(exit)
        state.coming.setdefault((own, True), []).append(exit)
    for arrow in around:
        if not size[box].decision:
            ways[box, arrow.head] = _Way("around", bottom + _STUB)
            state.free[own] = bottom + _STUB + 4
            continue
        right = lane[arrow.head] >= own
        gutter = _gutter(arrow, lane)
        if not used[right] and _meets(exit, gutter, right, state):
            used[right].append(exit)
        way = _around(arrow, exit, used[right], above, state.free[own], width)
        ways[box, arrow.head] = way
        used[right].append(way.y)
        state.coming.setdefault((gutter, right), []).append(way.y)
        state.free[own] = max(state.free[own], way.label_top + way.label_height, way.y + 4 if way.y > bottom else 0.0)
    # What leads straight down starts below all that leaves at the bottom.
    for arrow in straight:
        label = wrapped(arrow.label, LABEL, width / 2 - 8, bold=True)
        ways[box, arrow.head] = _Way("down", bottom, label, state.free[own] + 2)
        if label:
            state.free[own] += len(label) * LABEL_LEADING - 4


def _above(route: Route, y: float, label: tuple[str, ...]) -> _Way:
    return _Way(route, y, label, y - _ABOVE - len(label) * LABEL_LEADING)


def _around(arrow: Arrow, exit: float, used: Sequence[float], above: float, free: float, width: float) -> _Way:
    """Out at the point of a hexagon, or right below it, where others leave there; but at its bottom, below what leaves
    there already, where the label has no room beside it.
    """
    label = _gutter_label(arrow.label)
    if not used and exit - _ABOVE - len(label) * LABEL_LEADING >= above:
        return _above("around", exit, label)
    if used and max(used) == exit and len(label) < 2:
        return _Way("around", exit + _LOWER, label, exit + _LOWER + 1)
    label = wrapped(arrow.label, LABEL, width / 2 - 8, bold=True)
    return _above("around", free + max(_STUB, len(label) * LABEL_LEADING + _ABOVE + 1), label)


def _is_down(arrow: Arrow, lane: Mapping[int, int], below: Mapping[int, int]) -> bool:
    return lane[arrow.head] == lane[arrow.tail] and below.get(arrow.tail) == arrow.head


def _to_the_right(
    arrow: Arrow,
    entering: Mapping[int, Sequence[Arrow]],
    ways: _Ways,
    lane: Mapping[int, int],
    below: Mapping[int, int],
    state: _State,
    exit: float,
    width: float,
) -> _Way | None:
    """`over` or `under`, with the label above the head, where other arrows to it leave room; else `None`."""
    others = [other for other in entering[arrow.head] if other.tail != arrow.tail]
    over = [other for other in others if (way := ways.get((other.tail, other.head))) and way.route == "over"]
    straight = [other for other in others if _is_down(other, lane, below)] + over
    # The label of one that comes from the side stands left of those that come from above.
    label = wrapped(arrow.label, LABEL, width / 2 - 8 if straight else width - 4, bold=True)
    if _is_fresh(arrow, lane, state, exit, len(label)):
        return _above("over", exit, label)
    alone = all(other in straight or lane[other.tail] >= lane[arrow.head] for other in others)
    if alone and not _meets(exit, lane[arrow.tail], True, state):
        return _Way("under", exit, label)
    return None


def _meets(y: float, gutter: int, from_left: bool, state: _State) -> bool:
    """Whether an arrow that comes into a gutter meets one that comes from its other side."""
    return any(abs(y - other) < _CLEAR for other in state.coming.get((gutter, not from_left), []))


def _fits_across(arrow: Arrow, size: Mapping[int, Size], lane: Mapping[int, int], state: _State) -> bool:
    """Whether the head may stand right beside the tail, where its arrow comes in at its middle."""
    head, tail = size[arrow.head], size[arrow.tail]
    top = state.tops[arrow.tail] + max(tail.exit - head.exit, 0.0)
    return (
        (arrow.head, lane[arrow.head]) == (arrow.tail + 1, lane[arrow.tail] + 1)
        and not head.decision
        and text_width(arrow.label, LABEL, True) <= GUTTER_LABEL / 2
        and state.free.get(lane[arrow.head], -GAP) + GAP <= top
    )


def _is_fresh(arrow: Arrow, lane: Mapping[int, int], state: _State, exit: float, lines: int) -> bool:
    """Whether the lane of the head is free from the height of the arrow down to it, with room for the label above."""
    label_top = exit - _ABOVE - max(lines, 1) * LABEL_LEADING
    between = [at for at in lane if arrow.tail < at < arrow.head and lane[at] == lane[arrow.head]]
    above = state.free.get(lane[arrow.head])
    crossed = [state.free.get(k, -100.0) for k in range(lane[arrow.tail] + 1, lane[arrow.head])]
    return (
        not between
        and label_top >= (0.0 if above is None else above + _ABOVE)
        and all(free + 6 <= exit for free in crossed)
    )


def _gutter(arrow: Arrow, lane: Mapping[int, int]) -> int:
    """The gutter beside the tail, on the side of the head."""
    return lane[arrow.tail] - 1 if lane[arrow.head] < lane[arrow.tail] else lane[arrow.tail]


def _crossed(arrow: Arrow, lane: Mapping[int, int]) -> range:
    """The lanes that lie between the gutter of an arrow and the lane of its head."""
    gutter, to = _gutter(arrow, lane), lane[arrow.head]
    return range(to + 1, gutter + 1) if to <= gutter else range(gutter + 1, to)


def _is_channelled(arrow: Arrow, ways: _Ways, size: Mapping[int, Size], lane: Mapping[int, int]) -> bool:
    """Whether an arrow comes in from a side right above its head."""
    route = ways[arrow.tail, arrow.head].route
    return route == "under" or (route == "around" and not _enters_side(arrow, size, lane))


def _enters_side(arrow: Arrow, size: Mapping[int, Size], lane: Mapping[int, int]) -> bool:
    """Whether an arrow enters its head from the gutter beside it."""
    gutter = _gutter(arrow, lane)
    high = size[arrow.head].height
    return high > 0 and not size[arrow.head].decision and gutter in (lane[arrow.head], lane[arrow.head] - 1)


def _run(arrow: Arrow, way: _Way, size: Mapping[int, Size], lane: Mapping[int, int], tops: Mapping[int, float]) -> Run:
    top, tail = tops[arrow.head], size[arrow.tail]
    tail_top, gutter = tops[arrow.tail], _gutter(arrow, lane)
    match way.route:
        case "down" | "over":
            return Run(arrow, way.route, way.label, way.label_top, way.y, top, gutter)
        case "across":
            return Run(arrow, way.route, way.label, way.label_top, way.y, way.y, gutter)
        case "under":
            channel = top - CHANNEL
            label_top = channel - _ABOVE - way.label_height
            return Run(arrow, way.route, way.label, label_top, way.y, top, gutter, channel)
        case "around":
            side = _enters_side(arrow, size, lane)
            bottom = tail_top + tail.height
            return Run(
                arrow,
                way.route,
                way.label,
                way.label_top,
                way.y,
                top + min(size[arrow.head].exit, 15.0) if side else top,
                gutter,
                None if side else top - CHANNEL,
                bottom if way.y > bottom else None,
                max(way.y - tail_top - tail.exit, 0.0) * tail.slant,
            )


def _gutter_label(label: str) -> tuple[str, ...]:
    return wrapped(label, LABEL, GUTTER_LABEL, bold=True)
