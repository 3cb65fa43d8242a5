"""Units: the whole table against UCUM's own, the conversions that must be refused, and what holds for every unit."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Token, Tree
from ucumvert import PintUcumRegistry
from ucumvert.parser import get_ucum_parser
from ucumvert.xml_util import UCUM_ESSENCE_FILE

from guidewright.rules.unit_table import ATOMS, PREFIXES
from guidewright.rules.units import (
    Dimension,
    Unit,
    UnitProblem,
    convert,
    dimension_power,
    dimension_root,
    dimension_times,
    number,
    parse_unit,
    show_dimension,
    show_number,
    split_quantity,
)

DOCS = Path(__file__).resolve().parent.parent / "docs" / "units.md"
METRIC = sorted(code for code, atom in ATOMS.items() if atom.metric)
# UCUM defines these by functions of a number, so no factor can be compared; here they are base units.
SPECIAL = {"Cel", "[degF]", "[pH]"}
UNHURRIED = settings(deadline=None)


def unit(text: str) -> Unit:
    found = parse_unit(text)
    assert isinstance(found, Unit), found
    return found


def refused(text: str) -> UnitProblem:
    found = parse_unit(text)
    assert isinstance(found, UnitProblem), found
    return found


def converted(value: int | Fraction, source: str, target: str) -> int | Fraction:
    found = convert(value, unit(source), unit(target))
    assert not isinstance(found, UnitProblem), found
    return found


def not_converted(source: str, target: str) -> UnitProblem:
    found = convert(1, unit(source), unit(target))
    assert isinstance(found, UnitProblem), found
    return found


# --- UCUM as UCUM says it: an evaluator of its own over its own table and an independent parser ---


class Essence:
    """The published table (ucum-essence.xml), evaluated exactly; texts are parsed by the grammar of `ucumvert`."""

    def __init__(self) -> None:
        root = ElementTree.parse(UCUM_ESSENCE_FILE).getroot()
        self.parser = get_ucum_parser()
        self.base = {b.attrib["Code"] for b in root.iterfind("{*}base-unit")}
        self.units = {u.attrib["Code"]: u for u in root.iterfind("{*}unit")}
        self.prefixes = {p.attrib["Code"]: Fraction(p[-1].attrib["value"]) for p in root.iterfind("{*}prefix")}

    def metric(self, code: str) -> bool:
        return code in self.base or self.units[code].attrib["isMetric"] == "yes"

    def value(self, text: str) -> tuple[Fraction, Dimension]:
        return self._evaluated(self.parser.parse(text))

    @cache  # noqa: B019
    def atom(self, code: str) -> tuple[Fraction, Dimension]:
        if code in self.base:
            return Fraction(1), ((code, 1),)
        if code in ("10*", "10^"):
            return Fraction(10), ()
        if code.isdigit():
            return Fraction(code), ()
        value = self.units[code].find("{*}value")
        assert value is not None
        factor, dimension = self.value(value.attrib["Unit"])
        return Fraction(Decimal(value.attrib["value"])) * factor, dimension

    def _evaluated(self, node: Tree[Token] | Token, sign: int = 1) -> tuple[Fraction, Dimension]:
        if isinstance(node, Token):
            return (Fraction(1), ()) if node.startswith("{") else self.atom(str(node))
        parts = list(node.children)
        if node.data == "simple_unit":
            factor, dimension = self.atom(str(parts[-1]))
            return (self.prefixes[str(parts[0])] * factor, dimension) if len(parts) == 2 else (factor, dimension)
        if isinstance(parts[-1], Token) and parts[-1].type == "EXPONENT":
            factor, dimension = self._evaluated(parts[0])
            return factor ** int(parts[-1]), dimension_power(dimension, int(parts[-1]))
        # From left to right: a leading `/` divides by what stands next to it only, as in UCUM's `/[pi].A/m` (oersted).
        inner = isinstance(parts[0], Tree) and parts[0].data == "term"
        factor, dimension = Fraction(1), ()
        for index, part in enumerate(parts):
            if isinstance(part, Token) and part in (".", "/"):
                sign = -1 if part == "/" else 1
                inner = index == 0 and isinstance(parts[1], Tree) and parts[1].data == "term"
            else:
                f, d = self._evaluated(part, sign) if inner else _power(self._evaluated(part), sign)
                factor, dimension = factor * f, dimension_times(dimension, d)
        return factor, dimension


def _power(value: tuple[Fraction, Dimension], exponent: int) -> tuple[Fraction, Dimension]:
    return value[0] ** exponent, dimension_power(value[1], exponent)


@cache
def shared_essence() -> Essence:
    return Essence()


@pytest.fixture
def essence() -> Essence:
    return shared_essence()


def in_ucum(found: Unit, essence: Essence) -> tuple[Fraction, Dimension]:
    """Our unit in UCUM's base units: our base units differ, and annotations do not count there."""
    units_of_bases = {atom.base: code for code, atom in ATOMS.items() if atom.base}
    factor = found.factor
    dimension: Dimension = ()
    for base, exponent in found.dimension:
        if not base.startswith("{"):
            f, d = essence.atom(units_of_bases[base])
            factor, dimension = factor * f**exponent, dimension_times(dimension, dimension_power(d, exponent))
    return factor, dimension


