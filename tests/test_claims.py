"""What a guideline claims of itself, as it is read: invariants, exclusive groups, acceptances, and fixed facts.

The guideline is that of `tests/minimal`; the codes of their own are held to examples in `test_diagnostic_codes.py`.
"""

import re
from pathlib import Path

import pytest
import yaml

from guidewright.rules.claims import Acceptance, Exclusive, Invariant
from guidewright.rules.condition_text import write_condition
from guidewright.rules.conditions import ALWAYS
from guidewright.rules.diagnostics import Diagnostic
from guidewright.rules.load import check_texts, load_guideline
from guidewright.rules.model import Guideline
from guidewright.rules.stored import from_stored, to_stored

ROOT = Path(__file__).parent.parent
MINIMAL = Path(__file__).parent / "minimal"
FILES = ("guideline.yaml", "facts.yaml", "sources.yaml", "1-workup.yaml")
BASE = {name: (MINIMAL / name).read_text(encoding="utf-8") for name in FILES}
SHIPPED = ("retroperitoneal-leiomyosarcoma", "curb-65")

CLAIMS = """
invariants:
  - id: I1
    says: Below {small} there is no biopsy
    when: {lesion.size: "< {small}"}
    unless: {lesion.new: true}
    never_fires: [R1]
    never_acts: [biopsy]
    never_together: [[R1, R2]]
  - {id: I2, says: Something is said, one_fires: [R1, R2]}
exclusive:
  - {says: Biopsy or not, rules: [R1, R2]}
  - {says: "No {small} lesion is treated twice", rules: [R2], acts: [needle]}
accept:
  - {code: GW414, about: [needle, lesion.size, small, I1, workup, workup/size, R1], because: "Kept for {small}"}
  - {code: GW414, about: [needle], because: Kept}
"""


def read(claims: str, **files: str) -> tuple[Guideline | None, tuple[Diagnostic, ...], dict[str, str]]:
    texts = BASE | {name.replace("__", "-") + ".yaml": text for name, text in files.items()}
    texts["guideline.yaml"] += claims
    loaded = check_texts(texts, [], "minimal")
    return loaded.guideline, loaded.diagnostics, texts


def sound(claims: str) -> Guideline:
    guideline, diagnostics, _ = read(claims)
    assert diagnostics == ()
    assert guideline is not None
    return guideline


def marked(d: Diagnostic, texts: dict[str, str]) -> str:
    return texts[d.place.file].splitlines()[d.place.line - 1][d.place.column - 1 : d.place.end_column - 1]


# What is read


def test_an_invariant_is_read_with_its_conditions_and_every_claim() -> None:
    guideline = sound(CLAIMS)
    first, second = guideline.invariants.values()
    assert list(guideline.invariants) == ["I1", "I2"]
    assert first.says == "Below 10 mm there is no biopsy"
    types = {id: fact.type for id, fact in guideline.facts.items()}
    assert write_condition(first.when, types) == {"lesion.size": "< {small}"}
    assert first.unless is not None
    assert write_condition(first.unless, types) == {"lesion.new": True}
    assert (first.never_fires, first.never_acts) == (("R1",), ("biopsy",))
    assert (first.never_together, first.one_fires) == ((("R1", "R2"),), ())
    assert second == Invariant("I2", "Something is said", ALWAYS, None, one_fires=("R1", "R2"))


def test_groups_and_acceptances_are_read_in_the_order_written() -> None:
    guideline = sound(CLAIMS)
    assert guideline.exclusive == (
        Exclusive("Biopsy or not", ("R1", "R2")),
        Exclusive("No 10 mm lesion is treated twice", ("R2",), ("needle",)),
    )
    about = ("needle", "lesion.size", "small", "I1", "workup", "workup/size", "R1")
    assert guideline.accept == (Acceptance("GW414", about, "Kept for 10 mm"), Acceptance("GW414", ("needle",), "Kept"))


