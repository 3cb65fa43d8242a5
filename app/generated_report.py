"""What became of generating cases: how many patients for how much, what is out of reach, and what was not decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from guidewright.case_list import goal_json, goal_text
from guidewright.cases_report import KIND_NAMES
from guidewright.engine.assessment import NOTICE
from guidewright.engine.cases.aims import Aim, Purpose
from guidewright.engine.cases.coverage import KINDS, Goal
from guidewright.engine.cases.generating import Generated
from guidewright.engine.cases.limits import Stand
from guidewright.engine.plan import Plan
from guidewright.output import counted
from guidewright.rules.display import escaped
from guidewright.rules.domains import written

_SHOWN = 12
_LIMITS = "sides of limits"
_WARNING = "They show what the guideline says, not what is right: a clinician has to read each before it counts."


def generated_text(found: Generated, plan: Plan, names: Sequence[str], folder: Path) -> str:
    """The summary. `names` are the files, in the order of the patients."""
    lines = [_headline(found, plan, folder)]
    for name, (done, of) in _counts(found).items():
        lines.append(f"  {name:<34} {done:>4} of {of:>4}")
    out_of_reach = [_purpose_text(purpose, plan) for purpose in found.impossible]
    lines += _named("proved to be out of reach of every patient", out_of_reach)
    lines += _named("not decided", [_purpose_text(purpose, plan) for purpose in found.undecided])
    lines += _named("limits where no rule changes for anyone, proved", _limits(found.idle, plan, proved=True))
    lines += _named("limits where no rule was found to change, not proved", _limits(found.idle, plan, proved=False))
    if names:
        lines += ["", _WARNING, f"In the folder `cases` of the guideline, {_run(names)}."]
    return "".join(f"{line}\n" for line in (*lines, NOTICE))


def _headline(found: Generated, plan: Plan, folder: Path) -> str:
    about = f"{escaped(plan.guideline.id)} {escaped(plan.guideline.version)}"
    if not found.sought and not plan.guideline.rules:
        return f"{about}: there is no rule that a case could reach, so nothing is written"
    if not found.sought:
        return f"{about}: the guideline's own cases reach everything, so nothing is written"
    if not found.patients:
        return f"{about}: no patient was found, so nothing is written"
    most = max(len(patient.one.facts) for patient in found.patients)
    patients = counted(len(found.patients), "made-up patients")
    return f"{about}: {patients} of at most {counted(most, 'facts')}, written into {escaped(str(folder))}"


def _run(names: Sequence[str]) -> str:
    return "`guidewright test` runs it" if len(names) == 1 else "`guidewright test` runs them"


def _named(title: str, every: Sequence[str]) -> list[str]:
    if not every:
        return []
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return [f"  {title}: {', '.join(every[:_SHOWN])}{more}"]


def _counts(found: Generated) -> Mapping[str, tuple[int, int]]:
    """How much is reached of what was sought, by what it is."""
    names = {kind: KIND_NAMES[kind] for kind in KINDS}
    missed = {*found.impossible, *found.undecided}
    counts: dict[str, tuple[int, int]] = {}
    for name in (*names.values(), _LIMITS):
        every = [p for p in found.sought if (names[p.kind] if isinstance(p, Goal) else _LIMITS) == name]
        if every:
            counts[name] = (sum(purpose not in missed for purpose in every), len(every))
    return counts


def _purpose_text(purpose: Purpose, plan: Plan) -> str:
    if isinstance(purpose, Goal):
        return goal_text(purpose)
    return f"{escaped(purpose.fact)} ({_side(purpose)} {_limit(purpose, plan)})"


def _limits(aims: Sequence[Aim], plan: Plan, proved: bool) -> list[str]:
    stands = [aim.purpose for aim in aims if aim.proved is proved and isinstance(aim.purpose, Stand)]
    return list(dict.fromkeys(f"{escaped(stand.fact)} {_limit(stand, plan)}" for stand in stands))


def _side(stand: Stand) -> str:
    return "at" if stand.side == "at" else f"just {stand.side}"


def _limit(stand: Stand, plan: Plan) -> str:
    return escaped(written(stand.limit, plan.guideline.facts[stand.fact].type))


# --- JSON


def generated_json(found: Generated, plan: Plan, names: Sequence[str], folder: Path) -> dict[str, Any]:
    return {
        "schema": "guidewright/generated-cases/1",
        "notice": NOTICE,
        "guideline": {"id": plan.guideline.id, "version": plan.guideline.version, "digest": plan.guideline.digest},
        "as_of": found.as_of.isoformat(),
        "folder": str(folder) if names else None,
        "patients": [
            {
                "file": name,
                "facts": len(patient.one.facts),
                "for": [_purpose_json(aim.purpose, plan) for aim in patient.aims],
            }
            for name, patient in zip(names, found.patients, strict=True)
        ],
        "counts": {name: {"reached": done, "sought": of} for name, (done, of) in _counts(found).items()},
        "impossible": [_purpose_json(purpose, plan) for purpose in found.impossible],
        "undecided": [_purpose_json(purpose, plan) for purpose in found.undecided],
        "idle_limits": [
            {"fact": aim.purpose.fact, "limit": _limit(aim.purpose, plan), "proved": aim.proved}
            for aim in found.idle
            if isinstance(aim.purpose, Stand)
        ],
    }


def _purpose_json(purpose: Purpose, plan: Plan) -> dict[str, str | None]:
    if isinstance(purpose, Goal):
        return goal_json(purpose)
    return {"kind": "limit", "id": purpose.fact, "side": f"{_side(purpose)} {_limit(purpose, plan)}"}
