"""The shipped guidelines say about their own cases what the cases expect, on every engine."""

from pathlib import Path

import pytest

import guidewright
from guidewright.engine.assessment import Assessment
from guidewright.engine.cases.expectations import misses
from guidewright.engine.lockstep import ENGINES, answer
from guidewright.engine.rete import rete_available
from guidewright.rules.cases import Expected, load_case
from guidewright.rules.diagnostics import render
from guidewright.shipped import shipped_folder, shipped_ids

CASES = [
    pytest.param(id, path, id=f"{id}/{path.stem}")
    for id in shipped_ids()
    for path in sorted((shipped_folder(id) or Path()).glob("cases/*.yaml"))
]


@pytest.fixture(scope="module")
def guidelines(tmp_path_factory):
    return {id: guidewright.load(id) for id in shipped_ids()}


def read(guideline, path):
    found = load_case(path, guideline.ready.guideline)
    assert found.case is not None, render(found.diagnostics, found.texts)
    return found.case


@pytest.mark.parametrize(("id", "path"), CASES)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_case_holds(guidelines, id, path, engine):
    if engine == "rete" and not rete_available():
        pytest.skip("durable_rules is not installed; it needs a Python below 3.13")
    case = read(guidelines[id], path)
    found = answer(guidelines[id].ready, case.patient, engine)
    assert isinstance(found, Assessment)
    assert misses(case.expected, found) == ()


@pytest.mark.parametrize(("id", "path"), CASES)
def test_a_case_has_a_day_and_a_reason(guidelines, id, path):
    case = read(guidelines[id], path)
    assert case.patient.dated
    assert len(case.why.split()) >= 4


def test_every_kind_of_miss_is_seen(guidelines):
    guideline = guidelines["retroperitoneal-leiomyosarcoma"]
    facts = {"primary.histology": "leiomyosarcoma", "lesion.present": True}
    found = guidewright.evaluate(guideline, facts, as_of="2020-12-15")
    wrong = Expected(
        fired=("C-01",),
        overridden=("A-01",),
        must_not_fire=("A-01",),
        not_fired=("A-01",),
        open=("A-01",),
        ask=("lesion.present",),
        leading={"origin": ("hcc",)},
    )
    assert len(misses(wrong, found)) == 7


def test_a_case_that_expects_something_unknown_is_an_error(tmp_path, guidelines):
    path = tmp_path / "case.yaml"
    path.write_text(
        "case: x\nwhy: to see it fail\nas_of: 2020-12-15\nfacts: {}\n"
        "expect: {fired: [C-99], open: [A-01], not_fired: [A-01], ask: [lesion.sise], leading: {origin: [lms]}}\n"
    )
    found = load_case(path, guidelines["retroperitoneal-leiomyosarcoma"].ready.guideline)
    assert found.case is None
    assert sorted(d.code for d in found.diagnostics) == ["GW806", "GW806", "GW806", "GW807"]
