"""The report on a guideline's cases: as text, as JSON, and as JUnit XML for continuous integration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from guidewright.engine.assessment import NOTICE
from guidewright.engine.cases.coverage import KINDS, Coverage, Goal
from guidewright.engine.cases.running import CaseResult
from guidewright.rules.diagnostics import Diagnostic, render, to_json
from guidewright.rules.display import escaped

Unreadable = Mapping[str, tuple[tuple[Diagnostic, ...], Mapping[str, str]]]


def case_line(result: CaseResult) -> str:
    """One line for a case, and below it everything that differs, with why."""
    name = escaped(result.case.id)
    if result.passed:
        return f"  ok    {name}"
    lines = [f"  FAIL  {name}"]
    for miss in result.misses:
        lines.append(f"          {escaped(miss.what)}: expected {escaped(miss.expected)}, found {escaped(miss.found)}")
        lines += [f"            {line}" for line in _why(result, miss.rule)]
    lines += [
        f"          the engines differ on {d.what} {escaped(d.id)}: {d.left} / {d.right}" for d in result.differences
    ]
    return "\n".join(lines)


def _why(result: CaseResult, rule: str | None) -> list[str]:
    """The explanation of the rule in question."""
    if rule is None:
        return []
    answer = result.answer.rules[rule]
    lines = [escaped(answer.text)]
    if answer.reasons:
        lines.append("holds because " + escaped("; ".join(answer.reasons)))
    if answer.failed:
        lines.append("failed: " + escaped("; ".join(f"{f.test} (it is {f.found})" for f in answer.failed)))
    if answer.needs:
        lines.append("would be settled by " + escaped(", ".join(answer.needs)))
    if answer.overridden_by:
        lines.append("replaced by " + escaped(", ".join(answer.overridden_by)))
    return lines


def unreadable_text(unreadable: Unreadable) -> str:
    return "".join(render(diagnostics, texts) for diagnostics, texts in unreadable.values())


def summary(results: Sequence[CaseResult], unreadable: Unreadable, found: Coverage | None) -> str:
    """The totals, and the coverage with what is not reached."""
    passed = sum(result.passed for result in results)
    failed = len(results) - passed
    lines = [""]
    if found is not None:
        lines += coverage_lines(found)
    lines.append(f"{passed} passed, {failed} failed" + (f", {len(unreadable)} unreadable" if unreadable else ""))
    return "\n".join(lines)


def coverage_lines(found: Coverage) -> list[str]:
    """The coverage by kinds, what is not reached, and an empty line."""
    lines = [f"Coverage of the guideline: {shown_percent(found)} %"]
    for kind in KINDS:
        if found.total[kind]:
            lines.append(f"  {KIND_NAMES[kind]:<34} {found.reached[kind]:>4} of {found.total[kind]:>4}")
    missing: dict[str, list[str]] = {}
    for goal in found.missing:
        missing.setdefault(KIND_NAMES[goal.kind], []).append(escaped(goal_words(goal)))
    for name, goals in missing.items():
        lines.append(
            f"  not reached, {name}: "
            + ", ".join(goals[:12])
            + (f" and {len(goals) - 12} more" if len(goals) > 12 else "")
        )
    lines.append("")
    return lines


def shown_percent(found: Coverage) -> str:
    """Rounded down, so that only complete coverage shows 100."""
    return f"{int(found.percent * 10) / 10:g}"


KIND_NAMES = {
    "fired": "rules that fire",
    "not fired": "rules that do not fire",
    "open": "rules that stay open",
    "overridden": "rules that are overridden",
    "row": "rows, fired and not",
    "argument": "arguments, true and false",
    "answer": "answers taken",
    "boundary": "parameters, on both sides",
}


def goal_words(goal: Goal) -> str:
    return f"{goal.id} ({goal.side})" if goal.side else goal.id


def cases_json(results: Sequence[CaseResult], unreadable: Unreadable, found: Coverage | None) -> dict[str, Any]:
    return {
        "schema": "guidewright/cases/1",
        "notice": NOTICE,
        "cases": [_case_json(result) for result in results],
        "unreadable": [{"file": file, "errors": to_json(diagnostics)} for file, (diagnostics, _) in unreadable.items()],
        "passed": sum(result.passed for result in results),
        "failed": sum(not result.passed for result in results),
        "coverage": None if found is None else _coverage_json(found),
    }


def _case_json(result: CaseResult) -> dict[str, Any]:
    return {
        "case": result.case.id,
        "why": result.case.why,
        "passed": result.passed,
        "misses": [
            {"what": m.what, "expected": m.expected, "found": m.found, "rule": m.rule, "why": _why(result, m.rule)}
            for m in result.misses
        ],
        "differences": [{"what": d.what, "id": d.id, "left": d.left, "right": d.right} for d in result.differences],
    }


def _coverage_json(found: Coverage) -> dict[str, Any]:
    return {
        "percent": int(found.percent * 10) / 10,
        "kinds": {kind: {"reached": found.reached[kind], "total": found.total[kind]} for kind in KINDS},
        "missing": [{"kind": goal.kind, "id": goal.id, "side": goal.side or None} for goal in found.missing],
    }


def cases_junit(guideline: str, results: Sequence[CaseResult], unreadable: Unreadable) -> str:
    """JUnit XML: a test case for each case, with what differs as its failure."""
    failures = sum(not result.passed for result in results)
    suite = ElementTree.Element(
        "testsuite",
        name=guideline,
        tests=str(len(results) + len(unreadable)),
        failures=str(failures),
        errors=str(len(unreadable)),
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    for result in results:
        case = ElementTree.SubElement(
            suite, "testcase", classname=guideline, name=result.case.id, time=f"{result.seconds:.3f}"
        )
        if not result.passed:
            failure = ElementTree.SubElement(
                case, "failure", message=f"{len(result.misses) + len(result.differences)} differences"
            )
            failure.text = case_line(result)
    for file, (diagnostics, texts) in unreadable.items():
        case = ElementTree.SubElement(suite, "testcase", classname=guideline, name=file)
        ElementTree.SubElement(case, "error", message="cannot be read").text = render(diagnostics, texts)
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"
