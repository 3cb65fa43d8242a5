"""Whether pictures show what the model has: its boxes, arrows, answers and rules, each once and in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from measured import OUTLINES, arrows, boxes, chart_faults, geometry_faults, number_of, on_border, texts_of

from guidewright.rules.display import escaped
from guidewright.rules.model import Guideline, Stage
from guidewright.visualize.booklet import Page
from guidewright.visualize.picture import Group, Line, Polygon, Rectangle, Text, every_group
from guidewright.visualize.picture import every_shape as leaves
from guidewright.visualize.rule_rows import MOST_ID, TEXT
from guidewright.visualize.text_metrics import clipped


def stage_faults(pages: Sequence[Page], stage: Stage) -> list[str]:
    """Boxes, arrows and answers of a stage that its sheets do not show, or show otherwise than the model has them."""
    sheets = [page for page in pages if page.stage == stage.id and any(b.kind == "box" for b in boxes(page.picture))]
    found: list[str] = []
    drawn = [number_of(box) for page in sheets for box in boxes(page.picture) if box.kind == "box"]
    wanted = sorted(step.box for step in stage.steps)
    if drawn != wanted:
        found.append(f"{stage.id} has the boxes {wanted}, and shows {drawn}")
    number = {step.id: step.box for step in stage.steps}
    expected: dict[tuple[int, int], str] = {}
    for step in stage.steps:
        if step.go is not None:
            expected[step.box, number[step.go]] = ""
        for answer in step.answers:
            key = step.box, number[answer.go]
            expected[key] = f"{expected[key]} / {answer.text}" if key in expected else answer.text
    shown: dict[tuple[int, int], str] = {}
    for page in sheets:
        here = boxes(page.picture)
        for arrow in arrows(page.picture):
            points = arrow.line.points
            tails = [box for box in here if box.kind == "box" and on_border(box, points[0])]
            heads = [box for box in here if on_border(box, points[-1])]
            if len(tails) != 1 or len(heads) != 1:
                found.append(f"{arrow.group.id} joins {[b.id for b in tails]} and {[b.id for b in heads]}")
                continue
            tail, head = number_of(tails[0]), number_of(heads[0])
            if arrow.group.id != f"arrow-{tail}-{head}":
                found.append(f"{arrow.group.id} leads from {tail} to {head}")
            if (tail, head) in shown:
                found.append(f"the way from {tail} to {head} is drawn twice")
            lines = texts_of(arrow.label.shapes) if arrow.label is not None else []
            shown[tail, head] = " ".join(line.text for line in lines)
    for key in expected.keys() | shown.keys():
        if key not in shown or key not in expected:
            found.append(f"the way {key} is {'only drawn' if key in shown else 'not drawn'}")
        elif _letters(escaped(expected[key])) != _letters(shown[key]):
            found.append(f"the way {key} says `{shown[key]}`, not `{expected[key]}`")
    return found


def _letters(text: str) -> str:
    """A text without its blanks, since lines may break anywhere."""
    return "".join(text.split())


def rule_faults(pages: Sequence[Page], stage: Stage, guideline: Guideline) -> list[str]:
    """Rules that do not stand once in their box or beside it, and short texts that are not there in full."""
    found: list[str] = []
    places = {f"box-{step.box}": list(step.rules) for step in stage.steps}
    places |= {f"beside-{stage.id}": list(stage.beside)} if stage.beside else {}
    groups = {g.id: g for page in pages if page.stage == stage.id for g in every_group(page.picture.shapes)}
    for place, ids in places.items():
        shown = rows_of(groups[place]) if place in groups else []
        names = [clipped(id, TEXT, MOST_ID, True) for id in ids]
        if [row.id for row in shown] != names:
            found.append(f"{place} has the rules {ids}, and shows {[row.id for row in shown]}")
            continue
        for row, rule in zip(shown, (guideline.rules[id] for id in ids), strict=True):
            words = _letters(" ".join(text.text for text in row.texts))
            whole = _letters(escaped(rule.short)) if rule.short is not None else ""
            if whole not in words:
                found.append(f"{place}: {rule.id} says `{words}`, not `{rule.short}`")
            if (rule.kind == "avoid") != words.startswith("DONOT"):
                found.append(f"{place}: {rule.id} is `{rule.kind}`, and says `{words}`")
    return found


@dataclass(frozen=True)
class Row:
    """A rule as it is drawn: its id, the texts behind that, its marks, and whether a `?` is one of them."""

    id: str
    texts: tuple[Text, ...]
    marks: tuple[Rectangle | Polygon | Line, ...]
    asked: bool

    def has(self, *roles: str) -> bool:
        return any(mark.role in roles for mark in self.marks)


def rows_of(group: Group) -> list[Row]:
    """The rules of a box or panel, in their order: of each first the marks before its id, then what follows it."""
    shapes = list(leaves(group.shapes))
    ids = [i for i, shape in enumerate(shapes) if isinstance(shape, Text) and _is_id(shape)]
    begins = [_first_mark(shapes, i) for i in ids]
    found: list[Row] = []
    for id, begin, end in zip(ids, begins, [*begins, len(shapes)][1:], strict=True):
        text = shapes[id]
        assert isinstance(text, Text)
        texts = [shape for shape in shapes[id + 1 : end] if isinstance(shape, Text) and _is_word(shape)]
        last = max((i for i in range(id, end) if shapes[i] in texts), default=end)
        marks = [shape for shape in shapes[begin:last] if not isinstance(shape, Text)]
        open_ = any(isinstance(shape, Text) and shape.text == "?" for shape in shapes[begin:id])
        found.append(Row(text.text, tuple(texts), tuple(marks), open_))
    return found


def _first_mark(shapes: Sequence[Text | Rectangle | Polygon | Line], id: int) -> int:
    """Where the marks begin that are drawn before an id."""
    first = id
    while first and (not isinstance(before := shapes[first - 1], Text) or before.text == "?"):
        if before.role == "rule-line" or (isinstance(before, Rectangle | Polygon) and OUTLINES.fullmatch(before.role)):
            break
        first -= 1
    return first


def _is_id(text: Text) -> bool:
    return text.room == MOST_ID and text.bold and text.size == TEXT


def _is_word(text: Text) -> bool:
    """Whether a text is one of the words of a rule: no letter of a badge, no `or`, and not what a box needs."""
    return text.anchor == "start" and text.size == TEXT and not text.text.startswith("NEEDS: ")


def booklet_faults(pages: Sequence[Page], guideline: Guideline) -> list[str]:
    """Everything that is wrong with the pages of a guideline."""
    found = [fault for stage in guideline.stages for fault in stage_faults(pages, stage)]
    found += [fault for stage in guideline.stages for fault in rule_faults(pages, stage, guideline)]
    ids = [group.id for page in pages for group in every_group(page.picture.shapes)]
    found += [f"{id} is there twice" for id, times in Counter(ids).items() if times > 1]
    for page in pages:
        faults = geometry_faults(page.picture) if page.stage is None else chart_faults(page.picture)
        found += [f"{page.name}: {fault}" for fault in faults]
    return found
