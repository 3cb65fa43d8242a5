"""The candidates of a weighing as bars: between which ends each sum may still come to lie, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from guidewright.engine.assessment import WeighingAnswer
from guidewright.rules.display import escaped
from guidewright.rules.model import Candidate, Weighing
from guidewright.visualize.picture import Area, Line, Rectangle, Shape, Text
from guidewright.visualize.text_metrics import wrapped

_LABEL, _LABEL_LEADING = 9.0, 11.0
_BAR = 6.0
_BELOW = 4.0
MINUS = "\u2212"


@dataclass(frozen=True, slots=True, repr=False)
class Bar:
    """`net` is `None` without a patient: then the bar is the whole range that the arguments span."""

    id: str
    label: str
    low: float
    high: float
    net: float | None
    role: str


def bars_of(weighing: Weighing, answer: WeighingAnswer | None) -> tuple[Bar, ...]:
    if answer is None:
        return tuple(Bar(one.id, one.label, *_span(one), None, "bar") for one in weighing.candidates)
    found: list[Bar] = []
    for candidate in answer.candidates:
        leads = candidate.id in answer.leading or candidate.id == answer.confirmed
        role = "bar-leading" if leads else "bar-excluded" if candidate.id in answer.excluded else "bar"
        low, high, net = float(candidate.low), float(candidate.high), float(candidate.net)
        found.append(Bar(candidate.id, candidate.label, low, high, net, role))
    return tuple(found)


def _span(candidate: Candidate) -> tuple[float, float]:
    weights = [float(argument.weight) for argument in candidate.arguments]
    return sum(w for w in weights if w < 0), sum(w for w in weights if w > 0)


def ends_of(weighing: Weighing) -> tuple[float, float]:
    """The ends of the scale that all candidates of a weighing share: the most that arguments can take or give."""
    spans = [_span(candidate) for candidate in weighing.candidates]
    return min([0.0, *(span[0] for span in spans)]), max([0.0, *(span[1] for span in spans)])


def height_of_bars(weighing: Weighing, room: float) -> float:
    return (
        sum(len(_label(candidate.label, room)) * _LABEL_LEADING + _BAR + _BELOW for candidate in weighing.candidates)
        + 2
    )


def _label(label: str, room: float) -> tuple[str, ...]:
    """In the bold letters of whoever leads, so that nothing moves when another one does."""
    return wrapped(escaped(label), _LABEL, room, bold=True, most=3)


def drawn_bars(
    weighing: Weighing, answer: WeighingAnswer | None, x: float, y: float, room: float, faded: bool = False
) -> list[Shape]:
    """A row a candidate, all on one scale: the widest that the arguments allow, so that it is the same for everyone."""
    low, high = ends_of(weighing)
    wide = room - 58
    shapes: list[Shape] = []

    def at(value: float) -> float:
        return x + (min(max(value, low), high) - low) / ((high - low) or 1.0) * wide

    bars = bars_of(weighing, answer)
    # The candidates stay where they are, whoever leads.
    order = {candidate.id: i for i, candidate in enumerate(weighing.candidates)}
    for bar in sorted(bars, key=lambda bar: order[bar.id]):
        role = "faded" if faded else "ink"
        leads, out = bar.role == "bar-leading", bar.role == "bar-excluded"
        for line in _label(bar.label, room):
            shapes.append(Text(x, y + 8.6, line, _LABEL, role, room, bold=leads, struck=out))
            y += _LABEL_LEADING
        middle = y + _BAR / 2
        shapes.append(Line(((at(0), y - 1), (at(0), y + _BAR + 2)), "axis"))
        area = Area(at(bar.low), middle - _BAR / 2 + 0.5, max(at(bar.high) - at(bar.low), 1.5), _BAR - 1)
        shapes.append(Rectangle(area, "bar-excluded" if faded else bar.role, 1.5))
        if bar.net is not None:
            shapes.append(Rectangle(Area(at(bar.net) - 3, middle - 3, 6, 6), "net", 3))
        text = interval(bar)
        shapes.append(Text(x + room, middle + 3, text, 9, "faded" if faded else "muted", 56, anchor="end"))
        y += _BAR + _BELOW
    return shapes


def interval(bar: Bar) -> str:
    return f"{signed(bar.low)} … {signed(bar.high)}"


def signed(number: float) -> str:
    text = f"{abs(number):g}"
    return f"{MINUS}{text}" if number < 0 else f"+{text}" if number > 0 else "0"
