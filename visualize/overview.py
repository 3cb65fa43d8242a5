"""The first page: the stages with their decisions, and how one leads to another."""

from __future__ import annotations

from dataclasses import dataclass

from guidewright.rules.display import escaped
from guidewright.rules.model import Stage, Step
from guidewright.visualize.marks import Marks
from guidewright.visualize.palette import stage_rank
from guidewright.visualize.picture import Area, Group, Line, Picture, Rectangle, Shape, Text
from guidewright.visualize.rule_rows import Scheme
from guidewright.visualize.sheet import Block, Sheet, footer, header, page_of
from guidewright.visualize.text_metrics import clipped, text_width, wrapped

_WIDTH = 687.0
_CARD = 600.0
_LETTER = 30.0
_PAD = 8.0
_TITLE, _SIZE, _LEADING = 12.0, 9.5, 12.4
_BETWEEN = 16.0
_TRACK = 9.0
_ANSWER = 236.0


@dataclass(frozen=True, slots=True, repr=False)
class _Out:
    """The links of a stage to another one: the boxes that they stand in, and how high they leave the card."""

    boxes: tuple[Step, ...]
    to: int
    y: float


def overview(scheme: Scheme, sheet: Sheet) -> Picture:
    from guidewright.visualize.booklet import letter_of

    guideline = scheme.guideline
    tops: list[float] = []
    shapes: list[Shape] = []
    outs: list[tuple[int, _Out]] = []
    y = 0.0
    for position, stage in enumerate(guideline.stages):
        tops.append(y)
        drawn, high, leaving = _card(stage, position, letter_of(position), y, scheme, sheet.marks)
        shapes += drawn
        outs += [(position, out) for out in leaving]
        y += high + _BETWEEN
    arrows = _arrows(outs, tops, sheet.marks, guideline.stages)
    chart = Block((*arrows, *shapes), _WIDTH, y - _BETWEEN)
    blocks = [header(sheet, "", guideline.title, "ink", _WIDTH), *_about(scheme), chart, footer(sheet, _WIDTH)]
    title = f"{guideline.title}: overview"
    return page_of(
        blocks, title, f"The {len(guideline.stages)} stages of the guideline and their decisions.", "overview"
    )


def _about(scheme: Scheme) -> list[Block]:
    """Whom the guideline is for, in its own words."""
    if scheme.guideline.scope is None:
        return []
    lines = wrapped(escaped(scheme.guideline.scope), _SIZE, _WIDTH, most=5)
    shapes = tuple(Text(0, 10 + i * _LEADING, line, _SIZE, "ink", _WIDTH) for i, line in enumerate(lines))
    high = len(lines) * _LEADING
    return [Block((Group("panel", "scope", " ".join(lines), Area(0, 0, _WIDTH, high), shapes),), _WIDTH, high)]


def _card(
    stage: Stage, position: int, letter: str, y: float, scheme: Scheme, marks: Marks | None
) -> tuple[list[Shape], float, list[_Out]]:
    steps = sorted(stage.steps, key=lambda step: step.box)
    x, room = _LETTER + _PAD, _CARD - _LETTER - 2 * _PAD
    title = wrapped(escaped(stage.title), _TITLE, room, bold=True, most=2)
    inside: list[Shape] = [
        Text(x, y + 17 + i * _TITLE * 1.2, words, _TITLE, "ink", room, bold=True) for i, words in enumerate(title)
    ]
    line = y + 31 + (len(title) - 1) * _TITLE * 1.2
    inside.append(Text(x, line, clipped(_counts(stage, scheme, marks), _SIZE, room), _SIZE, "muted", room))
    for step in steps:
        if step.kind == "decision":
            line += _LEADING
            inside += _decision(step, stage, x, line, room, marks)
            line += (len(_question(step, room)) - 1) * _LEADING
    leaving: list[_Out] = []
    for to, links in _links(steps, stage, scheme):
        line += _LEADING
        words = f"Box {_listed(links)} → {_page(to, scheme)}"
        inside.append(Text(x, line, clipped(words, _SIZE, room, True), _SIZE, "ink", room, bold=True))
        leaving.append(_Out(links, to, line - 3.4))
    high = line - y + 9
    passed = marks is not None and any(marks.box(stage.id, step.id).passing != "beyond" for step in steps)
    colour = stage_rank(position)
    area = Area(0, y, _CARD, high)
    frame: list[Shape] = [
        Rectangle(area, "stage-passed" if passed else "stage", 6),
        Rectangle(Area(0, y, _LETTER, high), f"tab-{colour}", 6),
        Text(_LETTER / 2, y + high / 2 + 6, letter, 18, "white", _LETTER, bold=True, anchor="middle"),
    ]
    said = f"Page {letter}: {stage.title}. {_counts(stage, scheme, marks)}"
    link = f"#box-{min(step.box for step in steps)}" if steps else None
    return [Group("box", f"stage-{stage.id}", said, area, (*frame, *inside), link)], high, leaving


