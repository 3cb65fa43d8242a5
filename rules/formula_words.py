"""The words of a formula: numbers with their units, names and marks, each with its columns."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Literal as OneWordOf
from typing import NoReturn

from guidewright.rules.diagnostics import Diagnostic, Place, error, quoted
from guidewright.rules.units import UnitProblem, parse_unit, split_quantity

_NAME = r"[A-Za-z0-9_]+(?:-+[A-Za-z0-9_]+)*"
_WORD = re.compile(rf"(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>(?![0-9]){_NAME}(?:\.{_NAME})*)|(?P<mark>[-+*/^(),])")
_BLANKS = re.compile(r"\s*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MORE_OF_A_NUMBER = re.compile(r"\.[0-9.]*")
# What may stand in a unit. Behind a blank it may begin with a power of ten or with `1/`.
_UNIT_START = re.compile(r"\s*(?=[^\W0-9_]|[\[{%°])|\s+(?=10[*^][+-]?[0-9]|1/)")
_UNIT_PART = re.compile(
    r"10[*^][+-]?[0-9]+|\[[^\]\s]*\]|\{[^}\s]*\}|(?:[^\W0-9]|[%°'])+(?:[+-]?[0-9]+)?|[0-9]+|(?<=[./])\(|[./](?=[\w\[({%°])"
)

_COMPARED = "a formula computes a number: a condition stands under `holds`, or in the rows of a `table`"
#: How something that is no word of a formula begins, and what may be meant.
_SLIPS: tuple[tuple[str, str], ...] = (
    (r"[<>=!]+|[≤≥≠]", _COMPARED),
    (r"[×·⋅∙]", "write `*` to multiply"),  # noqa: RUF001
    (r"[÷∕:]", "write `/` to divide"),  # noqa: RUF001
    (r"[−–—]", "write `-` to subtract"),  # noqa: RUF001
    (r"√", "write `sqrt(x)`"),
    (r"[²³]", "write `^ 2` or `^ 3`"),
    (r"\{[^}]*\}?", "a parameter cannot stand in a formula: compare the derived fact with it instead"),
    (r"\.[0-9]+", "write a digit before the decimal point, as in `0.5`"),
    (r"%", "`%` is a unit and stands behind a number"),
    (r"\[[^\]]*\]?", "group with `( )`"),
    (r"[\"'`]", "names and numbers stand without quotes"),
)

#: Names of functions that there are not, and what may be meant.
FUNCTION_SLIPS: Mapping[str, str] = {
    "log": "write `ln` for the natural logarithm, `log10` for that to the base 10",
    "pow": "write `x ^ y`",
    "power": "write `x ^ y`",
    "if": "a formula has no cases: use a `table`, whose rows may have a `formula`",
    "sum": "write `a + b`",
    "mean": "write `(a + b) / 2`",
    "average": "write `(a + b) / 2`",
    "ceiling": "did you mean `ceil`?",
    "int": "did you mean `floor`?",
    "trunc": "did you mean `floor`?",
    "months": "did you mean `months_between`?",
    "days": "did you mean `days_between`?",
    "years": "did you mean `years_between`?",
    "age": "write `years_between(…, as_of)`",
    "today": "write `as_of`, the day for which the patient is assessed",
    "now": "write `as_of`, the day for which the patient is assessed",
    "as_of": "`as_of` is a day and stands without parentheses",
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word from column `start` to `end` of the formula, counted from 0.

    Of a number, `text` is its digits and `unit` what stands behind, if anything.
    """

    kind: OneWordOf["number", "name", "mark", "end"]
    text: str
    start: int
    end: int
    unit: str = ""


class Stopped(Exception):
    """The rest of a formula cannot be read; why is among the diagnostics already."""


