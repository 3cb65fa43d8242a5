"""Reading facts.yaml: what may be recorded about a patient, and what follows from it.

Facts name each other in conditions and formulas, so they are read twice: first their types, then what derives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from guidewright.rules.condition_text import Vocabulary, read_condition
from guidewright.rules.conditions import ALWAYS, Condition
from guidewright.rules.diagnostics import Diagnostic, Place, error
from guidewright.rules.dimensions import check_dimensions
from guidewright.rules.evidence import EVIDENCE_KEYS, Grading, read_evidence
from guidewright.rules.formulas import Expression, facts_in, parse_formula
from guidewright.rules.literals import Trouble, native_of, outside_range, read_value, resolve_parameter
from guidewright.rules.model import (
    BooleanType,
    ChoicesType,
    ChoiceType,
    Code,
    DateType,
    Derivation,
    Fact,
    FactType,
    Formula,
    Holds,
    IntegerType,
    Option,
    QuantityType,
    Row,
    Score,
    Table,
    TextType,
)
from guidewright.rules.reading import Node, Scalar, Sequence
from guidewright.rules.shape import Fields, Problems, entries, fields, flag, is_good_id, items, one_of, start_of, text
from guidewright.rules.units import Unit, UnitProblem, convert, parse_unit, split_quantity
from guidewright.rules.values import Number, Span, Value, number, span, whole_step

_TYPES = ("boolean", "integer", "quantity", "choice", "choices", "date", "text")
_COMMON = ("label", "type", "question", "note", "only_if", "codes", "tolerance", "formula", "empirical", "holds", "table", "score")
_OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "integer": ("range",),
    "quantity": ("unit", "range"),
    "choice": ("values", "ordered"),
    "choices": ("values",),
    "date": ("future",),
}
_LATER = ("of", "assume", "records", "latest", "earliest", "count", "within", "complete_since", "fixed")
_DERIVATIONS = ("formula", "holds", "table", "score")
_ROW_KEYS = ("id", "when", "otherwise", "value", "formula", "points", "text", *EVIDENCE_KEYS)


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
                message = f"the fact `{shorter.id}` is the beginning of `{id}`, so that a nested record could mean either"
                problems.append(error("GW202", message, head.place, related=(("the shorter one", shorter.place),)))


def _read_head(key: Scalar, node: Node, problems: Problems) -> FactHead | None:
    what = f"the fact `{key.text}`"
    kinds = [node] if (found := getattr(node, "get", lambda _: None)("type")) is None else [found]
    name = one_of(kinds[0], "type of a fact", _TYPES, problems) if found is not None else None
    allowed = _COMMON + (_OF_TYPE[name] if name in _OF_TYPE else () if name else ("range", "unit", "values", "ordered", "future"))
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
            return ChoiceType(options, flag(got.get("ordered"), "`ordered`", problems)) if name == "choice" else ChoicesType(options)


def _read_unit(node: Node | None, what: str, place: Place, problems: Problems) -> Unit | None:
    if node is None:
        problems.append(error("GW203", f"{what} is a quantity and has no `unit`", place, "write a UCUM unit, or `1` for a plain number"))
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
    problems.append(error("GW204", "a range is its lowest and its highest value", start_of(node.place), "write `[1, 400]`"))
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
        problems.append(error("GW205", f"{what} has no `values`", place, "list each value with its label: `values: {a: First, b: Second}`"))
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
            may_be = tuple(item.text for item in items(got.get("may_be"), "`may_be`", problems) if isinstance(item, Scalar))
            places |= {item.text: item.place for item in items(got.get("may_be"), "`may_be`", []) if isinstance(item, Scalar)}
            options.append(Option(key.text, label or key.text, may_be))
    precise = {option.id for option in options if not option.may_be}
    for option in options:
        for other in option.may_be:
            if other not in precise:
                problems.append(error("GW206", f"`{option.id}` may be `{other}`, which is no precise value of this fact", places.get(other, place)))
    if len(precise) < 2 and not any(d.place.file == place.file and d.code == "GW206" for d in problems):
        problems.append(error("GW205", f"{what} has fewer than two values", place))
    return tuple(options)


# --- what derives a fact


def read_facts(
    heads: Mapping[str, FactHead], vocabulary: Vocabulary, grading: Grading, problems: Problems
) -> dict[str, Fact]:
    """Every fact whole. A fact with an unusable derivation is reported and left out."""
    facts: dict[str, Fact] = {}
    for head in heads.values():
        fact = _read_fact(head, vocabulary, grading, problems)
        if fact is not None:
            facts[fact.id] = fact
    _check_cycles(facts, problems)
    return facts


def _read_fact(head: FactHead, vocabulary: Vocabulary, grading: Grading, problems: Problems) -> Fact | None:
    got = head.fields
    before = len(problems)
    what = f"the fact `{head.id}`"
    only_if = read_condition(got["only_if"], vocabulary, problems) if "only_if" in got else None
    derivation = _read_derivation(head, vocabulary, grading, problems)
    tolerance = _read_tolerance(head, problems)
    if tolerance is not None and derivation is None:
        problems.append(error("GW207", f"{what} has a `tolerance`, but nothing computes it", got["tolerance"].place))
    if isinstance(head.type, TextType) and derivation is not None:
        problems.append(error("GW208", f"{what} is a text and cannot be derived", head.place))
    if len(problems) > before and any(d.severity == "error" for d in problems[before:]):
        return None
    return Fact(
        id=head.id,
        label=head.label,
        type=head.type,
        question=text(got.get("question"), f"the question of {what}", problems),
        note=text(got.get("note"), f"the note of {what}", problems),
        only_if=only_if,
        derivation=derivation,
        tolerance=tolerance,
        codes=_read_codes(got.get("codes"), what, problems),
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
    return value


def _read_derivation(head: FactHead, vocabulary: Vocabulary, grading: Grading, problems: Problems) -> Derivation | None:
    given = [name for name in _DERIVATIONS if name in head.fields]
    if "empirical" in head.fields and "formula" not in head.fields and "table" not in head.fields:
        problems.append(error("GW209", "`empirical` says something about a `formula`, and there is none", head.fields["empirical"].place))
    if len(given) > 1:
        message = f"the fact `{head.id}` is derived in two ways, by `{given[0]}` and by `{given[1]}`"
        problems.append(error("GW209", message, start_of(head.fields[given[1]].place)))
        return None
    if not given:
        return None
    node = head.fields[given[0]]
    match given[0]:
        case "formula":
            empirical = flag(head.fields.get("empirical"), "`empirical`", problems)
            expression = _read_formula(node, head.type, empirical, vocabulary, problems)
            written = text(node, "the formula", problems)
            return None if expression is None or written is None else Formula(expression, written, empirical)
        case "holds":
            if not isinstance(head.type, BooleanType):
                problems.append(error("GW209", "`holds` derives a boolean", start_of(node.place), "a `table` gives values of other types"))
            condition = read_condition(node, vocabulary, problems)
            return None if condition is None else Holds(condition)
        case "table":
            return _read_table(node, head, vocabulary, grading, problems)
        case _:
            return _read_score(node, head, vocabulary, grading, problems)


def _read_formula(node: Node, kind: FactType, empirical: bool, vocabulary: Vocabulary, problems: Problems) -> Expression | None:
    written = text(node, "a formula", problems)
    if written is None or not isinstance(node, Scalar):
        return None
    expression, found = parse_formula(node.text, node.place)
    problems.extend(found)
    if expression is None:
        return None
    unknown = [fact for fact in facts_in(expression) if fact not in vocabulary.facts]
    for fact in unknown:
        from guidewright.rules.diagnostics import suggest

        problems.append(error("GW201", f"unknown fact `{fact}`", node.place, suggest(fact, vocabulary.facts)))
    if unknown:
        return None
    problems.extend(check_dimensions(expression, vocabulary.facts, kind, empirical, node.place))
    return expression


def _read_rows(node: Node, head: FactHead, gives: tuple[str, ...], vocabulary: Vocabulary, grading: Grading, problems: Problems) -> list[tuple[Row, bool]]:
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
            problems.append(error("GW211", "a row has either `when` or `otherwise`", start_of(item.place)))
            continue
        if last and position < len(nodes) - 1:
            problems.append(error("GW212", "`otherwise` stands last: the rows behind it would never be reached", start_of(item.place)))
        row = _read_row(item, got, head, gives, vocabulary, grading, problems)
        if row is not None:
            rows.append((row, last))
    return rows


def _read_row(item: Node, got: Fields, head: FactHead, gives: tuple[str, ...], vocabulary: Vocabulary, grading: Grading, problems: Problems) -> Row | None:
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
        expression = _read_formula(got["formula"], head.type, flag(head.fields.get("empirical"), "`empirical`", []), vocabulary, problems)
    else:
        node = got["points"]
        if isinstance(node, Scalar) and isinstance(node.value, int | Fraction) and not isinstance(node.value, bool):
            points = number(node.value)
        else:
            problems.append(error("GW213", "`points` is a number", start_of(node.place)))
    id = _read_row_id(got.get("id"), problems)
    evidence = read_evidence(got, f"the row `{id}`" if id else "a row", start_of(item.place), grading, problems, required=id is not None)
    if condition is None or any(d.severity == "error" for d in problems[before:]):
        return None
    return Row(condition, id, value, expression, points, text(got.get("text"), "`text`", problems), evidence, start_of(item.place))


def _read_row_id(node: Node | None, problems: Problems) -> str | None:
    if node is None:
        return None
    if isinstance(node, Scalar) and is_good_id(node, "the id of a row", problems):
        return node.text
    return None


def _read_row_value(node: Node, head: FactHead, vocabulary: Vocabulary, problems: Problems) -> Value | None:
    if isinstance(head.type, ChoicesType) and isinstance(node, Sequence):
        known = {option.id for option in head.type.options if not option.may_be}
        chosen = [item.text for item in node.items if isinstance(item, Scalar)]
        for item in node.items:
            if not isinstance(item, Scalar) or item.text not in known:
                problems.append(error("GW901", "this is not one of the fact's values", item.place))
        return frozenset(chosen)
    if not isinstance(node, Scalar):
        problems.append(error("GW213", "the value of a row is a single value", start_of(node.place)))
        return None
    resolved = resolve_parameter(node.text, vocabulary.parameters)
    if isinstance(resolved, Trouble):
        problems.append(error(resolved.code, resolved.message, node.place, resolved.help))
        return None
    value = read_value(resolved[0], head.type, native_of(node))
    if isinstance(value, str) and isinstance(head.type, ChoiceType | ChoicesType):
        if any(option.id == value and option.may_be for option in head.type.options):
            problems.append(error("GW213", f"a row cannot give the imprecise value `{value}`", node.place))
        return frozenset({value}) if isinstance(head.type, ChoicesType) else value
    trouble = value if isinstance(value, Trouble) else outside_range(value, head.type)
    if trouble is not None:
        problems.append(error(trouble.code, trouble.message, node.place, trouble.help))
        return None
    assert not isinstance(value, Trouble)
    return value


def _read_table(node: Node, head: FactHead, vocabulary: Vocabulary, grading: Grading, problems: Problems) -> Table | None:
    rows = _read_rows(node, head, ("value", "formula"), vocabulary, grading, problems)
    regular = tuple(row for row, last in rows if not last)
    otherwise = next((row for row, last in rows if last), None)
    return Table(regular, otherwise, flag(head.fields.get("empirical"), "`empirical`", [])) if rows else None


def _read_score(node: Node, head: FactHead, vocabulary: Vocabulary, grading: Grading, problems: Problems) -> Score | None:
    if not isinstance(head.type, IntegerType | QuantityType):
        problems.append(error("GW209", "`score` derives an integer or a quantity", start_of(node.place)))
    rows = _read_rows(node, head, ("points",), vocabulary, grading, problems)
    if isinstance(head.type, IntegerType) and any(isinstance(row.points, Fraction) for row, _ in rows):
        problems.append(error("GW213", f"`{head.id}` is an integer, and a row has a part of a point", start_of(node.place)))
    return Score(tuple(row for row, _ in rows)) if rows else None


def inputs_of(fact: Fact) -> tuple[str, ...]:
    """The facts that a fact is derived from, `only_if` included, each once."""
    from guidewright.rules.conditions import facts_of

    found: list[str] = list(facts_of(fact.only_if)) if fact.only_if is not None else []
    match fact.derivation:
        case Formula(expression):
            found += facts_in(expression)
        case Holds(condition):
            found += facts_of(condition)
        case Table(rows, otherwise):
            for row in (*rows, *((otherwise,) if otherwise else ())):
                found += facts_of(row.when)
                found += facts_in(row.formula) if row.formula is not None else ()
        case Score(rows):
            for row in rows:
                found += facts_of(row.when)
        case None:
            pass
    return tuple(dict.fromkeys(found))


def _check_cycles(facts: Mapping[str, Fact], problems: Problems) -> None:
    """A fact that follows from itself is an error that shows the way round."""
    done: set[str] = set()
    for start in facts:
        way: list[str] = []
        _walk(start, facts, way, done, problems)


def _walk(id: str, facts: Mapping[str, Fact], way: list[str], done: set[str], problems: Problems) -> None:
    # An explicit stack: a chain of derived facts may be longer than Python's own stack is deep.
    stack = [(id, iter(inputs_of(facts[id]) if id in facts else ()))] if id not in done else []
    way.extend(name for name, _ in stack)
    while stack:
        name, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            done.add(name)
            stack.pop()
            way.pop()
        elif following in way:
            circle = [*way[way.index(following) :], following]
            place = facts[following].place
            assert place is not None
            related = tuple((f"`{a}` follows from `{b}`", p) for a, b in zip(circle, circle[1:], strict=False) if (p := facts[a].place) is not None)
            problems.append(error("GW214", "a fact follows from itself: " + " → ".join(f"`{n}`" for n in circle), place, related=related))
            done.update(circle)
        elif following not in done and following in facts:
            stack.append((following, iter(inputs_of(facts[following]))))
            way.append(following)


def in_order(facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Every fact after those it follows from."""
    order: dict[str, None] = {}
    for start in facts:
        stack = [start]
        while stack:
            name = stack[-1]
            if name in order:
                stack.pop()
                continue
            waiting = [n for n in inputs_of(facts[name]) if n in facts and n not in order]
            if waiting:
                stack.extend(waiting)
            else:
                order[name] = None
                stack.pop()
    return tuple(order)


