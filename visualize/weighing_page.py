"""The page of a weighing: for each candidate a bar from the least to the most that its arguments may still sum up to,
and the arguments for and against it, with what each weighs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from guidewright.engine.assessment import CandidateAnswer, WeighingAnswer
from guidewright.rules.display import escaped
from guidewright.rules.model import Argument, Candidate, Weighing
from guidewright.visualize.palette import stage_rank
from guidewright.visualize.picture import Area, Group, Line, Picture, Rectangle, Shape, Text, moved
from guidewright.visualize.references import cited
from guidewright.visualize.rule_rows import Scheme
from guidewright.visualize.scale import Bar, bars_of, ends_of, interval, signed
from guidewright.visualize.sheet import GAP, Block, Sheet, footer, header, page_of, stacked
from guidewright.visualize.text_metrics import clipped, text_width, wrapped

_WIDTH = 687.0
_TITLE = 11.0
_SIZE, _LEADING = 9.0, 10.5
_PAD = 8.0
_WEIGHT = 26.0
_MARK = 12.0
_HEAD = 21.0
_BAR = 200.0
_APART = 4.0


@dataclass(frozen=True, slots=True, repr=False)
class _Entry:
    argument: Argument
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return len(self.lines) * _LEADING + 3


def weighing_sheets(weighing: Weighing, scheme: Scheme, high: float | None) -> list[list[Candidate]]:
    """The candidates of each sheet, so that what stands below the title is not higher than `high`."""
    bars = {bar.id: bar for bar in bars_of(weighing, None)}
    least = _note(None).height + GAP + _columns().height
    found: list[list[Candidate]] = []
    used = least
    for candidate in weighing.candidates:
        taken = _panel(candidate, bars[candidate.id], None, weighing, None, scheme).height + _APART
        if not found or (high is not None and used + taken > high):
            found.append([])
            used = least
        found[-1].append(candidate)
        used += taken
    return found


def weighing_page(
    weighing: Weighing,
    candidates: Sequence[Candidate],
    title: str,
    position: int,
    name: str,
    scheme: Scheme,
    sheet: Sheet,
) -> Picture:
    """The page of some candidates of a weighing."""
    from guidewright.visualize.booklet import letter_of

    marks = sheet.marks
    answer = marks.weighings.get(weighing.id) if marks is not None and marks.applies is not False else None
    bars = {bar.id: bar for bar in bars_of(weighing, answer)}
    by_id = {candidate.id: candidate for candidate in answer.candidates} if answer is not None else {}
    panels = [
        _panel(candidate, bars[candidate.id], by_id.get(candidate.id), weighing, answer, scheme)
        for candidate in candidates
    ]
    placed, height = stacked([_columns(), *panels], _APART)
    shapes = tuple(moved(shape, 0, top) for panel, top in placed for shape in panel.shapes)
    colour = stage_rank(position)
    head = header(sheet, letter_of(position), title, f"stage-{colour}", _WIDTH)
    about = f"The arguments for and against {len(candidates)} candidates, and their sums."
    blocks = [head, _note(answer), Block(shapes, _WIDTH, height), footer(sheet, _WIDTH)]
    return page_of(blocks, f"{scheme.guideline.title}: {title}", about, name)


def _columns() -> Block:
    half = (_WIDTH - 3 * _PAD) / 2
    shapes = tuple(
        Text(_PAD + number * (half + _PAD), 9, words, 10, "ink", half, bold=True)
        for number, words in enumerate(("Arguments for", "Arguments against"))
    )
    return Block(shapes, _WIDTH, 11)


def _note(answer: WeighingAnswer | None) -> Block:
    words = "An ordering to discuss, not a probability. A bar is the range of what may still come out"
    words += ", the dot the sum so far." if answer is not None else " of all arguments."
    words += " “yes” confirms a candidate, “no” excludes it."
    keys = "Filled: it holds. ?: not known yet. Faded: it does not hold." if answer is not None else ""
    lines = wrapped(f"{words} {keys}".strip(), 9.5, _WIDTH)
    shapes = tuple(Text(0, 10 + i * 12, line, 9.5, "muted", _WIDTH) for i, line in enumerate((*lines, "")[:2]) if line)
    return Block((Group("legend", "page-legend", "", Area(0, 0, _WIDTH, 24), shapes),), _WIDTH, 24)


def _panel(
    candidate: Candidate,
    bar: Bar,
    of_patient: CandidateAnswer | None,
    weighing: Weighing,
    answer: WeighingAnswer | None,
    scheme: Scheme,
) -> Block:
    half = (_WIDTH - 3 * _PAD) / 2
    speak_for = [a for a in candidate.arguments if a.confirms or (not a.excludes and a.weight > 0)]
    against = [a for a in candidate.arguments if a not in speak_for]
    columns = [_entries(side, half, scheme) for side in (speak_for, against)]
    high = _HEAD + max(sum(entry.height for entry in column) for column in columns) + 3
    area = Area(0, 0, _WIDTH, high)
    leads = bar.role == "bar-leading"
    shapes: list[Shape] = [Rectangle(area, "panel-passed" if leads else "panel", 4)]
    standing = _standing(candidate, answer)
    room = _WIDTH - _BAR - 90
    title = f": {standing}" if standing else ""
    title = clipped(escaped(candidate.label), _TITLE, room - text_width(title, _TITLE, True), True) + title
    shapes.append(Text(_PAD, 14.5, title, _TITLE, "path" if leads else "ink", room, bold=True))
    shapes += _bar(bar, weighing)
    for number, column in enumerate(columns):
        x, y = _PAD + number * (half + _PAD), _HEAD
        if not column:
            nothing = "no argument " + ("against" if number else "for it")
            shapes.append(Text(x + _MARK + _WEIGHT, y + 8.2, nothing, _SIZE, "muted", half))
        for entry in column:
            shapes += _drawn(entry, x, y, half, of_patient, answer is not None)
            y += entry.height
    said = f"{candidate.label}. {standing}. From {interval(bar)}. " + ". ".join(a.says for a in candidate.arguments)
    return Block((Group("panel", f"candidate-{weighing.id}-{candidate.id}", said, area, tuple(shapes)),), _WIDTH, high)


def _standing(candidate: Candidate, answer: WeighingAnswer | None) -> str:
    if answer is None:
        return ""
    if answer.confirmed == candidate.id:
        return "confirmed"
    if candidate.id in answer.excluded:
        return "excluded"
    return (
        "leads so far"
        if candidate.id in answer.leading
        else "may still lead"
        if candidate.id in answer.possible
        else ""
    )


def _bar(bar: Bar, weighing: Weighing) -> list[Shape]:
    low, high = ends_of(weighing)
    right = _WIDTH - _PAD
    text = interval(bar) if bar.net is None else f"{signed(bar.net)}  [{interval(bar)}]"
    begin = right - 84 - _BAR

    def at(value: float) -> float:
        return begin + (min(max(value, low), high) - low) / ((high - low) or 1.0) * _BAR

    area = Area(at(bar.low), 7, max(at(bar.high) - at(bar.low), 1.5), 7)
    shapes: list[Shape] = [
        Line(((at(0), 4), (at(0), 17)), "axis"),
        Rectangle(area, bar.role, 2),
        Text(right, 13.6, text, _SIZE, "ink", 82, anchor="end"),
    ]
    if bar.net is not None:
        shapes.append(Rectangle(Area(at(bar.net) - 3.6, 6.9, 7.2, 7.2), "net", 3.6))
    return shapes


def _entries(arguments: Sequence[Argument], half: float, scheme: Scheme) -> list[_Entry]:
    found: list[_Entry] = []
    for argument in sorted(arguments, key=lambda a: (not (a.confirms or a.excludes), -abs(float(a.weight)))):
        numbers = cited((*argument.evidence.because, *argument.evidence.although), scheme.numbers)
        sources = f" [{','.join(map(str, numbers))}]" if numbers else ""
        text = escaped(argument.says) + sources
        found.append(
            _Entry(argument, wrapped(text, _SIZE, half - _WEIGHT - _MARK - text_width(" G00", _SIZE, True) - 6))
        )
    return found


def _drawn(
    entry: _Entry, x: float, y: float, half: float, of_patient: CandidateAnswer | None, marked: bool
) -> list[Shape]:
    argument = entry.argument
    holds, still = _known(argument, of_patient)
    faded = marked and not holds and not still
    role = "faded" if faded else "ink"
    shapes: list[Shape] = []
    middle = y + _LEADING / 2
    if holds:
        area = Area(x - 2, y - 0.4, half + 2, entry.height - 0.8)
        shapes.append(Rectangle(area, "row-fired", 2))
        shapes.append(Line(((x + 1, middle), (x + 3.6, middle + 3), (x + 7.6, middle - 3.6)), "tick"))
    elif still:
        shapes.append(Rectangle(Area(x - 2, y - 0.4, half + 2, entry.height - 0.8), "row-open", 2))
        shapes.append(Text(x + 4, middle + 3.4, "?", 10, "open", 8, bold=True, anchor="middle"))
    elif faded:
        shapes.append(Line(((x + 1, middle), (x + 6, middle)), "cross"))
    else:
        shapes.append(Rectangle(Area(x + 2.5, middle - 1.5, 3, 3), "dot", 1.5))
    shapes.append(
        Text(x + _MARK + _WEIGHT - 5, y + 8.2, _weight(argument), _SIZE, role, _WEIGHT, bold=True, anchor="end")
    )
    for i, line in enumerate(entry.lines):
        room = half - _WEIGHT - _MARK
        shapes.append(Text(x + _MARK + _WEIGHT, y + 8.2 + i * _LEADING, line, _SIZE, role, room))
    muted = "faded" if faded else "muted"
    shapes.append(Text(x + half - 2, y + 8.2, argument.id, _SIZE, muted, 26, bold=True, anchor="end"))
    return shapes


def _known(argument: Argument, of_patient: CandidateAnswer | None) -> tuple[bool, bool]:
    """Whether it holds for the patient, and whether that is still open."""
    if of_patient is None:
        return False, False
    holds = any(a.id == argument.id for a in (*of_patient.supporting, *of_patient.opposing))
    return holds, any(a.id == argument.id for a in of_patient.open)


def _weight(argument: Argument) -> str:
    if argument.confirms:
        return "yes"
    if argument.excludes:
        return "no"
    return signed(float(argument.weight))
