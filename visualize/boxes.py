"""The boxes of a flowchart page: their shapes by the conventions of printed guidelines, their text, and their size.

A state is a rounded rectangle, a decision a hexagon, an action a rectangle with a numbered tab, a link or an end an
oval. What is known of a patient changes colours, marks and one reserved line, never a size.
"""

from __future__ import annotations

from dataclasses import dataclass

from guidewright.rules.display import escaped
from guidewright.rules.model import Stage, Step, Weighing
from guidewright.visualize.marks import BoxMarks, Marks
from guidewright.visualize.picture import Area, Line, Polygon, Rectangle, Shape, Text
from guidewright.visualize.rule_rows import Row, Scheme, drawn_row, needs_text, row_of, status_of
from guidewright.visualize.scale import drawn_bars, height_of_bars
from guidewright.visualize.text_metrics import wrapped

TAB = 18.0
PAD = 5.5
CUT = 12.0  # how far the points of a hexagon reach
TITLE, TITLE_LEADING = 10.0, 11.8
NEEDS, NEEDS_LEADING = 9.0, 11.0
_MOST_TITLE = 6
_MOST_NEEDS = 2
_OR = 11.0


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """Where a link leads: the box's number and text, and in words and as a file the page that it is on, if another
    one.
    """

    box: int
    text: str
    place: str
    page: str


@dataclass(frozen=True, slots=True, repr=False)
class Box:
    """A step with the lines that it holds at a width. `head`: how high a decision, link or end is
    above its rules.
    """

    stage: Stage
    step: Step
    width: float
    height: float
    title: tuple[str, ...]
    rows: tuple[Row, ...]
    head: float = 0.0
    target: Target | None = None
    weighing: Weighing | None = None
    stands_for: Step | None = None

    @property
    def marked(self) -> Step:
        """The step whose marks the box bears: that of another sheet, where the box only leads there."""
        return self.stands_for or self.step

    @property
    def exit_height(self) -> float:
        """How far below its top its middle is for arrows: where they leave sideways."""
        return (self.head or self.height) / 2


def box_of(stage: Stage, step: Step, width: float, scheme: Scheme, target: Target | None = None) -> Box:
    guideline = scheme.guideline
    room = (width - 2 * CUT if step.kind in ("decision", "link", "end") else width - TAB) - 2 * PAD
    rows = tuple(row_of(guideline.rules[id], room, scheme) for id in step.rules)
    # Open rules say what they need in one line below them all.
    below = sum(row.height for row in rows) + (NEEDS_LEADING if rows else 0.0)
    match step.kind:
        case "decision":
            title = _title(step.text, width - 2 * CUT - 20)
            head = len(title) * TITLE_LEADING + _MOST_NEEDS * NEEDS_LEADING + 7
            return Box(stage, step, width, head + (below + 4 if rows else 0), title, rows, head)
        case "link" | "end":
            # A link without a title of its own has the name of its target as its text.
            words = target.text if target is not None and step.text == step.link else step.text
            title = _title(words, width - 34, 3)
            head = len(title) * TITLE_LEADING + (11.0 if target is not None else 0.0) + 13
            return Box(stage, step, width, head + (below + 4 if rows else 0), title, rows, head, target)
        case "weigh":
            title = _title(step.text, width - TAB - 2 * PAD)
            weighing = guideline.weighings[step.weigh or ""]
            height = len(title) * TITLE_LEADING + 14 + height_of_bars(weighing, room) + below
            return Box(stage, step, width, height, title, rows, weighing=weighing)
        case "choose":
            title = _title(step.text, width - TAB - 2 * PAD)
            height = len(title) * TITLE_LEADING + 8 + below + _OR * max(len(rows) - 1, 0)
            return Box(stage, step, width, height, title, rows)
        case "box":
            title = _title(step.text, width - TAB - 2 * PAD)
            return Box(stage, step, width, len(title) * TITLE_LEADING + (8 if rows else 12) + below, title, rows)


def _title(text: str, room: float, most: int = _MOST_TITLE) -> tuple[str, ...]:
    return wrapped(escaped(text), TITLE, room, bold=True, most=most) or ("",)


