"""How a rule stands in a box: its id, strength and certainty as a badge, its kind and short text, and its sources."""

from __future__ import annotations

from dataclasses import dataclass

from guidewright.engine.outcome import Status
from guidewright.rules.display import escaped
from guidewright.rules.model import Guideline, Rule
from guidewright.visualize.marks import Marks
from guidewright.visualize.palette import BADGES
from guidewright.visualize.picture import Area, Line, Polygon, Rectangle, Shape, Text
from guidewright.visualize.references import cited
from guidewright.visualize.rule_words import kind_and_words
from guidewright.visualize.text_metrics import clipped, text_width, words_of, wrapped

TEXT, LEADING = 9.0, 10.7
GLYPH = 10.0  # the room left of a rule for what became of it
ABOVE, BELOW = 2.0, 1.4
_ID_GAP, _SIGN, _PILL_GAP = 3.0, 12.5, 3.5
MOST_ID = 60.0
_MOST_LINES = 4
_UNGRADED = 2  # the colour of a badge without a strength


@dataclass(frozen=True, slots=True)
class Scheme:
    """What rows need of the guideline: the ranks and letters of its grades, and the numbers of its sources."""

    guideline: Guideline
    numbers: dict[str, int]

    def strength(self, rule: Rule) -> int | None:
        ids = [grade.id for grade in self.guideline.strengths]
        strength = rule.evidence.strength
        return ids.index(strength) if strength in ids else None

    def certainty(self, rule: Rule) -> tuple[int, int] | None:
        """How many of how many circles are filled, as GRADE draws it: the lowest certainty fills one."""
        ids = [grade.id for grade in self.guideline.certainties]
        certainty = rule.evidence.certainty
        return (len(ids) - ids.index(certainty), len(ids)) if certainty in ids else None

    def letters(self) -> tuple[str, ...]:
        """A letter for each strength, by which its badge is told; the legend gives the word."""
        found: list[str] = []
        for grade in self.guideline.strengths:
            label = escaped(grade.label).upper()
            initials = [word[0] for word in label.split()]
            free = [letter for letter in (*initials, *label) if letter.isalnum() and letter not in found]
            found.append(free[0] if free else str(len(found) + 1))
        return tuple(found)


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """A rule's lines at a width, the first beginning behind its id and badge. Nothing depends on the patient.

    `sources` stand behind the last line.
    """

    rule: Rule
    prefix: str
    lines: tuple[str, ...]
    sources: str
    lead: float
    height: float


def row_of(rule: Rule, room: float, scheme: Scheme) -> Row:
    sources = cited((*rule.evidence.because, *rule.evidence.although), scheme.numbers)
    named = f"[{','.join(map(str, sources))}]" if sources else ""
    lead = text_width(_id(rule), TEXT, True) + _ID_GAP + (_SIGN if rule.signoff else 0.0)
    badge = badge_width(scheme.strength(rule), scheme.certainty(rule))
    lead += badge + _PILL_GAP if badge else 0.0
    room -= GLYPH
    prefix, text = kind_and_words(rule)
    whole = " ".join(part for part in (prefix, text, named) if part)
    # A short text is never cut.
    most = max(len(text), _MOST_LINES) if rule.short else _MOST_LINES
    lines = _flowed(whole, prefix, room, lead, most)
    if named and not lines[-1].endswith(named):
        lines, named = _flowed(whole.removesuffix(named).rstrip(), prefix, room, lead, most), ""
    elif named:
        lines = (*lines[:-1], lines[-1].removesuffix(named).rstrip())
    return Row(rule, prefix, lines, named, lead, ABOVE + len(lines) * LEADING + BELOW)


def _flowed(text: str, prefix: str, room: float, lead: float, most: int) -> tuple[str, ...]:
    """Lines of which the first has less room, and in which the prefix is bold and stays whole."""
    words = words_of(text.removeprefix(prefix))
    lines: list[str] = []
    line, used = (prefix, text_width(prefix, TEXT, True)) if prefix else ("", 0.0)
    left = room - lead
    if used > left:
        lines, left = [""], room
    for word in words:
        wide = text_width(word, TEXT) + (text_width(" ", TEXT) if line else 0.0)
        if used + wide <= left:
            line, used = f"{line} {word}" if line else word, used + wide
            continue
        if line or not lines:
            lines.append(line)
        *whole, line = wrapped(word, TEXT, room) or ("",)
        lines += whole
        used, left = text_width(line, TEXT), room
    lines.append(line)
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], clipped(" ".join(lines[most - 1 :]), TEXT, room))


def drawn_row(row: Row, x: float, y: float, room: float, scheme: Scheme, marks: Marks | None) -> tuple[Shape, ...]:
    """The row with its top left corner at a point."""
    status = status_of(row.rule, marks)
    faded = marks is not None and status not in ("fired", "open")
    shapes: list[Shape] = []
    if status in ("fired", "open"):
        area = Area(x - 3, y + 0.3, room + 6, row.height - 0.6)
        shapes.append(Rectangle(area, "row-fired" if status == "fired" else "row-open", 2))
    top = y + ABOVE
    baseline = top + LEADING - 2.5
    shapes += _glyph(row.rule.kind == "avoid", status, x, top, faded)
    shapes += _lead(row.rule, x + GLYPH, baseline, scheme, faded)
    shapes += _text(row, x + GLYPH, baseline, room - GLYPH, faded, struck=status == "overridden")
    return tuple(shapes)


def status_of(rule: Rule, marks: Marks | None) -> Status | None:
    """What became of a rule; `None` without a patient, and where the guideline does not apply to the patient."""
    mark = marks.rules.get(rule.id) if marks is not None and marks.applies is not False else None
    return mark.status if mark is not None else None


