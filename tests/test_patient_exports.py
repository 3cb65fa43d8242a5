"""DOT and Mermaid with a patient: that the way is exactly that of the answer, and that every mark is said in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from strategies import tried
from test_graph_exports import NASTY, SVG, decoded, drawn, parsed, small, squeezed, texts, worded

import guidewright
from guidewright.embedding import Guideline as Loaded
from guidewright.engine.assessment import NOTICE, Assessment
from guidewright.rules.display import escaped
from guidewright.rules.model import Guideline
from guidewright.visualize import decision_graph, dot_text, facts_graph, mermaid_text
from guidewright.visualize.chart import safe_id
from guidewright.visualize.marks import BoxMarks, Marks, RuleMarks, marks_of
from guidewright.visualize.palette import PATH

LEIO = "retroperitoneal-leiomyosarcoma"
SHIPPED = Path(__file__).parent.parent / "guidelines"
CASES = [
    ("curb-65", "five-points-at-the-limits"),
    ("curb-65", "age-not-known"),
    ("curb-65", "nothing-known"),
    ("curb-65", "retains-co2"),
    ("curb-65", "child"),
    (LEIO, "V01-index-case-before-surgery"),
    (LEIO, "V10-cirrhosis-with-lr5"),
]
FIRED = "#FBE3EA"


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[tuple[str, str], tuple[Loaded, Assessment]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        loaded = {id: guidewright.load(id) for id in ("curb-65", LEIO)}
    found = {}
    for id, case in CASES:
        path = SHIPPED / id / "cases" / f"{case}.yaml"
        found[id, case] = loaded[id], guidewright.evaluate_file(loaded[id], path, engine="compiled")
    return found


# --- what both formats show, read from what they made


@dataclass(frozen=True)
class Drawn:
    """The colours are of the lines; `text` is that of the words."""

    line: str
    width: float
    dashed: bool
    text: str
    fill: str = ""
    words: str = ""


@dataclass(frozen=True)
class Picture:
    boxes: dict[str, Drawn]
    arrows: dict[tuple[str, str], Drawn]
    head: str


def from_dot(text: str) -> Picture:
    svg = drawn(text)
    boxes, arrows = {}, {}
    for group in svg.iter(f"{SVG}g"):
        title = group.findtext(f"{SVG}title", "")
        if group.get("class") == "node":
            boxes[title] = of_group(group)
        elif group.get("class") == "edge":
            tail, _, head = title.partition("->")
            arrows[tail, head] = of_group(group)
    graph = svg.find(f"{SVG}g")
    assert graph is not None
    return Picture(boxes, arrows, squeezed("".join(one.text or "" for one in graph.findall(f"{SVG}text"))))


def of_group(group: ElementTree.Element) -> Drawn:
    shape = next(
        part for part in group.iter() if part.tag in {f"{SVG}{kind}" for kind in ("path", "polygon", "ellipse")}
    )
    words = list(group.iter(f"{SVG}text"))
    return Drawn(
        (shape.get("stroke") or "").upper(),
        float(shape.get("stroke-width") or 1),
        shape.get("stroke-dasharray") is not None,
        (words[0].get("fill") or "").upper() if words else "",
        (shape.get("fill") or "").upper(),
        squeezed("".join(one.text or "" for one in words)),
    )


def from_mermaid(text: str) -> Picture:
    lines = parsed(text)
    styles = {m["look"]: of_line(m["line"], m["fill"]) for kind, m in lines if kind == "style"}
    boxes = {m["id"]: replace(styles[m["look"]], words=decoded(m["shape"])) for kind, m in lines if kind == "box"}
    ways = {int(which): of_line(m["line"]) for kind, m in lines if kind == "ways" for which in m["which"].split(",")}
    order = [(m["tail"], m["head"], decoded(m["text"])) for kind, m in lines if kind == "arrow"]
    assert sorted(ways) == list(range(len(order)))
    arrows = {(tail, head): replace(ways[i], words=words) for i, (tail, head, words) in enumerate(order)}
    (head,) = [decoded(m["text"]) for kind, m in lines if kind == "about"]
    return Picture(boxes, arrows, head)


def of_line(line: str, fill: str = "") -> Drawn:
    said = dict(part.split(":") for part in line.split(","))
    width = float(said["stroke-width"].removesuffix("px"))
    return Drawn(said["stroke"], width, "stroke-dasharray" in said, said["color"], fill)


FORMATS = {
    "dot": lambda graph, marks: from_dot(dot_text(graph, marks)),
    "mermaid": lambda graph, marks: from_mermaid(mermaid_text(graph, marks)),
}
both = pytest.mark.parametrize("format", FORMATS)


# --- the way


@both
@pytest.mark.parametrize(("id", "case"), CASES)
def test_the_way_is_that_of_the_answer(answers, format, id, case):
    guideline, answer = answers[id, case]
    picture = FORMATS[format](decision_graph(guideline), marks_of(answer, guideline.ready.guideline))
    applies = answer.applies is not False
    ways = [path for path in answer.paths.values() if applies]
    passed = {safe_id(f"{path.stage}/{step.step}") for path in ways for step in path.steps}
    stops = {safe_id(f"{path.stage}/{path.stopped_at}") for path in ways if path.stopped_at is not None}
    assert {box for box, drawn in picture.boxes.items() if drawn.line == PATH} == passed
    assert {box for box, drawn in picture.boxes.items() if drawn.dashed} == stops
    assert {box for box, drawn in picture.boxes.items() if "NEEDS:" in drawn.words} == stops
    thin = [drawn.width for box, drawn in picture.boxes.items() if box not in passed]
    assert all(drawn.width > max(thin) for box, drawn in picture.boxes.items() if box in passed)

    taken = {
        (safe_id(f"{path.stage}/{a.step}"), safe_id(f"{path.stage}/{b.step}")): bool(a.assuming)
        for path in ways
        for a, b in pairwise(path.steps)
    }
    assert {way for way, drawn in picture.arrows.items() if drawn.line == PATH} == {*taken}
    assert {way for way, drawn in picture.arrows.items() if drawn.width > 2} == {*taken}
    assert {way for way, drawn in picture.arrows.items() if drawn.dashed} == {way for way in taken if taken[way]}
    assert {way for way, drawn in picture.arrows.items() if "[assumed]" in drawn.words} == {
        way for way in taken if taken[way]
    }


def test_the_cases_cover_every_mark(answers):
    every = [answer for _, answer in answers.values()]
    assert {answer.applies for answer in every} == {True, None, False}
    assert {rule.status for answer in every for rule in answer.rules.values()} == {
        "fired",
        "open",
        "overridden",
        "not_fired",
    }
    paths = [path for answer in every for path in answer.paths.values()]
    assert any(path.stopped_at for path in paths)
    assert any(step.assuming for path in paths for step in path.steps)


# --- the rules

WORDS = {"fired": "[holds", "open": "[open", "overridden": "[replacedby", "not_fired": "[doesnothold]"}


@both
@pytest.mark.parametrize(("id", "case"), CASES)
def test_what_became_of_each_rule_is_said_before_it(answers, format, id, case):
    guideline, answer = answers[id, case]
    picture = FORMATS[format](decision_graph(guideline), marks_of(answer, guideline.ready.guideline))
    for stage in guideline.ready.guideline.stages:
        for step in stage.steps:
            shown = picture.boxes[safe_id(f"{stage.id}/{step.id}")]
            said = re.findall(r"(\[(?:holds|open|replacedby|doesnothold)[^\]]*\])([A-Z]+-?[0-9]+)", shown.words)
            if answer.applies is False:
                assert said == []
                assert shown.fill != FIRED
                continue
            # An id and what follows it run together once blanks are gone.
            assert len(said) == len(step.rules)
            for (words, begin), rule in zip(said, step.rules, strict=True):
                assert begin.startswith(rule)
                assert words.startswith(WORDS[answer.rules[rule].status])
            statuses = {answer.rules[rule].status for rule in step.rules}
            assert (shown.fill == FIRED) == ("fired" in statuses)


@both
def test_what_fires_or_is_open_is_not_faded_where_the_way_does_not_go(answers, format):
    guideline, answer = answers["curb-65", "age-not-known"]
    picture = FORMATS[format](decision_graph(guideline), marks_of(answer, guideline.ready.guideline))
    ink = picture.boxes[safe_id("place/start")].text
    assert answer.rules["P14"].status == "fired"
    assert answer.rules["P13"].status == "open"
    assert picture.boxes[safe_id("place/again")].text == picture.boxes[safe_id("place/cultures")].text == ink
    assert picture.boxes[safe_id("place/home")].text != ink
    assert picture.boxes[safe_id("place/crb")].text != ink


@both
@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (RuleMarks("fired", False, (), ()), "[holds]"),
        (RuleMarks("fired", True, ("Size",), ()), "[holds, although this is not known: Size]"),
        (RuleMarks("fired", True, (), ()), "[holds, on an assumption]"),
        (RuleMarks("open", False, ("Size", "Seen"), ()), "[open: needs Size; Seen]"),
        (RuleMarks("open", False, tuple("abcde"), ()), "[open: needs a; b; c; and 2 more]"),
        (RuleMarks("open", False, (), ()), "[open]"),
        (RuleMarks("overridden", False, (), ("R1", "R4")), "[replaced by R1, R4]"),
        (RuleMarks("not_fired", False, (), ()), "[does not hold]"),
    ],
)
def test_the_words_of_each_mark(format, mark, words):
    guideline = small()
    marks = marks_by_hand(guideline, rules=dict.fromkeys(guideline.rules, mark))
    picture = FORMATS[format](decision_graph(guideline), marks)
    assert picture.boxes[safe_id("two/start")].words == squeezed(f"(7) What now? {words} R5 Rest {words} R6 Walk")


@both
@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (BoxMarks("stopped", needs=("Size", "Seen")), "NEEDS: Size; Seen"),
        (BoxMarks("stopped"), "STOPS HERE"),
        (BoxMarks("stopped", several=(0, 1)), "STOPS HERE: several answers hold at once, a fault of the guideline"),
        (BoxMarks("passed", 2, True, ("Size",)), "ASSUMED, since not known: Size"),
        (BoxMarks("passed", 1), ""),
        (BoxMarks(), ""),
    ],
)
def test_a_box_says_why_the_way_stops_or_what_it_assumes(format, mark, words):
    guideline = small()
    picture = FORMATS[format](decision_graph(guideline), marks_by_hand(guideline, boxes={"one/how-big": mark}))
    box = picture.boxes[safe_id("one/how-big")]
    assert box.words == squeezed(f"(2) How big? {words} [does not hold] R3 Consider: Wait")
    assert box.dashed == (mark.passing == "stopped")


@both
def test_answers_that_hold_at_once_are_marked_and_none_is_taken(format):
    guideline = small()
    marks = marks_by_hand(guideline, boxes={"one/how-big": BoxMarks("stopped", several=(1,))})
    arrows = FORMATS[format](decision_graph(guideline), marks).arrows
    assert {words for way in arrows if (words := arrows[way].words)} == {"Big/Notknowntobe", "[holds]Small"}
    assert not [way for way, drawn in arrows.items() if drawn.line == PATH]


# --- whose it is


@both
def test_the_heading_says_whose_it_is_and_whether_the_guideline_applies(answers, format):
    for (id, case), (guideline, answer) in answers.items():
        head = FORMATS[format](decision_graph(guideline), marks_of(answer, guideline.ready.guideline)).head
        assert squeezed(f"Patient {case}, as of {answer.as_of.isoformat()}") in head, id
        assert squeezed(NOTICE) in head
        assert ("THISGUIDELINEDOESNOTAPPLY" in head) == (answer.applies is False)
        assert ("itisnotknownwhetherthisguidelineapplies" in head) == (answer.applies is None)


def test_the_heading_comes_first(answers):
    guideline, answer = answers["curb-65", "child"]
    graph, marks = decision_graph(guideline), marks_of(answer, guideline.ready.guideline)
    kinds = [kind for kind, _ in parsed(mermaid_text(graph, marks))]
    assert kinds.index("about") < kinds.index("page")
    svg = drawn(dot_text(graph, marks)).find(f"{SVG}g")
    assert svg is not None
    head = [float(one.get("y") or 0) for one in svg.findall(f"{SVG}text")]
    boxes = [float(one.get("y") or 0) for one in svg.iterfind(f"{SVG}g//{SVG}text")]
    assert max(head) < min(boxes)


def test_a_patient_without_an_id_is_one():
    marks = replace(marks_by_hand(small()), patient=None)
    for picture in FORMATS.values():
        assert squeezed("Patient without an id, as of 2021-03-04") in picture(decision_graph(small()), marks).head


# --- what does not belong together, and texts


def marks_by_hand(guideline: Guideline, boxes=None, rules=None, applies: bool | None = True) -> Marks:
    every = dict.fromkeys(guideline.rules, RuleMarks("not_fired", False, (), ()))
    return Marks(guideline.digest, "p", date(2021, 3, 4), applies, boxes or {}, rules or every, {})


@pytest.mark.parametrize("write", [dot_text, mermaid_text])
def test_marks_of_another_guideline_and_marks_on_facts_are_refused(write):
    marks = marks_by_hand(small())
    with pytest.raises(ValueError, match="another guideline, or another version of it"):
        write(decision_graph(replace(small(), digest="sha256:0")), marks)
    with pytest.raises(ValueError, match="decision_graph only"):
        write(facts_graph(small()), marks)


def marked_with(text: str) -> tuple[Guideline, Marks]:
    """Texts of authors and of the record wherever marks have them."""
    guideline = worded(small(), text)
    rules = dict.fromkeys(guideline.rules, RuleMarks("open", False, (text,), ()))
    boxes = {"one/start": BoxMarks("passed"), "one/how-big": BoxMarks("stopped", needs=(text, text))}
    return guideline, replace(marks_by_hand(guideline, boxes, rules), patient=text)


def assert_harmless(picture: Picture, text: str) -> None:
    shown = escaped(text)
    assert len(picture.boxes) == 8
    assert picture.boxes[safe_id("one/start")].words == squeezed(f"(1) {shown}")
    assert picture.boxes[safe_id("one/how-big")].words == squeezed(
        f"(2) {shown} NEEDS: {shown}; {shown} [open: needs {shown}] R3 Consider: {shown}"
    )
    assert squeezed(f"Patient {shown}, as of 2021-03-04") in picture.head
    assert squeezed(NOTICE) in picture.head
    assert [box for box, drawn in picture.boxes.items() if drawn.dashed] == [safe_id("one/how-big")]
    assert len(picture.arrows) == 6


@tried(100)
@given(texts)
def test_no_text_breaks_out_of_mermaid(text: str):
    guideline, marks = marked_with(text)
    assert_harmless(from_mermaid(mermaid_text(decision_graph(guideline), marks)), text)


@both
@pytest.mark.parametrize("text", NASTY)
def test_no_nasty_text_breaks_out(format, text):
    guideline, marks = marked_with(text)
    assert_harmless(FORMATS[format](decision_graph(guideline), marks), text)


@both
def test_a_part_is_marked_too(answers, format):
    guideline, answer = answers["curb-65", "age-not-known"]
    whole = decision_graph(guideline)
    part = whole.subgraph([box for box in whole if box.startswith("place/")])
    marks = marks_of(answer, guideline.ready.guideline)
    picture = FORMATS[format](part, marks)
    complete = FORMATS[format](whole, marks)
    assert picture.boxes == {box: drawn for box, drawn in complete.boxes.items() if box.startswith("n_place_")}
    assert picture.arrows == {way: drawn for way, drawn in complete.arrows.items() if way[0].startswith("n_place_")}
