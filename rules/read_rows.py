"""Reading the rows of tables and scores, and formulas."""

from __future__ import annotations

from fractions import Fraction

from guidewright.rules.condition_text import Vocabulary, read_condition, unknown_fact
from guidewright.rules.conditions import ALWAYS, Condition
from guidewright.rules.diagnostics import error, suggest
from guidewright.rules.dimensions import check_dimensions
from guidewright.rules.evidence import EVIDENCE_KEYS, Grading, read_evidence
from guidewright.rules.formulas import Expression, facts_in, parse_formula
from guidewright.rules.literals import Trouble, native_of, read_literal, report
from guidewright.rules.model import ChoicesType, ChoiceType, FactType, IntegerType, QuantityType, Row, Score, Table
from guidewright.rules.read_types import FactHead
from guidewright.rules.reading import Node, Scalar, Sequence
from guidewright.rules.shape import Fields, Problems, fields, flag, is_good_id, items, start_of, text
from guidewright.rules.texts import filled, place_within
from guidewright.rules.values import Number, Value, number

_ROW_KEYS = ("id", "when", "otherwise", "value", "formula", "points", "text", *EVIDENCE_KEYS)


def read_formula(
    node: Node, kind: FactType, empirical: bool, vocabulary: Vocabulary, problems: Problems
) -> Expression | None:
    written = text(node, "a formula", problems)
    if written is None or not isinstance(node, Scalar):
        return None
    known = {*vocabulary.facts, *vocabulary.unread, *vocabulary.weighed}
    expression, found = parse_formula(node.text, node.place, known if vocabulary.complete else None)
    problems.extend(found)
    if expression is None:
        return None
    named = facts_in(expression)
    for fact in named:
        if fact in vocabulary.weighed:
            unknown_fact(fact, place_within(node, fact), vocabulary, problems)
    if any(fact not in vocabulary.facts for fact in named):
        return None
    problems.extend(check_dimensions(expression, vocabulary.facts, kind, empirical, node.place))
    return expression


def _read_rows(
    node: Node, head: FactHead, gives: tuple[str, ...], vocabulary: Vocabulary, grading: Grading, problems: Problems
) -> list[tuple[Row, bool]]:
    rows: list[tuple[Row, bool]] = []
    nodes = items(node, f"the rows of `{head.id}`", problems)
    if isinstance(node, Sequence) and not nodes:
        problems.append(error("GW210", f"the fact `{head.id}` has no rows", start_of(node.place)))
    for position, item in enumerate(nodes):
        keys = tuple(key for key in _ROW_KEYS if key in gives or key not in ("value", "formula", "points", "otherwise"))
        keys += ("otherwise",) if "points" not in gives else ()
        got = fields(item, "a row", keys, (), problems)
        if got is None:
            continue
        last = "otherwise" in got
        if last == ("when" in got):
            help = None if last else "a row that always holds stands last, with `otherwise`"
            problems.append(error("GW211", "a row has either `when` or `otherwise`", start_of(item.place), help))
            continue
        if last and position < len(nodes) - 1:
            problems.append(
                error(
                    "GW212", "`otherwise` stands last: the rows behind it would never be reached", start_of(item.place)
                )
            )
        row = _read_row(item, got, head, gives, vocabulary, grading, problems)
        if row is not None:
            rows.append((row, last))
    return rows


