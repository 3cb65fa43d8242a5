"""`guidewright test`: exit codes, what a failure shows, coverage, and the formats."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from guidewright.cases_command import test as command

MINIMAL = Path(__file__).parent / "minimal"
CASE = """case: {id}
why: A lesion above the limit should be biopsied.
as_of: 2024-03-01
facts: {{lesion.size: {size} mm, lesion.new: true}}
expect: {{fired: [{fired}]}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", "")
    copy = Path(shutil.copytree(MINIMAL, tmp_path / "minimal"))
    for case in (copy / "cases").glob("*"):
        case.unlink()
    return copy


def write(folder, id, size=20, fired="R1"):
    (folder / "cases" / f"{id}.yaml").write_text(CASE.format(id=id, size=size, fired=fired))


def run(folder, *arguments):
    return CliRunner().invoke(command, [str(folder), *arguments])


def test_cases_that_hold_end_with_0_and_a_line_each(folder):
    write(folder, "large")
    result = run(folder)
    assert result.exit_code == 0
    assert "ok    large" in result.output
    assert "1 passed, 0 failed" in result.output


def test_a_case_that_fails_ends_with_1_and_explains_the_rule(folder):
    write(folder, "tiny", size=2)
    result = run(folder)
    assert result.exit_code == 1
    assert "FAIL  tiny" in result.output
    assert "R1: expected fired, found not_fired" in result.output
    assert "(it is 2 mm)" in result.output


def test_a_case_that_cannot_be_read_ends_with_2(folder):
    write(folder, "large", fired="R9")
    result = run(folder)
    assert result.exit_code == 2
    assert "GW806" in result.output


def test_too_little_coverage_ends_with_1_and_says_what_is_not_reached(folder):
    write(folder, "large")
    result = run(folder, "--cover", "100")
    assert result.exit_code == 1
    assert "not reached, rules that do not fire: R1" in result.output
    assert "below 100 %" in result.output
    assert run(folder, "--cover", "10").exit_code == 0


def test_one_case_can_be_run_alone(folder):
    write(folder, "large")
    write(folder, "tiny", size=2)
    result = run(folder, "--case", "large")
    assert result.exit_code == 0
    assert "tiny" not in result.output
    assert run(folder, "--case", "nothing-like-it").exit_code == 2


def test_json_and_junit_hold_the_same_results(folder):
    write(folder, "large")
    write(folder, "tiny", size=2)
    found = json.loads(run(folder, "--format", "json").output)
    assert (found["passed"], found["failed"]) == (1, 1)
    assert found["cases"][1]["misses"][0]["rule"] == "R1"
    assert found["coverage"]["kinds"]["fired"]["reached"] == 1
    suite = ElementTree.fromstring(run(folder, "--format", "junit").output)
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "R1: expected fired" in suite.find("testcase/failure").text


def test_a_guideline_without_cases_is_told_so(folder):
    result = run(folder)
    assert result.exit_code == 2
    assert "there is no case" in result.output


def test_watching_runs_again_when_a_case_changes(folder):
    write(folder, "large")
    program = [sys.executable, "-m", "guidewright", "test", str(folder), "--watch"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as watching:
        try:
            assert watching.stdout is not None
            lines = iter(watching.stdout.readline, "")
            assert next(line for line in lines if "passed" in line) == "1 passed, 0 failed\n"
            time.sleep(1.2)
            write(folder, "large", size=2)
            assert next(line for line in lines if "passed" in line) == "0 passed, 1 failed\n"
        finally:
            watching.kill()
