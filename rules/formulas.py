"""Formulas of derived facts: their syntax tree, printer and parser.

Dimensions are checked in `dimensions`, values are computed in the engine.

    sum     = product {("+" | "-") product}
    product = unary {("*" | "/") unary}
    unary   = "-" unary | power
    power   = atom ["^" unary]
    atom    = number [unit] | fact | "as_of" | function "(" sum {"," sum} ")" | "(" sum ")"

So `-x ^ 2` is -(x²) and `a ^ b ^ c` is a ^ (b ^ c). Three things are decided for safety rather than convenience. A `-`
between two characters of a name belongs to the name, as everywhere in the language: `a - b` subtracts, `a-b` is a fact.
So does a `/` or `.` within a unit: `5 mg/dL` is a concentration, `5 mg / x` divides. And a number with a unit is raised
to a power in parentheses only, because `2 m ^ 2` looks like two square metres. A fact that a formula names begins with
a letter or `_`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal as OneWordOf
from typing import NoReturn, TypeAlias, cast, get_args

from guidewright.rules.diagnostics import Diagnostic, Place, quoted, suggest
from guidewright.rules.formula_words import FUNCTION_SLIPS, Stopped, Word, Words
from guidewright.rules.units import show_number
from guidewright.rules.values import Number, number


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, perhaps with a unit (`0.5 mm`), held as written."""

    number: Number
    unit: str = ""


@dataclass(frozen=True, slots=True)
class FactValue:
    fact: str


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day for which the patient is assessed."""


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expression


Operator = OneWordOf["+", "-", "*", "/", "^"]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: Operator
    left: Expression
    right: Expression


Function = OneWordOf[
    "min",
    "max",
    "abs",
    "round",
    "floor",
    "ceil",
    "sqrt",
    "ln",
    "log10",
    "exp",
    "months_between",
    "days_between",
    "years_between",
]


@dataclass(frozen=True, slots=True)
class Call:
    """`round` may have a second argument, the number of decimals: a whole constant, negative for tens and hundreds."""

    function: Function
    arguments: tuple[Expression, ...]


Expression: TypeAlias = Constant | FactValue | AsOf | Negative | Arithmetic | Call

FUNCTIONS: tuple[Function, ...] = get_args(Function)


# --- reading the tree


def parts_of(e: Expression) -> tuple[Expression, ...]:
    """The operands or arguments of an expression."""
    match e:
        case Negative(operand):
            return (operand,)
        case Arithmetic(_, left, right):
            return left, right
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def facts_in(e: Expression) -> tuple[str, ...]:
    """The facts that an expression names, each once, in the author's order."""
    names: dict[str, None] = {}
    waiting = [e]
    while waiting:
        node = waiting.pop()
        if isinstance(node, FactValue):
            names[node.fact] = None
        waiting.extend(reversed(parts_of(node)))
    return tuple(names)


def whole_constant(e: Expression) -> int | None:
    """The whole number that an expression spells out (`2`, `-2`), or `None`."""
    match e:
        case Constant(int() as value, ""):
            return value
        case Negative(Constant(int() as value, "")):
            return -value
        case _:
            return None


def _height(e: Expression) -> int:
    tallest, waiting = 0, [(e, 1)]
    while waiting:
        node, level = waiting.pop()
        tallest = max(tallest, level)
        waiting.extend((part, level + 1) for part in parts_of(node))
    return tallest


# --- printing

_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(5)
_LEVEL: dict[Operator, int] = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}


def print_formula(e: Expression) -> str:
    """The formula as an author would write it, with no more parentheses than needed.

    `parse_formula` reads it as the same expression, if it is one that `parse_formula` can give: constants are decimal
    numbers and not negative, facts begin with a letter or `_`.
    """
    return _printed(e, _SUM)


def _printed(e: Expression, least: int) -> str:
    """The expression, in parentheses where it binds more loosely than `least`."""
    text, level = _written(e)
    return f"({text})" if level < least else text