@pytest.mark.parametrize("code", sorted(ATOMS.keys() - SPECIAL))
def test_every_symbol_is_what_ucum_says(code: str, essence: Essence) -> None:
    # `A` is a base unit here and `C` is not; in UCUM it is the other way round.
    assert in_ucum(unit(code), essence) == essence.atom(code)


def test_special_units_are_base_units() -> None:
    assert all(ATOMS[code].base for code in SPECIAL)


def test_prefixes_and_metric_symbols_are_those_of_ucum(essence: Essence) -> None:
    assert {p: Fraction(10) ** power for p, power in PREFIXES.items()} == {
        p: value for p, value in essence.prefixes.items() if not p.endswith("i")
    }
    # A prefix before a temperature that has a zero of its own would mislead.
    assert {code for code in ATOMS if essence.metric(code)} == {*METRIC, "Cel"}


def test_no_two_readings_of_a_symbol() -> None:
    readings = list(ATOMS) + [prefix + code for prefix in PREFIXES for code in METRIC]
    doubled = {text for text in readings if readings.count(text) > 1}
    # `cd` is candela for UCUM too, and a day takes no prefix; only `Pa`, `min` and the like would be listed here.
    assert doubled == set()


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_with_every_metric_symbol(prefix: str, essence: Essence) -> None:
    for code in METRIC:
        found = unit(prefix + code)
        assert found.factor == essence.prefixes[prefix] * unit(code).factor
        assert found.dimension == unit(code).dimension


