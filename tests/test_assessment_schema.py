"""The published schema of an answer: every answer is valid, and nothing that an answer does not say is."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft7Validator, FormatChecker

import guidewright
from guidewright.engine.assessment import NOTICE, SCHEMA
from guidewright.engine.lockstep import ENGINES
from guidewright.engine.outcome import Status
from guidewright.rules.model import RULE_KINDS

SHIPPED = Path(__file__).parent.parent / "guidelines" / "retroperitoneal-leiomyosarcoma"
CASES = sorted((SHIPPED / "cases").glob("*.yaml"))
SCHEMA_ITSELF = guidewright.assessment_schema()
VALIDATOR = Draft7Validator(SCHEMA_ITSELF, format_checker=FormatChecker())
# What no case of the guideline has: a record against its computation and against what makes it apply, text, a span.
ODD = {
    "primary.histology": "leiomyosarcoma",
    "primary.resected_on": "2020-01-01",
    "lesion.detected_on": {"value": "2020-12", "source": "CT", "on": "2020-12-10", "note": "partial"},
    "lesion.interval": "200 mo",
    "lesion.timing": "synchronous",
    "lesion.present": False,
    "lesion.size": ">= 10 mm",
    "lesion.segments": {"one_of": [["1"], ["2", "3"]]},
    "liver_treatment.done": True,
    "liver_treatment.done_on": "2024-01-31",
    "liver_treatment.margin": "R0",
}


@pytest.fixture(scope="module")
def guideline() -> guidewright.Guideline:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIDEWRIGHT_CACHE", "")
        return guidewright.load(SHIPPED)


def odd(guideline: guidewright.Guideline) -> dict[str, Any]:
    """The odd patient, without facts that this guideline does not have."""
    facts = {id: value for id, value in ODD.items() if id in guideline.ready.guideline.facts}
    return guidewright.evaluate(guideline, facts, as_of="2024-05-01", engine="compiled").to_json()


def errors(answer: dict[str, Any]) -> list[str]:
    # As it is after a way over JSON.
    return [f"{list(e.absolute_path)}: {e.message}" for e in VALIDATOR.iter_errors(json.loads(json.dumps(answer)))]


def test_the_schema_is_draft_7() -> None:
    assert SCHEMA_ITSELF["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(SCHEMA_ITSELF)


@pytest.mark.parametrize("case", CASES, ids=[case.stem[:3] for case in CASES])
def test_every_answer_is_valid(guideline: guidewright.Guideline, case: Path) -> None:
    assert errors(guidewright.evaluate_file(guideline, case, engine="compiled").to_json()) == []


@pytest.mark.parametrize("facts", [{}, {"primary.histology": "gist"}, {"primary.histology": "unknown"}])
def test_so_is_the_answer_for_a_record_that_says_little(
    guideline: guidewright.Guideline, facts: dict[str, Any]
) -> None:
    answer = guidewright.evaluate(guideline, facts, engine="compiled").to_json()
    assert errors(answer) == []
    assert answer["as_of"] == date.today().isoformat()


def test_so_is_an_odd_one(guideline: guidewright.Guideline) -> None:
    answer = odd(guideline)
    assert errors(answer) == []
    assert len({conflict["kind"] for conflict in answer["conflicts"]}) > 1
    assert any(rule["due"] for rule in answer["rules"].values())


def test_every_engine_names_itself_as_the_schema_allows(guideline: guidewright.Guideline) -> None:
    pytest.importorskip("durable")
    for engine in ENGINES:
        answer = guidewright.evaluate(guideline, {"primary.histology": "leiomyosarcoma"}, engine=engine).to_json()
        assert errors(answer) == []
        assert answer["engine"] == engine


def objects(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for key, part in value.items():
            yield from objects(part, (*path, key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from objects(part, (*path, place))


def shapes(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    """One place for each shape of an object in the answer: with the same keys, below the same part."""
    found: dict[Any, tuple[Any, ...]] = {}
    for path, value in objects(answer):
        found.setdefault((path[:1], len(path), tuple(sorted(value))), path)
    return list(found.values())


def small(guideline: guidewright.Guideline) -> dict[str, Any]:
    """The odd answer with one rule of each kind and status, and few of what else it has many: quick to validate."""
    answer = odd(guideline)
    kinds = {(rule["status"], rule["kind"], bool(rule["due"])): id for id, rule in answer["rules"].items()}
    answer["rules"] = {id: answer["rules"][id] for id in ("A-01", *kinds.values())}
    answer["derived"] = dict(list(answer["derived"].items())[:5])
    answer["ask"] = answer["ask"][:3]
    return answer


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def test_an_unknown_field_is_refused_wherever_it_stands(guideline: guidewright.Guideline) -> None:
    answer = small(guideline)
    places = shapes(answer)
    assert len(places) > 30
    for path in places:
        changed = copy.deepcopy(answer)
        at(changed, path)["not a field"] = {}
        assert not VALIDATOR.is_valid(changed), f"an unknown field passes at {path}"


def test_a_missing_field_is_refused(guideline: guidewright.Guideline) -> None:
    answer = small(guideline)
    optional = {"value", "problem", "answer", "assuming", "needs", "source", "on", "note", "confirms", "excludes"}
    by_id = {("guideline", "parameters"), ("facts",), ("derived",), ("rules",), ("weighing",), ("paths",)}
    removed = 0
    for path in shapes(answer):
        if path in by_id or path[-1:] in (("facts",), ("candidates",)):
            continue
        for field in at(answer, path):
            if field in optional and path:
                continue
            changed = copy.deepcopy(answer)
            del at(changed, path)[field]
            assert not VALIDATOR.is_valid(changed), f"`{field}` may be missing at {path}"
            removed += 1
    assert removed > 60


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "guidewright/assessment/2"),
        (("as_of",), "15.12.2020"),
        (("as_of",), "2020-02-31"),
        (("engine",), "magic"),
        (("guideline", "applies"), "open"),
        (("guideline", "digest"), "sha256:0"),
        (("rules", "A-01", "status"), "perhaps"),
        (("rules", "A-01", "kind"), "must"),
        (("rules", "A-01", "box"), 0),
        (("rules", "A-01", "text"), ""),
        (("rules", "A-01", "signoff"), "yes"),
        (("rules", "A-01", "because"), ["no statement"]),
        (("rules", "A-01", "needs"), ["a.b", "a.b"]),
        (("weighing", "origin", "candidates", "hcc", "net"), "1"),
        (("facts", "primary.histology", "may_be"), []),
        (("facts", "primary.histology", "may_be"), [1.5]),
        (("ask", 0, "reason"), "because"),
        (("ask", 0, "exact"), "yes"),
        (("ask_method",), "guessed"),
    ],
)
def test_a_wrong_value_is_refused(guideline: guidewright.Guideline, path: tuple[Any, ...], value: Any) -> None:
    answer = small(guideline)
    assert errors(answer) == []
    at(answer, path[:-1])[path[-1]] = value
    assert errors(answer)


def test_an_argument_cannot_decide_both_ways(guideline: guidewright.Guideline) -> None:
    answer = odd(guideline)
    (argument, *_) = answer["weighing"]["origin"]["candidates"]["lms_metastasis"]["open"]
    argument["confirms"] = argument["excludes"] = True
    assert errors(answer)


def test_the_words_of_the_schema_are_those_of_the_program() -> None:
    definitions = SCHEMA_ITSELF["definitions"]
    rule = definitions["rule"]["properties"]
    assert set(rule["status"]["enum"]) == set(get_args(Status))
    assert set(rule["kind"]["enum"]) == {*RULE_KINDS, "row"}
    assert SCHEMA_ITSELF["properties"]["schema"]["const"] == SCHEMA
    assert SCHEMA_ITSELF["properties"]["notice"]["const"] == NOTICE
    assert set(ENGINES) < set(SCHEMA_ITSELF["properties"]["engine"]["enum"])


def test_nothing_in_the_schema_is_lenient() -> None:
    """Every object either names all its fields or says what stands behind its ids."""
    for _, part in objects(SCHEMA_ITSELF):
        if part.get("type") == "object":
            named = part.get("additionalProperties") is False and "properties" in part
            by_id = isinstance(part.get("additionalProperties"), dict) and "propertyNames" in part
            assert named or by_id, part
