"""The JSON Schema of facts.yaml."""

from __future__ import annotations

from collections.abc import Mapping

from guidewright.rules.model import Guideline
from guidewright.rules.schema_shapes import (
    at_least_one,
    condition_definitions,
    evidence,
    excluding,
    flag,
    id_names,
    id_value,
    list_of,
    mapping,
    only_true,
    own_keys,
    reference,
    statement_definition,
    supported,
    text,
    without,
)
from guidewright.rules.schema_values import Schema, named

TYPES: Mapping[str, str] = {
    "boolean": "True or false",
    "integer": "A whole number",
    "quantity": "A number with a unit",
    "choice": "One of `values`",
    "choices": "A set of `values`",
    "date": "A day",
    "text": "Shown, never tested",
}
DERIVATIONS = ("formula", "holds", "table", "score")
# What only some types have, and which.
_ONLY: Mapping[str, tuple[str, ...]] = {
    "range": ("integer", "quantity"),
    "unit": ("quantity",),
    "values": ("choice", "choices"),
    "ordered": ("choice",),
    "future": ("date",),
    "tolerance": ("integer", "quantity", "date"),
    "holds": ("boolean",),
    "score": ("integer", "quantity"),
}
_REQUIRED: Mapping[str, tuple[str, ...]] = {"quantity": ("unit",), "choice": ("values",), "choices": ("values",)}


def facts_schema(guideline: Guideline) -> Schema:
    """What facts.yaml may hold."""
    facts = own_keys(
        reference("fact"), id_names(dotted=True), "The fact dictionary: what may be recorded, and what follows"
    )
    return mapping({"facts": facts}, ["facts"]) | {
        "definitions": {
            **statement_definition(guideline),
            **condition_definitions(guideline, confirmed=False),
            "fact": _fact(),
            "value": _value(),
            "table_row": _table_row(guideline),
            "score_row": _score_row(guideline),
        }
    }


def _fact() -> Schema:
    return mapping(
        {
            "label": text("What it is, in a few words"),
            "type": named(TYPES) | {"description": "What kind of value it has"},
            "question": text("How it is asked for"),
            "note": text("What else to know about it"),
            "unit": text("The UCUM unit that its values are held in: `mm`, `mg/L`, `10*9/L`; `1` for a plain number"),
            "range": {
                "type": "array",
                "description": "The lowest and the highest value, in the unit of the fact",
                "items": {"type": ["number", "string"], "pattern": "^\\s*[+-]?[0-9]"},
                "minItems": 2,
                "maxItems": 2,
            },
            "values": own_keys(
                {"anyOf": [text("Its label"), reference("value")]},
                id_names(may_be=("none",)),
                "Its values with their labels",
                minProperties=2,
            ),
            "ordered": flag("The values ascend as written, and may be compared"),
            "fixed": flag("It cannot be changed any more: age, sex, what was found or done in the past"),
            "future": flag("The date may lie after the day of assessment"),
            "only_if": reference("fact_condition", "Where this is false, there is no such value"),
            "codes": {
                "type": "array",
                "description": "What the fact is called in other vocabularies",
                "items": mapping({"system": text(), "code": text()}, ["system", "code"]),
            },
            "formula": text(
                "Computed: `+ - * / ^`, functions such as `min`, `max`, `months_between(a, b)`, facts and `as_of`"
            ),
            "empirical": flag("A published equation: each quantity counts as its number in its declared unit"),
            "holds": reference("fact_condition", "True where this condition holds"),
            "table": {
                "type": "array",
                "description": "The first row that holds gives the value; `otherwise` may stand last",
                "items": reference("table_row"),
                "minItems": 1,
            },
            "score": {
                "type": "array",
                "description": "The sum of the points of the rows that hold",
                "items": reference("score_row"),
                "minItems": 1,
            },
            "tolerance": text("By how much a recorded value may differ from the computed one", r"^\s*[+-]?[0-9]"),
        },
        ["label", "type"],
        dependencies={
            **excluding(DERIVATIONS),
            "empirical": at_least_one(("formula", "table"), "`empirical` says something about a formula"),
            "tolerance": at_least_one(DERIVATIONS, "a tolerance stands beside what computes the fact"),
        },
        allOf=[_of_type(name) for name in TYPES],
    )


def _of_type(name: str) -> Schema:
    refused = [key for key, types in _ONLY.items() if name not in types]
    refused += ["formula", "table"] if name == "text" else []
    return {
        "if": {"properties": {"type": {"enum": [name]}}, "required": ["type"]},
        "then": without(refused) | {"required": list(_REQUIRED.get(name, ()))},
    }


def _value() -> Schema:
    precise: Schema = {"type": ["string", "number", "boolean"]}
    may_be = list_of(precise, "The precise values that this imprecise one may stand for", minItems=1)
    return mapping({"label": text("What it is"), "may_be": may_be}, ["label"])


def _table_row(guideline: Guideline) -> Schema:
    scalar = ["string", "number", "boolean"]
    one: Schema = {
        "type": [*scalar, "array"],
        "items": {"type": scalar},
        "errorMessage": "a value of the fact stands here",
    }
    properties = {
        **_row(guideline),
        "otherwise": one | {"description": "`true`, or the value where no row holds"},
        "value": one | {"description": "The value where this row is the first that holds"},
        "formula": text("What computes the value where this row is the first that holds"),
    }
    message = "a row has a `value` or a `formula`, and `when` it holds; or it is `otherwise`, and the last"
    return mapping(
        properties,
        anyOf=[
            {"required": ["when", "value"], "errorMessage": message},
            {"required": ["when", "formula"], "errorMessage": message},
            {"required": ["otherwise"], "errorMessage": message},
        ],
        dependencies={
            "when": without(["otherwise"]),
            "value": {"properties": {"formula": False, "otherwise": only_true("")}},
            "formula": {"properties": {"value": False, "otherwise": only_true("")}},
            "id": supported("row"),
        },
    )


def _score_row(guideline: Guideline) -> Schema:
    points: Schema = {"type": "number", "description": "What it adds where it holds"}
    return mapping({**_row(guideline), "points": points}, ["when", "points"], dependencies={"id": supported("row")})


def _row(guideline: Guideline) -> dict[str, Schema]:
    return {
        "id": id_value("A row with an id is a rule of the answer, and needs evidence"),
        "when": reference("fact_condition", "Where the row holds"),
        "text": text("What it says where it holds"),
        **evidence(guideline),
    }
