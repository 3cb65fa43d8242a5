"""Conditions as authors write them: reading with places and suggestions, and printing back (`read ∘ write` is the
identity).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from guidewright.rules.conditions import (
    AllOf,
    AnyOf,
    Check,
    Compare,
    Condition,
    IsNone,
    Literal,
    Not,
    OneOf,
    Operator,
    Record,
    RecordWord,
    SaidAs,
    Test,
    Within,
)
from guidewright.rules.diagnostics import Diagnostic, error, suggest
from guidewright.rules.domains import as_json, written
from guidewright.rules.literals import (
    Parameters,
    Trouble,
    braces,
    native_of,
    outside_range,
    read_value,
    resolve_parameter,
    split_comparison,
    split_interval,
)
from guidewright.rules.model import (
    ChoicesType,
    ChoiceType,
    DateType,
    FactType,
    IntegerType,
    QuantityType,
    TextType,
)
from guidewright.rules.reading import Mapping as MappingNode
from guidewright.rules.reading import Node, Scalar
from guidewright.rules.reading import Sequence as SequenceNode
from guidewright.rules.values import Value

RECORD_WORDS = ("known", "unknown", "uncertain")
Problems = list[Diagnostic]
Plain = bool | int | str | Sequence["Plain"] | Mapping[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a condition may name: facts with their types, and parameters with the text that they stand for."""

    facts: Mapping[str, FactType]
    parameters: Parameters


def read_condition(node: Node, vocabulary: Vocabulary, problems: Problems) -> Condition | None:
    """The condition that a mapping writes, or `None` after reporting everything that is wrong in it."""
    if not isinstance(node, MappingNode):
        problems.append(
            error(
                "GW301",
                "a condition is a mapping from facts to tests",
                node.place,
                "write `fact.name: value`, one a line; `any:` and `all:` take a list of conditions",
            )
        )
        return None
    parts: list[Condition] = []
    sound = True
    for key, value in node.entries:
        part = _read_entry(key, value, vocabulary, problems)
        if part is None:
            sound = False
        else:
            parts.append(part)
    if not sound:
        return None
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _read_entry(key: Scalar, value: Node, vocabulary: Vocabulary, problems: Problems) -> Condition | None:
    match key.text:
        case "all" | "any":
            if not isinstance(value, SequenceNode):
                problems.append(
                    error(
                        "GW302",
                        f"`{key.text}` takes a list of conditions",
                        value.place,
                        "begin each condition with `- `",
                    )
                )
                return None
            if not value.items:
                problems.append(error("GW302", f"the list of `{key.text}` is empty", value.place))
                return None
            parts = [read_condition(item, vocabulary, problems) for item in value.items]
            sound = [part for part in parts if part is not None]
            if len(sound) < len(parts):
                return None
            return AllOf(tuple(sound)) if key.text == "all" else AnyOf(tuple(sound))
        case "not":
            part = read_condition(value, vocabulary, problems)
            return None if part is None else Not(part)
        case fact:
            kind = vocabulary.facts.get(fact)
            if kind is None:
                problems.append(error("GW201", f"unknown fact `{fact}`", key.place, suggest(fact, vocabulary.facts)))
                return None
            check = read_check(value, kind, vocabulary.parameters, problems)
            return None if check is None else Test(fact, check, key.place)


def read_check(node: Node, kind: FactType, parameters: Parameters, problems: Problems) -> Check | None:
    """The test that stands behind a fact, or `None` after reporting what is wrong with it."""
    if isinstance(node, SequenceNode):
        return _read_list(node, kind, parameters, problems)
    if isinstance(node, MappingNode):
        name = braces(node)
        help = (
            f'quote it: "{name}"'
            if name
            else "a test is a value, a list of values, a comparison or an interval; `any:` stands beside facts, not under one"
        )
        problems.append(error("GW303", "this is not a test", node.place, help))
        return None
    found = _read_scalar(node, kind, parameters)
    if isinstance(found, Trouble):
        problems.append(error(found.code, found.message, node.place, found.help))
        return None
    return found


