"""Prohibitions in words alone: told with a patient for whom both rules fire, and not where the words say otherwise."""

from pathlib import Path

import pytest
from planting import CURB, MINIMAL, PLACE, decide_nothing, found_in, planted, warnings

WORKUP = "1-workup.yaml"
R2 = "    avoid: Do not take a biopsy yet\n    when: {lesion.new: false}\n    stops: [biopsy]\n"
P1_STOPS = "    stops: [home_treatment]\n    strength: strong\n    certainty: low\n    because: [bts-2009.OXIMETRY-92]"
P3_STOPS = "    stops: [oxygen_usual_target]\n"


def pairs(folder: Path) -> set[frozenset[str]]:
    return {frozenset(f.about) for f in found_in(folder).found if "GW433" in (f.code, f.of)}


def avoiding(tmp_path: Path, text: str, *more: str, when: str = "{lesion.new: false}") -> Path:
    """The minimal guideline with another prohibition in place of its own."""
    lines = [f'avoid: "{text}"', f"when: {when}", *more]
    return planted(tmp_path, MINIMAL, (WORKUP, R2, "".join(f"    {line}\n" for line in lines)))


@pytest.mark.parametrize(("stops", "others"), [(P1_STOPS, {"P4", "P7", "P9"}), (P3_STOPS, {"P2"})], ids=["P1", "P3"])
def test_a_forgotten_stop_is_found(stops: str, others: set[str], tmp_path: Path) -> None:
    folder = planted(tmp_path, CURB, (PLACE, stops, stops.partition("\n")[2]))
    rule = "P1" if stops is P1_STOPS else "P3"
    found = {about: one for (code, about), one in warnings(found_in(folder)).items() if code == "GW433"}
    assert set(found) == {frozenset((rule, other)) for other in others}
    for finding in found.values():
        assert finding.about[0] == rule
        assert finding.witness is not None
        assert {finding.witness.outcome.rules[id] for id in finding.about} == {"fired"}


NAMED = [
    "Do not take a biopsy",
    "No biopsies yet",
    "Biopsy",
    "Do not puncture; avoid any biopsy",
    "Do not take a fine needle to it",
    "After the scan, do not biopsy the lesion",
]
NOT_NAMED = [
    "Do not operate before a biopsy",
    "Do not operate: take a biopsy",
    "Take a biopsy; do not operate",
    "Do not treat the liver",
    "Do not operate",
]


@pytest.mark.parametrize("text", NAMED)
def test_the_words_name_the_action_or_the_whole_of_it(text: str, tmp_path: Path) -> None:
    assert pairs(avoiding(tmp_path, text)) == {frozenset({"R1", "R2"})}


@pytest.mark.parametrize("text", NOT_NAMED)
def test_the_words_are_about_something_else(text: str, tmp_path: Path) -> None:
    assert pairs(avoiding(tmp_path, text)) == set()


def test_what_the_short_text_names_counts_too(tmp_path: Path) -> None:
    assert pairs(avoiding(tmp_path, "Do not puncture", "short: take a biopsy")) == {frozenset({"R1", "R2"})}
    (tmp_path / "other").mkdir()
    assert pairs(avoiding(tmp_path / "other", "Do not puncture", "short: operate before a biopsy")) == set()


def test_one_word_of_a_long_label_may_be_missing(tmp_path: Path) -> None:
    label = ("guideline.yaml", "label: Fine-needle biopsy", "label: Percutaneous puncture of a lesion")
    text = (WORKUP, R2, R2.replace("take a biopsy yet", "puncture the lesion").replace("    stops: [biopsy]\n", ""))
    assert pairs(planted(tmp_path, MINIMAL, label, text)) == {frozenset({"R1", "R2"})}


@pytest.mark.parametrize("how", ["stops: [biopsy]", "stops: [needle]", "overrides: [R1]"])
def test_what_is_forbidden_is_not_told(how: str, tmp_path: Path) -> None:
    assert pairs(avoiding(tmp_path, "Do not take a biopsy", how)) == set()


def test_an_exception_that_is_made_is_not_told(tmp_path: Path) -> None:
    acts = (WORKUP, "    acts: [needle]\n", "    acts: [needle]\n    despite: [R2]\n")
    assert pairs(planted(tmp_path, MINIMAL, acts)) == set()


def test_rules_that_never_fire_together_are_not_told(tmp_path: Path) -> None:
    assert pairs(avoiding(tmp_path, "Do not take a biopsy", when='{lesion.size: "< {small}"}')) == set()


def test_rules_that_exclude_each_other_are_told_of_once(tmp_path: Path) -> None:
    folder = avoiding(tmp_path, "Do not take a biopsy")
    with open(folder / "guideline.yaml", "a", encoding="utf-8") as file:
        file.write("exclusive:\n  - {says: A biopsy or none, rules: [R1, R2]}\n")
    assert {code for code, about in warnings(found_in(folder)) if about == {"R1", "R2"}} == {"GW421"}


def test_what_is_not_decided_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decide_nothing(monkeypatch)
    found = found_in(avoiding(tmp_path, "Do not take a biopsy")).found
    assert [f.message for f in found if f.of == "GW433"] == [
        "it could not be decided whether `R2` and `R1` fire for one patient, of which the one seems to avoid what the "
        "other does"
    ]
