"""Anchors: the same passage gives the same words however it is set, and another passage does not."""

from __future__ import annotations

import hashlib

import pytest

from guidewright.rules.anchors import digest_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two  words\n\there", ("two", "words", "here")),
        ("non-contrast", ("noncontrast",)),
        ("non-\n   contrast", ("noncontrast",)),
        ("follow\u2010 up", ("followup",)),
        ("meta\u00adstasis", ("metastasis",)),
        ("6-months post-\noperation", ("6months", "postoperation")),
        ("2\u201317% - about", ("2\u201317%", "-", "about")),
        ("a -b c- , d", ("a", "-b", "c-", ",", "d")),
        ("IHC [2, 3].", ("ihc", "[2,", "3].")),
        ("", ()),
        (" \n ", ()),
    ],
)
def test_words(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


def test_a_line_break_in_a_compound_changes_nothing() -> None:
    assert digest_of(words_of("A well-known\nlong-term risk")) == digest_of(words_of("a well-\nknown long-  term RISK"))


@pytest.mark.parametrize("other", ["one two", "one two three.", "onetwo three", "two one three"])
def test_other_words_have_another_digest(other: str) -> None:
    assert digest_of(words_of(other)) != digest_of(words_of("one two three"))


def test_the_digest_is_that_of_the_words_with_single_blanks() -> None:
    expected = hashlib.sha256("größe 20 mm".encode()).hexdigest()
    assert digest_of(("größe", "20", "mm")) == f"sha256:{expected}"


def test_an_empty_text_has_a_digest_too() -> None:
    assert digest_of(()) == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_words_of_words_are_the_same_words() -> None:
    words = words_of("Non-\ncontrast CT, 18 mm \u00d7 20 mm \u2013 \u201cnew\u201d")
    assert words_of(" ".join(words)) == words
