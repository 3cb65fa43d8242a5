"""Finding the anchored statements of a source in a text of it, and what of the text no statement covers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256

from guidewright.rules.anchors import digest_of, words_of
from guidewright.rules.model import Source, Statement
from guidewright.rules.source_text import GUIDANCE, Kind, Sentence, SourceText, sentences_of


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of a text from `first` up to but not including `last`."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Edit:
    """The one word in which a passage differs from the anchored one. `place`: the word of the text that stands there
    now, or before which one is missing. `was` or `now` is `None` where a word came or went; both are as `words_of`
    gives them.
    """

    place: int
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Near:
    """Where a statement that is no longer found may have stood. `between`: it lies between the statements that come
    before and after in the source; else it was chosen by its words alone. `edit` is exact: with it undone the digest
    holds.
    """

    passage: Passage
    between: bool
    edit: Edit | None


@dataclass(frozen=True, slots=True)
class Found:
    statement: Statement
    passage: Passage


@dataclass(frozen=True, slots=True)
class Stale:
    """A statement whose anchored words stand nowhere in the text; `near` is `None` where nothing is like it."""

    statement: Statement
    near: Near | None


@dataclass(frozen=True, slots=True)
class Searched:
    """A source compared with a text. `uncovered` are the sentences, or parts of them, of the guidance that no found
    statement covers; `aside` those of what was taken for something else (headings, running heads, references …).
    """

    source: Source
    text: SourceText
    found: tuple[Found, ...]
    stale: tuple[Stale, ...]
    unanchored: tuple[Statement, ...]
    uncovered: tuple[Sentence, ...]
    aside: tuple[Sentence, ...]
    sentences: int

    @property
    def anchored(self) -> int:
        return len(self.found) + len(self.stale)


def search(source: Source, text: SourceText) -> Searched:
    """Looks for every anchored statement of a source. `sentences` counts those of the guidance."""
    anchored = [s for s in source.statements.values() if s.digest is not None and s.words is not None]
    sentences = sentences_of(text)
    passages = find_passages(anchored, text, [s.first for s in sentences])
    pieces = tuple(_uncovered(sentences, passages.values(), text))
    uncovered = tuple(piece for piece in pieces if piece.kind in GUIDANCE)
    missing = [s for s in anchored if s.id not in passages]
    left = _left(uncovered, text) if missing else None
    return Searched(
        source,
        text,
        tuple(Found(s, passages[s.id]) for s in anchored if s.id in passages),
        tuple(Stale(s, _near(s, anchored, passages, left, _MOST_TRIES // len(missing))) for s in missing if left),
        tuple(s for s in source.statements.values() if s.digest is None or s.words is None),
        uncovered,
        tuple(piece for piece in pieces if piece.kind not in GUIDANCE),
        sum(sentence.kind in GUIDANCE for sentence in sentences),
    )


# --- the passages


def find_passages(statements: Iterable[Statement], text: SourceText, likely: Sequence[int] = ()) -> dict[str, Passage]:
    """Where each anchored statement stands, by its id. `likely`: the words at which passages mostly begin.

    A passage may begin with any word; the likely ones are tried first, and of several equal passages the first of
    these is given.
    """
    wanted: dict[tuple[int, bytes], list[str]] = {}
    for statement in statements:
        if statement.words is not None and statement.digest is not None:
            key = (statement.words, bytes.fromhex(statement.digest.removeprefix("sha256:")))
            wanted.setdefault(key, []).append(statement.id)
    found: dict[str, Passage] = {}
    encoded = [f" {word}".encode() for word in text.words]
    tried = frozenset(likely)
    others = (i for i in range(len(encoded)) if i not in tried)
    for starts in (likely, others):
        for start, length, digest in _windows(encoded, starts, wanted):
            for id in wanted.pop((length, digest)):
                found[id] = Passage(start, start + length)
    return found


def _windows(
    encoded: Sequence[bytes], starts: Iterable[int], wanted: Collection[tuple[int, bytes]]
) -> Iterator[tuple[int, int, bytes]]:
    """The windows of the lengths wanted whose digest is wanted; `wanted` may shrink meanwhile.

    One hash for each start grows from length to length, so a word is hashed once for each start, not for each window.
    """
    left = len(wanted) + 1
    lengths: list[int] = []
    digests: frozenset[bytes] = frozenset()
    for start in starts:
        if left != len(wanted):
            left = len(wanted)
            lengths = sorted({length for length, _ in wanted})
            digests = frozenset(digest for _, digest in wanted)
        if not left:
            return
        window, at = sha256(encoded[start][1:]), start + 1
        for length in lengths:
            end = start + length
            if end > len(encoded):
                break
            window.update(b"".join(encoded[at:end]))
            at = end
            digest = window.digest()
            if digest in digests and (length, digest) in wanted:
                yield start, length, digest


# --- what is not covered

_MOST_LABEL_WORDS = 10


def _uncovered(sentences: Iterable[Sentence], passages: Iterable[Passage], text: SourceText) -> Iterator[Sentence]:
    """The words that no passage covers, in runs within sentences. A label (`Conclusion:`) before covered words is
    left out, and one that is a sentence by itself counts as a heading.
    """
    covered = bytearray(len(text.words))
    for passage in passages:
        covered[passage.first : passage.last] = b"\1" * (passage.last - passage.first)
    for sentence in sentences:
        at = sentence.first
        while (first := covered.find(0, at, sentence.last)) >= 0:
            end = covered.find(1, first, sentence.last)
            last = at = end if end >= 0 else sentence.last
            label = first == sentence.first and last - first <= _MOST_LABEL_WORDS and text.words[last - 1].endswith(":")
            if not label:
                yield Sentence(first, last, sentence.kind)
            elif last == sentence.last:
                kind: Kind = "heading" if sentence.kind in GUIDANCE else sentence.kind
                yield Sentence(first, last, kind)


# --- what is near

_MOST_TRIES = 400_000  # words put back on trial, over all stale statements of a source
_MOST_PIECES = 20_000
_MOST_WORDS = 2_000  # of the text, that an original word is guessed from
_MOST_COMPARED = 20
_MOST_RESTORED = 3
_MOST_NUMBER = 200
_LEAST_LIKE = 0.3
_NUMBER = re.compile(r"\d+")
_PUNCTUATION = ".,;:()[]\"'“”\u2018\u2019?!"


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a text once the passages found are taken out: its pieces, the words of each, and the commonest
    words of the whole text first.
    """

    text: SourceText
    pieces: tuple[Sentence, ...]
    bags: tuple[frozenset[str], ...]
    common: tuple[str, ...]


