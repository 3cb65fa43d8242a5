"""Conditions as authors write them: reading with places and suggestions, and printing back (`read ∘ write` is the
identity).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
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
from guidewright.rules.diagnostics import Diagnostic, Place, error, suggest
from guidewright.rules.domains import as_json, written
from guidewright.rules.literals import (
    Parameters,
    Trouble,
    braces,
    native_of,
    read_literal,
    report,
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
from guidewright.rules.shape import start_of
from guidewright.rules.values import Value

RECORD_WORDS = ("known", "unknown", "uncertain")
_SENTENCE = re.compile(r"([A-Za-z0-9_.-]+)\s*(<=|>=|!=|==|<|>|=|\bis\b)\s*(\S.*)")
Problems = list[Diagnostic]
Plain = bool | int | str | Sequence["Plain"] | Mapping[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a condition may name: facts with their types, and parameters with the text that they stand for.

    `weighed`: what weighings say, where a condition must not name it. `unread`: facts that could not be read, and where
    not even their names are known (`complete` is false), any other; what names them is not reported once more.
    """

    facts: Mapping[str, FactType]
    parameters: Parameters
    weighed: Collection[str] = ()
    unread: Collection[str] = ()
    complete: bool = True


def unknown_fact(name: str, place: Place, vocabulary: Vocabulary, problems: Problems, help: str | None = None) -> None:
    """Reports a name that is no fact."""
    if name in vocabulary.weighed:
        message = f"`{name}`, which a weighing says, cannot be named here"
        problems.append(error("GW506", message, place, "only rules and pathways name it"))
    elif name not in vocabulary.unread and vocabulary.complete:
        problems.append(error("GW201", f"unknown fact `{name}`", place, suggest(name, vocabulary.facts) or help))


def read_condition(
    node: Node, vocabulary: Vocabulary, problems: Problems, may_be_empty: bool = False
) -> Condition | None:
    """The condition that a mapping writes, or `None` after reporting everything that is wrong in it.

    `may_be_empty`: the empty mapping, which always holds, is meant where it stands.
    """
    if not isinstance(node, MappingNode):
        help = _meant_condition(node, vocabulary)
        place = start_of(node.place) if isinstance(node, SequenceNode) else node.place
        problems.append(error("GW301", "a condition is a mapping from facts to tests", place, help))
        return None
    if not node.entries and not may_be_empty:
        problems.append(error("GW309", "an empty condition always holds", node.place, "write a test, or leave it out"))
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


def _meant_condition(node: Node, vocabulary: Vocabulary) -> str:
    """How to write the condition that stands here as a text or a list."""
    if isinstance(node, SequenceNode):
        return "write `all:` before a list of conditions, or `any:` if one of them is enough"
    if isinstance(node, Scalar) and node.text in vocabulary.facts:
        return f"write a test behind it: `{node.text}: …`"
    if isinstance(node, Scalar) and (found := _SENTENCE.fullmatch(node.text.strip())):
        fact, operator, operand = found.groups()
        if fact in vocabulary.facts:
            test = operand if operator in ("=", "==", "is") else f'"{operator} {operand}"'
            return f"write `{fact}: {test}`"
    return "write `fact.name: value`, one a line; `any:` and `all:` take a list of conditions"


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
                unknown_fact(fact, key.place, vocabulary, problems, _meant_fact(key, value, vocabulary))
                return None
            if isinstance(value, Scalar) and value.value is None and not value.quoted and not value.text:
                help = "write a value, or `known`, `unknown`, `uncertain`"
                problems.append(error("GW303", f"there is no test behind `{fact}`", key.place, help))
                return None
            check = read_check(value, kind, vocabulary.parameters, problems)
            return None if check is None else Test(fact, check, key.place)


def _meant_fact(key: Scalar, value: Node, vocabulary: Vocabulary) -> str | None:
    """What may be meant by a key that resembles no fact."""
    if isinstance(value, MappingNode):
        inner = [f"{key.text}.{below.text}" for below, _ in value.entries]
        if found := next((fact for fact in inner if fact in vocabulary.facts), None):
            return f"a condition names the whole fact: `{found}`"
    if key.text.lower() in ("or", "either", "one_of"):
        return "write `any:` and a list of conditions"
    if key.text.lower() in ("and", "both"):
        return "write `all:` and a list of conditions"
    if key.text in (*RECORD_WORDS, "none") and isinstance(value, Scalar):
        return f"the fact stands first: `{value.text}: {key.text}`"
    return None


def read_check(node: Node, kind: FactType, parameters: Parameters, problems: Problems) -> Check | None:
    """The test that stands behind a fact, or `None` after reporting what is wrong with it."""
    if isinstance(node, SequenceNode):
        return _read_list(node, kind, parameters, problems)
    if isinstance(node, MappingNode):
        name = braces(node)
        help = (
            f'quote it: "{name}"'
            if name
            else "a test is a value, a list of values, a comparison or an interval; "
            "`any:` stands beside facts, not under one"
        )
        problems.append(error("GW303", "this is not a test", node.place, help))
        return None
    found = _read_scalar(node, kind, parameters)
    if isinstance(found, Trouble):
        report(found, node.place, problems)
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
        help = "list the values that are meant: `[a, b]`" if isinstance(kind, ChoiceType) else None
        return Trouble("GW306", "an interval needs a number or a date", help)
    low, high = _read_literal(low_text, kind, parameters, None), _read_literal(high_text, kind, parameters, None)
    if isinstance(low, Trouble):
        return low
    if isinstance(high, Trouble):
        return high
    if high.value < low.value or (high.value == low.value and (low_open or high_open)):  # type: ignore[operator]
        return Trouble("GW910", f"no value lies between `{low_text}` and `{high_text}`", "the lower end stands first")
    return Within(low, high, low_open, high_open)


def _read_literal(text: str, kind: FactType, parameters: Parameters, native: object) -> Literal | Trouble:
    found = read_literal(text, kind, parameters, native)
    return found if isinstance(found, Trouble) else Literal(*found)


def _read_list(node: SequenceNode, kind: FactType, parameters: Parameters, problems: Problems) -> Check | None:
    if not node.items:
        problems.append(error("GW303", "a list of values is empty", node.place))
        return None
    literals: list[Literal] = []
    sound = True
    for item in node.items:
        found = _read_list_item(item, kind, parameters, alone=len(node.items) == 1)
        if isinstance(found, Trouble):
            report(found, item.place, problems)
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
        return Trouble("GW307", f"`{text}` stands alone, never in a list", "use `any:` with a test for each")
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
            # A part that is itself a conjunction would be lost among the others: it stands in a list.
            if len(parts) != 1 and len(set(keys)) == len(keys) and "all" not in keys:
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
            ends = f"{_write_operand(low, kind)}..{_write_operand(high, kind)}"
            return f"{'(' if low_open else '['}{ends}{')' if high_open else ']'}"
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


def literals_of(check: Check) -> tuple[Literal, ...]:
    """The values that a test names, each perhaps from a parameter."""
    match check:
        case OneOf(literals):
            return literals
        case Compare(_, literal):
            return (literal,)
        case Within(low, high):
            return (low, high)
        case _:
            return ()


def values_of(check: Check) -> tuple[Value, ...]:
    """The values that a test names, for boundaries and cells."""
    return tuple(literal.value for literal in literals_of(check))
