"""A picture as SVG. It is whole in itself: no script, no link to a font or style elsewhere, the same bytes every time.

Every text is escaped, and controls and marks of direction are shown, not obeyed (`rules.display.escaped`).
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal, get_args
from xml.sax.saxutils import escape, quoteattr

from guidewright.rules.display import escaped
from guidewright.visualize.palette import SHAPES, TEXTS
from guidewright.visualize.picture import Group, Line, Picture, Point, Polygon, Rectangle, Shape, Text
from guidewright.visualize.text_metrics import is_measured, text_width

Links = Literal["files", "here", "none"]

FAMILY = 'Arimo, Arial, "Liberation Sans", Helvetica, sans-serif'
_HEAD = 7.0  # the length of an arrow head in points


def svg_text(picture: Picture, *, embed_font: bool = True, links: Links = "files") -> str:
    """The picture as the text of an SVG file, ending in a line feed.

    Without `embed_font` the font is named `Arimo` alone, for a program that brings it along. `links` lead to the
    `files` of other pages, to their boxes on the page that all are `here` on, or there are `none`.
    """
    if links not in get_args(Links):
        raise ValueError(f"links are {', '.join(get_args(Links))}, not {links!r}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="guidewright" viewBox="0 0 {_n(picture.width)} '
        f'{_n(picture.height)}" width="{_n(picture.width)}" height="{_n(picture.height)}" '
        f'role="graphics-document document" aria-roledescription="flowchart" '
        f"aria-labelledby={_attribute(f'{picture.name}-title')} aria-describedby={_attribute(f'{picture.name}-text')} "
        f"font-family={_attribute(FAMILY if embed_font else 'Arimo')}>",
        f"<title id={_attribute(f'{picture.name}-title')}>{_text(picture.title)}</title>",
        f"<desc id={_attribute(f'{picture.name}-text')}>{_text(picture.description)}</desc>",
        f"<style>{font_faces() if embed_font else ''}.guidewright text{{font-kerning:none;white-space:pre}}</style>",
    ]
    for shape in picture.shapes:
        parts += _drawn(shape, links)
    return "\n".join([*parts, "</svg>"]) + "\n"


@cache
def font_faces() -> str:
    """The style rules that bring the font of the pictures along."""
    rules: list[str] = []
    for weight, name in ((400, "Regular"), (700, "Bold")):
        data = files("guidewright.visualize").joinpath(f"fonts/Arimo-{name}.woff2").read_bytes()
        code = base64.b64encode(data).decode("ascii")
        rules.append(
            f"@font-face{{font-family:Arimo;font-weight:{weight};src:url(data:font/woff2;base64,{code}) "
            'format("woff2")}'
        )
    return "".join(rules)


def _drawn(shape: Shape, links: Links) -> Iterator[str]:
    match shape:
        case Rectangle(area, role, radius):
            yield (
                f'<rect x="{_n(area.x)}" y="{_n(area.y)}" width="{_n(area.width)}" height="{_n(area.height)}"'
                f"{f' rx={chr(34)}{_n(radius)}{chr(34)}' if radius else ''}{_style(role)}/>"
            )
        case Polygon(points, role):
            yield f'<polygon points="{_points(points)}"{_style(role)} stroke-linejoin="round"/>'
        case Line():
            yield from _line(shape)
        case Text():
            yield _words(shape)
        case Group():
            yield from _group(shape, links)


def _group(group: Group, links: Links) -> Iterator[str]:
    about = f' role="img" aria-label={_attribute(group.label)}' if group.label else ' aria-hidden="true"'
    link = group.link if links != "none" else None
    if link is not None:
        # Around the box: a link inside an image is out of reach for whoever does not see it.
        yield f"<a href={_attribute(link if links == 'files' else _here(link))}>"
    yield f'<g id={_attribute(group.id)} class="{group.kind}"{about}>'
    for shape in group.shapes:
        yield from _drawn(shape, links)
    yield "</g>"
    if link is not None:
        yield "</a>"


def _here(link: str) -> str:
    """A link to a box on another page, or to that page, where all pages stand on one."""
    page, _, box = link.partition("#")
    return f"#{box}" if box else f"#page-{page.removesuffix('.svg')}"


def _words(text: Text) -> str:
    # A letter that the font lacks comes from another one: then the line is made to fit.
    fit = "" if is_measured(text.text) else f' textLength="{_n(_width(text))}" lengthAdjust="spacingAndGlyphs"'
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    bold = ' font-weight="700"' if text.bold else ""
    struck = ' text-decoration="line-through"' if text.struck else ""
    return (
        f'<text x="{_n(text.x)}" y="{_n(text.y)}" font-size="{_n(text.size)}"{bold}{anchor}{struck}{fit} '
        f'fill="{TEXTS[text.role]}">{_text(text.text)}</text>'
    )


def _width(text: Text) -> float:
    return min(text.room, text_width(text.text, text.size, text.bold))


def _line(line: Line) -> Iterator[str]:
    points = list(line.points)
    if line.arrow:
        points[-1] = _towards(points[-1], points[-2], _HEAD - 1)
    yield f'<path d="{_path(points, line.radius)}" fill="none"{_style(line.role, filled=False)}/>'
    if line.arrow:
        head = {"arrow": "head", "arrow-faded": "head-faded"}.get(line.role, "head-passed")
        yield f'<polygon points="{_points(_head(line.points[-2], line.points[-1], line.role))}"{_style(head)}/>'


def _head(before: Point, tip: Point, role: str) -> tuple[Point, ...]:
    half = 3.2 if role in ("arrow", "arrow-faded") else 4.6
    back = _towards(tip, before, _HEAD if half < 4 else _HEAD + 2)
    length = max(math.dist(tip, back), 0.01)
    across = (-(tip[1] - back[1]) / length * half, (tip[0] - back[0]) / length * half)
    return tip, (back[0] + across[0], back[1] + across[1]), (back[0] - across[0], back[1] - across[1])


def _towards(start: Point, end: Point, by: float) -> Point:
    length = math.dist(start, end)
    share = min(by / length, 1.0) if length else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _path(points: list[Point], radius: float) -> str:
    parts = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        bend = min(radius, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        first, last = _towards(corner, before, bend), _towards(corner, after, bend)
        parts.append(f"L{_n(first[0])} {_n(first[1])}")
        if bend:
            parts.append(f"Q{_n(corner[0])} {_n(corner[1])} {_n(last[0])} {_n(last[1])}")
    parts.append(f"L{_n(points[-1][0])} {_n(points[-1][1])}")
    return "".join(parts)


def _style(role: str, filled: bool = True) -> str:
    style = SHAPES[role]
    fill = f' fill="{style.fill or "none"}"' if filled else ""
    stroke = f' stroke="{style.stroke}" stroke-width="{_n(style.width)}"' if style.stroke else ""
    return fill + stroke + (f' stroke-dasharray="{style.dash}"' if style.dash else "")


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _text(text: str) -> str:
    return escape(escaped(text))


def _attribute(text: str) -> str:
    return quoteattr(escaped(text))


def _n(number: float) -> str:
    """A number with at most two decimals, written in one way."""
    return f"{number + 0.0:.2f}".rstrip("0").rstrip(".") if abs(number) >= 0.005 else "0"