def examples() -> list[str]:
    lines = UCUM_ESSENCE_FILE.with_name("ucum_examples.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [line.split("\t")[1] for line in lines]


# Symbols of the official examples that are outside this table, and two that are misprints there (`H`, `Torr`).
ABSENT = {
    *("[bdsk'U]", "[cin_i]", "dB", "[dr_av]", "[drp]", "erg", "F", "[ft_us]", "[gal_us]", "H", "[in_i'H2O]", "[in_us]"),
    *("[ka'U]", "[knk'U]", "lm", "[mclg'U]", "[mi_i]", "[oz_tr]", "[psi]", "[pt_us]", "[qt_us]", "S", "[sft_i]"),
    *("[sin_i]", "[syd_i]", "[tb'U]", "[tbs_us]", "Torr", "[tsp_us]", "Wb", "[yd_i]"),
}


# It is meant to be per 100 g; from left to right, as UCUM reads it, it is g/100.
AMBIGUOUS = "{Ehrlich'U}/100.g"


def test_the_official_examples(essence: Essence) -> None:
    read = 0
    for text in examples():
        found = parse_unit(text)
        if isinstance(found, UnitProblem):
            if text == AMBIGUOUS:
                assert "two ways" in found.message
                continue
            unknown = re.match(r"unknown unit `(.*?)`", found.message)
            assert unknown is not None, found
            assert unknown[1] in ABSENT, found
        else:
            read += 1
            if not SPECIAL & set(re.findall(r"(?<!\{)(?<!\w)(?:\[\w+\]|[A-Za-z]+)", re.sub(r"\{.*?\}", "", text))):
                assert in_ucum(found, essence) == essence.value(text), text
    assert read > 650


@pytest.fixture(scope="module")
def pint_registry() -> PintUcumRegistry:
    return PintUcumRegistry()


def test_conversions_agree_with_pint(pint_registry: PintUcumRegistry) -> None:
    compared = 0
    # `ucumvert` reads the nutrition calorie `[Cal]` as `cal`, because Pint drops the brackets.
    comparable = [c for c in ATOMS if not ATOMS[c].base.startswith("[") and c not in {*SPECIAL, "[hnsf'U]", "[Cal]"}]
    for source in comparable:
        for target in comparable:
            ours = convert(1, unit(source), unit(target))
            if source != target and not isinstance(ours, UnitProblem):
                theirs = pint_registry.from_ucum(source).to(pint_registry.from_ucum(target)).magnitude
                # Pint has more digits of a millimetre of mercury than UCUM does.
                assert float(ours) == pytest.approx(float(theirs), rel=1e-5), (source, target)
                compared += 1
    assert compared > 90


KNOWN = [
    (20, "mm", "cm", 2),
    (Fraction("7.5"), "g/dL", "g/L", 75),
    (1, "a", "mo", 12),
    (18, "mo", "a", Fraction(3, 2)),
    (6, "wk", "d", 42),
    (1, "d", "s", 86400),
    (1, "mL", "cm3", 1),
    (1, "uL", "mm3", 1),
    (1, "l", "L", 1),
    (150, "10*9/L", "10*3/uL", 150),
    (150, "10^9/L", "10*9/L", 150),
    (1, "10*9{cells}/L", "{cells}/uL", 1000),
    (1, "%", "1", Fraction(1, 100)),
    (1, "[ppth]", "%", Fraction(1, 10)),
    (1, "mm[Hg]", "Pa", Fraction("133.322")),
    (1, "cm[H2O]", "Pa", Fraction("98.0665")),
    (1, "atm", "kPa", Fraction("101.325")),
    (1, "[lb_av]", "g", Fraction("453.59237")),
    (1, "[oz_av]", "g", Fraction("28.349523125")),
    (1, "[in_i]", "cm", Fraction("2.54")),
    (1, "[ft_i]", "m", Fraction("0.3048")),
    (1, "[foz_us]", "mL", Fraction("29.5735295625")),
    (1, "U", "umol/min", 1),
    (1, "kat", "U", 60_000_000),
    (1, "kcal", "kJ", Fraction("4.184")),
    (1, "mCi", "MBq", 37),
    (2, "Gy", "cGy", 200),
    (1, "Hz", "/min", 60),
    (5, "[IU]/L", "m[iU]/mL", 5),
    (3, "[Ch]", "mm", 1),
    (1, "[wood'U]", "dyn.s/cm5", Fraction("79.9932")),
    (180, "deg", "deg", 180),
    (1, "ug/kg/min", "mg/(kg.h)", Fraction(6, 100)),
    (90, "mL/min/{1.73_m2}", "L/h/{1.73_m2}", Fraction(54, 10)),
    (1, "10*-3", "%", Fraction(1, 10)),
    (24, "/(24.h)", "/h", 1),
    (8, "/100{WBC}", "10*3/10*5{WBC}", Fraction(8)),
    (1, "kg.m/s2", "N", 1),
    (1, "{score}", "1", 1),
    (7, "/m", "m-1", 7),
    (7, "((mm))", "mm", 7),
]


@pytest.mark.parametrize(("value", "source", "target", "expected"), KNOWN)
def test_known_conversions(value: int | Fraction, source: str, target: str, expected: int | Fraction) -> None:
    found = converted(value, source, target)
    assert found == expected
    assert isinstance(found, int) == (Fraction(expected).denominator == 1)
    assert converted(found, target, source) == value


NOT_CONVERTED = [
    ("mo", "d", "calendar month"),
    ("wk", "a", "calendar month"),
    ("mg/d", "mg/mo", "calendar month"),
    ("mol", "g", "molar mass"),
    ("mg/dL", "mmol/L", "molar mass"),
    ("meq", "mg", "charge"),
    ("meq/L", "mmol/L", "charge of the ion"),
    ("mosm/kg", "mmol/kg", "particles"),
    ("mSv", "mGy", "radiation"),
    ("Cel", "K", "zeros"),
    ("K", "[degF]", "zeros"),
    ("[degF]", "Cel", "zeros"),
    ("mL/min", "mL/min/{1.73_m2}", "`{1.73_m2}` belongs"),
    ("mL/min/{1.73_m2}", "mL/min", "`{1.73_m2}` belongs"),
    ("ug{FEU}/mL", "ug{DDU}/mL", "`{DDU}` and `{FEU}` belong"),
    ("%{total}", "%", "`{total}` belongs"),
    ("/{HPF}", "1", "`{HPF}` belongs"),
    ("[iU]/L", "U/L", "`[iU]` depends"),
    ("[arb'U]/mL", "[iU]/mL", "`[arb'U]` depends"),
    ("[arb'U]/mL", "ng/mL", "`[arb'U]` depends"),
    ("/[HPF]", "/mm2", "`[HPF]` depends"),
]


@pytest.mark.parametrize(("source", "target", "reason"), NOT_CONVERTED)
def test_refused_conversions_say_why(source: str, target: str, reason: str) -> None:
    found = not_converted(source, target)
    assert found.message.startswith(f"cannot convert `{source}` to `{target}`: ")
    assert reason in found.message
    assert found.help


@pytest.mark.parametrize(
    ("source", "target", "help"),
    [
        ("mm", "mg", "`mm` measures length, `mg` mass"),
        ("mL", "mm2", "`mL` measures volume, `mm2` area"),
        ("mg/L", "%", "`mg/L` measures mass/length3, `%` a plain number"),
        ("K/uL", "10*9/L", "`K` is kelvin: did you mean `10*3/uL`?"),
        ("mol", "1", "`mol` measures amount of substance, `1` a plain number"),
        ("[pH]", "mol/L", "`[pH]` measures pH, `mol/L` amount of substance/length3"),
    ],
)
def test_other_dimensions_are_named(source: str, target: str, help: str) -> None:
    found = not_converted(source, target)
    assert found.message == f"cannot convert `{source}` to `{target}`"
    assert found.help == help


def test_months_are_not_moles_and_minutes_not_milli_inches() -> None:
    assert unit("mo").dimension == unit("a").dimension != unit("d").dimension
    assert unit("min").dimension == unit("s").dimension
    assert unit("Pa").dimension == unit("kPa").dimension
    assert unit("cd").dimension == (("luminous intensity", 1),)
    assert unit("mol").dimension != unit("mo").dimension


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("{score}", ()),
        ("{cells}/uL", (("length", -3),)),
        ("10*9{cells}/L", (("length", -3),)),
        ("L/(/{cells})", (("length", 3),)),
        ("mL/min/{1.73_m2}", (("length", 3), ("time", -1), ("{1.73_m2}", -1))),
        ("mL/(min.{1.73_m2})", (("length", 3), ("time", -1), ("{1.73_m2}", -1))),
        ("g{wet}/g{dry}", (("{dry}", -1), ("{wet}", 1))),
        ("/100{WBC}", (("{WBC}", -1),)),
        ("%{total}", (("{total}", 1),)),
        ("U/(10.g){feces}", (("amount of substance", 1), ("mass", -1), ("time", -1), ("{feces}", -1))),
    ],
)
def test_annotations(text: str, dimension: Dimension) -> None:
    assert unit(text).dimension == dimension
    assert unit(text).text == text


