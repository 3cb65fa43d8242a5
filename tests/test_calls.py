"""What the embedding interface says to a caller who gives it the wrong thing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import guidewright

MINIMAL = Path(__file__).parent / "minimal"
FACTS = {"lesion.size": "20 mm", "lesion.new": True}


@pytest.fixture(scope="module")
def guideline() -> guidewright.Guideline:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIDEWRIGHT_CACHE", "")
        return guidewright.load(MINIMAL)


def test_an_engine_that_does_not_exist_is_refused(guideline: guidewright.Guideline, tmp_path: Path) -> None:
    engine: Any = "fast"
    with pytest.raises(ValueError, match="no engine 'fast'; the engines are lockstep, compiled, rete, reference"):
        guidewright.evaluate(guideline, FACTS, as_of="2024-05-01", engine=engine)
    with pytest.raises(ValueError, match="no engine 'fast'"):
        guidewright.evaluate_file(guideline, tmp_path / "patient.yaml", engine=engine)


def test_the_day_is_a_day(guideline: guidewright.Guideline) -> None:
    with pytest.raises(guidewright.PatientError, match=r"GW060.*`as_of` is a day, not a time of day"):
        guidewright.evaluate(guideline, FACTS, as_of=datetime(2024, 5, 1, tzinfo=UTC), engine="compiled")
    number: Any = 5
    with pytest.raises(TypeError, match="as_of is a date, or a text like '2020-12-15', not int"):
        guidewright.evaluate(guideline, FACTS, as_of=number, engine="compiled")
    by_date = guidewright.evaluate(guideline, FACTS, as_of=date(2024, 5, 1), engine="compiled")
    assert by_date.as_of == date(2024, 5, 1)


def test_a_guideline_is_loaded_first() -> None:
    named: Any = "curb-65"
    with pytest.raises(TypeError, match=r'load the guideline first: guidewright\.load\("curb-65"\)'):
        guidewright.evaluate(named, FACTS)
    with pytest.raises(TypeError, match=r"load the guideline first"):
        guidewright.evaluate_file(named, "patient.yaml")
    nothing: Any = None
    with pytest.raises(TypeError, match=r"what guidewright.load gives, not NoneType"):
        guidewright.evaluate(nothing, FACTS)


def test_a_whole_patient_is_not_taken_for_its_facts(guideline: guidewright.Guideline) -> None:
    patient = {"patient": "p-1", "as_of": "2024-05-01", "facts": FACTS}
    with pytest.raises(guidewright.PatientError, match="this is a whole patient, not its facts") as caught:
        guidewright.evaluate(guideline, patient, as_of="2024-05-01", engine="compiled")
    (only,) = caught.value.diagnostics
    assert only.help is not None
    assert "pass its facts" in only.help


def test_a_status_that_does_not_exist_is_refused(guideline: guidewright.Guideline) -> None:
    answer = guidewright.evaluate(guideline, FACTS, as_of="2024-05-01", engine="compiled")
    wrong: Any = "fird"
    with pytest.raises(ValueError, match="no status 'fird'; the statuses are fired, open, not_fired, overridden"):
        answer.with_status(wrong)
    assert [rule.id for rule in answer.with_status("fired")]
