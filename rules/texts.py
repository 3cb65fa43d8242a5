"""Parameters inside texts: `{synchronous_threshold}` in a sentence becomes `6 months`."""

from __future__ import annotations

import re

from guidewright.rules.diagnostics import error, suggest
from guidewright.rules.literals import Parameters
from guidewright.rules.reading import Node
from guidewright.rules.shape import Problems
from guidewright.rules.spoken import spoken

_IN_TEXT = re.compile(r"\{([A-Za-z0-9_-]+)\}")


def filled(sentence: str | None, node: Node | None, parameters: Parameters, problems: Problems) -> str | None:
    """The sentence with every parameter replaced by its value in words. An unknown one is reported."""
    if sentence is None or node is None or "{" not in sentence:
        return sentence

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in parameters:
            problems.append(error("GW912", f"there is no parameter `{name}`", node.place, suggest(name, parameters)))
            return found.group(0)
        return spoken(parameters[name])

    return _IN_TEXT.sub(value, sentence)
