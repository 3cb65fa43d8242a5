"""Python values, as an embedding application hands them over, made into the same nodes as files."""

import math
import numbers
from collections.abc import Mapping as AnyMapping
from collections.abc import Set as AnySet
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from guidewright.rules.diagnostics import Diagnostic, Place, error
from guidewright.rules.display import clipped, escaped, quoted
from guidewright.rules.nodes import (
    FORBIDDEN_IN_TEXT,
    MAX_DEPTH,
    MAX_EXPONENT,
    MAX_NODES,
    Mapping,
    Node,
    Problems,
    ReadingStopped,
    Scalar,
    Sequence,
    Value,
    forbidden,
)

_MAX_BITS = math.ceil(MAX_EXPONENT * math.log2(10))
_Path = tuple[str, ...]


def from_python(value: object, file: str = "<facts>") -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """A value of Python as nodes, all with the place `file`:1:1; None where it cannot be read to its end.

    Taken are str, int, float, Decimal, Fraction, bool, None, date, and lists, tuples, sets and mappings with keys that
    are str. A float stands for the shortest decimal that Python prints for it; a set becomes a list in a fixed order.
    Refused, each with the path of keys that leads to it: a datetime (whose day depends on a time zone), NaN and
    infinity, any other type, and what is too deep, too much or too long.
    """
    reader = _Reader(file)
    node: Node | None = None
    with suppress(ReadingStopped):
        node = reader.node(value, ())
    return node, tuple(reader.problems.found)


class _Reader:
    def __init__(self, file: str) -> None:
        self.place = Place.of_file(file)
        self.problems = Problems()
        self.nodes = 0

    def node(self, value: object, path: _Path) -> Node:
        self._count()
        match value:
            case AnyMapping():
                self._check_depth(path)
                return Mapping(tuple(self._entries(value, path)), self.place)
            case list() | tuple():
                self._check_depth(path)
                return Sequence(tuple(self.node(item, (*path, str(i))) for i, item in enumerate(value, 1)), self.place)
            case AnySet():
                self._check_depth(path)
                items = [self.node(item, (*path, str(i))) for i, item in enumerate(value, 1)]
                return Sequence(tuple(sorted(items, key=_order)), self.place)
            case _:
                return self._scalar(value, path)

    def _count(self) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.problems.stop(error("GW041", f"more than {MAX_NODES:,} values and keys", self.place))

    def _check_depth(self, path: _Path) -> None:
        if len(path) >= MAX_DEPTH:
            self.problems.stop(error("GW040", f"nested more than {MAX_DEPTH} levels deep{_at(path)}", self.place))

    def _entries(self, value: AnyMapping[object, object], path: _Path) -> list[tuple[Scalar, Node]]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, item in value.items():
            self._count()
            if not isinstance(key, str):
                message = f"the key {quoted(_printed(key))} is no text{_at(path)}"
                self.problems.add(error("GW021", message, self.place))
                continue
            text = self._text(key, path)
            if text in entries:
                self.problems.add(error("GW020", f"key {quoted(text)} occurs twice{_at(path)}", self.place))
                continue
            entries[text] = (Scalar(text, text, True, self.place), self.node(item, (*path, text)))
        return list(entries.values())

    def _scalar(self, value: object, path: _Path) -> Scalar:
        match value:
            case None:
                return Scalar(None, "null", False, self.place)
            case bool():
                return Scalar(value, "true" if value else "false", False, self.place)
            case str():
                text = self._text(value, path)
                return Scalar(text, text, True, self.place)
            case datetime():
                help = "give a date, such as `.date()` of it in the patient's time zone"
                return self._refused("GW060", f"a time of day{_at(path)} is not understood", help)
            case date():
                return Scalar(value.isoformat(), value.isoformat(), True, self.place)
            case float() | Decimal() | numbers.Rational():
                return self._number(value, path)
            case _:
                kind = quoted(type(value).__name__)
                help = "give a str, a number, a bool, a date, a list or a dict"
                return self._refused("GW060", f"a value of type {kind}{_at(path)} is not understood", help)

    def _number(self, value: float | Decimal | numbers.Rational, path: _Path) -> Scalar:
        if isinstance(value, float):
            value = Decimal(float.__repr__(value))
        if isinstance(value, Decimal):
            if not value.is_finite():
                help = "leave the fact out, or give None, where nothing is known"
                return self._refused("GW061", f"{quoted(str(value))}{_at(path)} is no finite number", help)
            _, digits, exponent = value.as_tuple()
            if len(digits) > MAX_EXPONENT or not -MAX_EXPONENT <= int(exponent) <= MAX_EXPONENT:
                return self._refused("GW042", f"a number{_at(path)} is too long")
            text, exact = str(value), Fraction(value)
        else:
            exact = Fraction(int(value.numerator), int(value.denominator))
            if max(exact.numerator.bit_length(), exact.denominator.bit_length()) > _MAX_BITS:
                return self._refused("GW042", f"a number{_at(path)} is too long")
            text = str(exact)
        number: Value = exact.numerator if exact.denominator == 1 else exact
        return Scalar(number, text, False, self.place)

    def _text(self, value: str, path: _Path) -> str:
        text = str.__str__(value)
        if found := FORBIDDEN_IN_TEXT.search(text):
            self.problems.add(forbidden(found[0], self.place, f" in a text{_at(path)}"))
        return text

    def _refused(self, code: str, message: str, help: str | None = None) -> Scalar:
        self.problems.add(error(code, message, self.place, help))
        return Scalar(None, "", True, self.place)


def _at(path: _Path) -> str:
    """Where in the value; a list counts from 1."""
    return f" at `{clipped('.'.join(clipped(escaped(step), 60) for step in path), 200)}`" if path else ""


def _order(node: Node) -> tuple[str, str]:
    return (type(node.value).__name__, node.text) if isinstance(node, Scalar) else ("", "")


def _printed(key: object) -> str:
    return repr(key) if isinstance(key, int | float | bytes | tuple | date | None) else type(key).__name__
