"""YAML: what values mean, what is refused and with which words, places, and bounds that nothing gets past."""

import random
import time
from fractions import Fraction
from textwrap import dedent

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import guidewright.rules.yaml_reading as yaml_reading
from guidewright.rules.diagnostics import Diagnostic, Place, render
from guidewright.rules.nodes import MAX_DEPTH, MAX_NODES, MAX_PROBLEMS
from guidewright.rules.reading import Mapping, Node, Scalar, Sequence, read_yaml

FILE = "f.yaml"


def good(text: str) -> Node:
    node, found = read_yaml(text, FILE)
    assert found == ()
    assert node is not None
    return node


def bad(text: str) -> tuple[Diagnostic, ...]:
    _, found = read_yaml(text, FILE)
    assert found
    return found


def codes(text: str) -> list[str]:
    return [d.code for d in bad(text)]


def value(text: str) -> object:
    """The Python value of `x: text`."""
    node = good(f"x: {text}\n")
    assert isinstance(node, Mapping)
    return plain(node.entries[0][1])


def plain(node: Node) -> object:
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key.text: plain(item) for key, item in node.entries}


def spanned(text: str, place: Place) -> str:
    """The text of a span within one line, or the lines that it touches."""
    lines = text.splitlines()
    if place.line == place.end_line:
        return lines[place.line - 1][place.column - 1 : place.end_column - 1]
    return "\n".join(lines[place.line - 1 : place.end_line])


