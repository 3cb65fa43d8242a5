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
