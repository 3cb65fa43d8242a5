"""The sources by the numbers that the pages cite."""

from __future__ import annotations

from guidewright.rules.display import escaped
from guidewright.rules.english import READ_AS
from guidewright.rules.model import Source
from guidewright.visualize.picture import Area, Group, Shape, Text
from guidewright.visualize.rule_rows import Scheme
from guidewright.visualize.sheet import Block
from guidewright.visualize.text_metrics import wrapped

_WIDTH = 687.0
_SIZE, _LEADING = 9.0, 11.2
_NUMBER = 18.0
_BETWEEN = 18.0


def sources_pages(scheme: Scheme, height: float) -> list[Block]:
    """The list in two columns a page, none higher than `height`; no page where nothing is cited."""
    room = (_WIDTH - _BETWEEN) / 2
    blocks: list[Block] = []
    shapes: list[Shape] = []
    column, y = 0, 0.0
    for id, number in sorted(scheme.numbers.items(), key=lambda item: item[1]):
        lines = wrapped(_words(scheme.guideline.sources[id]), _SIZE, room - _NUMBER)
        high = len(lines) * _LEADING + 4
        if y and y + high > height:
            column, y = column + 1, 0.0
        if column == 2:
            blocks.append(_block(shapes, height, len(blocks)))
            shapes, column = [], 0
        x = column * (room + _BETWEEN)
        shapes.append(Text(x, y + _LEADING - 2.4, str(number), _SIZE, "ink", _NUMBER, bold=True))
        for i, line in enumerate(lines):
            baseline = y + (i + 1) * _LEADING - 2.4
            shapes.append(Text(x + _NUMBER, baseline, line, _SIZE, "ink", room - _NUMBER))
        y += high
    if shapes:
        blocks.append(_block(shapes, height if column else y, len(blocks)))
    return blocks


def _words(source: Source) -> str:
    url = f" {escaped(source.url)}" if source.url is not None else ""
    return f"{escaped(source.cite)} ({source.kind}; {READ_AS[source.read]}){url}"


def _block(shapes: list[Shape], height: float, part: int) -> Block:
    area = Area(0, 0, _WIDTH, height)
    said = " ".join(shape.text for shape in shapes if isinstance(shape, Text))
    return Block((Group("panel", f"sources-{part + 1}", said, area, tuple(shapes)),), _WIDTH, height)
