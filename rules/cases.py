"""Reading a case: a patient, with what the guideline must say about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from guidewright.rules.cross_checks import without_consequences
from guidewright.rules.diagnostics import Diagnostic, error, ordered, suggest
from guidewright.rules.model import Guideline, Score, Table
from guidewright.rules.patient import Patient, read_patient
from guidewright.rules.reading import Node, read_file, read_json, read_yaml
from guidewright.rules.shape import Problems, entries, fields, names, start_of, text

_CASE = ("case", "why", "as_of", "facts", "expect")
_EXPECT = ("fired", "overridden", "must_not_fire", "not_fired", "open", "ask", "leading")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the answer must hold. `must_not_fire`: not fired, open or overridden. `ask`: among the facts asked."""

    fired: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    must_not_fire: tuple[str, ...] = ()
    not_fired: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    leading: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A patient with a reason for being a case."""

    id: str
    why: str
    patient: Patient
    expected: Expected


@dataclass(frozen=True, slots=True)
class CaseRead:
    case: Case | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


def load_case(path: str | Path, guideline: Guideline) -> CaseRead:
    """The case in a YAML or JSON file, or everything that is wrong with it."""
    content, problems = read_file(path)
    if content is None:
        return CaseRead(None, ordered(problems), {})
    node, found = read_json(content, str(path)) if str(path).endswith(".json") else read_yaml(content, str(path))
    every = [*problems, *found]
    case = _read_case(node, guideline, every) if node is not None else None
    sound = not any(d.severity == "error" for d in every)
    return CaseRead(case if sound else None, ordered(without_consequences(every)), {str(path): content})


def _read_case(node: Node, guideline: Guideline, problems: Problems) -> Case | None:
    got = fields(node, "a case", _CASE, ("case", "why", "as_of", "facts", "expect"), problems)
    if got is None or "as_of" not in got:
        return None
    patient = read_patient(node, guideline, date.max, None, problems)
    id, why = text(got.get("case"), "`case`", problems), text(got.get("why"), "`why`", problems)
    expected = _read_expected(got["expect"], guideline, problems) if "expect" in got else None
    if patient is None or id is None or why is None or expected is None:
        return None
    return Case(id, why, patient, expected)


def rule_ids(guideline: Guideline) -> tuple[str, ...]:
    """The ids that an answer gives a status to: rules, and rows that have an id."""
    found = list(guideline.rules)
    for fact in guideline.facts.values():
        if isinstance(fact.derivation, Table | Score):
            last = fact.derivation.otherwise if isinstance(fact.derivation, Table) else None
            found += [row.id for row in (*fact.derivation.rows, *((last,) if last else ())) if row.id is not None]
    return tuple(found)


def _read_expected(node: Node, guideline: Guideline, problems: Problems) -> Expected | None:
    got = fields(node, "`expect`", _EXPECT, (), problems)
    if got is None:
        return None
    ids = rule_ids(guideline)

    def among(key: str, known: Collection[str], what: str) -> tuple[str, ...]:
        found: list[str] = []
        for name, place in names(got.get(key), f"`{key}`", problems):
            if name not in known:
                problems.append(error("GW806", f"there is no {what} `{name}`", place, suggest(name, known)))
            found.append(name)
        return tuple(found)

    leading: dict[str, tuple[str, ...]] = {}
    for key, value in entries(got.get("leading"), "`leading`", problems):
        weighing = guideline.weighings.get(key.text)
        if weighing is None:
            help = suggest(key.text, guideline.weighings)
            problems.append(error("GW806", f"there is no weighing `{key.text}`", key.place, help))
            continue
        candidates = [candidate.id for candidate in weighing.candidates]
        for name, place in names(value, "`leading`", problems):
            if name not in candidates:
                problems.append(error("GW806", f"there is no candidate `{name}`", place, suggest(name, candidates)))
        leading[key.text] = tuple(name for name, _ in names(value, "`leading`", []))
    statuses = {key: among(key, ids, "rule") for key in _EXPECT[:5]}
    _check_contradictions(statuses, node, problems)
    return Expected(**statuses, ask=among("ask", guideline.facts, "fact"), leading=leading or None)


def _check_contradictions(statuses: Mapping[str, tuple[str, ...]], node: Node, problems: Problems) -> None:
    """No rule can be expected to end in two statuses; `must_not_fire` goes with any but `fired`."""
    exact = [(id, key) for key in ("fired", "overridden", "not_fired", "open") for id in statuses[key]]
    seen: dict[str, str] = {}
    for id, key in [*exact, *((id, "must_not_fire") for id in statuses["must_not_fire"] if id in statuses["fired"])]:
        if id in seen:
            message = f"`{id}` cannot be both `{seen[id]}` and `{key}`"
            problems.append(error("GW807", message, start_of(node.place)))
        seen.setdefault(id, key)
