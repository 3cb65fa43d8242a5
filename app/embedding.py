"""The interface for embedding applications: load a guideline once, then evaluate as many patients as you like,
from any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from guidewright.cache import load_cached
from guidewright.engine.assessment import Assessment
from guidewright.engine.lockstep import ENGINES, Disagreement, EngineName, Ready, RuleEngineFailed, answer
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
    for a record with any error, `InternalFault` where two engines disagree or one fails, and `TypeError` or
    `ValueError` where another argument is not what it must be.
    """
    _check_call(guideline, engine)
    _check_facts(facts, guideline.ready.guideline)
    read = patient_from(facts, guideline.ready.guideline, date.today(), _day(as_of), patient)
    return answered(guideline, read, engine)


def evaluate_file(
    guideline: Guideline, path: str | Path, as_of: date | str | None = None, *, engine: EngineName = "lockstep"
) -> Assessment:
    """The answer for the patient in a YAML or JSON file; otherwise like `evaluate`."""
    _check_call(guideline, engine)
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


def _check_call(guideline: object, engine: object) -> None:
    if not isinstance(guideline, Guideline):
        if isinstance(guideline, str | Path):
            raise TypeError(f'load the guideline first: guidewright.load("{guideline}")')
        raise TypeError(f"a guideline is what guidewright.load gives, not {type(guideline).__name__}")
    if engine not in ENGINES:
        raise ValueError(f"there is no engine {engine!r}; the engines are {', '.join(ENGINES)}")


def _check_facts(facts: object, guideline: CheckedGuideline) -> None:
    """Refuses a whole patient, as a file holds one, where its facts are asked for."""
    inside = facts.get("facts") if isinstance(facts, Mapping) else None
    if isinstance(inside, Mapping) and not any(id == "facts" or id.startswith("facts.") for id in guideline.facts):
        help = 'pass its facts: evaluate(guideline, patient["facts"], as_of=patient["as_of"])'
        raise PatientError(
            (error("GW801", "this is a whole patient, not its facts", Place.of_file("facts"), help),), {}
        )


def _day(as_of: object) -> date | None:
    match as_of:
        case None:
            return None
        case datetime():
            day: date | Trouble = Trouble(
                "GW060",
                "`as_of` is a day, not a time of day",
                "give a date, such as `.date()` of it in the patient's time zone",
            )
        case date():
            day = as_of
        case str():
            day = read_day(as_of)
        case _:
            raise TypeError(f"as_of is a date, or a text like '2020-12-15', not {type(as_of).__name__}")
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
