"""How many sheets the page of a stage takes: one, unless it has more boxes than a reader can follow, or would have to
be printed too small. A sheet that goes on elsewhere says so in a box.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product

from guidewright.rules.model import Stage, Step
from guidewright.visualize.boxes import Target
from guidewright.visualize.lanes import clean_cuts
from guidewright.visualize.rule_rows import Scheme
from guidewright.visualize.stage_chart import Onward, StageChart, arrows_of, stage_chart

MOST_BOXES = 25
_MOST_TRIES = 12
_MOST_FREE = 6  # sheets; with more there are too many ways to cut


@dataclass(frozen=True, slots=True, repr=False)
class SheetChart:
    stage: Stage
    made: StageChart


@dataclass(frozen=True, slots=True)
class Rooms:
    """The width and height that a chart may have to be read, on the first sheet of a stage and on the others."""

    first: tuple[float, float]
    others: tuple[float, float]


def sheets_of(
    stage: Stage, position: int, scheme: Scheme, targets: Mapping[str, Target], rooms: Rooms, *, split: bool
) -> tuple[SheetChart, ...]:
    """The charts of a stage; with `split`, as many as it takes to read each."""
    steps = sorted(stage.steps, key=lambda step: step.box)
    if not steps:
        return ()
    clean = clean_cuts(range(len(steps)), arrows_of(steps, steps))
    known: dict[tuple[int, int], bool] = {}

    def made(begin: int, end: int, parts: Sequence[Sequence[Step]]) -> SheetChart:
        room = rooms.others if begin else rooms.first
        return _sheet(stage, position, steps[begin:end], parts, scheme, targets, room)

    def fits(begin: int, end: int) -> bool:
        if (begin, end) not in known:
            room = rooms.others if begin else rooms.first
            chart = made(begin, end, (steps[:begin], steps[begin:end], steps[end:])).made.chart
            known[begin, end] = chart.width <= room[0] and chart.height <= room[1]
        return known[begin, end]

    cuts = _cuts(steps, clean, fits) if split else next(_even_cuts(steps, clean, math.ceil(len(steps) / MOST_BOXES)))
    ends = list(pairwise((0, *cuts, len(steps))))
    parts = [steps[begin:end] for begin, end in ends]
    return tuple(made(begin, end, parts) for begin, end in ends)


def _cuts(steps: Sequence[Step], clean: Sequence[int], fits: Callable[[int, int], bool]) -> tuple[int, ...]:
    """Where to cut so that every sheet can be read: into as few sheets as it takes, of like length if that can be."""
    filled: tuple[int, ...] | None = None
    for count in range(math.ceil(len(steps) / MOST_BOXES), len(steps) + 1):
        for cuts in islice(_even_cuts(steps, clean, count), _MOST_TRIES):
            if all(fits(begin, end) for begin, end in pairwise((0, *cuts, len(steps)))):
                return cuts
        if filled is None:
            filled = _filled(len(steps), clean, fits)
        if count > len(filled):
            break
    return filled or ()


def _filled(count: int, clean: Sequence[int], fits: Callable[[int, int], bool]) -> tuple[int, ...]:
    """Cuts that fill one sheet after the other; a box that is too large for any stands alone."""
    found: list[int] = []
    begin = 0
    while begin < count:
        ends = range(begin + 1, min(begin + MOST_BOXES, count) + 1)
        end = _last(begin, ends, fits) or begin + 1
        if end < count:
            # Where all ways meet a reader loses nothing; that is worth a shorter sheet.
            meeting = _last(begin, [cut for cut in clean if (begin + end) / 2 <= cut <= end], fits)
            end = meeting or end
        found.append(end)
        begin = end
    return tuple(found[:-1])


def _last(begin: int, ends: Sequence[int], fits: Callable[[int, int], bool]) -> int | None:
    """The last end up to which a sheet can be read, if longer ones can be read no better."""
    place = bisect_left(ends, True, key=lambda end: not fits(begin, end))
    return ends[place - 1] if place else None


def _even_cuts(steps: Sequence[Step], clean: Sequence[int], count: int) -> Iterator[tuple[int, ...]]:
    """The cuts that come nearest to `count` parts of like length, where all ways meet; where there are no such places,
    those anywhere.
    """
    heights = [0]
    for step in steps:
        heights.append(heights[-1] + 2 + len(step.rules) + len(step.text) // 30)
    fair = heights[-1] / count

    def unfair(cuts: Sequence[int]) -> float:
        return max(abs(heights[b] - heights[a] - fair) for a, b in pairwise((0, *cuts, len(steps))))

    def is_good(cuts: Sequence[int]) -> bool:
        return all(0 < b - a <= MOST_BOXES for a, b in pairwise((0, *cuts, len(steps))))

    near = 3 if count <= _MOST_FREE else 1
    choices = [sorted(clean, key=lambda cut: abs(heights[cut] - fair * k))[:near] for k in range(1, count)]
    found = sorted(filter(is_good, product(*choices)), key=unfair)
    yield from found or [tuple(round(len(steps) * k / count) for k in range(1, count))]


def _sheet(
    stage: Stage,
    position: int,
    part: Sequence[Step],
    parts: Sequence[Sequence[Step]],
    scheme: Scheme,
    targets: Mapping[str, Target],
    room: tuple[float, float],
) -> SheetChart:
    inside = {step.id for step in part}
    leads_to = {to for step in part for to in (step.go, *(answer.go for answer in step.answers)) if to is not None}
    onward = [
        Onward(step, Target(step.box, step.text, f"sheet {number + 1}", f"{position + 1}-{stage.id}-{number + 1}"))
        for number, other in enumerate(parts)
        for step in other
        if step.id in leads_to - inside
    ]
    return SheetChart(stage, stage_chart(stage, part, onward, scheme, targets, room))