# --- what is refused, and what is suggested ---

SUGGESTED = {
    "mo": ["months", "month", "Months", "mos", "MO"],
    "a": ["years", "year", "yr", "yrs", "y"],
    "wk": ["weeks"],
    "d": ["days"],
    "h": ["hr", "hours"],
    "min": ["mins"],
    "ug": ["µg", "\N{GREEK SMALL LETTER MU}g", "mcg", "microgram"],
    "ug/L": ["µg/L", "mcg/L"],
    "mg/m2": ["mg/m²", "mg/m^2", "mg/m**2"],
    "mg/dL": ["mg / dL", "mg per dL", "mg%", "MG/DL"],
    "10*9/L": ["x10^9/L", "x 10^9/L", "\N{MULTIPLICATION SIGN}10⁹/L", "10⁹/L", "10E9/L", "1e9/L", "x10*9/L", "10**9/L"],
    "10*3/uL": ["k/uL", "k/µL", "x10^3/µL"],
    "10*6/uL": ["M/uL"],
    "mm3": ["mm³", "mm^3"],
    "mm[Hg]": ["mmHg", "mm Hg", "MMHG", "mm[HG]"],
    "cm[H2O]": ["cmH2O"],
    "[iU]/L": ["IU/L", "iu/L", "UI/L"],
    "m[iU]/mL": ["mIU/mL"],
    "mL": ["cc", "millilitre"],
    "%": ["percent"],
    "mL/min/{1.73_m2}": [
        *("mL/min/1.73m2", "mL/min/1.73 m2", "mL/min/1.73 m²", "mL/min/1.73m^2", "mL/min/1.73_m2", "mL/min/{1.73 m2}"),
        *("mL/min/(1.73.m2)", "mL/min/1.73.m2", "mL/min per 1.73 m2", "mL/min/1,73 m2"),
    ],
    "meq/L": ["mEq/L"],
    "mosm/kg": ["mOsm/kg"],
    "Cel": ["°C", "C", "degC"],
    "[degF]": ["°F"],
    "[lb_av]": ["lb", "lbs"],
    "ku": ["kDa"],
    "Mm/s": ["Mm / s"],
    "nmol/L": ["nM"],
    "mmol/L": ["mM"],
    "[arb'U]/mL": ["AU/mL"],
    "[hnsf'U]": ["HU"],
    "[pH]": ["pH"],
    "/min": ["bpm"],
    "Pa": ["pa"],
    "mm": [" mm", "mm "],
    "{wet_weight}/g": ["{wet weight}/g"],
    "mg.h/L": ["mg·h/L"],
}


