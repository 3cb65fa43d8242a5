"""Guessing which known word an author meant. Bounded: ten thousand unknown words take seconds."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_LONGEST = 64  # a longer word is hardly a slip of the finger
_MOST_CANDIDATES = 5_000
_MOST_COMPARED = 8  # edit distances computed for one word
_MOST_SHOWN = 3
_SEPARATORS = str.maketrans({"-": "_", ".": "_", " ": "_"})


class _Candidate(NamedTuple):
    word: str
    folded: str
    flat: str  # folded, with all separators alike
    tail: str  # folded, behind the last dot
    letters: int
    tail_letters: int


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """The help text "did you mean `x`?", or None where no candidate is close.

    Letter case and the choice of `.`, `_` and `-` count as equal; `size` finds `lesion.size`, and so does
    `lesion.sise`. Of several equally good candidates at most three are named, in alphabetical order.
    """
    if not 0 < len(word) <= _LONGEST:
        return None
    best = _closest(word, _prepared(tuple(candidates)))
    if not best or len(best) > _MOST_SHOWN:
        return None
    return f"did you mean {' or '.join(f'`{candidate}`' for candidate in sorted(best))}?"


def _closest(word: str, candidates: tuple[_Candidate, ...]) -> set[str]:
    folded = word.casefold()
    flat = folded.translate(_SEPARATORS)
    if same := {c.word for c in candidates if c.flat == flat}:
        return same
    behind_dot = "." + folded
    if within := {c.word for c in candidates if c.folded.endswith(behind_dot) or folded.endswith("." + c.folded)}:
        return within
    if near := _nearest(flat, [(c.flat, c.word, c.letters) for c in candidates]):
        return near
    tail = folded.rpartition(".")[2]
    if elsewhere := {c.word for c in candidates if c.tail == tail and c.tail != c.folded}:
        return elsewhere
    if tail != folded:
        return set()
    return _nearest(flat, [(c.tail, c.word, c.tail_letters) for c in candidates if c.tail != c.folded])


def _nearest(word: str, candidates: list[tuple[str, str, int]]) -> set[str]:
    allowed = 3 if len(word) > 9 else 2 if len(word) > 5 else 1 if len(word) > 2 else 0
    letters, length = _letters(word), len(word)
    # An edit changes at most two letters of the bag, so this sieve loses nothing.
    sieved = sorted(
        (apart, text, candidate)
        for text, candidate, bag in candidates
        if (apart := (bag ^ letters).bit_count()) <= 2 * allowed and -allowed <= len(text) - length <= allowed
    )
    found: set[str] = set()
    best = allowed
    for _, text, candidate in sieved[:_MOST_COMPARED]:
        distance = _distance(word, text)
        if distance < best:
            found.clear()
        if distance <= best:
            best = distance
            found.add(candidate)
    return found


@lru_cache(maxsize=8)
def _prepared(candidates: tuple[str, ...]) -> tuple[_Candidate, ...]:
    prepared = []
    for word in candidates[:_MOST_CANDIDATES]:
        folded = word.casefold()
        flat = folded.translate(_SEPARATORS)
        tail = folded.rpartition(".")[2]
        prepared.append(_Candidate(word, folded, flat, tail, _letters(flat), _letters(tail)))
    return tuple(prepared)


def _letters(text: str) -> int:
    """The bag of letters as bits: one for the first occurrence of a letter, one for the second."""
    bag = 0
    for character in text:
        bit = 1 << (ord(character) % 61)
        bag |= bit << 61 if bag & bit else bit
    return bag


def _distance(one: str, other: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words that are not empty.

    Hyyrö's bit-parallel form of the optimal string alignment distance: the columns of the table as bits of integers.
    """
    full = (1 << len(one)) - 1
    last = 1 << (len(one) - 1)
    places: dict[str, int] = {}
    for i, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << i
    plus, minus, zero, before, distance = full, 0, 0, 0, len(one)
    for letter in other:
        match = places.get(letter, 0)
        swap = ((~zero & match) << 1) & before
        zero = ((((match & plus) + plus) ^ plus) | match | minus | swap) & full
        right = minus | (~(zero | plus) & full)
        left = zero & plus
        distance += bool(right & last) - bool(left & last)
        right = (right << 1 | 1) & full
        left = (left << 1) & full
        plus = left | (~(zero | right) & full)
        minus = right & zero
        before = match
    return distance
