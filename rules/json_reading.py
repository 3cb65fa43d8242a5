"""JSON with places and exact numbers, read over an explicit stack."""

import json
import re
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from guidewright.rules.diagnostics import Diagnostic, Place, error
from guidewright.rules.display import quoted
from guidewright.rules.nodes import (
    FORBIDDEN_IN_SOURCE,
    FORBIDDEN_IN_TEXT,
    MAX_DEPTH,
    MAX_NODES,
    Lines,
    Mapping,
    Node,
    NumberTooLong,
    Problems,
    ReadingStopped,
    Scalar,
    Sequence,
    forbidden,
    plain_value,
)

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![\w.+-])")
_WORD = re.compile(r"[\w.+-]+")
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')

_State = Literal["value", "value or end", "key", "key or end", "colon", "comma or end", "done"]


def read_json(text: str, file: str) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The one value of a JSON text; None where it cannot be read to its end.

    Duplicate keys, control characters, halves of surrogate pairs, and what is too deep or too much are refused as in
    YAML.
    """
    return _Reader(text.removeprefix("\ufeff"), file).read()


@dataclass(slots=True)
class _Unclosed:
    start: int
    is_object: bool
    items: list[Node] = field(default_factory=list)
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)
    keys: dict[str, Place] = field(default_factory=dict)
    key: Scalar | None = None  # None also for a key that was refused


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.source = text
        self.file = file
        self.lines = Lines(text, file)
        self.problems = Problems()
        self.root: Node | None = None
        self.stack: list[_Unclosed] = []
        self.nodes = 0
        self.state: _State = "value"

    def read(self) -> tuple[Node | None, tuple[Diagnostic, ...]]:
        try:
            for match in FORBIDDEN_IN_SOURCE.finditer(self.source):
                self.problems.add(forbidden(match[0], self.lines.place(*match.span())))
            self.source = FORBIDDEN_IN_SOURCE.sub(" ", self.source)
            self._document()
        except ReadingStopped:
            self.root = None
        return self.root, tuple(self.problems.found)

    def _document(self) -> None:
        offset = self._behind_space(0)
        if offset == len(self.source):
            self.problems.stop(error("GW006", "the file is empty", Place.of_file(self.file)))
        while offset < len(self.source):
            offset = self._behind_space(self._token(offset))
        if self.stack:
            opening = self.stack[-1].start
            self._fail("GW012", f"`{self.source[opening]}` is not closed", opening, opening + 1)

    def _behind_space(self, offset: int) -> int:
        match = _SPACE.match(self.source, offset)
        return match.end() if match else offset

    def _token(self, offset: int) -> int:
        """Takes in what begins at the offset; gives the offset behind it."""
        match self.source[offset], self.state:
            case "{" | "[" as opening, "value" | "value or end":
                if len(self.stack) >= MAX_DEPTH:
                    self._fail("GW040", f"nested more than {MAX_DEPTH} levels deep", offset, offset + 1)
                self.stack.append(_Unclosed(offset, opening == "{"))
                self.state = "key or end" if opening == "{" else "value or end"
                return offset + 1
            case "}" | "]" as closing, "key or end" | "value or end" | "comma or end":
                self._close(closing, offset)
                return offset + 1
            case ",", "comma or end":
                self.state = "key" if self.stack[-1].is_object else "value"
                return offset + 1
            case ":", "colon":
                self.state = "value"
                return offset + 1
            case '"', "key" | "key or end":
                scalar = self._string(offset)
                self._key(scalar)
                self.state = "colon"
            case '"', "value" | "value or end":
                scalar = self._string(offset)
                self._put(scalar)
            case _, "value" | "value or end":
                scalar = self._plain(offset)
                self._put(scalar)
            case _:
                self._unexpected(offset)
        # A text in quotes and a plain one both stand in the source as they were matched.
        match = (_STRING if scalar.quoted else _WORD).match(self.source, offset)
        return match.end() if match else len(self.source)

    def _string(self, offset: int) -> Scalar:
        match = _STRING.match(self.source, offset)
        if match is None:
            help = "a text ends on its own line; write \\n for a line break and \\t for a tab"
            self._fail("GW012", 'the quote " is not closed', offset, offset + 1, help)
        written = match[0]
        place = self.lines.place(offset, match.end())
        if "\\" not in written:
            return Scalar(written[1:-1], written[1:-1], True, place)
        try:
            text: str = json.loads(written)
        except ValueError:
            bad = re.sub(_ESCAPE, lambda m: " " * len(m[0]), written).find("\\")
            self._fail("GW015", f"unknown escape {quoted(written[bad : bad + 2])}", offset + bad, offset + bad + 2)
        if found := FORBIDDEN_IN_TEXT.search(text):
            self.problems.add(forbidden(found[0], place, " in a text"))
        return Scalar(text, text, True, place)

    def _plain(self, offset: int) -> Scalar:
        word = _WORD.match(self.source, offset)
        if word is None:
            self._unexpected(offset)
        text = word[0]
        place = self.lines.place(offset, word.end())
        if text in ("true", "false", "null"):
            return Scalar(plain_value(text), text, False, place)
        if _NUMBER.match(self.source, offset):
            try:
                return Scalar(plain_value(text), text, False, place)
            except NumberTooLong:
                self.problems.add(error("GW042", f"number {quoted(text)} is too long", place))
                return Scalar(None, text, False, place)
        if text.lstrip("+-").casefold() in ("nan", "infinity", "inf"):
            self.problems.add(error("GW061", f"{quoted(text)} is no finite number", place, "leave out what is unknown"))
            return Scalar(None, text, False, place)
        help = "truth values are `true` and `false`, nothing is `null`, a text stands in double quotes"
        if text[0] in "+-.0123456789":
            help = "a number is written like 20, 0.5 or -1.5e3; a text stands in double quotes"
        self._fail("GW050", f"{quoted(text)} is no JSON value", offset, word.end(), help)

    def _key(self, scalar: Scalar) -> None:
        self._count(scalar)
        frame = self.stack[-1]
        frame.key = scalar
        if (first := frame.keys.setdefault(scalar.text, scalar.place)) is not scalar.place:
            message = f"key {quoted(scalar.text)} occurs twice"
            self.problems.add(error("GW020", message, scalar.place, related=(("first here", first),)))
            frame.key = None

    def _close(self, closing: str, offset: int) -> None:
        frame = self.stack[-1]
        if frame.is_object != (closing == "}"):
            related = (("opened here", self.lines.place(frame.start, frame.start + 1)),)
            opening = self.source[frame.start]
            self._fail("GW012", f"`{opening}` is closed by `{closing}`", offset, offset + 1, related=related)
        self.stack.pop()
        place = self.lines.place(frame.start, offset + 1)
        self._put(Mapping(tuple(frame.entries), place) if frame.is_object else Sequence(tuple(frame.items), place))

    def _count(self, node: Node) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.problems.stop(error("GW041", f"more than {MAX_NODES:,} values and keys", node.place))

    def _put(self, node: Node) -> None:
        self._count(node)
        if not self.stack:
            self.root = node
            self.state = "done"
            return
        frame = self.stack[-1]
        if not frame.is_object:
            frame.items.append(node)
        elif frame.key is not None:
            frame.entries.append((frame.key, node))
        self.state = "comma or end"

    def _unexpected(self, offset: int) -> NoReturn:
        expected = {
            "value": "a value",
            "value or end": "a value or `]`",
            "key": "a key in double quotes",
            "key or end": "a key in double quotes or `}`",
            "colon": "a colon behind the key",
            "comma or end": "a comma or the closing bracket",
            "done": "nothing more",
        }[self.state]
        written = self.source[offset]
        help = None
        if written in "}]" and self.state in ("key", "value"):
            help = "leave out the comma before a closing bracket"
        elif written == "'":
            help = "JSON texts stand in double quotes"
        elif written in "/#":
            help = "JSON has no comments"
        word = _WORD.match(self.source, offset)
        end = word.end() if word else offset + 1
        self._fail("GW050", f"{quoted(self.source[offset:end])} where {expected} was expected", offset, end, help)

    def _fail(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        help: str | None = None,
        related: tuple[tuple[str, Place], ...] = (),
    ) -> NoReturn:
        self.problems.stop(error(code, message, self.lines.place(start, end), help, related))