@pytest.mark.parametrize(("meant", "text"), [(code, text) for code, texts in SUGGESTED.items() for text in texts])
def test_a_common_spelling_is_refused_with_its_code(meant: str, text: str) -> None:
    assert refused(text).help == f"did you mean `{meant}`?"
    unit(meant)


ORDER = "use parentheses as in `mL/(kg.h)`, or write all products first"
GENERAL = "units are UCUM codes such as `mm`, `mo`, `mg/dL`, `10*9/L` or `%`"


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ("", "the unit is empty", "write `1` for a plain number"),
        ("furlong", "unknown unit `furlong`", GENERAL),
        ("mg/furlong", "unknown unit `furlong` in `mg/furlong`", GENERAL),
        ("kmin", "unknown unit `kmin`: `min` takes no prefix", GENERAL),
        ("k[arb'U]", "unknown unit `k[arb'U]`: `[arb'U]` takes no prefix", GENERAL),
        ("mCel", "unknown unit `mCel`: `Cel` takes no prefix", GENERAL),
        ("kkg", "unknown unit `kkg`", GENERAL),
        ("m/", "`m/` is not a unit: it is incomplete", GENERAL),
        ("/", "`/` is not a unit: it is incomplete", GENERAL),
        ("(m", "`(m` is not a unit: it is incomplete", GENERAL),
        ("m)", "`m)` is not a unit: unexpected `)`", GENERAL),
        ("()", "`()` is not a unit: unexpected `)`", GENERAL),
        ("m//s", "`m//s` is not a unit: unexpected `/s`", GENERAL),
        ("m2s", "`m2s` is not a unit: unexpected `s`", GENERAL),
        ("100m", "`100m` is not a unit: unexpected `m`", GENERAL),
        ("(m)2", "`(m)2` is not a unit: unexpected `2`", GENERAL),
        ("m-", "`m-` is not a unit: cannot read `-`", GENERAL),
        ("[in_i", "`[in_i` is not a unit: cannot read `[in_i`", GENERAL),
        ("{}", "`{}` is not a unit: cannot read `{}`", GENERAL),
        ("{a}{b}", "`{a}{b}` is not a unit: unexpected `{b}`", GENERAL),
        ("{a{b}}", "`{a{b}}` is not a unit: cannot read `{a{b}}`", GENERAL),
        ("mL/kg.h", "`mL/kg.h` can be read in two ways: a `.` follows a `/`", ORDER),
        ("/10.[HPF]", "`/10.[HPF]` can be read in two ways: a `.` follows a `/`", ORDER),
        ("1.5", "`1.5` is not a unit: `1.5` would be a product, not a decimal", GENERAL),
        ("0", "`0` is not a unit: a factor begins with 0", "write factors as `10` or `24`"),
        ("m0", "the exponent `0` in `m0` is out of range", "exponents go from -12 to 12, without 0"),
        ("m13", "the exponent `13` in `m13` is out of range", "exponents go from -12 to 12, without 0"),
        ("10*-13", "the exponent `-13` in `10*-13` is out of range", "exponents go from -12 to 12, without 0"),
        (
            "m" + "9" * 59,
            f"the exponent `{'9' * 59}` in `m{'9' * 59}` is out of range",
            "exponents go from -12 to 12, without 0",
        ),
        ("((((((m))))))", "`((((((m))))))` has too many parentheses", "they may be 5 deep"),
        ("m\x1b[2J", "`m\\x1b[2J` is not a unit: cannot read `\\x1b[2J`", GENERAL),
    ],
)
def test_what_is_no_unit(text: str, message: str, help: str) -> None:
    assert refused(text) == UnitProblem(message, help)


def test_bounds() -> None:
    assert unit("m12").dimension == (("length", 12),)
    assert unit("m-12").dimension == (("length", -12),)
    assert unit("(((((m)))))").factor == 1
    assert unit("mm" + ".m" * 29).dimension == (("length", 30),)
    too_long = refused("mmm" + ".m" * 29)
    assert too_long.message.endswith("is too long")
    assert too_long.help == "a unit has at most 60 characters"
    assert len(refused("m" * 1_000_000).message) < 200


# --- quantities ---


