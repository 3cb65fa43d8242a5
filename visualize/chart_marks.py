"""A patient's marks on a chart that others lay out (DOT, Mermaid): as words before the lines, and as colours, weights
and dashes. The words say all that the colours say of a rule, so that they can be read without them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from guidewright.visualize.marks import BoxMarks, Passing, RuleMarks
from guidewright.visualize.palette import SHAPES, TEXTS

Lit = Literal["fired", "open"]
"""What became of the rules of a box: one of them fired, or none did but one is open."""

Taking = Literal["passed", "assumed", "faded"]
"""Whether the way takes an arrow, does so on an assumption, or does not."""


@dataclass(frozen=True, slots=True, repr=False)
class Paint:
    """The colours of a box or an arrow, and how its line is drawn."""

    fill: str
    stroke: str
    width: float
    dashed: bool
    text: str


def painted(like: str, passing: Passing | None, lit: Lit | None) -> Paint:
    """A box that is drawn like one of our own shapes. What fired or is open is not faded off the way either, since
    the way gates nothing.
    """
    look = {None: "", "passed": "-passed", "stopped": "-passed", "beyond": "-faded"}[passing]
    style = SHAPES[like + look]
    fill = SHAPES["row-fired"].fill if lit == "fired" else style.fill
    faded = passing == "beyond" and lit is None
    return Paint(fill or "", style.stroke or "", style.width, passing == "stopped", TEXTS["faded" if faded else "ink"])


def painted_arrow(taking: Taking) -> Paint:
    style = SHAPES[f"arrow-{taking}"]
    text = TEXTS["muted" if taking == "faded" else "path"]
    return Paint("", style.stroke or "", style.width, style.dash is not None, text)


def painted_head(applies: bool | None) -> Paint:
    """The box, or only the text, that says what the whole is and of whom."""
    text = TEXTS[{True: "ink", False: "stop", None: "open"}[applies]]
    return Paint(SHAPES["panel"].fill or "", text, SHAPES["panel"].width, False, text)


def taking(mark: BoxMarks, positions: tuple[int, ...]) -> Taking:
    """What becomes of an arrow from a marked box; `positions` are its answers, if it has any."""
    if mark.passing != "passed" or (positions and mark.answer not in positions):
        return "faded"
    return "assumed" if positions and mark.assumed else "passed"


def lit_by(rules: Iterable[RuleMarks]) -> Lit | None:
    statuses = {rule.status for rule in rules}
    return "fired" if "fired" in statuses else "open" if "open" in statuses else None


# --- in words; the texts of authors in them are as they were written

_MOST = 3  # labels before a rule: often the rules of a box, and the stop before them, need the same facts

LEGEND = (
    "Thick: the way of this patient. Dashed: where it stops, or goes on by an answer that is assumed. Pale: not on the "
    "way. Filled with colour: holds for this patient. A rule holds wherever the way goes. Rules that stand in no box "
    "are not shown here, and may hold too."
)


def stop_in_words(mark: BoxMarks) -> tuple[str, ...]:
    """The line that says why the way stops at a box, or on what it was assumed to go on; none where it just passes."""
    missing = "; ".join(mark.needs)
    if mark.several:
        return ("STOPS HERE: several answers hold at once, a fault of the guideline",)
    if mark.passing == "stopped":
        return (f"NEEDS: {missing}" if missing else "STOPS HERE",)
    if mark.assumed:
        return (f"ASSUMED, since not known: {missing}" if missing else "ASSUMED",)
    return ()


def status_in_words(mark: RuleMarks) -> str:
    """`[holds]`, `[open: needs Size; Age; and 2 more]`, `[replaced by R2]`: what became of a rule."""
    more = len(mark.needs) - _MOST
    missing = "; ".join((*mark.needs[:_MOST], *((f"and {more} more",) if more > 0 else ())))
    match mark.status:
        case "fired" if mark.assuming:
            return f"[holds, although this is not known: {missing}]" if missing else "[holds, on an assumption]"
        case "fired":
            return "[holds]"
        case "open":
            return f"[open: needs {missing}]" if missing else "[open]"
        case "overridden":
            return f"[replaced by {', '.join(mark.overridden_by)}]" if mark.overridden_by else "[replaced]"
        case "not_fired":
            return "[does not hold]"


def answer_in_words(text: str, taking: Taking, mark: BoxMarks, positions: tuple[int, ...]) -> str:
    """What stands at an arrow: whether its answer is only assumed, or one of several that hold at once."""
    if taking == "assumed":
        return f"[assumed] {text}"
    return f"[holds] {text}" if set(positions) & set(mark.several) else text
