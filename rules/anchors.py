"""Anchors of statements in their originals: a passage is found by a digest of its words, without being reprinted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

# A hyphen between word characters goes, with the white space behind it, so a compound is the same word however its
# lines break. U+2010 is the typographic hyphen, U+00AD the soft one; dashes stay.
_JOINING_HYPHEN = re.compile("(?<=\\w)[-\u2010\u00ad]\\s*(?=\\w)")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as anchors compare them: lower case, cut at white space, without joining hyphens.

    Punctuation and reference marks stay with their word. A text without words gives an empty tuple.
    """
    return tuple(_JOINING_HYPHEN.sub("", text.lower()).split())


def digest_of(words: Iterable[str]) -> str:
    """The digest of words from `words_of`, as `sources.yaml` holds it: `sha256:` and 64 hexadecimal digits."""
    return "sha256:" + sha256(" ".join(words).encode()).hexdigest()
