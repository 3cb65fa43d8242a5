"""The command `guidewright sources`: the bibliography, and the statements in the texts of their sources."""

import json
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_anchored import KELLY, ORCHARD, OURS, PASSAGES, anchored

from guidewright.layout import Screen
from guidewright.rules.anchored import search
from guidewright.rules.load import load_guideline
from guidewright.rules.source_text import read_source_text
from guidewright.sources_command import SIZE_LIMIT, sources
from guidewright.sources_json import Compared
from guidewright.sources_report import Format, bibliography, report

SHIPPED = "retroperitoneal-leiomyosarcoma"

GUIDELINE = """\
id: orchard
title: Stone fruit
version: 1.0.0
status: an example, not for use
language: en
grading:
  strength: {strong: Strong}
  certainty: {low: Low}
parameters:
  most_copper: {value: 20 g, label: Most copper, because: [orchard.INT-3]}
stages: [care]
"""
FACTS = """\
facts:
  tree.height:
    label: Height
    type: quantity
    unit: mm
    range: [1, 40000]
  tree.class:
    label: Class
    type: choice
    values: {small: Small, large: Large}
    table:
      - {id: F1, when: {tree.height: "< 2000 mm"}, value: small, because: [orchard.INT-3]}
      - {when: {tree.height: ">= 2000 mm"}, value: large, because: [orchard.INT-3]}
"""
CARE = """\
stage: care
title: Care
rules:
  - id: T1
    do: Spray *copper* in winter
    when: {tree.class: large}
    strength: strong
    certainty: low
    because: [orchard.INT-3, orchard.INT-5, orchard.FIG-1]
  - id: T2
    avoid: Do not spray
    when: {tree.class: small}
    because: [orchard.ABS-1, orchard.INT-2]
    although: [orchard.INT-3]
beside: [T1, T2]
weigh:
  fault:
    question: What is wrong with the tree?
    candidates:
      frost:
        label: Frost
        arguments:
          - {id: G1, says: It stands in a hollow, supports: 1, when: {tree.class: small}, because: [orchard.INT-3]}
      drought:
        label: Drought
        arguments:
          - {id: G2, says: It stands on a hill, supports: 1, when: {tree.class: large}, expert: true}
"""