def drawn_box(box: Box, colour: int, scheme: Scheme, marks: Marks | None) -> tuple[Shape, ...]:
    """The shapes of a box with its top left corner at the origin."""
    mark = marks.box(box.stage.id, box.marked.id) if marks is not None else None
    look = "" if mark is None else {"passed": "-passed", "stopped": "-passed", "beyond": "-faded"}[mark.passing]
    match box.step.kind:
        case "decision":
            return _decision(box, colour, look, scheme, mark, marks)
        case "link" | "end":
            return _oval(box, look, scheme, marks)
        case _:
            return _panel(box, colour, look, scheme, marks)


def _ink(look: str) -> str:
    return "faded" if look == "-faded" else "ink"


def _decision(
    box: Box, colour: int, look: str, scheme: Scheme, mark: BoxMarks | None, marks: Marks | None
) -> tuple[Shape, ...]:
    high, wide = box.head, box.width
    stopped = mark is not None and mark.passing == "stopped"
    corners = ((CUT, 0.0), (wide - CUT, 0.0), (wide, high / 2), (wide - CUT, high), (CUT, high), (0.0, high / 2))
    shapes = _below(box, look, scheme, marks)
    shapes.append(Polygon(corners, "decision-stopped" if stopped else f"decision{look}"))
    number = f"stage-{colour}" if not look else "path" if look == "-passed" else "faded"
    shapes.append(Text(CUT - 2, high / 2 + 3.5, str(box.step.box), TITLE, number, 19, bold=True))
    middle = (CUT + 17 + wide - CUT - 3) / 2
    room = wide - 2 * CUT - 20
    needs = _needs(mark, room + 6)
    first = 4 + TITLE_LEADING - 3.2 + (_MOST_NEEDS - len(needs)) * NEEDS_LEADING / 2
    for i, line in enumerate(box.title):
        shapes.append(
            Text(middle, first + i * TITLE_LEADING, line, TITLE, _ink(look), room, bold=True, anchor="middle")
        )
    below = first + len(box.title) * TITLE_LEADING - 0.8
    for i, line in enumerate(needs):
        shapes.append(
            Text(middle, below + i * NEEDS_LEADING, line, NEEDS, "path", room + 6.5, bold=True, anchor="middle")
        )
    return tuple(shapes)


def _needs(mark: BoxMarks | None, room: float) -> tuple[str, ...]:
    """What a decision waits for, in the lines that are kept for it."""
    if mark is None or not (mark.needs or mark.several):
        return ()
    if mark.several:
        return wrapped("STOPS: several answers hold", NEEDS, room, bold=True, most=_MOST_NEEDS)
    for shown in range(len(mark.needs), 0, -1):
        rest = f" +{len(mark.needs) - shown}" if shown < len(mark.needs) else ""
        text = "NEEDS: " + "; ".join(map(escaped, mark.needs[:shown])) + rest
        lines = wrapped(text, NEEDS, room, bold=True)
        if len(lines) <= _MOST_NEEDS:
            return lines
    return (*wrapped("NEEDS: " + escaped(mark.needs[0]), NEEDS, room, bold=True, most=_MOST_NEEDS),)


def _below(box: Box, look: str, scheme: Scheme, marks: Marks | None) -> list[Shape]:
    """The rules of a box that has no room for them inside."""
    if not box.rows:
        return []
    area = Area(CUT, box.head - 0.6, box.width - 2 * CUT, box.height - box.head + 0.6)
    shapes: list[Shape] = [Rectangle(area, f"action{look}")]
    x, y, room = CUT + PAD, box.head + 3, box.width - 2 * CUT - 2 * PAD
    for row in box.rows:
        shapes += drawn_row(row, x, y, room, scheme, marks)
        y += row.height
    return shapes + _rows_need(box, x, y, room, marks)


def _rows_need(box: Box, x: float, y: float, room: float, marks: Marks | None) -> list[Shape]:
    """What the open rules of a box wait for, in the line that is kept for it."""
    if marks is None:
        return []
    still = [row.rule for row in box.rows if status_of(row.rule, marks) == "open"]
    missing = tuple(dict.fromkeys(label for rule in still for label in marks.rules[rule.id].needs))
    if not missing:
        return []
    return [Text(x, y + 8.4, needs_text("NEEDS: ", missing, NEEDS, room), NEEDS, "open", room, bold=True)]


