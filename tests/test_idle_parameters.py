"""Parameters without effect: told where no value makes a difference, and only there."""

from pathlib import Path

import pytest
from planting import DAY, MINIMAL, decide_nothing, found_in, planted

from guidewright.engine.cases.mutating import judged, suite_of
from guidewright.engine.cases.mutations import mutations_of
from guidewright.engine.plan import plan_of
from guidewright.rules.load import load_guideline

WORKUP, GUIDELINE, FACTS = "1-workup.yaml", "guideline.yaml", "facts.yaml"
PARAMETERS = """parameters:
  large: {value: 30 mm, label: Large, expert: true}
  few: {value: 3, label: Few, expert: true}
  shape: {value: rim, label: Shape, expert: true}
"""
TABLE = """facts:
  lesion.risk:
    label: Risk
    type: choice
    values: {low: Low, high: High}
    table:
      - {when: {lesion.size: "< {large}"}, value: low, expert: true}
      - {otherwise: true, value: LAST}
"""


def idle(tmp_path: Path, when: str, *more: tuple[str, str, str]) -> set[str]:
    """The parameters of which it is told, where a rule has this condition."""
    rule = f"  - id: R3\n    flag: Look\n    when: {when}\n    expert: true\n"
    changes = [
        (WORKUP, "\npathway:\n", f"{rule}\npathway:\n"),
        (WORKUP, "beside: [R2]", "beside: [R2, R3]"),
        (GUIDELINE, "parameters:\n", PARAMETERS),
    ]
    found = found_in(planted(tmp_path, MINIMAL, *changes, *more)).found
    return {finding.about[0] for finding in found if finding.code == "GW436"}


# A record that names one size, and two tests of it.
KNOWN = '{lesion.size: known, any: [{lesion.size: "%s"}, {lesion.size: "(10 mm..40 mm)"}]}'

IDLE = {
    "up to the next limit and down to the one before": (KNOWN % "> {large}", {"large"}),
    "so from below": (KNOWN % "< {large}", {"large"}),
    "so at the end of a run": (KNOWN % "({large}..40 mm]", {"large"}),
    "another limit says it already": ('{any: [{lesion.size: ">= 5 mm"}, {lesion.size: "> {large}"}]}', {"large"}),
    "below too": ('{all: [{lesion.size: "<= {large}"}, {lesion.size: "< 20 mm"}]}', {"large"}),
    "a run inside another": ('{any: [{lesion.size: ">= 5 mm"}, {lesion.size: "(10 mm..{large}]"}]}', {"large"}),
    "nobody can be such": ('{lesion.size: "> {large}", lesion.new: known, all: [{lesion.new: unknown}]}', {"large"}),
    "a whole number": ('{any: [{lesion.count: "> 2"}, {lesion.count: "> {few}"}]}', {"few"}),
    "each value of a choice is enough": (
        '{any: [{lesion.pattern: [rim, nodular]}, {lesion.pattern: "{shape}"}]}',
        {"shape"},
    ),
}


@pytest.mark.parametrize("case", IDLE.values(), ids=IDLE)
def test_a_parameter_that_decides_nothing_is_found(case: tuple[str, set[str]], tmp_path: Path) -> None:
    when, parameters = case
    assert idle(tmp_path, when) == parameters


DECIDING = {
    "from above": '{lesion.size: "> {large}"}',
    "from above, itself": '{lesion.size: ">= {large}"}',
    "from below": '{lesion.size: "< {large}"}',
    "from below, itself": '{lesion.size: "<= {large}"}',
    "the end of a run": '{lesion.size: "[20 mm..{large})"}',
    "the beginning of a run": '{lesion.size: "({large}..40 mm]"}',
    "both ends": '{lesion.size: "[{small}..{large}]"}',
    "only a larger value would change it": '{all: [{lesion.size: "> {large}"}, {lesion.size: "> 30 mm"}]}',
    "only a smaller value would change it": '{any: [{lesion.size: "> {large}"}, {lesion.size: "> 30 mm"}]}',
    "beside the next number": '{any: [{lesion.count: "> 3"}, {lesion.count: ">= {few}"}]}',
    "only a smaller number would change it": '{any: [{lesion.count: ">= {few}"}, {lesion.count: "> 2"}]}',
    "a value of a choice": '{lesion.pattern: "{shape}"}',
    "one of several": '{lesion.pattern: ["{shape}"], lesion.size: "> {large}", lesion.count: "> {few}"}',
}


