"""YAML that parses, but hardly means what its author had in mind: each such slip with the help that sets it right.

Every function looks at one event and its source, and gives a diagnostic or None.
"""

import re
from typing import Protocol

import yaml

from guidewright.rules.diagnostics import Diagnostic, Place, error
from guidewright.rules.display import quoted
from guidewright.rules.nodes import Scalar, Sequence

QUOTE_IT = "put the text in quotes"


class Mark(Protocol):
    """A point of the source as the parsers give it, counted in characters from 0."""

    @property
    def index(self) -> int: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


_COMMENT = re.compile(r"[ \t]+(#[^\r\n]*)")
_TAG = re.compile(r"![^\s,\[\]{}]*")
_FOLDED_NUMBER = re.compile(r">[-+]?[0-9][^\r\n]*")
_INTERVAL = re.compile(r"(?=.*[0-9])(?:.*[^.\s])?\s*\.\.\s*(?:[^.\s].*)?")


def marks_of(event: yaml.Event) -> tuple[Mark, Mark]:
    """Where an event begins and ends."""
    start, end = event.start_mark, event.end_mark
    assert start is not None, "the parsers mark every event"
    assert end is not None, "the parsers mark every event"
    return start, end


def place_of(event: yaml.Event, file: str) -> Place:
    """The span of an event."""
    start, end = marks_of(event)
    return Place(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def cut_off(event: yaml.ScalarEvent, scalar: Scalar, source: str) -> Diagnostic | None:
    """A comment behind an unquoted text, or in place of one: `do: Ask #3` says no more than `Ask`.

    A remark behind a single word or a number is no slip.
    """
    end = marks_of(event)[1].index
    if source[end : end + 1] not in (" ", "\t") or (scalar.text and not isinstance(scalar.value, str)):
        return None
    comment = _COMMENT.match(source, end)
    if comment is None:
        return None
    if comment[1].startswith("# ") and not any(c in scalar.text for c in " \t\n"):
        return None
    line, column = scalar.place.end_line, scalar.place.end_column + comment.start(1) - end
    place = Place(scalar.place.file, line, column, line, column + len(comment[1]))
    help = "put the text in quotes if this belongs to it; else write the comment on a line of its own"
    return error("GW016", f"{quoted(comment[1])} is read as a comment and is no part of the text", place, help)


def folded_number(event: yaml.ScalarEvent, source: str, place: Place) -> Diagnostic | None:
    """`>5` begins a folded text that is indented by five, and so compares nothing."""
    match = _FOLDED_NUMBER.match(source, marks_of(event)[0].index)
    if event.style != ">" or match is None:
        return None
    text = match[0].rstrip()
    header = Place(place.file, place.line, place.column, place.line, place.column + len(text))
    return error("GW011", f"{quoted(text)} is read as the beginning of a folded text", header, in_quotes(text))


def in_quotes(text: str) -> str:
    """The help that shows the text of the rest of a line in quotes."""
    text = text.strip()
    return f'put it in quotes: "{text}"' if '"' not in text and len(text) <= 60 else QUOTE_IT


def tag(event: yaml.ScalarEvent | yaml.CollectionStartEvent, source: str, place: Place) -> Diagnostic:
    """A tag, which may be meant as the comparison `!=` or as an exclamation."""
    match = _TAG.search(source, marks_of(event)[0].index)
    written = match[0] if match else "!"
    if not isinstance(event, yaml.ScalarEvent):
        place = Place(place.file, place.line, place.column, place.line, place.column + len(written))
    if written.startswith("!="):
        message, help = f"{quoted(written)} is read as a tag", 'put a comparison in quotes: "!= 3"'
    elif written.startswith("!!"):
        message, help = f"tag {quoted(written)}", "leave it out: what a value is follows from the fact"
    else:
        message, help = f"{quoted(written)} is read as a tag", "put a text that begins with `!` in quotes"
    return error("GW023", message, place, help)


def pair_in_list(event: yaml.MappingStartEvent, source: str, place: Place) -> Diagnostic | None:
    """`[a: b]`: a text with a colon, or a mapping without its braces."""
    if not event.flow_style or event.anchor is not None or event.tag is not None:
        return None
    if source.startswith("{", marks_of(event)[0].index):
        return None
    help = "put a text that contains a colon in quotes, or write braces: {key: value}"
    return error("GW018", "a pair of key and value stands in a list", place, help)


def interval_in_list(sequence: Sequence) -> Diagnostic | None:
    """`[0..1]` without quotes is a list of one text."""
    match sequence.items:
        case (Scalar(str() as text, quoted=False),) if _INTERVAL.fullmatch(text):
            message = f"`[{quoted(text)[1:-1]}]` is read as a list of one text"
            return error("GW011", message, sequence.place, in_quotes(f"[{text}]"))
        case _:
            return None


def missing_value(event: yaml.ScalarEvent, key: Scalar, key_end: int, source: str) -> Diagnostic | None:
    """A key in braces that has no colon: a parameter without quotes, or a text with a comma."""
    start = marks_of(event)[0].index
    if event.value or event.style or event.tag is not None or ":" in source[key_end:start]:
        return None
    name = quoted(key.text)
    if source[: key_end - len(key.text)].endswith("{") and source.startswith("}", start) and ":" not in key.text:
        return error("GW017", f"{name} has no value", key.place, f'put a parameter in quotes: "{{{name[1:-1]}}}"')
    if ":" in key.text and not key.quoted:
        return error("GW017", f"{name} has no value", key.place, "put a space behind the colon")
    help = "put a text that contains a comma in quotes, or write `key: value`"
    return error("GW017", f"{name} has no value", key.place, help)
