"""Files, JSON and Python values: what is read, what is refused, and bounds that nothing gets past."""

import collections
import enum
import json
import math
import os
import time
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidewright.rules.codes import CODES
from guidewright.rules.diagnostics import Diagnostic, Place, render, to_json
from guidewright.rules.nodes import MAX_DEPTH, MAX_NODES, MAX_PROBLEMS, plain_value
from guidewright.rules.reading import (
    SIZE_LIMIT,
    Mapping,
    Node,
    Scalar,
    Sequence,
    from_python,
    read_file,
    read_json,
    read_yaml,
)

FILE = "f.json"


def plain(node: Node | None) -> object:
    match node:
        case None:
            raise AssertionError("nothing was read")
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key.text: plain(item) for key, item in node.entries}


def texts(node: Node | None) -> object:
    match node:
        case None:
            raise AssertionError("nothing was read")
        case Scalar():
            return (node.text, node.quoted)
        case Sequence():
            return [texts(item) for item in node.items]
        case Mapping():
            return [(key.text, texts(item)) for key, item in node.entries]


# Files


def refused(path: Path | str, code: str, size_limit: int = SIZE_LIMIT) -> Diagnostic:
    text, found = read_file(path, size_limit)
    assert text is None
    (d,) = found
    assert d.code == code
    assert d.place.file == str(path)
    return d


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: 1\n", "a: 1\n"),
        (b"", ""),
        (b"\xef\xbb\xbfa: 1\r\n", "a: 1\r\n"),
        ("größe: 日本 \U0001f600".encode(), "größe: 日本 \U0001f600"),
    ],
)
def test_reads_utf_8(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    assert read_file(path) == (expected, ())
    assert read_file(str(path)) == (expected, ())


def test_missing_file(tmp_path: Path) -> None:
    assert "no file" in refused(tmp_path / "none.yaml", "GW001").message


def test_folder(tmp_path: Path) -> None:
    assert "folder" in refused(tmp_path, "GW002").message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "GW002")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no devices with names")
def test_device_is_refused() -> None:
    refused("/dev/zero", "GW002")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_file_that_becomes_a_pipe_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary, pipe = tmp_path / "x", tmp_path / "pipe"
    ordinary.write_text("a: 1")
    os.mkfifo(pipe)
    status = os.stat(ordinary)
    monkeypatch.setattr(os, "stat", lambda _: status)
    refused(pipe, "GW002")


def test_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1")

    def no_permission(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", no_permission)
    assert "permission" in refused(path, "GW003").message


@pytest.mark.parametrize("name", ["x\0y", "x" * 5_000])
def test_impossible_names(name: str) -> None:
    refused(name, "GW003")


def test_names_are_made_harmless(tmp_path: Path) -> None:
    name = str(tmp_path / "\x1b[2J\u202e\udc80")
    d = refused(name, "GW001")
    shown = render([d], {})
    assert "\x1b" not in shown
    shown.encode()


def test_size_limit_is_inclusive(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"x" * 100)
    assert read_file(path, 100)[0] == "x" * 100
    assert "100 bytes" in refused(path, "GW004", 99).message


def test_large_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    start = time.perf_counter()
    refused(path, "GW004")
    assert time.perf_counter() - start < 0.05


def test_file_that_hides_its_size_is_not_read_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.yaml"
    with path.open("wb") as stream:
        stream.truncate(300_000_000)
    (tmp_path / "small").write_bytes(b"")
    status = os.stat(tmp_path / "small")
    monkeypatch.setattr(os, "stat", lambda _: status)
    monkeypatch.setattr(os, "fstat", lambda _: status)
    tracemalloc.start()
    try:
        refused(path, "GW004", 100)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "line", "column", "words"),
    [
        (b"a: 1\nb: \xe4\n", 2, 4, "0xE4"),
        ("é: é\r\né".encode() + b"\xff", 2, 2, "0xFF"),
        (b"\xef\xbb\xbfab\xff", 1, 3, "0xFF"),
        (b"a\rb\xc0\x80", 2, 2, "0xC0"),
        (b"a: 1\nb\0c", 2, 2, "zero byte"),
        (b"a\0b\xff", 1, 2, "zero byte"),
        (b"a\xffb\0", 1, 2, "0xFF"),
        (b"\xed\xa0\x80", 1, 1, "0xED"),
        ("a: 1".encode("utf-16"), 1, 1, "UTF-16"),
    ],
)
def test_place_of_the_first_byte_that_is_no_text(
    tmp_path: Path, data: bytes, line: int, column: int, words: str
) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    d = refused(path, "GW005")
    assert (d.place.line, d.place.column) == (line, column)
    assert words in d.message


