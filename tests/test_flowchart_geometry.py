"""The pages of a guideline can be read: nothing overlaps, nothing is cut off or crossed, and all of the model is there.

Measured on the shipped guidelines, and on random ones with texts that do not fit.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from drawings import PAPERS, SEEDS, SHIPPED, drawn, random_guideline, shipped
from hypothesis import example, given
from hypothesis import strategies as st
from measured import arrows, boxes, chart_faults, geometry_faults, number_of, texts_of
from measured_model import booklet_faults, rows_of, rule_faults, stage_faults
from strategies import EXPERT, guideline_data, loaded, tried

from guidewright.rules.model import Guideline
from guidewright.visualize import pages, svg_text
from guidewright.visualize.booklet import Page
from guidewright.visualize.paper import Paper
from guidewright.visualize.picture import Area, Group, Line, Picture, Shape, Text, every_group, moved
from guidewright.visualize.sheets import MOST_BOXES

MILLIMETRES = {"a4": (210, 297), "letter": (215.9, 279.4)}
LEAST = 7
"""Points of the smallest letters on paper. A printer needs some millimetres around."""


def unreadable(found: tuple[Page, ...], paper: Paper) -> list[str]:
    """The pages that are printed with letters smaller than anybody should have to read."""
    wide, high = ((side - 12) / 25.4 * 72 for side in MILLIMETRES[paper])
    faults: list[str] = []
    for page in found:
        picture = page.picture
        least = min(text.size for text in texts_of(picture.shapes)) * min(wide / picture.width, high / picture.height)
        if least < LEAST - 0.001:
            faults.append(f"{page.name}: {picture.width:.0f} by {picture.height:.0f}, letters of {least:.2f} pt")
    return faults


# --- the shipped guidelines


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_on_a_shipped_page_is_out_of_place(name: str, paper: Paper | None) -> None:
    assert booklet_faults(drawn(name, paper), shipped(name)) == []


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_page_is_printed_in_letters_of_seven_points(name: str, paper: Paper) -> None:
    assert unreadable(drawn(name, paper), paper) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_stage_is_one_page_that_can_be_followed(name: str) -> None:
    for stage in shipped(name).stages:
        (page,) = [p for p in drawn(name) if p.stage == stage.id and boxes(p.picture)]
        assert len(boxes(page.picture)) == len(stage.steps) <= MOST_BOXES == 25
        assert sum(step.kind == "decision" for step in stage.steps) <= 8, stage.id


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("name", SHIPPED)
def test_the_overview_joins_the_stages_that_links_join(name: str, paper: Paper | None) -> None:
    guideline = shipped(name)
    place = {stage.id: position for position, stage in enumerate(guideline.stages)}
    wanted = {
        f"overview-{place[stage.id]}-{place[to]}"
        for stage in guideline.stages
        for step in stage.steps
        if step.link is not None and (to := step.link.rpartition("/")[0] or stage.id) != stage.id
    }
    overview = drawn(name, paper)[0].picture
    cards = {group.id.removeprefix("stage-"): group.area for group in boxes(overview)}
    assert {arrow.group.id for arrow in arrows(overview)} == wanted
    for arrow in arrows(overview):
        tail, head = (guideline.stages[int(part)].id for part in arrow.group.id.split("-")[1:])
        for end, card in ((arrow.line.points[0], cards[tail]), (arrow.line.points[-1], cards[head])):
            assert abs(end[0] - card.right) < 1
            assert card.y < end[1] < card.bottom


@pytest.mark.parametrize("name", SHIPPED)
def test_the_sources_are_numbered_as_a_reader_meets_them(name: str) -> None:
    listed = [text for page in drawn(name) if page.name.startswith("sources") for text in texts_of(page.picture.shapes)]
    numbers = [int(text.text) for text in listed if text.text.isdigit()]
    assert numbers == list(range(1, len(numbers) + 1))
    met: list[int] = []
    for page in drawn(name):
        here = [group for kind in ("box", "panel") for group in every_group(page.picture.shapes) if group.kind == kind]
        for row in (row for group in here if not group.id.startswith("candidate") for row in rows_of(group)):
            cited = re.search(r"\[([0-9,]+)\]$", " ".join(text.text for text in row.texts))
            met += map(int, cited.group(1).split(",")) if cited else []
    assert list(dict.fromkeys(met)) == list(range(1, max(met) + 1))
    assert max(met) <= len(numbers) <= len(shipped(name).sources)


# --- random ones


@tried(18)
@given(SEEDS)
@example(392)  # arrows to both sides at one height, which have to be kept apart
@example(469)
@example(1085)
@example(2902)  # a label above a head that several arrows come to
def test_nothing_on_a_random_page_is_out_of_place(seed: int) -> None:
    guideline = random_guideline(seed, 25)
    found = pages(guideline)
    assert booklet_faults(found, guideline) == []
    assert max(len([b for b in boxes(page.picture) if b.kind == "box"]) for page in found) <= MOST_BOXES


@tried(4)
@given(SEEDS)
def test_a_long_page_goes_on_on_other_sheets(seed: int) -> None:
    guideline = random_guideline(seed, 60)
    found = pages(guideline)
    assert booklet_faults(found, guideline) == []
    for page in found:
        assert len([box for box in boxes(page.picture) if box.kind == "box"]) <= MOST_BOXES


@tried(6)
@given(SEEDS, st.sampled_from(["a4", "letter"]))
def test_random_pages_can_be_read_on_paper(seed: int, paper: Paper) -> None:
    guideline = random_guideline(seed, 14)
    found = pages(guideline, paper=paper)
    assert booklet_faults(found, guideline) == []
    assert unreadable(found, paper) == []


@tried(15)
@given(st.randoms(use_true_random=False))
def test_pages_with_weighings_are_in_order_too(random: Random) -> None:
    guideline = loaded(guideline_data(random))
    assert booklet_faults(pages(guideline), guideline) == []


def test_sheets_that_lead_to_one_box_each_have_a_box_for_it() -> None:
    count = 60
    ids = ["start", *(f"s{n}" for n in range(1, count))]
    pathway: dict[str, Any] = {id: {"title": id, "go": ids[n + 1]} for n, id in enumerate(ids[:-1])}
    for n in (1, 30):
        no = {"answer": "No", "otherwise": True, "go": ids[-1]}
        pathway[ids[n]] = {"decide": "So?", "answers": [{"answer": "Yes", "when": {"a": True}, "go": ids[n + 1]}, no]}
    pathway[ids[-1]] = {"end": "Done"}
    facts = {"facts": {"a": {"label": "A", "type": "boolean"}}}
    head = {"id": "g", "title": "T", "version": "1.0.0", "status": "s", "language": "en", "stages": ["s"]}
    stage = {"stage": "s", "title": "S", "rules": [], "pathway": pathway}
    guideline = loaded({"guideline.yaml": head, "facts.yaml": facts, "1-s.yaml": stage})
    found = pages(guideline)
    assert booklet_faults(found, guideline) == []
    onward = [(page.name, box.link) for page in found for box in boxes(page.picture) if box.kind == "onward"]
    last = found[-1].name
    assert [link for _, link in onward if link is not None and link.endswith("#box-60")] == [f"{last}.svg#box-60"] * 2
    assert len({page for page, _ in onward}) == len(found) - 2


# --- large ones


def long_guideline(stages: int, steps: int, rules: int) -> Guideline:
    """Every third box decides, as on a page that somebody wrote; `rules` in all."""
    random = Random(stages)
    files: dict[str, Any] = {
        "guideline.yaml": {
            "id": "g",
            "title": "A long one",
            "version": "1.0.0",
            "status": "test",
            "language": "en",
            "stages": [f"s{n}" for n in range(stages)],
        },
        "facts.yaml": {"facts": {f"f{n}": {"label": f"Fact {n}", "type": "boolean"} for n in range(9)}},
    }
    plain = [(n, i) for n in range(stages) for i in range(steps - 1) if i % 3 != 1]
    for n in range(stages):
        ids = ["start", *(f"s{n}-{i}" for i in range(1, steps))]
        pathway: dict[str, Any] = {}
        standing: list[dict[str, Any]] = []
        for i, id in enumerate(ids[:-1]):
            if (n, i) not in plain:
                back = ids[min(i + random.choice([2, 2, 3, 5]), steps - 1)]
                yes = {"answer": "Yes", "when": {f"f{i % 9}": True}, "go": ids[i + 1]}
                no = {"answer": "No", "otherwise": True, "go": back}
                pathway[id] = {"decide": f"Is number {i} so?", "answers": [yes, no]}
                continue
            own = [f"R{number}" for number in range(plain.index((n, i)), rules, len(plain))]
            standing += [{"id": rule, "do": f"Do what {rule} says", "when": {"f0": True}, **EXPERT} for rule in own]
            pathway[id] = {"title": f"Step {i}", "go": ids[i + 1], **({"rules": own} if own else {})}
        pathway[ids[-1]] = {"end": "Done"}
        files[f"{n + 1}-s{n}.yaml"] = {"stage": f"s{n}", "title": f"Stage {n}", "rules": standing, "pathway": pathway}
    guideline = loaded(files)
    assert len(guideline.rules) == rules
    return guideline


@pytest.mark.parametrize(("stages", "steps"), [(10, 25), (1, 120)])
def test_a_guideline_of_five_hundred_rules_is_drawn(stages: int, steps: int) -> None:
    guideline = long_guideline(stages, steps, 500)
    begun = time.process_time()
    found = pages(guideline)
    assert time.process_time() - begun < 20
    assert [fault for stage in guideline.stages for fault in stage_faults(found, stage)] == []
    for page in found:
        assert len([box for box in boxes(page.picture) if box.kind == "box"]) <= MOST_BOXES
    assert chart_faults(found[1].picture) == []


def test_the_shipped_pages_are_drawn_in_two_seconds() -> None:
    guideline = shipped("retroperitoneal-leiomyosarcoma")
    svg_text(pages(shipped("curb-65"))[0].picture)  # imports, and the widths of letters
    begun = time.process_time()
    for page in pages(guideline):
        svg_text(page.picture)
    assert time.process_time() - begun < 2


# --- the measuring itself finds what is wrong


def changed(picture: Picture, id: str, change: Any) -> Picture:
    """The picture with one group changed."""
    shapes = tuple(change(s) if isinstance(s, Group) and s.id == id else s for s in picture.shapes)
    assert shapes != picture.shapes
    return replace(picture, shapes=shapes)


def stage_page() -> Page:
    return next(page for page in drawn("curb-65") if page.stage == "severity")


def a_label() -> Group:
    labels = [arrow.label for arrow in arrows(stage_page().picture) if arrow.label is not None]
    return labels[0]


def through(group: Group, label: Group) -> Group:
    (line,) = group.shapes
    assert isinstance(line, Line)
    first, *rest = line.points
    x, y = label.area.centre
    return replace(group, shapes=(replace(line, points=(first, (first[0], y), (x, y), (x, first[1]), *rest)),))


def with_text(group: Group, **changes: Any) -> Group:
    """The group with its longest text changed."""
    longest = max((s for s in group.shapes if isinstance(s, Text)), key=lambda s: len(s.text))
    return replace(group, shapes=tuple(replace(s, **changes) if s is longest else s for s in group.shapes))


def without(picture: Picture, id: str) -> Picture:
    return replace(picture, shapes=tuple(s for s in picture.shapes if not (isinstance(s, Group) and s.id == id)))


def faulty() -> dict[str, Picture]:
    picture = stage_page().picture
    here = boxes(picture)
    label = a_label()
    arrow = arrows(picture)[0].group
    other = next(a.group for a in arrows(picture) if a.group.id not in label.id)
    decision = next(box for box in here if "decision" in box.label)
    return {
        "leaves the box": changed(picture, here[0].id, lambda g: with_text(g, text="W" * 80)),
        "and has 3.0": changed(picture, here[0].id, lambda g: with_text(g, room=3.0)),
        "stands on": changed(picture, here[1].id, lambda g: replace(g, shapes=(*g.shapes, *map(lowered, g.shapes)))),
        "box-2: `": changed(picture, here[1].id, lambda g: with_text(g, x=g.area.right - 2, anchor="start")),
        "touch": changed(picture, here[2].id, lambda g: over(g, here[1].area)),
        "crosses": changed(picture, other.id, lambda g: through(g, label)),
        "runs through": changed(picture, other.id, lambda g: through(g, replace(label, area=here[-1].area))),
        "leans": changed(picture, arrow.id, leaning),
        "leaves the page": replace(picture, height=picture.height - 40),
        "page-footer": replace(picture, shapes=(*picture.shapes, Text(30, picture.height - 20, "x", 9, "ink", 20))),
        "leaves it": changed(picture, f"{picture.name}-page-legend", lambda g: with_text(g, x=g.area.right - 2)),
        "stands on box": changed(picture, label.id, lambda g: over(g, here[0].area)),
        "in the file as": replace(picture, shapes=tuple(reversed(picture.shapes))),
        "not in a column": changed(picture, here[-1].id, lambda g: over(g, Area(g.area.x, here[0].area.y - 300, 0, 0))),
        "decision": changed(picture, decision.id, lambda g: with_text(g, x=g.area.x, y=g.area.y + 9, anchor="start")),
    }


def lowered(shape: Shape) -> Shape:
    return moved(shape, 3, 3)


def over(group: Group, area: Area) -> Group:
    found = moved(group, area.x - group.area.x, area.y - group.area.y)
    assert isinstance(found, Group)
    return found


def leaning(group: Group) -> Group:
    (line,) = group.shapes
    assert isinstance(line, Line)
    (x, y), *rest = line.points
    return replace(group, shapes=(replace(line, points=((x + 20, y), *rest)),))


@pytest.mark.parametrize("fault", faulty())
def test_measuring_finds(fault: str) -> None:
    words = "leaves the box" if fault == "decision" else fault
    assert chart_faults(stage_page().picture) == []
    assert words in "\n".join(chart_faults(faulty()[fault])), chart_faults(faulty()[fault])


def test_measuring_finds_what_is_not_as_in_the_model() -> None:
    page, guideline = stage_page(), shipped("curb-65")
    stage = next(stage for stage in guideline.stages if stage.id == page.stage)
    picture, label = page.picture, a_label()
    arrow = label.id.removesuffix("-label")
    assert stage_faults([page], stage) == rule_faults([page], stage, guideline) == []
    assert stage_faults([replace(page, picture=without(without(picture, arrow), label.id))], stage)
    assert stage_faults([replace(page, picture=without(picture, label.id))], stage)
    assert stage_faults([replace(page, picture=changed(picture, label.id, lambda g: with_text(g, text="x")))], stage)
    assert stage_faults([replace(page, picture=without(picture, boxes(picture)[-1].id))], stage)
    for box in boxes(picture):
        if next(step.rules for step in stage.steps if step.box == number_of(box)):
            bare = changed(picture, box.id, lambda g: replace(g, shapes=g.shapes[:3]))
            assert rule_faults([replace(page, picture=bare)], stage, guideline)


def test_columns_follow_from_left_to_right() -> None:
    """On the longest page there is more than one, and the geometry holds that they are in order."""
    picture = next(p.picture for p in drawn("retroperitoneal-leiomyosarcoma") if p.stage == "origin")
    tops = [box.area.y for box in boxes(picture)]
    assert any(after < before for before, after in pairwise(tops))
    assert geometry_faults(picture) == []