def test_places_are_those_of_the_id_the_group_and_the_code() -> None:
    _, _, texts = read(CLAIMS)
    guideline = sound(CLAIMS)
    lines = texts["guideline.yaml"].splitlines()

    def at(thing: Invariant | Exclusive | Acceptance) -> str:
        assert thing.place is not None
        return lines[thing.place.line - 1][thing.place.column - 1 :]

    assert at(guideline.invariants["I2"]).startswith("I2, says")
    assert at(guideline.exclusive[0]).startswith("{says: Biopsy or not")
    assert at(guideline.accept[1]).startswith("GW414, about: [needle]")


def test_without_the_keys_nothing_is_claimed() -> None:
    guideline = sound("")
    assert (guideline.invariants, guideline.exclusive, guideline.accept) == ({}, (), ())
    assert not any(fact.fixed for fact in guideline.facts.values())


def test_a_parameter_that_only_a_claim_names_is_used() -> None:
    texts = {name: text.replace('">= {small}"', '">= 10 mm"') for name, text in BASE.items()}
    assert [d.code for d in check_texts(texts, [], "minimal").diagnostics] == ["GW913"]
    texts["guideline.yaml"] += CLAIMS
    assert check_texts(texts, [], "minimal").diagnostics == ()


def test_an_action_that_only_a_claim_names_is_still_one_that_no_rule_does() -> None:
    claims = "\ninvariants: [{id: I1, says: Never, never_acts: [surgery]}]\n"
    text = BASE["guideline.yaml"].replace("actions:\n", "actions:\n  surgery: {label: Surgery}\n")
    found = check_texts(BASE | {"guideline.yaml": text + claims}, [], "minimal").diagnostics
    assert [d.code for d in found] == ["GW414"]


def test_a_fixed_fact_is_read_and_kept() -> None:
    facts = BASE["facts.yaml"].replace("label: New lesion", "label: New lesion\n    fixed: true")
    guideline = check_texts(BASE | {"facts.yaml": facts}, [], "minimal").guideline
    assert guideline is not None
    assert [fact.id for fact in guideline.facts.values() if fact.fixed] == ["lesion.new"]
    assert from_stored(to_stored(guideline)) == guideline


def test_claims_are_kept_in_the_cache_as_they_are() -> None:
    guideline = sound(CLAIMS)
    kept = from_stored(to_stored(guideline))
    assert kept == guideline
    assert kept.invariants["I1"].never_together == (("R1", "R2"),)


# Mistakes: once, where they are, with help

INVARIANT = "\ninvariants:\n  - {{id: I1, says: Never, {}}}\n"
GROUP = "\nexclusive:\n  - {{says: Never both, {}}}\n"
ACCEPT = "\naccept:\n  - {{{}}}\n"

