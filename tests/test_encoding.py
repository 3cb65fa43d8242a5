"""The propositions of a program say of every patient what the reference evaluator says."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from encoded_patients import any_record, ready
from strategies import AS_OF, EXAMPLES, loaded, made_case, patient_of, small_texts

import guidewright
from guidewright.engine.plan import plan_of
from guidewright.rules.cases import load_case
from guidewright.rules.model import Guideline
from guidewright.rules.patient import Patient
from guidewright.shipped import shipped_folder, shipped_ids

SEEDS = EXAMPLES or 150
LATER = date(2023, 3, 1)


def test_random_patients_of_random_guidelines() -> None:
    for seed in range(SEEDS):
        made = made_case(Random(f"encoding{seed}"), patients=4)
        plan = plan_of(made.guideline)
        as_of = LATER if seed % 3 == 0 else AS_OF
        held = ready(plan, as_of)
        for number, record in enumerate(made.records):
            patient = patient_of(record, made.guideline, as_of)
            assert held.differences(patient, noise=number % 2 == 0) == [], f"seed {seed}: {record}"


def test_records_of_any_cells() -> None:
    """Also of what an author of records would hardly write: some cells as a whole, others by one value."""
    for seed in range(SEEDS):
        random = Random(f"cells{seed}")
        made = made_case(random, patients=0)
        plan = plan_of(made.guideline)
        held = ready(plan, AS_OF)
        facts = made.guideline.facts.values()
        for number in range(4):
            of_plain, of_derived = random.choice([0.3, 0.6, 0.9]), random.choice([0, 0.3, 0.8])
            records = {
                fact.id: any_record(held.encoding.shapes[fact.id], AS_OF, random)
                for fact in facts
                if random.random() < (of_plain if fact.derivation is None else of_derived)
            }
            patient = Patient("p", AS_OF, records)
            shown = {id: (record.values, record.said) for id, record in records.items()}
            assert held.differences(patient, noise=number % 2 == 0) == [], f"seed {seed}: {shown}"


@pytest.mark.parametrize("text", [None, "words"])
@pytest.mark.parametrize("gate", [None, True, False])
def test_a_text_that_may_not_apply(gate: bool | None, text: str | None) -> None:
    """The random guidelines never ask whether a text is `none`."""
    guideline = small_guideline(
        {
            "gate": {"label": "G", "type": "boolean"},
            "remark": {"label": "N", "type": "text", "only_if": {"gate": True}},
            "derived": {"label": "D", "type": "boolean", "holds": {"remark": "none"}},
        },
        {"NONE": {"remark": "none"}, "KNOWN": {"remark": "known"}, "OPEN": {"derived": "uncertain"}},
    )
    record = {id: value for id, value in (("gate", gate), ("remark", text)) if value is not None}
    assert ready(plan_of(guideline), AS_OF).differences(patient_of(record, guideline)) == []


def test_a_score_of_too_many_totals() -> None:
    """Beyond a thousand totals the evaluator answers with a run; so the encoding leaves the score free."""
    flags = [f"flag{i}" for i in range(11)]
    rows = [{"when": {flag: True}, "points": 2 ** (i + 1)} for i, flag in enumerate(flags)]
    guideline = small_guideline(
        {flag: {"label": flag, "type": "boolean"} for flag in flags}
        | {"total": {"label": "T", "type": "integer", "score": rows}},
        {"ODD": {"total": 3}, "LOW": {"total": "< 10"}, "HIGH": {"total": ">= 4000"}},
    )
    held = ready(plan_of(guideline), AS_OF)
    for known in (0, 1, 2, 11):
        for value in (True, False):
            patient = patient_of(dict.fromkeys(flags[:known], value), guideline)
            assert held.differences(patient) == []


def test_what_is_computed_outside_the_range() -> None:
    """Then nothing is computed, and a record stands."""
    rows = [{"when": {"a": True}, "points": 5}, {"when": {"b": True}, "points": 1}]
    guideline = small_guideline(
        {
            "a": {"label": "A", "type": "boolean"},
            "b": {"label": "B", "type": "boolean"},
            "gate": {"label": "G", "type": "boolean"},
            "s": {"label": "S", "type": "integer", "range": [0, 3], "only_if": {"gate": True}, "score": rows},
            "d": {
                "label": "D",
                "type": "date",
                "table": [{"when": {"a": True}, "value": "2022-01-01"}, {"when": {"b": True}, "value": "2021-01-01"}],
            },
        },
        {"LOW": {"s": "< 2"}, "NONE": {"s": "none"}, "DAY": {"d": "> 2020-06-01"}, "KNOWN": {"d": "known"}},
    )
    plan = plan_of(guideline)
    either = (None, True, False)
    scores, dates = (None, "none", 1, "<= 2"), (None, "none", "2021-01-01", "2021")
    for as_of in (AS_OF, LATER):
        held = ready(plan, as_of)
        for values in product(either, either, either, scores, dates):
            facts = dict(zip(("a", "b", "gate", "s", "d"), values, strict=True))
            record = {id: value for id, value in facts.items() if value is not None}
            assert held.differences(patient_of(record, guideline, as_of)) == [], record


def test_a_fact_of_one_value_is_known_without_a_record() -> None:
    two = {"label": "L", "type": "integer", "range": [2, 2]}
    guideline = small_guideline(
        {
            "gate": {"label": "G", "type": "boolean"},
            "only": two,
            "may": {**two, "only_if": {"gate": True}},
            "sum": {**two, "score": [{"when": {"gate": True}, "points": 5}]},
        },
        {f"{fact}-{word}": {fact: word} for fact in ("only", "sum", "may") for word in ("known", "unknown")},
    )
    held = ready(plan_of(guideline), AS_OF)
    for record in ({}, {"gate": True}, {"gate": False}):
        assert held.differences(patient_of(record, guideline)) == [], record


def test_sets_of_choices_in_records_and_tables() -> None:
    option = {"1": "One", "2": "Two", "3": "Three", "odd": {"label": "Odd", "may_be": ["1", "3"]}}
    rows = [{"when": {"a": True}, "value": ["1"]}, {"when": {"b": True}, "value": ["1", "2"]}]
    guideline = small_guideline(
        {
            "a": {"label": "A", "type": "boolean"},
            "b": {"label": "B", "type": "boolean"},
            "gate": {"label": "G", "type": "boolean"},
            "plain": {"label": "P", "type": "choices", "values": option, "only_if": {"gate": True}},
            "given": {"label": "T", "type": "choices", "values": option, "only_if": {"gate": True}, "table": rows},
        },
        {
            f"{fact[0].upper()}{number}": {fact: test}
            for fact in ("plain", "given")
            for number, test in enumerate(["1", ["2", "3"], "odd", "none", "known", "unknown", "uncertain"])
        },
    )
    held = ready(plan_of(guideline), AS_OF)
    either = (None, True, False)
    records: tuple[Any, ...] = (
        None,
        "none",
        ["1"],
        [],
        "odd",
        {"one_of": ["none", ["1", "2"]]},
        {"one_of": [["1"], ["2"]]},
    )
    for values in product(either, either, either, records):
        *others, record = values
        for fact in ("plain", "given"):
            facts = dict(zip(("a", "b", "gate", fact), (*others, record), strict=True))
            recorded = {id: value for id, value in facts.items() if value is not None}
            for noise in (False, True):
                assert held.differences(patient_of(recorded, guideline), noise) == [], recorded


def small_guideline(facts: dict[str, Any], rules: dict[str, Any]) -> Guideline:
    """A guideline of these facts, with a rule for each of these conditions."""
    return loaded(small_texts(facts, {id: {"when": when} for id, when in rules.items()}))


@pytest.mark.parametrize("id", shipped_ids())
def test_the_cases_of_the_shipped_guidelines(id: str) -> None:
    guideline = guidewright.load(id)
    plan = guideline.ready.plan
    folder = shipped_folder(id)
    assert folder is not None
    cases = [load_case(path, plan.guideline).case for path in sorted(Path(folder).glob("cases/*.yaml"))]
    by_day: dict[date, list[Patient]] = {}
    for case in cases:
        assert case is not None
        by_day.setdefault(case.patient.as_of, []).append(case.patient)
    assert by_day
    for as_of, patients in by_day.items():
        held = ready(plan, as_of)
        for patient in patients:
            assert held.differences(patient) == [], patient.id


@pytest.mark.parametrize("id", shipped_ids())
def test_random_patients_of_the_shipped_guidelines(id: str) -> None:
    plan = guidewright.load(id).ready.plan
    random = Random(id)
    held = ready(plan, AS_OF)
    for number in range(EXAMPLES or 40):
        share = random.choice([0.2, 0.5, 0.9])
        records = {
            fact.id: any_record(held.encoding.shapes[fact.id], AS_OF, random)
            for fact in plan.guideline.facts.values()
            if random.random() < (share if fact.derivation is None else 0.1)
        }
        assert held.differences(Patient("p", AS_OF, records), noise=number % 2 == 0) == []
