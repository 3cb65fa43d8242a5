"""Diagnostics: ordering, rendering that no text can break, JSON, and suggestions."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidewright.rules.codes import CODES
from guidewright.rules.diagnostics import (
    Diagnostic,
    Place,
    error,
    ordered,
    quoted,
    render,
    suggest,
    to_json,
    warning,
)
from guidewright.rules.display import clipped, escaped, width

FILE = "guidelines/x/3-treatment.yaml"
TEXT = 'rules:\n  - id: C-01\n    when:\n      lesion.sise: ">= 10 mm"\n'


def at(line: int, column: int, end_column: int, end_line: int | None = None, file: str = FILE) -> Place:
    return Place(file, line, column, line if end_line is None else end_line, end_column)


def frame(place: Place, text: str, help: str | None = None) -> list[str]:
    """The lines of a rendered diagnostic below its head."""
    return render([error("GW010", "x", place, help)], {place.file: text}).splitlines()[1:]


def marked(place: Place, text: str) -> str:
    """What the carets stand under, where every character fills one cell."""
    source, carets = frame(place, text)
    start = carets.index("^")
    return source[start : start + len(carets) - start]


# Codes


def test_codes_are_sorted_and_well_formed() -> None:
    assert list(CODES) == sorted(CODES)
    for code, title in CODES.items():
        assert len(code) == 5
        assert code.startswith("GW")
        assert code[2:].isdigit()
        assert title
        assert not title.endswith(".")


def test_unknown_code_is_a_programming_error() -> None:
    place = Place.of_file(FILE)
    with pytest.raises(KeyError):
        error("GW000", "x", place)
    with pytest.raises(KeyError):
        warning("GW000", "x", place)


def test_severity_follows_the_constructor() -> None:
    place = Place.of_file(FILE)
    assert error("GW010", "x", place).severity == "error"
    assert warning("GW010", "x", place).severity == "warning"


# Ordering


def test_ordered_by_file_line_column_and_code_without_duplicates() -> None:
    first = error("GW010", "x", at(9, 1, 2, file="a"))
    second = error("GW010", "x", at(2, 7, 8, file="b"))
    third = error("GW020", "x", at(2, 7, 8, file="b"))
    fourth = error("GW010", "x", at(10, 1, 2, file="b"))
    assert ordered([fourth, third, first, second, third]) == (first, second, third, fourth)


@given(st.permutations(range(6)))
def test_order_does_not_depend_on_the_order_found(permutation: list[int]) -> None:
    place = at(1, 1, 2)
    found = [
        Diagnostic("GW010", "error", "a", place),
        Diagnostic("GW010", "error", "a", place, "h"),
        Diagnostic("GW010", "error", "b", place),
        Diagnostic("GW010", "warning", "a", place),
        Diagnostic("GW010", "note", "a", place),
        Diagnostic("GW010", "note", "b", place, "h"),
    ]
    assert ordered(found[i] for i in permutation) == ordered(found)


# Rendering


def test_frame_as_documented() -> None:
    d = error("GW010", "unknown fact `lesion.sise`", at(4, 7, 18), "did you mean `lesion.size`?")
    assert render([d], {FILE: TEXT}) == (
        "guidelines/x/3-treatment.yaml:4:7: error[GW010] unknown fact `lesion.sise`\n"
        '    4 |       lesion.sise: ">= 10 mm"\n'
        "      |       ^~~~~~~~~~~ did you mean `lesion.size`?\n"
    )


def test_without_the_text_the_frame_is_left_out_and_the_help_kept() -> None:
    d = error("GW001", "no file", Place.of_file(FILE), "look elsewhere")
    assert render([d], {}) == f"{FILE}:1:1: error[GW001] no file\n      = look elsewhere\n"


def test_long_help_has_its_own_line() -> None:
    help = "word " * 25 + "end"
    lines = frame(at(4, 7, 18), TEXT, help)
    assert lines[1] == "      |       ^~~~~~~~~~~"
    assert lines[2] == f"      = {help}"


def test_related_places_are_shown() -> None:
    d = error("GW020", "key `b` occurs twice", at(2, 1, 2), related=(("first here", at(1, 1, 2)),))
    assert render([d], {FILE: "b: 1\nb: 2\n"}) == (
        f"{FILE}:2:1: error[GW020] key `b` occurs twice\n"
        "    2 | b: 2\n"
        "      | ^\n"
        f"  {FILE}:1:1: first here\n"
        "    1 | b: 1\n"
        "      | ^\n"
    )


def test_span_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    assert marked(at(1, 4, 3, end_line=3), "a: [b,\n  c,\n  d]\n") == "[b,"


def test_span_beyond_the_text_still_has_a_caret() -> None:
    assert frame(at(1, 80, 90), "ab") == ["    1 | ab", "      |   ^"]
    assert frame(at(9, 1, 2), "ab") == []
    assert frame(at(1, 2, 2), "ab") == ["    1 | ab", "      |  ^"]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_lines_break_as_in_yaml(line_break: str) -> None:
    # A line separator is a character like others here.
    assert marked(at(2, 1, 2), f"a\x85\x0b{line_break}bc") == "b"


def test_tabs_and_wide_characters_keep_the_carets_in_place() -> None:
    assert frame(at(1, 2, 4), "\tab c") == ["    1 |     ab c", "      |     ^~"]
    assert frame(at(1, 3, 5), "日本ab") == ["    1 | 日本ab", "      |     ^~"]
    assert frame(at(1, 1, 3), "日本ab") == ["    1 | 日本ab", "      | ^~~~"]
    assert frame(at(1, 3, 4), "e\u0301x") == ["    1 | e\u0301x", "      |  ^"]


def test_long_line_is_cut_around_the_span() -> None:
    text = "x" * 500_000 + "here" + "y" * 500_000
    source, carets = frame(at(1, 500_001, 500_005), text)
    assert marked(at(1, 500_001, 500_005), text) == "here"
    assert "...x" in source
    assert source.endswith("y...")
    assert max(len(source), len(carets)) < 120


def test_cut_does_not_count_combining_marks_without_end() -> None:
    text = "a" + "\u0301" * 100_000
    for column in (1, 50_000, 100_001):
        assert max(map(len, frame(at(1, column, column + 1), text))) < 500


HOSTILE = "\x1b[2J\x07\u202etxet\u2066\u200b\u2028\ud800\x9b\U000e0001\x00\r\x7f\xa0"


def test_nothing_hostile_reaches_the_terminal() -> None:
    place = Place(f"f{HOSTILE}", 1, 1, 1, 5)
    d = error("GW010", f"m {HOSTILE}\n", place, f"h {HOSTILE}", ((f"r {HOSTILE}", place),))
    shown = render([d], {place.file: f"{HOSTILE} text"})
    assert all(c.isprintable() for c in shown.replace("\n", ""))
    assert shown.count("\n") == 6
    assert "\\u202e" in shown
    assert "\\x1b[2J" in shown
    shown.encode()


@given(st.text(max_size=80), st.integers(1, 90), st.integers(0, 90), st.integers(1, 4), st.integers(0, 3))
def test_rendering_is_harmless_for_any_text(text: str, column: int, length: int, line: int, lines: int) -> None:
    place = Place("f", line, column, line + lines, column + length)
    shown = render([error("GW010", text, place, text)], {"f": text})
    assert all(c.isprintable() for c in shown.replace("\n", ""))


def test_messages_are_clipped() -> None:
    d = error("GW010", "m" * 100_000, Place.of_file(FILE), "h" * 100_000)
    assert len(render([d], {})) < 1_500


def test_colour_only_on_request() -> None:
    d = error("GW010", "x", at(4, 7, 18), "h")
    plain = render([d], {FILE: TEXT})
    assert "\x1b" not in plain
    coloured = render([d], {FILE: TEXT}, colour=True)
    for escape in ("\x1b[1;31m", "\x1b[0m"):
        assert escape in coloured
        coloured = coloured.replace(escape, "")
    assert coloured == plain


def test_limit_tells_how_many_more() -> None:
    place = at(1, 1, 2)
    found = [error("GW010", f"m{i:02}", place) for i in range(10)]
    found += [warning("GW010", f"n{i:02}", place) for i in range(3)]
    assert render(found, {}, limit=9).splitlines()[-1] == "... and 1 error, 3 warnings more"
    assert render(found, {}, limit=12).splitlines()[-1] == "... and 1 warning more"
    assert "more" not in render(found, {}, limit=13)
    assert len(render(found, {}, limit=None).splitlines()) == 13
    assert render([], {}) == ""


# JSON


def test_json_has_the_documented_fields() -> None:
    related = (("first here", at(1, 1, 2)),)
    d = error("GW020", "key `b` occurs twice", at(2, 1, 2), "remove one", related)
    assert to_json([d]) == [
        {
            "code": "GW020",
            "severity": "error",
            "message": "key `b` occurs twice",
            "help": "remove one",
            "file": FILE,
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 2,
            "related": [
                {"message": "first here", "file": FILE, "line": 1, "column": 1, "end_line": 1, "end_column": 2}
            ],
        }
    ]
    assert to_json([error("GW020", "x", at(2, 1, 2))])[0]["help"] is None


def test_json_can_always_be_written_as_utf_8() -> None:
    d = error("GW010", HOSTILE, Place.of_file(f"f{HOSTILE}"), HOSTILE, ((HOSTILE, Place.of_file(HOSTILE)),))
    json.dumps(to_json([d]), ensure_ascii=False).encode()


# Suggestions

FACTS = ["lesion.size", "lesion.count", "lesion.enhancement", "lesion.present", "primary.present", "lab.afp", "any"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("lesion.sise", "lesion.size"),
        ("lesion.sizes", "lesion.size"),
        ("lesion.isze", "lesion.size"),
        ("Lesion.Size", "lesion.size"),
        ("lesion_size", "lesion.size"),
        ("size", "lesion.size"),
        ("SIZE", "lesion.size"),
        ("sise", "lesion.size"),
        ("patient.lesion.size", "lesion.size"),
        ("tumour.size", "lesion.size"),
        ("lesion.enhancment", "lesion.enhancement"),
        ("afp", "lab.afp"),
        ("ayn", "any"),
    ],
)
def test_suggests(word: str, expected: str) -> None:
    assert suggest(word, FACTS) == f"did you mean `{expected}`?"


def test_a_matching_tail_goes_before_a_near_miss() -> None:
    assert suggest("size", ["side", "lesion.size"]) == "did you mean `lesion.size`?"
    assert suggest("patient.size", ["patient.sizes", "size"]) == "did you mean `size`?"


def test_separators_and_case_do_not_count() -> None:
    assert suggest("A-B-C-D-E", ["a.b_c.d_e"]) == "did you mean `a.b_c.d_e`?"
    assert suggest("Size", ["size", "lesion.size"]) == "did you mean `size`?"


def test_several_equally_good_are_named_in_order() -> None:
    assert suggest("present", FACTS) == "did you mean `lesion.present` or `primary.present`?"
    assert suggest("a", [f"{c}.a" for c in "fghi"]) is None


@pytest.mark.parametrize("word", ["", "weight", "patient.smoker", "xy", "x" * 10_000])
def test_nothing_close_suggests_nothing(word: str) -> None:
    assert suggest(word, FACTS) is None
    assert suggest(word, []) is None


def test_candidates_may_be_any_iterable() -> None:
    assert suggest("sise", dict.fromkeys(["size"])) == "did you mean `size`?"
    assert suggest("sise", (c for c in ["size"])) == "did you mean `size`?"


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=8))
def test_a_suggestion_is_one_of_the_candidates(word: str, candidates: list[str]) -> None:
    help = suggest(word, candidates)
    assert help is None or any(f"`{candidate}`" in help for candidate in candidates)


@given(st.sampled_from(FACTS), st.data())
def test_one_slip_of_the_finger_is_always_understood(fact: str, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(fact) - 1))
    letter = data.draw(st.sampled_from("xqz7"))
    slip = data.draw(st.sampled_from([fact[:i] + letter + fact[i:], fact[:i] + letter + fact[i + 1 :]]))
    help = suggest(slip, FACTS)
    assert help is not None
    assert f"`{fact}`" in help


@pytest.mark.slow
def test_ten_thousand_unknown_words_do_not_take_long() -> None:
    candidates = [f"lesion.measure{i:03}.of_{'abcde'[i % 5] * 3}" for i in range(200)]
    start = time.process_time()
    for i in range(10_000):
        suggest(f"lesion.mesure{i:03}.of_xyz", candidates)
    assert time.process_time() - start < 10


# Display


def test_escaped_leaves_what_is_printable() -> None:
    assert escaped("Größe ≥ 10 mm 日本 אב") == "Größe ≥ 10 mm 日本 אב"
    assert escaped("a\nb\tc\0") == "a\\nb\\tc\\0"


def test_quoted_is_bounded() -> None:
    assert quoted("lesion.size") == "`lesion.size`"
    assert len(quoted("x" * 1_000_000)) == 62
    assert len(quoted("\U000e0001" * 1_000_000)) <= 122


@given(st.text(max_size=50), st.integers(6, 40))
def test_clipped_keeps_beginning_and_end(text: str, limit: int) -> None:
    shown = clipped(text, limit)
    assert len(shown) <= limit
    assert shown[0:1] == text[0:1]
    assert shown[-1:] == text[-1:]


def test_width_in_cells() -> None:
    assert [width(c) for c in ("a", "日", "e\u0301", "\u1112\u1161", "é")] == [1, 2, 1, 2, 1]
