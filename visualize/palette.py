"""The colours of the pictures. Every role keeps its meaning in greyscale by its shape, weight or words as well.

Text stands on the fills that `READS_ON` names; a test holds a contrast of 4.5 to 1 for each pair (WCAG 2.2, AA).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """How a shape is filled and outlined; `dash` as in SVG. `None` paints nothing."""

    fill: str | None = None
    stroke: str | None = None
    width: float = 0.0
    dash: str | None = None


INK, MUTED, FADED = "#1B2A3A", "#4F5F6E", "#616D79"
PATH, STOP, OPEN = "#B8003A", "#A11212", "#7A4A00"
PAPER, PALE = "#FFFFFF", "#FBFCFD"

STAGES = ("#0B5A8A", "#8A4B00", "#00664D", "#6B3F87", "#7A2E4D", "#4A5A12")
"""The colour of each page's title and number tabs; with more stages they begin again."""

_TINTS = ("#EEF5FA", "#FDF6EC", "#EDF7F3", "#F6F0FA", "#FBF0F4", "#F4F6EA")

BADGES = ("#0B5A8A", "#5B3C8C", "#4F5F6E", "#6B5A2E", "#8A3B3B")
"""By rank of strength, the strongest first."""

SHAPES: dict[str, Style] = {
    "paper": Style(fill=PAPER),
    "rule-line": Style(stroke="#C9D1D8", width=0.8),
    "state": Style(PAPER, "#566573", 1.2),
    "action": Style(PAPER, "#566573", 1.2),
    "decision": Style("#FFF7D6", "#9A6B00", 1.2),
    "link": Style("#EEF1F4", "#566573", 1.2),
    "end": Style("#EEF1F4", "#566573", 2.2),
    "panel": Style(PAPER, "#566573", 1.2),
    "arrow": Style(stroke="#566573", width=1.2),
    "head": Style(fill="#566573"),
    # On the way of the patient.
    "state-passed": Style(PAPER, PATH, 2.2),
    "action-passed": Style(PAPER, PATH, 2.2),
    "decision-passed": Style("#FFF7D6", PATH, 2.2),
    "link-passed": Style("#EEF1F4", PATH, 2.2),
    "end-passed": Style("#EEF1F4", PATH, 2.8),
    "panel-passed": Style(PAPER, PATH, 2.2),
    "decision-stopped": Style("#FFF7D6", PATH, 2.2, "6 3"),
    "arrow-passed": Style(stroke=PATH, width=2.8),
    "head-passed": Style(fill=PATH),
    "arrow-assumed": Style(stroke=PATH, width=2.8, dash="4 3"),
    # Where the patient does not come.
    "state-faded": Style(PALE, "#B9C2CA", 1.0),
    "action-faded": Style(PALE, "#B9C2CA", 1.0),
    "decision-faded": Style(PALE, "#B9C2CA", 1.0),
    "link-faded": Style(PALE, "#B9C2CA", 1.0),
    "end-faded": Style(PALE, "#B9C2CA", 1.6),
    "panel-faded": Style(PALE, "#B9C2CA", 1.0),
    "arrow-faded": Style(stroke="#C9D1D8", width=1.0),
    "head-faded": Style(fill="#C9D1D8"),
    "tab-passed": Style(fill=PATH),
    "tab-faded": Style(fill="#EBEFF2"),
    # What became of a rule.
    "row-fired": Style("#FBE3EA", PATH, 0.8),
    "row-open": Style(PAPER, OPEN, 1.0, "3 2"),
    "tick": Style(stroke=PATH, width=1.8),
    "cross": Style(stroke=FADED, width=1.4),
    "dot": Style(fill=MUTED),
    "dot-faded": Style(fill="#9AA5AF"),
    "stop-mark": Style(fill=STOP),
    "stop-mark-faded": Style(fill="#8A6A6A"),
    "stop-bar": Style(fill=PAPER),
    "sign": Style(PAPER, INK, 1.0),
    "sign-faded": Style(PALE, FADED, 1.0),
    "grade-on": Style(PAPER, PAPER, 0.8),
    "grade-off": Style(None, PAPER, 0.8),
    "grade-on-faded": Style(FADED, FADED, 0.8),
    "grade-off-faded": Style(None, FADED, 0.8),
    "badge-faded": Style("#EEF1F4"),
    "strike": Style(stroke=FADED, width=1.0),
    # The weighing.
    "axis": Style(stroke="#8794A0", width=0.8, dash="2 2"),
    "bar": Style("#C7D6E3", "#0B5A8A", 0.8),
    "bar-leading": Style("#B8003A", "#B8003A", 0.8),
    "bar-excluded": Style("#EEF1F4", "#B9C2CA", 0.8),
    "net": Style(INK, PAPER, 0.8),
    "stage": Style(PALE, "#566573", 1.2),
    "stage-passed": Style(PALE, PATH, 2.2),
    "banner": Style("#FFF1D6", "#7A4A00", 1.0),
}
for _rank, _colour in enumerate(STAGES):
    SHAPES[f"tab-{_rank}"] = Style(fill=_colour)
    SHAPES[f"tint-{_rank}"] = Style(_TINTS[_rank], _colour, 1.0)
for _rank, _colour in enumerate(BADGES):
    SHAPES[f"badge-{_rank}"] = Style(fill=_colour)

TEXTS: dict[str, str] = {
    "ink": INK,
    "muted": MUTED,
    "faded": FADED,
    "white": PAPER,
    "stop": STOP,
    "path": PATH,
    "open": OPEN,
    **{f"stage-{rank}": colour for rank, colour in enumerate(STAGES)},
}

READS_ON: dict[str, tuple[str, ...]] = {
    "ink": (PAPER, PALE, "#FFF7D6", "#EEF1F4", "#FBE3EA", "#FFF1D6", *_TINTS),
    "muted": (PAPER, PALE, "#FFF7D6", "#FBE3EA", "#EEF1F4", *_TINTS),
    "faded": (PAPER, PALE, "#EBEFF2", "#EEF1F4", *_TINTS),
    "white": (*STAGES, *BADGES, PATH, STOP),
    "stop": (PAPER, PALE, "#FBE3EA", *_TINTS),
    "path": (PAPER, PALE, "#FFF7D6", "#FBE3EA", "#EEF1F4"),
    "open": (PAPER, PALE, "#FFF7D6", "#FFF1D6", *_TINTS),
    **{f"stage-{rank}": (PAPER, PALE, "#FFF7D6") for rank in range(len(STAGES))},
}
"""On which fills the text of each role may stand."""


def stage_rank(position: int) -> int:
    """The colour of the stage at a position."""
    return position % len(STAGES)
