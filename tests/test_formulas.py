"""Formulas: what is read, what is refused and where, printing, and the dimension check."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidewright.rules.diagnostics import Diagnostic, Place
from guidewright.rules.dimensions import check_dimensions, counted_in, is_whole
from guidewright.rules.formulas import (
    FUNCTIONS,
    Arithmetic,
    AsOf,
    Call,
    Constant,
    Expression,
    FactValue,
    Negative,
    Operator,
    facts_in,
    parse_formula,
    print_formula,
)
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
from guidewright.rules.units import Unit, parse_unit
from guidewright.rules.values import Span

ANY = Span(None, None, True, True)
A, B, C = FactValue("a"), FactValue("b"), FactValue("c")


def here(text: str) -> Place:
    return Place("facts.yaml", 7, 11, 7, 11 + len(text))


def read(text: str) -> Expression:
    e, found = parse_formula(text, here(text))
    assert e is not None, found
    assert not found
    return e


def refused(text: str, facts: tuple[str, ...] | None = None) -> tuple[Diagnostic, ...]:
    e, found = parse_formula(text, here(text), facts)
    assert e is None
    assert found
    return found


def pointed_at(text: str, diagnostic: Diagnostic) -> str:
    """The part of the formula under the diagnostic's span."""
    return text[diagnostic.place.column - 11 : diagnostic.place.end_column - 11]