@pytest.mark.parametrize(
    ("text", "value", "rest"),
    [
        ("20 mm", 20, "mm"),
        ("20mm", 20, "mm"),
        ("  20\N{NO-BREAK SPACE}mm ", 20, "mm"),
        ("7.50 g/dL", Fraction(15, 2), "g/dL"),
        ("7.0", 7, ""),
        ("-5 Cel", -5, "Cel"),
        ("+5 Cel", 5, "Cel"),
        ("010 mm", 10, "mm"),
        ("50 10*9/L", 50, "10*9/L"),
        ("3 1", 3, "1"),
        ("20 eq", 20, "eq"),
        ("20eq", 20, "eq"),
        ("5 /100{WBC}", 5, "/100{WBC}"),
        ("5 100.mL", 5, "100.mL"),
        ("90 mL/min/{1.73_m2}", 90, "mL/min/{1.73_m2}"),
        ("20 anything at all", 20, "anything at all"),
        ("9" * 30, int("9" * 30), ""),
        ("0." + "1" * 29, Fraction(int("1" * 29), 10**29), ""),
    ],
)
def test_quantities(text: str, value: int | Fraction, rest: str) -> None:
    found = split_quantity(text)
    assert found == (value, rest)
    assert not isinstance(found, UnitProblem)
    assert isinstance(found[0], int) == (Fraction(value).denominator == 1)


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ("", "`` does not begin with a number", "such as `20 mm`"),
        ("mm", "`mm` does not begin with a number", "such as `20 mm`"),
        ("nan", "`nan` does not begin with a number", "such as `20 mm`"),
        ("\N{ARABIC-INDIC DIGIT THREE} mm", "does not begin with a number", "such as `20 mm`"),
        (".5 mm", "`.5 mm` does not begin with a number", "`0.5`"),
        ("\N{MINUS SIGN}5 mm", "does not begin with a number", "the minus sign as `-`"),
        ("7,5 mm", "`7,5 mm` has a comma in its number", "decimal point, as in `7.5`"),
        ("1,000 mm", "`1,000 mm` has a comma in its number", "nothing between thousands"),
        ("1 000 mm", "`1 000 mm` has a separator in its number", "all digits together"),
        ("1 000mm", "`1 000mm` has a separator in its number", "all digits together"),
        ("100 000", "`100 000` has a separator in its number", "all digits together"),
        ("1'000 mm", "`1'000 mm` has a separator in its number", "all digits together"),
        ("1_000", "`1_000` has a separator in its number", "all digits together"),
        ("5e9/L", "`5e9/L` has an exponent in its number", "`5 10*9/L`"),
        ("1E-3 g", "`1E-3 g` has an exponent in its number", "`5 10*9/L`"),
        ("10*9/L", "`10*9/L` has no number before its unit", "`5 10*9/L`"),
        ("5. mm", "`5. mm` has a decimal point without a digit behind it", "`7.5` or `7`"),
        ("1.2.3", "`1.2.3` has a decimal point without a digit behind it", "`7.5` or `7`"),
        ("20-30 mm", "`20-30 mm` is not one number", "`[20..30] mm`"),
        ("20 \N{EN DASH} 30 mm", "is not one number", "`[20..30] mm`"),
        ("1 1/2", "`1 1/2` is not one number", "such as `20 mm`"),
        ("120/80", "`120/80` is not one number", "such as `20 mm`"),
        ("1 5", "`1 5` is not one number", "such as `20 mm`"),
        ("9" * 31, "is too long", "at most 30 digits"),
        ("0." + "1" * 30, "is too long", "at most 30 digits"),
    ],
)
def test_what_is_no_quantity(text: str, message: str, help: str) -> None:
    found = split_quantity(text)
    assert isinstance(found, UnitProblem), found
    assert message in found.message
    assert help in (found.help or "")


def test_a_long_number_is_refused_quickly() -> None:
    found = split_quantity("9" * 5_000_000)
    assert isinstance(found, UnitProblem)
    assert len(found.message) < 200


# --- numbers ---


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (20, "20"),
        (0, "0"),
        (-3, "-3"),
        (10**15, "1000000000000000"),
        (Fraction(20), "20"),
        (Fraction(15, 2), "7.5"),
        (Fraction(-15, 2), "-7.5"),
        (Fraction(1, 1024), "0.0009765625"),
        (Fraction(1, 10**12), "0.000000000001"),
        (Fraction(12345678901, 1000), "12345678.901"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(-2, 3), "-0.666667"),
        (Fraction(200, 3), "66.6667"),
        (Fraction(12345678, 7), "1763668"),
        (Fraction(1, 3 * 10**9), "0.000000000333333"),
        (Fraction(1, 10**13), "0.0000000000001"),
        (Fraction(29999999, 3000000), "10"),
    ],
)
def test_shown_numbers(value: int | Fraction, shown: str) -> None:
    assert show_number(value) == shown


