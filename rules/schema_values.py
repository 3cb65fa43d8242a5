"""What may stand behind a fact, as JSON Schema: tests in conditions, and records about a patient.

A scalar and a list of scalars are one schema wherever that can be: an editor then shows the `errorMessage`, and not a
comparison of alternatives. Completions come from `enum` (words) and `defaultSnippets` (comparisons).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from guidewright.rules.domains import written_span
from guidewright.rules.literals import Trouble, outside_range, read_value
from guidewright.rules.model import (
    BooleanType,
    ChoicesType,
    ChoiceType,
    DateType,
    Fact,
    FactType,
    IntegerType,
    Option,
    Parameter,
    QuantityType,
    TextType,
)
from guidewright.rules.nodes import NumberTooLong, plain_value
from guidewright.rules.schema_units import alternatives, literally, unit_expression
from guidewright.rules.units import show_number
from guidewright.rules.values import Number, Span

Schema = dict[str, object]
Parameters = Mapping[str, Parameter]

KNOWN = {
    "known": "One value is left",
    "unknown": "More than one value is left: nothing settles it",
    "uncertain": "More than one value is left, though something is recorded or computed",
}
NONE = {"none": "There is no such value: the fact does not apply"}

_AMOUNT = r"[+-]?[0-9]+(?:\.[0-9]+)?"
_WHOLE = r"[+-]?[0-9]{1,30}(?:\.0+)?"
DAY = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
DAYS = r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"


def pattern(*expressions: str) -> str:
    """An expression for a whole text that is one of these, with space around it or not."""
    return rf"^\s*{alternatives(expressions)}\s*$"


def named(choices: Mapping[str, str], message: str | None = None) -> Schema:
    """One of these words, each with what it means; nothing, where there are none."""
    if not choices:
        return nothing(message)
    pairs = [(value, says) for word, says in choices.items() for value in readings(word)]
    schema: Schema = {"enum": [value for value, _ in pairs], "enumDescriptions": [says for _, says in pairs]}
    return schema | ({"errorMessage": message} if message else {})


def nothing(message: str | None) -> Schema:
    """What nothing fits: some validators want an `enum` to hold something."""
    return {"type": ["string"], "pattern": "(?!)", "errorMessage": message or "there is nothing to choose from"}


def readings(word: str) -> list[object]:
    """A word as it is, and as what YAML makes of it without quotes: the language compares ids as text."""
    found: list[object] = [word]
    try:
        plain = plain_value(word)
    except NumberTooLong:
        return found
    if isinstance(plain, Fraction):
        found.append(float(plain))
    elif plain is not None and not isinstance(plain, str):
        found.append(plain)
    elif re.fullmatch("0x[0-9a-fA-F]+|0o[0-7]+", word):
        found.append(int(word, 0))
    elif word in ("True", "TRUE", "False", "FALSE"):
        found.append(word.lower() == "true")
    return found


def described(fact: Fact) -> str:
    """A fact in words: what it is, how it is asked, what values it has."""
    lines = [fact.label, fact.question, _kind_in_words(fact.type), fact.note]
    if fact.derivation is not None:
        lines.append("Computed; a record may give it too.")
    return "\n\n".join(line for line in lines if line)


def _kind_in_words(kind: FactType) -> str:
    match kind:
        case BooleanType():
            return "`true` or `false`"
        case IntegerType(run):
            return "A whole number" + _in_range(run, kind)
        case QuantityType(unit, run):
            return f"A quantity in `{unit.text}`" + _in_range(run, kind)
        case ChoiceType(options, ordered):
            return ("In this order: " if ordered else "One of: ") + _listed(options)
        case ChoicesType(options):
            return "Any of: " + _listed(options)
        case DateType(future):
            return "A date" + (", which may lie ahead" if future else "")
        case TextType():
            return "A text, shown and never tested"


def _listed(options: Iterable[Option]) -> str:
    return ", ".join(f"`{option.id}` ({option.label})" for option in options)


# --- numbers and dates: one value, as an expression and as what YAML reads


def _one(kind: FactType) -> str:
    match kind:
        case IntegerType():
            return _WHOLE
        case QuantityType(unit):
            return rf"{_AMOUNT}\s*{unit_expression(unit)}" + ("?" if unit.text == "1" else "")
        case _:
            return DAY


def _interval(kind: FactType, end: str) -> str:
    """`[a..b]` with any kind of end; the unit of a quantity may stand behind the higher end, or behind the whole."""
    ends = [rf"[\[(]\s*{end}\s*\.\.\s*{end}\s*[\])]"]
    if isinstance(kind, QuantityType) and kind.unit.text != "1":
        ends.append(rf"[\[(]\s*{_AMOUNT}\s*\.\.\s*{_one(kind)}\s*[\])]")
        ends.append(rf"[\[(]\s*{_AMOUNT}\s*\.\.\s*{_AMOUNT}\s*[\])]\s*{unit_expression(kind.unit)}")
    return alternatives(ends)


def _numeric(kind: FactType) -> Schema:
    """What a plain number of YAML must be, for a fact whose values may be written without a unit; else nothing."""
    if not (isinstance(kind, IntegerType) or (isinstance(kind, QuantityType) and kind.unit.text == "1")):
        return {}
    bounds = {"minimum": kind.range.low, "maximum": kind.range.high}
    return {
        name: end if isinstance(end, int) else float(end)
        for name, end in bounds.items()
        if isinstance(end, int | Fraction)
    }


def _plain_type(kind: FactType) -> list[str]:
    match kind:
        case IntegerType():
            return ["string", "integer"]
        case QuantityType(unit) if unit.text == "1":
            return ["string", "number"]
        case _:
            return ["string"]


def _example(kind: FactType) -> str:
    match kind:
        case IntegerType(run) | QuantityType(_, run):
            low, high = _ends(run)
            return _with_unit(show_number((low + high) // 2), kind)
        case _:
            return "2020-12-15"


def _example_interval(kind: FactType) -> str:
    match kind:
        case IntegerType(run) | QuantityType(_, run):
            low, high = _ends(run)
            return _with_unit(f"[{show_number(low)}..{show_number(high)}]", kind)
        case _:
            return "[2020-10-01..2020-12-31]"


def _ends(run: Span) -> tuple[Number, Number]:
    low = run.low if isinstance(run.low, int | Fraction) else 0
    return low, run.high if isinstance(run.high, int | Fraction) else low + 20


def _with_unit(number: str, kind: FactType) -> str:
    return f"{number} {kind.unit.text}" if isinstance(kind, QuantityType) and kind.unit.text != "1" else number


def _name(kind: FactType) -> str:
    match kind:
        case IntegerType(run):
            return "a whole number" + _in_range(run, kind)
        case QuantityType(unit, run):
            unit_too = "" if unit.text == "1" else f" with its unit, `{unit.text}` or one that converts to it"
            return f"a number{unit_too}{_in_range(run, kind)}"
        case _:
            return "a date"


def _in_range(run: Span, kind: FactType) -> str:
    return "" if run.low is None and run.high is None else f", in {written_span(run, kind)}"


# --- tests


def fitting(kind: FactType, parameters: Parameters) -> dict[str, str]:
    """The parameters whose value is one of this kind: `{name}` with its label and value."""
    found: dict[str, str] = {}
    for parameter in parameters.values():
        native = {"true": True, "false": False}.get(parameter.written)
        value = read_value(parameter.written, kind, native)
        if not isinstance(kind, TextType) and not isinstance(value, Trouble) and outside_range(value, kind) is None:
            found[parameter.id] = f"{parameter.label}: {parameter.written}"
    return found


def schema_of_test(kind: FactType, parameters: Parameters) -> Schema:
    """What a condition may say of a fact of this kind."""
    usable = fitting(kind, parameters)
    match kind:
        case BooleanType():
            enum: Schema = {
                "enum": [True, False, *KNOWN, "none"],
                "enumDescriptions": ["Yes", "No", *KNOWN.values(), NONE["none"]],
            }
            return _alternatives(
                enum, _compared({"true": "", "false": ""}, ("!=",), usable), _list_of({"enum": [True, False]}, usable)
            )
        case ChoiceType(options, ordered):
            precise = _labels(option for option in options if not option.may_be)
            operators = ("<", "<=", ">", ">=", "!=") if ordered else ("!=",)
            return _alternatives(
                named(_labels(options) | _words(options)),
                _compared(precise, operators, usable),
                _list_of(named(precise), usable),
            )
        case ChoicesType(options):
            precise = _labels(option for option in options if not option.may_be)
            return _alternatives(
                named(_labels(options) | _words(options)), _compared({}, (), usable), _list_of(named(precise), usable)
            )
        case TextType():
            return named(KNOWN | NONE, "a text is shown, never tested: test `known` or `unknown`")
        case _:
            return _ordered_test(kind, usable)


def _ordered_test(kind: FactType, usable: Mapping[str, str]) -> Schema:
    value = alternatives([_one(kind), *([_parameter(usable)] if usable else [])])
    example, interval = _example(kind), _example_interval(kind)
    numeric = _numeric(kind)
    item: Schema = {
        "type": _plain_type(kind),
        **numeric,
        "pattern": pattern(value),
        "errorMessage": f'each value of a list is {_name(kind)}; an interval is quoted, `"{interval}"`',
    }
    one: Schema = {
        "type": [*_plain_type(kind), "array"],
        **numeric,
        "pattern": pattern(value, rf"(?:<=|>=|!=|<|>)\s*{value}", _interval(kind, value)),
        "items": item,
        "minItems": 1,
        "uniqueItems": True,
        "errorMessage": f'write `{example}`, a comparison `">= {example}"`, an interval `"{interval}"`, a list, '
        f"or `known`, `unknown`, `uncertain`, `none`; a value is {_name(kind)}",
        "defaultSnippets": [*_blanks(kind), *_with_parameters(usable, ("", "<", "<=", ">", ">="))],
    }
    return {"anyOf": [one, {"type": "string", **named(KNOWN | NONE)}]}


def _words(options: Iterable[Option]) -> dict[str, str]:
    """The words that ask about the record, but for those that are values of the fact."""
    return {word: says for word, says in (KNOWN | NONE).items() if all(option.id != word for option in options)}


def _labels(options: Iterable[Option]) -> dict[str, str]:
    return {option.id: option.label for option in options}


def _parameter(usable: Mapping[str, str]) -> str:
    return rf"\{{\s*{alternatives([literally(id) for id in usable])}\s*\}}"


def _with_parameters(usable: Mapping[str, str], operators: Iterable[str]) -> list[Schema]:
    """Suggestions to compare with a parameter."""
    return [
        _snippet(f'"{f"{operator} {{{id}}}".strip()}"', says) for id, says in usable.items() for operator in operators
    ]


def _snippet(text: str, description: str = "", label: str = "") -> Schema:
    """A suggestion: what is inserted, with `${1:...}` to fill in, and what is shown of it."""
    return {"label": label or text, "bodyText": text, **({"description": description} if description else {})}


def _compared(values: Mapping[str, str], operators: tuple[str, ...], usable: Mapping[str, str]) -> Schema | None:
    """Comparisons with these values, and parameters in their place."""
    parameter = [_parameter(usable)] if usable else []
    compared = alternatives(operators) + r"\s*" + alternatives([*(literally(id) for id in values), *parameter])
    expressions = [*parameter, *([compared] if operators else [])]
    if not expressions:
        return None
    snippets = [_snippet(f'"{operator} ${{1:value}}"', label=f'"{operator} …"') for operator in operators]
    snippets += _with_parameters(usable, ("", *operators))
    return {"type": "string", "pattern": pattern(*expressions), "defaultSnippets": snippets}


def _list_of(item: Schema, usable: Mapping[str, str]) -> Schema:
    either: Schema = {"anyOf": [item, {"type": "string", "pattern": pattern(_parameter(usable))}]} if usable else item
    return {"type": "array", "items": either, "minItems": 1, "uniqueItems": True}


def _alternatives(*schemas: Schema | None) -> Schema:
    return {"anyOf": [schema for schema in schemas if schema is not None]}


def _blanks(kind: FactType) -> list[Schema]:
    """Comparisons to fill in, with the unit of the fact."""
    hole = "date" if isinstance(kind, DateType) else "number"
    found = [
        _snippet(f'"{operator} {_with_unit(f"${{1:{hole}}}", kind)}"', label=f'"{operator} {_with_unit("…", kind)}"')
        for operator in ("<", "<=", ">", ">=")
    ]
    interval = _with_unit(f"[${{1:{hole}}}..${{2:{hole}}}]", kind)
    return [*found, _snippet(f'"{interval}"', "`(` and `)` leave an end out", f'"{_with_unit("[… .. …]", kind)}"')]


# --- records


def schema_of_record(kind: FactType) -> Schema:
    """What a record may say of a fact of this kind, as a single value or as a list of chosen values."""
    unknown = {"unknown": "Nothing settles it"} | NONE
    match kind:
        case BooleanType():
            return {"enum": [True, False, *unknown], "enumDescriptions": ["", "", *unknown.values()]}
        case ChoiceType(options):
            return named(_labels(options) | _not_options(unknown, options))
        case ChoicesType(options):
            # An imprecise value is written alone: in a list it could stand for several sets.
            precise = [option for option in options if not option.may_be]
            items: Schema = {"type": "array", "items": named(_labels(precise))}
            return {"anyOf": [named(_labels(options) | _not_options(unknown, options)), items]}
        case TextType():
            return {"not": {"type": ["object", "array", "null"]}, "pattern": r"\S"}
        case _:
            return {"anyOf": [_ordered_record(kind), {"type": "string", **named(unknown)}]}


def _not_options(words: Mapping[str, str], options: Iterable[Option]) -> dict[str, str]:
    taken = {option.id for option in options}
    return {word: says for word, says in words.items() if word not in taken}


def _ordered_record(kind: FactType) -> Schema:
    value = _one(kind)
    example, interval = _example(kind), _example_interval(kind)
    said, numeric, types, also = value, _numeric(kind), _plain_type(kind), ""
    if isinstance(kind, DateType):
        # A year alone is a number for YAML.
        said, numeric, types = DAYS, {"minimum": 1, "maximum": 9999}, ["string", "integer"]
        also = " (`2020-12` or `2020` if no more is known)"
    schema: Schema = {
        "type": types,
        **numeric,
        "pattern": pattern(said, rf"(?:<=|>=|<|>)\s*{value}", _interval(kind, value)),
        "errorMessage": f'write `{example}`{also}, a bound `"< {example}"`, a span `"{interval}"`, '
        f"`unknown` or `none`; a value is {_name(kind)}",
    }
    if isinstance(kind, QuantityType) and kind.unit.text != "1":
        schema["defaultSnippets"] = [_snippet(_with_unit("${1:number}", kind), label=_with_unit("…", kind))]
    return schema
