"""The meaning of the language: small guidelines with what must be answered, worked out by hand from the specification.

The files of `conformance/` name no engine; every engine is held to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from strategies import AS_OF, loaded, patient_of

from guidewright.engine.assess import assess
from guidewright.engine.assessment import Assessment
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.outcome import Outcome
from guidewright.engine.plan import Plan, plan_of
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.rete import compile_rete, evaluate_by_rete, rete_available
from guidewright.rules.domains import listed
from guidewright.rules.model import Guideline
from guidewright.rules.nodes import Mapping as MappingNode
from guidewright.rules.nodes import Node, Scalar
from guidewright.rules.patient import Patient
from guidewright.rules.reading import read_file, read_yaml

CORPUS = sorted((Path(__file__).parent / "conformance").glob("*.yaml"))
STAGE = ("rules", "weigh", "pathway", "beside")
EXPECTED = {
    "rules",
    "may_be",
    "problems",
    "by",
    "arguments",
    "answers",
    "applies",
    "ask",
    "needs",
    "assuming",
    "provided",
    "overridden_by",
    "failed",
    "conflicts",
    "weighing",
    "path",
}


def run_reference(plan: Plan, patient: Patient) -> Outcome:
    return evaluate_naively(plan.program, patient)


def run_compiled(plan: Plan, patient: Patient) -> Outcome:
    return evaluate_compiled(plan.compiled, patient)


def run_rete(plan: Plan, patient: Patient) -> Outcome:
    if not rete_available():
        pytest.skip("durable_rules is not installed")
    return evaluate_by_rete(compile_rete(plan.program), patient)


ENGINES: dict[str, Callable[[Plan, Patient], Outcome]] = {
    "reference": run_reference,
    "compiled": run_compiled,
    "rete": run_rete,
}


def read(path: Path) -> dict[str, Any]:
    """A file of the corpus as plain data, read as guidelines are."""
    content, problems = read_file(path)
    assert content is not None, problems
    node, found = read_yaml(content, path.name)
    assert node is not None
    assert not found, [d.message for d in found]
    data = plain(node)
    assert isinstance(data, dict)
    return data


def plain(node: Node) -> Any:
    match node:
        case Scalar(value, text, quoted):
            return (
                value
                if isinstance(value, bool | int) and not quoted
                else None
                if value is None and not quoted
                else text
            )
        case MappingNode(entries):
            return {key.text: plain(value) for key, value in entries}
        case _:
            return [plain(item) for item in node.items]


def guideline_of(data: Mapping[str, Any]) -> Guideline:
    """The guideline of a corpus file. What is the same in all of them is left out there and added here."""
    given = dict(data)
    for rule in given.get("rules", ()):
        rule.setdefault("expert", True)
    for fact in given["facts"].values():
        for row in (*fact.get("table", ()), *fact.get("score", ())):
            if "id" in row:
                row.setdefault("expert", True)
    for weighing in given.get("weigh", {}).values():
        for candidate in weighing["candidates"].values():
            for argument in candidate["arguments"]:
                argument.setdefault("expert", True)
                for way in ("supports", "opposes"):
                    if isinstance(argument.get(way), str):
                        argument[way] = float(argument[way])
    for parameter in given.get("parameters", {}).values():
        parameter.setdefault("expert", True)
    if "pathway" not in given:
        given["beside"] = [rule["id"] for rule in given["rules"]]
    header = {key: given[key] for key in ("applies", "actions", "parameters") if key in given}
    return loaded(
        {
            "guideline.yaml": {
                "id": "conformance",
                "title": "T",
                "version": "0.1.0",
                "status": "test",
                "language": "en",
                "stages": ["s"],
                **header,
            },
            "facts.yaml": {"facts": given["facts"]},
            "1-s.yaml": {"stage": "s", "title": "S", **{key: given[key] for key in STAGE if key in given}},
        }
    )


def word(truth: bool | None) -> Any:
    return "open" if truth is None else truth


def check_outcome(expected: Mapping[str, Any], outcome: Outcome, plan: Plan) -> None:
    assert {id: outcome.rules[id] for id in expected.get("rules", {})} == expected.get("rules", {})
    if "applies" in expected:
        assert word(outcome.applies) == expected["applies"]
    for id, values in expected.get("may_be", {}).items():
        assert (id, list(listed(outcome.facts[id].values, plan.program.kinds[id]))) == (id, values)
    for id, problem in expected.get("problems", {}).items():
        assert outcome.facts[id].problem == problem
    for id, truth in expected.get("arguments", {}).items():
        assert (id, word(outcome.arguments[id])) == (id, truth)
    for step, truths in expected.get("answers", {}).items():
        assert (step, [word(truth) for truth in outcome.answers[f"s/{step}"]]) == (step, truths)


def check_assessment(expected: Mapping[str, Any], found: Assessment) -> None:
    if "ask" in expected:
        assert [question.fact for question in found.ask] == expected["ask"]
    got: dict[str, Callable[[str], Any]] = {
        "needs": lambda id: list(found.rules[id].needs),
        "assuming": lambda id: [fact for a in found.rules[id].assuming for fact in a.needs],
        "provided": lambda id: [proviso.rule for proviso in found.rules[id].provided],
        "overridden_by": lambda id: list(found.rules[id].overridden_by),
        "failed": lambda id: [failed.fact for failed in found.rules[id].failed],
        "by": lambda id: found.derived[id].by,
    }
    for what, of in got.items():
        assert (what, {id: of(id) for id in expected.get(what, {})}) == (what, expected.get(what, {}))
    if "conflicts" in expected:
        assert {conflict.about: conflict.kind for conflict in found.conflicts} == expected["conflicts"]
    for id, wanted in expected.get("weighing", {}).items():
        check_weighing(wanted, found.to_json()["weighing"][id])
    if "path" in expected:
        check_path(expected["path"], found)


def check_weighing(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    for key in ("leading", "possible", "excluded", "confirmed"):
        if key in wanted:
            assert (key, found[key]) == (key, wanted[key])
    for candidate, (net, low, high) in wanted.get("nets", {}).items():
        shown = found["candidates"][candidate]
        assert [shown["net"], shown["low"], shown["high"]] == [float(net), float(low), float(high)]


def check_path(wanted: Mapping[str, Any], found: Assessment) -> None:
    path = found.paths["s"]
    assert [step.step for step in path.steps] == wanted["steps"]
    assert path.stopped_at == wanted["stopped_at"]
    assert list(path.needs) == wanted["needs"]
    assumed = {step.step: [fact for a in step.assuming for fact in a.needs] for step in path.steps if step.assuming}
    assert assumed == wanted.get("assuming", assumed)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_conformance(path: Path, engine: str) -> None:
    data = read(path)
    plan = plan_of(guideline_of(data["guideline"]))
    for case in data["patients"]:
        expected = {key: value for key, value in case.items() if key in EXPECTED}
        assert set(case) <= EXPECTED | {"name", "facts", "as_of"}, f"{case['name']}: a misspelt expectation"
        as_of = date.fromisoformat(case["as_of"]) if "as_of" in case else AS_OF
        patient = patient_of(case["facts"] or {}, plan.guideline, as_of)
        outcome = ENGINES[engine](plan, patient)
        try:
            check_outcome(expected, outcome, plan)
            check_assessment(expected, assess(plan, patient, outcome, engine))
        except AssertionError as problem:
            problem.add_note(f"patient: {case['name']}")
            raise


def test_the_corpus_is_there() -> None:
    sections = {path.name.split("-", 1)[0] for path in CORPUS}
    assert {"2", "3", "4", "5", "7", "9"} <= sections
    assert len(CORPUS) >= 18
