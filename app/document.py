"""A page of text as data: headings, paragraphs, lists, tables. Terminals, Markdown and HTML draw it.

Texts are kept as they are; whoever draws a page makes them harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MINUS = "\u2212"

Style = Literal["plain", "strong", "dim", "stop", "go", "maybe", "alert"]


@dataclass(frozen=True, slots=True, repr=False)
class Span:
    """A run of text. `keep`: never broken, so that an id can be copied; else it breaks between words. `link`: where
    HTML links it to, an address that begins with `https://` or the anchor of a block of the page as `#anchor`.
    """

    text: str
    style: Style = "plain"
    keep: bool = False
    link: str | None = None


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Heading:
    """`level` 1 is the title of the page, 2 a section, 3 a group in a section. `anchor`: what a link may name."""

    level: Literal[1, 2, 3]
    line: Line
    anchor: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Paragraph:
    line: Line


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """An entry of a list, with lines `below` it. `depth` counts the lists that it stands in, beyond the first.
    A `marker` such as `4.` numbers it. `anchor`: what a link may name.
    """

    line: Line
    below: tuple[Line, ...] = ()
    marker: str = "•"
    style: Style = "plain"
    depth: int = 0
    anchor: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Standing:
    """A candidate of a weighing: what its arguments sum up to so far (`net`), and between which ends the sum may still
    come to lie. Numbers are written as `2.5` or `-3`.
    """

    label: str
    standing: Literal["confirmed", "leading", "possible", "behind", "excluded"]
    net: str
    low: str
    high: str
    supporting: int
    opposing: int
    open: int


@dataclass(frozen=True, slots=True, repr=False)
class Standings:
    rows: tuple[Standing, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Rows below a header, every row as long as it. `shares`: how the columns share the width of the page."""

    header: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Blank:
    """Something to be filled in by hand: what is asked, and for how many lines there is room."""

    label: str
    lines: int = 1


@dataclass(frozen=True, slots=True, repr=False)
class Form:
    """Blanks in rows."""

    rows: tuple[tuple[Blank, ...], ...]


Block = Heading | Paragraph | Item | Standings | Table | Form
Document = tuple[Block, ...]


def said(text: str, style: Style = "plain") -> Line:
    """A line of one run."""
    return (Span(text, style),)


def id_span(id: str, style: Style = "dim") -> Span:
    """An id as every page shows it."""
    return Span(f"[{id}]", style, keep=True)


def joined(parts: list[Line], between: Line) -> Line:
    """Lines as one, with something between them."""
    found: list[Span] = []
    for part in parts:
        if found:
            found += between
        found += part
    return tuple(found)


def signed(number: str) -> str:
    """A number with its sign, and a true minus: it must not be taken for a dash."""
    return f"{MINUS}{number[1:]}" if number.startswith("-") else number if number == "0" else f"+{number}"
