"""`guidewright diff`: what a change of a guideline does to patients is shown by patients; nothing else is claimed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from copy import deepcopy
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from strategies import AS_OF, EXAMPLES, loaded, made_case, small_texts

from guidewright.commands import guidewright as command
from guidewright.difference import difference_of
from guidewright.embedding import evaluate, load
from guidewright.engine.assessment import NOTICE
from guidewright.engine.comparing.differences import Effect, compared, comparison_of, effect_of, seen_by, standing_of
from guidewright.engine.comparing.edits import edits
from guidewright.engine.plan import plan_of
from guidewright.engine.proofs.solving import ProverMissing
from guidewright.named_version import version_named
from guidewright.rules.model import Guideline

GUIDELINES = Path(__file__).parent.parent / "guidelines"
MINIMAL = Path(__file__).parent / "minimal"
CURB, SARCOMA = GUIDELINES / "curb-65", GUIDELINES / "retroperitoneal-leiomyosarcoma"
DAY = "2026-01-01"

Edits = dict[str, list[tuple[str, str]]]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", "")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def changed(folder: Path, here: Path, changes: Edits, name: str = "new") -> Path:
    """A copy of a guideline with texts replaced."""
    copy = here / name
    shutil.copytree(folder, copy)
    for name, pairs in changes.items():
        text = (copy / name).read_text(encoding="utf-8")
        for before, after in pairs:
            assert before in text, before
            text = text.replace(before, after, 1)
        (copy / name).write_text(text, encoding="utf-8")
    return copy


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["diff", *map(str, arguments)])


def found(old: Path | str, new: Path | str, *more: str | Path) -> dict[str, Any]:
    result = run(old, new, "--format", "json", "--as-of", DAY, *more)
    assert result.exit_code in (0, 1), result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == (0 if answer["changes_for_patients"] is False else 1)
    return answer


def shifts(answer: dict[str, Any]) -> dict[str, dict[tuple[str, str], dict[str, Any]]]:
    """What ends otherwise, with the facts of a patient, by id and how."""
    return {
        effect["id"]: {(shift["before"], shift["after"]): shift["patient"]["facts"] for shift in effect["shifts"]}
        for effect in answer["effects"]
        if effect["verdict"] == "changed"
    }


def replayed(answer: dict[str, Any], old: Path, new: Path) -> int:
    """How many patients of the answer were evaluated by the compiled engine, each ending as the answer says."""
    guidelines = load(old), load(new)
    number = 0
    for effect in answer["effects"]:
        for shift in effect["shifts"] if effect["what"] in ("rule", "row") else ():
            for guideline, end in zip(guidelines, (shift["before"], shift["after"]), strict=True):
                known = guideline.ready.guideline.facts
                facts = {id: said for id, said in shift["patient"]["facts"].items() if id in known}
                rules = evaluate(guideline, facts, DAY, engine="compiled").rules
                assert (rules[effect["id"]].status if effect["id"] in rules else "absent") == end
                number += 1
    return number


# --- what one change does


def test_a_moved_parameter_is_shown_with_whom_it_concerns(here: Path) -> None:
    new = changed(CURB, here, {"guideline.yaml": [("value: 92 %", "value: 93 %")]})
    answer = found(CURB, new)
    ends = shifts(answer)
    assert set(ends) == {"P1", "P4", "P7", "P9"}
    saturation = ends["P1"]["not_fired", "fired"]["patient.saturation"]
    assert 92 <= float(saturation.removesuffix(" %")) < 93
    assert ("fired", "overridden") in ends["P4"]
    assert replayed(answer, CURB, new) > 10
    (parameter,) = answer["parameters"]
    assert (parameter["before"], parameter["after"], parameter["decides_about"]) == ("92 %", "93 %", ["P1"])


def test_the_page_says_why_before_and_why_now(here: Path) -> None:
    new = changed(CURB, here, {"guideline.yaml": [("value: 92 %", "value: 93 %")]})
    for format_ in ("text", "markdown"):
        result = run("curb-65", new, "--as-of", DAY, "--format", format_)
        assert result.exit_code == 1
        shown = " ".join(result.output.split()).replace("*", "")
        assert "does not hold → holds" in shown
        values = re.findall(r"Before: Not so: oxygen saturation below 92 % \(it is: (92(?:\.\d)? %)\)", shown)
        assert values
        assert f"Patient: Oxygen saturation: {values[0]}" in shown
        assert f"Now: oxygen saturation: {values[0]} (below 93 %)" in shown
        assert "proved the same for every patient" in shown
        assert NOTICE.replace("*", "") in shown


def test_other_words_show_no_patient(here: Path) -> None:
    new = changed(
        CURB,
        here,
        {
            "2-place.yaml": [("do: Admit to hospital urgently", "do: Admit to hospital at once")],
            "facts.yaml": [("label: New confusion", "label: Confusion that is new")],
            "guideline.yaml": [("version: 0.1.0", "version: 0.2.0")],
        },
    )
    answer = found(CURB, new)
    assert answer["changes_for_patients"] is False
    assert {effect["verdict"] for effect in answer["effects"]} == {"same"}
    assert all(edit["reworded_only"] for edit in answer["edits"])
    assert {"P6", "patient.confusion"} <= {edit["id"] for edit in answer["edits"]}
    result = run(CURB, new, "--as-of", DAY)
    assert result.exit_code == 0
    assert "Nothing changes for any patient" in result.output
    assert "Admit to hospital urgently → Admit to hospital at once" in " ".join(result.output.split())


def test_a_dropped_test_and_a_removed_and_an_added_rule(here: Path) -> None:
    p15 = CURB.joinpath("2-place.yaml").read_text(encoding="utf-8")
    removed = p15[p15.index("  - id: P15") : p15.index("  - id: P4")]
    new = changed(
        CURB,
        here,
        {
            "2-place.yaml": [
                (removed, ""),
                ("beside: [P1, P2, P3, P15]", "beside: [P1, P2, P3, P16]"),
                (
                    "  - id: P4",
                    "  - id: P16\n    do: Ask for help\n    when: {patient.pregnant: true}\n"
                    "    strength: strong\n    certainty: low\n    expert: true\n  - id: P4",
                ),
                ("when: {care.setting: community, crb65.risk: high}", "when: {crb65.risk: high}"),
            ],
            "guideline.yaml": [("rules: [P2, P15]", "rules: [P2, P3]")],
        },
    )
    answer = found(CURB, new)
    ends = shifts(answer)
    assert ("fired", "absent") in ends["P15"]
    assert ends["P16"] == {("absent", "fired"): {"patient.pregnant": True}}
    assert ("not_fired", "fired") in ends["P6"]
    assert ends["P6"]["not_fired", "fired"]["care.setting"] == "hospital"
    assert replayed(answer, CURB, new)
    how = {edit["id"]: edit["how"] for edit in answer["edits"] if edit["what"] == "rule"}
    assert how == {"P15": "removed", "P16": "added", "P6": "changed"}


def test_a_kind_that_changes_is_another_answer_for_whoever_gets_it(here: Path) -> None:
    new = changed(CURB, here, {"2-place.yaml": [("do: Admit to hospital urgently", "consider: Admit to hospital")]})
    assert [list(ends) for ends in shifts(found(CURB, new)).values()] == [[("fired", "fired")]]


def test_what_else_a_rule_says_is_told(here: Path) -> None:
    folder = changed(CURB, here, {"2-place.yaml": [("once: 2 d", "once: 3 d")]})
    shown = " ".join(run(CURB, folder).output.split())
    assert "holds still, and says something else" in shown
    told = "timing: once, after {} days, counted from: Day of the first assessment"
    assert f"{told.format(2)} → {told.format(3).removeprefix('timing: ')}" in shown


def test_thresholds_and_overrides_of_the_large_guideline(here: Path) -> None:
    new = changed(SARCOMA, here, {"guideline.yaml": [("value: 12 mo", "value: 18 mo")]})
    answer = found(SARCOMA, new)
    ends = shifts(answer)
    assert {"C-07", "C-08"} <= set(ends)
    months = ends["C-08"]["not_fired", "fired"]["lesion.interval"]
    assert 12 <= float(months.removesuffix(" mo")) < 18
    assert replayed(answer, SARCOMA, new)


def test_an_override_that_is_dropped(here: Path) -> None:
    new = changed(SARCOMA, here, {"3-treatment.yaml": [("    overrides: [C-03]\n", "")]})
    answer = found(SARCOMA, new)
    assert any(before == "overridden" for before, _ in shifts(answer)["C-03"])
    assert replayed(answer, SARCOMA, new)


def test_a_formula_that_changes(here: Path) -> None:
    """What it computes is free to the solver: patients are found by trying, or nothing is claimed."""
    facts = {
        "born": {"label": "Born", "type": "date"},
        "age": {"label": "Age", "type": "quantity", "unit": "a", "formula": "years_between(born, as_of)"},
    }
    data = small(facts, {"OLD": {"age": ">= 65 a"}, "BORN": {"born": "known"}})
    other = deepcopy(data)
    other["facts.yaml"]["facts"]["age"]["formula"] = "2 * years_between(born, as_of)"
    effects = effects_of(loaded(data), loaded(other))
    assert effects["BORN"].verdict == "same"
    assert effects["OLD"].verdict == "changed"


def test_the_time_between_two_dates_counted_otherwise() -> None:
    """Proved the same where it is only written otherwise; else shown by a patient with dates."""
    months = {"type": "quantity", "unit": "mo", "label": "M"}
    facts: dict[str, Any] = {
        "one": {"label": "One", "type": "date"},
        "two": {"label": "Two", "type": "date"},
        "time": {**months, "formula": "months_between(one, two)"},
    }
    data = small(facts, {"LONG": {"time": ">= 6 mo", "one": "known", "two": "known"}})
    for formula, verdict in (
        ("years_between(one, two)", "same"),
        ("months_between(two, one)", "changed"),
        ("months_between(one, as_of)", "changed"),
    ):
        other = deepcopy(data)
        other["facts.yaml"]["facts"]["time"]["formula"] = formula
        (effect,) = effects_of(loaded(data), loaded(other)).values()
        assert effect.verdict == verdict, formula
        shown = [set(shift.patient.facts) for shift in effect.shifts if shift.patient is not None]
        assert {"one", "two"} in shown or verdict == "same", formula


def test_a_formula_behind_something_that_changes() -> None:
    """Where what it follows from is known alike, so is what it gives."""
    facts = {
        "n": {"label": "N", "type": "integer"},
        "flag": {"label": "F", "type": "boolean", "holds": {"n": "> 3"}},
        "d": {
            "label": "D",
            "type": "integer",
            "table": [{"when": {"flag": True}, "formula": "n + 1"}, {"otherwise": True, "value": 0}],
        },
    }
    data = small(facts, {"FAR": {"n": 20, "all": [{"n": "known"}], "d": "> 10"}, "NEAR": {"n": 4, "d": "> 4"}})
    other = deepcopy(data)
    other["facts.yaml"]["facts"]["flag"]["holds"] = {"n": "> 4"}
    effects = effects_of(loaded(data), loaded(other))
    assert effects["FAR"].verdict == "same"
    assert [(shift.before, shift.after) for shift in effects["NEAR"].shifts if shift.patient] == [
        ("fired", "not_fired")
    ]


def test_a_range_that_grows_and_an_option_that_is_added() -> None:
    """Only records that both versions take are compared, and they are the same record."""
    facts: dict[str, Any] = {
        "n": {"label": "N", "type": "integer", "range": [0, 5]},
        "c": {"label": "C", "type": "choice", "values": {"x": "X", "y": "Y"}},
    }
    data = small(facts, {"HIGH": {"n": "> 3"}, "X": {"c": "x"}, "NOT_X": {"c": "!= x"}, "BOTH": {"n": "> 3", "c": "x"}})
    other = deepcopy(data)
    other["facts.yaml"]["facts"]["n"]["range"] = [0, 9]
    other["facts.yaml"]["facts"]["c"]["values"] = {"w": "W", "x": "X", "y": "Y"}
    del other["1-s.yaml"]["rules"][-1]["when"]["c"]
    for old, new in ((data, other), (other, data)):
        effects = effects_of(loaded(old), loaded(new))
        both = effects.pop("BOTH")
        assert {id: effect.verdict for id, effect in effects.items()} == {"HIGH": "same", "X": "same", "NOT_X": "same"}
        for shift in both.shifts:
            assert shift.patient is not None, (shift.before, shift.after)
        assert both.verdict == "changed"


def test_a_fact_of_another_type_is_claimed_nothing_of() -> None:
    data = small({"a": {"label": "A", "type": "boolean"}}, {"R": {"a": True}, "EMPTY": {"a": "unknown"}})
    other = small(
        {"a": {"label": "A", "type": "choice", "values": {"yes": "Yes", "no": "No"}}},
        {"R": {"a": "yes"}, "EMPTY": {"a": "unknown"}},
    )
    assert effects_of(loaded(data), loaded(other))["R"].verdict == "undecided"


def test_a_fact_that_one_version_does_not_know() -> None:
    data = small({"a": {"label": "A", "type": "boolean"}}, {"R": {"a": True}})
    facts = {"a": {"label": "A", "type": "boolean"}, "b": {"label": "B", "type": "boolean"}}
    other = small(facts, {"R": {"a": True, "b": "!= false"}})
    (shift, *_) = effects_of(loaded(data), loaded(other))["R"].shifts
    assert (shift.before, shift.after) == ("fired", "not_fired")
    assert shift.patient is not None
    assert dict(shift.patient.facts) == {"a": True, "b": False}


# --- what nothing tests


DOSE = "  dose: {value: 10 mL, label: Contrast, expert: true}\n"
TOLD: dict[str, tuple[Edits, str, tuple[str, str]]] = {
    "a text": ({"1-workup.yaml": [("do: Take a biopsy", 'do: "Give {dose}"')]}, "R1", ("fired", "fired")),
    "a text for a box": (
        {"1-workup.yaml": [("do: Take a biopsy", 'do: Take a biopsy\n    short: "Give {dose}"')]},
        "R1",
        ("fired", "fired"),
    ),
    "a box": ({"1-workup.yaml": [("title: Biopsy", 'title: "Give {dose}"')]}, "workup/biopsy", ("passed", "passed")),
    "an answer": (
        {"1-workup.yaml": [('answer: "Yes"', 'answer: "Yes, {dose}"')]},
        "workup/size",
        ("passed", "passed"),
    ),
}


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_a_parameter_that_a_text_tells_is_no_wording(case: tuple[Edits, str, tuple[str, str]], here: Path) -> None:
    texts, id, ends = case
    texts = {**texts, "guideline.yaml": [("parameters:\n", f"parameters:\n{DOSE}")]}
    old = changed(MINIMAL, here, texts, "old")
    new = changed(old, here, {"guideline.yaml": [("10 mL", "100 mL")]})
    answer = found(old, new)
    assert {name: list(how) for name, how in shifts(answer).items()} == {id: [ends]}
    reworded = changed(old, here, {"guideline.yaml": [("label: Contrast", "label: A dose")]}, "reworded")
    assert found(old, reworded)["changes_for_patients"] is False


def test_a_question_that_tells_a_parameter_is_not_proved_the_same(here: Path) -> None:
    label = 'label: "More than {dose}?"'
    texts: Edits = {
        "facts.yaml": [("label: New lesion", label)],
        "guideline.yaml": [("parameters:\n", f"parameters:\n{DOSE}")],
    }
    old = changed(MINIMAL, here, texts, "old")
    new = changed(old, here, {"guideline.yaml": [("10 mL", "100 mL")]})
    assert found(old, new)["changes_for_patients"] is None


def test_a_value_that_no_rule_tests_is_an_answer(here: Path) -> None:
    ids: Edits = {"facts.yaml": [(f"{{id: M{number}, when", "{when") for number in range(6)]}
    old = changed(CURB, here, ids, "old")
    new = changed(old, here, {"facts.yaml": [("value: 3.2 %", "value: 3.3 %")]})
    answer = found(old, new, "--patients", CURB / "cases")
    (ends,) = shifts(answer).items()
    assert (ends[0], list(ends[1])) == ("curb65.mortality", [("known", "known")])
    case = next(entry for entry in answer["patients"] if entry["file"] == "diastolic-60.yaml")
    (change,) = case["changes"]
    assert (change["id"], change["why_before"], change["why_after"]) == ("curb65.mortality", ["3.2 %"], ["3.3 %"])
    for format_ in ("text", "markdown"):
        assert "is known otherwise" in run(old, new, "--format", format_, "--patients", CURB / "cases").output


VALUE = """facts:
  lesion.margin:
    label: Margin
    type: quantity
    unit: mm
    range: [0, 400]
    table:
      - {when: {lesion.new: true}, value: "{dose}", because: [trial.S1]}
      - {otherwise: true, value: 1 mm, because: [trial.S1]}