# What values mean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("010", 10),
        ("-3", -3),
        ("+3", 3),
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("1.0", 1),
        ("-1.5e3", -1500),
        ("1E-2", Fraction(1, 100)),
        ("0.1000000000000000000000000001", Fraction("0.1000000000000000000000000001")),
    ],
)
def test_plain_values(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


WORDS = [
    *("no", "yes", "on", "off", "NO", "Yes", "n", "y", "True", "TRUE", "False", "Null", "NULL", "none", "truefalse"),
    *("0x1F", "0o17", "0b1", ".inf", "-.inf", ".nan", ".Inf", "1_000", "12:30", "1:2:3", "2020-12-15", "2020-12"),
    *("1.2.3", "-.", ".", "+", "e5", "1e", "1e+", "5mm", "20%", "١٢", "½", "=", "v1"),
]


@pytest.mark.parametrize("text", WORDS)
def test_words_are_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize("text", ["true", "null", "~", "10", "1.5", "", ">= 3", "[0..1)", "a: b", "#x", "x #y"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_quoted_is_always_text(text: str, quote: str) -> None:
    node = good(f"{quote}{text}{quote}\n")
    assert node == Scalar(text, text, True, Place(FILE, 1, 1, 1, len(text) + 3))


def test_a_number_keeps_how_it_was_written() -> None:
    node = good("1.50\n")
    assert node == Scalar(Fraction(3, 2), "1.50", False, Place(FILE, 1, 1, 1, 5))


def test_texts_over_several_lines() -> None:
    assert value("|\n  a\n   b: c # d\n") == "a\n b: c # d\n"
    assert value(">-\n  a\n  b\n") == "a b"
    assert value("one\n  two\n") == "one two"
    assert value('"tab\\t and \\u00e9"') == "tab\t and é"


def test_accepted_heads() -> None:
    for head in ("", "---\n", "%YAML 1.2\n---\n", "# c\n%YAML 1.2 # c\n---\n", "\ufeff", "\n\n"):
        assert plain(good(head + "a: 1\n")) == {"a": 1}
    assert plain(good("a: 1\n...\n")) == {"a": 1}


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_line_breaks(line_break: str) -> None:
    node = good(line_break.join(["a: 1", "b:", "  - c", ""]))
    assert isinstance(node, Mapping)
    assert node.entries[1][1].place == Place(FILE, 3, 3, 3, 6)


# Places


PLACED = dedent("""\
    stage: workup
    rules:
      - id: "C-01"
        when: {lesion.size: ">= 10 mm", é: [a, b]}
      - 日本: 'x'
    last: >
      folded
      text
""")


def test_places_cover_what_was_written() -> None:
    def check(node: Node) -> None:
        match node:
            case Scalar():
                seen.append(spanned(PLACED, node.place).strip())
            case Sequence():
                for item in node.items:
                    check(item)
            case Mapping():
                for key, item in node.entries:
                    check(key)
                    check(item)

    seen: list[str] = []
    check(good(PLACED))
    assert seen[:-1] == [
        *("stage", "workup", "rules", "id", '"C-01"', "when", "lesion.size", '">= 10 mm"', "é", "a", "b"),
        *("日本", "'x'", "last"),
    ]
    assert seen[-1].startswith("last: >\n")


def test_places_of_collections_end_with_their_last_value() -> None:
    node = good(PLACED)
    assert isinstance(node, Mapping)
    assert (node.place.line, node.place.column) == (1, 1)
    rules = node.get("rules")
    assert isinstance(rules, Sequence)
    assert rules.place == Place(FILE, 3, 3, 5, 12)
    first = rules.items[0]
    assert isinstance(first, Mapping)
    assert first.place == Place(FILE, 3, 5, 4, 47)
    when = first.get("when")
    assert when is not None
    assert spanned(PLACED, when.place) == '{lesion.size: ">= 10 mm", é: [a, b]}'


def test_get_compares_text() -> None:
    node = good("true: a\n1.0: b\n'x y': c\n")
    assert isinstance(node, Mapping)
    assert [plain(n) for k in ("true", "1.0", "x y") if (n := node.get(k))] == ["a", "b", "c"]
    assert node.get("1") is None


# What is refused: code, what the place covers, a word of the message or help

REFUSED = [
    # comparisons, intervals and parameters without quotes
    ("a: >= 10 mm\n", "GW011", ">= 10 mm", 'put it in quotes: ">= 10 mm"'),
    ("a: > 10 mm\n", "GW011", "> 10 mm", 'put it in quotes: "> 10 mm"'),
    ("a: >10\n", "GW011", ">10", 'put it in quotes: ">10"'),
    ("a: >=10\n", "GW011", ">=10", 'put it in quotes: ">=10"'),
    ("a: >5\nb: 1\n", "GW011", ">5", 'put it in quotes: ">5"'),
    ("a: {b: >= 10 mm, c: 1}\n", "GW011", ">= 10 mm", 'put it in quotes: ">= 10 mm"'),
    ("a: | x\n", "GW011", "| x", "several lines"),
    ("a: != 3\n", "GW023", "!= 3", 'put a comparison in quotes: "!= 3"'),
    ("a: !=3\nb: 1\n", "GW023", "!=3", 'put a comparison in quotes: "!= 3"'),
    ("a: [0..1)\nb: 2\n", "GW011", "[0..1)", 'put it in quotes: "[0..1)"'),
    ("a: {e: [0..1)}\n", "GW011", "[0..1)", 'put it in quotes: "[0..1)"'),
    ("a: {e: (0..1], b: 2}\n", "GW011", "(0..1]", 'put it in quotes: "(0..1]"'),
    ("a: [0..1]\n", "GW011", "[0..1]", 'put it in quotes: "[0..1]"'),
    ("a: [0.5 .. 1.5]\n", "GW011", "[0.5 .. 1.5]", 'put it in quotes: "[0.5 .. 1.5]"'),
    ("a: {name}\n", "GW017", "name", 'put a parameter in quotes: "{name}"'),
    ("a: {b: < {name}}\n", "GW011", "{", "whole text in quotes"),
    # texts without quotes
    ("do: Offer: surgery\n", "GW011", ":", "colon"),
    ("a: {do: Offer: surgery}\n", "GW011", ":", "colon"),
    ("a:\n  - do: Offer: it\n", "GW011", ":", "colon"),
    ("a: {do: Offer, or not, b: 2}\n", "GW017", "or not", "comma"),
    ("a: [b: c, d]\n", "GW018", "", "colon in quotes"),
    ("a: @foo\n", "GW011", "@foo", 'put it in quotes: "@foo"'),
    ("a: `foo`\n", "GW011", "`foo`", "a back-tick"),
    ("a: %foo\n", "GW011", "%foo", 'put it in quotes: "%foo"'),
    ("a: 1\n%foo\n", "GW011", "%foo", "`%`"),
    ("a: *bold* text\n", "GW011", "*bold* text", "quotes"),
    ("a: * text\n", "GW011", "* text", "quotes"),
    ("a: & text\n", "GW011", "& text", "quotes"),
    ("a: ? b\n", "GW014", "?", "quotes"),
    ("a: - b\n", "GW014", "-", "list on a line of its own"),
    ("a: !important\n", "GW023", "!important", "begins with `!`"),
    ("a: !!str 1\n", "GW023", "!!str 1", "leave it out"),
    ("a: !! x\n", "GW023", "!! x", "tag"),
    ("!foo\na: 1\n", "GW023", "!foo", "`!foo`"),
    # quotes and brackets
    ('a: "foo\nb: 2\n', "GW012", '"', "not closed"),
    ('a: "foo\n---\nb"\n', "GW012", '"', "not closed"),
    ('a: "foo\nb: "bar"\n', "GW012", 'bar"', "a quote before this one may be missing"),
    ("a: 'Don't do'\n", "GW012", "t do'", "apostrophe"),
    ('a: "x" y\n', "GW012", "y", "whole text in quotes"),
    ('a: "x": y\n', "GW012", ": y", "whole text in quotes"),
    ('"a" "b"\n', "GW012", '"b"', "behind the closing quote"),
    ("a: {b: 1} mm\n", "GW011", "mm", 'put it in quotes: "{b: 1} mm"'),
    ("a: [1, 2\nb: 3\n", "GW012", "[", "`[` is not closed"),
    ("a: {b: 1\nc: 3\n", "GW012", "{", "`{` is not closed"),
    ("a: [", "GW012", "[", "`[` is not closed"),
    ("a: {b: [1,", "GW012", "[", "`[` is not closed"),
    ("a: {b: [1], ", "GW012", "{", "`{` is not closed"),
    ("a: [1, 2}\n", "GW012", "}", "`[` is closed by `}`"),
    ("a: [1, 2]]\n", "GW012", "]", "closes nothing"),
    ("a: [1,, 2]\n", "GW010", ",", "nothing before `,`"),
    ('a: ["b" c]\n', "GW010", "c", "comma is missing"),
    ('a: "\\d"\n', "GW015", "\\d", "unknown escape `\\d`"),
    ('a: "é\n  \\d"\n', "GW015", "\\d", "unknown escape `\\d`"),
    # indentation
    ("a:\n\tb: 1\n", "GW013", "\t", "indent with spaces"),
    ("a:\n  b: 1\n\tc: 2\n", "GW013", "\t", "indent with spaces"),
    ("a:\n  b: 1\n c: 2\n", "GW014", "c: 2", "indentation of 1 space matches"),
    ("a:\n  - 1\n - 2\n", "GW014", "- 2", "indentation of 1 space matches"),
    ("a: 1\n  b: 2\n", "GW014", ":", "the key `b` continues the text above it"),
    ("a: 1\nsize:10\nb: 2\n", "GW014", "size:", "put a space behind the colon"),
    ("when:\n  size:10\n\n  b: 2\n", "GW014", "size:", "put a space behind the colon"),
    ("{size:10}\n", "GW017", "size:10", "put a space behind the colon"),
    ("a: 1\n- b\n", "GW014", "- b", "do not mix"),
    ("- b\na: 1\n", "GW014", "a: 1", "do not mix"),
    ("a: 1\nsome text\nb: 2\n", "GW014", "some text", "neither `key: value`"),
    # comments
    ("do: Ask #3\n", "GW016", "#3", "`#3` is read as a comment"),
    ("do: Ask it # now\n", "GW016", "# now", "line of its own"),
    ("do: one\n  two # now\n", "GW016", "# now", "line of its own"),
    ("do: #3 is it\n", "GW016", "#3 is it", "comment"),
    ("- #3\n", "GW016", "#3", "comment"),
    ("a: word #\n", "GW016", "#", "comment"),
    ("a: [b, c d # e\n  ]\n", "GW016", "# e", "comment"),
    ("a: 20 mm # CT\n", "GW016", "# CT", "comment"),
    # keys
    ("a: 1\nb: 2\na: 3\n", "GW020", "a", "`a` occurs twice"),
    ("a: 1\n'a': 3\n", "GW020", "'a'", "`a` occurs twice"),
    ("a: {b: 1, b: 2}\n", "GW020", "b", "`b` occurs twice"),
    ("? [a]\n: b\n", "GW021", "[a]", "a list stands where a key should"),
    ("a: {{b: 1}: 2}\n", "GW021", "{b: 1}", "a mapping stands where a key should"),
    ("{: b}\n", "GW021", ":", "missing"),
    (": b\n", "GW021", ":", "missing"),
    ("a: {b: 1}\nc:\n  <<: {d: 1}\n", "GW022", "<<", "write the entries out"),
    # documents
    ("a: 1\n---\nb: 2\n", "GW025", "---", "use a file for each"),
    ("a: 1\n...\nb: 2\n", "GW025", "b", "use a file for each"),
    ("---\na: 1\n---\n", "GW025", "---", "use a file for each"),
    ("%YAML 1.1\n---\na: 1\n", "GW024", "%YAML 1.1", "remove"),
    ("%TAG ! x\n---\na: 1\n", "GW024", "%TAG ! x", "remove"),
    ("# c\n%FOO\n---\na: 1\n", "GW024", "%FOO", "remove"),
    ("{a: 1}\nb: 2\n", "GW010", "b: 2", "behind the end of the document"),
    # anchors
    ("a: *x\n", "GW026", "*x", "`*x` has no anchor before it"),
    ("a: &x [1, *x]\n", "GW026", "*x", "within its own anchor"),
    ("a: &co text\n", "GW028", "&co text", "`&co`"),
    ("- &a x\n- &a y\n- *a\n", "GW028", "&a x", "`&a`"),
    # characters and numbers
    ("a: x\x07y\n", "GW030", "\x07", "`\\x07`"),
    ('a: "x\\u0007y"\n', "GW030", '"x\\u0007y"', "`\\x07` in a quoted text"),
    ('a: "x\\ry"\n', "GW030", '"x\\ry"', "`\\r`"),
    ('a: "\\0"\n', "GW030", '"\\0"', "`\\0`"),
    ("a: x\u2028y\n", "GW030", "\u2028", "`\\u2028`"),
    ("a: x\x85y\n", "GW030", "\x85", "`\\x85`"),
    ("a: x\ufeffy\n", "GW030", "\ufeff", "`\\ufeff`"),
    ("a: x\ud800y\n", "GW031", "\ud800", "`\\ud800`"),
    ("a: " + "9" * 101 + "\n", "GW042", "9" * 101, "too long"),
    ("a: 1e401\n", "GW042", "1e401", "put it in quotes"),
    ("a: 1e99999999999999999999\n", "GW042", "1e99999999999999999999", "too long"),
    # nothing
    ("", "GW006", None, "empty"),
    ("# only a comment\n", "GW006", None, "empty"),
    ("---\n", "GW006", None, "empty"),
    ("\n\n\n", "GW006", None, "empty"),
]


@pytest.mark.parametrize(("text", "code", "span", "words"), REFUSED, ids=lambda x: repr(x)[:40])
def test_refused(text: str, code: str, span: str | None, words: str) -> None:
    first = next(d for d in bad(text) if d.code == code)
    assert first.severity == "error"
    assert words in f"{first.message} {first.help}"
    if span is None:
        assert first.place == Place.of_file(FILE)
    elif "\u2028" not in text and "\x85" not in text:
        assert spanned(text, first.place).strip(" ") == span
    assert first.message[0] == first.message[0].lower()
    assert not first.message.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "a: x#y\n",
        "a: word # remark\n",
        "a: 3 # remark\n",
        "a: 3 #remark\n",
        "a: true #remark\n",
        'a: "two words" #remark\n',
        "a: # remark\n  b: 1\n",
        "a: [b, c] #remark\n",
        "a: | # remark\n  text\n",
        "# remark\na: 1\n  # remark\n",
        "a: < {name}\n",
        "a: <= 3\n",
        "a: (0..1)\n",
        "a: {b: null, c: , d: ~}\n",
        "a: ['0..1']\n",
        "a: [see ..., b]\n",
        "a: 100%\n",
        "a: [x, y,]\n",
        "a: {b: 1,}\n",
        "a: <<\n",
        "'<<': 1\n",
        "a: x\u202ey\n",
        "a: x\U0001f600\xa0y\n",
        "a: " + "9" * 100 + "\n",
        "a: 1e400\n",
        "? a\n: b\n",
        "- - a\n  - b\n",
        "a:\n- b\n",
        "'a b': &x [1]\nc: *x\n",
        "null\n",
        '""\n',
        "a: 50 % of it\n",
        "a: \"It's\"\nb: 'It''s'\n",
    ],
)
def test_accepted(text: str) -> None:
    good(text)


def test_related_place_of_a_duplicate() -> None:
    (d,) = bad("a: 1\nb: 2\na: 3\n")
    assert d.related == (("first here", Place(FILE, 1, 1, 1, 2)),)


def test_every_problem_is_reported_up_to_the_first_fault_of_syntax() -> None:
    text = 'a: 1\na: 2\nb: !x y\nc: do it #3\nd: "\\a"\ne: \x01\nf: [0..1]\ng: &h i\nj: {k}\nl: Offer: it\na: 3\n'
    assert set(codes(text)) == {"GW020", "GW023", "GW016", "GW030", "GW011", "GW017"}
    node, found = read_yaml(text.replace("l: Offer: it\n", ""), FILE)
    assert [d.code for d in found].count("GW020") == 2
    assert "GW028" in {d.code for d in found}
    assert isinstance(node, Mapping)
    first = node.get("a")
    assert isinstance(first, Scalar)
    assert first.value == 1


def test_rendered_as_an_author_sees_it() -> None:
    text = "when:\n  lesion.size: >= 10 mm\n"
    assert render(bad(text), {FILE: text}) == (
        "f.yaml:2:16: error[GW011] `>= 10 mm` is read as the beginning of a folded text\n"
        "    2 |   lesion.size: >= 10 mm\n"
        '      |                ^~~~~~~~ put it in quotes: ">= 10 mm"\n'
    )


# Aliases


def test_alias_repeats_its_node() -> None:
    assert plain(good("a: &x {b: [1, 2]}\nc: *x\nd: *x\n")) == {
        "a": {"b": [1, 2]},
        "c": {"b": [1, 2]},
        "d": {"b": [1, 2]},
    }
    assert plain(good("- &k key\n- *k : 1\n")) == ["key", {"key": 1}]


def test_billion_laughs() -> None:
    lines = ["l0: &l0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert codes("\n".join(lines)) == ["GW027"]


def test_bounds_of_aliases() -> None:
    def aliases(n: int, size: int) -> str:
        return f"- &x [{', '.join(['1'] * (size - 1))}]\n" + "- *x\n" * n

    good(aliases(100, 100))
    assert codes(aliases(101, 2)) == ["GW027"]
    assert codes(aliases(100, 101)) == ["GW027"]


def test_aliases_do_not_nest_deeper_than_written_nodes_may() -> None:
    def nested(levels: int) -> str:
        deep = MAX_DEPTH // 2
        return f"- &x {'[' * deep}1{']' * deep}\n- {'[' * levels}*x{']' * levels}\n"

    good(nested(MAX_DEPTH // 2 - 1))
    assert codes(nested(MAX_DEPTH // 2)) == ["GW040"]


# Bounds


def test_depth_is_bounded() -> None:
    good("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert codes("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == ["GW040"]


def test_number_of_values_is_bounded() -> None:
    good("- 1\n" * (MAX_NODES - 1))
    assert codes("- 1\n" * MAX_NODES) == ["GW041"]


def test_number_of_problems_is_bounded() -> None:
    found = bad("- !x y\n" * MAX_PROBLEMS)
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1].code == "GW043"


BOMBS = {
    "brackets": "[" * 2_000_000,
    "braces": "{" * 2_000_000,
    "closed brackets": "a: " + "[" * 10_000 + "]" * 10_000,
    "dashes": "- " * 10_000 + "x",
    "blocks": "".join(" " * i + "a:\n" for i in range(1_500)),
    "question marks": "? " * 1_000_000,
    "open quote": 'a: "' + "x" * 2_000_000,
    "open quote over lines": "a: '" + "x\n" * 1_000_000,
    "keys": "".join(f"k{i}: {i}\n" for i in range(200_000)),
    "same key": "a: 1\n" * 200_000,
    "list": "[" + "1," * 1_000_000 + "]",
    "items": "- a\n" * 500_000,
    "pairs": "[" + "a: b," * 400_000,
    "one number": "a: " + "9" * 2_000_000,
    "backslashes": 'a: "' + "\\" * 2_000_000,
    "dots": "a: {b: (" + "." * 2_000_000 + "]",
    "intervals": "a: {b: " + "(.." * 600_000 + "]",
    "half an interval": "a: [" + "." * 1_000_000 + ")",
    "blank lines": "a: b\n" + "\n" * 1_000_000 + " c: 1\n",
    "long key": "a" * 2_000_000 + ": 1\n",
    "anchors": "".join(f"- &a{i} x\n" for i in range(150_000)),
    "control characters": "\x07" * 2_000_000,
    "directives": "%a\n" * 600_000,
    "blank head": " \t\n" * 600_000 + "%",
    "documents": "---\n" * 500_000,
    "comments": "- foo bar # x\n" * 140_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("text", BOMBS.values(), ids=list(BOMBS))
def test_bombs_end_soon_in_an_error(text: str) -> None:
    start = time.process_time()
    found = bad(text)
    render(found, {FILE: text})
    assert time.process_time() - start < 4  # well under one on a quiet machine


# The parser in Python, where the one in C is missing


FALLBACK_DIFFERS = {
    "a: 1\n%foo\n",  # the place is the end of the file
    'a: "x\\ry"\n',
}


@pytest.mark.parametrize(("text", "code", "span", "words"), REFUSED, ids=lambda x: repr(x)[:40])
def test_parser_in_python_refuses_the_same(
    text: str, code: str, span: str | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_reading, "_LOADER", yaml.SafeLoader)
    if text in FALLBACK_DIFFERS:
        assert code in codes(text)
    else:
        test_refused(text, code, span, words)


# Any text


TOKENS = [
    *(
        "a",
        "b:",
        "key:",
        "-",
        "?",
        ":",
        "[",
        "]",
        "{",
        "}",
        ",",
        "#",
        " #x",
        '"',
        "'",
        "\\",
        "|",
        ">",
        ">5",
        "|-",
        "&a",
    ),
    *("*a", "!x", "!!", "%", "@", "`", "---", "...", "..", "[0..1)", "(0..1]", "<<: *a", "1", "1e5", "é", "true", "~"),
    *("\\x07", "\\ud800", "{name}", "!=", ">=", " ", "  ", "\n", "\n  ", "\n    ", "\t", "\r", "\r\n"),
    *("\u202e", "\ufeff", "\x85", "\u2028", "\x00", "\ud800", "\U0001f600", "\xa0"),
]


@settings(max_examples=500)
@given(st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=40).map("".join)))
def test_no_text_raises(text: str) -> None:
    node, found = read_yaml(text, FILE)
    assert node is not None or found
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for place in [p for d in found for p in (d.place, *(p for _, p in d.related))]:
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1
        assert (place.line, place.column) <= (place.end_line, place.end_column)
    shown = render(found, {FILE: text})
    assert all(c.isprintable() for c in shown.replace("\n", ""))


def texts(node: Node) -> object:
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [texts(item) for item in node.items]
        case Mapping():
            return {key.text: texts(item) for key, item in node.entries}


@settings(max_examples=500)
@given(st.lists(st.sampled_from(TOKENS), max_size=30).map("".join))
def test_what_is_read_is_what_pyyaml_reads(text: str) -> None:
    node, found = read_yaml(text, FILE)
    if not found and node is not None:
        assert texts(node) == yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))


DOCUMENTS = st.recursive(
    st.one_of(
        st.booleans(),
        st.none(),
        st.integers(-(10**30), 10**30),
        st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs", "Mn"]), max_size=12),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text("abcxyz_.-0123456789", min_size=1, max_size=8), inner, max_size=4),
    ),
    max_leaves=20,
)


@settings(max_examples=200)
@given(DOCUMENTS.filter(lambda d: d is not None), st.booleans())
def test_what_pyyaml_writes_is_read_back(document: object, flow: bool) -> None:
    written = yaml.safe_dump(document, default_flow_style=flow, allow_unicode=True, default_style='"')
    # Its quoted style marks the types of other values by tags.
    for kind in ("bool", "null", "int"):
        written = written.replace(f"!!{kind} ", "")
    assert as_text(document) == texts(good(written))


def as_text(document: object) -> object:
    match document:
        case dict():
            return {k: as_text(v) for k, v in document.items()}
        case list():
            return [as_text(v) for v in document]
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[document]
        case _:
            return str(document)


@pytest.mark.slow
def test_speed_of_an_ordinary_file() -> None:
    rng = random.Random(1)
    rule = dedent("""\
          - id: C-{}
            do: Offer resection with clear margins
            when:
              lesion.size: ">= {} mm"
              lesion.count: 1
        """)
    text = "rules:\n" + "".join(rule.format(i, rng.randint(1, 99)) for i in range(380))
    assert len(text) > 35_000
    start = time.process_time()
    good(text)
    assert time.process_time() - start < 0.5  # about 0.02 on a quiet machine
