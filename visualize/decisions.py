"""The decision graph: every box of every page as a node, every way between them as an edge. docs/graphs.md documents
the attributes, which are a public interface.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from guidewright.engine.assessment import NOTICE
from guidewright.rules.conditions import facts_of
from guidewright.rules.english import condition_in_words
from guidewright.rules.model import Answer, Fact, Guideline, Stage, Step, Weighing
from guidewright.visualize.given import Loaded, checked
from guidewright.visualize.named_facts import named_facts
from guidewright.visualize.rule_words import rule_words

if TYPE_CHECKING:
    from networkx import DiGraph

ASSUMED = "no other answer is known to hold"
"""The condition, in words, of an answer that is `assumed`."""


def decision_graph(guideline: Guideline | Loaded, *, links: bool = True) -> DiGraph:
    """The guideline's pages as a `networkx.DiGraph`: a node for each box, `stage/step`, in the order of their numbers.

    A link may lead back to where the way came from, so that edges of the kind `link` close circles. Without them
    (`links=False`) the graph is acyclic. Raises `TypeError` for anything but a loaded guideline.
    """
    import networkx

    given = checked(guideline)
    named = named_facts(given)
    graph = networkx.DiGraph(**about(given, "decisions"))
    boxes = sorted(((stage, step) for stage in given.stages for step in stage.steps), key=lambda box: box[1].box)
    for stage, step in boxes:
        graph.add_node(step_id(stage, step), **_node(stage, step, given))
    for stage, step in boxes:
        for target, attributes in _ways(stage, step, named):
            if links or attributes["kind"] != "link":
                graph.add_edge(step_id(stage, step), target, **attributes)
    return graph


def about(guideline: Guideline, view: str) -> dict[str, Any]:
    """The attributes of a graph as a whole."""
    return {
        "view": view,
        "guideline": guideline.id,
        "title": guideline.title,
        "version": guideline.version,
        "digest": guideline.digest,
        "notice": NOTICE,
    }


def step_id(stage: Stage, step: Step) -> str:
    return f"{stage.id}/{step.id}"


def _node(stage: Stage, step: Step, guideline: Guideline) -> dict[str, Any]:
    weighing = guideline.weighings[step.weigh] if step.weigh is not None else None
    attributes: dict[str, Any] = {
        "box": step.box,
        "kind": step.kind,
        "stage": stage.id,
        "stage_title": stage.title,
        "text": step.text,
        "start": step is stage.steps[0],
        "facts": _tested(step.answers, weighing),
        "rules": step.rules,
        "says": tuple(rule_words(guideline.rules[id]) for id in step.rules),
        "avoids": tuple(id for id in step.rules if guideline.rules[id].kind == "avoid"),
        "signoff": tuple(id for id in step.rules if guideline.rules[id].signoff),
    }
    if weighing is not None:
        attributes["weighing"] = weighing.id
        attributes["question"] = weighing.question
        attributes["candidates"] = tuple(candidate.id for candidate in weighing.candidates)
    if step.link is not None:
        attributes["leads_to"] = _linked(stage, step.link)
    return attributes


def _tested(answers: Iterable[Answer], weighing: Weighing | None) -> tuple[str, ...]:
    conditions = [answer.when for answer in answers]
    for candidate in weighing.candidates if weighing is not None else ():
        for argument in candidate.arguments:
            conditions += [argument.when] if argument.unless is None else [argument.when, argument.unless]
    return tuple(dict.fromkeys(fact for condition in conditions for fact in facts_of(condition)))


def _ways(stage: Stage, step: Step, named: dict[str, Fact]) -> list[tuple[str, dict[str, Any]]]:
    """Where one gets to from a box. Answers that go to the same box share an edge: between two boxes there is one."""
    if step.link is not None:
        return [(_linked(stage, step.link), {"kind": "link", "text": ""})]
    if step.go is not None:
        return [(f"{stage.id}/{step.go}", {"kind": "go", "text": ""})]
    found: list[tuple[str, dict[str, Any]]] = []
    for target in dict.fromkeys(answer.go for answer in step.answers):
        there = [(position, answer) for position, answer in enumerate(step.answers) if answer.go == target]
        attributes = {
            "kind": "answer",
            "text": " / ".join(answer.text for _, answer in there),
            "answers": tuple(answer.text for _, answer in there),
            "conditions": tuple(_condition(answer, named) for _, answer in there),
            "positions": tuple(position for position, _ in there),
            "last": next((answer.last for _, answer in there if answer.last is not None), ""),
        }
        found.append((f"{stage.id}/{target}", attributes))
    return found


def _condition(answer: Answer, named: dict[str, Fact]) -> str:
    return ASSUMED if answer.last == "assumed" else condition_in_words(answer.when, named)


def _linked(stage: Stage, link: str) -> str:
    """The node that a link leads to: on the same page, or `stage/step` on another."""
    return link if "/" in link else f"{stage.id}/{link}"
