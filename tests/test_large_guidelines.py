"""Guidelines of a size that nothing may be quadratic in, or recursive."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from strategies import EXPERT, loaded, patient_of, texts_of

from guidewright.engine import compiled as compiled_engine
from guidewright.engine.assess import assess
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.known import sums
from guidewright.engine.plan import plan_of
from guidewright.engine.reference import evaluate_naively
from guidewright.rules import values
from guidewright.rules.graphs import circles, topological
from guidewright.rules.load import check_texts
from guidewright.rules.values import Span, ValueSet, intersection, of, whole_step


def files(facts: dict[str, Any], rules: list[dict[str, Any]], **header: Any) -> dict[str, Any]:
    top = {"id": "g", "title": "T", "version": "1.0.0", "status": "s", "language": "en", "stages": ["s"], **header}
    stage = {"stage": "s", "title": "S", "rules": [{**rule, **EXPERT} for rule in rules]}
    stage["beside"] = [rule["id"] for rule in rules]
    return {"guideline.yaml": top, "facts.yaml": {"facts": facts}, "1-s.yaml": stage}


def flags(*names: str) -> dict[str, Any]:
    return {name: {"label": name, "type": "boolean"} for name in names}


# --- long chains


def test_a_long_chain_of_derived_facts_is_answered() -> None:
    chain = {f"c{i}": {"label": "C", "type": "boolean", "holds": {f"c{i - 1}": True}} for i in range(1, 1500)}
    assert len(chain) > sys.getrecursionlimit()
    plan = plan_of(loaded(files(flags("c0") | chain, [{"id": "R", "do": "x", "when": {"c1499": True}}])))
    patient = patient_of({}, plan.guideline)
    shown = assess(plan, patient, evaluate_compiled(plan.compiled, patient), "compiled").to_json()
    assert [question["fact"] for question in shown["ask"]] == ["c0"]
    patient = patient_of({"c0": True}, plan.guideline)
    assert evaluate_compiled(plan.compiled, patient).rules == {"R": "fired"}


def test_graphs_take_long_chains_and_find_every_circle() -> None:
    count = 5000
    chain = {n: (n + 1,) for n in range(count)} | {count: ()}
    assert topological(chain) == tuple(range(count, -1, -1))
    assert list(circles(chain)) == []
    assert list(circles(chain | {count: (count - 1, 9999)})) == [(count - 1, count, count - 1)]
    assert list(circles({1: (1, 2), 2: (3,), 3: (2, 1)})) == [(1, 1), (2, 3, 2), (1, 2, 3, 1)]


# --- many rules about one action


def test_what_stops_an_action_is_held_once_for_all_that_act_on_it() -> None:
    count = 300
    facts = flags(*(f"{letter}{i}" for letter in "ad" for i in range(10)))
    rules: list[dict[str, Any]] = []
    for i in range(count):
        rules.append({"id": f"D{i}", "do": "x", "when": {f"d{i % 10}": True}, "acts": ["part"]})
        rules.append({"id": f"A{i}", "avoid": "x", "when": {f"a{i % 10}": True}, "stops": ["whole"]})
    despite = [f"A{i}" for i in range(1, count, 10)]
    rules.append({"id": "E", "do": "x", "when": {"d0": True}, "acts": ["part"], "despite": despite})
    actions = {"whole": {"label": "W"}, "part": {"label": "P", "part_of": "whole"}}
    plan = plan_of(loaded(files(facts, rules, actions=actions)))
    by = plan.program.replaced_by
    assert by["D0"] == tuple(f"A{i}" for i in range(count))
    assert by["D0"] is by["D299"]
    assert by["E"] == tuple(f"A{i}" for i in range(count) if i % 10 != 1)
    assert sum(map(len, by.direct.values())) == count - len(despite)
    assert len(by) == len(plan.guideline.rules)
    everything = {f"d{i}": True for i in range(10)} | {f"a{i}": False for i in range(10)}
    for known, others, excepted in (
        (everything, "fired", "fired"),
        (everything | {"a1": True}, "overridden", "fired"),
        (everything | {"a2": True}, "overridden", "overridden"),
        (everything | {"a1": None}, "fired", "fired"),
    ):
        patient = patient_of({id: value for id, value in known.items() if value is not None}, plan.guideline)
        outcome = evaluate_compiled(plan.compiled, patient)
        assert (outcome.rules["D5"], outcome.rules["E"]) == (others, excepted)
        assert outcome.rules == evaluate_naively(plan.program, patient).rules


def test_a_circle_of_prohibitions_names_rules_alone() -> None:
    rules = [
        {"id": "A", "do": "x", "when": {"b": True}, "acts": ["one"], "stops": ["two"]},
        {"id": "B", "do": "x", "when": {"b": True}, "acts": ["two"], "stops": ["three"]},
        {"id": "C", "do": "x", "when": {"b": True}, "acts": ["three"], "stops": ["one"]},
        {"id": "D", "do": "x", "when": {"b": True}, "acts": ["two"]},
    ]
    data = files(flags("b"), rules, actions={name: {"label": name} for name in ("one", "two", "three")})
    found = [d for d in check_texts(texts_of(data), [], "g").diagnostics if d.severity == "error"]
    assert [(d.code, d.message.rpartition(": ")[2]) for d in found] == [("GW411", "`A` ← `C` ← `B` ← `A`")]
    assert found[0].help == "say `despite: [id]` at the rule that is to stand"


# --- long tables, long records, long scores


def test_the_rows_of_a_table_are_decided_together(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": f"ROW{i}", "when": {"n": i}, "value": i, **EXPERT} for i in range(400)]
    whole = {"label": "N", "type": "integer", "range": [0, 999]}
    plan = plan_of(loaded(files({"n": whole, "t": {**whole, "table": rows}}, [])))
    asked: list[int] = []
    decide = plan.compiled.derive["t"]
    counted = {**plan.compiled.derive, "t": lambda bits: (asked.append(1), decide(bits))[1]}
    monkeypatch.setattr(compiled_engine.Compiled, "derive", property(lambda _: counted))
    found = evaluate_compiled(plan.compiled, patient_of({"n": 77}, plan.guideline)).rules
    assert [id for id, status in found.items() if status == "fired"] == ["ROW77"]
    assert len(asked) == 2


def test_long_sets_are_intersected_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def points(step: int) -> ValueSet:
        return of(*range(0, 8000 * step, step))

    compared: list[int] = []
    overlap = values.overlap
    monkeypatch.setattr(values, "overlap", lambda x, y: (compared.append(1), overlap(x, y))[1])
    assert intersection(points(2), points(3)) == of(*range(0, 16000, 6))
    assert len(compared) < 16000


def totals(found: ValueSet) -> Iterator[Any]:
    assert all(run.low == run.high for run in found.spans)
    return (run.low for run in found.spans)


def test_a_score_of_many_equal_points_is_exact() -> None:
    assert list(totals(sums(1, [1] * 40, whole_step))) == list(range(1, 42))
    assert list(totals(sums(0, [3, -3, 0, 5], whole_step))) == [-3, 0, 2, 3, 5, 8]
    assert len(list(totals(sums(0, [2**i for i in range(9)], None)))) == 512
    assert sums(-1, [2**i for i in range(12)], whole_step).spans == (Span(-1, 4094),)
