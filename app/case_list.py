"""The cases of a guideline as a list: why each is one, and what no other one reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guidewright.cases_report import coverage_lines
from guidewright.engine.assessment import NOTICE
from guidewright.engine.cases.coverage import Coverage, Goal, coverage, reached
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.plan import Plan
from guidewright.output import counted
from guidewright.rules.cases import Case
from guidewright.rules.display import escaped

_SHOWN = 6  # goals of one case


@dataclass(frozen=True, slots=True)
class Listed:
    """A case in its file, with all it reaches, and what it alone does."""

    path: Path
    case: Case
    reached: frozenset[Goal]
    alone: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class CaseList:
    cases: tuple[Listed, ...]
    coverage: Coverage


def case_list(cases: Sequence[tuple[Path, Case]], plan: Plan) -> CaseList:
    """The cases in their order. They are not held against what they expect; `guidewright test` does that."""
    reaching = [reached(plan, evaluate_compiled(plan.compiled, case.patient)) for _, case in cases]
    found = coverage(plan, reaching)
    counts: dict[Goal, int] = {}
    for goals in reaching:
        for goal in goals:
            counts[goal] = counts.get(goal, 0) + 1
    listed = [
        Listed(path, case, goals, tuple(sorted((g for g in goals if counts[g] == 1), key=lambda g: (g.kind, g.id))))
        for (path, case), goals in zip(cases, reaching, strict=True)
    ]
    return CaseList(tuple(listed), found)


def goal_text(goal: Goal) -> str:
    return escaped(f"{goal.id} ({goal.side or goal.kind})")


def case_list_text(listed: CaseList, guideline: str) -> str:
    if not listed.cases:
        return (
            f"{escaped(guideline)} has no case.\n"
            f"Made-up ones for a clinician to read: guidewright cases {escaped(guideline)} --generate\n"
        )
    lines: list[str] = []
    for one in listed.cases:
        lines.append(f"{escaped(one.case.id)} ({counted(len(one.case.patient.records), 'facts')})")
        lines.append(f"  {escaped(one.case.why)}")
        if one.alone:
            more = len(one.alone) - _SHOWN
            shown = ", ".join(map(goal_text, one.alone[:_SHOWN])) + (f" and {more} more" if more > 0 else "")
            lines.append(f"  alone reaches {shown}")
    lines += ["", *coverage_lines(listed.coverage), counted(len(listed.cases), "cases"), "", NOTICE]
    return "".join(f"{line}\n" for line in lines)


def case_list_json(listed: CaseList) -> dict[str, Any]:
    found = listed.coverage
    return {
        "schema": "guidewright/case-list/1",
        "notice": NOTICE,
        "cases": [
            {
                "case": one.case.id,
                "file": one.path.name,
                "why": one.case.why,
                "facts": len(one.case.patient.records),
                "reached": len(one.reached),
                "alone": [goal_json(goal) for goal in one.alone],
            }
            for one in listed.cases
        ],
        "coverage": {"percent": int(found.percent * 10) / 10, "missing": [goal_json(goal) for goal in found.missing]},
    }


def goal_json(goal: Goal) -> dict[str, str | None]:
    return {"kind": goal.kind, "id": goal.id, "side": goal.side or None}
