"""A page as Markdown (CommonMark with tables). One page gives one text, and nothing in its texts becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guidewright.document import (
    Block,
    Document,
    Form,
    Heading,
    Item,
    Line,
    Paragraph,
    Span,
    Standings,
    Table,
    signed,
)
from guidewright.rules.display import escaped

# The colon and the full stop of what would become a link are escaped too.
_MARKUP = re.compile(r"[\\`*_\[\]<>|~&$@#{}]|(?<=www)\.|:(?=//)")
# At the beginning of a line these would begin a list or underline a heading.
_BEGINNING = re.compile(r"^(\d+)(?=[.)])|^(?=[-+=])")
_ID = re.compile(r"\[([A-Za-z0-9_.-]+)\]")
_BOLD = ("strong", "stop", "alert")


def markdown_page(page: Document) -> str:
    """The page, ending in a line feed."""
    rows: list[str] = []
    before: Block | None = None
    texts: list[int] = []  # at which column the text of each open list begins
    for block in page:
        if isinstance(block, Item):
            del texts[block.depth :]
            indent = texts[-1] if texts else 0
            texts.append(indent + len(_bullet(block)))
            lines = list(_item(block, indent))
        else:
            texts = []
            lines = list(_rows(block))
        if not lines:
            continue
        if before is not None and not (isinstance(before, Item) and isinstance(block, Item)):
            rows.append("")
        rows += lines
        before = block
    return "\n".join(rows) + "\n"


def markdown_text(text: str) -> str:
    """A text in which every character stands for itself."""
    return _MARKUP.sub(lambda found: "\\" + found.group(), escaped(text))


def _rows(block: Heading | Paragraph | Standings | Table | Form) -> Iterator[str]:
    match block:
        case Heading(level, line):
            yield f"{'#' * level} {_line(line, plain=True)}"
        case Paragraph(line):
            if shown := _line(line):
                yield shown
        case Standings(rows):
            yield "| Candidate | Standing | Net | May become | For | Against | Open |"
            yield "| --- | --- | ---: | --- | ---: | ---: | ---: |"
            for row in rows:
                span = f"{signed(row.low)} … {signed(row.high)}"
                counts = f"{row.supporting} | {row.opposing} | {row.open}"
                yield f"| {markdown_text(row.label)} | {row.standing} | {signed(row.net)} | {span} | {counts} |"
        case Table(header, cells):
            yield f"| {' | '.join(map(markdown_text, header))} |"
            yield f"|{' --- |' * len(header)}"
            for row_ in cells:
                yield f"| {' | '.join(map(_cell, row_))} |"
        case Form(blanks):
            yield "| To fill in | |"
            yield "| --- | --- |"
            for blank in (blank for together in blanks for blank in together):
                yield f"| {markdown_text(blank.label)} | |"


def _item(item: Item, indent: int) -> Iterator[str]:
    marker = "" if item.marker == "•" or _numbers(item) else f"{_begun(markdown_text(item.marker.strip()))} "
    yield f"{' ' * indent}{_bullet(item)}{marker}{_line(item.line)}"
    inner = " " * (indent + len(_bullet(item)))
    for line in item.below:
        yield f"{inner}- {_line(line)}"


def _bullet(item: Item) -> str:
    """What begins an entry; what belongs to it stands below the end of this."""
    return f"{item.marker.strip()} " if _numbers(item) else "- "


def _numbers(item: Item) -> bool:
    return item.marker.strip().endswith(".")


def _line(line: Line, plain: bool = False) -> str:
    return _begun(" ".join("".join(_span(span, plain) for span in line).split()))


def _cell(line: Line) -> str:
    """A line inside a table, where nothing begins a list."""
    return " ".join("".join(_span(span, plain=False) for span in line).split())


def _begun(line: str) -> str:
    return _BEGINNING.sub(lambda found: f"{found.group()}\\", line)


def _span(span: Span, plain: bool) -> str:
    if span.keep and (found := _ID.fullmatch(span.text)):
        return f"`{found.group(1)}`"
    shown = markdown_text(span.text)
    inside = shown.strip()
    if plain or span.style not in _BOLD or not inside:
        return shown
    return shown.replace(inside, f"**{inside}**", 1)
