"""The pages of the shipped guidelines and of random ones, drawn once for all tests that look at them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st
from random_pathways import Sort, pathway_files
from strategies import loaded, patient_of

import guidewright
from guidewright.engine.assess import assess
from guidewright.engine.assessment import Assessment
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.plan import plan_of
from guidewright.rules.model import Guideline
from guidewright.visualize import pages
from guidewright.visualize.booklet import Page
from guidewright.visualize.given import checked
from guidewright.visualize.paper import Paper

ROOT = Path(__file__).resolve().parent.parent
LEIOMYOSARCOMA, CURB = "retroperitoneal-leiomyosarcoma", "curb-65"
SHIPPED = (CURB, LEIOMYOSARCOMA)
PAPERS: tuple[Paper | None, ...] = (None, "a4", "letter")
APPLYING = (
    (LEIOMYOSARCOMA, "V01-index-case-before-surgery"),
    (LEIOMYOSARCOMA, "V03-incomplete-referral"),
    (LEIOMYOSARCOMA, "empty-record"),
    (CURB, "no-urea-stays-open"),
    (CURB, "five-points-at-the-limits"),
)
NOT_APPLYING = ((LEIOMYOSARCOMA, "liposarcoma-is-not-covered"), (CURB, "child"))
EVERYBODY = (*APPLYING, *NOT_APPLYING)
SEEDS = st.integers(0, 10**9)


@cache
def shipped(name: str) -> Guideline:
    return checked(guidewright.load(name))


@cache
def drawn(name: str, paper: Paper | None = None) -> tuple[Page, ...]:
    return pages(shipped(name), paper=paper)


def case_file(name: str, case: str) -> Path:
    return ROOT / "guidelines" / name / "cases" / f"{case}.yaml"


@cache
def assessed(name: str, case: str) -> Assessment:
    return guidewright.evaluate_file(guidewright.load(name), case_file(name, case))


@cache
def drawn_for(name: str, case: str) -> tuple[Page, ...]:
    return pages(shipped(name), assessed(name, case))


def assessment_of(guideline: Guideline, record: dict[str, Any]) -> Assessment:
    plan = plan_of(guideline)
    patient = patient_of(record, guideline, date(2021, 6, 15))
    return assess(plan, patient, evaluate_compiled(plan.compiled, patient), "compiled")


def random_guideline(seed: int, most_steps: int) -> Guideline:
    random = Random(seed)
    sort = Sort(
        most_steps=most_steps,
        most_answers=random.choice([2, 3, 5]),
        decisions=random.choice([10, 30, 60]),
        nasty=random.choice([0, 5, 25]),
        long=random.choice([0, 10, 50]),
        stages=random.choice([1, 1, 2]),
    )
    return loaded(pathway_files(random, sort))


def random_patient(seed: int, guideline: Guideline) -> Assessment:
    """A patient of whom something is known, for a random guideline."""
    random = Random(seed)
    return assessment_of(guideline, {f"f{n}": random.randrange(4) for n in range(6) if random.randrange(3)})