def _left(uncovered: tuple[Sentence, ...], text: SourceText) -> _Left:
    pieces = uncovered[:_MOST_PIECES]
    bare = [word.strip(_PUNCTUATION) for word in text.words]
    bags = tuple(frozenset(bare[piece.first : piece.last]) for piece in pieces)
    return _Left(text, pieces, bags, tuple(word for word, _ in Counter(text.words).most_common(_MOST_WORDS)))


def _near(
    statement: Statement, order: Sequence[Statement], passages: Mapping[str, Passage], left: _Left, tries: int
) -> Near | None:
    """The passage that the statement may now be: what lies between its neighbours, else what has its words."""
    low, high = _between(statement, order, passages, len(left.text.words))
    pieces = [i for i, piece in enumerate(left.pieces) if low <= piece.first and piece.last <= high]
    between = bool(pieces) and high - low < len(left.text.words)
    ranked = _ranked(statement, pieces or range(len(left.pieces)), left)
    for _, passage in ranked[:_MOST_RESTORED]:
        restored = _restored(statement, passage, left, tries // _MOST_RESTORED)
        if restored is not None:
            return Near(restored[0], between, restored[1])
    if not ranked or (ranked[0][0] < _LEAST_LIKE and not between):
        return None
    return Near(ranked[0][1], between, None)


def _between(
    statement: Statement, order: Sequence[Statement], passages: Mapping[str, Passage], words: int
) -> tuple[int, int]:
    """The words between the nearest statements, in the order of the source, that were found; all words where these
    do not stand in that order.
    """
    at = order.index(statement)
    before = next((passages[s.id].last for s in reversed(order[:at]) if s.id in passages), 0)
    after = next((passages[s.id].first for s in order[at + 1 :] if s.id in passages), words)
    return (before, after) if before <= after else (0, words)


def _ranked(statement: Statement, pieces: Iterable[int], left: _Left) -> list[tuple[float, Passage]]:
    """Passages from the likest on. Our wording is no quotation, so the number of words counts as much as the words."""
    says = [word.strip(_PUNCTUATION) for word in words_of(statement.says)]
    known = {word for word in says if len(word) > 3 or word.isdigit()}
    length = statement.words or 0
    rough = sorted(
        pieces, key=lambda i: -len(left.bags[i] & known) / max(len(known), 1) - _as_long(left.pieces[i], length)
    )
    fine: list[tuple[float, Passage]] = []
    for i in rough[:_MOST_COMPARED]:
        passage = _grown(left.pieces, i, length)
        last = min(passage.last, passage.first + 4 * len(says))
        words = [word.strip(_PUNCTUATION) for word in left.text.words[passage.first : last]]
        ratio = SequenceMatcher(None, says, words, autojunk=False).ratio()
        fine.append((ratio / 2 + _as_long(passage, length) / 2 if ratio else 0.0, passage))
    return sorted(fine, key=lambda found: -found[0])


def _grown(pieces: Sequence[Sentence], i: int, length: int) -> Passage:
    """A piece with those that follow it, as far as the number of words comes nearer to `length`."""
    first, last = pieces[i].first, pieces[i].last
    for following in range(i + 1, len(pieces)):
        piece = pieces[following]
        if piece.first != last or abs(piece.last - first - length) >= abs(last - first - length):
            break
        last = piece.last
    return Passage(first, last)


def _as_long(passage: Passage | Sentence, length: int) -> float:
    """1 where a passage has just so many words, down to 0."""
    words = passage.last - passage.first
    return min(words, length) / max(words, length, 1)


def _restored(statement: Statement, passage: Passage, left: _Left, tries: int) -> tuple[Passage, Edit] | None:
    """The passage in which one word put back, taken out or exchanged gives the digest again; not all can be tried."""
    length = statement.words or 0
    ours = (form for word in words_of(statement.says) for form in (word, word.strip(_PUNCTUATION)))
    vocabulary = list(dict.fromkeys((*ours, *left.common)))
    text = left.text
    for words in (length + 1, length, length - 1):
        # A label before the passage, or something new behind it, moves one of its ends.
        for first in dict.fromkeys((passage.first, passage.last - words)):
            if words < 1 or first < 0 or first + words > len(text.words):
                continue
            edit = _edit(text.words[first : first + words], statement, vocabulary, max(tries // 6, 1))
            if edit is not None:
                return Passage(first, first + words), Edit(first + edit.place, edit.was, edit.now)
    return None


def _edit(words: Sequence[str], statement: Statement, vocabulary: Sequence[str], tries: int) -> Edit | None:
    """The one edit that makes these words the anchored ones; its place counts from 0."""
    more = len(words) - (statement.words or 0)
    if more == 1:
        for i, word in enumerate(words):
            if digest_of((*words[:i], *words[i + 1 :])) == statement.digest:
                return Edit(i, None, word)
        return None
    skipped = 1 + more  # words of the text that the trial word stands for
    places = range(len(words) + 1 - skipped)
    heads = [sha256("".join(f"{word} " for word in words[:i]).encode()) for i in places]
    tails = ["".join(f" {word}" for word in words[i + skipped :]) for i in places]
    for i, trial in _trials(words, vocabulary, places, skipped, tries):
        head = heads[i].copy()
        head.update((trial + tails[i]).encode())
        if head.hexdigest() == (statement.digest or "").removeprefix("sha256:"):
            return Edit(i, trial, words[i] if skipped else None)
    return None


def _trials(
    words: Sequence[str], vocabulary: Sequence[str], places: range, skipped: int, tries: int
) -> Iterator[tuple[int, str]]:
    """Words to try, each with its place: the same word with other punctuation, another number, then other words."""
    ends: list[str] = []
    for i in places if skipped else ():
        bare = words[i].strip(_PUNCTUATION)
        ends.append(words[i][len(words[i].rstrip(_PUNCTUATION)) :])
        yield from ((i, bare + mark) for mark in ("", ".", ",", ";", ":"))
        numbers = _NUMBER.split(words[i])
        if len(numbers) == 2:
            yield from ((i, f"{numbers[0]}{number}{numbers[1]}") for number in range(_MOST_NUMBER))
    for trial in vocabulary[: tries // max(len(places), 1)]:
        yield from ((i, trial) for i in places)
        yield from ((i, trial.strip(_PUNCTUATION) + end) for i, end in enumerate(ends) if end)
