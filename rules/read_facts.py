"""Reading what derives a fact: formulas, conditions, tables and scores."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from guidewright.rules.condition_text import Vocabulary, read_condition
from guidewright.rules.derivation_order import check_circles
from guidewright.rules.diagnostics import error
from guidewright.rules.evidence import Grading
from guidewright.rules.literals import Trouble, native_of, read_value
from guidewright.rules.model import (
    BooleanType,
    Code,
    DateType,
    Derivation,
    Fact,
    FactType,
    Formula,
    Holds,
    IntegerType,
    QuantityType,
    TextType,
)
from guidewright.rules.read_rows import read_formula, read_score, read_table
from guidewright.rules.read_types import FactHead
from guidewright.rules.reading import Node, Scalar
from guidewright.rules.shape import Problems, fields, flag, items, start_of, text
from guidewright.rules.texts import filled
from guidewright.rules.units import Unit, parse_unit
from guidewright.rules.values import Number, Span

_DERIVATIONS = ("formula", "holds", "table", "score")


def read_facts(
    heads: Mapping[str, FactHead], vocabulary: Vocabulary, grading: Grading, problems: Problems
) -> dict[str, Fact]:
    """Every fact whole. A fact with an unusable derivation is reported and left out."""
    facts: dict[str, Fact] = {}
    for head in heads.values():
        fact = _read_fact(head, vocabulary, grading, problems)
        if fact is not None:
            facts[fact.id] = fact
    check_circles(facts, problems)
    return facts


def _read_fact(head: FactHead, vocabulary: Vocabulary, grading: Grading, problems: Problems) -> Fact | None:
    got = head.fields
    before = len(problems)
    what = f"the fact `{head.id}`"

    def words(name: str) -> str | None:
        found = text(got.get(name), f"the {name} of {what}", problems)
        return filled(found, got.get(name), vocabulary.parameters, problems)

    only_if = read_condition(got["only_if"], vocabulary, problems) if "only_if" in got else None
    derivation = _read_derivation(head, vocabulary, grading, problems)
    tolerance = _read_tolerance(head, problems)
    if "tolerance" in got and not any(name in got for name in _DERIVATIONS):
        problems.append(error("GW207", f"{what} has a `tolerance`, but nothing computes it", got["tolerance"].place))
    if len(problems) > before and any(d.severity == "error" for d in problems[before:]):
        return None
    return Fact(
        id=head.id,
        label=filled(head.label, got.get("label"), vocabulary.parameters, problems) or head.label,
        type=head.type,
        question=words("question"),
        note=words("note"),
        only_if=only_if,
        derivation=derivation,
        tolerance=tolerance,
        codes=_read_codes(got.get("codes"), what, problems),
        fixed=flag(got.get("fixed"), "`fixed`", problems),
        place=head.place,
    )


def _read_codes(node: Node | None, what: str, problems: Problems) -> tuple[Code, ...]:
    found: list[Code] = []
    for item in items(node, f"the `codes` of {what}", problems):
        got = fields(item, "a code", ("system", "code"), ("system", "code"), problems)
        if got and "system" in got and "code" in got:
            system, code = text(got["system"], "`system`", problems), text(got["code"], "`code`", problems)
            if system and code:
                found.append(Code(system, code))
    return tuple(found)


def _read_tolerance(head: FactHead, problems: Problems) -> Number | None:
    node = head.fields.get("tolerance")
    if node is None:
        return None
    written = text(node, "the tolerance", problems)
    if written is None:
        return None
    kind: FactType = head.type
    if isinstance(kind, DateType):
        day = parse_unit("d")
        assert isinstance(day, Unit)
        kind = QuantityType(day, Span(None, None, True, True))
    if not isinstance(kind, IntegerType | QuantityType):
        problems.append(error("GW207", "only numbers and dates have a tolerance", node.place))
        return None
    value = read_value(written, kind, native_of(node) if isinstance(node, Scalar) else None)
    if isinstance(value, Trouble):
        problems.append(error(value.code, value.message, node.place, value.help))
        return None
    assert isinstance(value, int | Fraction)
    if value < 0:
        problems.append(error("GW207", "a tolerance is not below zero", node.place))
    return value


def _read_derivation(head: FactHead, vocabulary: Vocabulary, grading: Grading, problems: Problems) -> Derivation | None:
    given = [name for name in _DERIVATIONS if name in head.fields]
    if "empirical" in head.fields and "formula" not in head.fields and "table" not in head.fields:
        problems.append(
            error(
                "GW209",
                "`empirical` says something about a `formula`, and there is none",
                head.fields["empirical"].place,
            )
        )
    if len(given) > 1:
        message = f"the fact `{head.id}` is derived in two ways, by `{given[0]}` and by `{given[1]}`"
        problems.append(error("GW209", message, start_of(head.fields[given[1]].place)))
        return None
    if not given:
        return None
    if isinstance(head.type, TextType):
        message = f"the fact `{head.id}` is a text and cannot be derived"
        problems.append(error("GW208", message, head.place, "make it a `choice`, or leave it to be recorded"))
        return None
    node = head.fields[given[0]]
    match given[0]:
        case "formula":
            empirical = flag(head.fields.get("empirical"), "`empirical`", problems)
            expression = read_formula(node, head.type, empirical, vocabulary, problems)
            written = text(node, "the formula", problems)
            return None if expression is None or written is None else Formula(expression, written, empirical)
        case "holds":
            if not isinstance(head.type, BooleanType):
                problems.append(
                    error(
                        "GW209",
                        "`holds` derives a boolean",
                        start_of(node.place),
                        "a `table` gives values of other types",
                    )
                )
            condition = read_condition(node, vocabulary, problems)
            return None if condition is None else Holds(condition)
        case "table":
            return read_table(node, head, vocabulary, grading, problems)
        case _:
            return read_score(node, head, vocabulary, grading, problems)
