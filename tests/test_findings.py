"""What the proofs find: each planted fault with its code and a patient who shows it; in a sound guideline nothing."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from planting import (
    CURB,
    DAY,
    FACTS,
    GUIDELINE,
    MINIMAL,
    PLACE,
    SARCOMA,
    decide_nothing,
    decide_only,
    found_in,
    planted,
    run,
    warnings,
)

from guidewright.engine.checking.claims import Look, Proofs
from guidewright.engine.checking.pathway_faults import pathway_faults
from guidewright.engine.checking.redundant_parts import redundant_parts
from guidewright.engine.checking.row_faults import row_faults
from guidewright.engine.checking.rule_faults import rule_faults
from guidewright.engine.checking.rule_relations import rule_relations
from guidewright.engine.outcome import contradicts_itself
from guidewright.engine.program import program_of
from guidewright.engine.proofs.solving import ProverMissing
from guidewright.engine.proofs.witness import prover_of
from guidewright.rules.load import load_guideline

# Faults that are planted


STOPS = "    stops: [{}]\n    strength: strong\n    certainty: low\n    because: [{}"
HOME = STOPS.format("home_treatment", "bts-2009.OXIMETRY-92]")
OXYGEN = STOPS.format("oxygen_usual_target", "bts-2009-unread.OXYGEN, bts-oxygen-2017.LOWER]")
HOME_WHEN = "{care.setting: community, crb65.risk: low}"
INTERMEDIATE = "{answer: Intermediate, when: {crb65.risk: intermediate}, go: refer}"
HIGH = "{answer: High, when: {crb65.risk: high}, go: admit}"
MODERATE = "{id: K2, when: {curb65.points: 2}"

TWO_TRUE = INTERMEDIATE.replace("risk: intermediate", "risk: [low, intermediate]")
LOW = "{answer: Low, when: {crb65.risk: low}, go: home}"
CRB_HIGH = "    when: {care.setting: community, crb65.risk: high}\n"
SHORT_STAY = "    short: Short stay in hospital\n"
UNSURE = "{crb65.risk: high, not: {crb65.risk: high}}"

# what, the changes (file, text, what stands instead), the code, what the finding is about
Plant = tuple[str, list[tuple[str, str, str]], str, tuple[str, ...]]
PLANTED: list[Plant] = [
    ("bound: a gap", [(FACTS, 'crb65.points: "[1..2]"', "crb65.points: 1")], "GW716", ("place/crb",)),
    ("bound: too wide", [(FACTS, 'crb65.points: "[1..2]"', 'crb65.points: ">= 1"')], "GW215", ("crb65.risk", "C3")),
    ("bound: a row twice", [(FACTS, MODERATE, MODERATE.replace("2}", '"<= 1"}'))], "GW215", ("curb65.risk", "K2")),
    ("bound of a rule", [(PLACE, '"< {admit_below}"', '"< 80 %"')], "GW420", ("I1", "P4")),
    ("dropped test", [(PLACE, HOME_WHEN, "{crb65.risk: low}")], "GW421", ("P4", "P10")),
    ("removed stops", [(PLACE, HOME, HOME.partition("\n")[2])], "GW420", ("I1", "P7")),
    ("removed stops: a clash", [(PLACE, OXYGEN, OXYGEN.partition("\n")[2])], "GW421", ("P2", "P15")),
    (
        "swapped answers",
        [(PLACE, HIGH, HIGH.replace("admit", "home")), (PLACE, LOW, LOW.replace("home", "admit"))],
        "GW425",
        ("P6", "place/admit"),
    ),
    ("two answers", [(PLACE, INTERMEDIATE, TWO_TRUE)], "GW715", ("place/crb",)),
    (
        "lost answer",
        [(PLACE, INTERMEDIATE, INTERMEDIATE.replace("{crb65.risk: intermediate}", UNSURE))],
        "GW717",
        ("place/crb",),
    ),
    ("contradiction", [(PLACE, CRB_HIGH, f"    when: {UNSURE}\n")], "GW422", ("P6",)),
    ("idle override", [(PLACE, CRB_HIGH, f"{CRB_HIGH}    overrides: [P10]\n")], "GW424", ("P6", "P10")),
    ("wrong override", [(PLACE, SHORT_STAY, f"{SHORT_STAY}    overrides: [P9]\n")], "GW423", ("P9",)),
]
WITHOUT_PATIENT = {"GW422", "GW424", "GW717"}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant[0])
def test_a_planted_fault_is_found(plant: Plant, tmp_path: Path) -> None:
    _, changes, code, about = plant
    folder = planted(tmp_path, CURB, *changes)
    assert load_guideline(folder).diagnostics == ()
    finding = warnings(found_in(folder))[code, frozenset(about)]
    assert finding.places
    assert not finding.undecided
    assert (finding.witness is None) == (code in WITHOUT_PATIENT)


def test_the_boxes_that_nobody_comes_to_are_named(tmp_path: Path) -> None:
    lost = INTERMEDIATE.replace("{crb65.risk: intermediate}", UNSURE)
    finding = warnings(found_in(planted(tmp_path, CURB, (PLACE, INTERMEDIATE, lost))))[
        "GW717", frozenset({"place/crb"})
    ]
    assert "nobody comes to `refer`" in finding.message
    assert [text for text, _ in finding.places[1:]] == ["nobody comes to `refer`"]


def test_a_removed_override_is_found_in_the_large_guideline(tmp_path: Path) -> None:
    old = "    unless: {diagnosis.accepted: benign}\n    acts: [liver_needle]\n    overrides: [B-09]\n"
    new = old.replace("    overrides: [B-09]\n", "")
    found = warnings(found_in(planted(tmp_path, SARCOMA, ("2-origin.yaml", old, new))))
    assert set(found) == {("GW421", frozenset({"B-08", "B-09"}))}


@pytest.mark.parametrize("folder", [MINIMAL, CURB], ids=lambda folder: folder.name)
def test_nothing_is_found_in_a_sound_guideline(folder: Path) -> None:
    found = found_in(folder)
    assert warnings(found) == {}
    assert found.proved
    assert found.invariants == found.of_invariants


# What is not decided, and what is accepted


def test_what_is_not_decided_is_never_called_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    decide_nothing(monkeypatch)
    found = found_in(CURB)
    told = [finding for finding in found.found if finding.code not in ("GW216", "GW217")]
    assert {finding.code for finding in told} == {"GW427"}
    assert all(finding.undecided and finding.witness is None for finding in told)
    assert {finding.of for finding in told if finding.severity == "warning"} == {"GW420", "GW421", "GW715", "GW716"}
    assert (found.invariants, found.of_invariants) == (0, 5)
    assert all(finding.message.startswith("it could not be decided whether ") for finding in told)


RARE = "when: {lesion.count: 7, lesion.pattern: rim, lesion.size: 3 mm}"
AS_LARGE = 'when: {lesion.size: ">= 1 cm"}'
MINIMAL_FAULTS = [
    (
        "1-workup.yaml",
        "\npathway:",
        f"""
  - {{id: R3, consider: A core biopsy, {AS_LARGE}, acts: [biopsy], expert: true}}
  - {{id: R4, flag: Always replaced, {RARE}, expert: true}}
  - {{id: R5, flag: Replaces, {RARE}, overrides: [R4], expert: true}}
  - {{id: R6, flag: Never, when: {{all: [{{lesion.new: true}}, {{lesion.new: false}}]}}, expert: true}}
  - {{id: R7, flag: Elsewhere, when: {{lesion.new: true}}, expert: true}}
  - {{id: R8, flag: Too much, expert: true,
      when: {{all: [{{lesion.count: ">= 4"}}, {{lesion.count: ">= 3"}}, {{lesion.count: ">= 2"}}]}}}}

