"""The interface for embedding applications: load a guideline once, then evaluate as many patients as you like,
from any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from guidewright.cache import load_cached
from guidewright.engine.assessment import Assessment
from guidewright.engine.lockstep import Disagreement, EngineName, Ready, RuleEngineFailed, answer
from guidewright.rules.diagnostics import Diagnostic, Place, error, render, suggest
from guidewright.rules.literals import Trouble, read_day
from guidewright.rules.model import Guideline as CheckedGuideline
from guidewright.rules.patient import PatientRead, load_patient, patient_from
from guidewright.shipped import shipped_folder, shipped_ids

__all__ = [
    "Assessment",
    "Guideline",
    "GuidelineError",
    "InternalFault",
    "PatientError",
    "answered",
    "assessment_schema",
    "evaluate",
    "evaluate_file",
    "guideline_folder",
    "load",
]


class GuidelineError(Exception):
    """A guideline cannot be used. `diagnostics` say what is wrong, each with its place; the text shows the lines."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], texts: Mapping[str, str]) -> None:
        super().__init__(render(diagnostics, texts))
        self.diagnostics = diagnostics
        self.texts = texts


class PatientError(Exception):
    """A patient's record cannot be used, and nothing was evaluated. `diagnostics` say what is wrong.

    The text of this exception quotes the record: show it to whoever entered it, keep it out of logs.
    """

    def __init__(self, diagnostics: tuple[Diagnostic, ...], texts: Mapping[str, str]) -> None:
        super().__init__(render(diagnostics, texts))
        self.diagnostics = diagnostics
        self.texts = texts


class InternalFault(Exception):
    """Two engines disagree, or one failed, so nothing is answered. Please report it; the text holds no values of the
    patient. `disagreement` says what differs, if it is that.
    """

    def __init__(self, message: str, disagreement: Disagreement | None = None) -> None:
        super().__init__(message)
        self.disagreement = disagreement


def _told(disagreement: Disagreement) -> str:
    left, right = disagreement.engines
    lines = [f"  {d.what} {d.id}: {left} says {d.left}, {right} says {d.right}" for d in disagreement.differences[:50]]
    return "\n".join([f"the engines {left} and {right} disagree, so nothing is answered:", *lines])


class Guideline:
    """A checked guideline, ready to evaluate patients. Immutable in use and safe to share between threads."""

    __slots__ = ("ready", "warnings")

    def __init__(self, checked: CheckedGuideline, warnings: tuple[Diagnostic, ...] = ()) -> None:
        self.ready = Ready(checked)
        #: What the checks found that does not stand in the way of using the guideline.
        self.warnings = warnings

    @property
    def id(self) -> str:
        return self.ready.guideline.id

    @property
    def title(self) -> str:
        return self.ready.guideline.title

    @property
    def version(self) -> str:
        return self.ready.guideline.version

    @property
    def digest(self) -> str:
        """SHA-256 over the guideline's files: two answers with one digest come from the same guideline."""
        return self.ready.guideline.digest

    def __repr__(self) -> str:
        return f"<Guideline {self.id} {self.version}>"


def load(guideline: str | Path) -> Guideline:
    """A guideline by the id under which it ships, or by the path of its folder. Raises `GuidelineError`."""
    kept, loaded = load_cached(guideline_folder(guideline))
    if loaded is None:
        assert kept is not None
        return Guideline(kept)
    if loaded.guideline is None:
        raise GuidelineError(loaded.diagnostics, loaded.texts)
    return Guideline(loaded.guideline, loaded.diagnostics)


def guideline_folder(guideline: str | Path) -> Path:
    """Where a guideline lies. An id that ships comes first; anything with a separator, or that exists, is a path."""
    name = str(guideline)
    folder = shipped_folder(name)
    if folder is not None and not isinstance(guideline, Path):
        return folder
    path = Path(guideline)
    if path.exists() or isinstance(guideline, Path) or "/" in name or "\\" in name:
        return path
    ids = shipped_ids()
    help = suggest(name, ids) or "these ship: " + ", ".join(f"`{id}`" for id in ids)
    raise GuidelineError((error("GW114", f"there is no guideline `{name}`", Place.of_file(name), help),), {})


def evaluate(
    guideline: Guideline,
    facts: Mapping[str, Any],
    as_of: date | str | None = None,
    *,
    patient: str | None = None,
    engine: EngineName = "lockstep",
) -> Assessment:
    """The answer for a patient whose facts are a mapping, dotted or nested, as in a patient file (`{"lesion.size":
    "20 mm"}`).

    What is absent is unknown, never "no". `as_of` is the day of assessment, today if absent. Raises `PatientError`
    for a record with
    any error, and `InternalFault` where two engines disagree.
    """
    return answered(
        guideline, patient_from(facts, guideline.ready.guideline, date.today(), _day(as_of), patient), engine
    )


def evaluate_file(
    guideline: Guideline, path: str | Path, as_of: date | str | None = None, *, engine: EngineName = "lockstep"
) -> Assessment:
    """The answer for the patient in a YAML or JSON file; otherwise like `evaluate`."""
    return answered(guideline, load_patient(path, guideline.ready.guideline, date.today(), _day(as_of)), engine)


def answered(guideline: Guideline, read: PatientRead, engine: EngineName) -> Assessment:
    if read.patient is None:
        raise PatientError(read.diagnostics, read.texts)
    try:
        result = answer(guideline.ready, read.patient, engine)
    except RuleEngineFailed as fault:
        raise InternalFault(f"the production-rule engine failed, so nothing is answered: {fault}") from None
    if isinstance(result, Disagreement):
        raise InternalFault(_told(result), result)
    return result


def _day(as_of: date | str | None) -> date | None:
    if not isinstance(as_of, str):
        return as_of
    day = read_day(as_of)
    if isinstance(day, Trouble):
        raise PatientError((error(day.code, day.message, Place.of_file("as_of"), day.help),), {})
    return day


def assessment_schema() -> dict[str, Any]:
    """The JSON Schema (draft-07) of `Assessment.to_json()`."""
    import json
    from importlib.resources import files

    schema: dict[str, Any] = json.loads(
        files("guidewright").joinpath("assessment.schema.json").read_text(encoding="utf-8")
    )
    return schema
