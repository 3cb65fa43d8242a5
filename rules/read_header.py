"""Reading guideline.yaml: what the guideline is, its grading scheme, actions and parameters, and its stages in
order. What it claims of itself names rules, and is read after them, in `read_claims`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.evidence import EVIDENCE_KEYS, Grading, read_evidence
from guidewright.rules.literals import Trouble, read_day
from guidewright.rules.model import Action, Grade, Parameter
from guidewright.rules.read_claims import CLAIM_KEYS
from guidewright.rules.reading import Mapping, Node, Scalar, Sequence
from guidewright.rules.shape import Fields, Problems, entries, fields, is_good_id, items, long_text, names, one_of, text
from guidewright.rules.units import UnitProblem, parse_unit

_TEXTS = ("id", "title", "version", "status", "language", "scope", "use", "misuse")
_KEYS = (*_TEXTS, "date", "grading", "applies", "actions", "parameters", "stages", *CLAIM_KEYS)
_REQUIRED = ("id", "title", "version", "status", "language", "stages")
_LATER = ("uses", "adapts", "records", "translations")
_VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")
_QUANTITY = re.compile(r"[+-]?[0-9.]+\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Header:
    """guideline.yaml before the conditions in it are read. Grades, actions and stages are `None` where they could not
    be read, and so is the text of a parameter; nothing that names them is reported once more.
    """

    fields: Fields
    texts: dict[str, str | None]
    date: date | None
    strengths: tuple[Grade, ...] | None
    certainties: tuple[Grade, ...] | None
    actions: dict[str, Action] | None
    parameters: dict[str, tuple[str | None, Fields, Place]] | None
    stages: tuple[tuple[str, Place], ...] | None


UNREAD = Header({}, {}, None, None, None, None, None, None)
"""What stands for a guideline.yaml that could not be read."""


def read_header(node: Node, problems: Problems) -> Header | None:
    """guideline.yaml, or `None` where it is no mapping."""
    before = len(problems)
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
    stages = names(got.get("stages"), "`stages`", problems)
    for item in items(got.get("stages"), "`stages`", []):
        if isinstance(item, Scalar) and item.text.strip():
            is_good_id(item, "the id of a stage", problems)
    grading = fields(got["grading"], "`grading`", ("strength", "certainty"), (), problems) if "grading" in got else {}
    header = Header(
        fields=got,
        texts=texts,
        date=_read_date(got.get("date"), problems),
        strengths=None if grading is None else _read_grades(grading, "strength", problems),
        certainties=None if grading is None else _read_grades(grading, "certainty", problems),
        actions=_read_actions(got.get("actions"), problems),
        parameters=_read_parameters(got.get("parameters"), problems),
        stages=stages if isinstance(got.get("stages"), Sequence) else None,
    )
    if any(d.code.startswith("GW1") for d in problems[before:]):
        # A section that is missing may be misspelt, or indented into another.
        header = replace(
            header,
            actions=header.actions if "actions" in got else None,
            parameters=header.parameters if "parameters" in got else None,
            strengths=header.strengths if "grading" in got else None,
            certainties=header.certainties if "grading" in got else None,
        )
    return header


def _read_date(node: Node | None, problems: Problems) -> date | None:
    """The day of this version."""
    written = text(node, "`date`", problems)
    if node is None or written is None:
        return None
    day = read_day(written)
    if isinstance(day, Trouble):
        problems.append(error(day.code, day.message, node.place, day.help))
        return None
    return day


def _read_grades(grading: Fields, name: str, problems: Problems) -> tuple[Grade, ...] | None:
    found: list[Grade] = []
    for key, value in entries(grading.get(name), f"`{name}` of the grading", problems):
        is_good_id(key, "a grade", problems)
        label, means = None, None
        if isinstance(value, Scalar):
            label = text(value, f"the label of `{key.text}`", problems)
        else:
            allowed = ("label", "means")
            got = fields(value, f"the grade `{key.text}`", allowed, ("label",), problems, at=key.place) or {}
            label, means = text(got.get("label"), "`label`", problems), text(got.get("means"), "`means`", problems)
        found.append(Grade(key.text, label or key.text, means))
    return tuple(found) if isinstance(grading.get(name), Mapping | None) else None


def _read_actions(node: Node | None, problems: Problems) -> dict[str, Action] | None:
    found: dict[str, Action] = {}
    part_places: dict[str, Place] = {}
    for key, value in entries(node, "`actions`", problems):
        is_good_id(key, "the id of an action", problems)
        allowed = ("label", "part_of")
        got = fields(value, f"the action `{key.text}`", allowed, ("label",), problems, at=key.place) or {}
        part_of = text(got.get("part_of"), "`part_of`", problems)
        if part_of is not None:
            part_places[key.text] = got["part_of"].place
        found[key.text] = Action(key.text, text(got.get("label"), "`label`", problems) or key.text, part_of)
    _check_parts(found, part_places, problems)
    return found if isinstance(node, Mapping | None) else None


def _check_parts(actions: dict[str, Action], places: dict[str, Place], problems: Problems) -> None:
    """Whatever an action is a part of exists, and no action is a part of itself."""
    in_circle: set[str] = set()
    for id, place in places.items():
        part_of = actions[id].part_of
        if part_of is not None and part_of not in actions:
            problems.append(error("GW407", f"there is no action `{part_of}`", place, suggest(part_of, actions)))
        way = [id]
        while (part_of := actions[way[-1]].part_of) in actions and part_of not in way:
            assert part_of is not None
            way.append(part_of)
        if part_of == id and id not in in_circle:
            in_circle.update(way)
            problems.append(error("GW412", f"the action `{id}` is a part of itself", place))


def _read_parameters(node: Node | None, problems: Problems) -> dict[str, tuple[str | None, Fields, Place]] | None:
    found: dict[str, tuple[str | None, Fields, Place]] = {}
    for key, value in entries(node, "`parameters`", problems):
        is_good_id(key, "the id of a parameter", problems)
        allowed = ("value", "label", "note", *EVIDENCE_KEYS)
        got = fields(value, f"the parameter `{key.text}`", allowed, ("value", "label"), problems, at=key.place) or {}
        written = text(got.get("value"), f"the value of `{key.text}`", problems)
        if written is not None and (quantity := _QUANTITY.fullmatch(written)):
            unit = parse_unit(quantity.group(1))
            if isinstance(unit, UnitProblem):
                problems.append(error("GW906", unit.message, got["value"].place, unit.help))
                written = None
        found[key.text] = (written, got, key.place)
    return found if isinstance(node, Mapping | None) else None


def whole_parameters(header: Header, grading: Grading, problems: Problems) -> dict[str, Parameter]:
    """The parameters with what supports them."""
    return {
        id: Parameter(
            id=id,
            label=text(got.get("label"), f"the label of `{id}`", problems) or id,
            written=written or "",
            evidence=read_evidence(got, f"the parameter `{id}`", place, grading, problems, required=False),
            place=place,
        )
        for id, (written, got, place) in (header.parameters or {}).items()
    }


def check_language(header: Header, problems: Problems) -> None:
    one_of(header.fields.get("language"), "language that is supported", ("en",), problems)