# JSON


def test_json_values() -> None:
    text = '{"a": [1, -2.5, 1e2, 0.1, true, false, null], "b c": {"": "x"}}'
    node, found = read_json(text, FILE)
    assert found == ()
    assert plain(node) == {
        "a": [1, Fraction(-5, 2), 100, Fraction(1, 10), True, False, None],
        "b c": {"": "x"},
    }


@pytest.mark.parametrize("text", ["1", '"x"', "true", "null", "[]", "{}", " \t\r\n[ ] \n", "\ufeff{}", "[[], {}]"])
def test_json_of_any_kind(text: str) -> None:
    node, found = read_json(text, FILE)
    assert found == ()
    assert plain(node) == json.loads(text.removeprefix("\ufeff"))


def test_json_texts_are_quoted_and_exact() -> None:
    node, _ = read_json(r'"\u00e9\ud83d\ude00\"\\\/\n\t"', FILE)
    text = 'é\U0001f600"\\/\n\t'
    assert node == Scalar(text, text, True, Place(FILE, 1, 1, 1, 31))
    assert read_json('"true"', FILE)[0] == Scalar("true", "true", True, Place(FILE, 1, 1, 1, 7))
    assert read_json("1.50", FILE)[0] == Scalar(Fraction(3, 2), "1.50", False, Place(FILE, 1, 1, 1, 5))


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_json_places(line_break: str) -> None:
    text = line_break.join(["{", '  "a": [1,', '    "日", {}],', '  "b": 2', "}"])
    node, _ = read_json(text, FILE)
    assert isinstance(node, Mapping)
    assert node.place == Place(FILE, 1, 1, 5, 2)
    (a, items), (b, two) = node.entries
    assert isinstance(items, Sequence)
    assert (a.place, b.place) == (Place(FILE, 2, 3, 2, 6), Place(FILE, 4, 3, 4, 6))
    assert items.place == Place(FILE, 2, 8, 3, 13)
    assert [i.place for i in items.items] == [
        Place(FILE, 2, 9, 2, 10),
        Place(FILE, 3, 5, 3, 8),
        Place(FILE, 3, 10, 3, 12),
    ]
    assert two.place == Place(FILE, 4, 8, 4, 9)