def _read_row(
    item: Node,
    got: Fields,
    head: FactHead,
    gives: tuple[str, ...],
    vocabulary: Vocabulary,
    grading: Grading,
    problems: Problems,
) -> Row | None:
    before = len(problems)
    given = [name for name in gives if name in got]
    shorthand = got.get("otherwise") if not given and "otherwise" in got else None
    if not given and shorthand is None:
        problems.append(error("GW213", f"a row has no `{gives[0]}`", start_of(item.place)))
        return None
    if len(given) > 1:
        problems.append(error("GW213", f"a row has both `{given[0]}` and `{given[1]}`", start_of(item.place)))
    if given and "otherwise" in got and not flag(got["otherwise"], "`otherwise` of a row with a value", problems):
        problems.append(error("GW211", "write `otherwise: true`, or leave the row out", got["otherwise"].place))
    condition: Condition | None = ALWAYS if "otherwise" in got else read_condition(got["when"], vocabulary, problems)
    value: Value | None = None
    expression: Expression | None = None
    points: Number | None = None
    if shorthand is not None or given == ["value"]:
        value = _read_row_value(shorthand if shorthand is not None else got["value"], head, vocabulary, problems)
    elif given == ["formula"]:
        expression = read_formula(
            got["formula"], head.type, flag(head.fields.get("empirical"), "`empirical`", []), vocabulary, problems
        )
    else:
        node = got["points"]
        if isinstance(node, Scalar) and isinstance(node.value, int | Fraction) and not isinstance(node.value, bool):
            points = number(node.value)
            if isinstance(head.type, IntegerType) and isinstance(points, Fraction):
                message = f"`{head.id}` is an integer, and this is a part of a point"
                problems.append(error("GW213", message, node.place, "make the fact a `quantity` with the unit `1`"))
        else:
            problems.append(error("GW213", "`points` is a number", start_of(node.place)))
    id = _read_row_id(got.get("id"), problems)
    words = filled(text(got.get("text"), "`text`", problems), got.get("text"), vocabulary.parameters, problems)
    place = got["id"].place if id is not None else start_of(item.place)
    evidence = read_evidence(
        got, f"the row `{id}`" if id else "a row", place, grading, problems, required=id is not None
    )
    if condition is None or any(d.severity == "error" for d in problems[before:]):
        return None
    return Row(
        condition,
        id,
        value,
        expression,
        points,
        words,
        evidence,
        place,
    )


def _read_row_id(node: Node | None, problems: Problems) -> str | None:
    if node is None:
        return None
    id = text(node, "the id of a row", problems)
    return id if isinstance(node, Scalar) and id is not None and is_good_id(node, "the id of a row", problems) else None


def _read_row_value(node: Node, head: FactHead, vocabulary: Vocabulary, problems: Problems) -> Value | None:
    if isinstance(head.type, ChoicesType) and isinstance(node, Sequence):
        known = {option.id for option in head.type.options if not option.may_be}
        chosen = [item.text for item in node.items if isinstance(item, Scalar)]
        for item in node.items:
            if not isinstance(item, Scalar):
                problems.append(error("GW213", "a list of values holds single values", start_of(item.place)))
            elif item.text not in known:
                help = suggest(item.text, known)
                problems.append(error("GW901", f"`{item.text}` is not one of its values", item.place, help))
        return frozenset(chosen)
    if not isinstance(node, Scalar):
        problems.append(error("GW213", "the value of a row is a single value", start_of(node.place)))
        return None
    found = read_literal(node.text, head.type, vocabulary.parameters, native_of(node))
    if isinstance(found, Trouble):
        report(found, node.place, problems)
        return None
    value, _ = found
    if isinstance(value, str) and isinstance(head.type, ChoiceType | ChoicesType):
        if any(option.id == value and option.may_be for option in head.type.options):
            problems.append(error("GW213", f"a row cannot give the imprecise value `{value}`", node.place))
        return frozenset({value}) if isinstance(head.type, ChoicesType) else value
    return value


def read_table(
    node: Node, head: FactHead, vocabulary: Vocabulary, grading: Grading, problems: Problems
) -> Table | None:
    rows = _read_rows(node, head, ("value", "formula"), vocabulary, grading, problems)
    regular = tuple(row for row, last in rows if not last)
    otherwise = next((row for row, last in rows if last), None)
    return Table(regular, otherwise, flag(head.fields.get("empirical"), "`empirical`", [])) if rows else None


def read_score(
    node: Node, head: FactHead, vocabulary: Vocabulary, grading: Grading, problems: Problems
) -> Score | None:
    if not isinstance(head.type, IntegerType | QuantityType):
        problems.append(error("GW209", "`score` derives an integer or a quantity", start_of(node.place)))
    rows = _read_rows(node, head, ("points",), vocabulary, grading, problems)
    return Score(tuple(row for row, _ in rows)) if rows else None