SLIPS = [
    # what stands there, code, place, in the message, in the help
    (INVARIANT.format("never_fires: [R11]"), "GW409", "R11", "`never_fires`", "`R1`"),
    (INVARIANT.format("one_fires: [R1, r2]"), "GW409", "r2", "`one_fires`", "`R2`"),
    (INVARIANT.format("never_together: [[R1, RR2]]"), "GW409", "RR2", "`never_together`", "`R2`"),
    (INVARIANT.format("never_acts: [nedle]"), "GW407", "nedle", "no action", "`needle`"),
    (INVARIANT.format("never_together: [R1, R2]"), "GW107", "[R1, R2]", "list of groups", "`[[a, b]]`"),
    (INVARIANT.format("never_together: [[R1, R1]]"), "GW109", "R1", "stands twice", ""),
    (INVARIANT.format("never_together: [[]]"), "GW417", "[]", "fewer than two", "takes two"),
    (INVARIANT.format("never_fires: R1"), "GW107", "R1", "is a list", "`[a, b]`"),
    (INVARIANT.format("never_fires: []"), "GW416", "I1", "claims nothing", "`never_fires`"),
    (INVARIANT.format("never_fired: [R1]"), "GW103", "never_fired", "unknown key", "`never_fires`"),
    (INVARIANT.format("never_fires: [R1], when: {lesion.sise: 3 mm}"), "GW201", "lesion.sise", "", "`lesion.size`"),
    (INVARIANT.format("never_fires: [R1], unless: {lesion.new: yes}"), "GW902", "yes", "", "`true`"),
    (INVARIANT.format("never_fires: [R1], unless: {}"), "GW309", "{}", "always holds", ""),
    ("\ninvariants:\n  - {says: Never, never_fires: [R1]}\n", "GW104", "{", "no `id`", ""),
    ("\ninvariants:\n  - {id: I1, never_fires: [R1]}\n", "GW104", "{", "no `says`", ""),
    ("\ninvariants:\n  - {id: I 1, says: Never, never_fires: [R1]}\n", "GW111", "I 1", "cannot be the id", ""),
    (
        "\ninvariants:\n  I1: {says: Never, never_fires: [R1]}\n",
        "GW107",
        "I1: {says: Never, never_fires: [R1]}",
        "is a list",
        "",
    ),
    (
        INVARIANT.format("never_fires: [R1], says: '{smal}'").replace("says: Never, ", ""),
        "GW912",
        "{smal}",
        "",
        "`small`",
    ),
    (GROUP.format("rules: [R1]"), "GW417", "{", "fewer than two", "takes two"),
    ("\nexclusive:\n  - {says: Never both}\n", "GW417", "{", "fewer than two", "takes two"),
    (GROUP.format("rules: [R1, R3]"), "GW409", "R3", "`rules`", ""),
    (GROUP.format("acts: [needle, surgery]"), "GW407", "surgery", "no action", "actions are defined"),
    (GROUP.format("acts: [needle, biopsy]"), "GW417", "[needle, biopsy]", "`needle` is a part of `biopsy`", ""),
    ("\nexclusive:\n  - {rules: [R1, R2]}\n", "GW104", "{", "no `says`", ""),
    (ACCEPT.format("code: GW4141, about: [R1], because: So"), "GW418", "GW4141", "no diagnostic code", "`GW414`"),
    (ACCEPT.format("code: dead, about: [R1], because: So"), "GW418", "dead", "no diagnostic code", "in the brackets"),
    (ACCEPT.format("code: GW414, about: [R11], because: So"), "GW419", "R11", "nothing is called", "`R1`"),
    (ACCEPT.format("code: GW414, about: [biopsi], because: So"), "GW419", "biopsi", "nothing is called", "`biopsy`"),
    (ACCEPT.format("code: GW414, about: [start], because: So"), "GW419", "start", "", "`workup/start`"),
    (ACCEPT.format("code: GW414, about: R1, because: So"), "GW107", "R1", "is a list", ""),
    (ACCEPT.format("code: GW414, about: [R1]"), "GW104", "{", "no `because`", ""),
    (ACCEPT.format("code: GW414, about: [R1], because: ''"), "GW105", "''", "is a text", ""),
    (ACCEPT.format("code: GW414, because: So"), "GW104", "{", "no `about`", ""),
]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip[0].strip()[:70].replace("\n", " "))
def test_a_slip_is_told_once_where_it_is_with_help(slip: tuple[str, str, str, str, str]) -> None:
    claims, code, place, message, help = slip
    guideline, found, texts = read(claims)
    assert guideline is None
    assert [d.code for d in found] == [code]
    where = marked(found[0], texts)
    assert where.startswith("{") if place == "{" else where == place
    assert message in found[0].message
    assert help in (found[0].help or "")


def test_one_id_stands_once_among_invariants_rules_and_arguments() -> None:
    twice = "\ninvariants:\n  - {id: I1, says: A, one_fires: [R1]}\n  - {id: I1, says: B, one_fires: [R2]}\n"
    _, found, _ = read(twice)
    assert [(d.code, d.place.line - d.related[0][1].line) for d in found] == [("GW413", 1)]
    _, found, _ = read("\ninvariants: [{id: R1, says: A, one_fires: [R2]}]\n")
    assert [d.code for d in found] == ["GW413"]


def test_the_same_finding_is_accepted_once() -> None:
    one = "{code: GW414, about: [R1, R2], because: So}"
    other = "{code: GW414, about: [R2, R1], because: Or so}"
    _, found, texts = read(f"\naccept:\n  - {one}\n  - {other}\n")
    assert [(d.code, marked(d, texts)) for d in found] == [("GW109", "GW414")]
    assert found[0].related[0][1].line == found[0].place.line - 1


