"""What is drawn of a graph where others lay it out (DOT, Mermaid): boxes with their texts, arrows and pages.

Links are drawn as boxes that say where to go on, not as arrows, as in the printed flowcharts.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from guidewright.rules.display import escaped

if TYPE_CHECKING:
    from networkx import DiGraph

Look = Literal[
    "state", "action", "decision", "weigh", "choose", "link", "end", "fact", "derived", "row", "rule", "whole"
]


@dataclass(frozen=True, slots=True)
class Box:
    """`id` has letters, digits and `_` only, and is no word of either format. `texts` are paragraphs on one line each.
    `page` is the position of its page.
    """

    id: str
    look: Look
    texts: tuple[str, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a box to another; `text` is its answer or its role."""

    tail: str
    head: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`pages` are the titles of the pages. `about` says what the whole is. `downward`: from top to bottom, else from
    left to right.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    pages: tuple[str, ...]
    about: tuple[str, ...]
    downward: bool


def chart_of(graph: DiGraph) -> Chart:
    """What is drawn of a graph that `decision_graph` or `facts_graph` made, or of a part of it; in the same order for
    the same nodes. Raises `ValueError` for another graph.
    """
    match graph.graph.get("view"):
        case "decisions":
            return _decisions(graph)
        case "facts":
            return _facts(graph)
        case _:
            raise ValueError("this is no graph of decision_graph or facts_graph, nor a part of one")


def safe_id(id: str) -> str:
    """An id that both formats take, another one for every id: `workup/size` becomes `n_workup_2f_size`."""
    return "n_" + "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in id)


def lines_of(box: Box, width: int) -> list[tuple[str, ...]]:
    """The texts of a box, each broken into lines of so many characters; a word that is too long is broken inside."""
    return [in_lines(text, width) for text in box.texts]


def in_lines(text: str, width: int) -> tuple[str, ...]:
    return tuple(textwrap.wrap(text, width)) or ("",)


# --- the pages


_LOOKS: Mapping[str, Look] = {
    "weigh": "weigh",
    "choose": "choose",
    "link": "link",
    "end": "end",
    "decision": "decision",
}


def _decisions(graph: DiGraph) -> Chart:
    nodes = sorted(graph.nodes(data=True), key=lambda node: (node[1]["box"], node[0]))
    pages = list(dict.fromkeys((data["stage"], data["stage_title"]) for _, data in nodes))
    order = {stage: position for position, (stage, _) in enumerate(pages)}
    boxes = tuple(
        Box(
            safe_id(id),
            _LOOKS.get(data["kind"], "action" if data["rules"] else "state"),
            tuple(escaped(text) for text in _box_texts(data, graph)),
            order[data["stage"]],
        )
        for id, data in nodes
    )
    arrows = tuple(
        Arrow(safe_id(id), safe_id(target), escaped(way["text"]))
        for id, _ in nodes
        for target, way in sorted(graph.adj[id].items(), key=lambda way: (way[1].get("positions", ()), way[0]))
        if way["kind"] != "link"
    )
    legend = "Hexagon: decision. Rectangle: action. Rounded: state. Oval: go on elsewhere, or the end."
    return Chart(boxes, arrows, tuple(escaped(title) for _, title in pages), (*_about(graph), legend), True)


def _box_texts(data: Mapping[str, Any], graph: DiGraph) -> Iterator[str]:
    text = data["text"]
    target = graph.nodes.get(data.get("leads_to"))
    if data["kind"] == "weigh" and text == data["weighing"]:
        text = data["question"]
    elif target is not None and text in (data["leads_to"], data["leads_to"].rpartition("/")[2]):
        text = target["text"]
    yield f"({data['box']}) {text}"
    if "leads_to" in data:
        yield f"go to box {target['box']}" if target is not None else f"go to {data['leads_to']}"
    for id, says in zip(data["rules"], data["says"], strict=True):
        yield f"{id} {says}{_unsigned(id in data['signoff'])}"


# --- the facts


_FACT_LOOKS: Mapping[str, Look] = {
    "recorded": "fact",
    "derived": "derived",
    "confirmed": "derived",
    "row": "row",
    "argument": "row",
    "weighing": "weigh",
    "rule": "rule",
    "decision": "decision",
    "guideline": "whole",
}


def _facts(graph: DiGraph) -> Chart:
    order = {kind: position for position, kind in enumerate(_FACT_LOOKS)}
    nodes = sorted(graph.nodes(data=True), key=lambda node: (order[node[1]["kind"]], node[0]))
    boxes = tuple(
        Box(safe_id(id), _FACT_LOOKS[data["kind"]], tuple(escaped(text) for text in _fact_texts(data)))
        for id, data in nodes
    )
    # The guideline as a whole bears on nearly everything: its box says so, instead of that many arrows.
    arrows = tuple(
        Arrow(safe_id(id), safe_id(target), ", ".join(graph.edges[id, target]["roles"]))
        for id, data in nodes
        for target in sorted(graph.adj[id])
        if data["kind"] != "guideline"
    )
    return Chart(boxes, arrows, (), _about(graph), False)


def _fact_texts(data: Mapping[str, Any]) -> Iterator[str]:
    match data["kind"]:
        case "recorded" | "derived" | "confirmed":
            yield data["text"]
            yield data["name"]
        case "rule":
            yield f"{data['name']} {data['short']}{_unsigned(data['signoff'])}"
        case "decision":
            yield f"({data['box']}) {data['text']}"
        case "guideline":
            yield f"Whether the guideline applies: {data['text']}"
            yield "bears on every rule, row, decision and weighing"
        case _:
            yield f"{data['name']} {data['text']}"


# --- both


def _unsigned(needed: bool) -> str:
    return " (needs a clinician's signature)" if needed else ""


def _about(graph: DiGraph) -> tuple[str, ...]:
    given = graph.graph
    which = f"{given['guideline']} {given['version']}, {given['digest']}"
    return escaped(given["title"]), escaped(which), escaped(given["notice"])