def _read_scalar(node: Scalar, kind: FactType, parameters: Parameters) -> Check | Trouble:
    text = node.text.strip()
    if node.value is None and not node.quoted:
        return Trouble(
            "GW303", "there is no test behind this fact", "write a value, or `known`, `unknown`, `uncertain`"
        )
    if text in RECORD_WORDS:
        return Record(cast(RecordWord, text))
    if text == "none" and not _has_option(kind, "none"):
        return IsNone()
    if isinstance(kind, TextType):
        return Trouble(
            "GW304", "a text is shown, never tested", "test `known` or `unknown`, or make the fact a `choice`"
        )
    if comparison := split_comparison(text):
        return _read_comparison(*comparison, kind, parameters)
    if interval := split_interval(text):
        return _read_interval(*interval, kind, parameters)
    if isinstance(kind, ChoiceType | ChoicesType) and any(
        option.id == text and option.may_be for option in kind.options
    ):
        return SaidAs(text)
    literal = _read_literal(text, kind, parameters, native_of(node))
    return literal if isinstance(literal, Trouble) else OneOf((literal,))


def _read_comparison(operator: str, operand: str, kind: FactType, parameters: Parameters) -> Check | Trouble:
    plain = {"≤": "<=", "≥": ">=", "≠": "!="}
    if operator in plain:
        return Trouble("GW305", f"`{operator}` is not an operator", f"write `{plain[operator]}`")
    if operator in ("=", "=="):
        return Trouble("GW305", f"`{operator}` is not an operator", f"equality needs none: write `{operand}`")
    ordered = isinstance(kind, IntegerType | QuantityType | DateType) or (isinstance(kind, ChoiceType) and kind.ordered)
    if isinstance(kind, ChoicesType) or (not ordered and operator != "!="):
        help = "give the fact `ordered: true` if its values ascend as written" if isinstance(kind, ChoiceType) else None
        return Trouble("GW306", f"`{operator}` needs a fact whose values have an order", help)
    literal = _read_literal(
        operand, kind, parameters, True if operand == "true" else False if operand == "false" else None
    )
    if isinstance(literal, Trouble):
        return literal
    if isinstance(kind, ChoiceType) and any(o.id == literal.value and o.may_be for o in kind.options):
        return Trouble(
            "GW307", f"`{operand}` is an imprecise value and cannot be compared", "an imprecise value is tested alone"
        )
    return Compare(cast(Operator, operator), literal)


def _read_interval(
    low_open: bool, low_text: str, high_text: str, high_open: bool, kind: FactType, parameters: Parameters
) -> Check | Trouble:
    if not isinstance(kind, IntegerType | QuantityType | DateType):
        return Trouble("GW306", "an interval needs a fact whose values have an order")
    low, high = _read_literal(low_text, kind, parameters, None), _read_literal(high_text, kind, parameters, None)
    if isinstance(low, Trouble):
        return low
    if isinstance(high, Trouble):
        return high
    if high.value < low.value or (high.value == low.value and (low_open or high_open)):  # type: ignore[operator]
        return Trouble("GW910", f"no value lies between `{low_text}` and `{high_text}`", "the lower end stands first")
    return Within(low, high, low_open, high_open)


def _read_literal(text: str, kind: FactType, parameters: Parameters, native: object) -> Literal | Trouble:
    resolved = resolve_parameter(text, parameters)
    if isinstance(resolved, Trouble):
        return resolved
    text, name = resolved
    if name is not None:
        native = {"true": True, "false": False}.get(text)
    value = read_value(text, kind, native)
    if isinstance(value, Trouble):
        return value
    return outside_range(value, kind) or Literal(value, name)


def _read_list(node: SequenceNode, kind: FactType, parameters: Parameters, problems: Problems) -> Check | None:
    if not node.items:
        problems.append(error("GW303", "a list of values is empty", node.place))
        return None
    literals: list[Literal] = []
    sound = True
    for item in node.items:
        found = _read_list_item(item, kind, parameters, alone=len(node.items) == 1)
        if isinstance(found, Trouble):
            problems.append(error(found.code, found.message, item.place, found.help))
            sound = False
        elif any(found.value == other.value for other in literals):
            problems.append(error("GW308", "a value stands twice in the list", item.place))
            sound = False
        else:
            literals.append(found)
    return OneOf(tuple(literals)) if sound else None