def test_a_row_is_no_rule_but_may_be_what_a_finding_is_about() -> None:
    fact = """
  lesion.large:
    label: Large
    type: boolean
    table: [{id: T1, when: {lesion.size: "> 50 mm"}, value: true, because: [trial.S1]}]
"""
    facts = BASE["facts.yaml"] + fact
    _, found, texts = read(INVARIANT.format("never_fires: [T1]"), facts=facts)
    assert [(d.code, marked(d, texts)) for d in found] == [("GW409", "T1")]
    assert "is a row and no rule" in found[0].message
    guideline, found, _ = read(ACCEPT.format("code: GW414, about: [T1], because: So"), facts=facts)
    assert (guideline is not None, found) == (True, ())


def test_what_a_claim_names_is_not_told_again_where_it_could_not_be_read() -> None:
    """A rule, an action or a fact with a fault is there all the same, and a finding may be about any of them."""
    for file, old, new, codes in [
        ("1-workup.yaml", "when: {lesion.new: false}", "when: {lesion.old: false}", ["GW201"]),
        ("1-workup.yaml", "- id: R2", "- name: R2", ["GW103", "GW104"]),
        ("guideline.yaml", "actions:", "action:", ["GW103"]),
        ("facts.yaml", "type: boolean", "type: bool", ["GW110"]),
    ]:
        assert BASE[file].count(old) == 1
        texts = BASE | {file: BASE[file].replace(old, new)}
        texts["guideline.yaml"] += CLAIMS
        found = check_texts(texts, [], "minimal").diagnostics
        assert [d.code for d in found] == codes, (file, new)


# The guidelines that ship


def shipped(name: str) -> Guideline:
    guideline = load_guideline(ROOT / "guidelines" / name).guideline
    assert guideline is not None
    return guideline


def test_the_leiomyosarcoma_guideline_states_what_it_must_hold() -> None:
    invariants = shipped("retroperitoneal-leiomyosarcoma").invariants
    assert {f"I-{n:02}" for n in range(1, 14)} <= set(invariants)
    acts = {id: set(invariant.never_acts) for id, invariant in invariants.items()}
    assert acts["I-03"] >= {"ct", "pet", "gadolinium", "cancer_treatment"}
    assert acts["I-06"] >= {"cancer_treatment", "liver_needle", "routine_imaging"}
    pairs = {frozenset((a, b)) for group in invariants["I-11"].never_together for a in group for b in group if a != b}
    wanted = [
        ("C-01", "C-16"),
        ("C-02", "C-16"),
        ("B-13", "B-15"),
        ("B-13", "B-17"),
        ("B-15", "B-17"),
        ("B-05", "B-13"),
    ]
    assert {frozenset(pair) for pair in wanted} <= pairs
    for id in ("I-01", "I-02"):  # "never, unless it is known": for every patient
        assert invariants[id].when == ALWAYS
        assert invariants[id].unless is not None


@pytest.mark.parametrize("name", SHIPPED)
def test_age_is_fixed_and_what_a_team_can_change_is_not(name: str) -> None:
    fixed = {fact.id for fact in shipped(name).facts.values() if fact.fixed}
    assert "patient.age" in fixed
    assert not fixed & {"patient.ecog", "patient.goal_of_care", "biopsy.done", "patient.saturation", "care.setting"}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_number_that_may_be_adapted_is_not_repeated_in_an_invariant(name: str) -> None:
    """Where a parameter says it, a changed parameter changes the promise too."""
    guideline = shipped(name)
    path = ROOT / "guidelines" / name / "guideline.yaml"
    claims = yaml.safe_load(path.read_text(encoding="utf-8"))["invariants"]
    written = " ".join(str(claim.get(key, "")) for claim in claims for key in ("when", "unless"))
    named = {parameter.written for parameter in guideline.parameters.values() if " " in parameter.written}
    assert [value for value in named if re.search(rf"(?<![0-9]){re.escape(value)}'", written)] == []
