"""Running a guideline's cases: what each expects, what it finds, and what all of them reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

from guidewright.engine.assess import assess
from guidewright.engine.assessment import Assessment
from guidewright.engine.cases.coverage import Coverage, Goal, coverage, reached
from guidewright.engine.cases.expectations import Miss, misses
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.lockstep import Difference, Ready, compare
from guidewright.engine.reference import evaluate_naively
from guidewright.rules.cases import Case


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case that was run. It passes where nothing is missed and the engines agree."""

    case: Case
    answer: Assessment
    misses: tuple[Miss, ...]
    differences: tuple[Difference, ...]
    seconds: float
    reached: frozenset[Goal]

    @property
    def passed(self) -> bool:
        return not self.misses and not self.differences


def run_case(ready: Ready, case: Case) -> CaseResult:
    """One case, by the compiled engine, the reference evaluator and, where it is installed, the production rules."""
    begin = perf_counter()
    plan = ready.plan
    outcome = evaluate_compiled(plan.compiled, case.patient)
    differences = compare(outcome, evaluate_naively(plan.program, case.patient))
    rete = ready.rete()
    if rete is not None:
        from guidewright.engine.rete import evaluate_by_rete

        differences += compare(outcome, evaluate_by_rete(rete, case.patient))
    answer = assess(plan, case.patient, outcome, "compiled")
    found = misses(case.expected, answer)
    return CaseResult(case, answer, found, differences, perf_counter() - begin, reached(plan, outcome))


def coverage_of(ready: Ready, results: Iterable[CaseResult]) -> Coverage:
    """What the cases reach together."""
    return coverage(ready.plan, [result.reached for result in results])