def _read_list_item(item: Node, kind: FactType, parameters: Parameters, alone: bool) -> Literal | Trouble:
    if not isinstance(item, Scalar):
        name = braces(item)
        return Trouble("GW303", "a list of values holds single values", f'quote it: "{name}"' if name else None)
    text = item.text.strip()
    if alone and ".." in text:
        return Trouble("GW303", f"`[{text}]` without quotes is a list", f'quote an interval: "[{text}]"')
    if isinstance(kind, TextType):
        return Trouble("GW304", "a text is shown, never tested")
    if text in RECORD_WORDS or (text == "none" and not _has_option(kind, "none")):
        return Trouble(
            "GW307",
            f"`{text}` is about the record and stands alone, never in a list",
            "use `any:` with a test for each",
        )
    if isinstance(kind, ChoiceType | ChoicesType) and any(
        option.id == text and option.may_be for option in kind.options
    ):
        return Trouble(
            "GW307",
            f"`{text}` is an imprecise value and stands alone, never in a list",
            "use `any:` with a test for each",
        )
    if split_comparison(text) or split_interval(text):
        return Trouble("GW303", "a comparison stands alone, never in a list", "use `any:` with a test for each")
    return _read_literal(text, kind, parameters, native_of(item))


def _has_option(kind: FactType, value: str) -> bool:
    return isinstance(kind, ChoiceType | ChoicesType) and any(option.id == value for option in kind.options)


# --- printing


def write_condition(condition: Condition, facts: Mapping[str, FactType]) -> dict[str, Plain]:
    """The condition as plain data that `read_condition` reads as the same condition."""
    match condition:
        case Test(fact, check):
            return {fact: write_check(check, facts[fact])}
        case Not(part):
            return {"not": write_condition(part, facts)}
        case AnyOf(parts):
            return {"any": [write_condition(part, facts) for part in parts]}
        case AllOf(parts):
            keys = [_key(part) for part in parts]
            if len(parts) != 1 and len(set(keys)) == len(keys):
                joined: dict[str, Plain] = {}
                for part in parts:
                    joined |= write_condition(part, facts)
                return joined
            return {"all": [write_condition(part, facts) for part in parts]}


def _key(part: Condition) -> str:
    """The key under which a part would stand in a mapping; two parts with one key cannot share a mapping."""
    match part:
        case Test(fact):
            return fact
        case Not():
            return "not"
        case AnyOf():
            return "any"
        case AllOf():
            return "all"


def write_check(check: Check, kind: FactType) -> Plain:
    match check:
        case OneOf((literal,)):
            return _write_literal(literal, kind)
        case OneOf(literals):
            return [_write_literal(literal, kind) for literal in literals]
        case Compare(operator, literal):
            return f"{operator} {_write_operand(literal, kind)}"
        case Within(low, high, low_open, high_open):
            return f"{'(' if low_open else '['}{_write_operand(low, kind)}..{_write_operand(high, kind)}{')' if high_open else ']'}"
        case IsNone():
            return "none"
        case Record(word):
            return word
        case SaidAs(value):
            return value


def _write_literal(literal: Literal, kind: FactType) -> Plain:
    if literal.parameter is not None:
        return "{" + literal.parameter + "}"
    return as_json(literal.value, kind)


def _write_operand(literal: Literal, kind: FactType) -> str:
    return "{" + literal.parameter + "}" if literal.parameter is not None else written(literal.value, kind)


def values_of(check: Check) -> tuple[Value, ...]:
    """The values that a test names, for boundaries and cells."""
    match check:
        case OneOf(literals):
            return tuple(literal.value for literal in literals)
        case Compare(_, literal):
            return (literal.value,)
        case Within(low, high):
            return (low.value, high.value)
        case _:
            return ()
