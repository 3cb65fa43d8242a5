"""How many sheets the page of a stage takes: one, unless it has more boxes than a reader can follow, or would have to
be printed too small. A sheet that goes on elsewhere says so in a box.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, pairwise

from guidewright.rules.model import Stage, Step
from guidewright.visualize.boxes import Target
from guidewright.visualize.lanes import clean_cuts
from guidewright.visualize.rule_rows import Scheme
from guidewright.visualize.stage_chart import Onward, StageChart, arrows_of, stage_chart

MOST_BOXES = 25
_MOST_TRIES = 12


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
    best: tuple[SheetChart, ...] = ()
    least = math.ceil(len(steps) / MOST_BOXES)
    for count in range(least, len(steps) + 1 if split else least + 1):
        scales: list[float] = []
        for parts in _partings(steps, count):
            made = tuple(
                _sheet(stage, position, part, parts, scheme, targets, rooms.others if number else rooms.first)
                for number, part in enumerate(parts)
            )
            scale = min(_scale(sheet, rooms.others if i else rooms.first) for i, sheet in enumerate(made))
            if not scales or scale > max(scales):
                best = made
            scales.append(scale)
            if scale >= 1 or not split:
                return best
    return best


def _scale(sheet: SheetChart, room: tuple[float, float]) -> float:
    return min(room[0] / sheet.made.chart.width, room[1] / sheet.made.chart.height)


def _partings(steps: Sequence[Step], count: int) -> list[list[Sequence[Step]]]:
    """The ways to part the steps that come nearest to parts of like length, cut where all ways meet; where there are
    no such places, a cut anywhere.
    """
    if count == 1:
        return [[steps]]
    heights = [0]
    for step in steps:
        heights.append(heights[-1] + 2 + len(step.rules) + len(step.text) // 30)
    fair = heights[-1] / count

    def unfair(where: Sequence[int]) -> float:
        return max(abs(heights[b] - heights[a] - fair) for a, b in pairwise((0, *where, len(steps))))

    def fits(where: Sequence[int]) -> bool:
        return all(b - a <= MOST_BOXES for a, b in pairwise((0, *where, len(steps))))

    clean = clean_cuts(range(len(steps)), arrows_of(steps, steps))
    # On a very long page not every way is looked at.
    found = sorted(filter(fits, islice(combinations(clean, count - 1), 5000)), key=unfair)[:_MOST_TRIES]
    anywhere = [round(len(steps) * number / count) for number in range(1, count)]
    return [[steps[a:b] for a, b in pairwise((0, *where, len(steps)))] for where in found or [tuple(anywhere)]]


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
        Onward(step, Target(step.box, f"sheet {number + 1}", f"{position + 1}-{stage.id}-{number + 1}"))
        for number, other in enumerate(parts)
        for step in other
        if step.id in leads_to - inside
    ]
    return SheetChart(stage, stage_chart(stage, part, onward, scheme, targets, room))
