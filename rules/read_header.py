"""Reading guideline.yaml: what the guideline is, its grading scheme, actions and parameters, and its stages in
order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.evidence import EVIDENCE_KEYS, Grading, read_evidence
from guidewright.rules.model import Action, Grade, Parameter
from guidewright.rules.reading import Node, Scalar
from guidewright.rules.shape import Fields, Problems, entries, fields, is_good_id, long_text, names, one_of, text

_KEYS = ["id", "title", "version", "status", "language", "scope", "use", "misuse", "grading", "applies", "actions", "parameters", "stages"]
_REQUIRED = ("id", "title", "version", "status", "language", "stages")
_LATER = ("uses", "adapts", "records", "translations", "invariants", "exclusive", "accept")
_VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")


@dataclass(frozen=True, slots=True)
class Header:
    """guideline.yaml before the conditions in it are read."""

    fields: Fields
    place: Place
    texts: dict[str, str | None]
    strengths: tuple[Grade, ...]
    certainties: tuple[Grade, ...]
    actions: dict[str, Action]
    parameters: dict[str, tuple[str, Fields, Place]]
    stages: tuple[tuple[str, Place], ...]


def read_header(node: Node, problems: Problems) -> Header | None:
    """guideline.yaml, or `None` where it is no mapping."""
    got = fields(node, "guideline.yaml", _KEYS, _REQUIRED, problems, _LATER)
    if got is None:
        return None
    texts = {name: text(got.get(name), f"`{name}`", problems) for name in ("id", "title", "version", "language")}
    texts |= {name: long_text(got.get(name), f"`{name}`", problems) for name in ("status", "scope", "use", "misuse")}
    id_node = got.get("id")
    if isinstance(id_node, Scalar):
        is_good_id(id_node, "the id of a guideline", problems)
    if texts["version"] is not None and not _VERSION.fullmatch(texts["version"]):
        problems.append(
            error("GW113", f"`{texts['version']}` is no version", got["version"].place, "write three numbers: `0.1.0`")
        )
    grading = fields(got["grading"], "`grading`", ("strength", "certainty"), (), problems) if "grading" in got else None
    return Header(
        fields=got,
        place=node.place,
        texts=texts,
        strengths=_read_grades(grading, "strength", problems),
        certainties=_read_grades(grading, "certainty", problems),
        actions=_read_actions(got.get("actions"), problems),
        parameters=_read_parameters(got.get("parameters"), problems),
        stages=names(got.get("stages"), "`stages`", problems),
    )


def _read_grades(grading: Fields | None, name: str, problems: Problems) -> tuple[Grade, ...]:
    found: list[Grade] = []
    for key, value in entries((grading or {}).get(name), f"`{name}` of the grading", problems):
        if not is_good_id(key, "a grade", problems):
            continue
        if isinstance(value, Scalar):
            found.append(Grade(key.text, text(value, f"the label of `{key.text}`", problems) or key.text))
        elif (got := fields(value, f"the grade `{key.text}`", ("label", "means"), ("label",), problems)) is not None:
            label, means = text(got.get("label"), "`label`", problems), text(got.get("means"), "`means`", problems)
            found.append(Grade(key.text, label or key.text, means))
    return tuple(found)


def _read_actions(node: Node | None, problems: Problems) -> dict[str, Action]:
    found: dict[str, Action] = {}
    part_places: dict[str, Place] = {}
    for key, value in entries(node, "`actions`", problems):
        if not is_good_id(key, "the id of an action", problems):
            continue
        got = fields(value, f"the action `{key.text}`", ("label", "part_of"), ("label",), problems)
        if got is None:
            continue
        part_of = text(got.get("part_of"), "`part_of`", problems)
        if part_of is not None:
            part_places[key.text] = got["part_of"].place
        found[key.text] = Action(key.text, text(got.get("label"), "`label`", problems) or key.text, part_of)
    for id, place in part_places.items():
        part_of = found[id].part_of
        if part_of is not None and part_of not in found:
            problems.append(error("GW407", f"there is no action `{part_of}`", place, suggest(part_of, found)))
    for id in found:
        seen: list[str] = []
        current: str | None = id
        while current is not None and current in found and current not in seen:
            seen.append(current)
            current = found[current].part_of
        if current == id:
            problems.append(error("GW412", f"the action `{id}` is a part of itself", part_places[id]))
    return found


def _read_parameters(node: Node | None, problems: Problems) -> dict[str, tuple[str, Fields, Place]]:
    found: dict[str, tuple[str, Fields, Place]] = {}
    for key, value in entries(node, "`parameters`", problems):
        if not is_good_id(key, "the id of a parameter", problems):
            continue
        allowed = ("value", "label", "note", *EVIDENCE_KEYS)
        got = fields(value, f"the parameter `{key.text}`", allowed, ("value", "label"), problems)
        if got is None:
            continue
        written = text(got.get("value"), f"the value of `{key.text}`", problems)
        if written is not None:
            found[key.text] = (written, got, key.place)
    return found


def whole_parameters(header: Header, grading: Grading, problems: Problems) -> dict[str, Parameter]:
    """The parameters with what supports them."""
    return {
        id: Parameter(
            id=id,
            label=text(got.get("label"), f"the label of `{id}`", problems) or id,
            written=written,
            evidence=read_evidence(got, f"the parameter `{id}`", place, grading, problems, required=False),
            place=place,
        )
        for id, (written, got, place) in header.parameters.items()
    }


def check_language(header: Header, problems: Problems) -> None:
    one_of(header.fields.get("language"), "language", ("en",), problems)
