"""A picture as SVG: whole in itself, the same everywhere, said to whoever cannot see it; and no text breaks out."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from drawings import APPLYING, EVERYBODY, PAPERS, ROOT, SHIPPED, assessment_of, case_file, drawn, drawn_for, shipped
from measured import texts_of
from measured_model import booklet_faults
from random_pathways import NASTY
from strategies import EXPERT, loaded

from guidewright.rules.display import escaped
from guidewright.rules.model import Guideline
from guidewright.visualize import pages, svg_text
from guidewright.visualize.booklet import Page
from guidewright.visualize.paper import Paper
from guidewright.visualize.picture import Area, Group, Line, Picture, Polygon, Rectangle, Text
from guidewright.visualize.text_metrics import clipped, is_measured, text_width, wrapped

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "style", "g", "a", "rect", "polygon", "path", "text"}
ATTRIBUTES = (
    {"class", "viewBox", "width", "height", "role", "aria-roledescription", "aria-labelledby", "aria-describedby"}
    | {"font-family", "id", "aria-label", "aria-hidden", "href", "tabindex", "x", "y", "rx", "points", "d", "fill"}
    | {"stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "font-size", "font-weight", "text-anchor"}
    | {"text-decoration", "textLength", "lengthAdjust"}
)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)


@cache
def svgs(name: str, paper: Paper | None = None) -> dict[str, str]:
    return {page.name: svg_text(page.picture) for page in drawn(name, paper)}


def said(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def broken_out(text: str) -> list[str]:
    """What a page holds that none of ours does."""
    found: list[str] = []
    for element in parsed(text).iter():
        if element.tag.removeprefix(SVG) not in ELEMENTS:
            found.append(element.tag)
        found += [f"{element.tag} {name}" for name in element.attrib if name not in ATTRIBUTES]
        link = element.get("href")
        if link is not None and not re.fullmatch(r"([A-Za-z0-9_-]+\.svg)?#box-[0-9]+", link):
            found.append(link)
    return found


# --- the file


@pytest.mark.parametrize("paper", PAPERS[:2])
@pytest.mark.parametrize("name", SHIPPED)
def test_a_page_is_said_to_whoever_cannot_see_it(name: str, paper: Paper | None) -> None:
    ids: list[str] = []
    for page in drawn(name, paper):
        root = parsed(svgs(name, paper)[page.name])
        ids += [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None
        assert desc is not None
        assert root.attrib["role"].split() == ["graphics-document", "document"]
        assert root.attrib["aria-labelledby"] == title.attrib["id"]
        assert root.attrib["aria-describedby"] == desc.attrib["id"]
        assert (title.text, desc.text) == (page.picture.title, page.picture.description)
        for group in root.iter(f"{SVG}g"):
            # What is not said is hidden; a box is one image with one label.
            assert (group.get("aria-hidden") == "true") != bool(group.get("aria-label"))
            if group.attrib["class"] == "box":
                assert group.get("role") == "img"
    assert len(ids) == len(set(ids)), [id for id in ids if ids.count(id) > 1]


@pytest.mark.parametrize("paper", PAPERS[:2])
@pytest.mark.parametrize("name", SHIPPED)
def test_a_page_needs_nothing_from_elsewhere(name: str, paper: Paper | None) -> None:
    for text in svgs(name, paper).values():
        assert broken_out(text) == []
        assert "@import" not in text
        assert re.findall(r"url\((?!data:font/woff2;base64,)", text) == []
        assert set(re.findall(r"https?://[^\"\s<]*", text.partition("<text")[0])) == {"http://www.w3.org/2000/svg"}
        assert text.endswith("</svg>\n")
        assert "\r" not in text


@pytest.mark.parametrize("paper", PAPERS[:2])
@pytest.mark.parametrize("name", SHIPPED)
def test_links_lead_to_boxes_that_are_there(name: str, paper: Paper | None) -> None:
    ids = {page: {g.attrib["id"] for g in parsed(text).iter(f"{SVG}g")} for page, text in svgs(name, paper).items()}
    followed: list[str] = []
    for page, text in svgs(name, paper).items():
        for link in parsed(text).iter(f"{SVG}a"):
            file, _, id = link.attrib["href"].partition("#")
            assert id in ids[file.removesuffix(".svg") or page], (page, link.attrib["href"])
            assert file != f"{page}.svg"
            followed.append(file)
    assert sum(step.kind == "link" for stage in shipped(name).stages for step in stage.steps) <= len(followed)
    for page in drawn(name, paper):
        there, here = parsed(svgs(name, paper)[page.name]), parsed(svg_text(page.picture, links="here"))
        bare = parsed(svg_text(page.picture, links="none"))
        assert list(bare.iter(f"{SVG}a")) == []
        assert said(bare) == said(there)
        boxes = ["#" + link.attrib["href"].partition("#")[2] for link in there.iter(f"{SVG}a")]
        assert [link.attrib["href"] for link in here.iter(f"{SVG}a")] == boxes


def test_the_font_is_in_the_file_or_named_alone() -> None:
    (page, *_) = drawn("curb-65")
    whole, bare = svg_text(page.picture), svg_text(page.picture, embed_font=False)
    assert whole.count("@font-face") == 2
    assert parsed(whole).attrib["font-family"].startswith("Arimo, ")
    assert "@font-face" not in bare
    assert parsed(bare).attrib["font-family"] == "Arimo"


HASHED = """
import hashlib, sys
import guidewright
from guidewright.visualize import pages, svg_text
guideline = guidewright.load(sys.argv[1])
assessment = guidewright.evaluate_file(guideline, sys.argv[2])
for page in (*pages(guideline), *pages(guideline, assessment)):
    print(page.name, hashlib.sha256(svg_text(page.picture).encode()).hexdigest())