def _oval(box: Box, look: str, scheme: Scheme, marks: Marks | None) -> tuple[Shape, ...]:
    shapes = _below(box, look, scheme, marks)
    shapes.append(Rectangle(Area(0, 0, box.width, box.head), f"{box.step.kind}{look}", min(box.head / 2, 16)))
    number = "path" if look == "-passed" else "faded" if look else "muted"
    if box.step.box:
        shapes.append(Text(10, box.head / 2 + 3.5, str(box.step.box), TITLE, number, 19, bold=True))
    middle, room = (box.width + 22) / 2, box.width - 34
    y = 6.5
    for line in box.title:
        y += TITLE_LEADING
        shapes.append(Text(middle, y - 3.2, line, TITLE, _ink(look), room, bold=True, anchor="middle"))
    if box.target is not None:
        where = f"Go to box {box.target.box}"
        if box.target.page:
            where += f", {box.target.place}"
        shapes.append(Text(middle, y + 8.4, where, 9, "faded" if look == "-faded" else "muted", room, anchor="middle"))
    return tuple(shapes)


def _panel(box: Box, colour: int, look: str, scheme: Scheme, marks: Marks | None) -> tuple[Shape, ...]:
    area = Area(0, 0, box.width, box.height)
    state = box.step.kind == "box" and not box.rows
    kind = "state" if state else "panel" if box.step.kind == "weigh" else "action"
    shapes: list[Shape] = [Rectangle(area, f"{kind}{look}", 10 if state else 0)]
    if state:
        number = "path" if look == "-passed" else "faded" if look else f"stage-{colour}"
    else:
        tab = f"tab{look}" if look else f"tab-{colour}"
        shapes.append(Rectangle(Area(0, 0, TAB, box.height), tab))
        number = "faded" if look == "-faded" else "white"
    high = box.height / 2 + 3.8
    shapes.append(
        Text(TAB / 2 + (2 if state else 0), high, str(box.step.box), TITLE, number, TAB, bold=True, anchor="middle")
    )
    x, room = TAB + PAD, box.width - TAB - 2 * PAD
    y = 4.0 if box.rows else 6.0
    for line in box.title:
        y += TITLE_LEADING
        shapes.append(Text(x, y - 3.2, line, TITLE, _ink(look), room, bold=True))
    if box.weighing is not None:
        answer = marks.weighings.get(box.weighing.id) if marks is not None and marks.applies is not False else None
        shapes += drawn_bars(box.weighing, answer, x, y + 2, room, faded=marks is not None and answer is None)
        y += height_of_bars(box.weighing, room) + 2
    for i, row in enumerate(box.rows):
        if i and box.step.kind == "choose":
            shapes += _or(x, y, room, look)
            y += _OR
        shapes += drawn_row(row, x, y, room, scheme, marks)
        y += row.height
    return (*shapes, *_rows_need(box, x, y, room, marks))


def _or(x: float, y: float, room: float, look: str) -> list[Shape]:
    middle = y + _OR / 2
    role = "faded" if look == "-faded" else "muted"
    return [
        Line(((x, middle), (x + room / 2 - 10, middle)), "rule-line"),
        Text(x + room / 2, middle + 3, "or", 9, role, 20, bold=True, anchor="middle"),
        Line(((x + room / 2 + 10, middle), (x + room, middle)), "rule-line"),
    ]


def spoken(box: Box, marks: Marks | None) -> str:
    """What a screen reader says of a box: its number, kind and text, its rules in full, and what is marked."""
    kinds = {"decision": "decision", "choose": "choice", "weigh": "weighing", "link": "link", "end": "end"}
    kind = kinds.get(box.step.kind, "action" if box.rows else "state")
    parts = [f"Box {box.step.box}, {kind}: {box.step.text}" if box.step.box else box.step.text]
    parts += [f"{row.rule.id}: {row.rule.text}" for row in box.rows]
    if box.target is not None:
        parts.append(f"go to box {box.target.box}")
    if marks is not None:
        mark = marks.box(box.stage.id, box.marked.id)
        parts.append({"passed": "on the way", "stopped": "the way stops here", "beyond": "not reached"}[mark.passing])
        if mark.needs:
            parts.append("needs " + ", ".join(mark.needs))
    return ". ".join(parts)
