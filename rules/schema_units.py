"""Units as regular expressions: which texts an editor takes for a unit that converts to the unit of a fact.

The expressions are read by JavaScript (with the `u` flag) and by Python alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from guidewright.rules.unit_table import ATOMS, PREFIXES
from guidewright.rules.units import Dimension, Unit, UnitProblem, dimension_power, parse_unit

# Longer ones first, so that `dag` is not read as a `d` before something else.
_PREFIX = f"(?:da|[{''.join(sorted(prefix for prefix in PREFIXES if len(prefix) == 1))}])?"
# A product, a parenthesis or a negative exponent: whether it converts is for the loader to say.
_UNDECIDED = r"[!-~]{0,60}(?:\.[A-Za-z(\[]|\(|[A-Za-z\]]-[0-9])[!-~]{0,60}"
# A unit that begins with a digit must not be the end of a number: `01` is no `0 1`.
_ONE = r"(?<![0-9.])1"
_TEN = r"(?<![0-9.])10[*^](?:[+-]?[0-9]+)?"
# An annotation that only names what is counted.
_NAME = r"\{[!-z|~]+\}"
_NAMED = f"(?:{_NAME})?"


def literally(text: str) -> str:
    """A text as a part of an expression. Escapes nothing that JavaScript would not let it escape."""
    return re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", text)


def alternatives(parts: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    """Any of these expressions, each once."""
    return "(?:" + "|".join(dict.fromkeys(parts)) + ")"


def unit_expression(unit: Unit) -> str:
    """The ways to write a unit that converts to this one: `cm` for `mm`, `g/dL` for `mg/L`.

    Each part between two `/` may be any symbol, with any prefix, of the same dimension. What cannot be told by such a
    comparison, such as `kg.m/s2`, is let through; a text with other parts than the unit (`mL/mL` for `%`) is not.
    """
    whole = list(_symbols(unit.dimension))
    if not unit.dimension:
        whole = [alternatives(whole) + _NAMED, _NAME]
    return alternatives([_itself(unit.text), *whole, *_by_parts(unit.text), _UNDECIDED])


def _by_parts(text: str) -> Iterator[str]:
    first, *others = re.split(r"/(?![^{]*\})", text)
    if not others or "(" in text or "." in re.sub(r"\{[^}]*\}", "", text):
        return
    yield "\\/".join([_above(first), *(_part(part) for part in others)])


def _above(text: str) -> str:
    """The first part. It may be left out where it is a plain number: `/nL` is `10*9/L`."""
    unit = parse_unit(text or "1")
    if isinstance(unit, UnitProblem) or unit.dimension:
        return _part(text)
    return alternatives([_itself(text) if text else _ONE, *_symbols(())]) + "?" + _NAMED


def _part(text: str) -> str:
    symbol, _, name = text.partition("{")
    unit = parse_unit(symbol)
    if isinstance(unit, UnitProblem):
        return literally(text)
    return alternatives([_itself(symbol), *_symbols(unit.dimension)]) + (literally("{" + name) if name else "")


def _itself(text: str) -> str:
    return (r"(?<![0-9.])" if text[0].isdigit() else "") + literally(text)


@lru_cache(maxsize=256)
def _symbols(dimension: Dimension) -> tuple[str, ...]:
    """Every single symbol, with its prefixes and an exponent of at most 3, that has this dimension."""
    found = [] if dimension else [_ONE, _TEN]
    for exponent in (1, 2, 3) if dimension else (1,):
        digits = "" if exponent == 1 else str(exponent)
        same = [code for code in ATOMS if dimension_power(_dimension(code), exponent) == dimension]
        found += [_PREFIX + literally(code) + digits for code in same if ATOMS[code].metric]
        if plain := [literally(code) for code in same if not ATOMS[code].metric]:
            found.append(alternatives(plain) + digits)
    return tuple(found)


@lru_cache(maxsize=256)
def _dimension(code: str) -> Dimension:
    unit = parse_unit(code)
    assert not isinstance(unit, UnitProblem), "every symbol is a unit"
    return unit.dimension