def _lead(rule: Rule, x: float, y: float, scheme: Scheme, faded: bool) -> list[Shape]:
    role = "faded" if faded else "muted"
    shapes: list[Shape] = [Text(x, y, _id(rule), TEXT, role, MOST_ID, bold=True)]
    x += text_width(_id(rule), TEXT, True) + _ID_GAP
    if rule.signoff:
        shapes += signature_mark(x + 5, y - 3.1, faded)
        x += _SIGN
    return shapes + badge_shapes(scheme.strength(rule), scheme.certainty(rule), scheme.letters(), x, y, faded)


def _id(rule: Rule) -> str:
    return clipped(rule.id, TEXT, MOST_ID, True)


def _text(row: Row, x: float, y: float, room: float, faded: bool, struck: bool) -> list[Shape]:
    prefix = row.prefix
    role = "faded" if faded else "ink"
    shapes: list[Shape] = []
    for number, line in enumerate(row.lines):
        baseline = y + LEADING * number
        start = row.lead if number == 0 else 0.0
        if prefix and line.startswith(prefix):
            kind = "stop" if row.rule.kind == "avoid" and not faded else role
            shapes.append(Text(x + start, baseline, prefix, TEXT, kind, room - start, bold=True, struck=struck))
            start += text_width(prefix + " ", TEXT, True)
            line, prefix = line.removeprefix(prefix).lstrip(), ""
        if line:
            shapes.append(Text(x + start, baseline, line, TEXT, role, room - start, struck=struck))
            start += text_width(line + " ", TEXT)
        if row.sources and number == len(row.lines) - 1:
            muted = "faded" if faded else "muted"
            shapes.append(Text(x + start, baseline, row.sources, TEXT, muted, room - start))
    return shapes


def _glyph(avoid: bool, status: Status | None, x: float, y: float, faded: bool) -> list[Shape]:
    """What became of the rule: fires (a tick), open (a question mark), else a dot; a DO NOT has its own mark."""
    middle = y + LEADING / 2
    if avoid:
        return list(stop_mark(x + 3.6, middle, 4.3, faded))
    if status == "fired":
        return [Line(((x + 0.4, middle), (x + 3.0, middle + 3), (x + 7.0, middle - 3.6)), "tick")]
    if status == "open":
        return [Text(x + 3.6, middle + 3.4, "?", 10, "open", 8, bold=True, anchor="middle")]
    if status == "not_fired":
        return [Line(((x + 1.0, middle), (x + 6.0, middle)), "cross")]
    return [Rectangle(Area(x + 2.2, middle - 1.5, 3, 3), "dot-faded" if faded else "dot", 1.5)]


def stop_mark(x: float, y: float, size: float, faded: bool = False) -> tuple[Shape, ...]:
    """An octagon with a bar, around a point."""
    cut = size * 0.414
    points = (
        (x - cut, y - size),
        (x + cut, y - size),
        (x + size, y - cut),
        (x + size, y + cut),
        (x + cut, y + size),
        (x - cut, y + size),
        (x - size, y + cut),
        (x - size, y - cut),
    )
    bar = Area(x - size * 0.62, y - size * 0.2, size * 1.24, size * 0.4)
    return Polygon(points, "stop-mark-faded" if faded else "stop-mark"), Rectangle(bar, "stop-bar")


def signature_mark(x: float, y: float, faded: bool = False) -> tuple[Shape, ...]:
    """A circled S around a point: the rule waits for a clinician's signature."""
    circle = Rectangle(Area(x - 5.2, y - 5.2, 10.4, 10.4), "sign-faded" if faded else "sign", 5.2)
    return circle, Text(x, y + 3.2, "S", 9, "faded" if faded else "ink", 9, bold=True, anchor="middle")


def badge_width(strength: int | None, certainty: tuple[int, int] | None) -> float:
    if strength is None and certainty is None:
        return 0.0
    return 5.0 + (7.5 if strength is not None else 0.0) + (certainty[1] * 5.4 + 1.0 if certainty is not None else 0.0)


def badge_shapes(
    strength: int | None,
    certainty: tuple[int, int] | None,
    letters: tuple[str, ...],
    x: float,
    y: float,
    faded: bool = False,
) -> list[Shape]:
    """A pill with the letter of the strength and the certainty as filled circles, on a baseline."""
    wide = badge_width(strength, certainty)
    if not wide:
        return []
    rank = min(strength, len(BADGES) - 1) if strength is not None else _UNGRADED
    shapes: list[Shape] = [Rectangle(Area(x, y - 7.9, wide, 10), "badge-faded" if faded else f"badge-{rank}", 3)]
    if strength is not None:
        role = "faded" if faded else "white"
        shapes.append(Text(x + 6.2, y, letters[strength], 9, role, 9, bold=True, anchor="middle"))
    if certainty is not None:
        filled, of = certainty
        begin = x + (12.0 if strength is not None else 3.5)
        for i in range(of):
            circle = Area(begin + i * 5.4, y - 5.2, 4.4, 4.4)
            kind = ("grade-on" if i < filled else "grade-off") + ("-faded" if faded else "")
            shapes.append(Rectangle(circle, kind, 2.2))
    return shapes


def needs_text(begin: str, labels: tuple[str, ...], size: float, room: float) -> str:
    """As many labels as fit, and how many more there are."""
    names = [escaped(label) for label in labels]
    for shown in range(len(names), 0, -1):
        rest = f" +{len(names) - shown}" if shown < len(names) else ""
        text = begin + "; ".join(names[:shown]) + rest
        if text_width(text, size, True) <= room:
            return text
    rest = f" +{len(names) - 1}" if len(names) > 1 else ""
    first = clipped(names[0] if names else "", size, room - text_width(begin + rest, size, True), True)
    return begin + first + rest
