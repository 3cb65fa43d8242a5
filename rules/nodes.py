"""The tree that every way of reading ends in: scalars, lists and mappings with their places, and their bounds."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn, TypeAlias

from guidewright.rules.diagnostics import Diagnostic, Place, error
from guidewright.rules.display import escape

MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_PROBLEMS = 1_000
MAX_DIGITS = 100
MAX_EXPONENT = 400

Value: TypeAlias = str | int | Fraction | bool | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value.

    `value` is exact: an int, or a Fraction where the number is not whole; every value that is no number, truth value
    or null is text. `text` is the value as written, without quotes. `quoted` says that only text can be meant.
    """

    value: Value
    text: str
    quoted: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values, in the order written; keys are compared by their text, and none occurs twice."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place

    def get(self, key: str) -> Node | None:
        """The value of a key, None where the key is absent. Takes time in proportion to the number of entries."""
        for scalar, node in self.entries:
            if scalar.text == key:
                return node
        return None


Node: TypeAlias = Scalar | Sequence | Mapping


class ReadingStopped(Exception):
    """Reading cannot or need not go on; why is among the problems already."""


class Problems:
    """The diagnostics found so far. Stops the reading where they become too many to be useful."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def add(self, diagnostic: Diagnostic) -> None:
        self.found.append(diagnostic)
        if len(self.found) >= MAX_PROBLEMS:
            self.stop(error("GW043", f"more than {MAX_PROBLEMS - 1} problems; the rest is not read", diagnostic.place))

    def stop(self, diagnostic: Diagnostic) -> NoReturn:
        """Adds a last diagnostic and raises ReadingStopped."""
        self.found.append(diagnostic)
        raise ReadingStopped


_NUMBER_START = frozenset("+-.0123456789")
_NUMBER = re.compile(r"[-+]?(?:\.([0-9]+)|([0-9]+)(?:\.([0-9]*))?)(?:[eE]([-+]?[0-9]+))?")


class NumberTooLong(ValueError):
    """A number with more digits, or a larger exponent, than a value of this world needs."""


def plain_value(text: str) -> Value:
    """What an unquoted text means in YAML 1.2 core as the guideline language fixes it.

    Only `true` and `false` are truth values; `null`, `~` and nothing are null; `010` is ten; hexadecimal and octal
    numbers, infinities, times and dates are text. Raises NumberTooLong.
    """
    if not text:
        return None
    if text[0] in _NUMBER_START:
        return _number(text) if (match := _NUMBER.fullmatch(text)) and _bounded(match) else text
    match text:
        case "true":
            return True
        case "false":
            return False
        case "null" | "~":
            return None
        case _:
            return text


def _bounded(match: re.Match[str]) -> bool:
    if match[4] is None and match.end() <= MAX_DIGITS:
        return True
    exponent = (match[4] or "").lstrip("+-").lstrip("0")
    digits = sum(len(part) for part in match.group(1, 2, 3) if part)
    if digits > MAX_DIGITS or len(exponent) > 4 or int(exponent or "0") > MAX_EXPONENT:
        raise NumberTooLong
    return True


def _number(text: str) -> int | Fraction:
    if text.isdigit():
        return int(text)
    number = Fraction(text)
    return number.numerator if number.denominator == 1 else number


# C0 and C1 controls but tab and line feed, line and paragraph separators, the byte order mark, halves of surrogate
# pairs, and the two that are no characters. Marks that turn the reading direction are allowed: names may need them.
_FORBIDDEN = r"\x00-\x08\x0b-{}\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
FORBIDDEN_IN_SOURCE = re.compile("[" + _FORBIDDEN.format(r"\x0c") + "]")
FORBIDDEN_IN_TEXT = re.compile("[" + _FORBIDDEN.format(r"\x0d") + "]")


def forbidden(character: str, place: Place, where: str = "") -> Diagnostic:
    """The diagnostic for a character that no text of a guideline or a record may hold."""
    if "\ud800" <= character <= "\udfff":
        return error("GW031", f"half of a surrogate pair, `{escape(character)}`, is no character{where}", place)
    return error("GW030", f"control character `{escape(character)}`{where}", place, "remove it, or copy the text anew")


class Lines:
    """Turns offsets in a text into lines and columns."""

    __slots__ = ("_file", "_starts")

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]

    def place(self, start: int, end: int) -> Place:
        """The place of text[start:end]."""
        return Place(self._file, *self._position(start), *self._position(end))

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
