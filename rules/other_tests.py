"""A part of a guideline with other tests in its conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from guidewright.rules.conditions import Condition, Test


def with_tests(part: Any, change: Callable[[Test], Condition]) -> Any:
    """The part with what `change` makes of each test, wherever it stands. What holds none stays the same object."""
    match part:
        case Test():
            return change(part)
        case tuple():
            others = tuple(with_tests(inner, change) for inner in part)
            return others if any(a is not b for a, b in zip(others, part, strict=True)) else part
        case Mapping():
            inside = {key: with_tests(inner, change) for key, inner in part.items()}
            return inside if any(inside[key] is not part[key] for key in part) else part
        case _ if is_dataclass(part) and not isinstance(part, type):
            held = {field.name: getattr(part, field.name) for field in fields(part)}
            found = {name: with_tests(inner, change) for name, inner in held.items()}
            changed = {name: inner for name, inner in found.items() if inner is not held[name]}
            return replace(part, **changed) if changed else part
        case _:
            return part
