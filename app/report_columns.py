"""Setting a long table as two beside each other, so that short rows do not waste the width of the paper."""

from __future__ import annotations

from math import ceil

from guidewright.document import Line, Table
from guidewright.rules.display import escaped, width

_PAGE = 120  # letters on a line of the whole page, about


def halves(table: Table) -> tuple[Table, Table]:
    """The table as two that are about as high as each other, in reading order; the second may have no row."""
    heights = [max(map(ceil, _lines(row, table.shares))) for row in table.rows]
    best = min(
        range(1, len(heights) + 1),
        key=lambda cut: (max(sum(heights[:cut]), sum(heights[cut:])), cut),
        default=0,
    )
    return Table(table.header, table.rows[:best], table.shares), Table(table.header, table.rows[best:], table.shares)


def _lines(row: tuple[Line, ...], shares: tuple[int, ...]) -> list[float]:
    """How many lines each cell takes in half the page."""
    room = [_PAGE / 2 * share / sum(shares) for share in shares]
    letters = [sum(width(escaped(span.text)) for span in cell) for cell in row]
    return [max(1.0, count / space) for count, space in zip(letters, room, strict=True)]
