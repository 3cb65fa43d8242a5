"""Showing text that others wrote: nothing in it may steer a terminal or shift what stands beside it."""

import unicodedata

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_CLIPPED = "..."


def escaped(text: str) -> str:
    """The text with every character that is not printable written as an escape.

    Control characters, marks that turn the reading direction, invisible spaces, line separators and
    halves of surrogate pairs become `\\n`, `\\x1b`, `\\u202e` and the like; the result is one line.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else escape(c) for c in text)


def escape(character: str) -> str:
    """The escape of one character, in the notation of Python and YAML."""
    if character in _SHORT:
        return _SHORT[character]
    number = ord(character)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def clipped(text: str, limit: int) -> str:
    """The text, or its beginning and end around `...` where it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    tail = (limit - len(_CLIPPED)) // 3
    return text[: limit - len(_CLIPPED) - tail] + _CLIPPED + text[len(text) - tail :]


def quoted(text: str, limit: int = 60) -> str:
    """The user's text in back-ticks, harmless and of bounded length, for use in a message."""
    return f"`{clipped(escaped(clipped(text, limit)), 2 * limit)}`"


def width(text: str) -> int:
    """How many cells of a terminal the printable text fills; wide characters fill two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
