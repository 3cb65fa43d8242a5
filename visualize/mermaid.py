"""A graph in Mermaid, which many wikis and code hosts draw where it stands in a Markdown text."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from guidewright.visualize.chart import Box, Look, chart_of, in_lines, lines_of
from guidewright.visualize.palette import INK, SHAPES

if TYPE_CHECKING:
    from networkx import DiGraph

_BOX, _ARROW = 32, 22  # characters a line

_LOOKS: dict[Look, tuple[str, str, str]] = {
    # What opens and closes a box, and the colours of which shape of our own pictures.
    "state": ("(", ")", "state"),
    "action": ("[", "]", "action"),
    "decision": ("{{", "}}", "decision"),
    "weigh": ("[[", "]]", "panel"),
    "choose": ("[/", "/]", "action"),
    "link": ("([", "])", "link"),
    "end": ("([", "])", "end"),
    "fact": ("(", ")", "state"),
    "derived": ("([", "])", "state"),
    "row": (">", "]", "link"),
    "rule": ("[", "]", "action"),
    "whole": ("[[", "]]", "panel"),
}

_PLAIN = frozenset(" .,-()/?!'+=")


def mermaid_text(graph: DiGraph) -> str:
    """Mermaid of a graph that `decision_graph` or `facts_graph` made, or of a part of it; links stand in their boxes
    and are no arrows. The same nodes and edges give the same bytes. Raises `ValueError` for another graph.

    Texts hold no character with a meaning in Mermaid, Markdown or HTML; there are no links, clicks or directives.
    """
    chart = chart_of(graph)
    title, which, notice, *_ = chart.about
    lines = [
        f"flowchart {'TD' if chart.downward else 'LR'}",
        f"  %% {_shown(title)}",
        f"  %% {_shown(which)}",
        f"  %% {_shown(notice)}",
    ]
    for page, name in enumerate(chart.pages):
        lines += [f'  subgraph page_{page}["{_shown(name)}"]', "    direction TB"]
        lines += [f"    {_box(box)}" for box in chart.boxes if box.page == page]
        lines.append("  end")
    lines += [f"  {_box(box)}" for box in chart.boxes if box.page is None]
    lines.append(f"  {_box(Box('about', 'whole', chart.about))}")
    for arrow in chart.arrows:
        says = f'|"{_joined([in_lines(arrow.text, _ARROW)])}"|' if arrow.text else ""
        lines.append(f"  {arrow.tail} -->{says} {arrow.head}")
    for like in sorted({_LOOKS[box.look][2] for box in chart.boxes} | {_LOOKS["whole"][2]}):
        colours = SHAPES[like]
        lines.append(f"  classDef as_{like} fill:{colours.fill},stroke:{colours.stroke},color:{INK}")
    return "\n".join(lines) + "\n"


def _box(box: Box) -> str:
    opens, closes, like = _LOOKS[box.look]
    return f'{box.id}{opens}"{_joined(lines_of(box, _BOX))}"{closes}:::as_{like}'


def _joined(paragraphs: list[tuple[str, ...]]) -> str:
    return "<br/>".join(_shown(line) for lines in paragraphs for line in lines)


def _shown(text: str) -> str:
    """Letters, digits and harmless marks as they are, all else by its number."""
    return "".join(c if c in _PLAIN or unicodedata.category(c)[0] in "LMN" else f"#{ord(c)};" for c in text)
