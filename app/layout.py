"""Laying text out for a terminal: how wide it is, whether it shows colours, and how lines of styled text wrap."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

from guidewright.document import Line, Span, Style
from guidewright.rules.display import escaped, width

NARROWEST, WIDEST = 40, 100
_USUAL = 80  # columns where nothing says how many there are

_CODES: dict[Style, str] = {
    "plain": "",
    "strong": "\x1b[1m",
    "dim": "\x1b[2m",
    "stop": "\x1b[1;31m",
    "go": "\x1b[32m",
    "maybe": "\x1b[36m",
    "alert": "\x1b[33m",
}
_RESET = "\x1b[0m"
# These stay on the row of the word before them: `20 %`.
_GLUED = ("%", "·", "…")
# A word that does not fit may be broken behind one of these, then anywhere.
_BREAKS = re.compile(r"(?<=[-/_.,;:?&=])")


@dataclass(frozen=True, slots=True)
class Screen:
    """`columns` are cells of a terminal, between 40 and 100."""

    columns: int
    colour: bool = False


def screen_of(stream: TextIO, environment: Mapping[str, str] = os.environ) -> Screen:
    """What a stream can show. Colours only on a terminal, and not where `NO_COLOR` is set or the terminal is `dumb`."""
    columns = shutil.get_terminal_size((_USUAL, 24)).columns
    return Screen(min(max(columns, NARROWEST), WIDEST), shows_colour(stream, environment))


def shows_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    try:
        return stream.isatty()
    except ValueError:
        return False


def wrapped(line: Line, screen: Screen, first: str = "", others: str = "") -> list[str]:
    """A line as rows of a terminal, the first behind `first` and the others behind `others`.

    It breaks between words. A word wider than a row is broken, unless its span says `keep`.
    """
    rows: list[list[Span]] = [[]]
    used, room = width(first), screen.columns
    for gap, word in _words(line):
        size = sum(width(part.text) for part in word) + (gap and bool(rows[-1]))
        if rows[-1] and used + size > room:
            rows.append([])
            used, gap = width(others), False
        for piece in _pieces(word, room - used - (gap and bool(rows[-1])), room - width(others)):
            if piece is None:
                rows.append([])
                used, gap = width(others), False
                continue
            text = f" {piece.text}" if gap and rows[-1] else piece.text
            rows[-1].append(Span(text, piece.style))
            used, gap = used + width(text), False
    return [(others if i else first) + _painted(row, screen.colour) for i, row in enumerate(rows)]


# What a row begins with, and what stays below it where the row is broken.
_BEGINNING = re.compile(r"^( *)((?:ok|FAIL) +)?")


def fitted(text: str, screen: Screen) -> str:
    """A plain text whose rows are broken, below their own beginning, where they are wider than the screen."""
    rows: list[str] = []
    for row in text.split("\n"):
        if width(row) <= screen.columns:
            rows.append(row)
            continue
        beginning = _BEGINNING.match(row)
        first = beginning.group() if beginning is not None else ""
        rows += wrapped((Span(row.removeprefix(first)),), screen, first, " " * (width(first) or 2))
    return "\n".join(rows)


def _words(line: Line) -> Iterator[tuple[bool, list[Span]]]:
    """The words of a line, each with whether white space stands before it. Spans that touch share a word."""
    word: list[Span] = []
    gap = before = False
    for span in line:
        text = escaped(span.text)
        for i, part in enumerate([text] if span.keep else text.split(" ")):
            if part in _GLUED and (gap or i) and word:
                word.append(Span(f" {part}", span.style))
                gap = False
                continue
            if i and word:
                yield before, word
                word = []
            gap = gap or i > 0
            if part:
                if not word:
                    before, gap = gap, False
                word.append(Span(part, span.style, span.keep))
    if word:
        yield before, word


def _pieces(word: list[Span], room: int, row: int) -> Iterator[Span | None]:
    """The parts of a word, with `None` where a new row begins. Only a word that is wider than a whole row is broken."""
    if sum(width(part.text) for part in word) <= max(room, row):
        yield from word
        return
    left = room
    for part in word:
        if part.keep:
            yield part
            left -= width(part.text)
            continue
        for chunk in _BREAKS.split(part.text):
            if width(chunk) > left and left < row:
                yield None
                left = row
            for fitting in _cut(chunk, left, row):
                if fitting is None:
                    left = row
                else:
                    left -= width(fitting)
                yield None if fitting is None else Span(fitting, part.style)


def _cut(text: str, left: int, row: int) -> Iterator[str | None]:
    kept = ""
    for character in text:
        if kept and width(kept) + width(character) > left:
            yield kept
            yield None
            kept, left = "", row
        kept += character
    if kept:
        yield kept


def _painted(row: list[Span], colour: bool) -> str:
    shown, current = [], ""
    for span in row:
        code = _CODES[span.style] if colour else ""
        if code != current:
            shown.append((_RESET if current else "") + code)
            current = code
        shown.append(span.text)
    return "".join(shown) + (_RESET if current else "")


def painted(text: str, style: Style, screen: Screen) -> str:
    """A short harmless text in a style."""
    return _painted([Span(text, style)], screen.colour)


def padded(text: str, cells: int) -> str:
    return text + " " * max(cells - width(text), 0)
