"""A graph in DOT, the language of Graphviz: a picture to lay out and change with other tools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from guidewright.visualize.chart import Arrow, Box, Look, chart_of, in_lines, lines_of
from guidewright.visualize.chart_marks import painted, painted_arrow, painted_head
from guidewright.visualize.marks import Marks
from guidewright.visualize.palette import INK, SHAPES, STAGES, TEXTS, stage_rank

if TYPE_CHECKING:
    from graphviz import Digraph
    from networkx import DiGraph

_BOX, _ARROW, _ABOUT = 36, 22, 90  # characters a line

_LOOKS: dict[Look, tuple[str, str, str]] = {
    # Shape, style, and the colours of which shape of our own pictures.
    "state": ("box", "rounded,filled", "state"),
    "action": ("box", "filled", "action"),
    "decision": ("hexagon", "filled", "decision"),
    "weigh": ("octagon", "filled", "panel"),
    "choose": ("tab", "filled", "action"),
    "link": ("ellipse", "filled", "link"),
    "end": ("ellipse", "filled,bold", "end"),
    "fact": ("box", "rounded,filled", "state"),
    "derived": ("box", "rounded,filled,bold", "state"),
    "row": ("note", "filled", "link"),
    "rule": ("box", "filled", "action"),
    "whole": ("folder", "filled", "panel"),
}
# Rules in a box begin at its left side.
_DETAILS: dict[Look, str] = {"action": "l", "decision": "l", "choose": "l", "weigh": "l"}


def dot_text(graph: DiGraph, marks: Marks | None = None) -> str:
    """DOT of a graph that `decision_graph` or `facts_graph` made, or of a part of it; links stand in their boxes and
    are no arrows. With `marks` a decision graph shows the patient's way, what holds, what is open and what is missing,
    under a heading that says whose it is. The same nodes, edges and marks give the same bytes. Raises `ValueError` for
    another graph, for marks that came from another guideline or version, and for marks on facts.

    Texts are plain labels: no HTML, links or images, and nothing that an author wrote is read as DOT.
    """
    import graphviz

    chart = chart_of(graph, marks)
    dot = graphviz.Digraph("guideline")
    dot.attr(
        "graph",
        rankdir="TB" if chart.downward else "LR",
        newrank="true",
        nodesep="0.38",
        ranksep="0.36",
        pad="0.3",
        outputorder="edgesfirst",
        fontname="Arial",
        fontsize="9",
        fontcolor=TEXTS["muted"],
        labelloc="b",
        labeljust="l",
        label=_label((in_lines(text, _ABOUT), "l") for text in (*chart.about, *chart.legend)),
    )
    if marks is not None:
        dot.attr("graph", labelloc="t", fontsize="12", fontcolor=painted_head(marks.applies).text)
    dot.attr("node", fontname="Arial", fontsize="10", fontcolor=INK, penwidth="1.2", margin="0.15,0.08")
    dot.attr("edge", fontname="Arial", fontsize="9", fontcolor=INK, color=SHAPES["arrow"].stroke)
    for page, title in enumerate(chart.pages):
        colour = STAGES[stage_rank(page)]
        with dot.subgraph(name=f"cluster_{page}") as cluster:
            cluster.attr(
                label=_label([(in_lines(title, _ABOUT), "l")]),
                style="rounded",
                color=colour,
                fontcolor=colour,
                fontsize="13",
                labelloc="t",
                labeljust="l",
            )
            _add([box for box in chart.boxes if box.page == page], cluster)
    _add([box for box in chart.boxes if box.page is None], dot)
    for arrow in chart.arrows:
        label = _label([(in_lines(arrow.text, _ARROW), "n")]) if arrow.text else None
        dot.edge(arrow.tail, arrow.head, label=label, **_drawn(arrow))
    source: str = dot.source
    return source


def _add(boxes: list[Box], dot: Digraph) -> None:
    for box in boxes:
        shape, style, like = _LOOKS[box.look]
        paint = painted(like, box.passing, box.lit)
        first, *others = lines_of(box, _BOX)
        label = _label([(first, "n"), *((lines, _DETAILS.get(box.look, "n")) for lines in others)])
        marked = {"penwidth": f"{paint.width:g}", "fontcolor": paint.text} if box.passing is not None else {}
        dashed = ",dashed" if paint.dashed else ""
        dot.node(box.id, label, shape=shape, style=style + dashed, fillcolor=paint.fill, color=paint.stroke, **marked)


def _drawn(arrow: Arrow) -> dict[str, str]:
    """How an arrow shows whether a patient's way takes it."""
    if arrow.taking is None:
        return {}
    paint = painted_arrow(arrow.taking)
    marked = {"color": paint.stroke, "penwidth": f"{paint.width:g}", "fontcolor": paint.text}
    return marked | {"style": "dashed"} if paint.dashed else marked


def _label(paragraphs: Iterable[tuple[tuple[str, ...], str]]) -> str:
    """A plain label. Each line ends in `\\n` (centred) or `\\l` (to the left), which we write; what stands in a line is
    shown as it is: a label knows HTML entities, so its `&` is written as one.
    """
    from graphviz import escape, nohtml

    ended = ((escape(line.replace("&", "&amp;")), end) for lines, end in paragraphs for line in lines)
    label: str = nohtml("".join(f"{line}\\{end}" for line, end in ended))
    return label
