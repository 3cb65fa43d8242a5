"""Units of measurement: UCUM codes (case-sensitive), read by a table and converted exactly.

A unit is a factor and a dimension. The table is UCUM's but for what would be wrong at the bedside: months and years are
calendar ones, moles, equivalents and osmoles are different things, `Sv` is not `Gy`, and an annotation such as
`{1.73_m2}` belongs to the unit. docs/units.md says more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from guidewright.rules.display import quoted
from guidewright.rules.unit_table import ATOMS, PREFIXES
from guidewright.rules.values import Number
from guidewright.rules.values import number as number

Dimension = tuple[tuple[str, int], ...]
"""Base quantities with their exponents, sorted, without zeros: g/L is (("length", -3), ("mass", 1)), a number ()."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as its author wrote it. A value times `factor` is the value in the base units of `dimension`."""

    text: str
    dimension: Dimension
    factor: Fraction


@dataclass(frozen=True, slots=True)
class UnitProblem:
    """Why a text is no unit or no quantity, or why two units do not convert; `help` says what may have been meant."""

    message: str
    help: str | None = None


_MOST_CHARACTERS = 60
_MOST_NESTED = 5
_HIGHEST_EXPONENT = 12

_TOKEN = re.compile(
    r"(?P<ten>10[*^])(?P<ten_exponent>[+-]?[0-9]+)?"
    r"|(?P<factor>[0-9]+)"
    r"|(?P<symbol>(?:\[[!-Z\\^-~]*\]|[!-~](?<![0-9./(){}\[\]+*^-]))+)(?P<exponent>[+-]?[0-9]+)?"
    r"|(?P<annotation>\{[!-z|~]+\})"
    r"|(?P<mark>[./()])"
)
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+(?![0-9*^])")
_ORDER_HELP = "use parentheses as in `mL/(kg.h)`, or write all products first"
_GENERAL_HELP = "units are UCUM codes such as `mm`, `mo`, `mg/dL`, `10*9/L` or `%`"