# --- reading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("as_of", AsOf()),
        ("primary.resected_on", FactValue("primary.resected_on")),
        ("20 mm", Constant(20, "mm")),
        ("20mm", Constant(20, "mm")),
        ("20%", Constant(20, "%")),
        ("1.73 m2", Constant(Fraction(173, 100), "m2")),
        ("2.50", Constant(Fraction(5, 2))),
        ("2.0", Constant(2)),
        ("007", Constant(7)),
        ("5 mg/dL", Constant(5, "mg/dL")),
        ("50 10*9/L", Constant(50, "10*9/L")),
        ("30 mL/min/{1.73_m2}", Constant(30, "mL/min/{1.73_m2}")),
        ("3 [arb'U]/mL", Constant(3, "[arb'U]/mL")),
        ("5 mg/(kg.d)", Constant(5, "mg/(kg.d)")),
        ("60 1/min", Constant(60, "1/min")),
        ("5 mg / b", Arithmetic("/", Constant(5, "mg"), B)),
        ("a/b", Arithmetic("/", A, B)),
        ("a*b", Arithmetic("*", A, B)),
        ("20 mm*a", Arithmetic("*", Constant(20, "mm"), A)),
        ("20 mm-a", Arithmetic("-", Constant(20, "mm"), A)),
        ("a + b * c", Arithmetic("+", A, Arithmetic("*", B, C))),
        ("(a + b) * c", Arithmetic("*", Arithmetic("+", A, B), C)),
        ("a - b - c", Arithmetic("-", Arithmetic("-", A, B), C)),
        ("a / b / c", Arithmetic("/", Arithmetic("/", A, B), C)),
        ("a ^ b ^ c", Arithmetic("^", A, Arithmetic("^", B, C))),
        ("-a ^ 2", Negative(Arithmetic("^", A, Constant(2)))),
        ("(-a) ^ 2", Arithmetic("^", Negative(A), Constant(2))),
        ("a ^ -b ^ 2", Arithmetic("^", A, Negative(Arithmetic("^", B, Constant(2))))),
        ("-a * b", Arithmetic("*", Negative(A), B)),
        ("a * -b", Arithmetic("*", A, Negative(B))),
        ("--a", Negative(Negative(A))),
        ("a - -b", Arithmetic("-", A, Negative(B))),
        ("a - b", Arithmetic("-", A, B)),
        ("a -b", Arithmetic("-", A, B)),
        ("a- b", Arithmetic("-", A, B)),
        ("a -1", Arithmetic("-", A, Constant(1))),
        ("a-b", FactValue("a-b")),
        ("a-1", FactValue("a-1")),
        ("lesion.a-b.c-2_x", FactValue("lesion.a-b.c-2_x")),
        ("(2 m) ^ 2", Arithmetic("^", Constant(2, "m"), Constant(2))),
        ("10^9", Arithmetic("^", Constant(10), Constant(9))),
        ("round(a)", Call("round", (A,))),
        ("round(a, -2)", Call("round", (A, Negative(Constant(2))))),
        ("min(a, b, c)", Call("min", (A, B, C))),
        ("min", FactValue("min")),
        (" months_between( a ,\n as_of ) ", Call("months_between", (A, AsOf()))),
    ],
)
def test_reads(text: str, expected: Expression) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "pointed", "help"),
    [
        ("", "GW270", "", None),
        ("   ", "GW270", "   ", None),
        ("a +", "GW270", "", "a number or a fact is missing here"),
        ("a b", "GW270", "b", "write `*` to multiply"),
        ("2 (a)", "GW270", "(", "write `*` to multiply"),
        ("a 5", "GW270", "5", None),
        ("(a", "GW270", "(", None),
        ("a)", "GW270", ")", "there is no `(` before it"),
        ("()", "GW270", ")", "a number or a fact is missing here"),
        ("a ** 2", "GW270", "*", "write `^` for a power"),
        ("1,5 + a", "GW270", ",", "write a decimal point, as in `1.5`"),
        ("a, b", "GW270", ",", "commas separate the arguments of a function"),
        ("+a", "GW270", "+", "a number or a fact is missing here"),
        (".5 * a", "GW270", ".5", "write a digit before the decimal point, as in `0.5`"),
        ("a + 1.", "GW270", "1.", "write all digits, as in `7.5` or `7`"),
        ("days_between(a, 2020-12-15)", "GW270", "2020-12-15", "name a date fact, or `as_of`"),
        ("1.2.3", "GW270", "1.2.3", "write all digits, as in `7.5` or `7`"),
        ("a < 3", "GW270", "<", "a formula computes a number"),
        ("a × b", "GW270", "×", "write `*` to multiply"),  # noqa: RUF001
        ("a − b", "GW270", "−", "write `-` to subtract"),  # noqa: RUF001
        ("a + {limit}", "GW270", "{limit}", "a parameter cannot stand in a formula"),
        ("a.b. + 1", "GW270", ".", None),
        ("a; b", "GW270", ";", None),
        ("mni(a, b)", "GW271", "mni", "did you mean `min`?"),
        ("Round(a)", "GW271", "Round", "did you mean `round`?"),
        ("1 + log(a)", "GW271", "log", "write `ln` for the natural logarithm"),
        ("frobnicate(a)", "GW271", "frobnicate", "the functions are `min`"),
        ("as_of()", "GW271", "as_of", "stands without parentheses"),
        ("1 + max(a)", "GW272", "max(a)", None),
        ("abs()", "GW272", "abs()", None),
        ("sqrt(a, b)", "GW272", "sqrt(a, b)", None),
        ("days_between(a)", "GW272", "days_between(a)", None),
        ("round(a, b, c)", "GW272", "round(a, b, c)", None),
        ("round(a, b)", "GW272", "b", "write `round(x, 1)`"),
        ("round(a, 1.5)", "GW272", "1.5", "write `round(x, 1)`"),
        ("round(a, 13)", "GW272", "13", "write `round(x, 1)`"),
        ("round(a, 2 mm)", "GW272", "2 mm", "write `round(x, 1)`"),
        ("2 months + a", "GW273", "months", "did you mean `mo`?"),
        ("20 mm/x", "GW273", "mm/x", "put a blank before and after `/`: `20 mm / …`"),
        ("20 mm/(a + 1)", "GW273", "mm/(a", "put a blank before and after `/`"),
        ("2 x", "GW273", "x", "to multiply, write `2 * …`"),
        ("1e5", "GW273", "1e5", "write all digits"),
        ("2 m ^ 2", "GW273", "2 m", "write `(2 m) ^ …`, or a unit such as `m2`"),
        ("1" * 31, "GW273", "1" * 31, "30 digits"),
        ("-" * 60 + "a", "GW274", "-", "split it"),
        ("(" * 60 + "a" + ")" * 60, "GW274", "(", "split it"),
        ("a ^ " * 60 + "a", "GW274", "a", "split it"),
        (" + ".join(["a"] * 102), "GW274", " + ".join(["a"] * 102), "split it"),
        ("a" * 2001, "GW274", "a" * 2001, "split it"),
    ],
)
def test_refuses(text: str, code: str, pointed: str, help: str | None) -> None:
    (diagnostic,) = refused(text)
    assert diagnostic.code == code
    assert pointed_at(text, diagnostic) == pointed
    if help is None:
        assert diagnostic.help is None
    else:
        assert help in (diagnostic.help or "")


