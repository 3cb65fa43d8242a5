"""Reading the types of facts: what may be recorded about a patient.

Facts name each other in conditions and formulas, so facts.yaml is read twice: first the types, then what derives a
fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from guidewright.rules.diagnostics import Diagnostic, Place, error
from guidewright.rules.model import (
    BooleanType,
    ChoicesType,
    ChoiceType,
    DateType,
    FactType,
    IntegerType,
    Option,
    QuantityType,
    TextType,
)
from guidewright.rules.reading import Node, Scalar, Sequence
from guidewright.rules.shape import Fields, Problems, entries, fields, flag, is_good_id, items, one_of, start_of, text
from guidewright.rules.units import Unit, UnitProblem, convert, parse_unit, split_quantity
from guidewright.rules.values import Number, Span, number, span, whole_step

_TYPES = ("boolean", "integer", "quantity", "choice", "choices", "date", "text")
_COMMON = (
    "label",
    "type",
    "question",
    "note",
    "only_if",
    "codes",
    "tolerance",
    "formula",
    "empirical",
    "holds",
    "table",
    "score",
)
_OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "integer": ("range",),
    "quantity": ("unit", "range"),
    "choice": ("values", "ordered"),
    "choices": ("values",),
    "date": ("future",),
}
_LATER = ("of", "assume", "records", "latest", "earliest", "count", "within", "complete_since", "fixed")


@dataclass(frozen=True, slots=True)
class FactHead:
    """A fact whose type is read and whose derivation is not."""

    id: str
    label: str
    type: FactType
    fields: Fields
    place: Place


def read_heads(node: Node, problems: Problems) -> dict[str, FactHead]:
    """The type of every fact. What is unusable is reported and left out."""
    top = fields(node, "facts.yaml", ("facts",), ("facts",), problems)
    heads: dict[str, FactHead] = {}
    for key, value in entries(top.get("facts") if top else None, "`facts`", problems):
        if not is_good_id(key, "the id of a fact", problems, dotted=True):
            continue
        head = _read_head(key, value, problems)
        if head is not None:
            heads[key.text] = head
    _check_prefixes(heads, problems)
    return heads


def _check_prefixes(heads: Mapping[str, FactHead], problems: Problems) -> None:
    for id, head in heads.items():
        parts = id.split(".")
        for length in range(1, len(parts)):
            shorter = heads.get(".".join(parts[:length]))
            if shorter is not None:
                message = (
                    f"the fact `{shorter.id}` is the beginning of `{id}`, so that a nested record could mean either"
                )
                problems.append(error("GW202", message, head.place, related=(("the shorter one", shorter.place),)))


def _read_head(key: Scalar, node: Node, problems: Problems) -> FactHead | None:
    what = f"the fact `{key.text}`"
    kinds = [node] if (found := getattr(node, "get", lambda _: None)("type")) is None else [found]
    name = one_of(kinds[0], "type of a fact", _TYPES, problems) if found is not None else None
    allowed = _COMMON + (
        _OF_TYPE[name] if name in _OF_TYPE else () if name else ("range", "unit", "values", "ordered", "future")
    )
    got = fields(node, what, allowed, ("label", "type"), problems, _LATER)
    if got is None or name is None:
        return None
    kind = _read_type(name, got, what, key.place, problems)
    label = text(got.get("label"), f"the label of {what}", problems)
    if kind is None:
        return None
    return FactHead(key.text, label or key.text, kind, got, key.place)


def _read_type(name: str, got: Fields, what: str, place: Place, problems: Problems) -> FactType | None:
    match name:
        case "boolean":
            return BooleanType()
        case "text":
            return TextType()
        case "date":
            return DateType(flag(got.get("future"), "`future`", problems))
        case "integer":
            run = _read_range(got.get("range"), None, problems)
            return None if run is None else IntegerType(run)
        case "quantity":
            unit = _read_unit(got.get("unit"), what, place, problems)
            run = _read_range(got.get("range"), unit, problems)
            return None if unit is None or run is None else QuantityType(unit, run)
        case _:
            options = _read_options(got.get("values"), what, place, problems)
            if options is None:
                return None
            return (
                ChoiceType(options, flag(got.get("ordered"), "`ordered`", problems))
                if name == "choice"
                else ChoicesType(options)
            )


def _read_unit(node: Node | None, what: str, place: Place, problems: Problems) -> Unit | None:
    if node is None:
        problems.append(
            error(
                "GW203",
                f"{what} is a quantity and has no `unit`",
                place,
                "write a UCUM unit, or `1` for a plain number",
            )
        )
        return None
    written = text(node, f"the unit of {what}", problems)
    if written is None:
        return None
    unit = parse_unit(written)
    if isinstance(unit, UnitProblem):
        problems.append(error("GW906", unit.message, node.place, unit.help))
        return None
    return unit


def _read_range(node: Node | None, unit: Unit | None, problems: Problems) -> Span | None:
    if node is None:
        return Span(None, None, True, True)
    ends: list[Number] = []
    if isinstance(node, Sequence) and len(node.items) == 2:
        for item in node.items:
            end = _range_end(item, unit)
            if isinstance(end, Diagnostic):
                problems.append(end)
            else:
                ends.append(end)
        if len(ends) < 2:
            return None
        run = span(ends[0], ends[1], step=whole_step if unit is None else None)
        if run is not None:
            return run
    problems.append(
        error("GW204", "a range is its lowest and its highest value", start_of(node.place), "write `[1, 400]`")
    )
    return None


def _range_end(item: Node, unit: Unit | None) -> Number | Diagnostic:
    if isinstance(item, Scalar) and isinstance(item.value, int | Fraction) and not isinstance(item.value, bool):
        return number(item.value)
    if isinstance(item, Scalar) and unit is not None:
        split = split_quantity(item.text)
        if not isinstance(split, UnitProblem):
            found = parse_unit(split[1])
            end = found if isinstance(found, UnitProblem) else convert(split[0], found, unit)
            if not isinstance(end, UnitProblem):
                return number(end)
    return error("GW204", "an end of a range is a number in the unit of the fact", item.place, "write `[1, 400]`")


def _read_options(node: Node | None, what: str, place: Place, problems: Problems) -> tuple[Option, ...] | None:
    if node is None:
        problems.append(
            error(
                "GW205",
                f"{what} has no `values`",
                place,
                "list each value with its label: `values: {a: First, b: Second}`",
            )
        )
        return None
    options: list[Option] = []
    places: dict[str, Place] = {}
    for key, value in entries(node, f"the `values` of {what}", problems):
        # A choice may have a value called `none` ("no uptake"); the word then means this value.
        if not is_good_id(key, "a value", problems, may_be=("none",)):
            continue
        if isinstance(value, Scalar):
            label = text(value, f"the label of `{key.text}`", problems)
            options.append(Option(key.text, label or key.text))
        else:
            got = fields(value, f"the value `{key.text}`", ("label", "may_be"), ("label",), problems) or {}
            label = text(got.get("label"), f"the label of `{key.text}`", problems)
            may_be = tuple(
                item.text for item in items(got.get("may_be"), "`may_be`", problems) if isinstance(item, Scalar)
            )
            places |= {
                item.text: item.place for item in items(got.get("may_be"), "`may_be`", []) if isinstance(item, Scalar)
            }
            options.append(Option(key.text, label or key.text, may_be))
    precise = {option.id for option in options if not option.may_be}
    for option in options:
        for other in option.may_be:
            if other not in precise:
                problems.append(
                    error(
                        "GW206",
                        f"`{option.id}` may be `{other}`, which is no precise value of this fact",
                        places.get(other, place),
                    )
                )
    if len(precise) < 2 and not any(d.place.file == place.file and d.code == "GW206" for d in problems):
        problems.append(error("GW205", f"{what} has fewer than two values", place))
    return tuple(options)
