"""A page as HTML: headings, paragraphs, lists and tables that a screen reader can walk through. Every text is escaped,
and nothing becomes a link but what we marked as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from html import escape

from guidewright.document import (
    Blank,
    Document,
    Form,
    Heading,
    Item,
    Line,
    Paragraph,
    Span,
    Standing,
    Standings,
    Table,
    signed,
)
from guidewright.rules.display import escaped

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:"
_ANCHOR = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
# What may stand in an address without being mistaken for the markup or the text around it.
_ADDRESS = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?")
_NUMBER = re.compile(r"\s*(\d+)\.")
_ID = re.compile(r"\[([A-Za-z0-9_.-]+)\]")
_BOLD = ("strong", "stop", "alert")
_STANDINGS = {
    "confirmed": "confirmed",
    "leading": "leads so far",
    "possible": "may still lead",
    "behind": "behind so far",
    "excluded": "excluded",
}
_BAR, _THICK = 120.0, 12.0  # points; the size of the bar of a standing


def html_blocks(page: Document, *, first_level: int = 1) -> str:
    """The blocks of a page as a fragment that ends in a line feed; its title becomes a heading of `first_level`."""
    rows: list[str] = []
    items: list[Item] = []
    for block in page:
        if isinstance(block, Item):
            items.append(block)
            continue
        rows += _lists(items)
        items = []
        rows += _rows(block, first_level)
    return "\n".join([*rows, *_lists(items)]) + "\n"


def html_text(text: str) -> str:
    """A text in which every character stands for itself, in an element and in a quoted attribute.

    Text that runs from right to left is kept apart, so that it does not turn what stands beside it.
    """
    shown = escape(escaped(text), quote=True)
    return f"<bdi>{shown}</bdi>" if _runs_left(text) else shown


def html_document(body: str, title: str, language: str, style: str = "") -> str:
    """A page of its own around what `html_blocks` gives, without scripts and without anything from elsewhere; `style`
    adds to the common look.
    """
    return (
        f'<!DOCTYPE html>\n<html lang="{html_attribute(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{html_attribute(title)}</title>\n<style>\n{_STYLE}{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def html_attribute(text: str) -> str:
    """A text for a quoted attribute, or for a title, where no element may stand."""
    return escape(escaped(text), quote=True)


def _runs_left(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(c) in ("R", "AL", "AN") for c in text)


# --- blocks


def _rows(block: Heading | Paragraph | Standings | Table | Form, first_level: int) -> Iterator[str]:
    match block:
        case Heading(level, line, anchor):
            name = f"h{min(level + first_level - 1, 6)}"
            yield f"<{name}{_id(anchor)}>{_line(line, plain=True)}</{name}>"
        case Paragraph(line):
            if shown := _line(line):
                yield f"<p>{shown}</p>"
        case Standings(rows):
            yield from _standings(rows)
        case Table():
            yield from _table(block)
        case Form(together):
            yield from _form(together)


def _lists(items: list[Item]) -> Iterator[str]:
    """Items as lists in lists. An item that stands deeper than the one before it by more than one is one deeper."""
    open_: list[tuple[int, str]] = []  # the depth of each open list, and its element
    for item in items:
        element = "ol" if _NUMBER.fullmatch(item.marker) else "ul"
        while open_ and (open_[-1][0] > item.depth or open_[-1] == (item.depth, "ul" if element == "ol" else "ol")):
            yield f"</li>\n</{open_.pop()[1]}>"
        if open_ and open_[-1][0] == item.depth:
            yield "</li>"
        else:
            yield f"<{element}>"
            open_.append((item.depth, element))
        yield f"<li{_marked(item)}>{_marker(item)}{_line(item.line)}"
        if item.below:
            yield '<ul class="below">'
            yield from (f"<li>{_line(line)}</li>" for line in item.below)
            yield "</ul>"
    while open_:
        yield f"</li>\n</{open_.pop()[1]}>"


def _marked(item: Item) -> str:
    number = _NUMBER.fullmatch(item.marker)
    about = f' value="{int(number.group(1))}"' if number else "" if item.marker == "•" else ' class="marked"'
    return f"{_id(item.anchor)}{about}"


def _marker(item: Item) -> str:
    if item.marker == "•" or _NUMBER.fullmatch(item.marker):
        return ""
    shown = html_text(item.marker.strip())
    return f'<span class="marker{"" if item.style == "plain" else f" {item.style}"}">{shown}</span> '


def _id(anchor: str | None) -> str:
    return f' id="{anchor}"' if anchor is not None and _ANCHOR.fullmatch(anchor) else ""


# --- runs of text


def _line(line: Line, plain: bool = False) -> str:
    return "".join(_span(span, plain) for span in line).strip()


def _span(span: Span, plain: bool) -> str:
    found = _ID.fullmatch(span.text) if span.keep else None
    shown = f"<code>{found.group(1)}</code>" if found else html_text(span.text)
    if span.link is not None:
        shown = _linked(shown, span.link)
    if plain or found or span.style == "plain" or not shown.strip():
        return shown
    inside = shown.strip()
    element = "strong" if span.style in _BOLD else "span"
    named = "" if span.style == "strong" else f' class="{span.style}"'
    return shown.replace(inside, f"<{element}{named}>{inside}</{element}>", 1)


def _linked(shown: str, link: str) -> str:
    """A link to a safe address or to an anchor of the page; to anything else there is none."""
    if link.startswith("#") and _ANCHOR.fullmatch(link[1:]):
        return f'<a href="{link}">{shown}</a>'
    if _ADDRESS.fullmatch(link):
        return f'<a href="{escape(link, quote=True)}" rel="noopener noreferrer">{shown}</a>'
    return shown


# --- tables and forms


def _table(table: Table) -> Iterator[str]:
    yield "<table>"
    widths = (f'<col style="width: {100 * share / sum(table.shares):.1f}%"/>' for share in table.shares)
    yield f"<colgroup>{''.join(widths)}</colgroup>"
    yield from _head(table.header)
    yield "<tbody>"
    for cells in table.rows:
        yield f"<tr>{''.join(f'<td>{_line(cell)}</td>' for cell in cells)}</tr>"
    yield "</tbody>"
    yield "</table>"


def _head(titles: Iterable[str]) -> Iterator[str]:
    cells = (f'<th scope="col">{html_text(title)}</th>' for title in titles)
    yield f"<thead><tr>{''.join(cells)}</tr></thead>"


def _form(rows: tuple[tuple[Blank, ...], ...]) -> Iterator[str]:
    """Frames to write in, with room for as many lines as each asks for."""
    yield '<div class="form">'
    for row in rows:
        frames = (f'<div class="blank" style="--lines: {int(one.lines)}">{html_text(one.label)}</div>' for one in row)
        yield f'<div class="together">{"".join(frames)}</div>'
    yield "</div>"


# --- standings


def _standings(rows: tuple[Standing, ...]) -> Iterator[str]:
    yield '<table class="standings">'
    heads = ("Candidate", "Standing", "Net", "May become", "For", "Against", "Open", "From lowest to highest")
    yield from _head(heads)
    yield "<tbody>"
    for row in rows:
        span = f"{signed(row.low)} … {signed(row.high)}"
        cells = (
            _STANDINGS[row.standing],
            html_text(signed(row.net)),
            html_text(span),
            *(str(number) for number in (row.supporting, row.opposing, row.open)),
            _bar(row, rows),
        )
        yield (
            f'<tr class="{row.standing}"><th scope="row">{html_text(row.label)}</th>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    yield "</tbody>"
    yield "</table>"


def _bar(row: Standing, rows: tuple[Standing, ...]) -> str:
    """The interval as a line, the net so far as a dot and zero as a tick, on the scale of all candidates."""
    low = min(0.0, *(float(other.low) for other in rows))
    high = max(0.0, *(float(other.high) for other in rows))
    inset, middle = _THICK / 2, f"{_THICK / 2:g}"

    def place(number: str) -> str:
        share = (float(number) - low) / (high - low) if high > low else 0.0
        return f"{inset + share * (_BAR - 2 * inset):.1f}"

    said = html_attribute(f"now {signed(row.net)}, at least {signed(row.low)}, at most {signed(row.high)}")
    return (
        f'<svg role="img" aria-label="{said}" width="{_BAR:g}" height="{_THICK:g}" viewBox="0 0 {_BAR:g} {_THICK:g}">'
        f'<path d="M{place("0")} 0V{_THICK:g}" stroke="#5A6B7B" stroke-dasharray="2 2"/>'
        f'<path d="M{place(row.low)} {middle}H{place(row.high)}" stroke="#1B2A3A" stroke-width="2"/>'
        f'<circle cx="{place(row.net)}" cy="{middle}" r="4" fill="#1B2A3A"/></svg>'
    )


_STYLE = """\
body { font: 16px/1.5 Arimo, Arial, "Liberation Sans", Helvetica, sans-serif; color: #1B2A3A; background: #FFFFFF; }
main { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; margin: 1.6em 0 0.5em; }
li { margin: 0.3em 0; }
ol > li { margin-top: 0.9em; }
ol > li::marker { font-weight: bold; }
@media (max-width: 40rem) { ol, ul { padding-left: 1.5em; } }
ul.below, li.marked { list-style: none; }
ul.below { padding-left: 1.2em; }
.dim { color: #5A6B7B; }
.stop { color: #A3002F; }
.go { color: #00664D; }
.maybe { color: #6B3F87; }
.alert { color: #8A4B00; }
table { border-collapse: collapse; font-size: 0.9em; width: 100%; }
table.standings { width: auto; }
th, td { border-bottom: 1px solid #C9D1D8; padding: 0.3em 0.6em; text-align: left; vertical-align: top; }
.together { display: flex; gap: 0.6em; margin-bottom: 0.6em; }
.blank { flex: 1; border: 1px solid #5A6B7B; padding: 0.3em 0.6em; min-height: calc(1.5em + 1.8em * var(--lines)); }
.excluded th, .excluded td, .behind th, .behind td { color: #5A6B7B; }
@media print {
  main { max-width: none; margin: 0; }
  h1, h2, h3 { break-after: avoid; }
  li li, tr { break-inside: avoid; }
  .below { break-before: avoid; }
  @page { margin: 12mm; }
}
"""
"""The look of the fragments."""
