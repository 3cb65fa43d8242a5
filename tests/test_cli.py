"""The command line: what it answers, its exit codes, and that nothing anybody gives it breaks it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import guidewright
from guidewright import cli, output, patient_options
from guidewright.commands import guidewright as command
from guidewright.engine.lockstep import Difference, Disagreement, RuleEngineMissing

SHIPPED = Path(__file__).parent.parent / "guidelines" / "retroperitoneal-leiomyosarcoma"
INDEX, _, INCOMPLETE = sorted((SHIPPED / "cases").glob("V0*.yaml"))[:3]
NOTICE = "Decision support for review by a clinician; not a prescription."
SECRET = "Jane-Roe-1970"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("COLUMNS", "100")


def run(*arguments: str | Path, engine: str | None = "compiled") -> Result:
    """A command in this process, without the guard of `main`: an unexpected exception is the test's."""
    words = [str(argument) for argument in arguments]
    if engine is not None and words[0] in ("evaluate", "explain"):
        words += ["--engine", engine]
    result = CliRunner().invoke(command, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "guidewright", *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def joined_up(shown: str) -> str:
    return " ".join(shown.replace("\\", "").split())


def record(folder: Path, content: str, name: str = "patient.yaml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


# --- evaluate


def test_evaluate_answers_and_ends_with_0() -> None:
    result = run("evaluate", INDEX)
    assert result.exit_code == 0
    assert result.stdout.startswith("Liver lesion after retroperitoneal leiomyosarcoma\n")
    assert result.stdout.endswith(f"{NOTICE}\n")
    assert "[B-24]" in result.stdout
    assert result.stderr == ""


def test_json_is_the_assessment_and_the_same_bytes_every_time() -> None:
    first, second = run("evaluate", INDEX, "--format", "json"), run("evaluate", INDEX, "--format", "json")
    assert first.stdout_bytes == second.stdout_bytes
    guideline = guidewright.load(SHIPPED)
    expected = guidewright.evaluate_file(guideline, INDEX, engine="compiled").to_json()
    assert first.stdout == json.dumps(expected, ensure_ascii=False, indent=2) + "\n"


def test_markdown_and_everything() -> None:
    brief, every = run("evaluate", INDEX, "--format", "markdown"), run("evaluate", INDEX, "--all")
    assert brief.stdout.startswith("# Liver lesion after retroperitoneal leiomyosarcoma\n\n")
    assert "Considered, and why not" in every.stdout
    assert "Considered, and why not" not in brief.stdout


def test_lockstep_is_the_default_and_says_so() -> None:
    pytest.importorskip("durable")
    assert "by two engines that agree" in " ".join(run("evaluate", INDEX, engine=None).stdout.split())


def test_the_engines_that_the_command_names_are_those_there_are() -> None:
    from guidewright.engine.lockstep import ENGINES

    assert patient_options.ENGINES == ENGINES


def test_as_of_replaces_the_day_in_the_file() -> None:
    shown = json.loads(run("evaluate", INDEX, "--format", "json", "--as-of", "2024-02-29").stdout)
    assert shown["as_of"] == "2024-02-29"
    for wrong in ("2023-02-29", "yesterday", "2024-02"):
        result = run("evaluate", INDEX, "--as-of", wrong)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "--as-of" in result.stderr


def test_strict_ends_with_3_where_something_is_open(tmp_path: Path) -> None:
    result = run("evaluate", INDEX, "--strict")
    assert result.exit_code == 3
    assert "[B-24]" in result.stdout
    meant_for_others = record(tmp_path, "facts: {primary.histology: gist}")
    assert run("evaluate", meant_for_others, "--strict").exit_code == 0
    assert run("evaluate", record(tmp_path, "facts: {}"), "--strict").exit_code == 3


def test_what_is_complete(tmp_path: Path) -> None:
    """Everything that may be open, one after the other: what applies, a rule, an argument, a path."""
    folder = shutil.copytree(Path(__file__).parent / "minimal", tmp_path / "minimal")
    known = "{lesion.size: 20 mm, lesion.new: true}"
    assert run("evaluate", record(tmp_path, f"facts: {known}"), "--guideline", folder, "--strict").exit_code == 0
    for less in ("{lesion.size: 20 mm}", "{lesion.new: true}"):
        assert run("evaluate", record(tmp_path, f"facts: {less}"), "--guideline", folder, "--strict").exit_code == 3


# --- which guideline


def test_a_patient_among_the_cases_of_a_guideline_belongs_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(Path(__file__).parent / "minimal", tmp_path / "ours")
    (folder / "cases").mkdir(exist_ok=True)
    record(folder / "cases", "facts: {lesion.size: 20 mm}")
    assert "A small liver lesion" in run("evaluate", folder / "cases" / "patient.yaml").stdout
    monkeypatch.chdir(folder / "cases")
    assert "A small liver lesion" in run("evaluate", "patient.yaml").stdout


def test_else_the_only_one_that_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = record(tmp_path, "facts: {}")
    assert "retroperitoneal-leiomyosarcoma" in run("evaluate", patient).stdout
    for shipped, said in ((("a", "b"), "these ship: `a`, `b`"), ((), "none ships")):
        monkeypatch.setattr("guidewright.shipped.shipped_ids", lambda shipped=shipped: shipped)
        result = run("evaluate", patient)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr


def test_a_guideline_can_be_named_by_id_or_folder(tmp_path: Path) -> None:
    patient = record(tmp_path, "facts: {}")
    for named in ("retroperitoneal-leiomyosarcoma", SHIPPED):
        assert run("evaluate", patient, "--guideline", named).exit_code == 0
    result = run("evaluate", patient, "--guideline", "retroperitoneal-leiomyosarkoma")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean `retroperitoneal-leiomyosarcoma`?" in result.stderr


def test_a_guideline_with_errors_is_not_used(tmp_path: Path) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "broken")
    stage = folder / "2-origin.yaml"
    stage.write_text(stage.read_text().replace("lesion.interval: uncertain", "lesion.intervall: uncertain", 1))
    for arguments in (("evaluate", INDEX, "--guideline", folder), ("explain", INDEX, "B-09", "--guideline", folder)):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "GW201" in result.stderr
    shown = run("evaluate", INDEX, "--guideline", folder, "--format", "json")
    assert shown.exit_code == 2
    assert json.loads(shown.stdout)["errors"][0]["code"] == "GW201"


def test_the_page_says_which_guideline_was_chosen_and_why(tmp_path: Path) -> None:
    known, unknown = record(tmp_path, "facts: {primary.histology: gist}"), record(tmp_path, "facts: {}", "empty.yaml")
    told = "The guideline retroperitoneal-leiomyosarcoma was chosen"
    for arguments in (("evaluate", known), ("explain", known, "A-01"), ("evaluate", known, "--format", "markdown")):
        assert f"{told} by the facts that the record names" in joined_up(run(*arguments).stdout)
    assert f"{told} since the facts of the record do not tell which" in joined_up(run("evaluate", unknown).stdout)
    assert told not in run("evaluate", known, "--guideline", "retroperitoneal-leiomyosarcoma").stdout
    assert told not in run("evaluate", INDEX).stdout


# --- what a patient's file may not be

MISUSES = {
    "unit": ("lesion.size: 20 kg", "GW907"),
    "no-unit": ("lesion.size: 20", "GW905"),
    "type": ("lesion.count: many", "GW903"),
    "spelling": ("lesion.sise: 20 mm", "GW201"),
    "value": ("primary.histology: leiomyosarkoma", "GW901"),
    "range": ("patient.age: 200 a", "GW911"),
    "day": ("primary.resected_on: 2020-02-31", "GW908"),
    "later": ("lesion.detected_on: 2099-01-01", "GW805"),
    "twice": ("lesion.count: 1\n  lesion.count: 2", "GW020"),
    "twice-nested": ("lesion.count: 1\n  lesion: {count: 2}", "GW802"),
}


@pytest.mark.parametrize(("fact", "code"), MISUSES.values(), ids=MISUSES)
def test_a_wrong_record_is_refused_at_its_place(tmp_path: Path, fact: str, code: str) -> None:
    path = record(tmp_path, f"as_of: 2024-05-01\nfacts:\n  primary.site: retroperitoneum\n  {fact}\n")
    result = run("evaluate", path)
    assert (result.exit_code, result.stdout) == (2, "")
    line = 4 + fact.count("\n")
    assert re.search(rf"^\S*patient\.yaml:{line}:\d+: error\[{code}\] .*\n +{line} \| .*\n +\| +\^", result.stderr)
    assert result.stderr.endswith("1 error: nothing was evaluated\n")

    shown = run("evaluate", path, "--format", "json")
    assert (shown.exit_code, shown.stderr) == (2, "")
    (told,) = json.loads(shown.stdout)["errors"]
    assert (told["code"], told["line"]) == (code, line)


def test_every_error_of_a_record_is_told_at_once(tmp_path: Path) -> None:
    facts = "\n".join(f"  {fact}" for name, (fact, _) in MISUSES.items() if "twice" not in name and name != "no-unit")
    result = run("evaluate", record(tmp_path, f"as_of: 2024-05-01\nfacts:\n{facts}\n"))
    codes = [code for name, (_, code) in MISUSES.items() if "twice" not in name and name != "no-unit"]
    assert re.findall(r"error\[(\w+)\]", result.stderr) == codes
    assert f"{len(codes)} errors: nothing was evaluated" in result.stderr


def sparse(folder: Path) -> Path:
    path = folder / "large.yaml"
    with path.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    return path


def aliases(folder: Path) -> Path:
    lines = ["a0: &a0 [lol, lol]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))]
    return record(folder, "\n".join([*lines, "facts: *a11"]))


def binary(folder: Path) -> Path:
    path = folder / "scan.yaml"
    path.write_bytes(bytes(range(256)) * 16)
    return path


UNUSABLE = {
    "missing": (lambda folder: folder / "none.yaml", "GW001"),
    "folder": (lambda folder: folder, "GW002"),
    "large": (sparse, "GW004"),
    "binary": (binary, "GW005"),
    "empty": (lambda folder: record(folder, ""), "GW006"),
    "aliases": (aliases, "GW027"),
    "deep-lists": (lambda folder: record(folder, "facts: " + "[" * 10_000 + "]" * 10_000), "GW040"),
    "deep-maps": (lambda folder: record(folder, "facts: " + "{a: " * 10_000 + "1" + "}" * 10_000), "GW040"),
    "deep-json": (lambda folder: record(folder, '{"facts": ' * 10_000 + "1" + "}" * 10_000, "p.json"), "GW040"),
    "deep-indents": (lambda f: record(f, "facts:\n" + "".join(f"{' ' * i}a:\n" for i in range(1, 1500))), "GW040"),
    "not-a-record": (lambda folder: record(folder, "- 1\n- 2\n"), "GW101"),
    "no-facts": (lambda folder: record(folder, "patient: x\n"), "GW104"),
    "code": (lambda folder: record(folder, "facts: !!python/object/apply:os.system [ls]\n"), "GW023"),
}


@pytest.mark.parametrize(("made", "code"), UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_file_is_refused_within_two_seconds(tmp_path: Path, made, code: str) -> None:
    path = made(tmp_path)
    run("evaluate", INDEX)  # the guideline is in the cache from here on
    begin = time.perf_counter()
    result = run("evaluate", path)
    assert time.perf_counter() - begin < 2
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"error[{code}]" in result.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = record(tmp_path, "facts: {}")
    path.chmod(0)
    result = run("evaluate", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no permission to read" in result.stderr


def test_a_file_that_the_system_does_not_open_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, really = record(tmp_path, "facts: {}"), os.open

    def denied(name: str, *more: int) -> int:
        if name == str(path):
            raise PermissionError(13, "Permission denied")
        return really(name, *more)

    monkeypatch.setattr(os, "open", denied)
    result = run("evaluate", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error[GW003] no permission to read" in result.stderr


def test_ten_thousand_unknown_keys_are_counted_not_poured_out(tmp_path: Path) -> None:
    path = record(tmp_path, "facts:\n" + "".join(f"  lesion.siz{i}: 1\n" for i in range(10_000)))
    result = run("evaluate", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith("... and 9950 errors more\n10000 errors: nothing was evaluated\n")


def test_odd_characters_in_notes_do_no_harm(tmp_path: Path) -> None:
    note = r"\u202e\u2066\u200b \U0001F469\u200d\U0001F52C \u05e9\u05dc\u05d5\u05dd | <b> `x` \\"
    size = f'one_of: [{{value: 5 mm, source: "{note}"}}, {{value: 60 mm, note: "{note}"}}]'
    path = record(
        tmp_path, f'patient: "{note}"\nfacts:\n  primary.histology: leiomyosarcoma\n  lesion.size: {{{size}}}\n'
    )
    for form in ("text", "markdown"):
        result = run("evaluate", path, "--all", "--format", form)
        assert result.exit_code == 0, result.stderr
        assert result.stdout.replace("\n", "").isprintable()
        assert "u202e" in result.stdout
    shown = json.loads(run("evaluate", path, "--format", "json").stdout)
    assert shown["facts"]["lesion.size"]["recorded"][0]["source"].startswith("\u202e\u2066\u200b")
    assert run("explain", path, "A-04").stdout.replace("\n", "").isprintable()


def test_a_control_character_is_refused_and_not_repeated(tmp_path: Path) -> None:
    path = record(tmp_path, "facts:\n  primary.histology: leio\x1b[2Jmyosarcoma\n")
    result = run("evaluate", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.replace("\n", "").isprintable()


def test_a_file_with_a_terrible_name(tmp_path: Path) -> None:
    path = tmp_path / "a\n\x1b[31m\u202eb.yaml"
    result = run("evaluate", path)
    assert result.exit_code == 2
    assert result.stderr.replace("\n", "").isprintable()


# --- explain


def test_explain_says_why_and_with_what_evidence() -> None:
    result = run("explain", INDEX, "B-09")
    assert result.exit_code == 0
    for said in (
        "[B-09]",
        "It holds",
        "recorded: no",
        "What may replace it",
        "[A-21]",
        "Sources",
        "[bcbiopsy.S1]",
        NOTICE,
    ):
        assert said in result.stdout
    assert "What would settle it" in run("explain", INDEX, "B-08").stdout
    assert "Not so: " in run("explain", INDEX, "C-01").stdout
    assert "(lesion.timing)" in run("explain", INDEX, "B-02").stdout
    assert "Metastasis of the breast cancer" in run("explain", INDEX, "G14").stdout


def test_an_id_is_found_whatever_its_letter_case() -> None:
    assert run("explain", INDEX, "b-09").stdout == run("explain", INDEX, "B-09").stdout


def test_a_misspelt_id_is_suggested() -> None:
    result = run("explain", INDEX, "B-9")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no rule, row or argument `B-9`; did you mean `B-09`" in result.stderr
    assert run("explain", INDEX, "\x1b[31m").exit_code == 2
    assert "\x1b" not in run("explain", INDEX, "\x1b[31m").stderr


def test_an_id_without_its_zeros_is_suggested() -> None:
    for written in ("C-1", "c-001"):
        assert "did you mean `C-01`?" in run("explain", INDEX, written).stderr


def test_a_fact_can_be_explained(tmp_path: Path) -> None:
    shown = run("explain", INDEX, "lesion.interval").stdout
    assert "A fact, not a rule" in shown
    assert "recorded: 6 months" in shown
    assert "[B-03]" in shown
    assert "did you mean `lesion.interval`?" in run("explain", INDEX, "lesion.intervall").stderr
    done = "{done: true, margin: R0, done_on: 2021-06-02}"
    told = "as_of: 2024-06-01\nfacts: {primary.histology: leiomyosarcoma, lesion.present: true, liver_treatment: %s}"
    answer = joined_up(run("evaluate", record(tmp_path, told % done)).stdout)
    assert "time since the liver resection or ablation: 35.9677 months (below 36 months)" in answer


# --- check


def test_check_of_a_sound_guideline() -> None:
    result = run("check", SHIPPED)
    assert result.exit_code == 0
    assert re.fullmatch(
        r"no errors: \d+ rules, \d+ facts, \d+ arguments, 7 candidates, .*", " ".join(result.stdout.split())
    )
    assert "18 invariants proved, for every patient and every incomplete record" in " ".join(result.stdout.split())
    fast = run("check", SHIPPED, "--fast")
    assert run("check", "retroperitoneal-leiomyosarcoma", "--fast").stdout == fast.stdout
    shown = json.loads(run("check", SHIPPED, "--fast", "--format", "json").stdout)
    assert {d["severity"] for d in shown["diagnostics"]} <= {"note"}
    assert shown["contents"]["candidates"] == 7


def test_check_finds_every_error_and_ends_with_1(tmp_path: Path) -> None:
    folder = shutil.copytree(Path(__file__).parent / "minimal", tmp_path / "broken")
    stage = folder / "1-workup.yaml"
    stage.write_text(stage.read_text().replace("trial.S1", "trail.S1").replace("lesion.new", "lesion.gnu"))
    result = run("check", folder)
    assert result.exit_code == 1
    assert "error[GW601]" in result.stdout
    assert "error[GW201]" in result.stdout
    assert result.stdout.splitlines()[-1] == "2 errors"
    shown = run("check", folder, "--format", "json")
    assert shown.exit_code == 1
    assert {d["code"] for d in json.loads(shown.stdout)["diagnostics"]} == {"GW601", "GW201"}
    assert json.loads(shown.stdout)["contents"] is None


def test_check_counts_a_warning_as_a_finding(tmp_path: Path) -> None:
    from guidewright.rules import load
    from guidewright.rules.diagnostics import Place, warning

    with pytest.MonkeyPatch.context() as patch:
        sound = load.load_guideline(SHIPPED)
        found = (warning("GW028", "something odd", Place.of_file("facts.yaml")),)
        patch.setattr(load, "load_guideline", lambda folder: load.Loaded(sound.guideline, found, sound.texts))
        result = run("check", SHIPPED, "--fast")
    assert result.exit_code == 1
    assert re.fullmatch(
        r"no errors, 1 warning: \d+ rules, .*", " ".join(result.stdout[result.stdout.index("no errors") :].split())
    )


def test_check_reads_the_cases_too(tmp_path: Path) -> None:
    folder = shutil.copytree(Path(__file__).parent / "minimal", tmp_path / "ours")
    assert run("check", folder).exit_code == 0
    content = "case: {}\nwhy: It says so.\nas_of: 2024-03-01\nfacts: {{{}}}\nexpect: {{fired: [{}]}}\n"
    record(folder / "cases", content.format("one", "lesion.size: 20 kg", "R1"), "one.yaml")
    record(folder / "cases", content.format("two", "lesion.new: true", "R99"), "two.yaml")
    record(folder / "cases", content.format("three", "lesion.new: true", "R1"), "three.yaml")
    record(folder / "cases", content.format("three", "lesion.new: true", "R1"), "three-again.yaml")
    result = run("check", folder)
    assert result.exit_code == 1
    assert set(re.findall(r"error\[(\w+)\]", result.stdout)) == {"GW806", "GW808", "GW907"}
    assert "3 errors: " in result.stdout
    shown = json.loads(run("check", folder, "--format", "json").stdout)
    errors = [d for d in shown["diagnostics"] if d["severity"] == "error"]
    assert {Path(d["file"]).name for d in errors} == {"one.yaml", "two.yaml", "three.yaml"}


@pytest.mark.parametrize("arguments", [("check", SHIPPED), ("test", SHIPPED)], ids=["check", "test"])
def test_reports_fit_a_narrow_terminal(arguments: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    rows = run(*arguments).stdout.splitlines()
    assert rows
    assert max(map(len, rows)) <= 40


@pytest.mark.parametrize("form", ["text", "json"])
def test_check_of_what_is_no_guideline_ends_with_2(tmp_path: Path, form: str) -> None:
    for place in (tmp_path, tmp_path / "nowhere", "nowhere", INDEX, SHIPPED / "cases"):
        result = run("check", place, "--format", form)
        assert result.exit_code == 2
        if form == "json":
            assert json.loads(result.stdout)["errors"]
        else:
            assert result.stdout == ""
            assert "error[" in result.stderr


# --- schema, list, help


def test_schema_prints_and_writes(tmp_path: Path) -> None:
    folder = shutil.copytree(Path(__file__).parent / "minimal", tmp_path / "ours")
    printed = json.loads(run("schema", folder).stdout)
    assert {"facts.schema.json", "patient.schema.json"} <= set(printed)
    result = run("schema", folder, "--write")
    assert result.exit_code == 0
    written = [Path(line) for line in result.stdout.splitlines()]
    assert {path.name for path in written} == set(printed)
    assert all(json.loads(path.read_text()) == printed[path.name] for path in written)


def test_schema_leaves_what_is_not_its_own(tmp_path: Path) -> None:
    folder = shutil.copytree(Path(__file__).parent / "minimal", tmp_path / "ours")
    run("schema", folder, "--write")
    mine = next((folder / ".schema").iterdir())
    mine.write_text("mine")
    result = run("schema", folder, "--write")
    assert (result.exit_code, result.stdout) == (2, "")
    assert mine.name in result.stderr
    assert mine.read_text() == "mine"


def test_list_shows_what_ships() -> None:
    result = run("list")
    assert result.exit_code == 0
    for said in ("retroperitoneal-leiomyosarcoma 0.1.0", "draft, not reviewed by a clinician", "60 arguments"):
        assert said in result.stdout
    every = json.loads(run("list", "--format", "json").stdout)
    shown = next(found for found in every if found["id"] == "retroperitoneal-leiomyosarcoma")
    # Counted from the cache as from the files.
    assert run("check", SHIPPED, "--fast").stdout.startswith(f"no errors: {shown['contents']['rules']} rules, ")


def test_help_names_the_exit_codes() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for code in ("0 ", "1 ", "2 ", "3 ", "70 "):
        assert re.search(rf"^    {code}", result.stdout, re.MULTILINE)
    for name in ("evaluate", "explain", "check", "schema", "list"):
        assert run(name, "--help").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate",),
        ("evaluate", "x", "--format", "pdf"),
        ("evaluate", "x", "--engine", "magic"),
        ("prescribe",),
        ("explain", "x"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments, engine=None)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


# --- faults of ours


def main(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """The exit code of `main` in this process."""
    monkeypatch.setattr(sys, "argv", ["guidewright", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert isinstance(end.value.code, int)
    return end.value.code


def test_engines_that_disagree_end_with_70(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    differs = Disagreement(("compiled", "rete"), (Difference("rule", "B-09", "fired", "open"),))
    monkeypatch.setattr("guidewright.embedding.answer", lambda *_: differs)
    assert main(monkeypatch, "evaluate", INDEX) == 70
    out, err = capsys.readouterr()
    assert out == ""
    assert "rule B-09: compiled says fired, rete says open" in err
    assert "report" in err


def test_an_unexpected_fault_tells_nothing_of_the_patient(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fails(*_: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr("guidewright.embedding.answer", fails)
    assert main(monkeypatch, "evaluate", record(tmp_path, f"patient: {SECRET}\nfacts: {{}}")) == 70
    out, err = capsys.readouterr()
    assert out == ""
    assert SECRET not in err
    assert "Traceback" not in err
    assert re.search(r"internal fault, nothing is answered: KeyError at \S*test_cli\.py:\d+ < ", err)
    assert guidewright.__version__ in err


def test_a_missing_engine_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def missing(*_: object) -> None:
        raise RuleEngineMissing("durable_rules is not installed")

    monkeypatch.setattr("guidewright.embedding.answer", missing)
    assert main(monkeypatch, "evaluate", INDEX, "--engine", "rete") == 2
    assert capsys.readouterr().err == "guidewright: durable_rules is not installed\n"


def test_ctrl_c_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("guidewright.embedding.answer", interrupted)
    assert main(monkeypatch, "evaluate", INDEX) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip() == ""


def test_the_commands_end_through_main_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"guidewright {guidewright.__version__}\n"
    assert main(monkeypatch, "evaluate", "none.yaml") == 2
    assert main(monkeypatch, "evaluate", INDEX, "--strict", "--engine", "compiled") == 3
    assert main(monkeypatch, "nothing") == 2


# --- the real process


def test_a_reader_that_goes_away_is_no_fault() -> None:
    program = [sys.executable, "-m", "guidewright", "evaluate", str(INDEX), "--engine", "compiled"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 141


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [("test", "curb-65"), ("--help",), ("list",), ("sources", "curb-65")], ids=str)
def test_no_command_minds_a_reader_that_goes_away(arguments: tuple[str, ...], unbuffered: str) -> None:
    program = [sys.executable, "-m", "guidewright", *arguments]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 141


def test_only_a_fault_of_writing_is_called_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("guidewright.embedding.answer", fails)
    assert main(monkeypatch, "evaluate", INDEX) == 70
    err = capsys.readouterr().err
    assert "cannot write" not in err
    assert "internal fault, nothing is answered: OSError at " in err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_is_told() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "guidewright", "evaluate", INDEX, "--engine", "compiled"],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "guidewright: cannot write: no space left on device\n"


def test_the_answer_is_utf_8_whatever_the_locale() -> None:
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
    done = process("evaluate", INDEX, "--engine", "compiled", **plain)
    assert (done.returncode, done.stderr) == (0, "")
    assert "▸ Metastasis of the leiomyosarcoma" in done.stdout
    refused = process("evaluate", "\N{TEST TUBE}.yaml", **plain)
    assert refused.returncode == 2
    assert "GW001" in refused.stderr


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_one_input_gives_one_answer_to_the_byte(form: str) -> None:
    given = ("evaluate", INDEX, "--all", "--format", form, "--engine", "compiled")
    first, second = (process(*given, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first.returncode == 0
    assert first.stdout == second.stdout


def test_no_colour_where_nobody_sees_it() -> None:
    assert "\x1b" not in process("evaluate", INDEX, "--engine", "compiled", TERM="xterm-256color").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_on_a_terminal(environment: dict[str, str], coloured: bool) -> None:
    import pty

    outer, inner = pty.openpty()
    base = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
    with subprocess.Popen(
        [sys.executable, "-m", "guidewright", "list"],
        stdout=inner,
        env=base | {"TERM": "xterm"} | environment,
    ) as running:
        os.close(inner)
        shown = b""
        try:
            while part := os.read(outer, 4096):
                shown += part
        except OSError:
            pass  # how Linux reports the end
        assert running.wait(60) == 0
    os.close(outer)
    assert b"retroperitoneal-leiomyosarcoma" in shown
    assert (b"\x1b[" in shown) is coloured


def loaded_by(*arguments: str) -> set[str]:
    """The modules that the command has imported when it ends."""
    script = (
        "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        f"sys.argv = ['guidewright', *{list(arguments)!r}]; from guidewright.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_the_version_needs_no_library() -> None:
    loaded = loaded_by("--version")
    assert "guidewright.cli" in loaded
    assert not loaded & {"click", "yaml", "json", "guidewright.commands", "guidewright.embedding"}


def test_help_needs_no_engine() -> None:
    loaded = loaded_by("evaluate", "--help")
    assert "click" in loaded
    assert not {
        name for name in loaded if name.startswith(("guidewright.engine", "guidewright.rules", "yaml", "durable"))
    }


def test_click_does_not_end_the_process_behind_our_back() -> None:
    assert issubclass(output.Refused, click.ClickException)
    assert (output.Refused.exit_code, output.Fault.exit_code) == (2, 70)