@pytest.mark.parametrize("when", DECIDING.values(), ids=DECIDING)
def test_a_parameter_that_decides_something_is_not_told(when: str, tmp_path: Path) -> None:
    assert idle(tmp_path, when) == set()


def test_what_a_number_has_to_equal_is_not_looked_at(tmp_path: Path) -> None:
    """Another value would be one that no test names, so it is not known what it does."""
    for number, test in enumerate(("{few}", "!= {few}")):
        (tmp_path / str(number)).mkdir()
        when = f'{{any: [{{lesion.count: 3}}, {{lesion.count: "{test}"}}, {{lesion.count: ">= 1"}}]}}'
        assert idle(tmp_path / str(number), when) == set()


@pytest.mark.parametrize(("last", "parameters"), [("low", {"large"}), ("high", set())])
def test_a_derived_fact_is_an_answer_of_its_own(last: str, parameters: set[str], tmp_path: Path) -> None:
    table = (FACTS, "facts:\n", TABLE.replace("LAST", last))
    assert idle(tmp_path, "{lesion.new: true}", table) == parameters


def test_nobody_else_counts_than_those_for_whom_it_is_meant(tmp_path: Path) -> None:
    applies = (GUIDELINE, "stages: [workup]\n", "stages: [workup]\napplies: {lesion.new: unknown}\n")
    only_if = TABLE.replace("LAST", "high").replace("    table:", "    only_if: {lesion.new: known}\n    table:")
    assert idle(tmp_path, "{lesion.new: true}", applies, (FACTS, "facts:\n", only_if)) == {"large"}


def test_who_it_is_surely_meant_for_is_an_answer(tmp_path: Path) -> None:
    """Of a lesion of 35 mm or of 45 mm it is sure, and with a larger value it is not."""
    applies = (
        GUIDELINE,
        "stages: [workup]\n",
        'stages: [workup]\napplies: {any: [{lesion.size: ">= {large}"}, {lesion.size: "< 40 mm"}]}\n',
    )
    assert idle(tmp_path, "{lesion.new: true}", applies) == set()


TELLING = {
    "a text": (WORKUP, "do: Take a biopsy", 'do: "Take a biopsy from {large} on"'),
    "a box": (WORKUP, "title: Biopsy", 'title: "Biopsy from {large} on"'),
    "a row": (
        FACTS,
        "facts:\n",
        TABLE.replace("type: choice", "type: quantity\n    unit: mm")
        .replace("    values: {low: Low, high: High}\n", "    range: [1, 400]\n")
        .replace('"< {large}"', "known")
        .replace("low,", '"{large}",')
        .replace("LAST", "1 mm"),
    ),
}


@pytest.mark.parametrize("telling", TELLING.values(), ids=TELLING)
def test_a_parameter_that_is_told_is_left_alone(telling: tuple[str, str, str], tmp_path: Path) -> None:
    assert idle(tmp_path, KNOWN % "> {large}", telling) == set()


def test_to_move_what_is_told_is_never_harmless(tmp_path: Path) -> None:
    """No condition is otherwise by it, but the text would be, which a mutation leaves as it is."""
    when = '{lesion.size: ">= {small}", all: [{lesion.size: ">= {large}"}]}'
    for name, text, verdict in (("plain", "Take a biopsy", "harmless"), ("told", "Take {small}", "undecided")):
        (tmp_path / name).mkdir()
        folder = planted(
            tmp_path / name,
            MINIMAL,
            (WORKUP, '    when: {lesion.size: ">= {small}"}\n', f"    when: {when}\n"),
            (WORKUP, '{lesion.size: ">= {small}"}, go: biopsy}', '{lesion.size: ">= {large}"}, go: biopsy}'),
            (WORKUP, "do: Take a biopsy", f'do: "{text}"'),
            (GUIDELINE, "parameters:\n", PARAMETERS),
        )
        guideline = load_guideline(folder).guideline
        assert guideline is not None
        suite = suite_of(plan_of(guideline), (), DAY)
        moved = [one for one in mutations_of(guideline) if one.kind == "parameter" and one.about == ("small",)]
        assert moved
        assert {judged(one, suite).verdict for one in moved} == {verdict}


def test_what_is_not_decided_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decide_nothing(monkeypatch)
    found = found_in(MINIMAL).found
    assert [(f.about, f.severity, f.witness) for f in found if f.of == "GW436"] == [(("small",), "note", None)]
