"""The embedding interface, and the page that documents it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

import guidewright

PAGE = Path(__file__).parent.parent / "docs" / "embedding.md"
INDEX = {"primary.histology": "leiomyosarcoma", "lesion.present": True, "primary.site": "retroperitoneum"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def guideline():
    return guidewright.load("retroperitoneal-leiomyosarcoma")


def test_the_documented_examples_run(capsys, tmp_path, monkeypatch):
    code, pictures = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    names = {}
    exec(compile(code, str(PAGE), "exec"), names)
    monkeypatch.chdir(tmp_path)
    exec(compile(pictures, str(PAGE), "exec"), names)
    assert {"overview.svg", "1-workup.svg"} <= {path.name for path in tmp_path.iterdir()}
    printed = capsys.readouterr().out
    assert "A-01" in printed
    assert "GW905 write `20 mm` if that is what it is in" in printed


def test_the_answer_is_the_same_every_time_and_in_every_thread(guideline):
    def answer(_: int) -> str:
        return json.dumps(guidewright.evaluate(guideline, INDEX, as_of="2020-12-15").to_json())

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(answer, range(40)))
    assert len(answers) == 1


def test_threads_never_see_each_other_s_patient(guideline):
    def fired(age: int) -> bool:
        facts = INDEX | {"patient.age": f"{age} a", "patient.sex": "female"}
        return guidewright.evaluate(guideline, facts, as_of="2020-12-15").rules["A-28"].status == "fired"

    ages = [30, 80] * 30
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(fired, ages)) == [age < 55 for age in ages]


def test_an_empty_patient_gets_no_treatment_and_is_told_what_to_record_first(guideline):
    answer = guidewright.evaluate(guideline, {}, as_of="2020-12-15")
    assert answer.applies is None
    assert answer.ask[0].fact == "primary.histology"
    assert answer.ask[0].reason == "applies"
    assert [rule.id for rule in answer.with_status("fired") if rule.kind in ("do", "consider")] == []


def test_a_patient_with_another_cancer_is_told_that_the_guideline_does_not_apply(guideline):
    answer = guidewright.evaluate(guideline, {"primary.histology": "gist", "lesion.present": True}, as_of="2020-12-15")
    assert answer.applies is False
    assert {rule.status for rule in answer.rules.values()} == {"not_fired"}
    assert answer.ask == ()


def test_all_errors_of_a_record_are_reported_and_nothing_is_evaluated(guideline):
    facts = {"lesion.sise": "20 mm", "lesion.size": "20 mg", "lesion.present": "yes", "patient.age": "200 a"}
    with pytest.raises(guidewright.PatientError) as caught:
        guidewright.evaluate(guideline, facts, as_of="2020-12-15")
    assert sorted(d.code for d in caught.value.diagnostics) == ["GW201", "GW902", "GW907", "GW911"]
    assert "did you mean `lesion.size`?" in str(caught.value)


def test_as_of_is_a_date_or_a_text_and_a_bad_one_is_an_error(guideline):
    by_date = guidewright.evaluate(guideline, INDEX, as_of=date(2020, 12, 15))
    assert by_date == guidewright.evaluate(guideline, INDEX, as_of="2020-12-15")
    with pytest.raises(guidewright.PatientError, match="2020-13-40"):
        guidewright.evaluate(guideline, INDEX, as_of="2020-13-40")


def test_an_unknown_guideline_is_an_error_that_names_the_shipped_ones():
    with pytest.raises(guidewright.GuidelineError, match="retroperitoneal-leiomyosarcoma"):
        guidewright.load("retroperitoneal-leiomyosarkoma")


def test_a_kept_guideline_is_the_one_that_was_read():
    folder = Path(guidewright.__file__).parent.parent / "guidelines" / "retroperitoneal-leiomyosarcoma"
    read = guidewright.load(folder)
    kept = guidewright.load(folder)
    assert kept.ready.guideline == read.ready.guideline
    assert kept.ready.guideline is not read.ready.guideline


@pytest.mark.parametrize("damage", [b"", b"not json", b"0" * 64 + b"\n[0]", b"\xff\xfe"])
def test_a_damaged_cache_is_ignored(tmp_path, damage):
    first = guidewright.load("retroperitoneal-leiomyosarcoma")
    (kept,) = (tmp_path / "cache").glob("*.json")
    kept.write_bytes(damage)
    assert guidewright.load("retroperitoneal-leiomyosarcoma").ready.guideline == first.ready.guideline


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path / "file" / "cache"))
    assert guidewright.load("retroperitoneal-leiomyosarcoma").id == "retroperitoneal-leiomyosarcoma"


def test_a_changed_file_is_not_answered_from_the_cache(tmp_path):
    import shutil

    shipped = Path(guidewright.__file__).parent.parent / "guidelines" / "retroperitoneal-leiomyosarcoma"
    copy = tmp_path / "copy"
    shutil.copytree(shipped, copy)
    facts = INDEX | {"lesion.interval": "7 mo"}
    before = guidewright.evaluate(guidewright.load(copy), facts, as_of="2020-12-15")
    assert before.derived["lesion.timing"].may_be == ("metachronous",)
    header = copy / "guideline.yaml"
    header.write_text(header.read_text().replace("value: 6 mo", "value: 8 mo"))
    after = guidewright.evaluate(guidewright.load(copy), facts, as_of="2020-12-15")
    assert after.derived["lesion.timing"].may_be == ("synchronous",)


def test_engines_that_disagree_answer_nothing(guideline, monkeypatch):
    from dataclasses import replace

    from guidewright.engine import rete

    if not rete.rete_available():
        pytest.skip("durable_rules is not installed; it needs a Python below 3.13")
    right = rete.evaluate_by_rete

    def wrong(program, patient):
        outcome = right(program, patient)
        return replace(outcome, rules={**outcome.rules, "C-01": "fired"})

    monkeypatch.setattr(rete, "evaluate_by_rete", wrong)
    with pytest.raises(guidewright.InternalFault) as caught:
        guidewright.evaluate(guideline, INDEX | {"lesion.size": "23 mm"}, as_of="2020-12-15")
    assert "rule C-01: compiled says open, rete says fired" in str(caught.value)
    assert "23" not in str(caught.value)


def test_a_rule_engine_that_fails_answers_nothing(guideline, monkeypatch):
    from guidewright.engine import rete
    from guidewright.engine.rete_host import ReteError

    if not rete.rete_available():
        pytest.skip("durable_rules is not installed; it needs a Python below 3.13")

    def failing(program, patient):
        raise ReteError("planted")

    monkeypatch.setattr(rete, "evaluate_by_rete", failing)
    with pytest.raises(guidewright.InternalFault, match="planted"):
        guidewright.evaluate(guideline, INDEX, as_of="2020-12-15")


def test_without_durable_rules_the_answer_says_that_one_engine_ran(monkeypatch):
    from guidewright.engine import rete

    monkeypatch.setattr(rete, "rete_available", lambda: False)
    fresh = guidewright.load("retroperitoneal-leiomyosarcoma")
    assert "one engine ran" in guidewright.evaluate(fresh, INDEX, as_of="2020-12-15").engine


def test_the_place_is_the_last_field_of_whatever_is_kept():
    from dataclasses import fields

    from guidewright.rules.stored import _CLASSES

    for kind in _CLASSES:
        names = [field.name for field in fields(kind)]
        assert "place" not in names[:-1], kind
