"""Reading the values that authors and records write: `20 mm`, `>= 10 mm`, `[0..1]`, `2020-12`, `{parameter}`.

Every function returns the value or a `Trouble`: what is wrong, in the author's words, and what may have been meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from guidewright.rules.diagnostics import Diagnostic, Place, error, suggest
from guidewright.rules.domains import step_of, written_number, written_span
from guidewright.rules.model import (
    BooleanType,
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
from guidewright.rules.units import UnitProblem, convert, parse_unit, split_quantity
from guidewright.rules.values import Number, Ordered, Span, Value, contains, number, span


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a text is not a value: a code of the GW9xx family, a message, perhaps what was meant. `reported`: the
    cause is reported elsewhere.
    """

    code: str
    message: str
    help: str | None = None
    reported: bool = False


def report(trouble: Trouble, place: Place, problems: list[Diagnostic]) -> None:
    """Adds the trouble to the problems, unless its cause stands there already."""
    if not trouble.reported:
        problems.append(error(trouble.code, trouble.message, place, trouble.help))


_PARAMETER = re.compile(r"\{\s*([A-Za-z0-9_-]+)\s*\}")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"(\d{4})")
_COMPARISON = re.compile(r"(<=|>=|!=|<|>|≤|≥|≠|==|=)\s*(.*)", re.DOTALL)
_INTERVAL = re.compile(r"([\[(])\s*(.*?)\s*\.\.\s*(.*?)\s*([\])])()", re.DOTALL)
_INTERVAL_AND_UNIT = re.compile(r"([\[(])\s*(.*?)\s*\.\.\s*(.*?)\s*([\])])\s*([^\s].*)", re.DOTALL)


def parameter_name(text: str) -> str | None:
    """The name in `{name}`, where that is the whole text."""
    found = _PARAMETER.fullmatch(text.strip())
    return found.group(1) if found else None


def read_value(text: str, kind: FactType, native: object = None) -> Value | Trouble:
    """One value of a fact's type. `native` is what YAML made of the text (a plain `true` or number), `None` where
    it is quoted.
    """
    match kind:
        case BooleanType():
            return _boolean(text, native)
        case IntegerType():
            return _integer(text, native)
        case QuantityType():
            return _quantity(text, kind)
        case ChoiceType(options) | ChoicesType(options):
            if any(option.id == text for option in options):
                return text
            labelled = next((option.id for option in options if option.label.lower() == text.lower()), None)
            help = f"write its id, `{labelled}`" if labelled else suggest(text, [option.id for option in options])
            names = ", ".join(f"`{option.id}`" for option in options[:12]) + (", …" if len(options) > 12 else "")
            return Trouble("GW901", f"`{text}` is not one of its values", help or f"its values are {names}")
        case DateType():
            return read_day(text)
        case TextType():
            return text


def _boolean(text: str, native: object) -> Value | Trouble:
    if native is True or native is False:
        return native
    meant = {
        "yes": "true",
        "y": "true",
        "on": "true",
        "true": "true",
        "1": "true",
        "no": "false",
        "n": "false",
        "off": "false",
    }
    meant |= {"false": "false", "0": "false"}
    word = meant.get(text.strip().lower())
    quoted = "" if word != text.strip() else ", without quotes"
    return Trouble("GW902", f"`{text}` is not true or false", f"write `{word}`{quoted}" if word else None)


def _integer(text: str, native: object) -> Number | Trouble:
    if isinstance(native, int) and not isinstance(native, bool):
        return native
    if re.fullmatch(r"[+-]?\d{1,30}", text.strip()):
        return int(text)
    if re.fullmatch(r"[+-]?\d{1,30}\.0+", text.strip()):
        return int(text.split(".")[0])
    return Trouble("GW903", f"`{text}` is not a whole number")


def _quantity(text: str, kind: QuantityType) -> Number | Trouble:
    split = split_quantity(text)
    if isinstance(split, UnitProblem):
        return Trouble("GW904", split.message, split.help)
    amount, unit_text = split
    if unit_text == "":
        if kind.unit.text == "1":
            return number(amount)
        return Trouble(
            "GW905", f"`{text}` has no unit", f"write `{text.strip()} {kind.unit.text}` if that is what it is in"
        )
    unit = parse_unit(unit_text)
    if isinstance(unit, UnitProblem):
        return Trouble("GW906", unit.message, unit.help)
    converted = convert(amount, unit, kind.unit)
    if isinstance(converted, UnitProblem):
        return Trouble("GW907", converted.message, converted.help)
    return number(converted)


def read_day(text: str) -> date | Trouble:
    """A day, `YYYY-MM-DD`, that exists in the calendar."""
    found = _DATE.fullmatch(text.strip())
    if not found:
        return Trouble("GW908", f"`{text}` is not a date", "write year, month and day: `2020-12-15`")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return Trouble("GW908", f"there is no day `{text.strip()}`", "write year, month and day: `2020-12-15`")


def read_days(text: str) -> Span | Trouble:
    """A day, or a partial date (`2020-12`, `2020`) as the days of that month or year."""
    text = text.strip()
    if _DATE.fullmatch(text):
        day = read_day(text)
        return day if isinstance(day, Trouble) else Span(day, day)
    try:
        if found := _MONTH.fullmatch(text):
            year, month = int(found.group(1)), int(found.group(2))
            first = date(year, month, 1)
            last = date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - timedelta(days=1)
            return Span(first, last)
        if found := _YEAR.fullmatch(text):
            return Span(date(int(text), 1, 1), date(int(text), 12, 31))
    except ValueError:
        return Trouble("GW908", f"there is no such date as `{text}`", "write year, month and day: `2020-12-15`")
    return Trouble("GW908", f"`{text}` is not a date", "write `2020-12-15`, or `2020-12` or `2020` if no more is known")


