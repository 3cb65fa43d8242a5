"""What tells a parameter to a reader: texts, and rows whose value it is. Conditions only compare with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from guidewright.rules.nodes import Mapping as MappingNode
from guidewright.rules.nodes import Node, Scalar, Sequence
from guidewright.rules.texts import parameters_named

_CONDITIONS = frozenset({"when", "unless", "only_if", "holds"})


def told_parameters(nodes: Mapping[str, Node]) -> dict[str, tuple[str, ...]]:
    """For each parameter the ids of the facts, rows, rules, weighings, arguments and steps (`stage/step`) of which a
    text or a value names it. A row belongs to its fact, and an argument to its weighing, so each tells it too.
    """
    found: dict[str, dict[str, None]] = {}
    for path, node in nodes.items():
        for owners, part in _owned(Path(path).name, node):
            for parameter, ids in _named(part, owners):
                found.setdefault(parameter, {}).update(dict.fromkeys(ids))
    return {parameter: tuple(ids) for parameter, ids in found.items()}


def _owned(file: str, node: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
    """The parts of a file that tell something, each with the id of what it is."""
    if not isinstance(node, MappingNode):
        return
    if file == "facts.yaml":
        yield from _entries(node.get("facts"), "")
    elif isinstance(stage := node.get("stage"), Scalar):
        yield from _entries(node.get("weigh"), "")
        yield from _entries(node.get("pathway"), f"{stage.text}/")
        rules = node.get("rules")
        if rules is not None:
            yield (), rules


def _entries(node: Node | None, before: str) -> Iterator[tuple[tuple[str, ...], Node]]:
    if isinstance(node, MappingNode):
        yield from (((before + key.text,), value) for key, value in node.entries)


def _named(node: Node, owners: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The parameters that stand in a part apart from its conditions, each with what they stand in."""
    match node:
        case Scalar():
            yield from ((name, owners) for name in parameters_named(node))
        case Sequence(items):
            for item in items:
                yield from _named(item, owners)
        case MappingNode(entries):
            id = node.get("id")
            inner = (*owners, id.text) if isinstance(id, Scalar) else owners
            for key, value in entries:
                if key.text not in _CONDITIONS:
                    yield from _named(value, inner)
