"""How wide a text is in the font of the pictures, and how it is broken into lines.

The pictures embed the font, without kerning, so a line is exactly as wide as its letters. A letter that the font does
not have is taken as one em wide, which no common script exceeds.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from itertools import accumulate, takewhile

_EM = 2048
ASCENT, DESCENT = 0.905, 0.212
"""How far the letters of the font reach above and below the baseline, in em."""

ELLIPSIS = "…"
_UNITS = frozenset({"%", "mm", "cm", "mg/m2", "mg/L", "g/dL"})


class _Widths(dict[str, int]):
    def __missing__(self, letter: str) -> int:
        return _EM


@cache
def _widths(bold: bool) -> _Widths:
    text = files("guidewright.visualize").joinpath("fonts/widths.json").read_text(encoding="ascii")
    return _Widths(json.loads(text)["bold" if bold else "regular"])


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line in points, with letters of `size` points."""
    return sum(map(_widths(bold).__getitem__, text)) * size / _EM


def is_measured(text: str) -> bool:
    """Whether the font has every letter; where not, a viewer takes another font, of unknown widths."""
    widths = _widths(False)
    return all(letter in widths for letter in text)


def clipped(text: str, size: float, room: float, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits, with an ellipsis."""
    if text_width(text, size, bold) <= room:
        return text
    left = room - text_width(ELLIPSIS, size, bold)
    ends = accumulate(map(_widths(bold).__getitem__, text))
    fitting = sum(1 for _ in takewhile(lambda end: end * size / _EM <= left, ends))
    return text[:fitting].rstrip() + ELLIPSIS


def words_of(text: str) -> list[str]:
    """The parts between which a line may break: words, and numbers with their unit behind them."""
    found: list[str] = []
    for word in text.replace("\n", " ").split(" "):
        if word and found and found[-1][-1].isdigit() and word.rstrip(".,;:)") in _UNITS:
            found[-1] += f" {word}"
        elif word:
            found.append(word)
    return found


def wrapped(text: str, size: float, room: float, bold: bool = False, most: int | None = None) -> tuple[str, ...]:
    """The text in lines no wider than `room`, broken between words; a word that is too long alone is broken inside.

    With `most`, no more lines than that: the last one then ends in an ellipsis.
    """
    lines: list[str] = []
    line = ""
    for word in words_of(text):
        joined = f"{line} {word}" if line else word
        if text_width(joined, size, bold) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, size, room, bold)
        lines += whole
    lines += [line] if line else []
    if most is None or len(lines) <= most:
        return tuple(lines)
    rest = " ".join(lines[most - 1 :])
    return (*lines[: most - 1], clipped(rest, size, room, bold))


def _pieces(word: str, size: float, room: float, bold: bool) -> list[str]:
    found: list[str] = []
    piece = ""
    for letter in word:
        if piece and text_width(piece + letter, size, bold) > room:
            found.append(piece)
            piece = ""
        piece += letter
    return [*found, piece]
