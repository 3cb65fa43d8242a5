"""What is drawn of a graph where others lay it out (DOT, Mermaid): boxes with their texts, arrows and pages.

Links are drawn as boxes that say where to go on, not as arrows, as in the printed flowcharts.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from guidewright.rules.display import escaped
from guidewright.visualize.chart_marks import (
    LEGEND,
    Lit,
    Taking,
    answer_in_words,
    lit_by,
    status_in_words,
    stop_in_words,
    taking,
)
from guidewright.visualize.marks import BoxMarks, Marks, Passing, RuleMarks, whose

if TYPE_CHECKING:
    from networkx import DiGraph

Look = Literal[
    "state", "action", "decision", "weigh", "choose", "link", "end", "fact", "derived", "row", "rule", "whole"
]


@dataclass(frozen=True, slots=True, repr=False)
class Box:
    """`id` has letters, digits and `_` only, and is no word of either format. `texts` are paragraphs on one line each.
    `page` is the position of its page. `passing` and `lit` are there with a patient.
    """

    id: str
    look: Look
    texts: tuple[str, ...]
    page: int | None = None
    passing: Passing | None = None
    lit: Lit | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Arrow:
    """From a box to another; `text` is its answer or its role. `taking` is there with a patient."""

    tail: str
    head: str
    text: str
    taking: Taking | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Chart:
    """`pages` are the titles of the pages. `about` says what the whole is, and of which patient, and `legend` what the
    shapes mean. `downward`: from top to bottom, else from left to right.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    pages: tuple[str, ...]
    about: tuple[str, ...]
    legend: tuple[str, ...]
    downward: bool


def chart_of(graph: DiGraph, marks: Marks | None = None) -> Chart:
    """What is drawn of a graph that `decision_graph` or `facts_graph` made, or of a part of it, the decisions perhaps
    with a patient's marks; in the same order for the same nodes. Raises `ValueError` for another graph, for marks that
    came from another guideline or version, and for marks on facts.
    """
    if marks is not None and graph.graph.get("digest") != marks.digest:
        raise ValueError("the marks came from another guideline, or another version of it")
    match graph.graph.get("view"):
        case "decisions":
            return _decisions(graph, marks)
        case "facts" if marks is not None:
            raise ValueError("a patient's way is marked on a graph of decision_graph only")
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


def _decisions(graph: DiGraph, marks: Marks | None) -> Chart:
    nodes = sorted(graph.nodes(data=True), key=lambda node: (node[1]["box"], node[0]))
    pages = list(dict.fromkeys((data["stage"], data["stage_title"]) for _, data in nodes))
    order = {stage: position for position, (stage, _) in enumerate(pages)}
    boxes: list[Box] = []
    for id, data in nodes:
        mark, rules = _marked(id, marks), _rule_marks(data, marks)
        texts = tuple(escaped(text) for text in _box_texts(data, graph, mark, rules))
        look = _LOOKS.get(data["kind"], "action" if data["rules"] else "state")
        passing = mark.passing if mark is not None else None
        boxes.append(Box(safe_id(id), look, texts, order[data["stage"]], passing, lit_by(rules.values())))
    arrows = tuple(
        _arrow(id, target, way, marks)
        for id, _ in nodes
        for target, way in sorted(graph.adj[id].items(), key=lambda way: (way[1].get("positions", ()), way[0]))
        if way["kind"] != "link"
    )
    titles = tuple(escaped(title) for _, title in pages)
    legend = "Hexagon: decision. Rectangle: action. Rounded: state. Oval: go on elsewhere, or the end."
    shown = (legend,) if marks is None or marks.applies is False else (legend, LEGEND)
    return Chart(tuple(boxes), arrows, titles, _about(graph, marks), shown, True)


def _marked(id: str, marks: Marks | None) -> BoxMarks | None:
    stage, _, step = id.partition("/")
    return marks.box(stage, step) if marks is not None else None


def _rule_marks(data: Mapping[str, Any], marks: Marks | None) -> dict[str, RuleMarks]:
    """What became of the rules of a box; nothing without a patient, or where the guideline does not apply to them."""
    if marks is None or marks.applies is False:
        return {}
    return {id: marks.rules[id] for id in data["rules"]}


def _arrow(tail: str, head: str, way: Mapping[str, Any], marks: Marks | None) -> Arrow:
    mark, text, took = _marked(tail, marks), way["text"], None
    if mark is not None:
        positions = way.get("positions", ())
        took = taking(mark, positions)
        text = answer_in_words(text, took, mark, positions)
    return Arrow(safe_id(tail), safe_id(head), escaped(text), took)


def _box_texts(
    data: Mapping[str, Any], graph: DiGraph, mark: BoxMarks | None, rules: Mapping[str, RuleMarks]
) -> Iterator[str]:
    text = data["text"]
    target = graph.nodes.get(data.get("leads_to"))
    if data["kind"] == "weigh" and text == data["weighing"]:
        text = data["question"]
    elif target is not None and text in (data["leads_to"], data["leads_to"].rpartition("/")[2]):
        text = target["text"]
    yield f"({data['box']}) {text}"
    if mark is not None:
        yield from stop_in_words(mark)
    if "leads_to" in data:
        yield f"go to box {target['box']}" if target is not None else f"go to {data['leads_to']}"
    for id, says in zip(data["rules"], data["says"], strict=True):
        status = f"{status_in_words(rules[id])} " if id in rules else ""
        yield f"{status}{id} {says}{_unsigned(id in data['signoff'])}"


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
    return Chart(boxes, arrows, (), _about(graph, None), (), False)


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


def _about(graph: DiGraph, marks: Marks | None) -> tuple[str, ...]:
    given = graph.graph
    patient = (whose(marks),) if marks is not None else ()
    which = f"{given['guideline']} {given['version']}, {given['digest']}"
    return tuple(escaped(text) for text in (given["title"], *patient, which, given["notice"]))
