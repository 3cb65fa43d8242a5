"""The same pages with a patient's way: nothing moves, and what is marked is what the assessment says."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from drawings import (
    APPLYING,
    CURB,
    EVERYBODY,
    LEIOMYOSARCOMA,
    NOT_APPLYING,
    SEEDS,
    assessed,
    assessment_of,
    drawn,
    drawn_for,
    random_guideline,
    random_patient,
    shipped,
)
from hypothesis import given
from measured import arrows, boxes, number_of, outline, texts_of
from measured_model import Row, booklet_faults, rows_of
from strategies import loaded, tried

from guidewright.engine.assessment import Assessment
from guidewright.rules.model import Answer, Guideline, Stage, Step
from guidewright.visualize import pages
from guidewright.visualize.booklet import Page
from guidewright.visualize.outline import outline as outline_of
from guidewright.visualize.palette import SHAPES
from guidewright.visualize.picture import Group, Line, Picture, Rectangle, Text, every_group
from guidewright.visualize.picture import every_shape as leaves

MARKED = ("passed", "stopped", "assumed", "fired", "open", "leading", "net", "tick", "cross", "path")


# --- nothing moves


def bones(picture: Picture) -> dict[str, Any]:
    """Where everything of a page is that does not depend on a patient."""
    found: dict[str, Any] = {"": (picture.width, picture.height)}
    for group in every_group(picture.shapes):
        area = (group.area.x, group.area.y, group.area.width, group.area.height)
        found[group.id] = (group.kind, area, group.link)
        if group.kind == "arrow":
            found[f"{group.id} line"] = [shape.points for shape in leaves(group.shapes) if isinstance(shape, Line)]
        if group.kind in ("box", "onward"):
            found[f"{group.id} outline"] = [
                getattr(shape, "points", getattr(shape, "area", None)) for shape in outline(group)
            ]
            found[f"{group.id} rows"] = [
                (row.id, [(text.x, text.y, text.text) for text in row.texts]) for row in rows_of(group)
            ]
        if group.kind == "label":
            found[f"{group.id} lines"] = [(text.x, text.y, text.text) for text in texts_of(group.shapes)]
    return found


def flat(value: Any) -> Any:
    """Areas, which have no repr and no equality of their own to look at, as numbers."""
    if isinstance(value, dict):
        return {key: flat(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [flat(inner) for inner in value]
    return [value.x, value.y, value.width, value.height] if hasattr(value, "bottom") else value


@pytest.mark.parametrize(("name", "case"), EVERYBODY)
def test_nothing_moves_for_a_patient(name: str, case: str) -> None:
    blank, marked = drawn(name), drawn_for(name, case)
    assert [page.name for page in marked] == [page.name for page in blank]
    for before, after in zip(blank, marked, strict=True):
        assert flat(bones(after.picture)) == flat(bones(before.picture)), before.name


@pytest.mark.parametrize(("name", "case"), EVERYBODY)
def test_nothing_on_a_patients_page_is_out_of_place(name: str, case: str) -> None:
    assert booklet_faults(drawn_for(name, case), shipped(name)) == []


@tried(10)
@given(SEEDS)
def test_random_pages_are_the_same_for_a_patient(seed: int) -> None:
    guideline = random_guideline(seed, 14)
    assessment = random_patient(seed, guideline)
    blank, marked = pages(guideline), pages(guideline, assessment)
    for before, after in zip(blank, marked, strict=True):
        assert flat(bones(after.picture)) == flat(bones(before.picture))
    assert booklet_faults(marked, guideline) == []
    assert way_faults(marked, guideline, assessment) == []
    assert row_faults(marked, guideline, assessment) == []


# --- the way


def way_faults(found: tuple[Page, ...], guideline: Guideline, assessment: Assessment) -> list[str]:
    """Boxes and arrows that are marked otherwise than the ways of the assessment go."""
    faults: list[str] = []
    for stage in guideline.stages:
        sheets = [page.picture for page in found if page.stage == stage.id]
        boxed, ways = _expected_way(stage, assessment)
        for box in (box for picture in sheets for box in boxes(picture)):
            look = _look(box)
            expected = boxed.get(number_of(box), "faded")
            if look not in (expected, "passed" if expected == "stopped" and "decision" not in box.label else expected):
                faults.append(f"{box.id} is {look}, not {expected}")
        for arrow in (arrow for picture in sheets for arrow in arrows(picture)):
            tail, head = (int(part) for part in arrow.group.id.split("-")[1:])
            expected = ways.get((tail, head), "faded")
            if arrow.line.role != f"arrow-{expected}":
                faults.append(f"{arrow.group.id} is {arrow.line.role}, not {expected}")
    return faults


def _expected_way(stage: Stage, assessment: Assessment) -> tuple[dict[int, str], dict[tuple[int, int], str]]:
    """What the assessment says of the boxes and arrows of a stage. Those that it does not name are not reached."""
    path = assessment.paths.get(stage.id)
    if path is None or assessment.applies is False:
        return {}, {}
    by_id = {step.id: step for step in stage.steps}
    boxed = {step.box: "stopped" if path.stopped_at == step.step else "passed" for step in path.steps}
    ways: dict[tuple[int, int], str] = {}
    for taken, following in pairwise(path.steps):
        ways[taken.box, following.box] = "assumed" if taken.assuming else "passed"
        assert following.step in _leads_to(by_id[taken.step], taken.answer)
    return boxed, ways


def _leads_to(step: Step, taken: str | None) -> list[str]:
    def is_taken(answer: Answer) -> bool:
        return answer.text == taken

    return [step.go] if step.go is not None else [answer.go for answer in filter(is_taken, step.answers)]


def _look(box: Group) -> str:
    roles = {shape.role.rpartition("-")[2] for shape in outline(box)}
    return "stopped" if "stopped" in roles else roles.pop() if len(roles) == 1 else str(roles)


@pytest.mark.parametrize(("name", "case"), EVERYBODY)
def test_the_way_is_that_of_the_assessment(name: str, case: str) -> None:
    guideline, assessment = shipped(name), assessed(name, case)
    assert way_faults(drawn_for(name, case), guideline, assessment) == []


def test_the_shipped_cases_have_every_kind_of_way() -> None:
    """Else the tests above would hold of nothing."""
    roles = {shape.role for who in APPLYING for page in drawn_for(*who) for shape in leaves(page.picture.shapes)}
    assert {"arrow-passed", "arrow-assumed", "arrow-faded", "decision-stopped", "row-fired", "row-open"} <= roles
    assert {"end-passed", "link-passed", "tick", "cross", "stop-mark", "stop-mark-faded", "sign", "sign-faded"} <= roles
    struck = {text.struck for who in APPLYING for page in drawn_for(*who) for text in texts_of(page.picture.shapes)}
    assert struck == {False, True}


@pytest.mark.parametrize(("name", "case"), APPLYING)
def test_the_box_where_the_way_stops_says_what_it_needs(name: str, case: str) -> None:
    guideline, assessment = shipped(name), assessed(name, case)
    for stage in guideline.stages:
        path = assessment.paths.get(stage.id)
        if path is None or path.stopped_at is None:
            continue
        (box,) = [
            group
            for page in drawn_for(name, case)
            for group in boxes(page.picture)
            if group.id == f"box-{next(step.box for step in path.steps if step.step == path.stopped_at)}"
        ]
        (dashed,) = [shape for shape in outline(box) if shape.role == "decision-stopped"]
        assert SHAPES[dashed.role].dash
        says = [text.text for text in texts_of(box.shapes) if text.text.startswith("NEEDS: ") and text.role == "path"]
        assert len(says) == 1
        first = guideline.facts[path.needs[0]].label
        begin = says[0].removeprefix("NEEDS: ").partition("…")[0].partition("; ")[0].partition(" +")[0]
        assert begin
        assert first.startswith(begin.rstrip())


# --- the rules

TWO_WAYS: dict[str, Any] = {
    "guideline.yaml": {
        "id": "two",
        "title": "Two ways",
        "version": "1.0.0",
        "status": "test",
        "language": "en",
        "stages": ["s"],
    },
    "facts.yaml": {"facts": {name: {"label": name.upper(), "type": "boolean"} for name in ("a", "b")}},
    "1-s.yaml": {
        "stage": "s",
        "title": "S",
        "rules": [{"id": "R", "do": "x", "when": {"b": True}, "expert": True}],
        "pathway": {
            "start": {
                "decide": "Which?",
                "answers": [
                    {"answer": "This", "when": {"a": True}, "go": "one"},
                    {"answer": "That", "when": {"b": True}, "go": "two"},
                ],
            },
            "one": {"title": "One", "rules": ["R"], "go": "end"},
            "two": {"end": "Two"},
            "end": {"end": "One"},
        },
    },
}


def test_where_several_answers_hold_the_way_stops_and_says_so() -> None:
    guideline = loaded(TWO_WAYS)
    found = pages(guideline, assessment_of(guideline, {"a": True, "b": True}))[1].picture
    first = boxes(found)[0]
    assert "decision-stopped" in {shape.role for shape in outline(first)}
    assert "several answers hold" in " ".join(text.text for text in texts_of(first.shapes))
    assert {arrow.line.role for arrow in arrows(found)} == {"arrow-faded"}


def row_faults(found: tuple[Page, ...], guideline: Guideline, assessment: Assessment) -> list[str]:
    """Rules whose marks do not say what became of them, or what they are."""
    faults: list[str] = []
    for stage in guideline.stages:
        groups = {g.id: g for page in found if page.stage == stage.id for g in every_group(page.picture.shapes)}
        places = {f"box-{step.box}": step.rules for step in stage.steps}
        places |= {f"beside-{stage.id}": stage.beside} if stage.beside else {}
        for place, ids in places.items():
            for row, id in zip(rows_of(groups[place]) if ids else [], ids, strict=True):
                rule, status = guideline.rules[id], assessment.rules[id].status
                status = "unmarked" if assessment.applies is False else status
                expected = {
                    "fired": status == "fired",
                    "open": status == "open",
                    "struck": status == "overridden",
                    "forbids": rule.kind == "avoid",
                    "awaits a signature": rule.signoff,
                    "graded": rule.evidence.strength is not None or rule.evidence.certainty is not None,
                    "faded": status not in ("fired", "open"),
                }
                shown = seen(row)
                faults += [
                    f"{id} ({status}): {what} is {shown[what]}" for what in expected if shown[what] != expected[what]
                ]
    return faults


def seen(row: Row) -> dict[str, bool]:
    """What the marks of a row say."""
    words = " ".join(text.text for text in row.texts)
    return {
        "fired": row.has("row-fired"),
        "open": row.has("row-open"),
        "struck": any(text.struck for text in row.texts),
        "forbids": row.has("stop-mark", "stop-mark-faded") and words.startswith("DO NOT"),
        "awaits a signature": row.has("sign", "sign-faded"),
        "graded": any(mark.role.startswith("badge") for mark in row.marks),
        "faded": all(text.role == "faded" for text in row.texts),
    }


@pytest.mark.parametrize(("name", "case"), EVERYBODY)
def test_every_rule_bears_its_marks(name: str, case: str) -> None:
    assert row_faults(drawn_for(name, case), shipped(name), assessed(name, case)) == []


def test_what_fired_has_a_tick_and_what_is_open_a_question_mark() -> None:
    """Colour alone would say nothing on a grey print."""
    rows = [
        row
        for page in drawn_for(*APPLYING[0])
        for group in every_group(page.picture.shapes)
        if group.kind in ("box", "panel") and not group.id.startswith("candidate")
        for row in rows_of(group)
    ]
    assert any(row.has("row-fired") for row in rows)
    for row in rows:
        if not row.has("stop-mark", "stop-mark-faded"):
            assert row.has("tick") == row.has("row-fired")
            assert row.asked == row.has("row-open")


@pytest.mark.parametrize("name", [LEIOMYOSARCOMA, CURB])
def test_without_a_patient_nothing_is_marked(name: str) -> None:
    for page in drawn(name):
        for shape in leaves(page.picture.shapes):
            if not in_legend(page.picture, shape):
                assert not any(word in shape.role.split("-") for word in (*MARKED, "faded")), shape.role


@pytest.mark.parametrize(("name", "case"), NOT_APPLYING)
def test_where_the_guideline_does_not_apply_nothing_is_marked_and_the_header_says_so(name: str, case: str) -> None:
    assert assessed(name, case).applies is False
    for page in drawn_for(name, case):
        (title,) = [group for group in every_group(page.picture.shapes) if group.kind == "title"]
        assert any("DOES NOT APPLY" in text.text for text in texts_of(title.shapes)), page.name
        for shape in leaves(page.picture.shapes):
            if not in_legend(page.picture, shape):
                assert not any(word in shape.role.split("-") for word in MARKED), (page.name, shape.role)


def in_legend(picture: Picture, shape: object) -> bool:
    legends = [group for group in every_group(picture.shapes) if group.kind == "legend"]
    return any(shape is part for legend in legends for part in leaves(legend.shapes))


@pytest.mark.parametrize(("name", "case"), APPLYING)
def test_every_page_names_the_patient_and_the_day(name: str, case: str) -> None:
    assessment = assessed(name, case)
    for page in drawn_for(name, case):
        says = " ".join(text.text for text in texts_of(page.picture.shapes))
        assert str(assessment.patient) in says
        assert says.count(assessment.as_of.isoformat()) == 2


def test_where_it_is_not_known_whether_the_guideline_applies_the_header_says_so() -> None:
    assert assessed(CURB, "age-not-known").applies is None
    for page in drawn_for(CURB, "age-not-known"):
        assert any(
            "it is not known whether this guideline applies" in text.text for text in texts_of(page.picture.shapes)
        )


# --- the same as elsewhere


@pytest.mark.parametrize(("name", "case"), APPLYING)
def test_the_numbers_are_those_of_the_outline_and_the_assessment(name: str, case: str) -> None:
    guideline, assessment = shipped(name), assessed(name, case)
    told = outline_of(guideline, assessment)
    taken = {step.box: step.text for path in assessment.paths.values() for step in path.steps}
    for stage in told.stages:
        pictured = {
            number_of(box): box
            for page in drawn_for(name, case)
            if page.stage == stage.id
            for box in boxes(page.picture)
        }
        assert sorted(pictured) == [box.number for box in stage.boxes]
        for box in stage.boxes:
            shown = pictured[box.number]
            assert shown.label.startswith(f"Box {box.number}, {box.kind}: ")
            assert [text.text for text in texts_of(shown.shapes)].count(str(box.number)) == 1
            assert box.mark is not None
            assert (_look(shown) == "faded") == (box.mark.passing == "beyond")
            assert (box.number in taken) == (box.mark.passing != "beyond")
            assert [row.id for row in rows_of(shown)] == [rule.id for rule in box.rules]
            for row, rule in zip(rows_of(shown), box.rules, strict=True):
                cited = "".join(text.text for text in row.texts)
                numbers = sorted({*rule.support.references, *rule.support.objections})
                assert f"[{','.join(map(str, numbers))}]" in cited or not numbers


@pytest.mark.parametrize(("name", "case"), APPLYING)
def test_the_overview_counts_what_holds_and_what_is_open(name: str, case: str) -> None:
    guideline, assessment = shipped(name), assessed(name, case)
    cards = {box.id: box for box in boxes(drawn_for(name, case)[0].picture)}
    for stage in guideline.stages:
        here = [rule for rule in assessment.rules.values() if rule.stage == stage.id]
        fired, still = (sum(rule.status == status for rule in here) for status in ("fired", "open"))
        says = " ".join(text.text for text in texts_of(cards[f"stage-{stage.id}"].shapes))
        assert f"{len(here)} rules: {fired} hold for this patient, {still} are open" in says


@pytest.mark.parametrize(("name", "case"), [who for who in APPLYING if who[0] == LEIOMYOSARCOMA])
def test_the_weighing_is_that_of_the_assessment(name: str, case: str) -> None:
    (weighing,) = assessed(name, case).weighing.values()
    (page,) = [page for page in drawn_for(name, case) if "weighing" in page.name]
    panels = {group.id: group for group in every_group(page.picture.shapes) if group.kind == "panel"}
    assert len(panels) == len(weighing.candidates)
    for candidate in weighing.candidates:
        shapes = list(leaves(panels[f"candidate-{weighing.id}-{candidate.id}"].shapes))
        says = [shape.text for shape in shapes if isinstance(shape, Text)]
        roles = [shape.role for shape in shapes if isinstance(shape, Rectangle)]
        assert roles.count("row-fired") == len(candidate.supporting) + len(candidate.opposing)
        assert roles.count("row-open") == len(candidate.open)
        assert ("panel-passed" in roles) == (candidate.id in weighing.leading or candidate.id == weighing.confirmed)
        assert {argument.id for argument in (*candidate.supporting, *candidate.opposing, *candidate.open)} <= set(says)


def test_a_page_of_another_guideline_is_refused() -> None:
    with pytest.raises(ValueError, match="another guideline"):
        pages(shipped(CURB), assessed(*APPLYING[0]))
