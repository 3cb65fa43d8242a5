"""The README says what is so: its commands work, and its messages are the real ones."""

import re
import shutil
from pathlib import Path

import pytest

import guidewright
from guidewright.rules.diagnostics import render
from guidewright.rules.load import load_guideline

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHIPPED = ROOT / "guidelines" / "retroperitoneal-leiomyosarcoma"


@pytest.fixture
def ours(tmp_path, monkeypatch):
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", "")
    return Path(shutil.copytree(SHIPPED, tmp_path / "ours"))


def test_the_changed_threshold_changes_the_answer(ours):
    (pattern, replacement) = re.search(r"sed -i 's/(.*?)/(.*?)/' ours/guideline.yaml", README).groups()
    header = ours / "guideline.yaml"
    assert header.read_text().count(pattern) == 1
    header.write_text(header.read_text().replace(pattern, replacement))
    case = SHIPPED / "cases" / "V02-index-case-after-resection.yaml"
    before = guidewright.evaluate_file(guidewright.load(SHIPPED), case)
    after = guidewright.evaluate_file(guidewright.load(ours), case)
    assert before.derived["lesion.timing"].may_be == ("metachronous",)
    assert {"synchronous", "metachronous"} <= set(after.derived["lesion.timing"].may_be)


def test_the_broken_rule_gives_the_messages_shown(ours):
    stage = ours / "2-origin.yaml"
    text = stage.read_text()
    begin = text.index("- id: B-09")
    broken = text[begin:].replace("lesion.count: 1", 'lesion.cuont: 1\n      lesion.size: ">= 10 kg"', 1)
    stage.write_text(text[:begin] + broken)
    loaded = load_guideline(ours)
    assert loaded.guideline is None
    shown = render(loaded.diagnostics, loaded.texts).replace(str(ours), "ours").strip()
    (promised,) = re.findall(r"```\n(ours.*?)```", README, re.DOTALL)
    # Line numbers move with the guideline's text; everything else is as promised.
    assert re.sub(r"\d+", "N", shown) == re.sub(r"\d+", "N", promised.strip())


def test_the_patient_in_the_readme_can_be_evaluated(tmp_path):
    (patient,) = re.findall(r"```yaml\n(patient:.*?)```", README, re.DOTALL)
    path = tmp_path / "patient.yaml"
    path.write_text(patient)
    answer = guidewright.evaluate_file(guidewright.load("retroperitoneal-leiomyosarcoma"), path)
    assert answer.derived["lesion.timing"].may_be == ("metachronous",)


def test_every_page_and_picture_that_is_linked_exists():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not target.startswith("https://"):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", sorted((ROOT / "guidelines").glob("*/README.md")), ids=lambda p: p.parent.name)
def test_the_made_parts_of_a_guideline_s_readme_are_current(page):
    import importlib.util

    spec = importlib.util.spec_from_file_location("guideline_readme", ROOT / "docs" / "guideline_readme.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    text = page.read_text(encoding="utf-8")
    assert maker.renewed(text, load_guideline(page.parent).guideline) == text, "run `make docs`"
    if "signoff: required" in "".join(file.read_text() for file in page.parent.glob("[0-9]-*.yaml")):
        assert maker.BEGIN.format("sign-off") in text
