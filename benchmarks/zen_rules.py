"""The same rules in zen-engine, a well-known decision engine, for the ratio of times.

It is two-valued: what is missing is null.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import zen

from guidewright.rules.conditions import AllOf, AnyOf, Compare, Condition, Not, OneOf, Test
from guidewright.rules.model import Guideline


def zen_evaluator(guideline: Guideline) -> Callable[[dict[str, object]], Any]:
    """A function from raw facts to zen's results."""
    rules = [
        {"id": rule.id, "key": rule.id, "value": _both(rule.when, rule.unless)} for rule in guideline.rules.values()
    ]
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {
                "id": "rules",
                "type": "expressionNode",
                "name": "rules",
                "position": {"x": 1, "y": 0},
                "content": {"expressions": rules},
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
            {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))

    def evaluate(facts: dict[str, object]) -> Any:
        # Quantities go in as bare numbers: zen knows no units.
        return decision.evaluate({_name(id): _number(value) for id, value in facts.items()})

    return evaluate


def _name(fact: str) -> str:
    return fact.replace(".", "_")


def _number(value: object) -> object:
    return int(value.removesuffix(" mm")) if isinstance(value, str) and value.endswith(" mm") else value


def _both(when: Condition, unless: Condition | None) -> str:
    return _text(when) if unless is None else f"({_text(when)}) and not ({_text(unless)})"


def _text(condition: Condition) -> str:
    match condition:
        case AllOf(parts):
            return "(" + " and ".join(_text(part) for part in parts) + ")"
        case AnyOf(parts):
            return "(" + " or ".join(_text(part) for part in parts) + ")"
        case Not(part):
            return f"not ({_text(part)})"
        case Test(fact, OneOf((literal,))):
            return f"{_name(fact)} == {json.dumps(literal.value)}"
        case Test(fact, OneOf(literals)):
            return f"{_name(fact)} in [{', '.join(json.dumps(literal.value) for literal in literals)}]"
        case Test(fact, Compare(operator, literal)):
            return f"({_name(fact)} != null and {_name(fact)} {operator} {literal.value})"
        case _:
            raise AssertionError("the generated guideline holds no such test")