def orchard_guideline(folder: Path) -> Path:
    """An invented guideline that rests on an invented text."""
    statements = ""
    for id, passage in PASSAGES.items():
        found = anchored(id, passage)
        statements += (
            f'      {id}: {{says: "{OURS[id]}", at: "Part {id}", words: {found.words}, digest: "{found.digest}"}}\n'
        )
    files = {
        "guideline.yaml": GUIDELINE,
        "facts.yaml": FACTS,
        "care.yaml": CARE,
        "sources.yaml": "sources:\n  orchard:\n    cite: Author A. On *stone* fruit\n    kind: review\n"
        f"    read: full-text\n    url: https://orchards.example/1\n    statements:\n{statements}"
        "  hearsay:\n    cite: Said at a fair\n    kind: expert\n    read: not-read\n"
        "    statements:\n      S1: {says: It never rains}\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch) -> None:
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return orchard_guideline(tmp_path)


def run(*arguments: str | Path):
    result = CliRunner().invoke(sources, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def write(folder: Path, text: str, name: str = "orchard.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def flat(text: str) -> str:
    return " ".join(text.split())


# The bibliography


def test_the_bibliography_says_how_each_source_was_read_and_what_rests_on_it(folder: Path) -> None:
    result = run(folder)
    text = flat(result.output)
    assert result.exit_code == 0
    assert text.index("Reviews and") < text.index("Expert opinion")
    assert "Author A. On *stone* fruit [orchard] Read: read in full; 7 statements, 7 anchored" in text
    assert "https://orchards.example/1" in text
    assert "Supports: rules [T1] [T2]; rows [F1] [tree.class[2]]; argument [G1]; parameter [most_copper]" in text
    assert "Speaks against: rule [T2]" in text
    assert "Said at a fair [hearsay] Read: not read: to be checked; 1 statement Nothing rests on it." in text
    assert "It never rains [hearsay.S1]" in text
    assert "2 sources with 8 statements: 1 read in full, 1 not read." in text


def test_the_bibliography_as_json(folder: Path) -> None:
    found = json.loads(run(folder, "--format", "json").output)
    assert found["schema"] == "guidewright/sources/1"
    assert [source["read"] for source in found["sources"]] == ["full-text", "not-read"]
    (copper,) = (s for s in found["sources"][0]["statements"] if s["statement"] == "orchard.INT-3")
    assert copper["against"] == [{"kind": "rule", "id": "T2"}]
    assert {"kind": "row", "id": "tree.class[2]"} in copper["supports"]
    assert found["unused"] == ["orchard.ABS-2", "orchard.INT-1", "hearsay.S1"]


def test_the_bibliography_of_the_shipped_guideline_names_every_source() -> None:
    result = run(SHIPPED)
    loaded = json.loads(run(SHIPPED, "--format", "json").output)
    assert result.exit_code == 0
    for source in loaded["sources"]:
        assert f"[{source['id']}]" in result.output
    assert max(map(len, result.output.splitlines())) <= 100


# A text


def test_all_found(folder: Path) -> None:
    result = run(folder, "--text", f"orchard={write(folder, ORCHARD)}")
    text = flat(result.output)
    assert result.exit_code == 0
    assert "7 of 7 anchored statements found" in text
    assert "✓ [orchard.INT-3] Part INT-3 We say: Spray at most 20 g of copper, in winter" in text
    assert "14 │ resistant to water (Fig. 2). «Copper is sprayed at 20 g, no more, in winter.»" in text
    assert "12 │" not in text
    assert "Set aside" in text
    assert "Reference list: lines 29\u201330 29\u201330: “1. Smith A, Jones B." in text
    assert "Acknowledgements, interests and the like: line 26 26: “None was received by the authors.”" in text
    assert "15 │ «In an average orchard the yield falls by half without»" in text
    assert "Statements that no rule uses" in text
    assert "No longer there" not in text
    assert "[orchard.ABS-2]" in text.partition("Statements that no rule uses")[2].partition("Found")[0]


def test_a_passage_over_several_lines_is_shown_with_them(folder: Path) -> None:
    text = flat(run(folder, "--text", f"orchard={write(folder, ORCHARD)}").output)
    assert (
        "13 │ Plums bruise easily [3]. «Cherries split in rain, e.g. in June, when they are non- "
        "14 │ resistant to water (Fig. 2).» Copper is sprayed" in text
    )


def test_what_is_stale_stands_with_all_that_rests_on_it(folder: Path) -> None:
    changed = write(folder, ORCHARD.replace("at 20 g", "at 30 g"))
    result = run(folder, "--text", f"orchard={changed}")
    text = flat(result.output)
    assert result.exit_code == 1
    assert "6 of 7 anchored statements found, 1 no longer there" in text
    stale = text.partition("No longer there ✗")[2].partition("Sentences that no statement covers")[0]
    assert "[orchard.INT-3] Part INT-3 We say: Spray at most 20 g of copper, in winter" in stale
    assert "It differs in one word: “30”, where it was “20”" in stale
    assert "«Copper is sprayed at 30 g, no more, in winter.»" in stale
    for use in (
        "Supports rule [T1] Spray *copper* in winter",
        "Speaks against rule [T2] Do not spray",
        "Supports row [F1] Class",
        "Supports row [tree.class[2]] Class",
        "Supports argument [G1] Frost: It stands in a hollow",
        "Supports parameter [most_copper] Most copper",
    ):
        assert use in stale
    assert text.endswith("No longer there: [orchard.INT-3]")


def test_where_nothing_is_left_of_it(folder: Path) -> None:
    result = run(folder, "--text", f"orchard={write(folder, 'Nothing of it is here at all.')}")
    assert result.exit_code == 1
    assert "are not there, nor anything like them" in flat(result.output)


def test_the_report_as_json(folder: Path) -> None:
    changed = write(folder, ORCHARD.replace("at 20 g", "at 30 g"))
    result = run(folder, "--text", f"orchard={changed}", "--format", "json")
    assert result.exit_code == 1
    (text,) = json.loads(result.output)["texts"]
    assert text["file"] == str(changed)
    assert [found["statement"] for found in text["found"]] == [f"orchard.{id}" for id in PASSAGES if id != "INT-3"]
    assert text["found"][0]["text"] == PASSAGES["ABS-1"]
    (stale,) = text["stale"]
    assert stale["near"] == {
        "first_line": 14,
        "last_line": 14,
        "text": "Copper is sprayed at 30 g, no more, in winter.",
        "between_neighbours": True,
        "one_word": {"was": "20", "now": "30"},
    }
    assert {"kind": "rule", "id": "T1"} in stale["supports"]
    assert {piece["as"] for piece in text["set_aside"]} == {"front", "heading", "running", "back", "references"}
    assert any(piece["text"].startswith("Copper") for piece in text["uncovered"])


def test_the_report_as_markdown(folder: Path) -> None:
    changed = write(folder, ORCHARD.replace("at 20 g, no more", "at 30 g, _no_ <b>more</b>"))
    result = run(folder, "--text", f"orchard={changed}", "--format", "markdown")
    assert result.exit_code == 1
    assert "\n## orchard\n" in result.output
    assert "\\_no\\_ \\<b\\>more\\</b\\>" in result.output
    assert "<b>" not in result.output
    assert "Spray \\*copper\\* in winter" in result.output


def test_several_texts(folder: Path) -> None:
    result = run(
        folder, "--text", f"orchard={write(folder, ORCHARD)}", "--text", f"hearsay={write(folder, 'x', 'h.txt')}"
    )
    assert result.exit_code == 0
    assert "7 of 7 anchored statements found" in result.output
    assert "No statement of this source is anchored" in flat(result.output)


def test_a_source_without_anchors_says_so_and_covers_nothing(folder: Path) -> None:
    text = write(folder, "It never rains.")
    result = run(folder, "--text", f"hearsay={text}")
    assert result.exit_code == 0
    assert "there is nothing to look for" in flat(result.output)
    assert "Sentences that no statement covers" not in result.output
    (found,) = json.loads(run(folder, "--text", f"hearsay={text}", "--format", "json").output)["texts"]
    assert (found["anchored"], found["uncovered"], found["set_aside"]) == (0, None, None)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_nothing_in_a_text_steers_the_terminal(folder: Path, form: str) -> None:
    evil = "red\x1b[31m \u202eturned \x9b31m \u2066x bell\x07 "
    changed = write(folder, ORCHARD.replace("Copper is", f"Copper {evil}is").replace("half with", f"half {evil}with"))
    result = run(folder, "--text", f"orchard={changed}", "--format", form)
    assert result.exit_code == 1
    assert "31m" in result.output
    assert {c for c in result.output if unicodedata.category(c) in ("Cc", "Cf")} == {"\n"}


def test_one_long_line_is_shown_only_around_the_passage(folder: Path) -> None:
    text = "Filler words are here. " * 20_000 + ORCHARD.replace("\n", " ") + "More filler follows. " * 20_000
    checked = load_guideline(folder).guideline
    assert checked is not None
    searched = search(checked.sources["orchard"], read_source_text(text))
    shown = report(checked, [Compared(searched, "f")], "text", Screen(80))
    assert searched.stale == ()
    assert len(shown) < 60_000
    assert "» More filler" in flat(shown) or "…" in shown


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
@pytest.mark.parametrize("columns", [40, 100])
def test_the_pages_end_in_a_line_feed_and_fit(folder: Path, form: Format, columns: int) -> None:
    checked = load_guideline(folder).guideline
    assert checked is not None
    searched = search(checked.sources["orchard"], read_source_text(ORCHARD))
    for text in (
        bibliography(checked, form, Screen(columns)),
        report(checked, [Compared(searched, "orchard.txt")], form, Screen(columns)),
    ):
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        if form == "text":
            assert max(map(len, text.splitlines())) <= columns


# What cannot be used


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no file"),
        (b"plums\0bruise", "zero byte"),
        (b"plums \xff", "0xFF is not UTF-8"),
        (b"\xff\xfep\0l\0", "UTF-16"),
        (b"", "holds no words"),
        (b" \n\f ", "holds no words"),
        (b"x" * (SIZE_LIMIT + 1), "at most 10,485,760 bytes"),
    ],
    ids=["missing", "binary", "latin-1", "utf-16", "empty", "blank", "large"],
)
def test_a_text_that_cannot_be_used(folder: Path, content: bytes | None, says: str) -> None:
    path = folder / "text.txt"
    if content is not None:
        path.write_bytes(content)
    for form in ("text", "json"):
        result = run(folder, "--text", f"orchard={path}", "--format", form)
        assert result.exit_code == 2
        assert says in result.output
        assert "found" not in result.output.replace("not found", "")
    assert json.loads(result.stdout)["errors"][0]["severity"] == "error"


def test_a_folder_is_no_text(folder: Path) -> None:
    result = run(folder, "--text", f"orchard={folder}")
    assert result.exit_code == 2
    assert "is a folder, not a file" in result.output


def test_a_pdf_is_no_text(folder: Path) -> None:
    path = folder / "orchard.pdf"
    path.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    result = run(folder, "--text", f"orchard={path}")
    assert result.exit_code == 2
    assert "this looks like a PDF" in result.output


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("orchart=x", "no source `orchart`; did you mean `orchard`?"),
        ("zzz=x", "no source `zzz`; its sources are `orchard`, `hearsay`"),
        ("orchard", "`orchard` is not of the form SOURCE=FILE"),
        ("orchard=", "is not of the form SOURCE=FILE"),
        ("=x", "is not of the form SOURCE=FILE"),
    ],
)
def test_wrong_usage(folder: Path, text: str, says: str) -> None:
    result = run(folder, "--text", text)
    assert result.exit_code == 2
    assert says in result.output


def test_a_source_named_twice(folder: Path) -> None:
    path = write(folder, ORCHARD)
    result = run(folder, "--text", f"orchard={path}", "--text", f"orchard={path}")
    assert result.exit_code == 2
    assert "`orchard` twice" in result.output


def test_a_guideline_that_cannot_be_used(tmp_path: Path) -> None:
    assert run(tmp_path).exit_code == 2
    assert run("no-such-guideline").exit_code == 2


# The case report itself


def test_the_case_report(tmp_path: Path) -> None:
    if not KELLY.is_file():
        pytest.skip("the case report is not reprinted here: ../shared/sources/kelly-2021.txt is absent")
    result = run(SHIPPED, "--text", f"kelly-2021={KELLY}")
    assert result.exit_code == 0
    assert "71 of 71 anchored statements found; they cover all 71 sentences of its guidance." in flat(result.output)
    lines = KELLY.read_text(encoding="utf-8").split("\n")
    lines[52] = "changed " + lines[52]
    result = run(SHIPPED, "--text", f"kelly-2021={write(tmp_path, chr(10).join(lines))}")
    assert result.exit_code == 1
    assert flat(result.output).endswith("No longer there: [kelly-2021.INT-09]")
    assert "Supports rule [C-01]" in flat(result.output)
