"""The exports of the graphs, and that whatever an author writes stays text in them."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import distribution
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import networkx
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import tried
from test_decision_graph import SMALL

import guidewright
from guidewright.commands import guidewright as command
from guidewright.engine.assessment import NOTICE
from guidewright.rules.display import escaped
from guidewright.rules.load import check_texts
from guidewright.rules.model import Answer, Candidate, Guideline, Stage, Step
from guidewright.visualize import decision_graph, dot_text, facts_graph, graphml_text, mermaid_text, node_link
from guidewright.visualize.chart import safe_id

CURB = "curb-65"
GRAPHS = {"decisions": decision_graph, "facts": facts_graph}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        return guidewright.load("retroperitoneal-leiomyosarcoma")


# --- the same guideline in other words


def small() -> Guideline:
    guideline = check_texts({name: json.dumps(content) for name, content in SMALL.items()}, [], "g").guideline
    assert guideline is not None
    return guideline


def worded(guideline: Guideline, text: str) -> Guideline:
    """The guideline with this text wherever an author may write one, even if the loader would refuse it; but a text is
    never empty, and never begins or ends with a blank.
    """

    def step(given: Step) -> Step:
        return replace(given, text=text, answers=tuple(map(answer, given.answers)))

    def answer(given: Answer) -> Answer:
        return replace(given, text=text)

    def stage(given: Stage) -> Stage:
        return replace(given, title=text, steps=tuple(map(step, given.steps)))

    def candidate(given: Candidate) -> Candidate:
        return replace(given, label=text, arguments=tuple(replace(a, says=text) for a in given.arguments))

    return replace(
        guideline,
        title=text,
        version=text,
        digest=text,
        stages=tuple(map(stage, guideline.stages)),
        rules={id: replace(rule, text=text, short=None) for id, rule in guideline.rules.items()},
        facts={id: replace(fact, label=text) for id, fact in guideline.facts.items()},
        weighings={
            id: replace(weighing, question=text, candidates=tuple(map(candidate, weighing.candidates)))
            for id, weighing in guideline.weighings.items()
        },
    )


def renamed(guideline: Guideline, ids: dict[str, str]) -> Guideline:
    """The guideline with other ids of steps."""

    def step(given: Step) -> Step:
        answers = tuple(replace(answer, go=ids.get(answer.go, answer.go)) for answer in given.answers)
        go = ids.get(given.go, given.go) if given.go is not None else None
        link = ids.get(given.link, given.link) if given.link is not None else None
        return replace(given, id=ids.get(given.id, given.id), answers=answers, go=go, link=link)

    return replace(guideline, stages=tuple(replace(s, steps=tuple(map(step, s.steps))) for s in guideline.stages))


NASTY = [
    '"',
    '"]; evil [label="x',
    "<b>bold</b>",
    "<<table><tr><td>x</td></tr></table>>",
    "<script>alert(1)</script>",
    "a & b &amp; c &lt; d &#65; &quot;",
    r"\N \G \E \T \H \L \l \n \r \" \\",
    "back\\",
    "two\\\\",
    "end",
    "graph",
    "subgraph x",
    "%%{init: {'theme': 'dark'}}%%",
    "%% comment",
    'click n_a href "javascript:alert(1)"',
    "javascript:alert(1)",
    "#quot;#35;#lt;",
    "style: a:b#35;",
    "classDef x fill:#f00;",
    "1. one\n2. two",
    "- item",
    "**bold** _it_ `code` [link](javascript:x) ![i](http://x)",
    "line\nbreak\r\nand\ttab",
    "W" * 500,
    "שלום עולם",
    "\u202eright to left\u2066",
    "smile 😀 👩‍⚕️ 🇨🇭",
    "nul \0 bell \x07 escape \x1b[31m",
    "\ud800 half",
    "\ufffe \uffff \u2028 \u2029 \x85",
    "e\u0301\u0301\u0301",
    "|pipe| --> {brace} (paren) [bracket]",
    "]]></data>",
    "x" * 40 + "\\" + "y" * 40,
    "//* comment */",
    "digraph {",
    "port:n",
]
_ANY = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(NASTY), min_size=2, max_size=3).map("".join),
    st.text(min_size=1, max_size=60),
    st.text(alphabet='\\"<>&#;%{}[]()|:nlrNGETHL \n', min_size=1, max_size=60),
)
texts = _ANY.map(str.strip).filter(bool)
IDS = {"start": "start", "how-big": "end", "which": "graph", "do": "n_5f_x", "back": "node", "out": "a-b"}


def squeezed(text: str) -> str:
    """Without blanks, which breaking into lines adds and takes."""
    return "".join(text.split())


def box_texts(guideline: Guideline, text: str) -> dict[str, str]:
    """What the boxes of `small` show when every text of it is this one, written down here a second time."""
    shown = escaped(text)
    already = re.match(r"(?i)do not\s+", text)
    forbidden = f" {escaped(text[already.end() :])}" if already else f" rule: {escaped(text)}"
    rules = {
        "R1": f"R1{shown}",
        "R2": f"R2DO NOT{forbidden}",
        "R3": f"R3Consider:{shown}",
        "R5": f"R5{shown}",
        "R6": f"R6{shown}",
    }
    ids = [f"{stage.id}/{step.id}" for stage in guideline.stages for step in stage.steps]
    extra = [
        "",
        rules["R3"],
        "",
        rules["R2"] + rules["R1"],
        "go to box 2",
        "go to box 7",
        rules["R5"] + rules["R6"],
        "",
    ]
    return {
        safe_id(id): squeezed(f"({box}){shown}{more}") for box, (id, more) in enumerate(zip(ids, extra, strict=True), 1)
    }


# --- DOT


def graphviz_pure() -> str:
    files = distribution("graphviz-pure").files or []
    (program,) = [file for file in files if file.name in ("graphviz-pure", "graphviz-pure.exe")]
    return str(program.locate())


def drawn(dot: str) -> ElementTree.Element:
    """The SVG that Graphviz makes of it, which also says that it is sound."""
    done = subprocess.run([graphviz_pure(), "-Tsvg"], input=dot.encode(), capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert "syntax error" not in done.stderr.decode()
    return ElementTree.fromstring(done.stdout)


SVG = "{http://www.w3.org/2000/svg}"


def groups(svg: ElementTree.Element, kind: str) -> Iterator[tuple[str, str]]:
    """The title and the text of each node, edge or cluster."""
    for group in svg.iter(f"{SVG}g"):
        if group.get("class") == kind:
            words = "".join(text.text or "" for text in group.iter(f"{SVG}text"))
            yield group.findtext(f"{SVG}title", ""), squeezed(words)


def assert_dot_shows(guideline: Guideline, text: str) -> None:
    svg = drawn(dot_text(decision_graph(guideline)))
    assert dict(groups(svg, "node")) == box_texts(guideline, text)
    ways = {
        f"{safe_id(tail)}->{safe_id(head)}": squeezed(escaped(data["text"]))
        for tail, head, data in decision_graph(guideline, links=False).edges(data=True)
    }
    assert len(ways) == 6
    assert dict(groups(svg, "edge")) == ways
    assert [words for _, words in groups(svg, "cluster")] == [squeezed(escaped(text))] * 2
    assert not {element.tag for element in svg.iter()} & {f"{SVG}{tag}" for tag in ("a", "image", "script")}
    assert squeezed(NOTICE) in squeezed("".join(element.text or "" for element in svg.iter(f"{SVG}text")))


@tried(60)
@given(texts)
@example("\\N")
@example('"]; n_evil')
def test_no_text_breaks_out_of_dot(text: str):
    assert_dot_shows(worded(small(), text), text)


@pytest.mark.parametrize("text", NASTY)
def test_no_nasty_text_breaks_out_of_the_facts_in_dot(text):
    graph = facts_graph(worded(small(), text))
    svg = drawn(dot_text(graph))
    assert {title for title, _ in groups(svg, "node")} == {safe_id(id) for id in graph}
    labels = dict(groups(svg, "node"))
    assert labels[safe_id("size")] == squeezed(escaped(text)) + "size"
    assert labels[safe_id("argument:A1")] == squeezed(f"A1{escaped(text)}")
    assert labels[safe_id("rule:R4")] == squeezed(f"R4{escaped(text)}(needs a clinician's signature)")
    roles = {f"{safe_id(a)}->{safe_id(b)}": data["roles"] for a, b, data in graph.edges(data=True)}
    expected = {way: "".join(f"{role}," for role in many)[:-1] for way, many in roles.items()}
    expected = {way: words for way, words in expected.items() if not way.startswith(safe_id("guideline:small"))}
    assert dict(groups(svg, "edge")) == expected


def test_ids_that_are_words_of_the_formats_are_harmless():
    guideline = renamed(worded(small(), "plain"), IDS)
    assert_dot_shows(guideline, "plain")
    assert_mermaid_shows(guideline, "plain")


@tried(200)
@given(st.lists(st.text(max_size=8), unique=True, min_size=2, max_size=6))
@example(["a-b", "a_b", "a.b", "a/b", "a_2d_b", "a"])
def test_different_ids_stay_different_and_are_letters_digits_and_underscores(ids: list[str]):
    safe = [safe_id(id) for id in ids]
    assert len(set(safe)) == len(ids)
    assert all(re.fullmatch(r"n_[A-Za-z0-9_]*", id) for id in safe)


@pytest.mark.parametrize("view", GRAPHS)
def test_the_shipped_guideline_is_drawn(shipped, view):
    graph = GRAPHS[view](shipped)
    svg = drawn(dot_text(graph))
    assert len(list(groups(svg, "node"))) == len(graph)
    if view == "decisions":
        titles = [squeezed(stage.title) for stage in shipped.ready.guideline.stages]
        assert [words for _, words in groups(svg, "cluster")] == titles


# --- Mermaid

_TEXT = r"\"(?:[^\"<>#;&`%{}|\[\]\\:*_~$]|#[0-9]+;|<br/>)*\""
_ID = r"n_[A-Za-z0-9_]+"
_SHAPES = rf"\({_TEXT}\)|\[{_TEXT}\]|\{{\{{{_TEXT}\}}\}}|\[\[{_TEXT}\]\]|\(\[{_TEXT}\]\)|\[/{_TEXT}/\]|>{_TEXT}\]"
_COLOUR = "#[0-9A-F]{6}"
_LINE = rf"stroke:{_COLOUR},color:{_COLOUR}(?:,stroke-width:[0-9.]+px(?:,stroke-dasharray:6 4)?)?"
LINES = {
    "header": r"flowchart (TD|LR)",
    "comment": r"  %% (?:[^\"<>#;&`%{}|\[\]\\:*_~$]|#[0-9]+;)*",
    "page": rf"  subgraph page_[0-9]+\[(?P<text>{_TEXT})\]",
    "direction": r"    direction TB",
    "end": r"  end",
    "box": rf"  (?:  )?(?P<id>{_ID})(?P<shape>{_SHAPES}):::as_(?P<look>[a-z_]+)",
    "about": rf"  about\[\[(?P<text>{_TEXT})\]\]:::as_(?:panel|head)",
    "arrow": rf"  (?P<tail>{_ID}) -->(?:\|(?P<text>{_TEXT})\|)? (?P<head>{_ID})",
    "style": rf"  classDef as_(?P<look>[a-z_]+) fill:(?P<fill>{_COLOUR}),(?P<line>{_LINE})",
    "ways": rf"  linkStyle (?P<which>[0-9]+(?:,[0-9]+)*) (?P<line>{_LINE})",
}


def parsed(text: str) -> list[tuple[str, re.Match[str]]]:
    """The lines by what they are; every line must be exactly one of the lines that we write."""
    assert text.endswith("\n")
    found = []
    for line in text[:-1].split("\n"):
        kinds = [(kind, match) for kind, pattern in LINES.items() if (match := re.fullmatch(pattern, line))]
        assert len(kinds) == 1, line
        found += kinds
    return found


def decoded(quoted: str | None) -> str:
    if quoted is None:
        return ""
    inside = quoted[quoted.index('"') + 1 : quoted.rindex('"')].replace("<br/>", " ")
    return squeezed(re.sub(r"#([0-9]+);", lambda code: chr(int(code[1])), inside))


def assert_mermaid_shows(guideline: Guideline, text: str) -> None:
    lines = parsed(mermaid_text(decision_graph(guideline)))
    kinds = [kind for kind, _ in lines]
    assert kinds[:4] == ["header", "comment", "comment", "comment"]
    assert "ways" not in kinds
    assert kinds.count("page") == kinds.count("end") == 2
    assert {m["id"]: decoded(m["shape"]) for kind, m in lines if kind == "box"} == box_texts(guideline, text)
    assert [decoded(m["text"]) for kind, m in lines if kind == "page"] == [squeezed(escaped(text))] * 2
    assert {(m["tail"], m["head"]): decoded(m["text"]) for kind, m in lines if kind == "arrow"} == {
        (safe_id(tail), safe_id(head)): squeezed(escaped(data["text"]))
        for tail, head, data in decision_graph(guideline, links=False).edges(data=True)
    }
    (about,) = [decoded(m["text"]) for kind, m in lines if kind == "about"]
    assert squeezed(f"{escaped(text)}small{escaped(text)},{escaped(text)}{NOTICE}") in about


@tried(200)
@given(texts)
def test_no_text_breaks_out_of_mermaid(text: str):
    assert_mermaid_shows(worded(small(), text), text)


@pytest.mark.parametrize("text", NASTY)
def test_no_nasty_text_breaks_out_of_mermaid(text):
    assert_mermaid_shows(worded(small(), text), text)
    graph = facts_graph(worded(small(), text))
    lines = parsed(mermaid_text(graph))
    boxes = {m["id"]: decoded(m["shape"]) for kind, m in lines if kind == "box"}
    assert set(boxes) == {safe_id(id) for id in graph}
    assert boxes[safe_id("size")] == squeezed(escaped(text)) + "size"
    ways = {(m["tail"], m["head"]) for kind, m in lines if kind == "arrow"}
    assert ways == {(safe_id(a), safe_id(b)) for a, b in graph.edges if not a.startswith("guideline:")}


@pytest.mark.parametrize("view", GRAPHS)
def test_the_shipped_guideline_keeps_the_grammar(shipped, view):
    assert parsed(mermaid_text(GRAPHS[view](shipped)))


# --- what both pictures show


def test_boxes_have_the_shapes_of_their_kinds():
    dot = dot_text(decision_graph(small()))
    shapes = {id: re.search(rf"\t{safe_id(id)} \[.* shape=(\w+) style=\"?([\w,]+)", dot).groups() for id in PAGES}
    assert shapes == PAGES
    mermaid = mermaid_text(decision_graph(small()))
    opening = {id: re.search(rf"{safe_id(id)}(\W+)\"", mermaid)[1] for id in PAGES}
    assert opening == {
        "one/start": "(",
        "one/how-big": "{{",
        "one/which": "[[",
        "one/do": "[",
        "one/back": "([",
        "two/start": "[/",
        "two/done": "([",
    }


PAGES = {
    "one/start": ("box", "rounded,filled"),
    "one/how-big": ("hexagon", "filled"),
    "one/which": ("octagon", "filled"),
    "one/do": ("box", "filled"),
    "one/back": ("ellipse", "filled"),
    "two/start": ("tab", "filled"),
    "two/done": ("ellipse", "filled,bold"),
}


def test_a_box_without_a_title_of_its_own_shows_what_it_is_about():
    mermaid = mermaid_text(decision_graph(small()))
    assert '["(3) Which?"]' in mermaid
    assert '("' in mermaid
    assert '(["(6) What now?<br/>go to box 7"])' in mermaid


def test_a_rule_that_awaits_a_signature_is_marked():
    guideline = small()
    unsigned = replace(guideline, rules={**guideline.rules, "R1": replace(guideline.rules["R1"], signoff=True)})
    for make in (dot_text, mermaid_text):
        assert "needs a clinician" not in make(decision_graph(guideline))
        assert "needs a clinician" in make(decision_graph(unsigned))


def test_pictures_say_what_they_are_of(shipped):
    for make in GRAPHS.values():
        for write in (dot_text, mermaid_text):
            text = squeezed(html.unescape(re.sub(r"#(\d+);", r"&#\1;", write(make(shipped)))).replace("\\l", ""))
            for words in (shipped.title, shipped.id, shipped.version, shipped.digest, NOTICE):
                assert squeezed(words) in text


def test_a_part_is_drawn_in_the_same_order_whatever_set_it_came_from(shipped):
    script = (
        "import guidewright, sys; from guidewright.visualize import *\n"
        "graph = decision_graph(guidewright.load('retroperitoneal-leiomyosarcoma'))\n"
        "part = graph.subgraph({box for box in graph if box.startswith('surveillance/')})\n"
        "sys.stdout.buffer.write((dot_text(part) + mermaid_text(part)).encode())"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", script], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(made) == 1
    assert b"subgraph page_0" in next(iter(made))


def test_a_link_out_of_a_part_names_the_box_by_its_id():
    graph = decision_graph(small())
    part = graph.subgraph([id for id in graph if id.startswith("one/")])
    assert "go to two/start" in mermaid_text(part)


@pytest.mark.parametrize("write", [dot_text, mermaid_text])
def test_only_our_graphs_are_drawn(write):
    with pytest.raises(ValueError, match="no graph of decision_graph or facts_graph"):
        write(networkx.DiGraph([("a", "b")]))


# --- GraphML and JSON


@pytest.mark.parametrize("view", GRAPHS)
@pytest.mark.parametrize("text", NASTY)
def test_graphml_is_read_again_with_everything(view, text):
    graph = GRAPHS[view](worded(small(), text))
    before = dict(graph.graph)
    again = networkx.read_graphml(BytesIO(graphml_text(graph).encode()))
    assert graph.graph == before
    assert again.is_directed()
    assert [*again.nodes] == [*graph.nodes]
    assert {*again.edges} == {*graph.edges}

    def plain(data: dict[str, Any]) -> dict[str, Any]:
        def one(value: Any) -> Any:
            return escaped(value) if isinstance(value, str) else value

        return {
            name: "; ".join(str(one(part)) for part in value) if isinstance(value, tuple) else one(value)
            for name, value in data.items()
        }

    assert {id: plain(data) for id, data in graph.nodes(data=True)} == {
        # An empty element is read as no text at all.
        id: {name: "" if value is None else value for name, value in data.items()}
        for id, data in again.nodes(data=True)
    }
    for tail, head, data in graph.edges(data=True):
        read = {name: "" if value is None else value for name, value in again.edges[tail, head].items()}
        assert read == plain(data)


def test_graphml_has_the_same_bytes_with_and_without_lxml(monkeypatch):
    graph = decision_graph(small())
    made = graphml_text(graph)
    monkeypatch.setitem(sys.modules, "lxml", None)
    monkeypatch.setitem(sys.modules, "lxml.etree", None)
    assert graphml_text(graph) == made


@pytest.mark.parametrize("view", GRAPHS)
@pytest.mark.parametrize("text", NASTY)
def test_json_is_read_again_with_everything(view, text):
    graph = GRAPHS[view](worded(small(), text))
    data = json.loads(json.dumps(node_link(graph)))
    assert data["schema"] == "guidewright/graph/1"
    again = networkx.node_link_graph(data, edges="edges")

    def plain(attributes: dict[str, Any]) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in attributes.items()}

    assert again.is_directed()
    assert not again.is_multigraph()
    assert again.graph == graph.graph
    assert [*again.nodes(data=True)] == [(id, plain(data)) for id, data in graph.nodes(data=True)]
    assert {(a, b): data for a, b, data in again.edges(data=True)} == {
        (a, b): plain(data) for a, b, data in graph.edges(data=True)
    }


# --- the command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["graph", *arguments])


@pytest.mark.parametrize("view", GRAPHS)
def test_the_command_prints_each_format(view):
    graph = GRAPHS[view](guidewright.load(CURB))
    expected = {
        "graphml": graphml_text(graph),
        "json": json.dumps(node_link(graph), ensure_ascii=False, indent=2) + "\n",
        "dot": dot_text(graph),
        "mermaid": mermaid_text(graph),
    }
    for format_, text in expected.items():
        result = run(CURB, "--view", view, "--format", format_)
        assert (result.exit_code, result.stdout) == (0, text)
        assert run(CURB, "--view", view, "--format", format_, "-o", "-").stdout == text


def test_without_a_view_it_is_the_decision_graph():
    assert json.loads(run(CURB, "--format", "json").stdout)["graph"]["view"] == "decisions"


@pytest.mark.parametrize(
    ("ending", "begin"),
    [
        (".graphml", "<?xml"),
        (".json", "{"),
        (".dot", "digraph"),
        (".gv", "digraph"),
        (".mmd", "flowchart TD"),
        (".MERMAID", "flowchart TD"),
    ],
)
def test_the_ending_of_the_file_says_the_format(tmp_path, ending, begin):
    path = tmp_path / f"pages{ending}"
    path.write_text("before")
    result = run(CURB, "-o", str(path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert path.read_text(encoding="utf-8").startswith(begin)
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix] == [path.name]


def test_a_format_overrides_no_other_ending_and_serves_one_that_says_nothing(tmp_path):
    assert run(CURB, "--format", "dot", "-o", str(tmp_path / "pages.txt")).exit_code == 0
    assert (tmp_path / "pages.txt").read_text(encoding="utf-8").startswith("digraph")
    result = run(CURB, "--format", "dot", "-o", str(tmp_path / "pages.json"))
    assert result.exit_code == 2
    assert "do not agree" in result.stderr
    assert not (tmp_path / "pages.json").exists()


@pytest.mark.parametrize("arguments", [[], ["-o", "pages.txt"], ["-o", "-"]])
def test_without_a_format_it_says_which_there_are(arguments):
    result = run(CURB, *arguments)
    assert result.exit_code == 2
    assert "one of graphml, json, dot, mermaid" in result.stderr


def test_what_cannot_be_done_is_refused(tmp_path):
    result = run(CURB, "-o", str(tmp_path / "missing" / "pages.dot"))
    assert result.exit_code == 2
    assert "there is no folder" in result.stderr
    assert run("no-such-guideline", "--format", "dot").exit_code == 2
    refused = run("no-such-guideline", "--format", "json")
    assert refused.exit_code == 2
    assert json.loads(refused.stdout)["errors"][0]["code"] == "GW114"