def test_the_limits_are_reached_before_they_are_exceeded() -> None:
    read("-" * 49 + "a")
    read("(" * 49 + "a" + ")" * 49)
    read(" + ".join(["a"] * 100))
    read("a" * 2000)
    read("a" + " " * 5000 + "+ b")


def test_several_wrong_words_are_all_reported() -> None:
    text = "foo(a) + 2 months + max(b)"
    assert [pointed_at(text, d) for d in refused(text)] == ["foo", "months", "max(b)"]


def test_unknown_facts_are_reported_where_they_stand() -> None:
    text = "weight / (hieght * height)"
    (diagnostic,) = refused(text, ("weight", "height"))
    assert (diagnostic.code, pointed_at(text, diagnostic)) == ("GW201", "hieght")
    assert diagnostic.help == "did you mean `height`?"


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("a-b.c", "to subtract, write `a - b.c`"),
        ("a-1", "to subtract, write `a - 1`"),
        ("as_of-a", "to subtract, write `as_of - a`"),
        ("2 b.c", "to multiply, write `2 * b.c`"),
    ],
)
def test_a_missing_blank_is_explained(text: str, help: str) -> None:
    (diagnostic,) = refused(text, ("a", "b.c"))
    assert diagnostic.help == help


def test_a_fact_with_a_hyphen_is_known_as_such() -> None:
    text = "a-b - a"
    assert parse_formula(text, here(text), ("a", "a-b"))[0] == Arithmetic("-", FactValue("a-b"), A)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place("f", 3, 5, 3, 11), Place("f", 3, 9, 3, 10)),  # plain
        (Place("f", 3, 5, 3, 13), Place("f", 3, 10, 3, 11)),  # in quotes
        (Place("f", 3, 5, 3, 12), Place("f", 3, 5, 3, 12)),  # neither
        (Place("f", 3, 5, 3, 14), Place("f", 3, 5, 3, 14)),  # with an escape
        (Place("f", 3, 5, 4, 11), Place("f", 3, 5, 4, 11)),  # over two lines
    ],
)
def test_columns_are_told_where_they_can_be(place: Place, expected: Place) -> None:
    _, (diagnostic,) = parse_formula("a + )b", place)
    assert diagnostic.place == expected


@given(st.text(st.sampled_from("ab1.5 +-*/^(),%m2gdL[]{}x_\n÷é"), max_size=40))
@settings(max_examples=300)
def test_any_text_is_read_or_refused_within_its_bounds(text: str) -> None:
    e, found = parse_formula(text, here(text))
    assert (e is None) == bool(found)
    for diagnostic in found:
        assert 11 <= diagnostic.place.column < diagnostic.place.end_column <= 12 + len(text)
    if e is not None:
        assert parse_formula(print_formula(e), here(text))[0] == e


# --- printing

names = st.from_regex(r"[a-z_][a-z0-9_]{0,3}(-[a-z0-9]{1,2}){0,2}(\.[a-z0-9]{1,3}){0,2}", fullmatch=True)
numbers = st.builds(lambda n, places: Fraction(n, 10**places), st.integers(0, 10**6), st.integers(0, 9)).map(
    lambda n: n.numerator if n.denominator == 1 else n
)
units = st.sampled_from(["", "", "mm", "%", "mo", "mg/dL", "10*9/L", "mL/min/{1.73_m2}", "m-2", "[arb'U]/mL", "m2"])
leaves = (
    st.builds(Constant, numbers, units)
    | names.filter(lambda name: name != "as_of").map(FactValue)
    | st.builds(AsOf)
)  # fmt: skip