class _Refused(Exception):
    """Carries a problem out of the recursive parser; never leaves this module."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.problem = UnitProblem(message, help)


def parse_unit(text: str) -> Unit | UnitProblem:
    """The unit that a UCUM code names (`mm`, `10*9/L`, `mL/min/{1.73_m2}`, `1`), or what is wrong with it.

    At most 60 characters, exponents from -12 to 12, parentheses at most 5 deep. Another spelling (`months`, `mmHg`) is
    refused, and its UCUM code suggested.
    """
    return _parse_cached(text)


@lru_cache(maxsize=2048)
def _parse_cached(text: str) -> Unit | UnitProblem:
    try:
        return _read(text)
    except _Refused as refused:
        problem = refused.problem
        if problem.help is not None:
            return problem
        # Only a mistake needs them.
        from guidewright.rules.unit_spellings import ucum_code_for

        meant = ucum_code_for(text, _reads)
        return UnitProblem(problem.message, f"did you mean `{meant}`?" if meant else _GENERAL_HELP)


def _read(text: str) -> Unit:
    if not text:
        raise _Refused("the unit is empty", "write `1` for a plain number")
    if len(text) > _MOST_CHARACTERS:
        raise _Refused(f"the unit {quoted(text)} is too long", f"a unit has at most {_MOST_CHARACTERS} characters")
    terms = _Terms(text)
    factor, dimension = terms.main_term(depth=0, below=False)
    if terms.token is not None:
        raise terms.unexpected()
    return Unit(text, dimension, factor)


_Size = tuple[Fraction, Dimension]
_ONE: _Size = (Fraction(1), ())


class _Terms:
    """A recursive descent over one unit text. `below` says that a term stands in the denominator of the whole unit."""

    __slots__ = ("_tokens", "text", "token")

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = self._scan()
        self.token = next(self._tokens, None)

    def _scan(self) -> Iterator[re.Match[str]]:
        at = 0
        while at < len(self.text):
            token = _TOKEN.match(self.text, at)
            if token is None:
                raise _Refused(f"{quoted(self.text)} is not a unit: cannot read {quoted(self.text[at:])}")
            if decimal := _DECIMAL.match(self.text, at):
                raise _Refused(f"{quoted(self.text)} is not a unit: `{decimal[0]}` would be a product, not a decimal")
            yield token
            at = token.end()

    def unexpected(self) -> _Refused:
        if self.token is None:
            return _Refused(f"{quoted(self.text)} is not a unit: it is incomplete")
        return _Refused(f"{quoted(self.text)} is not a unit: unexpected {quoted(self.text[self.token.start() :])}")

    def _at(self, *marks: str) -> bool:
        return self.token is not None and self.token["mark"] in marks

    def _next(self) -> None:
        self.token = next(self._tokens, None)

    def main_term(self, depth: int, below: bool) -> _Size:
        size = _ONE if self._at("/") else self._component(depth, below)
        division = False
        while self._at(".", "/"):
            if division and self._at("."):
                raise _Refused(f"{quoted(self.text)} can be read in two ways: a `.` follows a `/`", _ORDER_HELP)
            division = self._at("/")
            self._next()
            size = _times(size, self._component(depth, below != division), -1 if division else 1)
        return size

    def _component(self, depth: int, below: bool) -> _Size:
        token = self.token
        if token is None:
            raise self.unexpected()
        if annotation := token["annotation"]:
            self._next()
            return (Fraction(1), ((annotation, 1),)) if below else _ONE
        plain = False
        if self._at("("):
            if depth == _MOST_NESTED:
                raise _Refused(f"{quoted(self.text)} has too many parentheses", f"they may be {_MOST_NESTED} deep")
            self._next()
            size = self.main_term(depth + 1, below)
            if not self._at(")"):
                raise self.unexpected()
        elif token["ten"]:
            size, plain = (Fraction(10) ** self._exponent(token["ten_exponent"]), ()), True
        elif token["factor"]:
            if token["factor"].startswith("0"):
                raise _Refused(
                    f"{quoted(self.text)} is not a unit: a factor begins with 0", "write factors as `10` or `24`"
                )
            size, plain = (Fraction(token["factor"]), ()), True
        elif token["symbol"]:
            size = _times(_ONE, self._symbol(token["symbol"]), self._exponent(token["exponent"]))
        else:
            raise self.unexpected()
        self._next()
        if self.token is not None and (annotation := self.token["annotation"]):
            self._next()
            if below or not plain:
                size = _times(size, (Fraction(1), ((annotation, 1),)))
        return size

    def _exponent(self, digits: str | None) -> int:
        if digits is None:
            return 1
        if not 0 < abs(int(digits)) <= _HIGHEST_EXPONENT:
            limits = f"exponents go from -{_HIGHEST_EXPONENT} to {_HIGHEST_EXPONENT}, without 0"
            raise _Refused(f"the exponent `{digits}` in {quoted(self.text)} is out of range", limits)
        return int(digits)

    def _symbol(self, symbol: str) -> _Size:
        if symbol in ATOMS:
            return _size(symbol)
        for length in (1, 2):
            power, atom = PREFIXES.get(symbol[:length]), ATOMS.get(symbol[length:])
            if power is not None and atom is not None:
                if not atom.metric:
                    raise _Refused(f"unknown unit {quoted(symbol)}: `{symbol[length:]}` takes no prefix")
                return _times((Fraction(10) ** power, ()), _size(symbol[length:]))
        where = "" if symbol == self.text else f" in {quoted(self.text)}"
        raise _Refused(f"unknown unit {quoted(symbol)}{where}")


@lru_cache(maxsize=256)
def _size(atom: str) -> _Size:
    entry = ATOMS[atom]
    if entry.base:
        return Fraction(1), ((entry.base, 1),)
    unit = _read(entry.of)
    return Fraction(entry.times) * unit.factor, unit.dimension


def _times(left: _Size, right: _Size, exponent: int = 1) -> _Size:
    return left[0] * right[0] ** exponent, dimension_times(left[1], dimension_power(right[1], exponent))


def dimension_times(left: Dimension, right: Dimension) -> Dimension:
    """The dimension of a product; divide by multiplying with the power -1."""
    exponents = dict(left)
    for base, exponent in right:
        exponents[base] = exponents.get(base, 0) + exponent
    return tuple(sorted((base, exponent) for base, exponent in exponents.items() if exponent))


def dimension_power(dimension: Dimension, exponent: int) -> Dimension:
    """The dimension of a whole power; the power 0 is a plain number."""
    return tuple((base, e * exponent) for base, e in dimension) if exponent else ()


def dimension_root(dimension: Dimension, degree: int) -> Dimension | None:
    """The dimension of a root, or None where an exponent would not be whole: a length has no square root."""
    if any(exponent % degree for _, exponent in dimension):
        return None
    return tuple((base, exponent // degree) for base, exponent in dimension)


_NAMES: Mapping[Dimension, str] = {(): "a plain number", (("length", 2),): "area", (("length", 3),): "volume"}


def show_dimension(dimension: Dimension) -> str:
    """A dimension in words for a message: `length`, `area`, `mass/length3`, `1/time`, `a plain number`."""
    if dimension in _NAMES:
        return _NAMES[dimension]
    above = " x ".join(f"{base}{e if e > 1 else ''}" for base, e in dimension if e > 0)
    return "/".join([above or "1", *(f"{base}{-e if e < -1 else ''}" for base, e in dimension if e < 0)])


def convert(value: Number, source: Unit, target: Unit) -> Number | UnitProblem:
    """The same quantity in another unit, exactly; a problem where the units measure different things.

    `20 mm` is `2 cm`, and `1 a` is `12 mo`. Months and days, moles and grams, `[iU]` and `U` do not convert, and the
    problem says why. A whole result is an `int`.
    """
    if source.dimension != target.dimension:
        return _why_not(source, target)
    if source.factor == target.factor:
        return number(value)
    return number(value * source.factor / target.factor)


_LABORATORY = "use the unit that the laboratory reports"
_SCALES = "the two scales have different zeros"
#: Units taken for each other: two of them, why they do not convert, what to do.
_CONFUSED: tuple[tuple[str, str, str, str], ...] = (
    ("mo", "s", "a calendar month or year has no fixed number of days", "stay with `mo` and `a`, or count the days"),
    ("mol", "g", "that needs the molar mass of the substance", _LABORATORY),
    ("eq", "g", "that needs the molar mass and the charge of the ion", _LABORATORY),
    ("eq", "mol", "that needs the charge of the ion", _LABORATORY),
    ("osm", "mol", "that needs the number of particles per molecule", _LABORATORY),
    ("Sv", "Gy", "that needs the weighting factor of the radiation", "`Gy` is for a dose, `Sv` for its effect"),
    ("Cel", "K", _SCALES, "record the temperature in the unit of the fact"),
    ("[degF]", "K", _SCALES, "record the temperature in the unit of the fact"),
    ("[degF]", "Cel", _SCALES, "record the temperature in the unit of the fact"),
)


def _why_not(source: Unit, target: Unit) -> UnitProblem:
    message = f"cannot convert {quoted(source.text)} to {quoted(target.text)}"
    for code, other, reason, help in _CONFUSED:
        if _replaced(source.dimension, code, other) == _replaced(target.dimension, code, other):
            return UnitProblem(f"{message}: {reason}", help)
    differing = sorted({base for base, _ in {*source.dimension} ^ {*target.dimension}})
    annotations = [base for base in differing if base.startswith("{")]
    if annotations and _bare(source.dimension) == _bare(target.dimension):
        named = " and ".join(f"`{annotation}`" for annotation in annotations)
        verb = "belongs" if len(annotations) == 1 else "belong"
        return UnitProblem(f"{message}: {named} {verb} to the unit", f"write {quoted(target.text)} if that is meant")
    for base in differing:
        if base.startswith("["):
            return UnitProblem(f"{message}: `{base}` depends on its method and converts only to itself", _LABORATORY)
    if source.text.startswith("K/"):
        return UnitProblem(message, f"`K` is kelvin: did you mean `10*3{source.text[1:]}`?")
    measures = f"{quoted(source.text)} measures {show_dimension(source.dimension)}"
    return UnitProblem(message, f"{measures}, {quoted(target.text)} {show_dimension(target.dimension)}")


def _replaced(dimension: Dimension, code: str, other: str) -> Dimension:
    """The dimension with every `code` (a base unit) exchanged for `other`."""
    exponent = dict(dimension).get(ATOMS[code].base, 0)
    ratio = dimension_times(_size(other)[1], dimension_power(_size(code)[1], -1))
    return dimension_times(dimension, dimension_power(ratio, exponent))


def _bare(dimension: Dimension) -> Dimension:
    return tuple((base, exponent) for base, exponent in dimension if not base.startswith("{"))


def _reads(text: str) -> bool:
    try:
        _read(text)
    except _Refused:
        return False
    return True


_QUANTITY = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*(.*)", re.DOTALL)
_MOST_DIGITS = 30
_EXAMPLE = "write a number and a unit, such as `20 mm`"
#: How the text behind a number begins where it is not a unit but more of the number: what is wrong, what to do.
_NOT_A_UNIT: tuple[tuple[str, str, str], ...] = (
    (r",\s?[0-9]", "has a comma in its number", "write a decimal point, as in `7.5`, and nothing between thousands"),
    (r"['_’][0-9]|[0-9]{3}(?![0-9.*^/])", "has a separator in its number", "write all digits together, as in `1000`"),  # noqa: RUF001
    (r"[eE][+-]?[0-9]", "has an exponent in its number", "write all digits, or a power of ten in the unit: `5 10*9/L`"),
    (r"[*^]", "has no number before its unit", "write the number first, as in `5 10*9/L`"),
    (r"\.", "has a decimal point without a digit behind it", "write all digits, as in `7.5` or `7`"),
    (r"(?!1$)[0-9]*/?[0-9]+$", "is not one number", _EXAMPLE),
    (r"[-–]\s*[0-9]", "is not one number", "write a span as `[20..30] mm`"),  # noqa: RUF001
)


def split_quantity(text: str) -> tuple[Number, str] | UnitProblem:
    """The number and the unit text of `20 mm`, or what is wrong with it. The unit may be empty; it is not yet read.

    A number is an optional sign, digits, perhaps a decimal point and more digits: at most 30, no comma, no exponent.
    """
    found = _QUANTITY.fullmatch(text.strip())
    if found is None:
        return UnitProblem(f"{quoted(text)} does not begin with a number", _number_help(text.strip()))
    digits, rest = found.groups()
    for pattern, message, help in _NOT_A_UNIT:
        if re.match(pattern, rest):
            return UnitProblem(f"{quoted(text)} {message}", help)
    if sum(character.isdigit() for character in digits) > _MOST_DIGITS:
        return UnitProblem(f"the number in {quoted(text)} is too long", f"a number has at most {_MOST_DIGITS} digits")
    return number(Fraction(digits)), rest


def _number_help(text: str) -> str:
    if re.match(r"[+-]?\.[0-9]", text):
        return "write a digit before the decimal point, as in `0.5`"
    if re.match(r"[−–]\s*[0-9]", text):  # noqa: RUF001
        return "write the minus sign as `-`"
    return _EXAMPLE


_MOST_PLACES = 12


def show_number(value: Number, digits: int = 6) -> str:
    """A number in decimal notation, without exponent: exact if 12 decimal places suffice (`20`, `7.5`), else rounded.

    Rounding keeps `digits` significant digits, and all digits before the decimal point: a third is `0.333333`.
    """
    if isinstance(value, int):
        return str(value)
    places = _MOST_PLACES
    if 10**places % value.denominator:
        size = abs(value)
        magnitude = len(str(size.numerator)) - len(str(size.denominator))
        if size < Fraction(10) ** magnitude:
            magnitude -= 1
        places = max(0, digits - 1 - magnitude)
    whole, part = divmod(round(abs(value) * 10**places), 10**places)
    shown = f"{whole}.{part:0{places}d}".rstrip("0").rstrip(".")
    return f"-{shown}" if value < 0 else shown