def _written(e: Expression) -> tuple[str, int]:
    """The expression and how tightly it binds."""
    match e:
        case Constant(value, unit):
            return f"{_decimal(value)} {unit}".rstrip(), _ATOM
        case FactValue(fact):
            return fact, _ATOM
        case AsOf():
            return "as_of", _ATOM
        case Negative(operand):
            return f"-{_printed(operand, _UNARY)}", _UNARY
        case Call(function, arguments):
            return f"{function}({', '.join(_printed(argument, _SUM) for argument in arguments)})", _ATOM
        case Arithmetic("^", left, right):
            base = _printed(left, _ATOM)
            if isinstance(left, Constant) and left.unit:
                base = f"({base})"
            return f"{base} ^ {_printed(right, _UNARY)}", _POWER
        case Arithmetic(operator, left, right):
            level = _LEVEL[operator]
            return f"{_printed(left, level)} {operator} {_printed(right, level + 1)}", level


def _decimal(value: Number) -> str:
    """A decimal number with all its digits; any other rounded."""
    for places in range(_LONGEST if isinstance(value, Fraction) else 0):
        if 10**places % value.denominator == 0:
            digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
            point = len(digits) - places
            return f"{'-' if value < 0 else ''}{digits[:point]}{'.' if places else ''}{digits[point:]}"
    return show_number(value)


# --- parsing

_LONGEST = 2_000
_DEEPEST = 50
_TALLEST = 100
_MOST_DECIMALS = 12
_MANY = 1_000
_ARITY: dict[Function, tuple[int, int]] = (
    dict.fromkeys(FUNCTIONS, (1, 1))
    | {"min": (2, _MANY), "max": (2, _MANY), "round": (1, 2)}
    | {"months_between": (2, 2), "days_between": (2, 2), "years_between": (2, 2)}
)
_SPLIT = "split it: a derived fact may build on others"


def parse_formula(
    text: str, place: Place, facts: Collection[str] | None = None
) -> tuple[Expression | None, tuple[Diagnostic, ...]]:
    """The formula that an author wrote at `place`, or `None` and what is wrong with it.

    Where `place` spans just the text (perhaps in quotes), a diagnostic spans just the word that is wrong. With `facts`,
    a name that is none of them is an error too; without, the caller finds them by `facts_in`. At most 2,000 characters
    (blanks aside), nested 50 deep.
    """
    parser = _Parser(text, place, facts)
    try:
        expression = parser.formula()
    except Stopped:
        return None, tuple(parser.words.found)
    return (None if parser.words.found else expression), tuple(parser.words.found)