def _compound(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    operators: list[Operator] = ["+", "-", "*", "/", "^"]
    one = st.tuples(inner)
    two = st.tuples(inner, inner)
    return (
        st.builds(Negative, inner)
        | st.builds(Arithmetic, st.sampled_from(operators), inner, inner)
        | st.builds(Call, st.sampled_from(["abs", "round", "floor", "sqrt", "ln"]), one)
        | st.builds(Call, st.sampled_from(["min", "max", "months_between"]), two)
        | st.builds(Call, st.just("round"), st.tuples(inner, st.just(Negative(Constant(2)))))
    )


expressions: st.SearchStrategy[Expression] = st.recursive(leaves, _compound, max_leaves=12)


@given(expressions)
@settings(max_examples=300)
def test_what_is_printed_reads_as_the_same(e: Expression) -> None:
    assert read(print_formula(e)) == e


@pytest.mark.parametrize(
    "text",
    [
        "a + b * c - (d - e)",
        "(a + b) * c / (d * e)",
        "-a ^ 2",
        "(-a) ^ -b",
        "(a ^ b) ^ c",
        "-(a + b)",
        "a * (b + c) ^ 2",
        "(2 m) ^ 2",
        "round(0.05 * a, 1) + 1.5 mm",
    ],
)
def test_no_more_parentheses_than_needed(text: str) -> None:
    assert print_formula(read(text)) == text


def test_a_number_that_is_not_decimal_is_printed_all_the_same() -> None:
    assert print_formula(Constant(Fraction(1, 3))) == "0.333333"
    assert print_formula(Constant(Fraction(-5, 4))) == "-1.25"


def test_facts_in_the_authors_order() -> None:
    assert facts_in(read("b + min(a, b, -c.d) ^ as_of")) == ("b", "a", "c.d")
    assert facts_in(read("1 + 2")) == ()


def test_every_function_can_be_written() -> None:
    for function in FUNCTIONS:
        arguments = "x, y" if function in ("min", "max") or function.endswith("between") else "x"
        assert isinstance(read(f"{function}({arguments})"), Call)


# --- dimensions


def quantity(unit_text: str) -> QuantityType:
    unit = parse_unit(unit_text)
    assert isinstance(unit, Unit)
    return QuantityType(unit, ANY)


INTEGER = IntegerType(ANY)
OPTIONS = (Option("x", "X"), Option("y", "Y"))
FACTS: dict[str, FactType] = {
    "size": quantity("mm"),
    "depth": quantity("cm"),
    "weight": quantity("kg"),
    "height": quantity("cm"),
    "share": quantity("%"),
    "inr": quantity("1"),
    "wait": quantity("d"),
    "interval": quantity("mo"),
    "age": quantity("a"),
    "conc": quantity("mg/dL"),
    "n": INTEGER,
    "m": INTEGER,
    "born": DateType(),
    "seen": DateType(),
    "flag": BooleanType(),
    "choice": ChoiceType(OPTIONS),
    "set": ChoicesType(OPTIONS),
    "text": TextType(),
}


def checked(text: str, result: FactType, empirical: bool = False) -> tuple[Diagnostic, ...]:
    return check_dimensions(read(text), FACTS, result, empirical, here(text))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("size + depth", "mm"),
        ("size + 5 mm - 1 cm", "cm"),
        ("size * depth", "mm2"),
        ("size * depth * 2 mm", "mL"),
        ("weight / height ^ 2", "kg/m2"),
        ("weight / (height * height)", "kg/m2"),
        ("sqrt(size * depth)", "mm"),
        ("sqrt(height * weight / (3600 cm.kg)) * 1 m2", "m2"),
        ("size / depth", "%"),
        ("size / depth", "1"),
        ("share + 1 %", "1"),
        ("100 % - share", "%"),
        ("max(share, 0)", "%"),
        ("size / depth + 1", "%"),
        ("months_between(born, seen)", "mo"),
        ("years_between(born, as_of)", "mo"),
        ("days_between(born, as_of) - wait", "d"),
        ("months_between(born, seen) + age", "a"),
        ("max(size, depth, 1 mm)", "mm"),
        ("abs(-size)", "mm"),
        ("exp(ln(inr) - log10(share))", "1"),
        ("inr ^ 1.5", "1"),
        ("inr ^ n", "1"),
        ("2 ^ inr", "1"),
        ("size ^ -1", "1/mm"),
        ("size ^ 0", "1"),
        ("floor(years_between(born, as_of))", "a"),
        ("round(weight / height ^ 2, 1)", "kg/m2"),
        ("round(size / 1 cm) * 1 cm", "mm"),
        ("round(size + 1 mm)", "mm"),
        ("round(size / depth)", "%"),
        ("round(n * 1.5) * 5 mm", "mm"),
        ("round(n / m, 2)", "%"),
        ("round(share)", "%"),
    ],
)
def test_dimensions_that_go_together(text: str, result: str) -> None:
    assert checked(text, quantity(result)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "n + m * 2 - 1",
        "n ^ 2",
        "max(n, m, abs(n))",
        "floor(n / 2)",
        "round(inr)",
        "round(n * 1.5, -1)",
        "floor(years_between(born, as_of) / 1 a)",
        "ceil(size / 1 mm) + n",
    ],
)
def test_whole_numbers(text: str) -> None:
    assert checked(text, INTEGER) == ()