JSON_REFUSED = [
    ("", "GW006", 1, "empty"),
    ("  \n", "GW006", 1, "empty"),
    ('{"a": 1, "a": 2}', "GW020", 10, "`a` occurs twice"),
    ('{"a": 1, "\\u0061": 2}', "GW020", 10, "`a` occurs twice"),
    ('{"a": 1,}', "GW050", 9, "leave out the comma"),
    ("[1,]", "GW050", 4, "leave out the comma"),
    ("[1 2]", "GW050", 4, "a comma or the closing bracket"),
    ("[,1]", "GW050", 2, "a value or `]`"),
    ('{"a" 1}', "GW050", 6, "a colon"),
    ("{a: 1}", "GW050", 2, "a key in double quotes"),
    ("{1: 1}", "GW050", 2, "a key in double quotes"),
    ("{'a': 1}", "GW050", 2, "double quotes"),
    ("['a']", "GW050", 2, "double quotes"),
    ("[1] 2", "GW050", 5, "nothing more"),
    ("[1] // x", "GW050", 5, "no comments"),
    ("/* x */ 1", "GW050", 1, "no comments"),
    ("[True]", "GW050", 2, "`true` and `false`"),
    ("[nul]", "GW050", 2, "`null`"),
    ("[01]", "GW050", 2, "a number is written like"),
    ("[.5]", "GW050", 2, "a number is written like"),
    ("[+1]", "GW050", 2, "a number is written like"),
    ("[1.]", "GW050", 2, "a number is written like"),
    ("[-]", "GW050", 2, "a number is written like"),
    ("[1e]", "GW050", 2, "a number is written like"),
    ("[0x1F]", "GW050", 2, "a number is written like"),
    ("[1_0]", "GW050", 2, "a number is written like"),
    ("[NaN]", "GW061", 2, "no finite number"),
    ("[-Infinity]", "GW061", 2, "no finite number"),
    ("[1e999]", "GW042", 2, "too long"),
    ("[" + "9" * 101 + "]", "GW042", 2, "too long"),
    ("[1", "GW012", 1, "`[` is not closed"),
    ('{"a": [', "GW012", 7, "`[` is not closed"),
    ('{"a": 1', "GW012", 1, "`{` is not closed"),
    ("[1}", "GW012", 3, "`[` is closed by `}`"),
    ('{"a": 1]', "GW012", 8, "`{` is closed by `]`"),
    ("]", "GW050", 1, "a value"),
    ('["a', "GW012", 2, "not closed"),
    ('["a\nb"]', "GW012", 2, "its own line"),
    ('["a\tb"]', "GW012", 2, "\\t for a tab"),
    ('["a\\"]', "GW012", 2, "not closed"),
    ('["a\\x41"]', "GW015", 4, "`\\x`"),
    ('["\\u12"]', "GW015", 3, "`\\u`"),
    ('["a\\u0007"]', "GW030", 2, "`\\x07`"),
    ('["a\\r"]', "GW030", 2, "`\\r`"),
    ('["\x07"]', "GW030", 3, "`\\x07`"),
    ('["\u2028"]', "GW030", 3, "`\\u2028`"),
    ('["\\ud800x"]', "GW031", 2, "`\\ud800`"),
    ('["\ud800"]', "GW031", 3, "`\\ud800`"),
]


@pytest.mark.parametrize(("text", "code", "column", "words"), JSON_REFUSED)
def test_json_refused(text: str, code: str, column: int, words: str) -> None:
    _, found = read_json(text, FILE)
    first = found[0]
    assert (first.code, first.place.line, first.place.column) == (code, 1, column)
    assert words in f"{first.message} {first.help}"


def test_json_reports_what_does_not_stop_it_together() -> None:
    _, found = read_json('{"a": "\\u0007", "a": 1, "b": NaN, "c": 1e999, "d": }', FILE)
    assert [d.code for d in found] == ["GW030", "GW020", "GW061", "GW042", "GW050"]
    assert found[1].related == (("first here", Place(FILE, 1, 2, 1, 5)),)


