"""Conditions and checks on one line, as in the files but for quotes."""

from __future__ import annotations

from collections.abc import Mapping

from guidewright.rules.condition_text import Plain


def on_one_line(plain: Plain) -> str:
    match plain:
        case bool():
            return "true" if plain else "false"
        case Mapping():
            return f"{{{without_braces(plain)}}}"
        case str() | int():
            return str(plain)
        case _:
            return f"[{', '.join(map(on_one_line, plain))}]"


def without_braces(plain: Mapping[str, Plain]) -> str:
    """A mapping, such as a whole condition."""
    return ", ".join(f"{key}: {on_one_line(value)}" for key, value in plain.items())