@pytest.mark.parametrize(
    ("text", "result", "code", "names"),
    [
        ("size + weight", "mm", "GW275", ["`size`", "`mm`", "`weight`", "`kg`", "added"]),
        ("size - 5", "mm", "GW275", ["`5` a plain number", "subtracted"]),
        ("min(size, weight)", "mm", "GW275", ["compared"]),
        ("interval + wait", "mo", "GW275", ["`mo`", "`d`"]),
        ("size * depth + size", "mm", "GW275", ["area"]),
        ("ln(size)", "1", "GW275", ["`ln` takes a plain number"]),
        ("exp(size / weight)", "1", "GW275", ["length/mass"]),
        ("sqrt(size)", "mm", "GW275", ["no square root"]),
        ("2 ^ size", "1", "GW275", ["exponent `size`"]),
        ("size ^ 1.5", "mm", "GW275", ["exponent cannot be `1.5`"]),
        ("size ^ n", "mm", "GW275", ["exponent cannot be `n`"]),
        ("share + 1", "%", "GW275", ["`1` beside a percentage"]),
        ("min(share, 0.5)", "%", "GW275", ["`0.5` beside a percentage"]),
        ("size", "kg", "GW277", ["`mm`", "`kg`"]),
        ("size * depth", "mm", "GW277", ["area", "`mm`"]),
        ("inr", "mm", "GW277", ["a plain number", "`mm`"]),
        ("months_between(born, seen)", "d", "GW277", ["`mo`", "`d`"]),
        ("days_between(born, seen)", "mo", "GW277", ["`d`", "`mo`"]),
        ("flag + 1", "1", "GW276", ["`flag` is a boolean"]),
        ("2 * choice", "1", "GW276", ["`choice` is a choice"]),
        ("set", "1", "GW276", ["`set` is a set of choices"]),
        ("text", "1", "GW276", ["`text` is a text"]),
        ("seen - born", "d", "GW276", ["`seen` and `born` are days"]),
        ("as_of - 6 mo", "mo", "GW276", ["`as_of` is a day: nothing can be added to it"]),
        ("max(born, 1 d)", "d", "GW276", ["`born` is a day"]),
        ("-born", "d", "GW276", ["`born` is a day"]),
        ("seen", "d", "GW276", ["`seen` is a day, and a formula gives a number"]),
        ("months_between(size, born)", "mo", "GW276", ["`months_between` counts", "`size`", "`mm`"]),
        ("round(size)", "cm", "GW278", ["`size`", "`mm`", "in `cm`"]),
        ("floor(years_between(born, as_of))", "mo", "GW278", ["`a`", "in `mo`"]),
        ("round(size) * depth", "mm2", "GW278", ["`size`", "in the unit of the result"]),
        ("round(size * depth / 1 mm)", "kg", "GW278", ["of length", "in the unit of the result"]),
        ("round(share) * 1 mm", "mm", "GW278", ["`%`", "in `1`"]),
    ],
)
def test_dimensions_that_do_not(text: str, result: str, code: str, names: list[str]) -> None:
    (diagnostic,) = checked(text, quantity(result))
    assert diagnostic.code == code
    assert diagnostic.severity == "error"
    for name in names:
        assert name in diagnostic.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("n / 2", "GW279"),
        ("inr", "GW279"),
        ("n ^ -1", "GW279"),
        ("round(inr, 1)", "GW279"),
        ("1.5", "GW279"),
        ("size", "GW277"),
    ],
)
def test_an_integer_must_be_whole(text: str, code: str) -> None:
    (diagnostic,) = checked(text, INTEGER)
    assert diagnostic.code == code


@pytest.mark.parametrize("result", [BooleanType(), ChoiceType(OPTIONS), ChoicesType(OPTIONS), DateType(), TextType()])
def test_a_formula_gives_a_number(result: FactType) -> None:
    (diagnostic,) = checked("1 + 1", result)
    assert diagnostic.code == "GW276"


