"""The text of a source: its words as anchors compare them, where each stands, and its sentences.

A text from a PDF says nowhere what is a heading, a running head or a reference. What a line is, is guessed from its
looks: whatever is set aside on such a guess must be shown, so that a reader sees a wrong one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from guidewright.rules.anchors import words_of

Kind = Literal["text", "caption", "heading", "running", "front", "back", "references"]
GUIDANCE: tuple[Kind, ...] = ("text", "caption")
"""What may say something to a clinician; the other kinds are set aside."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text with line feeds at its line ends. `words` are those of `words_of`; `starts` and `ends` are where each
    stands in `text`, the end exclusive.
    """

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    line_starts: tuple[int, ...]

    def line_of(self, offset: int) -> int:
        """The number of the line, from 1, that a character stands on."""
        return bisect_right(self.line_starts, offset)

    def line(self, number: int) -> tuple[int, int]:
        """Where a line begins and ends in the text, without its line feed."""
        end = self.line_starts[number] - 1 if number < len(self.line_starts) else len(self.text)
        return self.line_starts[number - 1], end

    def lines_of(self, first: int, last: int) -> tuple[int, int]:
        """The first and the last line of the words from `first` up to but not including `last`."""
        return self.line_of(self.starts[first]), self.line_of(self.ends[last - 1] - 1)


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of a text from `first` up to but not including `last`."""

    first: int
    last: int
    kind: Kind


