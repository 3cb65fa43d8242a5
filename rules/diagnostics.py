"""What the tools have to say about a file: a stable code, a place, a message, and help kept apart from it.

Messages are lower case without a final stop, with the user's text in back-ticks. Diagnostics are collected, then
ordered and rendered together.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from guidewright.rules.codes import CODES
from guidewright.rules.display import clipped, escaped, quoted, width
from guidewright.rules.suggestions import suggest

__all__ = [
    "CODES",
    "Diagnostic",
    "Place",
    "Severity",
    "error",
    "ordered",
    "quoted",
    "render",
    "suggest",
    "to_json",
    "warning",
]

Severity = Literal["error", "warning", "note"]
Related = tuple[tuple[str, "Place"], ...]

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_TAB = "    "
_FRAME_WIDTH = 100  # cells of a source line that are shown
_FRAME_LEFT = 50  # of these, at most so many before the span
_FRAME_CHARACTERS = 200  # on either side, however narrow they are
_MESSAGE_LENGTH = 600
_HELP_BESIDE = 110  # where the help does not fit behind the carets, it gets a line of its own
_COLOURS: dict[Severity, str] = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;36m"}
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A span of a file. Lines and columns count characters from 1; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def of_file(cls, file: str) -> "Place":
        """The place of something that concerns a file as a whole: its beginning."""
        return cls(file, 1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `related` names other places that belong to it, each with what is to be seen there."""

    code: str
    severity: Severity
    message: str
    place: Place
    help: str | None = None
    related: Related = ()


def error(code: str, message: str, place: Place, help: str | None = None, related: Related = ()) -> Diagnostic:
    """A diagnostic that makes its file unusable. Raises KeyError for a code that CODES does not list."""
    CODES[code]
    return Diagnostic(code, "error", message, place, help, related)


def warning(code: str, message: str, place: Place, help: str | None = None, related: Related = ()) -> Diagnostic:
    """A diagnostic that leaves its file usable. Raises KeyError for a code that CODES does not list."""
    CODES[code]
    return Diagnostic(code, "warning", message, place, help, related)


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By file, line, column and code; what is exactly alike is kept once."""

    def key(d: Diagnostic) -> tuple[str, int, int, str, Place, str, str, str]:
        return (d.place.file, d.place.line, d.place.column, d.code, d.place, d.severity, d.message, d.help or "")

    return tuple(sorted(dict.fromkeys(diagnostics), key=key))


def to_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """The diagnostics as plain objects, in the order given; the field names are a public interface."""
    return [
        {
            "code": d.code,
            "severity": d.severity,
            "message": escaped(d.message),
            "help": None if d.help is None else escaped(d.help),
            **_place_json(d.place),
            "related": [{"message": escaped(text), **_place_json(place)} for text, place in d.related],
        }
        for d in diagnostics
    ]


def _place_json(place: Place) -> dict[str, object]:
    return {
        # A file name may hold bytes that are no text; JSON cannot.
        "file": place.file.encode("utf-8", "backslashreplace").decode("utf-8"),
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def render(
    diagnostics: Iterable[Diagnostic], texts: Mapping[str, str], colour: bool = False, limit: int | None = 50
) -> str:
    """The diagnostics for a terminal, in order, each with the source line and carets under the span.

    `texts` maps files to their text; where a file is missing, the frame is left out. After `limit` diagnostics
    the number of the others is told. Whatever the texts contain, the result holds no control character but line
    feeds (and, with `colour`, our own colours); columns line up where the terminal shows text from left to right.
    """
    every = ordered(diagnostics)
    shown = every if limit is None else every[:limit]
    named = {place.file for d in shown for place in (d.place, *(place for _, place in d.related))}
    lines = {file: _LINE_BREAK.split(texts[file]) for file in named if file in texts}
    blocks = ["\n".join(_block(d, lines, colour)) for d in shown]
    if len(shown) < len(every):
        blocks.append(_others(every[len(shown) :]))
    return "".join(f"{block}\n" for block in blocks)


def _others(hidden: Sequence[Diagnostic]) -> str:
    counts = Counter(d.severity for d in hidden)
    parts = (f"{n} {severity}{'' if n == 1 else 's'}" for severity in _COLOURS if (n := counts[severity]))
    return f"... and {', '.join(parts)} more"


def _block(d: Diagnostic, lines: Mapping[str, list[str]], colour: bool) -> Iterable[str]:
    mark = _COLOURS[d.severity] if colour else ""
    plain = _PLAIN if colour else ""
    head = f"{mark}{d.severity}[{d.code}]{plain}"
    yield f"{_where(d.place)}: {head} {clipped(escaped(d.message), _MESSAGE_LENGTH)}"
    yield from _frame(d.place, lines, d.help, mark, plain)
    for text, place in d.related:
        yield f"  {_where(place)}: {clipped(escaped(text), _MESSAGE_LENGTH)}"
        yield from _frame(place, lines, None, _DIM if colour else "", plain)


def _where(place: Place) -> str:
    return f"{escaped(place.file)}:{place.line}:{place.column}"


def _frame(place: Place, lines: Mapping[str, list[str]], help: str | None, mark: str, plain: str) -> Iterable[str]:
    gutter = max(5, len(str(place.line)))
    help_line = None if help is None else clipped(escaped(help), _MESSAGE_LENGTH)
    source = lines.get(place.file)
    if source is not None and 1 <= place.line <= len(source) and any(source):
        line = source[place.line - 1]
        start = min(max(place.column - 1, 0), len(line))
        end = len(line) if place.end_line > place.line else min(place.end_column - 1, len(line))
        text, before, under = _excerpt(line, start, end)
        carets = " " * before + "^" + "~" * (under - 1)
        yield f"{place.line:>{gutter}} | {text}".rstrip()
        beside = help_line is not None and len(carets) + 1 + width(help_line) <= _HELP_BESIDE
        coloured = " " * before + mark + carets[before:] + plain
        yield f"{'':{gutter}} | {coloured}{f' {help_line}' if beside else ''}"
        if beside:
            return
    if help_line is not None:
        yield f"{'':{gutter}} = {help_line}"


def _excerpt(line: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of a line around a span, the cells before the span and the cells under it (at least one)."""
    left = _fitting(reversed(line[max(0, start - _FRAME_CHARACTERS) : start]), _FRAME_LEFT)
    left.reverse()
    prefix = "..." if len(left) < start else ""
    before = prefix + "".join(left)
    right = _fitting(line[start : start + _FRAME_CHARACTERS], _FRAME_WIDTH - width(before))
    suffix = "..." if start + len(right) < len(line) else ""
    under = "".join(islice(right, max(end - start, 0)))
    return before + "".join(right) + suffix, width(before), max(1, width(under))


def _fitting(characters: Iterable[str], cells: int) -> list[str]:
    """The leading characters, made harmless, that fit into so many cells."""
    fitting: list[str] = []
    for character in characters:
        shown = _TAB if character == "\t" else escaped(character)
        cells -= width(shown)
        if cells < 0:
            break
        fitting.append(shown)
    return fitting
