"""The flowchart of one stage: its boxes and arrows, arranged and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from guidewright.rules.display import escaped
from guidewright.rules.model import Stage, Step
from guidewright.visualize.arranging import arranged
from guidewright.visualize.boxes import CUT, Box, Target, box_of, drawn_box, spoken
from guidewright.visualize.lanes import Arrow
from guidewright.visualize.marks import Marks
from guidewright.visualize.picture import Area, Group, Line, Shape, Text, moved, shifted
from guidewright.visualize.placing import LABEL, LABEL_LEADING, Size
from guidewright.visualize.routing import Chart, Drawn
from guidewright.visualize.rule_rows import Scheme

_BEND = 6.0


@dataclass(frozen=True, slots=True, repr=False)
class StageChart:
    """The boxes of a stage in reading order, and where everything is. It is the same for every patient."""

    stage: Stage
    boxes: tuple[Box, ...]
    chart: Chart


@dataclass(frozen=True, slots=True, repr=False)
class Onward:
    """A box on another sheet that ways from this one lead to."""

    step: Step
    target: Target


def stage_chart(
    stage: Stage,
    steps: Sequence[Step],
    onward: Sequence[Onward],
    scheme: Scheme,
    targets: Mapping[str, Target],
    room: tuple[float, float],
) -> StageChart:
    """Arrange steps of a stage, in reading order, in a room, wide and high; behind them a box for each
    way that goes on elsewhere. `targets` by the id of the link's step.
    """
    boxes: dict[float, tuple[Box, ...]] = {}

    def sizes_at(width: float) -> Sequence[Size]:
        own = [box_of(stage, step, width, scheme, targets.get(step.id)) for step in steps]
        boxes[width] = (*own, *(_onward(stage, on, width, scheme) for on in onward))
        return [_size(box) for box in boxes[width]]

    everything = [*steps, *(on.step for on in onward)]
    chart, width = arranged(len(everything), arrows_of(steps, everything), sizes_at, room)
    return StageChart(stage, boxes[width], chart)


def _size(box: Box) -> Size:
    decides = box.step.kind == "decision"
    return Size(box.height, box.exit_height, decides, CUT / box.exit_height if decides else 0.0)


def _onward(stage: Stage, on: Onward, width: float, scheme: Scheme) -> Box:
    link = Step(f"{on.step.id}/onward", "link", "Goes on", 0)
    return replace(box_of(stage, link, width, scheme, on.target), stands_for=on.step)


def arrows_of(steps: Sequence[Step], heads: Sequence[Step]) -> tuple[Arrow, ...]:
    """The arrows from steps to heads, both in reading order; answers that lead to one box share an arrow."""
    place = {step.id: i for i, step in enumerate(heads)}
    found: list[Arrow] = []
    for tail, step in enumerate(steps):
        if step.go is not None:
            found.append(Arrow(tail, place[step.go]))
        shared: dict[int, list[int]] = {}
        for position, answer in enumerate(step.answers):
            shared.setdefault(place[answer.go], []).append(position)
        for head, positions in shared.items():
            label = " / ".join(escaped(step.answers[position].text) for position in positions)
            found.append(Arrow(tail, head, label, tuple(positions)))
    return tuple(found)


def drawn_chart(made: StageChart, colour: int, scheme: Scheme, marks: Marks | None, x: float, y: float) -> list[Shape]:
    """The shapes, arrows first, with the chart's top left corner at a point."""
    looks = [(_look(made, drawn, marks), drawn) for drawn in made.chart.arrows]
    order = {"arrow-faded": 0, "arrow": 1}
    shapes: list[Shape] = []
    for look, drawn in sorted(looks, key=lambda pair: order.get(pair[0], 2)):
        shapes.append(_arrow(made, drawn, look, x, y))
    shapes += [_label(made, drawn, look, x, y) for look, drawn in looks if drawn.label is not None]
    for i, box in enumerate(made.boxes):
        place = shifted(made.chart.places[i], x, y)
        inside = tuple(moved(shape, place.x, place.y) for shape in drawn_box(box, colour, scheme, marks))
        link = f"#box-{box.target.box}" if box.target is not None else None
        id = f"box-{box.step.box}" if box.step.box else f"onward-{box.marked.box}"
        shapes.append(Group("box" if box.step.box else "onward", id, spoken(box, marks), place, inside, link))
    return shapes


def _look(made: StageChart, drawn: Drawn, marks: Marks | None) -> str:
    if marks is None:
        return "arrow"
    tail, head = made.boxes[drawn.arrow.tail], made.boxes[drawn.arrow.head]
    mark = marks.box(tail.stage.id, tail.marked.id)
    reached = marks.box(head.stage.id, head.marked.id).passing != "beyond"
    if mark.passing != "passed" or not reached:
        return "arrow-faded"
    if not drawn.arrow.positions:
        return "arrow-passed"
    if mark.answer not in drawn.arrow.positions:
        return "arrow-faded"
    return "arrow-assumed" if mark.assumed else "arrow-passed"


def _arrow(made: StageChart, drawn: Drawn, look: str, x: float, y: float) -> Group:
    points = tuple((px + x, py + y) for px, py in drawn.points)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    area = Area(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    return Group("arrow", _id(made, drawn), "", area, (Line(points, look, _BEND, arrow=True),))


def _label(made: StageChart, drawn: Drawn, look: str, x: float, y: float) -> Group:
    assert drawn.label is not None
    area = shifted(drawn.label.area, x, y)
    role = {"arrow": "ink", "arrow-faded": "faded"}.get(look, "path")
    lines = tuple(
        Text(area.x, area.y + LABEL_LEADING * (i + 1) - 2.6, line, LABEL, role, area.width + 0.1, bold=True)
        for i, line in enumerate(drawn.label.lines)
    )
    return Group("label", _id(made, drawn) + "-label", "", area, lines)


def _id(made: StageChart, drawn: Drawn) -> str:
    tail, head = made.boxes[drawn.arrow.tail].marked.box, made.boxes[drawn.arrow.head].marked.box
    return f"arrow-{tail}-{head}"