pathway:""",
    ),
    ("1-workup.yaml", "rules: [R1]", "rules: [R1, R7]"),
    ("1-workup.yaml", "beside: [R2]", "beside: [R2, R3, R4, R5, R6, R8]"),
    (
        "facts.yaml",
        "  lesion.new:\n",
        """  lesion.kind: {label: Kind, type: integer, range: [0, 9], table: [
      {id: K1, when: {lesion.count: ">= 3"}, value: 1, expert: true},
      {id: K2, when: {lesion.count: 9, lesion.size: 3 mm, lesion.found_on: 2019-03-07}, value: 2, expert: true},
      {id: K3, when: {all: [{lesion.count: 1}, {lesion.count: 2}]}, value: 3, expert: true}]}
  lesion.new:
""",
    ),
]
FAMILIES: list[tuple[Callable[[Proofs], list[Look]], set[str]]] = [
    (lambda proofs: rule_faults(proofs, set()), {"GW422", "GW423"}),
    (row_faults, {"GW215"}),
    (lambda proofs: pathway_faults(proofs, {"R6"}), {"GW426"}),
    (lambda proofs: rule_relations(proofs, {"R4", "R6"}), {"GW429"}),
    (redundant_parts, {"GW431"}),
]


@pytest.mark.parametrize(("family", "codes"), FAMILIES, ids=["rules", "rows", "ways", "relations", "parts"])
def test_where_the_time_ends_early_less_is_claimed_but_nothing_left_unsaid(
    family: Callable[[Proofs], list[Look]], codes: set[str], tmp_path: Path
) -> None:
    guideline = load_guideline(planted(tmp_path, MINIMAL, *MINIMAL_FAULTS)).guideline
    assert guideline is not None
    prover = prover_of(program_of(guideline), DAY)
    weaker = {f"the rule `{id}` can never fire" for id in ("R4", "R6")}
    weaker |= {f"the row `{id}` of `lesion.kind` is never reached" for id in ("K2", "K3")}
    every = [fault for look in family(Proofs(prover)) for fault in look()]
    assert codes <= {fault.code for fault in every}
    for most in count():
        with pytest.MonkeyPatch.context() as patch:
            left = decide_only(most, patch)
            told = [fault for look in family(Proofs(prover)) for fault in look()]
        assert not Counter(fault.about for fault in every) - Counter(fault.about for fault in told), most
        sure = {fault.message for fault in told if not fault.undecided}
        assert sure <= weaker | {fault.message for fault in every}, most
        if next(left, None) is not None:
            assert [fault.message for fault in told] == [fault.message for fault in every]
            break


def accepting(tmp_path: Path, code: str, about: str, *changes: tuple[str, str, str]) -> Path:
    folder = planted(tmp_path, CURB, *changes)
    with open(folder / GUIDELINE, "a", encoding="utf-8") as file:
        file.write(f"accept:\n  - {{code: {code}, about: [{about}], because: The next version says why}}\n")
    return folder


IDLE = (PLACE, CRB_HIGH, f"{CRB_HIGH}    overrides: [P10]\n")


def test_an_accepted_finding_is_counted_and_not_shown(tmp_path: Path) -> None:
    folder = accepting(tmp_path, "GW424", "P10, P6", IDLE)
    found = found_in(folder)
    assert warnings(found) == {}
    assert [(finding.code, one.because) for finding, one in found.accepted] == [("GW424", "The next version says why")]
    result = run("check", folder)
    assert result.exit_code == 0
    assert "1 finding accepted with a reason (--all shows them)" in result.stdout
    everything = run("check", folder, "--all").stdout
    assert "accepted GW424 about P10, P6: The next version says why" in " ".join(everything.split())
    shown = json.loads(run("check", folder, "--format", "json").stdout)
    assert [(one["code"], one["about"], one["because"]) for one in shown["accepted"]] == [
        ("GW424", ["P6", "P10"], "The next version says why")
    ]


@pytest.mark.parametrize("about", ["P6", "P6, P10, P9"])
def test_an_acceptance_that_meets_nothing_is_a_finding(about: str, tmp_path: Path) -> None:
    folder = accepting(tmp_path, "GW424", about, IDLE)
    found = warnings(found_in(folder))
    assert {code for code, _ in found} == {"GW424", "GW428"}
    assert warnings(found_in(folder, proofs=False)) == {}


def test_what_is_not_decided_keeps_its_acceptance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = accepting(tmp_path, "GW424", "P6, P10", IDLE)
    decide_nothing(monkeypatch)
    found = found_in(folder)
    assert len(found.accepted) == 1
    assert "GW428" not in {finding.code for finding in found.found}


# The day


def test_what_can_never_be_because_of_a_day_is_said_of_that_day(tmp_path: Path) -> None:
    later = '  - {id: R3, flag: Later, when: {lesion.found_on: ">= 2025-01-01"}, expert: true}\n'
    never = "  - {id: R4, flag: Never, when: {lesion.new: true, not: {lesion.new: true}}, expert: true}\n"
    rules = ("1-workup.yaml", "\npathway:", f"{later}{never}\npathway:")
    folder = planted(tmp_path, MINIMAL, rules, ("1-workup.yaml", "beside: [R2]", "beside: [R2, R3, R4]"))
    found = warnings(found_in(folder))
    one, other = (found["GW422", frozenset({id})] for id in ("R3", "R4"))
    assert one.message.startswith(f"the rule `R3` can never fire on {DAY}: ")
    assert one.help is not None
    assert one.help.startswith("it may on a later day")
    assert other.message.startswith("the rule `R4` can never fire: ")


def test_the_day_of_the_patients_is_said() -> None:
    text = " ".join(run("check", CURB).stdout.split())
    day = load_guideline(CURB).guideline.date  # type: ignore[union-attr]
    assert f"5 invariants proved, for every patient and every incomplete record assessed on {day}" in text
    shown = json.loads(run("check", CURB, "--format", "json").stdout)
    assert shown["as_of"] == str(day)
    assert json.loads(run("check", CURB, "--fast", "--format", "json").stdout)["as_of"] is None


# The command


def test_a_finding_ends_with_1_and_shows_its_patient(tmp_path: Path) -> None:
    folder = planted(tmp_path, CURB, (PLACE, HOME_WHEN, "{crb65.risk: low}"))
    result = run("check", folder)
    assert result.exit_code == 1
    assert "warning[GW421] `P10` and `P4` fire for one patient" in result.stdout
    assert f"      for example, on {date.today()}:\n" in result.stdout
    shown = json.loads(run("check", folder, "--format", "json").stdout)
    one = next(d for d in shown["diagnostics"] if d["code"] == "GW421" and d["about"] == ["P10", "P4"])
    assert one["witness"]["facts"]
    assert shown["proofs"] is True
    fast = run("check", folder, "--fast")
    assert fast.exit_code == 0
    assert "GW421" not in fast.stdout
    assert json.loads(run("check", folder, "--fast", "--format", "json").stdout)["proofs"] is False


def evaluated(path: Path, folder: Path) -> Mapping[str, Any]:
    result = run("evaluate", path, "--guideline", folder, "--format", "json")
    assert result.exit_code == 0, result.output
    answer: Mapping[str, Any] = json.loads(result.stdout)
    return answer


def test_the_patients_are_written_and_evaluate_shows_the_findings(tmp_path: Path) -> None:
    changes = [(PLACE, HOME_WHEN, "{crb65.risk: low}"), (PLACE, INTERMEDIATE, TWO_TRUE)]
    folder = planted(tmp_path, CURB, *changes)
    out = tmp_path / "patients"
    assert run("check", folder, "--witness", out).exit_code == 1
    clash = out / "GW421-P10-P4.yaml"
    assert clash.read_text(encoding="utf-8").startswith("# made by guidewright check")
    rules = evaluated(clash, folder)["rules"]
    assert (rules["P10"]["status"], rules["P4"]["status"]) == ("fired", "fired")
    stops = evaluated(out / "GW715-place-crb.yaml", folder)["paths"]["place"]
    assert stops["several"]
    # Once more: what is ours is replaced; what is not stays.
    assert run("check", folder, "--witness", out).exit_code == 1
    clash.write_text("mine", encoding="utf-8")
    result = run("check", folder, "--witness", out)
    assert result.exit_code == 2
    assert "is not one of ours" in result.stderr
    assert clash.read_text(encoding="utf-8") == "mine"


def test_witnesses_need_proofs(tmp_path: Path) -> None:
    result = run("check", MINIMAL, "--fast", "--witness", tmp_path / "patients")
    assert result.exit_code == 2
    assert not (tmp_path / "patients").exists()


def test_without_the_solver_everything_else_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    with pytest.raises(ProverMissing):
        found_in(MINIMAL)
    result = run("check", planted(tmp_path, CURB, (PLACE, HOME_WHEN, "{crb65.risk: low}")))
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "guidewright: nothing was proved: proofs need z3: pip install 'guidewright[proofs]'"
    ]
    assert "invariants" not in result.stdout


def test_notes_are_counted_and_shown_when_asked_for() -> None:
    result = run("check", MINIMAL)
    assert (result.exit_code, "note[" in result.stdout) == (0, False)
    assert result.stdout.splitlines()[-1] == "5 notes not shown (--all shows them)"
    every = run("check", MINIMAL, "--all")
    assert every.exit_code == 0
    assert every.stdout.count("note[GW21") == 5


def test_a_patient_is_plain_where_it_can_be(tmp_path: Path) -> None:
    """What everyone has is not denied, if the finding does not rest on that."""
    folder = planted(tmp_path, CURB, (PLACE, HOME, HOME.partition("\n")[2]))
    found = warnings(found_in(folder))
    pairs = (("GW420", "I1"), ("GW433", "P1"))
    assert set(found) == {(code, frozenset({one, rule})) for code, one in pairs for rule in ("P4", "P7", "P9")}
    for one in [finding.witness for finding in found.values()]:
        assert one is not None
        assert "none" not in one.facts.values()
        assert len(one.facts) <= 4


def test_no_other_patient_shows_it_with_fewer_facts(tmp_path: Path) -> None:
    """Of three facts none can be left out; one other does as well."""
    ways = '{any: [{lesion.new: true, lesion.count: 1, lesion.pattern: rim}, {lesion.size: ">= 10 mm"}]}'
    rule = f"  - {{id: R3, flag: See this, when: {ways}, expert: true}}\n"
    changes = (
        ("1-workup.yaml", "\npathway:", f"{rule}\npathway:"),
        ("1-workup.yaml", "beside: [R2]", "beside: [R2, R3]"),
        (GUIDELINE, "stages:", "invariants:\n  - {id: I1, says: Nobody, when: {}, never_fires: [R3]}\nstages:"),
    )
    finding = warnings(found_in(planted(tmp_path, MINIMAL, *changes)))["GW420", frozenset({"I1", "R3"})]
    assert finding.witness is not None
    assert finding.witness.facts.keys() == {"lesion.size"}


def test_a_fault_that_no_patient_shows_is_not_called_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = planted(tmp_path, CURB, (PLACE, HOME, HOME.partition("\n")[2]))
    monkeypatch.setattr("guidewright.engine.checking.findings.witness", lambda *_, **__: "undecided")
    found = warnings(found_in(folder))
    assert {(code, finding.of) for (code, _), finding in found.items()} == {("GW427", "GW420")}


def test_a_patient_contradicts_himself_only_where_no_other_shows_it(tmp_path: Path) -> None:
    forbids = (
        "    avoid: Leave nobody who is confused alone\n    when: {care.setting: community, patient.confusion: true}\n"
    )
    rule = f"  - id: P99\n{forbids}    expert: true\n\n  - id: P4\n"
    beside = PLACE, "  - id: P4\n", rule
    claim = (
        GUIDELINE,
        "exclusive:\n",
        "exclusive:\n  - {says: Never both, rules: [P99, P4]}\n  - {says: Not at once, rules: [P99, P5]}\n",
    )
    found = found_in(planted(tmp_path, CURB, beside, claim, (PLACE, "beside: [", "beside: [P99, ")))
    by_rules = {frozenset(f.about): f for f in found.found if f.code == "GW421"}
    # One point for confusion is no low risk; it is an intermediate one.
    assert contradicts_itself(by_rules[frozenset({"P99", "P4"})].witness.outcome)
    assert not contradicts_itself(by_rules[frozenset({"P99", "P5"})].witness.outcome)
