"""Copies of guidelines with faults planted in them, and what the proofs find there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from guidewright.commands import guidewright
from guidewright.engine.checking import claims, rule_relations
from guidewright.engine.checking.findings import Finding, Findings, findings
from guidewright.engine.program import program_of
from guidewright.engine.proofs import solving, witness
from guidewright.rules.load import load_guideline

ROOT = Path(__file__).parent.parent
CURB = ROOT / "guidelines" / "curb-65"
SARCOMA = ROOT / "guidelines" / "retroperitoneal-leiomyosarcoma"
MINIMAL = Path(__file__).parent / "minimal"
DAY = date(2024, 5, 2)
PLACE, FACTS, GUIDELINE = "2-place.yaml", "facts.yaml", "guideline.yaml"  # files of CURB


def planted(tmp_path: Path, folder: Path, *changes: tuple[str, str, str]) -> Path:
    """A copy of a guideline with other texts in its files."""
    copy = Path(shutil.copytree(folder, tmp_path / "planted"))
    for file, old, new in changes:
        text = (copy / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    return copy


def found_in(folder: Path, **how: Any) -> Findings:
    guideline = load_guideline(folder).guideline
    assert guideline is not None
    return findings(program_of(guideline), DAY, **how)


def warnings(found: Findings) -> dict[tuple[str, frozenset[str]], Finding]:
    return {(f.code, frozenset(f.about)): f for f in found.found if f.severity == "warning"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(guidewright, [str(argument) for argument in arguments])


def decide_nothing(patch: pytest.MonkeyPatch) -> None:
    """As if there were never time enough for an answer of the solver."""
    decide_only(0, patch)


def decide_only(most: int, patch: pytest.MonkeyPatch) -> Iterator[int]:
    """As if there were time for so many answers of the solver and no more. What is left of them is returned."""
    left = iter(range(most))

    def limited(ask: Callable[..., Any], undecided: object) -> Callable[..., Any]:
        return lambda solver, wanted: ask(solver, wanted) if next(left, None) is not None else undecided

    for module in (claims, witness):
        patch.setattr(module, "can_be", limited(solving.can_be, None))
    for module in (witness, rule_relations):
        patch.setattr(module, "find", limited(solving.find, "undecided"))
    return left
