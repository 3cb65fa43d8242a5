"""PDF and PNG: what a reader of the file finds in it, not what the program believes."""

import builtins
import io
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from guidewright.visualize import typeset
from guidewright.visualize.picture import Area, Group, Picture, Rectangle, Text
from guidewright.visualize.typeset import (
    LARGEST,
    MARGIN,
    DocumentsMissing,
    TypesettingFailed,
    compile_typst,
    pdf_bytes,
    png_bytes,
)

POINTS = 72 / 25.4  # in a millimetre
A4, LETTER = (210 * POINTS, 297 * POINTS), (8.5 * 72, 11 * 72)


def picture(
    title: str = "Work-up", width: float = 400.0, height: float = 300.0, description: str = "Two boxes."
) -> Picture:
    """A page with a frame on its edges, its title and a line below."""
    room = Area(0, 0, width, height)
    words = (
        Text(20, 40, title, 14, "ink", width, bold=True),
        Text(20, 60, "size ≥ 10 mm → biopsy", 9.5, "ink", width),
    )
    return Picture(
        width, height, title, description, (Rectangle(room, "paper"), Group("box", "b1", title, room, words))
    )


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf), strict=True)


def fonts_of(pdf: PdfReader) -> set[str]:
    """The names of the fonts of all pages, without the mark of a subset; each must be embedded."""
    found = set()
    stack = [page["/Resources"] for page in pdf.pages]
    while stack:
        resources = stack.pop().get_object()
        for font in resources.get("/Font", {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = inner["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)
            found.add(str(descriptor["/FontName"]).removeprefix("/").partition("+")[2])
        for form in resources.get("/XObject", {}).values():
            if "/Resources" in form.get_object():
                stack.append(form.get_object()["/Resources"])
    return found


def elements(node) -> list:
    """The elements of the structure tree, outer first."""
    found = []
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        child = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(child, dict) and "/S" in child:
            found += [child, *elements(child)]
    return found


def placed(pdf: PdfReader) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of the only picture on its page, as the tag of its figure says."""
    (figure,) = (found for found in elements(pdf.trailer["/Root"]["/StructTreeRoot"]) if found["/S"] == "/Figure")
    return tuple(float(edge) for edge in figure["/A"][0].get_object()["/BBox"])


# --- PDF


def test_one_page_for_each_picture_in_order():
    pdf = read(pdf_bytes([picture("First"), picture("Second"), picture("Third")], title="All"))
    assert [page.extract_text().split("\n")[0].strip() for page in pdf.pages] == ["First", "Second", "Third"]
    assert [entry["/Title"] for entry in pdf.outline] == ["First", "Second", "Third"]


def test_a_bookmark_does_not_repeat_the_title():
    pdf = read(pdf_bytes([picture("Liver: work-up"), picture("Sources")], title="Liver"))
    assert [entry["/Title"] for entry in pdf.outline] == ["work-up", "Sources"]


@pytest.mark.parametrize(("paper", "size"), [("a4", A4), ("letter", LETTER)])
def test_the_paper_has_its_size(paper, size):
    pdf = read(pdf_bytes([picture(), picture(width=900, height=400)], paper=paper, title="All"))
    for page in pdf.pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(size, abs=0.1)


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize(
    ("width", "height"), [(400, 300), (100, 50), (900, 300), (300, 2000), (523, 770), (4000, 4000), (10, 900)]
)
def test_a_picture_fits_inside_the_margins_and_is_hardly_enlarged(paper, width, height):
    page_width, page_height = A4 if paper == "a4" else LETTER
    margin = MARGIN * POINTS
    pdf = read(pdf_bytes([picture(width=width, height=height)], paper=paper, title="All"))
    left, bottom, right, top = placed(pdf)
    room_width, room_height = page_width - 2 * margin, page_height - 2 * margin
    scale = min(LARGEST, room_width / width, room_height / height)
    assert (right - left, top - bottom) == pytest.approx((width * scale, height * scale), abs=0.1)
    assert left == pytest.approx((page_width - width * scale) / 2, abs=0.1)
    assert top == pytest.approx(page_height - margin, abs=0.1)
    assert bottom >= margin - 0.1
    assert len(pdf.pages) == 1


def test_its_text_can_be_selected_and_its_fonts_are_ours():
    pdf = read(pdf_bytes([picture("Greek β and ≤ 5")], title="All"))
    assert "Greek β and ≤ 5" in pdf.pages[0].extract_text()
    assert "size ≥ 10 mm → biopsy" in pdf.pages[0].extract_text()
    assert fonts_of(pdf) == {"Arimo", "Arimo-Bold"}


def test_it_is_tagged_and_says_what_it_is():
    pictures = [picture("First", description="The way in."), picture("Second", description="")]
    pdf = read(pdf_bytes(pictures, title="Leiomyosarcoma ≥ 1", language="en"))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata.title == "Leiomyosarcoma ≥ 1"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    figures = [element for element in elements(root["/StructTreeRoot"]) if element["/S"] == "/Figure"]
    assert [figure["/Alt"] for figure in figures] == ["First: The way in.", "Second"]


def test_the_same_pictures_give_the_same_bytes_in_another_process():
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from test_typeset import picture; "
        "from guidewright.visualize.typeset import pdf_bytes, png_bytes; "
        "sys.stdout.buffer.write(pdf_bytes([picture()], title='All') + png_bytes(picture()))"
    )
    # A clock that stands elsewhere must not show: SOURCE_DATE_EPOCH is what Typst would take for the day.
    other = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).parent)],
        env={"SOURCE_DATE_EPOCH": "1700000000", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
    )
    assert other.stdout == pdf_bytes([picture()], title="All") + png_bytes(picture())
    assert read(pdf_bytes([picture()], title="All")).metadata.creation_date is None


@pytest.mark.parametrize(
    "text",
    ['#panic("x")', "$x$ *y* _z_ `w`", '"] #read("main.typ")', "<label> @ref", "\\ // /* */", "a\u202eb", "']--"],
)
def test_no_text_is_read_as_markup(text):
    shown = text.replace("\u202e", "\\u202e")
    pdf = read(pdf_bytes([picture(text, description=text)], title=text))
    assert pdf.pages[0].extract_text().split("\n")[0].strip() == shown
    assert (pdf.metadata.title, pdf.outline[0]["/Title"]) == (shown, shown)


# The last one is of a script for which hardly any machine has a font.
@pytest.mark.parametrize("text", ["Привет", "שלום", "漢字", "😀 \U000e0041", "\ue000", "\U00011a0b"])
def test_letters_that_the_font_lacks_do_not_stop_a_document(text):
    pdf = pdf_bytes([picture("Plain"), picture(text)], title=text)
    assert len(read(pdf).pages) == 2
    assert "Plain" in read(pdf).pages[0].extract_text()
    assert png_bytes(picture(text)).startswith(b"\x89PNG")


def test_letters_that_the_font_lacks_come_from_another_one():
    pdf = read(pdf_bytes([picture("Привет")], title="All"))
    assert "Привет" in pdf.pages[0].extract_text()
    assert b"pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_data()


def test_no_picture_is_no_document():
    with pytest.raises(TypesettingFailed, match="no picture"):
        pdf_bytes([], title="All")


# --- PNG


@pytest.mark.parametrize(("scale", "size"), [(1.0, (400, 300)), (2.0, (800, 600)), (0.5, (200, 150))])
def test_a_png_has_the_pixels_that_were_asked_for(scale, size):
    png = png_bytes(picture(), scale)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == size


def test_a_png_is_a_picture_at_twice_its_size_without_more_said():
    assert struct.unpack(">II", png_bytes(picture())[16:24]) == (800, 600)


def test_a_png_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr(typeset, "MOST_PIXELS", 800 * 600)
    png_bytes(picture())
    with pytest.raises(TypesettingFailed, match="too large for a PNG"):
        png_bytes(picture(width=401))


# --- compiling


def test_files_and_inputs_reach_the_source():
    source = '#set document(date: none)\n#set text(font: "Arimo")\n#read("a/b.txt") #sys.inputs.word'
    pdf = read(compile_typst(source, {"a/b.txt": "one"}, format="pdf", inputs={"word": "two"}))
    assert pdf.pages[0].extract_text().split() == ["one", "two"]


def test_there_is_no_today():
    pdf = read(compile_typst('#set text(font: "Arimo")\n#datetime.today().display()', {}, format="pdf"))
    assert pdf.pages[0].extract_text() == "1970-01-01"


def test_no_other_file_can_be_read():
    with pytest.raises(TypesettingFailed, match="file not found"):
        compile_typst('#read("pyproject.toml")', {}, format="pdf")


def test_a_fault_is_one_line():
    with pytest.raises(TypesettingFailed) as caught:
        compile_typst('#panic("a\\nb")', {}, format="pdf")
    assert str(caught.value).count("\n") == 0
    with pytest.raises(TypesettingFailed, match="missing document title"):
        compile_typst("x", {}, format="pdf", standards=("ua-1",))


def test_a_png_of_several_pages_is_refused():
    with pytest.raises(TypesettingFailed, match="one page"):
        compile_typst("a #pagebreak() b", {}, format="png")


def test_without_typst_the_message_says_how_to_get_it(monkeypatch):
    known = builtins.__import__

    def without(name, *rest):
        if name == "typst":
            raise ImportError(name)
        return known(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DocumentsMissing, match=r"pip install 'guidewright\[documents\]'"):
        pdf_bytes([picture()], title="All")
    with pytest.raises(DocumentsMissing):
        png_bytes(picture())