"""


def test_a_narrower_range_may_leave_records_unusable(here: Path) -> None:
    folder = changed(CURB, here, {"facts.yaml": [("range: [30, 100]", "range: [40, 100]")]})
    answer = found(CURB, folder)
    assert answer["changes_for_patients"] is True
    assert "records that both versions can use" in run(CURB, folder).output


def test_what_is_claimed_no_more_is_told(here: Path) -> None:
    text = (CURB / "guideline.yaml").read_text(encoding="utf-8")
    begin = text.index("  - id: I4")
    end = min(text.index(other, begin + 5) for other in ("  - id: I5", "exclusive:") if other in text[begin + 5 :])
    folder = changed(CURB, here, {"guideline.yaml": [(text[begin:end], "")]})
    answer = found(CURB, folder)
    assert answer["changes_for_patients"] is False
    (edit,) = answer["edits"]
    assert [(field["field"], field["after"]) for field in edit["fields"]] == [("invariant I4", None)]
    assert not edit["reworded_only"]


def test_files_that_neither_version_can_use_are_no_change(here: Path) -> None:
    (here / "patients").mkdir()
    (here / "patients" / "a.yaml").write_text("patient: a\nas_of: 2024-05-02\nfacts: {no.such: 1}\n", encoding="utf-8")
    result = run(CURB, CURB, "--patients", here / "patients")
    assert result.exit_code == 0
    assert "0 of 1 file get another answer; neither version can use 1" in result.output


def test_a_parameter_that_is_the_value_of_a_row(here: Path) -> None:
    texts: Edits = {
        "facts.yaml": [("facts:\n", VALUE)],
        "guideline.yaml": [("parameters:\n", f"parameters:\n{DOSE.replace('mL', 'mm')}")],
        "1-workup.yaml": [("do: Take a biopsy", 'do: "Leave {dose}"')],
    }
    old = changed(MINIMAL, here, texts, "old")
    new = changed(old, here, {"guideline.yaml": [("value: 10 mm, label: Contrast", "value: 20 mm, label: Contrast")]})
    assert {id: list(ends) for id, ends in shifts(found(old, new)).items()} == {
        "R1": [("fired", "fired")],
        "lesion.margin": [("known", "known")],
    }
    # What only one version works out, the other does not answer.
    without = changed(MINIMAL, here, {**texts, "facts.yaml": []}, "without")
    for one, other, ends in ((old, without, ("known", "absent")), (without, old, ("absent", "known"))):
        assert {id: list(how) for id, how in shifts(found(one, other)).items()} == {"lesion.margin": [ends]}


def test_a_formula_that_no_rule_tests(here: Path) -> None:
    fact = "facts:\n  lesion.half:\n    {label: Half, type: quantity, unit: mm, formula: lesion.size / 2}\n"
    old = changed(MINIMAL, here, {"facts.yaml": [("facts:\n", fact)]}, "old")
    new = changed(old, here, {"facts.yaml": [("lesion.size / 2", "lesion.size / 3")]})
    answer = found(old, new)
    assert answer["changes_for_patients"] is not False
    assert [effect["id"] for effect in answer["effects"] if effect["verdict"] != "same"] == ["lesion.half"]


def test_a_tolerance_that_no_rule_tests(here: Path) -> None:
    old = changed(MINIMAL, here, {"facts.yaml": [("facts:\n", VALUE.replace("{dose}", "10 mm"))]}, "old")
    new = changed(old, here, {"facts.yaml": [("    table:", "    tolerance: 2 mm\n    table:")]})
    assert found(old, new)["changes_for_patients"] is not False


def test_a_box_that_only_one_version_has(here: Path) -> None:
    extra = [("rules: [R1], go: done}", "rules: [R1], go: extra}\n  extra: {title: Give 5 g of aspirin, go: done}")]
    new = changed(MINIMAL, here, {"1-workup.yaml": extra})
    for one, other, ends in ((MINIMAL, new, ("absent", "passed")), (new, MINIMAL, ("passed", "absent"))):
        assert {id: list(how) for id, how in shifts(found(one, other)).items()} == {"workup/extra": [ends]}
    (here / "patients").mkdir()
    (here / "patients" / "a.yaml").write_text("as_of: 2026-01-01\nfacts: {lesion.size: 30 mm}\n")
    (case,) = found(MINIMAL, new, "--patients", here / "patients")["patients"]
    assert [change["id"] for change in case["changes"]] == ["workup/extra"]


def test_the_bar_is_told_of_the_end(here: Path) -> None:
    new = changed(MINIMAL, here, {"1-workup.yaml": [("title: Biopsy", "title: A biopsy")]})
    told: list[tuple[int, int]] = []
    difference_of(version_named(str(MINIMAL)), version_named(str(new)), AS_OF, None, lambda *at: told.append(at))
    assert told[-1][0] == told[-1][1]
    assert all(done < of for done, of in told[:-1])


# --- random guidelines


def test_random_changes() -> None:
    """Every patient that is shown is so on the evaluator, and where the prover says `same` no patient differs."""
    verdicts = []
    for seed in range(EXAMPLES or 30):
        random = Random(f"diff{seed}")
        made = made_case(random, patients=12)
        new = _some_change(made.data, random)
        if new is None:
            continue
        old, after = plan_of(made.guideline).program, plan_of(new).program
        comparison = comparison_of(old, after, AS_OF, 2000)
        patients = [seen for record in made.records if (seen := seen_by(record, old, after, AS_OF)) is not None]
        for what, id in compared(comparison):
            effect = effect_of(what, id, comparison)
            verdicts.append(effect.verdict)
            for shift in effect.shifts:
                if shift.patient is not None:
                    ends = standing_of(what, id, shift.patient.outcome_before, old)
                    ends_now = standing_of(what, id, shift.patient.outcome_after, after)
                    assert (ends, ends_now) == (shift.before, shift.after), f"seed {seed}: {id}"
                    assert ends != ends_now
            for seen in patients if effect.verdict == "same" else ():
                ends = standing_of(what, id, seen.outcome_before, old)
                assert standing_of(what, id, seen.outcome_after, after) == ends, f"seed {seed}: {id}"
    assert verdicts.count("changed") > 20
    assert verdicts.count("undecided") < verdicts.count("changed")


def _some_change(data: dict[str, Any], random: Random) -> Guideline | None:
    data = deepcopy(data)
    rules = [*data["1-first.yaml"]["rules"], *data["2-second.yaml"]["rules"]]
    if random.random() < 0.5 or len(rules) < 2:
        data["guideline.yaml"]["parameters"]["length"]["value"] = "4 mm"
        data["guideline.yaml"]["parameters"]["count"]["value"] = "3"
    else:
        rule, other = random.sample(rules, 2)
        dropped = next((key for key in ("unless", "overrides", "stops") if key in rule), None)
        if dropped is not None:
            del rule[dropped]
        else:
            rule["when"] = other["when"]
    try:
        return loaded(data)
    except AssertionError:
        return None


# --- versions by name


def test_a_git_revision(here: Path) -> None:
    repository = changed(CURB, here, {})
    git(here, "init", "--quiet")
    git(here, "add", ".")
    git(here, "commit", "--quiet", "-m", "one")
    text = (repository / "guideline.yaml").read_text(encoding="utf-8")
    (repository / "guideline.yaml").write_text(text.replace("value: 92 %", "value: 93 %"), encoding="utf-8")
    before = set(os.listdir(os.environ.get("TMPDIR", "/tmp")))
    answer = found("HEAD:new", repository)
    assert "P1" in shifts(answer)
    assert not [name for name in set(os.listdir(os.environ.get("TMPDIR", "/tmp"))) - before if "guidewright-" in name]
    assert found("HEAD:new", "HEAD:new/")["changes_for_patients"] is False
    for name, message in (
        ("nowhere:new", "git knows no revision `nowhere`"),
        ("HEAD:old", "has no folder `old`"),
        ("HEAD:new/guideline.yaml", "has no folder `new/guideline.yaml`"),
        ("--output=x:new", "is no folder"),
        (":new", "no git revision"),
    ):
        result = run("--", name, repository)
        assert result.exit_code == 2, name
        assert message in result.output


def test_what_is_wrong_in_a_revision_is_told_of_its_files(here: Path) -> None:
    changed(CURB, here, {"2-place.yaml": [("crb65.risk: low", "crb65.rsk: low")]})
    git(here, "init", "--quiet")
    git(here, "add", ".")
    git(here, "commit", "--quiet", "-m", "one")
    result = run("curb-65", "HEAD:new")
    assert result.exit_code == 2
    assert "HEAD:new/2-place.yaml" in result.output


def test_outside_a_repository(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(here.parent))
    result = run("HEAD:new", "curb-65")
    assert result.exit_code == 2
    assert "git knows no revision" in result.output
    monkeypatch.setenv("PATH", "")
    assert "git is not installed" in run("HEAD:new", "curb-65").output


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_without_the_prover_nothing_is_claimed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = changed(CURB, here, {"guideline.yaml": [("value: 92 %", "value: 93 %")]})
    monkeypatch.setitem(sys.modules, "z3", None)
    result = run(CURB, new)
    assert result.exit_code == 2
    with pytest.raises(ProverMissing) as missing:
        effects_of(load(CURB).ready.guideline, load(new).ready.guideline)
    assert str(missing.value) in result.output


# --- recorded patients


def test_recorded_patients(here: Path) -> None:
    new = changed(CURB, here, {"guideline.yaml": [("value: 92 %", "value: 93 %")]})
    answer = found(CURB, new, "--patients", CURB / "cases")
    changes = {entry["file"]: {change["id"] for change in entry["changes"]} for entry in answer["patients"]}
    # The text of P1 names the parameter, so whoever gets it is told something else.
    assert changes["saturation-92.yaml"] == {"P1", "P7"}
    assert {id for ids in changes.values() for id in ids} == {"P1", "P7"}
    assert changes["retains-co2.yaml"] == {"P1"}
    assert changes["nothing-known.yaml"] == set()
    assert len(changes) == len(list((CURB / "cases").glob("*.yaml")))
    assert "saturation-92.yaml" in run(CURB, new, "--patients", CURB / "cases").output


def test_a_record_with_a_fact_that_only_one_version_knows(here: Path) -> None:
    new = changed(CURB, here, {"facts.yaml": [("  patient.pregnant:", "  patient.expecting:")]} | _renamed())
    patients = here / "patients"
    patients.mkdir()
    (patients / "a.yaml").write_text("as_of: 2026-01-01\nfacts: {patient.pregnant: true, patient.age: 30 a}\n")
    (patients / "b.yaml").write_text("as_of: 2026-01-01\nfacts: {patient.nothing: true}\n")
    answer = found(CURB, new, "--patients", patients)
    one, other = answer["patients"]
    assert one["refused"] == []
    assert [refusal["by"] for refusal in other["refused"]] == ["old", "new"]


def _renamed() -> Edits:
    names = [path.name for path in CURB.glob("*.yaml") if path.name != "facts.yaml"]
    texts = {name: (CURB / name).read_text(encoding="utf-8") for name in names}
    word = "patient.pregnant"
    return {name: [(word, "patient.expecting")] * text.count(word) for name, text in texts.items() if word in text}


def test_a_folder_without_patients_is_refused(here: Path) -> None:
    (here / "empty").mkdir()
    result = run(CURB, CURB, "--patients", here / "empty")
    assert result.exit_code == 2
    assert "there is no patient file" in result.output


# --- edits


def test_nothing_is_edited_between_a_guideline_and_itself() -> None:
    for folder in (CURB, SARCOMA):
        assert edits(load(folder).ready.plan, load(folder).ready.plan) == ()
    assert run(CURB, CURB).exit_code == 0


def effects_of(old: Guideline, new: Guideline, as_of: date = AS_OF) -> dict[str, Effect]:
    comparison = comparison_of(plan_of(old).program, plan_of(new).program, as_of)
    return {id: effect_of(what, id, comparison) for what, id in compared(comparison)}


def small(facts: dict[str, Any], rules: dict[str, Any]) -> dict[str, Any]:
    return small_texts(facts, {id: {"when": when} for id, when in rules.items()})
