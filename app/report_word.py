"""Elements of Word documents that python-docx does not name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph as WordParagraph
    from docx.text.run import Run

RULE = "9AA7B2"
"""The colour of the lines of tables."""


def _name(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def element(name: str, attributes: dict[str, str] | None = None) -> Any:
    from docx.oxml import OxmlElement

    made: Any = OxmlElement(name)
    for attribute, value in (attributes or {}).items():
        made.set(_name(attribute), value)
    return made


def border(paragraph: WordParagraph, side: str, colour: str) -> None:
    borders = element("w:pBdr")
    borders.append(element(f"w:{side}", {"w:val": "single", "w:sz": "6", "w:space": "1", "w:color": colour}))
    properties: Any = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr", "w:pPrChange"
    )


def whole(paragraph: WordParagraph, id: str) -> Run:
    """An id, which no line is broken in."""
    run = paragraph.add_run()
    for i, part in enumerate(id.split("-")):
        if i:
            run._r.append(element("w:noBreakHyphen"))
        if part:
            text = element("w:t")
            text.text = part
            run._r.append(text)
    return run


def field(paragraph: WordParagraph, name: str) -> None:
    """A number that Word works out, such as that of the page."""
    for kind in ("begin", None, "end"):
        run: Any = paragraph.add_run()._r
        if kind is None:
            text = element("w:instrText")
            text.text = name
            run.append(text)
        else:
            run.append(element("w:fldChar", {"w:fldCharType": kind}))


def make_thin(paragraph: WordParagraph, after: float = 0.0) -> None:
    """For a paragraph that the format asks for, and that holds nothing: it must not look like an empty line."""
    from docx.shared import Pt

    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(0), Pt(after), Pt(1)


def table_look(made: Any, inside: bool) -> None:
    """Lines below the rows, or around and between the cells; and little room in the cells."""
    names = ("top", "left", "bottom", "right", "insideH", "insideV") if inside else ("bottom", "insideH")
    properties = made._tbl.tblPr
    borders = element("w:tblBorders")
    for name in names:
        borders.append(element(f"w:{name}", {"w:val": "single", "w:sz": "4", "w:space": "0", "w:color": RULE}))
    room = element("w:tblCellMar")
    for name, width in (("top", "8"), ("left", "57"), ("bottom", "8"), ("right", "57")):
        room.append(element(f"w:{name}", {"w:w": width, "w:type": "dxa"}))
    # The order of these elements is prescribed: the layout and the look follow them.
    indent = element("w:tblInd", {"w:w": "57", "w:type": "dxa"})
    look = properties.find(_name("w:tblLayout"))
    before = look if look is not None else properties.find(_name("w:tblLook"))
    if before is not None:
        before.addprevious(indent)
        before.addprevious(borders)
    else:
        properties.extend((indent, borders))
    after = properties.find(_name("w:tblLook"))
    if after is not None:
        after.addprevious(room)
    else:
        properties.append(room)