def test_json_bounds() -> None:
    def codes(text: str) -> list[str]:
        return [d.code for d in read_json(text, FILE)[1]]

    assert codes("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    assert codes("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == ["GW040"]
    assert codes("[" + ",".join("1" * (MAX_NODES - 1)) + "]") == []
    assert codes("[" + ",".join("1" * MAX_NODES) + "]") == ["GW041"]
    assert codes("{" + ",".join(['"a":1'] * (MAX_PROBLEMS + 1)) + "}")[-1] == "GW043"


JSON_BOMBS = {
    "brackets": "[" * 2_000_000,
    "braces": '{"a":' * 400_000,
    "list": "[" + "1," * 1_000_000,
    "keys": json.dumps({f"k{i}": i for i in range(200_000)}),
    "open quote": '"' + "x" * 2_000_000,
    "backslashes": '"' + "\\" * 1_999_999,
    "escapes": '"' + "\\n" * 900_000 + '\\x"',
    "number": "1" * 2_000_000,
    "exponent": "1e" + "9" * 2_000_000,
    "fraction": "1." + "1" * 2_000_000,
    "word": "a" * 2_000_000,
    "minus signs": "-" * 2_000_000,
    "surrogates": '"' + "\\ud800" * 300_000 + '"',
    "control characters": "\x07" * 2_000_000,
    "blank": " \n" * 1_000_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("text", JSON_BOMBS.values(), ids=list(JSON_BOMBS))
def test_json_bombs_end_soon_in_an_error(text: str) -> None:
    start = time.process_time()
    _, found = read_json(text, FILE)
    render(found, {FILE: text})
    assert found
    assert time.process_time() - start < 4  # well under one on a quiet machine


JSON_TOKENS = [
    *("{", "}", "[", "]", ":", ",", '"a"', '"b"', "1", "-", "1.5e3", "true", "null", "nul", '"', "\\", "\\u12", "'"),
    *(" ", "\n", "\r\n", "\t", "//", "é", "\x00", "\ud800", "\ufeff", "\u2028"),
]


@settings(max_examples=500)
@given(st.one_of(st.text(), st.lists(st.sampled_from(JSON_TOKENS), max_size=30).map("".join)))
def test_no_json_raises(text: str) -> None:
    node, found = read_json(text, FILE)
    assert node is not None or found
    render(found, {FILE: text})
    if not found:
        assert loads(text.removeprefix("\ufeff")) == plain(node)


def loads(text: str) -> object:
    """What the standard library reads, with exact numbers."""
    return json.loads(text, parse_float=exact)


def exact(text: str) -> int | Fraction:
    number = Fraction(text)
    return number.numerator if number.denominator == 1 else number


@settings(max_examples=300)
@given(st.lists(st.sampled_from(JSON_TOKENS), max_size=30).map("".join))
def test_what_is_no_json_is_refused(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        assert read_json(text, FILE)[1] or text.startswith("\ufeff")


# Python values

PLACE = Place("<facts>", 1, 1, 1, 1)


class Grade(enum.IntEnum):
    TWO = 2


class Marker(enum.StrEnum):
    AFP = "afp"


@pytest.mark.parametrize(
    ("given", "value", "text", "quoted"),
    [
        ("x", "x", "x", True),
        ("true", "true", "true", True),
        (True, True, "true", False),
        (None, None, "null", False),
        (20, 20, "20", False),
        (0.1, Fraction(1, 10), "0.1", False),
        (20.0, 20, "20.0", False),
        (1e-7, Fraction(1, 10**7), "1E-7", False),
        (5e-324, Fraction(5, 10**324), "5E-324", False),
        (Decimal("1.50"), Fraction(3, 2), "1.50", False),
        (Fraction(1, 3), Fraction(1, 3), "1/3", False),
        (Fraction(4, 2), 2, "2", False),
        (date(2020, 12, 15), "2020-12-15", "2020-12-15", True),
        (Grade.TWO, 2, "2", False),
        (Marker.AFP, "afp", "afp", True),
    ],
)
def test_python_scalars(given: object, value: object, text: str, quoted: bool) -> None:
    node, found = from_python(given)
    assert found == ()
    assert node == Scalar(value, text, quoted, PLACE)  # type: ignore[arg-type]
    assert isinstance(node, Scalar)
    assert type(node.value) is type(value)
    assert type(node.text) is str


def test_python_collections() -> None:
    pair = collections.namedtuple("pair", "x y")
    value = {"a": [1, (2, 3)], "b": MappingProxyType({"c": {3, 1}}), "d": pair(1, "z"), "e": frozenset({"y", "x"})}
    node, found = from_python(value, "embedding")
    assert found == ()
    assert plain(node) == {"a": [1, [2, 3]], "b": {"c": [1, 3]}, "d": [1, "z"], "e": ["x", "y"]}
    assert node is not None
    assert node.place == Place("embedding", 1, 1, 1, 1)


def test_sets_have_one_order() -> None:
    assert plain(from_python({64, 1})[0]) == [1, 64]  # a set of Python gives 64 first
    assert plain(from_python({"b", "a", 1, 0.5, None})[0]) == [Fraction(1, 2), None, 1, "a", "b"]


class Odd:
    pass


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        (datetime(2020, 12, 15, tzinfo=UTC), "GW060", "`.date()`"),
        (math.nan, "GW061", "`NaN`"),
        (-math.inf, "GW061", "`-Infinity`"),
        (Decimal("NaN"), "GW061", "`NaN`"),
        (Decimal("Infinity"), "GW061", "None"),
        (Decimal("1e1000000"), "GW042", "too long"),
        (10**500, "GW042", "too long"),
        (Fraction(1, 10**500), "GW042", "too long"),
        (b"x", "GW060", "`bytes`"),
        (1j, "GW060", "`complex`"),
        (Odd(), "GW060", "`Odd`"),
        (iter([1]), "GW060", "`list_iterator`"),
        ({1: "x"}, "GW021", "`1`"),
        ("x\x07", "GW030", "`\\x07`"),
        ("x\ud800", "GW031", "`\\ud800`"),
        ({"x\0": 1}, "GW030", "`\\0`"),
    ],
)
def test_python_values_refused_with_their_path(value: object, code: str, words: str) -> None:
    for wrapped, path in [(value, ""), ({"lesion": {"size": ["x", value]}}, "`lesion.size.2`")]:
        _, found = from_python(wrapped)
        (d,) = found
        assert d.code == code
        assert words in f"{d.message} {d.help}"
        assert path in d.message
        assert d.place == PLACE


def test_python_problems_are_reported_together() -> None:
    node, found = from_python({"a": math.nan, "b": b"", "c": 1, 2: 3, "d": datetime(2020, 1, 1)})
    assert [d.code for d in found] == ["GW061", "GW060", "GW021", "GW060"]
    assert isinstance(node, Mapping)
    assert plain(node.get("c")) == 1


def test_python_bounds() -> None:
    deep: list[object] = []
    for _ in range(MAX_DEPTH - 1):
        deep = [deep]
    assert from_python(deep)[1] == ()
    endless: list[object] = []
    endless.append(endless)
    wide: list[object] = []
    for _ in range(30):
        wide = [wide] * 10
    for value, code in [([deep], "GW040"), (endless, "GW040"), (wide, "GW041"), ([1] * MAX_NODES, "GW041")]:
        node, found = from_python(value)
        assert node is None
        assert [d.code for d in found] == [code]
    assert from_python([math.nan] * (2 * MAX_PROBLEMS))[1][-1].code == "GW043"


# Everything together

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"))
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**90), 10**90),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_python_and_its_json_are_the_same(value: object, indent: int | None, ascii: bool) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii)
    node, found = read_json(written, FILE)
    assert found == ()
    assert plain(node) == plain(from_python(value)[0])
    assert plain(node) == loads(written)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_what_python_prints(number: float) -> None:
    node, found = from_python(number)
    assert found == ()
    assert isinstance(node, Scalar)
    assert isinstance(node.value, int | Fraction)
    assert not isinstance(node.value, bool)
    assert node.value == Fraction(repr(number))
    assert float(node.value) == number
    assert plain_value(node.text) == node.value


def test_every_code_of_reading_is_met_in_a_test() -> None:
    """The codes GW0xx with an example; those of files are met above."""
    from test_yaml_reading import REFUSED

    met = {code for _, code, *_ in REFUSED} | {code for _, code, *_ in JSON_REFUSED}
    met |= {"GW001", "GW002", "GW003", "GW004", "GW005", "GW027", "GW040", "GW041", "GW043", "GW060"}
    assert met == {code for code in CODES if code.startswith("GW0")}


def test_json_is_read_alike_as_yaml() -> None:
    text = '{"a": [1, 2.5, true, null, "x"], "b": {"c": "[0..1]"}}'
    assert texts(read_yaml(text, FILE)[0]) == texts(read_json(text, FILE)[0])


def test_diagnostics_of_reading_are_serializable() -> None:
    _, found = read_yaml("a: \x07\na: \ud800\n", FILE)
    json.dumps(to_json(found), ensure_ascii=False).encode()
