"""The report in its forms: the same texts in each, the same bytes every time, and no text that becomes markup."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from test_text_answer import GUIDELINE, TREATED, made_of

import guidewright
from guidewright.answer_words import Answer
from guidewright.document import Item, Span, said
from guidewright.report import Report, Section, report_of
from guidewright.report_docx import report_docx
from guidewright.report_html import inline_svg, report_html
from guidewright.report_markdown import report_markdown
from guidewright.report_pdf import report_pdf
from guidewright.report_pictures import Figure
from guidewright.visualize.picture import Area, Group, Picture, Rectangle, Text

docx = pytest.importorskip("docx", reason="needs the extra `documents`")
pytest.importorskip("typst", reason="needs the extra `documents`")
pypdf = pytest.importorskip("pypdf", reason="is in the extra `dev`")

CASES = Path(__file__).parent.parent / "guidelines" / "retroperitoneal-leiomyosarcoma" / "cases"
INDEX = next(CASES.glob("V02*.yaml"))
FORMS = ("md", "html", "docx", "pdf")

NASTY = (
    "<script>alert(1)</script>",
    "</style></title></section><h1>Big</h1>",
    '#panic("typst") #{1+1} $x^2$ *bold* _it_ `raw` @ref <label> = heading // comment',
    "| a | b | # heading <br> - item",
    "[link](javascript:alert(1)) ![x](https://example.org/x.png)",
    "\"quoted\" & 'so' &amp; \\00003C {{ x }} ${y} \\N",
    "x" * 300,
    "a \u202e b \u2066 c",
    "\u05d1\u05d3\u05d9\u05e7\u05d4 (5 mm)",
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> guidewright.Guideline:
    return made_of(GUIDELINE, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def shipped() -> guidewright.Guideline:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIDEWRIGHT_CACHE", "")
        return guidewright.load("retroperitoneal-leiomyosarcoma")


def picture(name: str, boxes: tuple[int, ...]) -> Picture:
    groups = tuple(
        Group(
            "box",
            f"box-{box}",
            f"Box {box}",
            area,
            (Rectangle(area, "action"), Text(25, area.y + 15, f"Box {box}", 9, "ink", 300)),
        )
        for i, box in enumerate(boxes)
        if (area := Area(20, 20 + 30 * i, 400, 24))
    )
    return Picture(500, 700, f"Chart {name}", "A chart.", groups, name)


def figure(name: str, boxes: tuple[int, ...]) -> Figure:
    outline = tuple((Span(f"{box}. ", "strong"), *said(f"Box number {box}")) for box in boxes)
    return Figure(f"The patient's way: {name}", picture(name, boxes), outline)


def report(guideline: guidewright.Guideline, facts: dict[str, Any], pictures: bool = False, **more: Any) -> Report:
    assessment = guidewright.evaluate(guideline, facts, as_of="2024-05-01", engine="compiled", **more)
    made = report_of(Answer(assessment, guideline.ready.plan), None)
    figures = (figure("first", (1, 2)), figure("second", (2, 3))) if pictures else ()
    return Report(
        made.title,
        made.language,
        made.as_of,
        made.about,
        made.notice,
        made.sections,
        made.outlines,
        figures,
        made.running,
    )


class Words(HTMLParser):
    """The text of a page, with the elements and attributes that it met; what is unbalanced fails."""

    EMPTY = ("meta", "col", "br", "link")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def html_words(page: str) -> Words:
    words = Words()
    words.feed(page)
    words.close()
    assert words.open == []
    return words


def docx_text(content: bytes) -> str:
    """Every text of the body, paragraphs and cells in the order of the document, and the foot."""
    word = docx.Document(io.BytesIO(content))
    lines: list[str] = []
    for part in word.iter_inner_content():
        if hasattr(part, "rows"):
            lines += [cell.text for row in part.rows for cell in row.cells]
        else:
            lines.append(part.text)
    lines += [paragraph.text for paragraph in word.sections[0].footer.paragraphs]
    return "\n".join(lines)


def pdf_pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def words_of(form: str, made: Report) -> str:
    match form:
        case "md":
            return re.sub(r"\\(?=[^\w\s])", "", report_markdown(made)).replace("`", "").replace("**", "")
        case "html":
            return "".join(html_words(report_html(made)).text)
        case "docx":
            return docx_text(report_docx(made))
        case _:
            return "\n".join(pdf_pages(report_pdf(made)))


def folded(text: str) -> str:
    """Without white space: lines are broken differently in each form."""
    return re.sub(r"\s+", "", text)


# --- the same in every form


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_what_was_found(shipped: guidewright.Guideline, form: str) -> None:
    assessment = guidewright.evaluate_file(shipped, INDEX, engine="compiled")
    made = report_of(Answer(assessment, shipped.ready.plan), None)
    shown = folded(words_of(form, made))
    fired = [rule for rule in assessment.with_status("fired") if rule.kind != "row"]
    assert len(fired) > 20
    for rule in fired:
        assert folded(f"{rule.id} {rule.text}") in shown or folded(f"[{rule.id}] {rule.text}") in shown
    for part in (
        "6 months (radiology report) / 12 months (referral)",
        guidewright.engine.assessment.NOTICE,
        f"{shipped.id} {shipped.version}",
        shipped.digest[:19],
        "15 December 2020",
        "V02-index-case-after-resection",
        "draft, not reviewed by a clinician",
        "Where it deviates from the guideline, and why",
        "NEEDS: Lung metastases; Peritoneal disease; Local recurrence present",
    ):
        assert folded(part) in shown, part
    for section in made.sections:
        assert folded(section.title) in shown


@pytest.mark.parametrize("form", FORMS)
def test_a_guideline_that_does_not_apply_says_so_in_every_form(small: guidewright.Guideline, form: str) -> None:
    shown = folded(words_of(form, report(small, TREATED | {"tumour": False})))
    assert folded("This guideline does not apply to this patient") in shown
    assert folded("That is not an all-clear.") in shown
    assert "R-1" not in shown


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_record_says_so_in_every_form(small: guidewright.Guideline, form: str) -> None:
    shown = folded(words_of(form, report(small, {})))
    assert folded("Nothing is recorded about this patient.") in shown
    assert folded("Does this guideline apply?") in shown


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_no_text_of_a_record_becomes_markup(small: guidewright.Guideline, nasty: str) -> None:
    facts = TREATED | {
        "size": {"value": "30 mm", "source": nasty, "note": nasty},
        "remark": nasty,
    }
    made = report(small, facts, patient=nasty)
    plain = report(
        small, TREATED | {"size": {"value": "30 mm", "source": "x", "note": "x"}, "remark": "x"}, patient="x"
    )
    from guidewright.rules.display import escaped

    seen, expected = html_words(report_html(made)), html_words(report_html(plain))
    kept = ("bdi", "code")
    assert [name for name, _ in seen.elements if name not in kept] == [
        name for name, _ in expected.elements if name not in kept
    ]
    assert folded("".join(seen.text)).count(folded(escaped(nasty))) >= 4
    style = re.findall(r"<style>(.*?)</style>", report_html(made), re.DOTALL)
    assert len(style) == 1
    assert not any(part in style[0] for part in ("<", "alert(1)", "https:"))
    shown = folded(docx_text(report_docx(made)))
    assert shown.count(folded(escaped(nasty))) >= 4
    in_pdf = pdf_pages(report_pdf(made))
    if nasty.isascii():
        assert folded("".join(in_pdf)).count(folded(escaped(nasty))) >= 4
    assert len(in_pdf) <= 3
    markdown = report_markdown(made)
    assert len(re.findall(r"^#", markdown, re.MULTILINE)) == len(
        re.findall(r"^#", report_markdown(plain), re.MULTILINE)
    )
    assert not re.search(r"(?<!\\)<|(?<!\\)\]\(|[\x00-\x09\x0b-\x1f\u202e]", markdown)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_report_gives_the_same_bytes(
    small: guidewright.Guideline, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made() -> bytes:
        one = report(small, TREATED, pictures=True)
        match form:
            case "md":
                return report_markdown(one).encode()
            case "html":
                return report_html(one).encode()
            case "docx":
                return report_docx(one)
            case _:
                return report_pdf(one)

    first = made()
    import time

    now = time.time() + 100_000
    monkeypatch.setattr(time, "time", lambda: now)
    local = time.localtime(now)
    monkeypatch.setattr(time, "localtime", lambda *_: local)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert made() == first


# --- HTML


def test_the_html_needs_nothing_from_elsewhere_and_runs_nothing(small: guidewright.Guideline) -> None:
    page = report_html(report(small, TREATED, pictures=True))
    words = html_words(page)
    names = {name for name, _ in words.elements}
    assert not names & {"script", "link", "iframe", "object", "embed", "base", "form", "img", "a"}
    assert not re.search(r"url\((?!data:font)|@import|https?://(?!www\.w3\.org)", page)
    assert not any(name.startswith("on") for _, attributes in words.elements for name in attributes)
    (policy,) = [a["content"] for n, a in words.elements if n == "meta" and a.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_the_html_has_a_language_landmarks_and_headings_in_order(small: guidewright.Guideline) -> None:
    elements = html_words(report_html(report(small, TREATED, pictures=True))).elements
    assert elements[0] == ("html", {"lang": "en"})
    assert [name for name, _ in elements if name in ("header", "main", "footer")] == ["header", "main", "footer"]
    levels = [int(name[1]) for name, _ in elements if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all("scope" in attributes for name, attributes in elements if name == "th")
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in elements:
        for attribute in ("aria-labelledby", "aria-describedby"):
            for id in (attributes.get(attribute) or "").split():
                assert id in ids


def test_the_html_prints_with_margins_and_a_running_foot(small: guidewright.Guideline) -> None:
    page = report_html(report(small, TREATED, patient="case-7"))
    assert "@page { margin:" in page
    foot = re.search(r'@bottom-left \{ content: "(.*?)"', page)
    assert foot is not None
    read = re.sub(r"\\([0-9A-F]{6})", lambda found: chr(int(found.group(1), 16)), foot.group(1))
    for part in ("case-7", small.digest[:19], "1.2.3", "1 May 2024", "not a prescription"):
        assert part in read
    assert "counter(page)" in page


def test_each_picture_stands_in_the_html_with_its_outline_and_its_own_ids(small: guidewright.Guideline) -> None:
    page = report_html(report(small, TREATED, pictures=True))
    assert page.count("<figure>") == page.count("<svg ") == 2
    first, second = page.split("<figure>")[1:]
    assert 'id="figure-1-box-2"' in first
    assert 'id="figure-2-box-2"' in second
    assert re.search(r"<figcaption>.*Box number 1.*Box number 2", first, re.DOTALL)


def test_the_ids_of_an_inline_picture_and_what_names_them_change_together() -> None:
    made = inline_svg(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" aria-labelledby="a b">'
        '<title id="a">url(#x) &lt;b&gt;</title><desc id="b">id="a"</desc><g id="x"><path fill="url(#x)"/>'
        '<a xlink:href="#x"><text>t</text></a><a href="https://example.org/#x"/></g></svg>',
        "p-",
    )
    tree = ElementTree.fromstring(made)
    assert tree.get("aria-labelledby") == "p-a p-b"
    assert [element.get("id") for element in tree.iter() if element.get("id")] == ["p-a", "p-b", "p-x"]
    assert tree.findtext("title") == "url(#x) <b>"
    assert tree.findtext("desc") == 'id="a"'
    assert 'fill="url(#p-x)"' in made
    assert [element.get("href") for element in tree.iter("a")] == ["#p-x", "https://example.org/#x"]


# --- Word


@pytest.fixture(scope="module")
def word(shipped: guidewright.Guideline) -> Iterator[Any]:
    assessment = guidewright.evaluate_file(shipped, INDEX, engine="compiled")
    made = report_of(Answer(assessment, shipped.ready.plan), None)
    figures = (figure("first", (1, 2)),)
    made = Report(
        made.title,
        made.language,
        made.as_of,
        made.about,
        made.notice,
        made.sections,
        made.outlines,
        figures,
        made.running,
    )
    return docx.Document(io.BytesIO(report_docx(made)))


def test_the_word_document_has_real_headings(word: Any) -> None:
    found = [(p.style.name, p.text) for p in word.paragraphs if p.style.name.startswith("Heading")]
    assert found[0] == ("Heading 1", "Liver lesion after retroperitoneal leiomyosarcoma")
    assert ("Heading 2", "Recommendations") in found
    assert ("Heading 3", "DO NOT") in found


def test_the_header_of_each_table_is_repeated_and_no_row_is_split(word: Any) -> None:
    headed, forms = [], []
    for table in word.tables:
        (headed if table._tbl.xpath("./w:tr[1]/w:trPr/w:tblHeader") else forms).append(table)
    assert len(headed) > 6
    assert {table.cell(0, 0).text for table in forms} == {"Question of the referring team", "Decision"}
    for table in word.tables:
        assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in table.rows)


def test_the_foot_of_the_word_document_has_version_digest_engines_day_and_page(
    word: Any, shipped: guidewright.Guideline
) -> None:
    foot = word.sections[0].footer
    text = "\n".join(paragraph.text for paragraph in foot.paragraphs)
    for part in (shipped.version, shipped.digest[:19], "compiled", "15 December 2020", "not a prescription"):
        assert part in text
    fields = [field.text for field in foot._element.xpath(".//w:instrText")]
    assert fields == ["PAGE", "NUMPAGES"]
    assert all(section.footer.is_linked_to_previous for section in list(word.sections)[1:])


def test_the_word_document_names_no_time_but_the_day_of_assessment(word: Any) -> None:
    about = word.core_properties
    assert about.created == about.modified == datetime(2020, 12, 15, tzinfo=about.created.tzinfo)
    assert about.title == "Liver lesion after retroperitoneal leiomyosarcoma"
    assert about.language == "en"


def test_no_entry_of_the_word_document_has_a_time(small: guidewright.Guideline) -> None:
    with zipfile.ZipFile(io.BytesIO(report_docx(report(small, TREATED)))) as made:
        assert {entry.date_time for entry in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_picture_in_word_has_an_alternative_text(word: Any) -> None:
    (about,) = word.element.body.xpath(".//wp:docPr")
    assert about.get("descr").startswith("The patient's way: first")
    assert "2. Box number 2" in about.get("descr")


@pytest.mark.parametrize(("paper", "width"), [("a4", 210.0), ("letter", 215.9)])
def test_the_paper_of_the_word_document(small: guidewright.Guideline, paper: Any, width: float) -> None:
    made = docx.Document(io.BytesIO(report_docx(report(small, TREATED, pictures=True), paper)))
    assert {round(section.page_width.mm, 1) for section in made.sections} == {width}
    assert len(made.inline_shapes) == 2
    for shape in made.inline_shapes:
        assert shape.width.mm <= width - 12


# --- PDF


def test_the_foot_stands_on_every_page_of_the_pdf(shipped: guidewright.Guideline) -> None:
    assessment = guidewright.evaluate_file(shipped, INDEX, engine="compiled")
    made = report_of(Answer(assessment, shipped.ready.plan), None)
    pages = pdf_pages(report_pdf(made))
    for number, page in enumerate(pages, 1):
        for line in made.running:
            assert folded(line) in folded(page)
        assert f"{number} / {len(pages)}" in page


def test_the_index_case_fits_on_three_pages(shipped: guidewright.Guideline) -> None:
    for name in ("V01", "V02"):
        assessment = guidewright.evaluate_file(shipped, next(CASES.glob(f"{name}*.yaml")), engine="lockstep")
        assert len(pdf_pages(report_pdf(report_of(Answer(assessment, shipped.ready.plan), None)))) <= 3


def test_the_pdf_is_tagged_has_a_language_and_describes_its_pictures(small: guidewright.Guideline) -> None:
    made = pypdf.PdfReader(io.BytesIO(report_pdf(report(small, TREATED, pictures=True))))
    root = made.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert made.metadata.title == "A small guideline"
    assert made.metadata.creation_date is None
    assert [item.title for item in made.outline[0:1]] == ["A small guideline"]
    text = [page.extract_text() for page in made.pages]
    assert "Box 1" in text[-2]
    assert "Box 3" in text[-1]


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_the_paper_of_the_pdf(small: guidewright.Guideline, paper: Any, size: tuple[int, int]) -> None:
    made = pypdf.PdfReader(io.BytesIO(report_pdf(report(small, TREATED, pictures=True), paper)))
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in made.pages} == {size}


def test_a_very_long_word_stays_on_the_page(small: guidewright.Guideline) -> None:
    made = report(small, TREATED | {"remark": "x" * 400})
    assert "x" * 400 in folded("".join(pdf_pages(report_pdf(made))))


# --- small sections


def test_the_items_of_a_small_section_run_on(small: guidewright.Guideline) -> None:
    base = report(small, TREATED)
    part = Section("refs", "Refs", (Item(said("1 One.")), Item(said("2 Two.")), Item(said("3 Three."))), small=True)
    made = Report(base.title, base.language, base.as_of, base.about, base.notice, (part,), (), (), base.running)
    assert "1 One. 2 Two. 3 Three." in docx_text(report_docx(made))
    assert "1 One. 2 Two. 3 Three." in pdf_pages(report_pdf(made))[0]