class _Parser:
    """A recursive descent with one word of look-ahead."""

    __slots__ = ("_depth", "_facts", "words")

    def __init__(self, text: str, place: Place, facts: Collection[str] | None) -> None:
        self.words = Words(text, place, facts)
        self._facts = facts
        self._depth = 0

    def formula(self) -> Expression:
        words = self.words
        size = len("".join(words.text.split()))
        if size == 0:
            words.stop("GW270", "the formula is empty", 0, len(words.text))
        if size > _LONGEST:
            message = f"the formula has {size:,} characters; at most {_LONGEST:,} are read"
            words.stop("GW274", message, 0, len(words.text), _SPLIT)
        words.advance()
        expression = self._sum()
        if words.now.kind != "end":
            self._unexpected()
        if _height(expression) > _TALLEST:
            message = f"more than {_TALLEST} steps of the formula build on each other"
            words.stop("GW274", message, 0, len(words.text), _SPLIT)
        return expression

    def _sum(self) -> Expression:
        left = self._product()
        while self.words.at("+", "-"):
            operator = cast(Operator, self.words.advance().text)
            left = Arithmetic(operator, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._unary()
        while self.words.at("*", "/"):
            operator = cast(Operator, self.words.advance().text)
            left = Arithmetic(operator, left, self._unary())
        return left

    def _unary(self) -> Expression:
        """Whatever stands within something else passes here, so depth is counted here."""
        if self._depth == _DEEPEST:
            now = self.words.now
            self.words.stop("GW274", f"the formula is nested more than {_DEEPEST} deep", now.start, now.end, _SPLIT)
        self._depth += 1
        if self.words.at("-"):
            self.words.advance()
            expression: Expression = Negative(self._unary())
        else:
            expression = self._power()
        self._depth -= 1
        return expression

    def _power(self) -> Expression:
        first = self.words.now
        base = self._atom()
        if not self.words.at("^"):
            return base
        if first.unit:
            written = quoted(self.words.text[first.start : first.end])
            help = f"write `({first.text} {first.unit}) ^ …`, or a unit such as `m2`"
            self.words.report("GW273", f"{written} before `^` can be read in two ways", first.start, first.end, help)
        self.words.advance()
        return Arithmetic("^", base, self._unary())

    def _atom(self) -> Expression:
        word = self.words.now
        if word.kind == "number":
            self.words.advance()
            return Constant(number(Fraction(word.text)), word.unit)
        if word.kind == "name":
            self.words.advance()
            if self.words.at("("):
                return self._call(word)
            return AsOf() if word.text == "as_of" else self._fact(word)
        if self.words.at("("):
            self.words.advance()
            inner = self._sum()
            self._close(word)
            return inner
        self._unexpected(wanted="a number or a fact is missing here")

    def _fact(self, word: Word) -> Expression:
        if self._facts is not None and word.text not in self._facts:
            parts = word.text.split("-")
            known = {*self._facts, "as_of"}
            if len(parts) > 1 and all(part in known or part.isdigit() for part in parts):
                help: str | None = f"to subtract, write `{' - '.join(parts)}`"
            else:
                help = suggest(word.text, self._facts)
            self.words.report("GW201", f"unknown fact {quoted(word.text)}", word.start, word.end, help)
        return FactValue(word.text)

    def _call(self, name: Word) -> Expression:
        opening = self.words.advance()
        arguments: list[Expression] = []
        last = (opening.start, opening.end)
        if not self.words.at(")"):
            arguments.append(self._sum())
        while self.words.at(","):
            self.words.advance()
            start = self.words.now.start
            arguments.append(self._sum())
            last = (start, self.words.passed.end)
        self._close(opening)
        function = next((known for known in FUNCTIONS if known == name.text), None)
        if function is None:
            listed = ", ".join(f"`{known}`" for known in FUNCTIONS)
            help = FUNCTION_SLIPS.get(name.text.lower()) or suggest(name.text, FUNCTIONS)
            message = f"unknown function {quoted(name.text)}"
            self.words.report("GW271", message, name.start, name.end, help or f"the functions are {listed}")
            return Constant(0)
        least, most = _ARITY[function]
        digits = whole_constant(arguments[1]) if len(arguments) == 2 else 0
        if not least <= len(arguments) <= most:
            wanted = f"{least}" if least == most else f"{least} or {most}" if most < _MANY else f"{least} or more"
            message = f"`{function}` takes {wanted} argument{'' if wanted == '1' else 's'}, not {len(arguments)}"
            self.words.report("GW272", message, name.start, self.words.passed.end)
        elif function == "round" and (digits is None or abs(digits) > _MOST_DECIMALS):
            message = f"`round` takes a whole number of decimals from -{_MOST_DECIMALS} to {_MOST_DECIMALS}"
            self.words.report("GW272", message, *last, "write `round(x, 1)` for one decimal")
        return Call(function, tuple(arguments))

    def _close(self, opening: Word) -> None:
        if self.words.at(")"):
            self.words.advance()
        elif self.words.now.kind == "end":
            self.words.stop("GW270", "this parenthesis is not closed", opening.start, opening.end)
        else:
            self._unexpected()

    def _unexpected(self, wanted: str | None = None) -> NoReturn:
        """Reports the current word. `wanted` says what should stand here instead, if anything should."""
        now, text = self.words.now, self.words.text
        written = quoted(text[now.start : now.end])
        if now.kind == "end":
            self.words.stop("GW270", "the formula ends too early", now.start, now.end, wanted)
        if now.kind != "mark" or now.text == "(":
            help = None if now.kind == "number" else "write `*` to multiply"
            self.words.stop("GW270", f"an operator is missing before {written}", now.start, now.end, help)
        help = wanted
        if now.text == "*" and text[: now.start].endswith("*"):
            help = "write `^` for a power"
        elif now.text == "," and re.search(r"[0-9]\Z", text[: now.start]) and re.match(r",[0-9]", text[now.start :]):
            help = "write a decimal point, as in `1.5`"
        elif now.text == ",":
            help = "commas separate the arguments of a function"
        elif now.text == ")" and wanted is None:
            help = "there is no `(` before it"
        self.words.stop("GW270", f"{written} does not belong here", now.start, now.end, help)