def _counts(stage: Stage, scheme: Scheme, marks: Marks | None) -> str:
    rules = [rule for rule in scheme.guideline.rules.values() if rule.stage == stage.id]
    boxes = [step.box for step in stage.steps]
    words = [f"Boxes {min(boxes)} to {max(boxes)}"] if boxes else []
    if marks is None or marks.applies is False:
        return " · ".join([*words, f"{len(rules)} rules"])
    fired = sum(marks.rules[rule.id].status == "fired" for rule in rules)
    still = sum(marks.rules[rule.id].status == "open" for rule in rules)
    return " · ".join([*words, f"{len(rules)} rules: {fired} hold for this patient, {still} are open"])


def _decision(step: Step, stage: Stage, x: float, y: float, room: float, marks: Marks | None) -> list[Shape]:
    mark = marks.box(stage.id, step.id) if marks is not None else None
    faded = mark is not None and mark.passing == "beyond"
    role = "faded" if faded else "ink"
    number = str(step.box)
    shapes: list[Shape] = [Text(x + 16, y, number, _SIZE, "faded" if faded else "muted", 18, bold=True, anchor="end")]
    answer = ""
    if mark is not None and mark.passing == "stopped":
        answer = "NEEDS: " + ", ".join(map(escaped, mark.needs)) if mark.needs else "STOPS HERE"
    elif mark is not None and mark.answer is not None:
        answer = escaped(step.answers[mark.answer].text) + (" (assumed)" if mark.assumed else "")
    answer = clipped(answer, _SIZE, _ANSWER, True)
    wide = text_width(answer, _SIZE, True)
    for i, line in enumerate(_question(step, room)):
        shapes.append(Text(x + 22, y + i * _LEADING, line, _SIZE, role, room - 28 - _ANSWER))
    if answer:
        shapes.append(Text(x + room, y, answer, _SIZE, "path", wide + 0.5, bold=True, anchor="end"))
    return shapes


def _question(step: Step, room: float) -> tuple[str, ...]:
    """The lines of a decision's question, beside the room for its answer, which is kept without a patient too."""
    return wrapped(escaped(step.text), _SIZE, room - 28 - _ANSWER, most=2)


def _links(steps: list[Step], stage: Stage, scheme: Scheme) -> list[tuple[int, tuple[Step, ...]]]:
    """The other stages that links lead to, with the links."""
    positions = {other.id: i for i, other in enumerate(scheme.guideline.stages)}
    found: dict[int, list[Step]] = {}
    for step in steps:
        page = step.link.rpartition("/")[0] if step.link is not None else ""
        if page and page != stage.id:
            found.setdefault(positions[page], []).append(step)
    return [(to, tuple(links)) for to, links in sorted(found.items())]


def _listed(links: tuple[Step, ...]) -> str:
    return ", ".join(str(link.box) for link in links)


def _page(to: int, scheme: Scheme) -> str:
    from guidewright.visualize.booklet import letter_of

    return f"page {letter_of(to)}, {escaped(scheme.guideline.stages[to].title)}"


def _arrows(
    outs: list[tuple[int, _Out]], tops: list[float], marks: Marks | None, stages: tuple[Stage, ...]
) -> list[Shape]:
    """From the line that names a link, on the right of the cards, to the head of the card that it leads to."""
    spans = sorted(outs, key=lambda pair: abs(tops[pair[1].to] - pair[1].y))
    taken: list[tuple[int, float, float]] = []
    shapes: list[Shape] = []
    arriving: dict[int, int] = {}
    for position, out in spans:
        enter = tops[out.to] + 10 + 6 * arriving.get(out.to, 0)
        arriving[out.to] = arriving.get(out.to, 0) + 1
        low, high = min(out.y, enter), max(out.y, enter)
        track = 0
        while any(t == track and s < high + 3 and low - 3 < e for t, s, e in taken):
            track += 1
        taken.append((track, low, high))
        x = _CARD + 16 + track * _TRACK
        points = ((_CARD, out.y), (x, out.y), (x, enter), (_CARD, enter))
        passed = marks is not None and any(
            marks.box(stages[position].id, link.id).passing == "passed" for link in out.boxes
        )
        look = "arrow" if marks is None else "arrow-passed" if passed else "arrow-faded"
        area = Area(_CARD, low, x - _CARD, high - low)
        id = f"overview-{position}-{out.to}"
        shapes.append(Group("arrow", id, "", area, (Line(points, look, 5, arrow=True),)))
    return shapes
