"""Prints a table of what takes how long. Measured, never gating: compare ratios, not milliseconds."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent))

from generated import AS_OF, guideline, patients, records

from guidewright.engine.compiled import rule_statuses
from guidewright.engine.lockstep import Ready, answer
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.rete import evaluate_by_rete, rete_available
from guidewright.rules.patient import patient_from

ROOT = Path(__file__).parent.parent
CASE = ROOT / "guidelines/retroperitoneal-leiomyosarcoma/cases/V01-index-case-before-surgery.yaml"


def median_us(work: Callable[[int], object], times: int) -> float:
    """The median time of one call, in microseconds."""
    work(0)
    found = []
    for i in range(times):
        begin = perf_counter()
        work(i)
        found.append(perf_counter() - begin)
    return statistics.median(found) * 1e6


def row(name: str, value: float, unit: str, goal: str = "") -> None:
    print(f"{name:<66} {value:>10.1f} {unit:<3} {goal}")


def engines(rules: int, facts: int, times: int) -> None:
    size = f"{rules} rules, {facts} facts"
    checked = guideline(rules, facts)
    ready = Ready(checked)
    people = patients(checked, facts, 200)
    plan = ready.plan
    goal = (rules, facts) == (80, 60)
    row(
        f"{size}: statuses, compiled",
        median_us(lambda i: rule_statuses(plan.compiled, people[i % 200]), times),
        "µs",
        "≤ 50" * goal,
    )
    row(
        f"{size}: statuses, reference",
        median_us(lambda i: evaluate_naively(plan.program, people[i % 200]), times // 5),
        "µs",
    )
    row(
        f"{size}: full answer, compiled",
        median_us(lambda i: answer(ready, people[i % 200], "compiled"), times // 4),
        "µs",
        "≤ 2000" * goal,
    )
    if rete_available():
        rete = ready.rete()
        assert rete is not None
        row(f"{size}: outcome, rete", median_us(lambda i: evaluate_by_rete(rete, people[i % 200]), times // 10), "µs")
        row(
            f"{size}: full answer, lockstep",
            median_us(lambda i: answer(ready, people[i % 200]), times // 10),
            "µs",
            "≤ 5000" * goal,
        )
    raw = [records(facts, seed) for seed in range(200)]
    row(
        f"{size}: reading a record",
        median_us(lambda i: patient_from(raw[i % 200], checked, AS_OF, AS_OF), times // 4),
        "µs",
    )


def start_up() -> None:
    with tempfile.TemporaryDirectory() as cache:
        # As on a user's machine: compiled modules are kept.
        environment = {**os.environ, "GUIDEWRIGHT_CACHE": cache, "PYTHONDONTWRITEBYTECODE": ""}

        def run(*arguments: str) -> float:
            def once(_: int) -> None:
                subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)

            return median_us(once, 11) / 1000

        bare = run("-c", "pass")
        row("python -c pass", bare, "ms")
        version = run("-m", "guidewright", "--version")
        row("guidewright --version", version, "ms", f"{version / bare:.1f} times python (goal ≤ 5)")
        index = run("-m", "guidewright", "evaluate", str(CASE))
        row("guidewright evaluate, index case, warm cache", index, "ms", f"{index / bare:.1f} times python (goal ≤ 12)")


def beside_zen(rules: int, facts: int) -> None:
    """The ratio to zen-engine running the same rules in the same process, where it is installed."""
    try:
        from zen_rules import zen_evaluator
    except ImportError as missing:
        print(f"zen-engine: not measured ({missing})")
        return
    checked = guideline(rules, facts)
    plan = Ready(checked).plan
    people = patients(checked, facts, 200)
    ask_zen = zen_evaluator(checked)
    raw = [records(facts, seed) for seed in range(200)]
    ours = median_us(lambda i: rule_statuses(plan.compiled, people[i % 200]), 1000)
    theirs = median_us(lambda i: ask_zen(raw[i % 200]), 300)
    row(
        f"{rules} rules, {facts} facts: zen-engine (two-valued, no explanations)",
        theirs,
        "µs",
        f"{theirs / ours:.0f} times ours",
    )


if __name__ == "__main__":
    engines(80, 60, 2000)
    engines(1000, 400, 100)
    beside_zen(80, 60)
    start_up()
