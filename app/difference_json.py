"""What a new version changes, as JSON."""

from __future__ import annotations

from typing import Any

from guidewright.difference import Difference, RecordedCase
from guidewright.difference_words import plain, sides_of, why
from guidewright.engine.assessment import NOTICE
from guidewright.engine.comparing.differences import Effect, Seen, Standing, What
from guidewright.engine.comparing.edits import Edit, texts_of, users_of
from guidewright.named_version import Version
from guidewright.rules.diagnostics import to_json

SCHEMA = "guidewright/diff/1"


def difference_json(d: Difference) -> dict[str, Any]:
    """`changes_for_patients` is null where that is not decided. An effect that is `same` is proved to be."""
    texts = texts_of(d.before) | texts_of(d.after)
    return {
        "schema": SCHEMA,
        "old": _version(d.old),
        "new": _version(d.new),
        "as_of": d.as_of.isoformat(),
        "changes_for_patients": d.changes_for_patients,
        "effects": [
            {
                "what": effect.what,
                "id": effect.id,
                "text": texts[effect.what, effect.id],
                "verdict": effect.verdict,
                "more": effect.more,
                "shifts": _shifts(effect, d),
            }
            for effect in d.effects
        ],
        "parameters": [_parameter(edit, d) for edit in d.edits if edit.thing == "parameter"],
        "edits": [_edit(edit) for edit in d.edits],
        "patients": None if d.cases is None else [_case(case, d) for case in d.cases],
        "notice": NOTICE,
    }


def _version(version: Version) -> dict[str, str]:
    guideline = version.guideline
    return {"name": version.name, "id": guideline.id, "version": guideline.version, "digest": guideline.digest}


def _shifts(effect: Effect, d: Difference) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for shift in effect.shifts:
        entry: dict[str, Any] = {"before": shift.before, "after": shift.after, "patient": None}
        if shift.patient is not None:
            entry["patient"] = {"as_of": d.as_of.isoformat(), "facts": dict(shift.patient.facts)}
            entry |= _whys(effect.what, effect.id, shift.before, shift.after, shift.patient, d)
        found.append(entry)
    return found


def _whys(what: What, id: str, before: Standing, after: Standing, seen: Seen, d: Difference) -> dict[str, list[str]]:
    sides = sides_of(seen, d.before, d.after)
    return {
        "why_before": [plain(line) for line in why(what, id, before, sides.before)],
        "why_after": [plain(line) for line in why(what, id, after, sides.after)],
    }


def _parameter(edit: Edit, d: Difference) -> dict[str, Any]:
    value = next((field for field in edit.fields if field.name == "value"), None)
    return {
        "id": edit.id,
        "how": edit.how,
        "before": value.before if value is not None else None,
        "after": value.after if value is not None else None,
        "decides_about": list(dict.fromkeys((*users_of(edit.id, d.after), *users_of(edit.id, d.before)))),
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "what": edit.thing,
        "id": edit.id,
        "text": edit.text,
        "how": edit.how,
        "reworded_only": edit.is_reworded_only,
        "fields": [
            {"field": field.name, "sort": field.sort, "before": field.before or None, "after": field.after or None}
            for field in edit.fields
        ],
    }


def _case(case: RecordedCase, d: Difference) -> dict[str, Any]:
    return {
        "file": case.file,
        "refused": [{"by": version, "errors": to_json(diagnostics)} for version, diagnostics in case.refused],
        "changes": [
            {"what": end.what, "id": end.id, "before": end.before, "after": end.after}
            | (_whys(end.what, end.id, end.before, end.after, case.seen, d) if case.seen is not None else {})
            for end in case.endings
        ],
    }
