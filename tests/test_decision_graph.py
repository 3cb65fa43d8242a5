"""The graphs of a guideline: what they hold, and that a fact influences nothing but what they say."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Case, cases, guideline_data, loaded, patient_of, record_data, tried

import guidewright
import guidewright.visualize
from guidewright.engine.assessment import NOTICE
from guidewright.engine.outcome import Outcome
from guidewright.engine.paths import path_through
from guidewright.engine.program import program_of
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.weighing import weigh
from guidewright.visualize import decision_graph, facts_graph

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "graphs.md"
EXPERT = {"expert": True}

FACTS: dict[str, Any] = {
    "histology": {"label": "Histology", "type": "choice", "values": {"x": "X", "y": "Y"}},
    "size": {"label": "Size", "type": "quantity", "unit": "mm", "only_if": {"seen": True}},
    "seen": {"label": "Seen", "type": "boolean"},
    "started": {"label": "Started", "type": "date"},
    "half": {"label": "Half", "type": "quantity", "unit": "mm", "formula": "size / 2"},
    "big": {"label": "Big", "type": "boolean", "holds": {"half": "> 10 mm"}},
    "grade": {
        "label": "Grade",
        "type": "choice",
        "values": {"low": "Low", "high": "High"},
        "table": [
            {"when": {"seen": True}, "value": "low"},
            {"id": "T2", "when": {"big": True}, "value": "high", **EXPERT},
        ],
    },
    "points": {
        "label": "Points",
        "type": "integer",
        "score": [{"when": {"seen": True}, "points": 1}, {"id": "P2", "when": {"big": True}, "points": 1, **EXPERT}],
    },
    # A fact with the id of a rule: they are different things.
    "R1": {"label": "Namesake", "type": "boolean"},
}

SMALL: dict[str, Any] = {
    "guideline.yaml": {
        "id": "small",
        "title": "A small one",
        "version": "1.2.3",
        "status": "test",
        "language": "en",
        "applies": {"histology": "x"},
        "grading": {"strength": {"strong": "Strong"}},
        "actions": {"a": {"label": "A"}, "a1": {"label": "A1", "part_of": "a"}},
        "stages": ["one", "two"],
    },
    "facts.yaml": {"facts": FACTS},
    "sources.yaml": {"sources": {}},
    "1-one.yaml": {
        "stage": "one",
        "title": "First page",
        "rules": [
            {"id": "R1", "do": "Cut", "when": {"grade": "high"}, "unless": {"seen": False}, "acts": ["a1"], **EXPERT},
            {"id": "R2", "avoid": "Do not cut", "when": {"w.confirmed": "p"}, "stops": ["a"], **EXPERT},
            {"id": "R3", "consider": "Wait", "when": {"points": 1, "seen": True}, "overrides": ["R4"], **EXPERT},
            {
                "id": "R4",
                "do": "Scan",
                "timing": {"every": "3 mo", "from": "started", "until": "1 a"},
                "when": {},
                "signoff": "required",
                "strength": "strong",
                **EXPERT,
            },
        ],
        "weigh": {
            "w": {
                "question": "Which?",
                "candidates": {
                    "p": {
                        "label": "P",
                        "arguments": [
                            {"id": "A1", "says": "S", "supports": 2, "when": {"size": "> 3 mm"}, **EXPERT},
                            {"id": "A2", "says": "S", "confirms": True, "when": {"R1": True}, **EXPERT},
                        ],
                    },
                    "q": {
                        "label": "Q",
                        "arguments": [
                            {"id": "A3", "says": "S", "opposes": 1, "when": {}, "unless": {"seen": True}, **EXPERT},
                            {"id": "A4", "says": "S", "excludes": True, "when": {"big": True}, **EXPERT},
                        ],
                    },
                },
            }
        },
        "pathway": {
            "start": {"title": "Begin", "go": "how-big"},
            "how-big": {
                "decide": "How big?",
                "rules": ["R3"],
                "answers": [
                    {"answer": "Big", "when": {"big": True, "seen": True}, "go": "which"},
                    {"answer": "Small", "when": {"size": "< 5 mm"}, "go": "out"},
                    {"answer": "Not known to be", "assumed": True, "go": "which"},
                ],
            },
            "which": {"weigh": "w", "go": "do"},
            "do": {"title": "Do it", "rules": ["R2", "R1"], "go": "back"},
            "back": {"link": "how-big", "title": "Once more"},
            "out": {"link": "two/start"},
        },
        "beside": ["R4"],
    },
    "2-two.yaml": {
        "stage": "two",
        "title": "Second page",
        "rules": [
            {"id": "R5", "do": "Rest", "when": {}, **EXPERT},
            {"id": "R6", "do": "Walk", "when": {}, **EXPERT},
        ],
        "pathway": {
            "start": {"choose": "What now?", "options": ["R5", "R6"], "go": "done"},
            "done": {"end": "Over"},
        },
    },
}


@pytest.fixture(scope="module")
def small():
    return loaded(SMALL)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        return guidewright.load("retroperitoneal-leiomyosarcoma")


# --- the decision graph


def test_every_box_is_a_node_in_reading_order(small):
    graph = decision_graph(small)
    assert [(id, data["box"], data["kind"]) for id, data in graph.nodes(data=True)] == [
        ("one/start", 1, "box"),
        ("one/how-big", 2, "decision"),
        ("one/which", 3, "weigh"),
        ("one/do", 4, "box"),
        ("one/back", 5, "link"),
        ("one/out", 6, "link"),
        ("two/start", 7, "choose"),
        ("two/done", 8, "end"),
    ]


def test_a_node_tells_all_of_its_box(small):
    nodes = decision_graph(small).nodes
    assert dict(nodes["one/do"]) == {
        "box": 4,
        "kind": "box",
        "stage": "one",
        "stage_title": "First page",
        "text": "Do it",
        "start": False,
        "facts": (),
        "rules": ("R2", "R1"),
        "says": ("DO NOT cut", "Cut"),
        "avoids": ("R2",),
        "signoff": (),
    }
    assert nodes["one/how-big"]["facts"] == ("big", "seen", "size")
    assert nodes["one/which"]["facts"] == ("size", "R1", "seen", "big")
    assert nodes["one/which"]["weighing"] == "w"
    assert nodes["one/which"]["question"] == "Which?"
    assert nodes["one/which"]["candidates"] == ("p", "q")
    assert nodes["one/back"]["leads_to"] == "one/how-big"
    assert nodes["one/out"]["leads_to"] == "two/start"
    assert nodes["two/start"]["rules"] == ("R5", "R6")
    assert [id for id, start in nodes(data="start") if start] == ["one/start", "two/start"]


def test_rules_that_await_a_signature_are_named_on_their_box(small):
    page = small.stages[0]
    standing = replace(page, steps=(replace(page.steps[0], rules=("R4",)), *page.steps[1:]))
    graph = decision_graph(replace(small, stages=(standing, small.stages[1])))
    assert graph.nodes["one/start"]["signoff"] == ("R4",)


def test_the_edges_are_the_ways_with_their_answers(small):
    edges = {(tail, head): data for tail, head, data in decision_graph(small).edges(data=True)}
    assert {between: data["kind"] for between, data in edges.items()} == {
        ("one/start", "one/how-big"): "go",
        ("one/how-big", "one/which"): "answer",
        ("one/how-big", "one/out"): "answer",
        ("one/which", "one/do"): "go",
        ("one/do", "one/back"): "go",
        ("one/back", "one/how-big"): "link",
        ("one/out", "two/start"): "link",
        ("two/start", "two/done"): "go",
    }
    assert edges["one/how-big", "one/out"] == {
        "kind": "answer",
        "text": "Small",
        "answers": ("Small",),
        "conditions": ("size below 5 mm",),
        "positions": (1,),
        "last": "",
    }


def test_answers_that_lead_to_the_same_box_share_an_edge(small):
    assert decision_graph(small).edges["one/how-big", "one/which"] == {
        "kind": "answer",
        "text": "Big / Not known to be",
        "answers": ("Big", "Not known to be"),
        "conditions": ("big: yes and seen: yes", "no other answer is known to hold"),
        "positions": (0, 2),
        "last": "assumed",
    }


def test_the_last_answer_otherwise_is_worded_by_what_it_denies():
    data = copy.deepcopy(SMALL)
    last = data["1-one.yaml"]["pathway"]["how-big"]["answers"][2]
    del last["assumed"]
    last["otherwise"] = True
    edge = decision_graph(loaded(data)).edges["one/how-big", "one/which"]
    assert edge["last"] == "otherwise"
    assert edge["conditions"][1] == "(big: not yes or seen: not yes) and not (size below 5 mm)"


def test_only_links_close_circles(small, shipped):
    assert networkx.find_cycle(decision_graph(small), "one/how-big")
    assert not networkx.is_directed_acyclic_graph(decision_graph(shipped))
    for guideline in (small, shipped):
        whole, without = decision_graph(guideline), decision_graph(guideline, links=False)
        assert networkx.is_directed_acyclic_graph(without)
        assert {*whole.edges} - {*without.edges} == {
            (tail, head) for tail, head, kind in whole.edges(data="kind") if kind == "link"
        }
        assert [*whole.nodes] == [*without.nodes]


def test_the_graph_says_what_it_is(shipped):
    assert decision_graph(shipped).graph == {
        "view": "decisions",
        "guideline": shipped.id,
        "title": shipped.title,
        "version": shipped.version,
        "digest": shipped.digest,
        "notice": NOTICE,
    }
    assert facts_graph(shipped).graph["view"] == "facts"


def test_a_graph_is_made_of_a_loaded_guideline_only():
    for make in (decision_graph, facts_graph):
        with pytest.raises(TypeError, match=r"what guidewright\.load gives, not str"):
            make("retroperitoneal-leiomyosarcoma")


@tried(40)
@given(cases(patients=2))
def test_every_patient_goes_along_its_edges(case: Case):
    graph, program = decision_graph(case.guideline), program_of(case.guideline)
    assert networkx.is_directed_acyclic_graph(decision_graph(case.guideline, links=False))
    for patient in case.patients():
        outcome = evaluate_naively(program, patient)
        for stage in case.guideline.stages:
            way = path_through(stage, outcome.answers)
            for before, after in pairwise(way.steps if way is not None else ()):
                edge = graph.edges[f"{stage.id}/{before.step.id}", f"{stage.id}/{after.step.id}"]
                assert edge["kind"] == ("go" if before.answer is None else "answer")
                assert before.answer is None or before.answer in edge["positions"]


# --- the facts graph


def test_every_thing_that_tests_or_is_tested_is_a_node_with_its_kind(small):
    nodes = facts_graph(small).nodes
    assert {id: data["kind"] for id, data in nodes(data=True)} == {
        "guideline:small": "guideline",
        **dict.fromkeys(("histology", "size", "seen", "started", "R1"), "recorded"),
        **dict.fromkeys(("half", "big", "grade", "points"), "derived"),
        "w.confirmed": "confirmed",
        **dict.fromkeys(("row:T2", "row:P2"), "row"),
        "weighing:w": "weighing",
        **dict.fromkeys((f"argument:A{number}" for number in range(1, 5)), "argument"),
        **dict.fromkeys((f"rule:R{number}" for number in range(1, 7)), "rule"),
        "decision:one/how-big": "decision",
    }
    assert nodes["half"] == {
        "kind": "derived",
        "name": "half",
        "text": "Half",
        "type": "quantity",
        "unit": "mm",
        "by": "formula",
    }
    assert nodes["rule:R4"] == {
        "kind": "rule",
        "name": "R4",
        "text": "Scan",
        "short": "Scan",
        "does": "do",
        "stage": "one",
        "strength": "strong",
        "certainty": "",
        "signoff": True,
    }
    assert nodes["rule:R1"]["box"] == 4
    assert nodes["decision:one/how-big"]["name"] in decision_graph(small)


def test_the_edges_say_what_tests_what(small):
    applies = {
        ("guideline:small", id): ("applies",)
        for id in ("row:T2", "row:P2", "weighing:w", "decision:one/how-big", *(f"rule:R{n}" for n in range(1, 7)))
    }
    graph = facts_graph(small)
    assert {(tail, head): roles for tail, head, roles in graph.edges(data="roles")} == {
        ("histology", "guideline:small"): ("applies",),
        **applies,
        ("seen", "size"): ("only_if",),
        ("size", "half"): ("formula",),
        ("half", "big"): ("holds",),
        ("seen", "grade"): ("row",),
        ("big", "grade"): ("row",),
        ("big", "row:T2"): ("when",),
        ("seen", "row:T2"): ("earlier",),
        ("seen", "points"): ("row",),
        ("big", "points"): ("row",),
        ("big", "row:P2"): ("when",),
        ("size", "argument:A1"): ("when",),
        ("R1", "argument:A2"): ("when",),
        ("seen", "argument:A3"): ("unless",),
        ("big", "argument:A4"): ("when",),
        ("argument:A1", "weighing:w"): ("supports",),
        ("argument:A2", "weighing:w"): ("confirms",),
        ("argument:A3", "weighing:w"): ("opposes",),
        ("argument:A4", "weighing:w"): ("excludes",),
        ("argument:A2", "w.confirmed"): ("confirms",),
        ("argument:A4", "w.confirmed"): ("excludes",),
        ("grade", "rule:R1"): ("when",),
        ("seen", "rule:R1"): ("unless",),
        ("w.confirmed", "rule:R2"): ("when",),
        ("points", "rule:R3"): ("when",),
        ("seen", "rule:R3"): ("when",),
        ("started", "rule:R4"): ("timing",),
        ("rule:R2", "rule:R1"): ("stops",),
        ("rule:R3", "rule:R4"): ("overrides",),
        ("big", "decision:one/how-big"): ("answer",),
        ("seen", "decision:one/how-big"): ("answer",),
        ("size", "decision:one/how-big"): ("answer",),
    }


def test_what_stands_in_several_ways_has_every_role(small):
    rule = small.rules["R1"]
    both = replace(small, rules={**small.rules, "R1": replace(rule, unless=rule.when)})
    assert facts_graph(both).edges["grade", "rule:R1"]["roles"] == ("when", "unless")


def test_a_prohibition_reaches_the_rules_that_act_on_a_part_of_what_it_stops_but_not_despite_it(small):
    assert facts_graph(small).edges["rule:R2", "rule:R1"]["roles"] == ("stops",)
    rule = replace(small.rules["R1"], despite=("R2",))
    assert not facts_graph(replace(small, rules={**small.rules, "R1": rule})).has_edge("rule:R2", "rule:R1")


def test_a_guideline_that_applies_to_everybody_is_no_node():
    everybody = {**SMALL, "guideline.yaml": {k: v for k, v in SMALL["guideline.yaml"].items() if k != "applies"}}
    assert "guideline:small" not in facts_graph(loaded(everybody))


def changes(before: Outcome, after: Outcome, case: Case) -> set[str]:
    """The nodes of everything that two outcomes tell differently."""
    rows = {
        row.id
        for fact in case.guideline.facts.values()
        for row in getattr(fact.derivation, "all_rows", getattr(fact.derivation, "rows", ()))
    }
    found = {id for id in before.facts if before.facts[id] != after.facts[id]}
    found |= {f"{'row' if id in rows else 'rule'}:{id}" for id in before.rules if before.rules[id] != after.rules[id]}
    found |= {f"argument:{id}" for id in before.arguments if before.arguments[id] != after.arguments[id]}
    found |= {f"decision:{id}" for id in before.answers if before.answers[id] != after.answers[id]}
    found |= {
        f"weighing:{id}"
        for id, weighing in case.guideline.weighings.items()
        if weigh(weighing, before.arguments) != weigh(weighing, after.arguments)
    }
    return found | ({"guideline:g"} if before.applies != after.applies else set())


@tried(80)
@given(st.randoms(use_true_random=False))
def test_a_fact_influences_nothing_but_its_descendants(random: Random):
    data = guideline_data(random)
    guideline = loaded(data)
    case = Case(data, guideline, (), random)
    graph, program = facts_graph(guideline), program_of(guideline)
    assert networkx.is_directed_acyclic_graph(graph)
    record, other = record_data(data, random), record_data(data, random)
    before = evaluate_naively(program, patient_of(record, guideline))
    for fact in [id for id in guideline.facts if record.get(id) != other.get(id)]:
        changed = {id: value for id, value in (record | {fact: other.get(fact)}).items() if value is not None}
        after = evaluate_naively(program, patient_of(changed, guideline))
        assert changes(before, after, case) <= {fact} | networkx.descendants(graph, fact)


# --- the public face and the page that documents it


def test_the_public_face_offers_functions_whatever_was_imported_before():
    offered = guidewright.visualize.__all__
    modules = {path.stem for path in (ROOT / "visualize").glob("*.py")}
    # A module that has the name of a function would stand in its place once it is imported.
    assert not modules & set(offered)
    assert set(offered) <= set(dir(guidewright.visualize))
    for name in offered:
        assert callable(getattr(guidewright.visualize, name))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        guidewright.visualize.nothing  # noqa: B018


def test_importing_it_imports_nothing_else():
    script = "import sys, guidewright.visualize; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded_modules = set(done.stdout.split())
    assert "guidewright.visualize" in loaded_modules
    assert not {
        name
        for name in loaded_modules
        if name.startswith(
            ("guidewright.engine", "guidewright.rules", "guidewright.visualize.", "networkx", "graphviz")
        )
    }


def test_the_documented_examples_print_what_the_page_says(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 3
    shared: dict[str, Any] = {}
    for code, printed in blocks:
        exec(compile(code, str(PAGE), "exec"), shared)
        assert capsys.readouterr().out == printed


def documented(heading: str) -> set[str]:
    """The names in the first column of the tables below a heading."""
    page = PAGE.read_text(encoding="utf-8")
    section = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return {name for row in re.findall(r"^\|(.*?)\|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}


def test_every_attribute_is_documented_and_no_other(small, shipped):
    for heading, make in (("The decision graph", decision_graph), ("The facts graph", facts_graph)):
        graphs = [make(small), make(shipped)]
        used = {name for graph in graphs for _, data in graph.nodes(data=True) for name in data}
        used |= {name for graph in graphs for *_, data in graph.edges(data=True) for name in data}
        assert documented(heading) == used
    assert documented("Both graphs") == set(decision_graph(small).graph)


def test_every_role_is_documented(small):
    page = PAGE.read_text(encoding="utf-8")
    roles = {role for *_, many in facts_graph(small).edges(data="roles") for role in many}
    assert roles
    assert not [role for role in roles if f"`{role}`" not in page]
