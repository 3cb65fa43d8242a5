"""Chains of overriding: told with a patient for whom a rule comes back, and not where that is as it should be."""

from pathlib import Path

import pytest
from planting import MINIMAL, decide_nothing, found_in, planted, warnings

WORKUP, GUIDELINE = "1-workup.yaml", "guideline.yaml"
# R3 replaces R1 from 10 to 30 mm; R4 replaces R3 below 20 mm, and R1 comes back from 10 to 20 mm.
R3 = {"do": "Image it again", "when": '{lesion.size: "< 30 mm"}', "overrides": "[R1]"}
R4 = {"do": "Wait", "when": '{lesion.size: "< 20 mm"}', "overrides": "[R3]"}


def chain(tmp_path: Path, r3: dict[str, str], r4: dict[str, str], *more: tuple[str, str, str]) -> Path:
    """The minimal guideline with two more rules; what is empty is left out."""
    rules = ""
    for id, rule in (("R3", r3), ("R4", r4)):
        fields = [f"    {name}: {said}\n" for name, said in rule.items() if said]
        rules += f"  - id: {id}\n{''.join(fields)}    expert: true\n"
    changes = [(WORKUP, "\npathway:\n", f"{rules}\npathway:\n"), (WORKUP, "[R2]", "[R2, R3, R4]")]
    return planted(tmp_path, MINIMAL, *changes, *more)


def chains(folder: Path) -> list[tuple[str, ...]]:
    return [f.about for f in found_in(folder).found if "GW434" in (f.code, f.of)]


def test_a_rule_that_comes_back_is_found_with_its_patient(tmp_path: Path) -> None:
    found = warnings(found_in(chain(tmp_path, R3, R4)))["GW434", frozenset({"R1", "R3", "R4"})]
    assert found.message == "`R4` replaces `R3`, so `R1` comes back, which `R3` replaces"
    assert found.about == ("R4", "R3", "R1")
    assert len(found.places) == 3
    assert found.witness is not None
    assert [found.witness.outcome.rules[id] for id in found.about] == ["fired", "overridden", "fired"]


def test_a_prohibition_that_is_lost_is_found(tmp_path: Path) -> None:
    r3 = R3 | {"do": "", "avoid": "Do not sample it", "overrides": "", "stops": "[biopsy]"}
    assert chains(chain(tmp_path, r3, R4)) == [("R4", "R3", "R1")]


def test_what_comes_back_because_something_better_is_forbidden_is_found(tmp_path: Path) -> None:
    r3, r4 = R3 | {"acts": "[scan]"}, R4 | {"overrides": "", "stops": "[scan]"}
    action = (GUIDELINE, "actions:\n", "actions:\n  scan: {label: A scan}\n")
    assert chains(chain(tmp_path, r3, r4, action)) == [("R4", "R3", "R1")]


HARMLESS = {
    "it is replaced too": (R3, R4 | {"overrides": "[R3, R1]"}),
    "it is stopped too": (R3, R4 | {"stops": "[biopsy]"}),
    "the first never meets the third": (R3, R4 | {"when": '{lesion.size: "< 10 mm"}'}),
    "the second never meets the first": (R3 | {"when": '{lesion.size: ">= 20 mm"}'}, R4),
    "the second is only open": (R3 | {"when": "{lesion.new: true}"}, R4 | {"when": "{lesion.new: unknown}"}),
}


@pytest.mark.parametrize("rules", HARMLESS.values(), ids=HARMLESS)
def test_nothing_is_told_where_nothing_comes_back(rules: tuple[dict[str, str], dict[str, str]], tmp_path: Path) -> None:
    assert chains(chain(tmp_path, *rules)) == []


def test_what_only_informs_may_come_back(tmp_path: Path) -> None:
    inform = [
        (WORKUP, "    do: Take a biopsy\n", "    inform: It can be sampled\n"),
        (WORKUP, "    acts: [needle]\n", ""),
    ]
    assert chains(chain(tmp_path, R3, R4, *inform)) == []


@pytest.mark.parametrize("excluding", ["R3, R4", "R4, R1"])
def test_rules_that_exclude_each_other_are_not_told(excluding: str, tmp_path: Path) -> None:
    """The first says that the second is wrong; or the first and the third are told of as what excludes each other."""
    group = f"stages: [workup]\nexclusive:\n  - {{says: One of them, rules: [{excluding}]}}\n"
    assert chains(chain(tmp_path, R3, R4, (GUIDELINE, "stages: [workup]\n", group))) == []


def test_what_is_not_decided_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decide_nothing(monkeypatch)
    found = found_in(chain(tmp_path, R3, R4)).found
    assert [(f.about, f.severity) for f in found if f.of == "GW434"] == [(("R4", "R3", "R1"), "note")]