def test_a_missing_unit_is_suggested() -> None:
    (diagnostic,) = checked("size + 5", quantity("mm"))
    assert diagnostic.help == "write `5 mm` if that is meant"
    (diagnostic,) = checked("max(0, size)", quantity("mm"))
    assert diagnostic.help == "write `0 mm` if that is meant"


def test_a_difference_of_days_is_turned_round() -> None:
    (diagnostic,) = checked("seen - born", quantity("d"))
    assert diagnostic.help == "write `days_between(born, seen)`"


def test_independent_mistakes_are_all_reported() -> None:
    assert [d.code for d in checked("(size + weight) * (flag + 1)", quantity("mm"))] == ["GW275", "GW276"]


def test_percentages_are_ratios_already() -> None:
    (diagnostic,) = checked("size / depth * 100", quantity("%"))
    assert (diagnostic.code, diagnostic.severity) == ("GW275", "warning")
    (diagnostic,) = checked("weight * (share / 100)", quantity("kg"))
    assert (diagnostic.code, diagnostic.severity) == ("GW275", "warning")
    (diagnostic,) = checked("share + 1", quantity("%"))
    assert diagnostic.help == "write `1 %` or `100 %`"
    assert checked("size / depth * 100", quantity("1")) == ()
    assert checked("n * 100", quantity("1")) == ()
    assert checked("inr / 100", quantity("1")) == ()


def test_an_empirical_formula_takes_bare_numbers() -> None:
    assert (
        checked("1.23 * ln(size) + weight ^ 0.425 - round(age) * 0.993 ^ age", quantity("mL/min"), empirical=True) == ()
    )
    assert checked("years_between(born, as_of) + size", quantity("kg"), empirical=True) == ()
    assert checked("days_between(born, as_of)", INTEGER, empirical=True) == ()
    assert [d.code for d in checked("flag + size", quantity("1"), empirical=True)] == ["GW276"]
    assert [d.code for d in checked("seen + 1", quantity("1"), empirical=True)] == ["GW276"]
    assert [d.code for d in checked("size - 20 mm", quantity("mm"), empirical=True)] == ["GW273"]
    assert [d.code for d in checked("size / 2", INTEGER, empirical=True)] == ["GW279"]


def test_unknown_facts_are_passed_over() -> None:
    assert check_dimensions(read("size + nowhere"), FACTS, quantity("mm"), False, here("")) == ()


@pytest.mark.parametrize(
    ("text", "result", "unit"),
    [
        ("floor(years_between(born, as_of))", "a", "a"),
        ("round(weight / height ^ 2, 1)", "kg/m2", "kg/m2"),
        ("round(size / 1 cm)", "1", "1"),
        ("round(size / 1 cm)", "%", "1"),
        ("round(n / 1.5)", "%", "1"),
        ("round(n / m)", "%", "%"),
        ("round(size / depth)", "%", "%"),
        ("round(share)", "%", "%"),
    ],
)
def test_the_unit_in_which_is_counted(text: str, result: str, unit: str) -> None:
    e = read(text)
    assert isinstance(e, Call)
    assert counted_in(e, FACTS, quantity(result)).text == unit


def test_what_is_surely_whole() -> None:
    assert is_whole(read("days_between(born, seen)"), FACTS, empirical=True)
    assert not is_whole(read("days_between(born, seen)"), FACTS, empirical=False)
    assert not is_whole(read("5 mm"), FACTS, empirical=False)
    assert not is_whole(read("n * 0.5"), FACTS, empirical=True)
    assert not is_whole(read("n ^ m"), FACTS, empirical=True)


@given(
    expressions, st.booleans(), st.sampled_from([INTEGER, quantity("mm"), quantity("1"), quantity("%"), BooleanType()])
)
@settings(max_examples=200)
def test_the_check_never_fails_itself(e: Expression, empirical: bool, result: FactType) -> None:
    kinds = list(FACTS.values())
    facts = {name: kinds[sum(map(ord, name)) % len(kinds)] for name in facts_in(e)}
    for diagnostic in check_dimensions(e, facts, result, empirical, here("")):
        assert diagnostic.message
        assert not diagnostic.message.endswith(".")
