"""A report as a Word document: real headings, tables whose header is repeated, the chart with its alternative text.

The same report gives the same bytes: no clock and no random id is in it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from guidewright.document import Blank, Block, Form, Heading, Item, Line, Paragraph, Span, Standings, Style, Table
from guidewright.report import Report, Section
from guidewright.report_pictures import Figure
from guidewright.report_word import RULE, border, element, field, make_thin, table_look, whole
from guidewright.rules.display import escaped

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import _Cell as Cell
    from docx.text.paragraph import Paragraph as WordParagraph

    from guidewright.visualize.paper import Paper

_FONT = "Arial"
_INK, _MUTED, _BLUE = "1B2A3A", "44525F", "0B5A8A"
_COLOURS: dict[Style, str] = {"stop": "A3002F", "go": "00664D", "maybe": "6B3F87", "alert": "8A4B00", "dim": _MUTED}
_BOLD = ("strong", "stop", "alert")
_KEPT = 24  # letters; what is longer does not fit the margin beside an item
_SIDE, _TOP, _BOTTOM, _GAP = 12.0, 10.0, 9.0, 5.0  # millimetres
_PAPER: dict[Paper, tuple[float, float]] = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
_NORMAL, _CELL, _BELOW = 8.3, 7.5, 7.2  # points
_NARROW, _FOOT, _HEADING = 6.0, 15.0, 8.0  # millimetres on the page of a picture
_DOTS = 3.0  # of a picture, to a point
_TWIPS = 56.7  # to a millimetre
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest day that a ZIP file can say


def report_docx(report: Report, paper: Paper = "a4") -> bytes:
    """The report as a .docx file. Raises `DocumentsMissing` and `TypesettingFailed` of
    `guidewright.visualize.typeset`.
    """
    from guidewright.visualize.typeset import DocumentsMissing

    try:
        import docx
    except ImportError:
        raise DocumentsMissing(
            "Word documents need python-docx; install it with: pip install 'guidewright[documents]'"
        ) from None
    word = docx.Document()
    writer = _Writer(word, paper)
    writer.set_up(report)
    writer.heading(report.title, 1)
    writer.about(report)
    for section in report.sections:
        writer.section(section)
    if report.figures:
        writer.pages_for_pictures()
    for figure in report.figures:
        writer.figure(figure)
    saved = io.BytesIO()
    word.save(saved)
    return _without_times(saved)


def _without_times(saved: io.BytesIO) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return made.getvalue()


class _Writer:
    """Writes the blocks of a report into a document of Word; it remembers in how many columns it writes."""

    def __init__(self, word: WordDocument, paper: Paper) -> None:
        self.word = word
        self.page_width, self.page_height = _PAPER[paper]
        self.columns = 1

    @property
    def width(self) -> float:
        """Millimetres of a line."""
        room = self.page_width - 2 * _SIDE
        return room if self.columns == 1 else (room - _GAP) / 2

    # --- the document

    def set_up(self, report: Report) -> None:
        from docx.shared import Mm

        page = self.word.sections[0]
        page.page_width, page.page_height = Mm(self.page_width), Mm(self.page_height)
        page.left_margin = page.right_margin = Mm(_SIDE)
        page.top_margin, page.bottom_margin = Mm(_TOP), Mm(_BOTTOM)
        page.header_distance, page.footer_distance = Mm(5), Mm(6)
        about = self.word.core_properties
        about.title, about.language = escaped(report.title), report.language
        about.author = about.last_modified_by = "guidewright"
        about.comments = ""
        about.created = about.modified = datetime.combine(report.as_of, time())
        self._styles(report.language)
        self._footer(report.running)

    def _styles(self, language: str) -> None:
        from docx.shared import Mm, Pt, RGBColor

        for name, size, colour, before, after in (
            ("Normal", _NORMAL, _INK, 0.0, 1.0),
            ("Heading 1", 14.0, _BLUE, 0.0, 2.0),
            ("Heading 2", 10.0, _BLUE, 4.5, 1.5),
            ("Heading 3", 9.0, _INK, 3.0, 0.0),
            ("List Bullet", _NORMAL, _INK, 0.0, 1.0),
            ("Footer", 7.0, _MUTED, 0.0, 0.0),
        ):
            style: Any = self.word.styles[name]
            style.font.name, style.font.size = _FONT, Pt(size)
            style.font.color.rgb = RGBColor.from_string(colour)
            fonts = style.element.rPr.rFonts
            for attribute in [name for name in fonts.attrib if name.endswith("Theme")]:
                del fonts.attrib[attribute]
            form = style.paragraph_format
            form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.0
        bullets: Any = self.word.styles["List Bullet"]
        bullets.paragraph_format.left_indent, bullets.paragraph_format.first_line_indent = Mm(4), Mm(-4)
        run = self.word.styles["Normal"].element.get_or_add_rPr()
        run.append(element("w:lang", {"w:val": language}))

    def _footer(self, running: Iterable[str]) -> None:
        from docx.enum.text import WD_TAB_ALIGNMENT
        from docx.shared import Mm

        paragraph = self.word.sections[0].footer.paragraphs[0]
        for tabs in self.word.styles["Footer"].element.xpath("./w:pPr/w:tabs"):
            tabs.getparent().remove(tabs)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(self.width), WD_TAB_ALIGNMENT.RIGHT)
        border(paragraph, "top", RULE)
        first, *others = running
        paragraph.add_run(f"{escaped(first)}\t")
        field(paragraph, "PAGE")
        paragraph.add_run(" / ")
        field(paragraph, "NUMPAGES")
        for line in others:
            paragraph.add_run().add_break()
            paragraph.add_run(escaped(line))

    def heading(self, text: str, level: int) -> WordParagraph:
        paragraph: WordParagraph = self.word.add_heading(escaped(text), level)
        if level == 2:
            border(paragraph, "bottom", _BLUE)
        return paragraph

    def about(self, report: Report) -> None:
        paragraph = self.word.add_paragraph()
        for i, (label, value) in enumerate(report.about):
            paragraph.add_run("     " if i else "")
            self.runs(paragraph, (Span(f"{label}: ", "dim"), *value))
        self.runs(self.word.add_paragraph(), (Span(report.notice, "strong"),))

    # --- sections and their blocks

    def section(self, section: Section) -> None:
        self.set_columns(1)
        self.heading(section.title, 2)
        running: WordParagraph | None = None
        for block in section.blocks:
            if section.small and isinstance(block, Item):
                running = self.word.add_paragraph() if running is None else running
                self.runs(running, (*block.line, Span(" ")), _BELOW)
                continue
            running = None
            self.set_columns(section.columns if isinstance(block, Table) else 1)
            self.block(block)

    def set_columns(self, columns: int) -> None:
        """What follows is set in so many columns, on the same page."""
        if columns == self.columns:
            return
        from docx.enum.section import WD_SECTION

        section = self.word.add_section(WD_SECTION.CONTINUOUS)
        make_thin(self.word.paragraphs[-1])
        properties: Any = section._sectPr
        about = element("w:cols", {"w:num": str(columns), "w:space": str(round(_GAP * _TWIPS))})
        (old,) = properties.xpath("./w:cols")
        properties.replace(old, about)
        self.columns = columns

    def block(self, block: Block) -> None:
        match block:
            case Heading(_, line):
                self.runs(self.word.add_heading("", 3), line)
            case Paragraph(line):
                paragraph = self.word.add_paragraph()
                self.runs(paragraph, line, _BELOW if line and line[0].style == "dim" else None)
            case Item():
                self.item(block)
            case Table():
                self.table(block)
            case Form(rows):
                self.form(rows)
            case Standings():
                raise TypeError("a report holds its standings in a table")

    def item(self, item: Item) -> None:
        from docx.shared import Mm, Pt

        id = item.line[0] if item.line and item.line[0].keep and len(item.line[0].text) < _KEPT else None
        if id is None:
            paragraph = self.word.add_paragraph(style="List Bullet")
            self.runs(paragraph, item.line)
        else:
            paragraph = self.word.add_paragraph()
            form = paragraph.paragraph_format
            form.left_indent, form.first_line_indent, form.space_before = Mm(10), Mm(-10), Pt(1)
            form.tab_stops.add_tab_stop(Mm(10))
            self.runs(paragraph, (id, Span("\t")))
            self.runs(paragraph, item.line[2:] if item.line[1:2] == (Span(" "),) else item.line[1:])
        for line in item.below:
            paragraph.paragraph_format.keep_with_next = True
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph = self.word.add_paragraph()
            paragraph.paragraph_format.left_indent = Mm(10 if id is not None else 5)
            self.runs(paragraph, line, _BELOW, _MUTED)

    def table(self, table: Table) -> None:
        from docx.shared import Mm

        made: Any = self.word.add_table(len(table.rows) + 1, len(table.header))
        made.autofit = False
        table_look(made, inside=False)
        widths = [Mm(self.width * share / sum(table.shares)) for share in table.shares]
        for column, width in zip(made.columns, widths, strict=True):
            column.width = width
        lines = [tuple((Span(name, "strong"),) for name in table.header), *table.rows]
        for number, (row, cells) in enumerate(zip(made.rows, lines, strict=True)):
            properties = row._tr.get_or_add_trPr()
            properties.append(element("w:cantSplit"))
            if number == 0:
                properties.append(element("w:tblHeader"))
            for cell, line, width in zip(row.cells, cells, widths, strict=True):
                cell.width = width
                self._write(cell, line, _CELL, _MUTED if number == 0 else None)

    def form(self, rows: tuple[tuple[Blank, ...], ...]) -> None:
        """Frames to write in. In a row with fewer of them than another one has, the last is the wider."""
        from docx.enum.table import WD_ROW_HEIGHT_RULE
        from docx.shared import Mm

        most = max(map(len, rows))
        made: Any = self.word.add_table(len(rows), most)
        made.autofit = False
        table_look(made, inside=True)
        for column in made.columns:
            column.width = Mm(self.width / most)
        for row, blanks in zip(made.rows, rows, strict=True):
            row.height = Mm(2.3 + 4.5 * max(blank.lines for blank in blanks))
            row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
            row._tr.get_or_add_trPr().append(element("w:cantSplit"))
            for cell in row.cells:
                cell.width = Mm(self.width / most)
            for i, blank in enumerate(blanks):
                cell = row.cells[i]
                if i + 1 == len(blanks) < most:
                    cell = cell.merge(row.cells[-1])
                self._write(cell, (Span(blank.label),), _BELOW, _MUTED)
                cell.paragraphs[0].paragraph_format.keep_with_next = blanks is not rows[-1]
        make_thin(self.word.add_paragraph(), after=3.0)

    def _write(self, cell: Cell, line: Line, size: float, colour: str | None) -> None:
        from docx.shared import Pt

        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        self.runs(paragraph, line, size, colour)

    def runs(self, paragraph: WordParagraph, line: Line, size: float | None = None, colour: str | None = None) -> None:
        from docx.shared import Pt, RGBColor

        for span in line:
            text = escaped(span.text) if span.text != "\t" else "\t"
            is_id = span.keep and text.startswith("[") and text.endswith("]")
            run = paragraph.add_run(text) if not is_id else whole(paragraph, text[1:-1])
            run.bold = True if is_id or span.style in _BOLD else None
            if size is not None:
                run.font.size = Pt(size)
            if (shown := _COLOURS.get(span.style, colour)) is not None:
                run.font.color.rgb = RGBColor.from_string(shown)

    # --- pictures

    def pages_for_pictures(self) -> None:
        """A picture has a margin of its own, and the paper is all for it."""
        from docx.enum.section import WD_SECTION
        from docx.shared import Mm

        self.set_columns(1)
        page = self.word.add_section(WD_SECTION.NEW_PAGE)
        make_thin(self.word.paragraphs[-1])
        page.left_margin = page.right_margin = page.top_margin = Mm(_NARROW)

    def figure(self, figure: Figure) -> None:
        from docx.shared import Mm

        from guidewright.visualize.typeset import png_bytes

        self.set_columns(1)
        self.heading(figure.title, 2)
        room = self.page_width - 2 * _NARROW, self.page_height - _NARROW - _FOOT - _HEADING
        scale = min(room[0] / figure.picture.width, room[1] / figure.picture.height)
        drawn: Any = self.word.add_picture(
            io.BytesIO(png_bytes(figure.picture, _DOTS)), Mm(scale * figure.picture.width)
        )
        about = drawn._inline.docPr
        about.set("descr", escaped(figure.in_words.replace("\n", " ")))
        about.set("title", escaped(figure.title))
