"""The arrangement of a page's boxes that can be read largest on a sheet of paper: how wide the boxes are, where one
column ends and the next begins, and how each column shares out its lanes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

from guidewright.visualize.lanes import MANNERS, Arrow, clean_cuts, lanes_of
from guidewright.visualize.placing import Placed, Size, placed
from guidewright.visualize.routing import BETWEEN, Chart, chart, width_of

WIDTHS = (154.0, 168.0, 184.0, 204.0)
_FIRST = 22.0  # above the first box of a column that another one leads to
_MOST_COLUMNS = 4
_MOST_WAYS = 24


@dataclass(frozen=True, slots=True)
class _Column:
    placed: Placed
    width: float


def arranged(
    count: int,
    arrows: Sequence[Arrow],
    sizes_at: Callable[[float], Sequence[Size]],
    room: tuple[float, float],
) -> tuple[Chart, float]:
    """The best chart of `count` boxes in a room, wide and high, and the width of its boxes. `sizes_at` gives their
    sizes at a width.
    """
    best: tuple[tuple[float, float], tuple[_Column, ...], float] | None = None
    cuts = clean_cuts(range(count), arrows)
    for width in WIDTHS:
        sizes = sizes_at(width)
        known: dict[tuple[int, int], list[_Column]] = {}
        for where in _ways_to_cut(cuts, sizes):
            ranges = list(pairwise((0, *where, count)))
            for begin, end in ranges:
                if (begin, end) not in known:
                    known[begin, end] = list(_columns(range(begin, end), arrows, sizes, width))
            for columns in product(*(known[each] for each in ranges)):
                wide = sum(column.width for column in columns) + BETWEEN * (len(columns) - 1)
                high = max(column.placed.height for column in columns)
                score = (min(room[0] / wide, room[1] / high, 1.0), -wide * high)
                if best is None or score > best[0]:
                    best = (score, columns, width)
    assert best is not None
    _, columns, width = best
    return chart([column.placed for column in columns], sizes_at(width), width), width


def _ways_to_cut(cuts: Sequence[int], sizes: Sequence[Size]) -> Iterator[tuple[int, ...]]:
    """The ways to cut that leave columns of like height; all of them are too many on a long page."""
    heights = [0.0]
    for size in sizes:
        heights.append(heights[-1] + size.height + 20)
    for wanted in range(_MOST_COLUMNS):
        fair = heights[-1] / (wanted + 1)

        def unfair(where: tuple[int, ...], fair: float = fair) -> float:
            return max(abs(heights[b] - heights[a] - fair) for a, b in pairwise((0, *where, len(sizes))))

        yield from sorted(combinations(cuts, wanted), key=unfair)[:_MOST_WAYS]


def _columns(boxes: range, arrows: Sequence[Arrow], sizes: Sequence[Size], width: float) -> Iterator[_Column]:
    """The different columns that the manners of sharing lanes give, none larger than another both ways."""
    seen: list[dict[int, int]] = []
    found: list[_Column] = []
    for manner in MANNERS:
        lanes = lanes_of(boxes, arrows, manner)
        if lanes not in seen:
            seen.append(lanes)
            made = placed(boxes, sizes, arrows, lanes, width, _FIRST if boxes.start else 0.0)
            found.append(_Column(made, width_of(made, width)))
    for i, column in enumerate(found):
        others = found[:i] + [other for other in found[i + 1 :] if _size(other) != _size(column)]
        if not any(o.width <= column.width and o.placed.height <= column.placed.height for o in others):
            yield column


def _size(column: _Column) -> tuple[float, float]:
    return column.width, column.placed.height