def test_shown_digits() -> None:
    assert show_number(Fraction(2, 3), digits=2) == "0.67"
    assert show_number(Fraction(2000, 3), digits=2) == "667"
    assert show_number(Fraction(15, 8), digits=2) == "1.875"


fractions = st.fractions(max_denominator=10**15)
decimals = st.builds(lambda n, places: Fraction(n, 10**places), st.integers(-(10**20), 10**20), st.integers(0, 12))


@UNHURRIED
@given(decimals)
def test_a_decimal_is_shown_exactly_and_read_back(value: Fraction) -> None:
    assert Fraction(show_number(value)) == value
    read = split_quantity(show_number(value) + " mm")
    assert isinstance(read, UnitProblem) or read == (value, "mm")
    assert not isinstance(read, UnitProblem) or "30 digits" in (read.help or "")


@UNHURRIED
@given(fractions)
def test_rounding_is_close_and_plain(value: Fraction) -> None:
    shown = show_number(value)
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]*[1-9])?", shown)
    assert abs(Fraction(shown) - value) <= abs(value) / 10**5 / 2


@UNHURRIED
@given(fractions)
def test_number_is_an_int_when_whole(value: Fraction) -> None:
    assert number(value) == value
    assert isinstance(number(value), int) == (value.denominator == 1)


# --- what holds for every unit ---


@st.composite
def unit_texts(draw: st.DrawFn) -> str:
    """Any unit within the grammar and its bounds."""

    def component(depth: int) -> str:
        kind = draw(st.sampled_from(["atom", "atom", "atom", "ten", "factor", "annotation", "group"]))
        exponent = draw(st.sampled_from(["", "", "2", "3", "-1", "+2"]))
        annotation = draw(st.sampled_from(["", "", "", "{creat}"]))
        match kind:
            case "ten":
                return draw(st.sampled_from(["10*", "10^"])) + exponent + annotation
            case "factor":
                return str(draw(st.integers(1, 200))) + annotation
            case "annotation":
                return draw(st.sampled_from(["{score}", "{1.73_m2}"]))
            case "group" if depth < 2:
                return f"({term(depth + 1)}){annotation}"
            case _:
                code = draw(st.sampled_from(list(ATOMS)))
                prefix = draw(st.sampled_from(["", *PREFIXES])) if ATOMS[code].metric else ""
                return prefix + code + exponent + annotation

    def term(depth: int) -> str:
        text = draw(st.sampled_from(["", "", "/"])) + component(depth)
        for _ in range(draw(st.integers(0, 2))):
            text += ("/" if "/" in text else draw(st.sampled_from([".", "/"]))) + component(depth)
        return text

    return draw(st.builds(lambda: term(0)).filter(lambda t: len(t) <= 24 and not re.search(r"(?<![*^])\d\.\d", t)))


@UNHURRIED
@given(unit_texts())
def test_the_grammar_is_that_of_ucum(text: str) -> None:
    found = unit(text)
    if not any(code in text for code in SPECIAL):
        essence = shared_essence()
        assert in_ucum(found, essence) == essence.value(text)


@UNHURRIED
@given(unit_texts(), unit_texts())
def test_a_product_has_the_product_of_the_factors(left: str, right: str) -> None:
    product = unit(f"({left}).({right})")
    assert product.factor == unit(left).factor * unit(right).factor
    assert product.dimension == dimension_times(unit(left).dimension, unit(right).dimension)
    assert unit(f"({left})/({left})").factor == 1


# Units of one dimension with different factors: several ways to write the same thing.
FAMILIES: Mapping[str, list[str]] = {
    "length": ["mm", "cm", "m", "[in_i]", "[ft_i]", "[Ch]"],
    "time": ["s", "min", "h", "d", "wk", "ms"],
    "calendar": ["mo", "a", "12.mo"],
    "concentration": ["g/L", "mg/dL", "ug/mL", "ng/mL", "kg/m3", "mg/(100.mL)"],
    "clearance": ["mL/min/{1.73_m2}", "L/h/{1.73_m2}", "m3/s/{1.73_m2}"],
    "pressure": ["mm[Hg]", "kPa", "cm[H2O]", "bar", "atm"],
    "number": ["1", "%", "[ppm]", "10*-3", "{score}", "mm/cm"],
    "angle": ["deg", "rad"],
}
alike = st.sampled_from(sorted(FAMILIES)).flatmap(lambda name: st.tuples(*[st.sampled_from(FAMILIES[name])] * 3))