def split_comparison(text: str) -> tuple[str, str] | None:
    """Operator and operand of `>= 10 mm`, or `None`."""
    found = _COMPARISON.fullmatch(text.strip())
    return (found.group(1), found.group(2).strip()) if found else None


def split_interval(text: str) -> tuple[bool, str, str, bool] | None:
    """Open-low, low, high, open-high of `[0..1)`, or `None`. A unit behind it, or behind the high end only, holds
    for both ends.
    """
    found = _INTERVAL.fullmatch(text.strip())
    # A unit may have brackets of its own: `[0 [arb'U]/mL..35 [arb'U]/mL]`, `[0..35] [arb'U]`.
    if not found or not _is_balanced(found.group(3)):
        found = _INTERVAL_AND_UNIT.fullmatch(text.strip())
    if not found:
        return None
    left, low, high, right, unit = found.groups()
    if unit:
        low, high = f"{low} {unit}", f"{high} {unit}"
    elif (
        re.fullmatch(r"[+-]?[\d.]+", low)
        and (behind := re.fullmatch(r"[+-]?[\d.]+\s*([^\d\s.].*)", high))
        and not _DATE.fullmatch(high)
    ):
        low = f"{low} {behind.group(1)}"
    return left == "(", low, high, right == ")"


def _is_balanced(text: str) -> bool:
    """Whether every bracket in a text closes one that it opens."""
    depth = 0
    for character in text:
        depth += (character in "[(") - (character in "])")
        if depth < 0:
            return False
    return depth == 0


def read_span(text: str, kind: FactType) -> Span | Trouble | None:
    """What a record's bound or span allows (`< 5 ng/mL`, `[2020-10-01..2020-12-31]`); `None` where the text is
    neither.
    """
    if comparison := split_comparison(text):
        operator, operand = comparison
        if not isinstance(kind, IntegerType | QuantityType | DateType):
            return Trouble("GW909", f"`{text}` is a bound, but this fact has no order")
        if operator not in ("<", "<=", ">", ">="):
            return Trouble(
                "GW909", f"`{operator}` cannot be recorded", "a record may say `<`, `<=`, `>` or `>=` and a value"
            )
        end = _end(operand, kind)
        if isinstance(end, Trouble):
            return end
        below = operator in ("<", "<=")
        found = (
            span(None, end, high_open=operator == "<", step=step_of(kind))
            if below
            else span(end, None, low_open=operator == ">", step=step_of(kind))
        )
        return found if found is not None else Trouble("GW910", f"no value lies in `{text}`")
    if interval := split_interval(text):
        if not isinstance(kind, IntegerType | QuantityType | DateType):
            return Trouble("GW909", f"`{text}` is a span, but this fact has no order")
        low_open, low_text, high_text, high_open = interval
        low, high = _end(low_text, kind), _end(high_text, kind)
        if isinstance(low, Trouble):
            return low
        if isinstance(high, Trouble):
            return high
        found = span(low, high, low_open, high_open, step_of(kind))
        return (
            found if found is not None else Trouble("GW910", f"no value lies in `{text}`", "the lower end stands first")
        )
    return None


def _end(text: str, kind: FactType) -> Ordered | Trouble:
    value = read_value(text, kind)
    if isinstance(value, Trouble):
        return value
    assert not isinstance(value, bool | str | frozenset)
    return value


def outside_range(value: Value, kind: FactType) -> Trouble | None:
    """The trouble with a number outside the range of its fact."""
    if (
        isinstance(kind, IntegerType | QuantityType)
        and isinstance(value, int | Fraction)
        and not contains(kind.range, value)
    ):
        outside = f"`{written_number(value, kind)}` lies outside the range of this fact, "
        return Trouble("GW911", outside + written_span(kind.range, kind))
    return None


def native_of(node: Scalar) -> object:
    """What YAML made of a plain scalar; nothing for a quoted one, which is text whatever it looks like."""
    return None if node.quoted else node.value


def braces(node: Node) -> str | None:
    """The text of an unquoted `{name}`, which YAML reads as a mapping: a place where authors fall in."""
    if isinstance(node, MappingNode) and len(node.entries) == 1:
        key, value = node.entries[0]
        if isinstance(value, Scalar) and value.value is None and value.text == "":
            return "{" + key.text + "}"
    return None


Parameters = Mapping[str, str | None]
"""The texts of the parameters; `None` for one that could not be read, which is reported where it is defined."""


def resolve_parameter(text: str, parameters: Parameters) -> tuple[str, str | None] | Trouble:
    """The text that a parameter stands for and its name; other text as it is."""
    name = parameter_name(text)
    if name is None:
        return text, None
    if name not in parameters:
        return Trouble("GW912", f"there is no parameter `{name}`", suggest(name, parameters))
    written = parameters[name]
    if written is None:
        return Trouble("GW912", f"the parameter `{name}` could not be read", reported=True)
    return written, name


def read_literal(
    text: str, kind: FactType, parameters: Parameters, native: object
) -> tuple[Value, str | None] | Trouble:
    """A value within the range of its fact, and the name of the parameter that it came from."""
    resolved = resolve_parameter(text, parameters)
    if isinstance(resolved, Trouble):
        return resolved
    text, name = resolved
    if name is not None:
        native = {"true": True, "false": False}.get(text)
    value = read_value(text, kind, native)
    trouble = value if isinstance(value, Trouble) else outside_range(value, kind)
    if trouble is not None:
        said = trouble.message if name is None else f"{trouble.message} (the parameter `{name}`)"
        return Trouble(trouble.code, said, trouble.help)
    assert not isinstance(value, Trouble)
    return value, name