def read_source_text(text: str) -> SourceText:
    """The words of a text with their places. A text without words has none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    words = words_of(text)
    places = tuple(_places(words, text))
    line_starts = (0, *(found.end() for found in re.finditer("\n", text)))
    return SourceText(text, words, tuple(a for a, _ in places), tuple(b for _, b in places), line_starts)


_INK = re.compile(r"\S")


def _places(words: Sequence[str], text: str) -> Iterator[tuple[int, int]]:
    lower = text.lower()
    # Few letters have a small form of two characters; then an offset in `lower` is none in `text`.
    back = range(len(text)) if len(lower) == len(text) else [i for i, c in enumerate(text) for _ in c.lower()]
    at = 0
    for word in words:
        found = _INK.search(lower, at)
        assert found is not None
        start = at = found.start()
        if lower.startswith(word, at):
            at += len(word)
        else:
            # Between two letters of a word stands at most what folding takes out: a hyphen and white space.
            for letter in word:
                at = lower.index(letter, at) + 1
        yield back[start], back[at - 1] + 1


# --- what a line is

_OPENING = "abstract|summary|executive summary|introduction|background|key (?:messages|points)|recommendations?"
_BODY = (
    "(?:materials? and |patients and )?methods?|methodology|results|discussion|conclusions?"
    "|case (?:report|presentation|series)"
    "|treatment|diagnosis|follow.?up|surveillance|limitations|appendix.*|annex.*|supplement.*"
)
_BACK = (
    "acknowledge?ments?|funding.*|(?:declaration of )?(?:conflicts? of|competing) interests?|disclosures?"
    "|author.? contributions?|data availability.*|abbreviations|(?:informed |written )*consent.*|ethic.*|guarantor.*"
    "|copyright|about the authors?"
)
_NUMBERING = r"\s*(?:\d+(?:\.\d+)*\.?\s+|[ivx]+\.\s+)?"


def _named(names: str) -> re.Pattern[str]:
    return re.compile(rf"{_NUMBERING}(?:{names})\s*:?\s*", re.IGNORECASE)


_OPENS, _IS_TEXT, _IS_BACK = _named(_OPENING), _named(f"{_OPENING}|{_BODY}"), _named(_BACK)
_OPENS_INLINE = re.compile(r"\s*(?:abstract|summary)\s*[:.—\u2013-]\s*\S", re.IGNORECASE)
_IS_REFERENCES = _named("references|reference list|bibliography|literature(?: cited)?|works cited")
_CAPTION = re.compile(
    r"\s*(?:supplementary )?(?:figure|fig\.|table|tab\.|box|scheme|chart)\s*[a-z]?\d+\w?\s*(?:[.:|\u2013—-]|$)", re.I
)
_IMPRINT = re.compile(r"https?:|www\.|\bdoi\b|\bissn\b|©|\bvol(?:ume|\.)\s*\d|\b(?:19|20)\d\d;\s?\d", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"\s*(?:page|p\.)?\s*\d{1,4}(?:\s*(?:of|/|\||\u2013|-)\s*\d{1,4})?\s*", re.IGNORECASE)
_ABOUT_THE_ARTICLE = re.compile(
    r"\s*(?:how to cite|(?:key\s?words?|article id|received|accepted|published|correspond(?:ing|ence)|copyright"
    r"|e-?mail|orcid)[^:.]{0,40}:)",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"\s*\[?\d{1,3}[\].)]\s")
_BULLET = re.compile(r"\s*[•◦▪‣●○■□*\u2013—-]\s")
_MOST_FRONT_WORDS = 600
_MOST_HEADING_WORDS = 10
_MOST_RUNNING_WORDS = 15
_RUNS = 3  # a short line that stands apart so often is a running head or foot


def _kinds(lines: Sequence[str]) -> list[Kind]:
    """What each line is; of an empty one this says nothing."""
    blocks = list(_blocks(lines))
    often = Counter(_alike(lines[i]) for block in blocks if len(block) <= _RUNS for i in block)
    kinds: list[Kind] = ["text"] * len(lines)
    section: Kind = "front" if _has_front(lines) else "text"
    for number, block in enumerate(blocks):
        following = lines[blocks[number + 1][0]].strip() if number + 1 < len(blocks) else ""
        whole = _kind_of_block([lines[i] for i in block], following, often)
        for i in block:
            line = lines[i].strip()
            stands = whole in (None, "heading") and _stands_alone(line, lines[i - 1] if i > block[0] else "")
            title = _section_of(line) if stands else None
            if section == "front" and _OPENS_INLINE.match(line):
                section = kinds[i] = "text"
                whole = None
            elif title is not None and (section != "front" or _OPENS.fullmatch(line)):
                section, kinds[i] = title, "heading"
            elif whole == "heading" or (stands and line.isupper() and sum(map(str.isalpha, line)) > 3):
                section = "text" if section == "back" else section
                kinds[i] = "heading" if section == "text" else section
            else:
                kinds[i] = whole or section
    return kinds


def _stands_alone(line: str, before: str) -> bool:
    """Whether a line may be a heading: it is short, no sentence goes on into it, and it ends none itself."""
    return not line[0].islower() and _is_no_sentence(line.rstrip(":")) and before.rstrip()[-1:] in ("", *".?!:])")


def _is_no_sentence(line: str) -> bool:
    return 0 < len(line.split()) <= _MOST_HEADING_WORDS and line[-1] not in ".?!:;,"


def _section_of(heading: str) -> Kind | None:
    """What stands under a heading with a usual name."""
    sections: tuple[tuple[re.Pattern[str], Kind], ...] = (
        (_IS_REFERENCES, "references"),
        (_IS_BACK, "back"),
        (_IS_TEXT, "text"),
    )
    return next((kind for pattern, kind in sections if pattern.fullmatch(heading)), None)


def _blocks(lines: Sequence[str]) -> Iterator[range]:
    """Runs of lines that are not empty."""
    start: int | None = None
    for i, line in enumerate((*lines, "")):
        if line.strip():
            start = i if start is None else start
        elif start is not None:
            yield range(start, i)
            start = None


def _kind_of_block(block: Sequence[str], following: str, often: Counter[str]) -> Kind | None:
    """What a block is as a whole; `None` where that depends on the section or differs between its lines."""
    first = block[0].strip()
    short = len(block) <= _RUNS
    if short and all(_PAGE_NUMBER.fullmatch(line) or _runs(line, often) for line in block):
        return "running"
    if _CAPTION.match(first):
        return "caption"
    if _ABOUT_THE_ARTICLE.match(first):
        return "front"
    if (
        short
        and _section_of(first) is None
        and any(map(_IMPRINT.search, block))
        and len(" ".join(block).split()) <= 2 * _MOST_RUNNING_WORDS
    ):
        return "running"
    begins = first[0].isalnum() and not first[0].islower() and not following[:1].islower()
    return "heading" if len(block) == 1 and begins and _is_no_sentence(first) else None


def _runs(line: str, often: Counter[str]) -> bool:
    # A line that ends like a sentence is rather the same advice again, with another number in it.
    return often[_alike(line)] >= _RUNS and len(line.split()) <= _MOST_RUNNING_WORDS and line.rstrip()[-1] not in ".?!"


def _alike(line: str) -> str:
    """A line without what differs from page to page."""
    return re.sub(r"\d+", "0", " ".join(line.casefold().split()))


def _has_front(lines: Sequence[str]) -> bool:
    """Whether title, authors and the like stand before the first heading."""
    words = 0
    for line in lines:
        if _OPENS.fullmatch(line) or _OPENS_INLINE.match(line):
            return words > 0
        words += len(line.split())
        if words > _MOST_FRONT_WORDS:
            return False
    return False


# --- sentences

_NEVER_LAST = re.compile(
    "al|figs?|eqs?|vs|cf|eg|ie|dr|prof|mrs?|ms|st|ca|approx|resp|incl|vol|suppl|refs?|pp|dept|univ|inc"
)
_NOT_LAST_BEFORE_NUMBER = re.compile("nos?|p|v|min|max|tab|ch|sect?|art|box|app|ver")
_STOP = re.compile(r"[.?!…]+[\"'”\u2019»)\]]*$")
_STOP_BEFORE_MARK = re.compile(
    r"[^\W\d_]{2,}[)\"”\u2019]?[.?!](?:\[[\d,;\u2013-]+\])+$|[^\W\d_]{3,}[.?!]\d{1,3}(?:[,\u2013-]\d{1,3})*$"
)
_MARK = re.compile(r"[\[(]\d+(?:[,;\u2013-]\d+)*[\])]\.?$")
_INITIAL = re.compile(r"[A-Z]\.")
_OPENERS = "\"'“\u2018«([¿¡"


def sentences_of(text: SourceText) -> tuple[Sentence, ...]:
    """The sentences of a text in order, each with what it seems to be part of; together they hold every word once.

    A sentence goes on over an empty line, as at the end of a page, where the next word begins small. Entries of a
    reference list are not cut further.
    """
    lines = text.text.split("\n")
    kinds = _kinds(lines)
    found: list[Sentence] = []
    first, line, ended, initial = 0, -1, False, False
    for i, start in enumerate(text.starts):
        before, line = line, text.line_of(start) - 1
        if i > first and _begins(text, i, kinds, lines, before, line, ended):
            found.append(Sentence(first, i, kinds[text.line_of(text.starts[first]) - 1]))
            first, ended = i, False
        token = _token(text, i)
        ended = (ended and bool(_MARK.match(token))) or _ends(token, _token(text, i + 1), i == first or initial)
        initial = _INITIAL.fullmatch(token) is not None
    if text.words:
        found.append(Sentence(first, len(text.words), kinds[text.line_of(text.starts[first]) - 1]))
    return tuple(found)


def _begins(
    text: SourceText, i: int, kinds: Sequence[Kind], lines: Sequence[str], before: int, line: int, ended: bool
) -> bool:
    """Whether a sentence begins with word `i`, on a line, behind a word on the line `before`."""
    token = _token(text, i)
    if line != before:
        if kinds[line] != kinds[before]:
            return True
        listed = ended or kinds[line] == "references" or lines[before].rstrip()[-1:] in (":", ";")
        listed = listed or _ENTRY.match(lines[before]) is not None
        if _BULLET.match(lines[line]) or (listed and _ENTRY.match(lines[line])):
            return True
        if any(not between.strip() for between in lines[before + 1 : line]):
            return kinds[line] != "text" or ended or not token.lstrip(_OPENERS)[:1].islower()
    if kinds[line] == "references":
        return False
    return ended and not _MARK.match(token)


def _token(text: SourceText, i: int) -> str:
    return text.text[text.starts[i] : text.ends[i]] if i < len(text.words) else ""


def _ends(token: str, following: str, begins: bool) -> bool:
    """Whether a sentence ends with a word. `begins`: it is the first of its sentence, so that `1.` numbers a
    list, or it stands behind an initial.
    """
    if following and following.lstrip(_OPENERS)[:1].islower():
        return False
    if _STOP_BEFORE_MARK.search(token):
        return True
    stop = _STOP.search(token)
    if stop is None or (begins and re.fullmatch(r"\(?\w{1,2}[.)]+", token)):
        return False
    if stop.group()[0] != ".":
        return True
    word = token[: stop.start()].lstrip(_OPENERS).casefold()
    if _NEVER_LAST.fullmatch(word.replace(".", "")) or re.fullmatch(r"(?:\w\.)+\w", word):
        return False
    if _NOT_LAST_BEFORE_NUMBER.fullmatch(word) and following[:1].isdigit():
        return False
    # One letter is an initial before another initial, and else the end: `hepatitis B. Patients`.
    return not (len(word) == 1 and word.isalpha() and _INITIAL.match(following))