class Words:
    """The words one after the other, with the diagnostics found so far.

    A word that is wrong in itself is reported, and the reading goes on.
    """

    __slots__ = ("_facts", "_place", "found", "now", "passed", "text")

    def __init__(self, text: str, place: Place, facts: Container[str] | None) -> None:
        self.text = text
        self.found: list[Diagnostic] = []
        self.now = Word("mark", "", 0, 0)
        self.passed = self.now
        self._place = place
        self._facts = facts

    def report(self, code: str, message: str, start: int, end: int, help: str | None = None) -> None:
        self.found.append(error(code, message, self._span(start, end), help))

    def stop(self, code: str, message: str, start: int, end: int, help: str | None = None) -> NoReturn:
        self.report(code, message, start, end, help)
        raise Stopped

    def _span(self, start: int, end: int) -> Place:
        whole = self._place
        quotes = whole.end_column - whole.column - len(self.text)
        if whole.line != whole.end_line or quotes not in (0, 2):
            return whole  # over several lines, or with escapes: the columns cannot be told
        left = whole.column + quotes // 2
        return Place(whole.file, whole.line, left + start, whole.line, left + max(end, start + 1))

    def at(self, *marks: str) -> bool:
        return self.now.kind == "mark" and self.now.text in marks

    def advance(self) -> Word:
        """Steps over the current word, and gives it."""
        self.passed = self.now
        blanks = _BLANKS.match(self.text, self.now.end)
        start = blanks.end() if blanks else self.now.end
        found = _WORD.match(self.text, start)
        if start == len(self.text):
            self.now = Word("end", "", start, start)
        elif found is None:
            self._unreadable(start)
        elif found.lastgroup == "number":
            self.now = self._number(found)
        else:
            self.now = Word("name" if found.lastgroup == "name" else "mark", found[0], start, found.end())
        return self.passed

    def _unreadable(self, at: int) -> NoReturn:
        for pattern, help in _SLIPS:
            if slip := re.compile(pattern).match(self.text, at):
                self.stop("GW270", f"{quoted(slip[0])} does not belong in a formula", at, slip.end(), help)
        self.stop("GW270", f"{quoted(self.text[at])} does not belong in a formula", at, at + 1)

    def _number(self, found: re.Match[str]) -> Word:
        start, end = found.span()
        if day := _DAY.match(self.text, start):
            help = "days are facts: name a date fact, or `as_of`"
            self.stop("GW270", f"{quoted(day[0])} does not belong in a formula", start, day.end(), help)
        if more := _MORE_OF_A_NUMBER.match(self.text, end):
            message = f"{quoted(self.text[start : more.end()])} is not a number"
            self.stop("GW270", message, start, more.end(), "write all digits, as in `7.5` or `7`")
        begin = _UNIT_START.match(self.text, end)
        unit_start = begin.end() if begin else end
        unit_end = _unit_end(self.text, unit_start) if begin else end
        unit_text = self.text[unit_start:unit_end]
        split = split_quantity(self.text[start:unit_end])
        if isinstance(split, UnitProblem):
            self.report("GW273", split.message, start, unit_end, split.help)
        elif unit_text and isinstance(unit := parse_unit(unit_text), UnitProblem):
            self.report("GW273", unit.message, unit_start, unit_end, self._meant(found[0], unit_text, unit.help))
            if unit_text.count("(") != unit_text.count(")"):
                raise Stopped
        return Word("number", found[0], start, unit_end, unit_text)

    def _meant(self, digits: str, unit: str, help: str | None) -> str:
        if help is not None and help.startswith("did you mean"):
            return help
        if self._facts is not None and unit in self._facts:
            return f"to multiply, write `{digits} * {unit}`"
        above = unit.partition("/")[0]
        if above != unit and not isinstance(parse_unit(above), UnitProblem):
            return f"to divide, put a blank before and after `/`: `{digits} {above} / …`"
        return f"{help}; to multiply, write `{digits} * …`" if help else f"to multiply, write `{digits} * …`"


def _unit_end(text: str, at: int) -> int:
    depth = 0
    while at < len(text):
        if part := _UNIT_PART.match(text, at):
            depth += part[0] == "("
            at = part.end()
        elif depth and text[at] == ")":
            depth -= 1
            at += 1
        else:
            break
    return at
