"""Reading the types of facts: what may be recorded about a patient.

Facts name each other in conditions and formulas, so facts.yaml is read twice: first the types, then what derives a
fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from guidewright.rules.diagnostics import Diagnostic, Place, error, suggest
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
from guidewright.rules.reading import Mapping, Node, Scalar, Sequence
from guidewright.rules.shape import Fields, Problems, entries, fields, flag, is_good_id, names, one_of, start_of, text
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
    "fixed",
)
_OF_TYPE: dict[str, tuple[str, ...]] = {
    "integer": ("range",),
    "quantity": ("unit", "range"),
    "choice": ("values", "ordered"),
    "choices": ("values",),
    "date": ("future",),
}
_ONLY_OF = ("unit", "range", "values", "ordered", "future")
_LATER = ("of", "assume", "records", "latest", "earliest", "count", "within", "complete_since")


@dataclass(frozen=True, slots=True)
class FactHead:
    """A fact whose type is read and whose derivation is not."""

    id: str
    label: str
    type: FactType
    fields: Fields
    place: Place


def read_heads(node: Node, problems: Problems) -> tuple[dict[str, FactHead], frozenset[str] | None]:
    """The type of every fact, and the ids of the facts whose types could not be read (`None`: of none at all). Both
    are facts: what names them is right.
    """
    top = fields(node, "facts.yaml", ("facts",), ("facts",), problems)
    listed = top.get("facts") if top else None
    heads: dict[str, FactHead] = {}
    unread: set[str] = set()
    for key, value in entries(listed, "`facts`", problems):
        good = is_good_id(key, "the id of a fact", problems, dotted=True)
        head = _read_head(key, value, problems)
        if head is not None and good:
            heads[key.text] = head
        else:
            unread.add(key.text)
        if isinstance(value, Mapping):
            # A fact that is indented into another is a fact all the same.
            unread.update(below.text for below, _ in value.entries if "." in below.text)
    _check_prefixes(heads, problems)
    whole = isinstance(listed, Mapping) and all(isinstance(value, Mapping) for _, value in listed.entries)
    return heads, frozenset(unread) if whole else None


def _check_prefixes(heads: dict[str, FactHead], problems: Problems) -> None:
    longer: dict[str, list[str]] = {}
    for id in heads:
        parts = id.split(".")
        for shorter in (".".join(parts[:length]) for length in range(1, len(parts))):
            if shorter in heads:
                longer.setdefault(shorter, []).append(id)
    for shorter, ids in longer.items():
        others = "" if len(ids) == 1 else f" and {len(ids) - 1} more"
        message = f"the fact `{shorter}` is the beginning of `{ids[0]}`{others}, so that a nested record means either"
        related = tuple((f"`{id}`", heads[id].place) for id in ids[:3])
        problems.append(error("GW202", message, heads[shorter].place, f"call it `{shorter}.…`", related))


def _read_head(key: Scalar, node: Node, problems: Problems) -> FactHead | None:
    what = f"the fact `{key.text}`"
    type_node = node.get("type") if isinstance(node, Mapping) else None
    name = one_of(type_node, "type of a fact", _TYPES, problems)
    got = fields(node, what, (*_COMMON, *_ONLY_OF), ("label", "type"), problems, _LATER, key.place)
    if got is None or name is None:
        return None
    for word in [word for word in _ONLY_OF if word in got and word not in _OF_TYPE.get(name, ())]:
        of = " and ".join(f"`{kind}`" for kind, words in _OF_TYPE.items() if word in words)
        place = next(k.place for k, _ in node.entries if k.text == word) if isinstance(node, Mapping) else key.place
        problems.append(error("GW103", f"{what} is a `{name}` and has no `{word}`", place, f"only {of} may have one"))
    kind = _read_type(name, got, what, key.place, problems)
    label = text(got.get("label"), f"the label of {what}", problems)
    return None if kind is None else FactHead(key.text, label or key.text, kind, got, key.place)


def _read_type(name: str, got: Fields, what: str, place: Place, problems: Problems) -> FactType | None:
    match name:
        case "boolean":
            return BooleanType()
        case "text":
            return TextType()
        case "date":
            return DateType(flag(got.get("future"), "`future`", problems))
        case "integer":
            return IntegerType(_read_range(got.get("range"), None, problems))
        case "quantity":
            unit = _read_unit(got.get("unit"), what, place, problems)
            if unit is None:
                return None
            return QuantityType(unit, _read_range(got.get("range"), unit, problems))
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


def _read_range(node: Node | None, unit: Unit | None, problems: Problems) -> Span:
    """The range; everything where none is written, or where it is reported as unusable."""
    everything = Span(None, None, True, True)
    if node is None:
        return everything
    if isinstance(node, Sequence) and len(node.items) == 2:
        read = [_range_end(item, unit) for item in node.items]
        problems.extend(end for end in read if isinstance(end, Diagnostic))
        ends = [end for end in read if not isinstance(end, Diagnostic)]
        if len(ends) < 2:
            return everything
        run = span(ends[0], ends[1], step=whole_step if unit is None else None)
        if run is not None:
            return run
    problems.append(error("GW204", "a range is its lowest and its highest value", node.place, "write `[1, 400]`"))
    return everything


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
    if not isinstance(node, Mapping):
        message = f"the `values` of {what} are a mapping from each value to its label"
        help = "write `values: {a: First, b: Second}`"
        problems.append(error("GW205", message, start_of(node.place), help))
        return None
    options: list[Option] = []
    imprecise: list[tuple[str, Node]] = []
    for key, value in node.entries:
        # A choice may have a value called `none` ("no uptake"); the word then means this value.
        is_good_id(key, "a value", problems, may_be=("none",))
        if isinstance(value, Scalar):
            label = text(value, f"the label of `{key.text}`", problems)
            options.append(Option(key.text, label or key.text))
            continue
        allowed = ("label", "may_be")
        got = fields(value, f"the value `{key.text}`", allowed, ("label",), problems, at=key.place) or {}
        label = text(got.get("label"), f"the label of `{key.text}`", problems)
        may_be = tuple(name for name, _ in names(got.get("may_be"), "`may_be`", problems))
        if "may_be" in got:
            imprecise.append((key.text, got["may_be"]))
        options.append(Option(key.text, label or key.text, may_be))
    vague = dict(imprecise)
    precise = {option.id for option in options if option.id not in vague}
    for id, listed in imprecise:
        named = names(listed, "`may_be`", [])
        for other, there in named:
            if other not in precise:
                message = f"`{id}` may be `{other}`, which is no precise value of this fact"
                problems.append(error("GW206", message, there, suggest(other, precise)))
        if isinstance(listed, Sequence) and not listed.items:
            message = f"`{id}` may be nothing"
            problems.append(error("GW206", message, start_of(listed.place), "list every value that it may stand for"))
    if len(precise) < 2:
        problems.append(error("GW205", f"{what} has fewer than two values", place))
    return tuple(options)