@UNHURRIED
@given(fractions, alike)
def test_there_and_back_is_the_identity_and_detours_do_not_matter(value: Fraction, texts: tuple[str, str, str]) -> None:
    first, second, third = texts
    there = converted(value, first, second)
    assert converted(there, second, first) == value
    assert converted(there, second, third) == converted(value, first, third)
    assert converted(value, first, first) == value


@UNHURRIED
@given(st.sampled_from(sorted(FAMILIES)), st.sampled_from(sorted(FAMILIES)))
def test_no_unit_converts_into_another_family(one: str, other: str) -> None:
    if one != other:
        for source in FAMILIES[one]:
            for target in FAMILIES[other]:
                not_converted(source, target)


@UNHURRIED
@given(st.text(max_size=70) | st.text("mgL/.()*^0123456789{}[]iUx² -", max_size=40))
def test_any_text_is_a_unit_or_a_problem(text: str) -> None:
    found = parse_unit(text)
    assert found == parse_unit(text)
    if isinstance(found, UnitProblem):
        assert found.message.isprintable()
        assert not found.message.endswith(".")
        if meant := re.fullmatch(r"did you mean `(.*)`\?", found.help or ""):
            unit(meant[1])
    split = split_quantity(text)
    assert isinstance(split, UnitProblem | tuple)


dimensions = unit_texts().map(lambda text: unit(text).dimension)


@UNHURRIED
@given(dimensions, dimensions, st.integers(-3, 3))
def test_dimension_algebra(one: Dimension, other: Dimension, n: int) -> None:
    assert dimension_times(one, other) == dimension_times(other, one)
    assert dimension_times(one, dimension_power(one, -1)) == ()
    assert dimension_power(dimension_times(one, other), n) == dimension_times(
        dimension_power(one, n), dimension_power(other, n)
    )
    assert dimension_root(dimension_power(one, 2), 2) == one
    for dimension in (one, dimension_times(one, other), dimension_power(one, n)):
        assert list(dimension) == sorted(dimension)
        assert all(exponent for _, exponent in dimension)


def test_roots_and_names_of_dimensions() -> None:
    assert dimension_root(unit("m").dimension, 2) is None
    assert dimension_root((), 2) == ()
    assert dimension_root(unit("m2/s4").dimension, 2) == unit("m/s2").dimension
    assert show_dimension(unit("1").dimension) == "a plain number"
    assert show_dimension(unit("/s").dimension) == "1/time"
    assert show_dimension(unit("kg.m2/s3").dimension) == "length2 x mass/time3"


# --- the page, and the cost ---


def rows() -> Iterator[tuple[str, str, bool]]:
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\| `(\S+)` \| .+ \| (.+) \|\s*(metric)?\s*\|", line):
            yield found[1], found[2], bool(found[3])


def test_the_page_lists_the_table() -> None:
    listed = {code: (value, metric) for code, value, metric in rows()}
    assert list(listed) == [code for code, _, _ in rows()]
    assert listed.keys() == ATOMS.keys()
    for code, (value, metric) in listed.items():
        assert metric == ATOMS[code].metric, code
        assert (value == "*base*") == bool(ATOMS[code].base), code
        if value.startswith("`"):
            quantity = split_quantity(value.strip("`"))
            assert not isinstance(quantity, UnitProblem), code
            assert converted(quantity[0], quantity[1], code) == 1, code
    assert [code for code, (value, _) in listed.items() if value[0] not in "`*"] == ["deg"]


def test_the_page_gives_units_that_can_be_read() -> None:
    shown = re.search(r"^    (mm .*)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert shown is not None
    assert len([unit(text) for text in shown[1].split()]) > 10


LONGEST_IMPORT = 0.010  # seconds of processor time
IMPORT = """
import collections.abc, dataclasses, datetime, fractions, functools, re, sys, time, unicodedata
import guidewright
before = set(sys.modules)
start = time.process_time()
import guidewright.rules.units
print(time.process_time() - start)
print(*sorted({name.split(".")[0] for name in set(sys.modules) - before}))
"""


def test_the_import_is_quick(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
        "PYTHONPYCACHEPREFIX": str(tmp_path)
    }
    seconds = 1.0
    for _ in range(10):  # the first run compiles, and any may be disturbed by what else the machine does
        run = subprocess.run(
            [sys.executable, "-c", IMPORT], env=environment, capture_output=True, text=True, check=True
        )
        taken, loaded = run.stdout.splitlines()
        assert loaded == "guidewright"
        seconds = min(seconds, float(taken))
        if seconds < LONGEST_IMPORT:
            break
    assert seconds < LONGEST_IMPORT
