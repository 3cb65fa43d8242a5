"""A page as text for a terminal of any width. Whatever its texts hold, only line feeds and our own colours get out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guidewright.document import (
    Blank,
    Block,
    Document,
    Form,
    Heading,
    Item,
    Line,
    Paragraph,
    Span,
    Standing,
    Standings,
    Style,
    Table,
    signed,
)
from guidewright.layout import Screen, padded, painted, wrapped
from guidewright.rules.display import escaped, width

_INDENT = "  "
_LEAST_BAR = 10  # cells; a narrower bar says nothing
_MOST_BAR = 30
_STANDINGS = {"confirmed": "✓", "leading": "▸", "possible": "◦", "behind": " ", "excluded": "✗"}
_STYLES: dict[str, Style] = {
    "confirmed": "strong",
    "leading": "strong",
    "possible": "plain",
    "behind": "dim",
    "excluded": "dim",
}


def text_page(page: Document, screen: Screen) -> str:
    """The page, ending in a line feed."""
    rows: list[str] = []
    before: Block | None = None
    for block in page:
        if before is not None and _apart(before, block):
            rows.append("")
        rows += _rows(block, screen)
        before = block
    return "\n".join(rows) + "\n"


def _apart(before: Block, block: Block) -> bool:
    """Whether an empty line stands between two blocks."""
    match before, block:
        case _, Heading(level=2 | 3) | Standings() | Table() | Form():
            return not isinstance(before, Heading)
        case Standings() | Table() | Form(), _:
            return True
        case Item(below=below), Item():
            return bool(below or block.below)
        case Item(below=below), _:
            return bool(below)
        case Paragraph(), Paragraph():
            return False
        case _:
            return False


def _rows(block: Block, screen: Screen) -> list[str]:
    match block:
        case Heading(1, line):
            return wrapped(_strong(line), screen)
        case Heading(2, line):
            rows = wrapped(_strong(line), screen)
            longest = max(width(escaped(span.text)) for span in line)
            return [*rows, painted("─" * min(longest, screen.columns), "dim", screen)]
        case Heading(_, line):
            return wrapped(_strong(line), screen)
        case Paragraph(line):
            return wrapped(line, screen)
        case Item():
            return _item(block, screen)
        case Standings(rows):
            return list(_standings(rows, screen))
        case Table():
            return list(_table(block, screen))
        case Form(blanks):
            return [row for together in blanks for blank in together for row in _blank(blank, screen)]


def _strong(line: Line) -> Line:
    return tuple(Span(span.text, "strong", span.keep) if span.style == "plain" else span for span in line)


def _item(item: Item, screen: Screen) -> list[str]:
    outer = _INDENT * (item.depth + 1)
    inner = outer + " " * (width(item.marker) + 1)
    marked = outer + painted(item.marker, item.style, screen) + " "
    rows = wrapped(item.line, screen, inner, inner)
    rows[0] = marked + rows[0].removeprefix(inner)
    for line in item.below:
        rows += wrapped(line, screen, inner, inner + _INDENT)
    return rows


# --- tables

_LEAST_COLUMN = 9  # cells; with narrower columns the cells of a row stand below each other
_GAP = 2


def _table(table: Table, screen: Screen) -> Iterator[str]:
    room = screen.columns - len(_INDENT) - _GAP * (len(table.header) - 1)
    sizes = [room * share // sum(table.shares) for share in table.shares]
    if min(sizes) < _LEAST_COLUMN:
        yield from _below_each_other(table, screen)
        return
    head: list[Line] = [(Span(name, "dim"),) for name in table.header]
    for cells in (head, *table.rows):
        yield from _beside_each_other(cells, sizes, screen.colour)


def _beside_each_other(cells: Iterable[Line], sizes: list[int], colour: bool) -> Iterator[str]:
    columns = list(zip(cells, sizes, strict=True))
    painted_cells = [wrapped(cell, Screen(size, colour)) for cell, size in columns]
    plain_cells = [wrapped(cell, Screen(size)) for cell, size in columns]
    for i in range(max(map(len, plain_cells))):
        row = ""
        for painted_rows, plain_rows, size in zip(painted_cells, plain_cells, sizes, strict=True):
            shown, plain = (painted_rows[i], plain_rows[i]) if i < len(plain_rows) else ("", "")
            row += shown + " " * (max(size - width(plain), 0) + _GAP)
        yield (_INDENT + row).rstrip()


def _below_each_other(table: Table, screen: Screen) -> Iterator[str]:
    for row in table.rows:
        for i, (name, cell) in enumerate(zip(table.header, row, strict=True)):
            first = _INDENT if i == 0 else _INDENT * 2
            yield from wrapped((Span(f"{name}: ", "dim"), *cell), screen, first, _INDENT * 3)


def _blank(blank: Blank, screen: Screen) -> list[str]:
    rows = wrapped((Span(blank.label),), screen, _INDENT, _INDENT)
    return [*rows, *[_INDENT * 2 + "_" * min(screen.columns - 2 * len(_INDENT), 60)] * blank.lines]


# --- standings


def _standings(rows: tuple[Standing, ...], screen: Screen) -> Iterator[str]:
    """A table with a bar where there is room, else two lines for each candidate."""
    labels = [escaped(row.label) for row in rows]
    spans = [f"[ {signed(row.low)} … {signed(row.high)} ]" for row in rows]
    nets = max(width(signed(row.net)) for row in rows)
    sides = max(map(width, spans))
    counts = [f"{row.supporting:>3} {row.opposing:>7} {row.open:>4}" for row in rows]
    label_cells = max(map(width, labels))
    taken = len(_INDENT) + 2 + label_cells + 2 + nets + 1 + sides + 2 + width(counts[0])
    if taken > screen.columns:
        yield from _stacked(rows, spans, screen)
    else:
        bar = min(screen.columns - taken - 2, _MOST_BAR)
        head = f"{_INDENT}  {padded('', label_cells)}  {'net':>{nets}} {padded('may become', sides)}  for against open"
        yield painted(head[: screen.columns], "dim", screen)
        for row, label, span, count in zip(rows, labels, spans, counts, strict=True):
            mark = _STANDINGS[row.standing]
            sums = f"{signed(row.net):>{nets}} {padded(span, sides)}  {count}"
            drawn = f"  {_bar(row, rows, bar)}" if bar >= _LEAST_BAR else ""
            yield (
                painted(f"{_INDENT}{mark} {padded(label, label_cells)}  {sums}", _STYLES[row.standing], screen) + drawn
            ).rstrip()
    yield ""
    used = {row.standing for row in rows}
    meaning = {
        "confirmed": "confirmed",
        "leading": "leads so far",
        "possible": "may still lead",
        "excluded": "excluded",
    }
    legend = "; ".join(f"{_STANDINGS[name]} {text}" for name, text in meaning.items() if name in used)
    yield from wrapped((Span(legend, "dim"),), screen, _INDENT, _INDENT)


def _stacked(rows: tuple[Standing, ...], spans: list[str], screen: Screen) -> Iterator[str]:
    inner = _INDENT + "  "
    for row, span in zip(rows, spans, strict=True):
        label = wrapped((Span(row.label, _STYLES[row.standing]),), screen, inner, inner)
        yield f"{_INDENT}{_STANDINGS[row.standing]} {label[0].removeprefix(inner)}"
        yield from label[1:]
        counts = f"for {row.supporting}, against {row.opposing}, open {row.open}"
        line = (Span(f"{signed(row.net)} {span}", keep=True), Span(" "), Span(counts, "dim", keep=True))
        yield from wrapped(line, screen, inner + _INDENT, inner + _INDENT)


def _bar(row: Standing, rows: tuple[Standing, ...], cells: int) -> str:
    """The interval as a line and the net so far as a dot, on the scale of all candidates."""
    low = min(0.0, *(float(other.low) for other in rows))
    high = max(0.0, *(float(other.high) for other in rows))

    def place(number: str) -> int:
        return round((float(number) - low) / (high - low) * (cells - 1)) if high > low else 0

    start, end, dot, zero = place(row.low), place(row.high), place(row.net), place("0")
    return "".join("●" if i == dot else "─" if start <= i <= end else "┊" if i == zero else " " for i in range(cells))
