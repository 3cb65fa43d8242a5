"""Parameters inside texts: `{synchronous_threshold}` in a sentence becomes `6 months`."""

from __future__ import annotations

import re

from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.literals import Parameters
from guidewright.rules.reading import Mapping, Node, Scalar, Sequence
from guidewright.rules.shape import Problems
from guidewright.rules.spoken import spoken

_IN_TEXT = re.compile(r"\{\s*([A-Za-z0-9_-]+)\s*\}")


def filled(sentence: str | None, node: Node | None, parameters: Parameters, problems: Problems) -> str | None:
    """The sentence with every parameter replaced by its value in words. An unknown one is reported."""
    if sentence is None or node is None or "{" not in sentence:
        return sentence

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in parameters:
            place = place_within(node, found.group(0))
            problems.append(error("GW912", f"there is no parameter `{name}`", place, suggest(name, parameters)))
            return found.group(0)
        written = parameters[name]
        return found.group(0) if written is None else spoken(written)

    return _IN_TEXT.sub(value, sentence)


def place_within(node: Node, part: str) -> Place:
    """Where a part of a text stands, if the text stands on one line just as it is written; else the whole text."""
    place = node.place
    if isinstance(node, Scalar) and place.line == place.end_line:
        quote, start = (1 if node.quoted else 0), node.text.find(part)
        if start >= 0 and place.end_column - place.column == len(node.text) + 2 * quote:
            column = place.column + quote + start
            return Place(place.file, place.line, column, place.line, column + len(part))
    return place


def parameters_named(node: Node) -> frozenset[str]:
    """Every name in braces in the texts of a file."""
    found: set[str] = set()
    waiting: list[Node] = [node]
    while waiting:
        match waiting.pop():
            case Scalar(_, text):
                found.update(_IN_TEXT.findall(text))
            case Sequence(items):
                waiting.extend(items)
            case Mapping(entries):
                waiting.extend(value for _, value in entries)
    return frozenset(found)