"""


def test_the_bytes_are_the_same_in_every_process() -> None:
    name, case = APPLYING[1]
    path = case_file(name, case)
    found = [
        subprocess.run(
            [sys.executable, "-c", HASHED, name, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "271828")
    ]
    assert found[0] == found[1]
    here = [f"{page} {hashlib.sha256(text.encode()).hexdigest()}" for page, text in svgs(name).items()]
    assert found[0].splitlines()[: len(here)] == here


@pytest.mark.parametrize(("name", "case"), EVERYBODY)
def test_a_patients_page_needs_nothing_from_elsewhere_either(name: str, case: str) -> None:
    for page in drawn_for(name, case):
        assert broken_out(svg_text(page.picture)) == []


# --- texts that try to break out

LONG_NOTE = "\n".join(f"Line {number} of a note that goes on" for number in range(40))
WICKED = (
    *NASTY,
    LONG_NOTE,
    '"/><script>x</script>',
    "</text></svg>",
    "<![CDATA[x]]>",
    "&#0;&xxe;",
    "-->",
)


def wicked(text: str) -> Guideline:
    """A guideline with the text wherever an author may write one."""
    grade = {"strength": {"strong": text, "weak": "Weak"}, "certainty": {"high": text, "low": "Low"}}
    rule = {"id": "R", "avoid": text, "short": text[:60], "note": text, "except": text, "when": {"a": True}}
    weigh = {
        "question": text,
        "candidates": {
            "p": {
                "label": text,
                "arguments": [{"id": "A1", "says": text, "supports": 2, "when": {"a": True}, **EXPERT}],
            },
            "q": {
                "label": text,
                "arguments": [{"id": "A2", "says": text, "opposes": 1, "when": {"b": True}, **EXPERT}],
            },
        },
    }
    pathway = {
        "start": {
            "decide": text,
            "answers": [
                {"answer": text, "when": {"a": True}, "go": "act"},
                {"answer": f"No {text}", "otherwise": True, "go": "then"},
            ],
        },
        "act": {"title": text, "rules": ["R", "S"], "go": "w"},
        "w": {"weigh": "w", "title": text, "go": "then"},
        "then": {"link": "other/start", "title": text},
    }
    return loaded(
        {
            "guideline.yaml": {
                "id": "g",
                "title": text,
                "version": "1.0.0",
                "status": text,
                "scope": text,
                "language": "en",
                "grading": grade,
                "stages": ["s", "other"],
            },
            "facts.yaml": {"facts": {name: {"label": f"{text} {name}", "type": "boolean"} for name in ("a", "b")}},
            "sources.yaml": {
                "sources": {
                    "src": {
                        "cite": text,
                        "kind": "guideline",
                        "read": "full-text",
                        "statements": {"S1": {"says": text}},
                    }
                }
            },
            "1-s.yaml": {
                "stage": "s",
                "title": text,
                "rules": [
                    {**rule, "because": ["src.S1"], "strength": "strong", "certainty": "high", "signoff": "required"},
                    {"id": "S", "do": text, "when": {"b": True}, **EXPERT},
                    {"id": "B", "flag": text, "when": {}, **EXPERT},
                ],
                "weigh": {"w": weigh},
                "pathway": pathway,
                "beside": ["B"],
            },
            "2-other.yaml": {"stage": "other", "title": text, "pathway": {"start": {"end": text}}},
        }
    )


@pytest.mark.parametrize("text", WICKED, ids=range(len(WICKED)))
def test_no_text_of_an_author_breaks_out(text: str) -> None:
    guideline = wicked(text)
    assessment = assessment_of(guideline, {})
    for found in (pages(guideline), pages(guideline, assessment), pages(guideline, paper="a4")):
        assert booklet_faults(found, guideline) == []
        for page in found:
            drawn_text = svg_text(page.picture)
            assert broken_out(drawn_text) == []
            root = parsed(drawn_text)
            assert all(shown.isprintable() for shown in said(root))
            assert all(value.isprintable() for element in root.iter() for value in element.attrib.values())
            title = root.find(f"{SVG}title")
            assert title is not None
            assert (title.text or "").isprintable()


def test_what_an_author_wrote_is_there_as_it_was_written() -> None:
    """Escaping is not leaving out: short texts come back whole."""
    text = 'He said "no" & <b>left</b> \\N'
    shown = [line for page in pages(wicked(text)) for line in said(parsed(svg_text(page.picture)))]
    assert any(text in line for line in shown)


@pytest.mark.parametrize(
    "id", ['"><script>x</script>', "\u202egro.live", "a" * 300, "\x1b[31mred", "\u2028line\u2029", "&amp;", "肝臓" * 80]
)
def test_no_id_of_a_patient_breaks_out(id: str) -> None:
    guideline = shipped("curb-65")
    assessment = replace(assessment_of(guideline, {}), patient=id)
    found = pages(guideline, assessment)
    assert booklet_faults(found, guideline) == []
    for page in found:
        text = svg_text(page.picture)
        assert broken_out(text) == []
        assert all(shown.isprintable() for shown in said(parsed(text)))
        assert any(escaped(id)[:9] in shown for shown in said(parsed(text)))


# --- letters that the font does not have


def one(text: Text) -> ET.Element:
    (found,) = parsed(svg_text(Picture(100, 100, "T", "D", (text,)))).iter(f"{SVG}text")
    return found


@pytest.mark.parametrize("text", ["肝臓", "مراجعة", "🩺", "e\u0301", "mixed 肝"])
def test_a_letter_from_another_font_is_made_to_fit(text: str) -> None:
    assert not is_measured(text)
    wide = text_width(text, 10)
    found = one(Text(0, 10, text, 10, "ink", wide + 5))
    assert float(found.attrib["textLength"]) == pytest.approx(wide, abs=0.01)
    assert found.attrib["lengthAdjust"] == "spacingAndGlyphs"
    assert float(one(Text(0, 10, text, 10, "ink", 7)).attrib["textLength"]) == 7


def test_a_letter_of_the_font_is_left_as_it_is() -> None:
    assert "textLength" not in one(Text(0, 10, "≥ 10 mm: Ärzte → βλ", 10, "ink", 200)).attrib


@pytest.mark.parametrize("text", [*NASTY, "a b", "  a  ", "", "x" * 400])
@pytest.mark.parametrize("room", [20.0, 77.5, 400.0])
def test_wrapping_loses_nothing_and_keeps_to_its_room(text: str, room: float) -> None:
    text = escaped(text)
    lines = wrapped(text, 9, room, bold=True)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line, 9, True) <= room for line in lines)
    few = wrapped(text, 9, room, bold=True, most=2)
    assert len(few) <= 2
    assert few == lines or few[-1].endswith("…")
    short = clipped(text, 9, room, True)
    assert text_width(short, 9, True) <= room
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


# --- shapes


def test_shapes_are_written_as_they_are() -> None:
    line = Line(((10, 10), (10, 50), (90, 50)), "arrow", 6, arrow=True)
    shapes = (
        Rectangle(Area(1, 2, 30.125, 40), "state", 4),
        Polygon(((0, 0), (5, 0), (5, 5)), "decision"),
        Group("box", "box-1", "Box & 1", Area(0, 0, 9, 9), (line,), "#box-2"),
        Text(3, 4, "<x>", 9, "ink", 50, bold=True, anchor="end", struck=True),
    )
    root = parsed(svg_text(Picture(100, 60.5, "T & t", "D", shapes, "p")))
    assert root.attrib["viewBox"] == "0 0 100 60.5"
    (rect,) = root.iter(f"{SVG}rect")
    assert {name: rect.attrib[name] for name in ("x", "y", "width", "height", "rx")} == {
        "x": "1",
        "y": "2",
        "width": "30.12",
        "height": "40",
        "rx": "4",
    }
    (path,) = root.iter(f"{SVG}path")
    assert path.attrib["d"] == "M10 10L10 44Q10 50 16 50L84 50"
    head = [polygon.attrib["points"] for polygon in root.iter(f"{SVG}polygon")][1]
    assert head == "90,50 83,53.2 83,46.8"
    (group,) = root.iter(f"{SVG}g")
    assert (group.attrib["aria-label"], group.attrib["role"]) == ("Box & 1", "img")
    (text,) = root.iter(f"{SVG}text")
    assert (text.text, text.attrib["text-anchor"], text.attrib["text-decoration"]) == ("<x>", "end", "line-through")


def test_every_page_is_an_svg_of_its_size() -> None:
    def size(page: Page) -> tuple[float, float]:
        root = parsed(svg_text(page.picture))
        return float(root.attrib["width"]), float(root.attrib["height"])

    for page in drawn("curb-65"):
        assert size(page) == pytest.approx((page.picture.width, page.picture.height), abs=0.01)
        assert len(said(parsed(svg_text(page.picture)))) == len(texts_of(page.picture.shapes))


def test_nothing_but_a_guideline_is_drawn() -> None:
    wrong: Any = "curb-65"
    with pytest.raises(TypeError, match="a guideline is what"):
        pages(wrong)
