"""A graph in Mermaid, which many wikis and code hosts draw where it stands in a Markdown text."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from guidewright.visualize.chart import Arrow, Box, Chart, Look, chart_of, in_lines, lines_of
from guidewright.visualize.chart_marks import Paint, Taking, painted, painted_arrow, painted_head
from guidewright.visualize.marks import Marks

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


def mermaid_text(graph: DiGraph, marks: Marks | None = None) -> str:
    """Mermaid of a graph that `decision_graph` or `facts_graph` made, or of a part of it; links stand in their boxes
    and are no arrows. With `marks` a decision graph shows the patient's way, what holds, what is open and what is
    missing, and first a box that says whose it is. The same nodes, edges and marks give the same bytes. Raises
    `ValueError` for another graph, for marks that came from another guideline or version, and for marks on facts.

    Texts hold no character with a meaning in Mermaid, Markdown or HTML; there are no links, clicks or directives.
    """
    chart = chart_of(graph, marks)
    about = f"  {_about(chart, marks)}"
    lines = [f"flowchart {'TD' if chart.downward else 'LR'}", *(f"  %% {_shown(text)}" for text in chart.about)]
    lines += [about] if marks is not None else []
    for page, name in enumerate(chart.pages):
        lines += [f'  subgraph page_{page}["{_shown(name)}"]', "    direction TB"]
        lines += [f"    {_box(box)}" for box in chart.boxes if box.page == page]
        lines.append("  end")
    lines += [f"  {_box(box)}" for box in chart.boxes if box.page is None]
    lines += [about] if marks is None else []
    for arrow in chart.arrows:
        says = f'|"{_joined([in_lines(arrow.text, _ARROW)])}"|' if arrow.text else ""
        lines.append(f"  {arrow.tail} -->{says} {arrow.head}")
    return "\n".join([*lines, *_classes(chart, marks), *_ways(chart.arrows)]) + "\n"


def _box(box: Box) -> str:
    opens, closes, _ = _LOOKS[box.look]
    return f'{box.id}{opens}"{_joined(lines_of(box, _BOX))}"{closes}:::{_class(box)}'


def _about(chart: Chart, marks: Marks | None) -> str:
    box = Box("about", "whole", (*chart.about, *chart.legend))
    opens, closes, _ = _LOOKS[box.look]
    return f'{box.id}{opens}"{_joined(lines_of(box, _BOX))}"{closes}:::{_HEAD if marks is not None else _class(box)}'


# --- colours and lines


_HEAD = "as_head"


def _class(box: Box) -> str:
    """The class of a box, such as `as_action`, or with a patient's marks `as_action_passed_fired`."""
    return "_".join(filter(None, ("as", _LOOKS[box.look][2], box.passing, box.lit)))


def _classes(chart: Chart, marks: Marks | None) -> list[str]:
    boxes = [*chart.boxes] if marks is not None else [*chart.boxes, Box("about", "whole", ())]
    paints = {_class(box): painted(_LOOKS[box.look][2], box.passing, box.lit) for box in boxes}
    if marks is not None:
        paints[_HEAD] = painted_head(marks.applies)
    return [
        f"  classDef {name} fill:{paint.fill},stroke:{paint.stroke},color:{paint.text}"
        f"{_line(paint) if marks is not None else ''}"
        for name, paint in sorted(paints.items())
    ]


def _ways(arrows: tuple[Arrow, ...]) -> list[str]:
    """The arrows by their positions, as whether a patient's way takes them."""
    found: dict[Taking, list[int]] = {}
    for position, arrow in enumerate(arrows):
        if arrow.taking is not None:
            found.setdefault(arrow.taking, []).append(position)
    lines: list[str] = []
    for taking, positions in sorted(found.items()):
        paint = painted_arrow(taking)
        which = ",".join(map(str, positions))
        lines.append(f"  linkStyle {which} stroke:{paint.stroke},color:{paint.text}{_line(paint)}")
    return lines


def _line(paint: Paint) -> str:
    return f",stroke-width:{paint.width:g}px{',stroke-dasharray:6 4' if paint.dashed else ''}"


def _joined(paragraphs: list[tuple[str, ...]]) -> str:
    return "<br/>".join(_shown(line) for lines in paragraphs for line in lines)


def _shown(text: str) -> str:
    """Letters, digits and harmless marks as they are, all else by its number."""
    return "".join(c if c in _PLAIN or unicodedata.category(c)[0] in "LMN" else f"#{ord(c)};" for c in text)
