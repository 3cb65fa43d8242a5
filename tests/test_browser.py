"""The pictures and the HTML in a real browser: nothing fails, nothing is fetched, no text leaves its box, and axe finds
nothing. Without Chromium these tests are skipped; in CI that is a failure.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browsing import AXE, Tab, chromium_tab, faults_of_access, faults_of_drawing, faults_of_page, missing_browser
from click.testing import CliRunner
from pypdf import PageObject, PdfReader

from guidewright import evaluate_file, load
from guidewright.commands import guidewright as command
from guidewright.engine.assessment import NOTICE
from guidewright.visualize import pages, svg_text
from guidewright.visualize.booklet import Page
from guidewright.visualize.picture import Area, Group, Picture, Rectangle, Text

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
needs_axe = pytest.mark.skipif(not AXE.exists(), reason="`make node_modules` has not installed axe")

GUIDELINES = Path(__file__).resolve().parent.parent / "guidelines"
LESION, PNEUMONIA = "retroperitoneal-leiomyosarcoma", "curb-65"
V01, V03, EMPTY = "V01-index-case-before-surgery", "V03-incomplete-referral", "empty-record"

DRAWN = [
    (LESION, None),
    (LESION, V01),
    (LESION, V03),
    (LESION, EMPTY),
    (PNEUMONIA, None),
    (PNEUMONIA, "no-urea-two-points"),
    (PNEUMONIA, "nothing-known"),
]
REPORTED = [(LESION, V01), (LESION, EMPTY), (PNEUMONIA, "child")]
WIDE, NARROW = 1280, 400  # pixels; a desk and a telephone


@pytest.fixture(scope="module")
def one_tab() -> Iterator[Tab]:
    if (why := missing_browser()) is not None:
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with chromium_tab() as found:
        yield found


@pytest.fixture
def tab(one_tab: Tab) -> Tab:
    one_tab.resize(WIDE)
    return one_tab


@pytest.fixture(autouse=True)
def cache_of_guidelines(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def case(id: str, name: str) -> Path:
    return GUIDELINES / id / "cases" / f"{name}.yaml"


@cache
def pages_of(id: str, patient: str | None) -> tuple[Page, ...]:
    guideline = load(GUIDELINES / id)
    return pages(guideline, evaluate_file(guideline, case(id, patient)) if patient is not None else None)


def drawn(folder: Path, id: str, patient: str | None) -> list[tuple[Page, Path]]:
    """The pages of a guideline, written as files into one folder."""
    found = [(page, folder / f"{page.name}.svg") for page in pages_of(id, patient)]
    for page, path in found:
        path.write_text(svg_text(page.picture), encoding="utf-8")
    return found


def ran(*arguments: str | Path) -> str:
    result = CliRunner().invoke(command, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return result.stdout


def open_html(tab: Tab, folder: Path, html: str) -> None:
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    tab.open(path)


# --- pictures


@pytest.mark.parametrize(("id", "patient"), DRAWN)
def test_every_picture_opens_alone_and_no_text_leaves_its_box(
    tab: Tab, tmp_path: Path, id: str, patient: str | None
) -> None:
    faults: dict[str, list[str]] = {}
    for page, path in drawn(tmp_path, id, patient):
        tab.open(path)
        faults[page.name] = faults_of_drawing(tab, page.picture)
    assert len(faults) > 3
    assert {name: found for name, found in faults.items() if found} == {}


@needs_axe
@pytest.mark.parametrize(("id", "patient"), [(LESION, V01), (PNEUMONIA, None)])
def test_axe_finds_nothing_in_a_picture(tab: Tab, tmp_path: Path, id: str, patient: str | None) -> None:
    faults: dict[str, list[str]] = {}
    for page, path in drawn(tmp_path, id, patient):
        tab.open(path)
        faults[page.name] = faults_of_access(tab)
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize("id", [LESION, PNEUMONIA])
def test_every_link_of_a_picture_leads_to_a_box(tab: Tab, tmp_path: Path, id: str) -> None:
    written = drawn(tmp_path, id, None)
    seen = 0
    for _, path in written:
        tab.open(path)
        for address in tab.page.evaluate("[...document.querySelectorAll('a')].map(one => one.href.baseVal)"):
            file, _, anchor = address.partition("#")
            target = (tmp_path / file if file else path).read_text(encoding="utf-8")
            assert not anchor or f'<g id="{anchor}" class="box"' in target, f"{path.name}: {address}"
            seen += 1
    assert seen > 1


def test_a_link_is_reached_with_the_keyboard(tab: Tab, tmp_path: Path) -> None:
    drawn(tmp_path, LESION, None)
    tab.open(tmp_path / "overview.svg")
    tab.page.keyboard.press("Tab")
    with tab.page.expect_navigation():
        tab.page.keyboard.press("Enter")
    assert unquote(urlsplit(tab.page.url).path) == str(tmp_path / "1-workup.svg")


def made(*texts: Text) -> Picture:
    room = Area(10, 10, 200, 80)
    group = Group("box", "box-1", "1. A box", room, (Rectangle(room, "action"), *texts))
    return Picture(220, 100, "A page", "For a test.", (Rectangle(Area(0, 0, 220, 100), "paper"), group))


@pytest.mark.parametrize(
    "text",
    [
        '<script>alert(1)</script> & "it\'s" ]]> &amp;',
        "\u05d1\u05d3\u05d9\u05e7\u05d4 (5 mm) \u0641\u062d\u0635",
        "\u809d\u5207\u9664 \U0001f9ec \u0939\u093f\u0928\u094d\u0926\u0940",
        "fi ffl AVAVAV To. Ty, 11 ≥ ≤ → Ωµ",
        "two  spaces",
        r"\N \l {{x}} %s",
    ],
)
def test_no_text_becomes_markup_or_leaves_its_room(tab: Tab, tmp_path: Path, text: str) -> None:
    picture = made(Text(15, 30, text, 8, "ink", 190), Text(15, 60, text, 8, "ink", 190, bold=True))
    path = tmp_path / "made.svg"
    path.write_text(svg_text(picture), encoding="utf-8")
    tab.open(path)
    assert faults_of_drawing(tab, picture) == []


def without_consequences(faults: list[str]) -> list[str]:
    """Without the message that a request has failed, in which the address does not stand."""
    return [fault for fault in faults if not fault.startswith("console: Failed to load resource")]


FINE = made(Text(15, 30, "Fine", 9, "ink", 190), Text(15, 60, "Bold", 9, "ink", 190, bold=True))
BROAD = made(Text(15, 30, "Broad", 9, "ink", 10), Text(15, 60, "Bold", 9, "ink", 190, bold=True))
BEYOND = made(Text(190, 30, "Far beyond", 9, "ink", 190), Text(15, 60, "Bold", 9, "ink", 190, bold=True))


@pytest.mark.parametrize(
    ("picture", "from_", "to", "faults"),
    [
        (FINE, "", "", []),
        (BROAD, "", "", ["wider than its room: Broad"]),
        (BEYOND, "", "", ["beyond its box: Far beyond", "beyond the page: Far beyond"]),
        (FINE, "Fine</text>", "Five</text>", ["the texts are not those of the picture, in its order"]),
        (FINE, 'font-size="9" fill', 'font-size="11" fill', ["not as wide as was measured, 21.4 for 17.5: Fine"]),
        (FINE, "font-weight:700", "font-weight:900", ["the font is not there: Arimo 700 loaded"]),
        (FINE, "</svg>", "<script>console.warn('x')</script></svg>", ["console: x"]),
        (FINE, "</svg>", "<script>throw new Error('x')</script></svg>", ["error: x"]),
        (
            FINE,
            "</svg>",
            '<image href="https://example.org/x.png" width="1" height="1"/></svg>',
            ["request: https://example.org/x.png"],
        ),
    ],
)
def test_what_is_wrong_with_a_picture_is_noticed(
    tab: Tab, tmp_path: Path, picture: Picture, from_: str, to: str, faults: list[str]
) -> None:
    path = tmp_path / "made.svg"
    text = svg_text(picture)
    assert from_ in text
    path.write_text(text.replace(from_, to), encoding="utf-8")
    tab.open(path)
    assert without_consequences(faults_of_drawing(tab, picture)) == faults


# --- HTML


def assert_faultless(tab: Tab) -> None:
    for width in (WIDE, NARROW):
        tab.resize(width)
        assert [*faults_of_page(tab), *(faults_of_access(tab) if AXE.exists() else ())] == [], f"{width} pixels wide"


@pytest.mark.parametrize(("id", "patient"), REPORTED)
def test_a_report_shows_without_a_fault_and_prints_on_three_pages_and_pictures(
    tab: Tab, tmp_path: Path, id: str, patient: str
) -> None:
    path = tmp_path / "report.html"
    ran("report", case(id, patient), "-o", path)
    tab.open(path)
    assert_faultless(tab)
    pictures = tab.page.locator("section.picture").count()
    digest = load(GUIDELINES / id).digest[: len("sha256:") + 12]
    for paper in ("A4", "Letter"):
        texts = [words(page) for page in printed(tab, paper).pages]
        assert pictures < len(texts) <= 3 + pictures
        for number, text in enumerate(texts, 1):
            assert NOTICE in text
            assert digest in text
            assert f"{number} / {len(texts)}" in text
        # The picture's own foot says which page of the flowcharts it is.
        feet = [bool(re.search(r"Page \d+ of \d+", text)) for text in texts]
        assert feet == [number >= len(texts) - pictures for number in range(len(texts))]


@pytest.mark.parametrize("arguments", [(LESION, "--stage", "origin", "--patient", case(LESION, V01)), (PNEUMONIA,)])
def test_an_outline_shows_without_a_fault(tab: Tab, tmp_path: Path, arguments: tuple[str | Path, ...]) -> None:
    open_html(tab, tmp_path, ran("outline", *arguments, "--format", "html"))
    assert_faultless(tab)
    assert tab.page.locator("[id^=outline-box-]").count() > 10


def test_a_whole_outline_is_one_page_that_prints(tab: Tab, tmp_path: Path) -> None:
    open_html(tab, tmp_path, ran("outline", LESION, "--format", "html"))
    assert faults_of_page(tab) == []
    for paper in ("A4", "Letter"):
        pdf = printed(tab, paper)
        assert NOTICE in words(pdf.pages[0])
        assert NOTICE in words(pdf.pages[-1])
        almost_empty = [number for number, page in enumerate(pdf.pages, 1) if runs_of_text(page) < 3]
        assert almost_empty == []


@pytest.mark.parametrize(("wide", "high"), [(210, 297), (215.9, 279.4)], ids=["A4", "Letter"])
def test_a_picture_of_an_outline_fits_on_a_page_together_with_its_title(
    tab: Tab, tmp_path: Path, wide: float, high: float
) -> None:
    margins, pixels = 2 * 12, 96 / 25.4
    room = {"width": int((wide - margins) * pixels), "height": int((high - margins) * pixels)}
    open_html(tab, tmp_path, ran("outline", LESION, "--stage", "origin", "--format", "html"))
    with tab.on_paper(room):
        figures = tab.page.evaluate("[...document.querySelectorAll('figure')].map(f => f.getBoundingClientRect())")
    assert room["height"] * 0.9 < max(figure["height"] for figure in figures) <= room["height"]
    assert max(figure["width"] for figure in figures) <= room["width"]


def printed(tab: Tab, paper: str = "A4") -> PdfReader:
    """As Chromium prints it, on this paper unless the document names another one."""
    return PdfReader(io.BytesIO(tab.page.pdf(format=paper, prefer_css_page_size=True)))


def runs_of_text(page: PageObject) -> int:
    """How many there are on a page; to count them is quicker than to read them."""
    contents = page.get_contents()
    return len(re.findall(rb"\bT[jJ]\b", contents.get_data())) if contents is not None else 0


def words(page: PageObject) -> str:
    return re.sub(r"\s+", " ", page.extract_text())


HTML = "<!DOCTYPE html><html lang='en'><title>x</title><body><main><h1>x</h1>{}</main></body></html>"


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        ("<p>fine", []),
        ("<p id='a'>x<p id='a'>y", ["the id is there twice: a"]),
        ("<a href='#x'>x</a>", ["leads nowhere: #x"]),
        ("<svg class='guidewright'></svg>", [f"the font is not there: Arimo {weight} loaded" for weight in (400, 700)]),
        ("<div style='width: 500px'>broad</div>", ["wider than the window: <div> broad"]),
        ("<div style='overflow-x: auto'><div style='width: 500px'>broad</div></div>", []),
        ("<img src='https://example.org/x.png' alt='x'>", ["request: https://example.org/x.png"]),
        ("<iframe src='https://example.org/' title='x'></iframe>", ["request: https://example.org/"]),
    ],
)
def test_what_is_wrong_with_html_is_noticed(tab: Tab, tmp_path: Path, content: str, faults: list[str]) -> None:
    tab.resize(NARROW)
    open_html(tab, tmp_path, HTML.format(content))
    assert without_consequences(faults_of_page(tab)) == faults


@needs_axe
@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("<p style='color: #999'>pale", "color-contrast"),
        ("<svg role='img' width='9' height='9'></svg>", "svg-img-alt"),
        ("<g role='img' aria-label='x'><a href='#x'>y</a></g>", "nested-interactive"),
        ("<h3>x</h3>", "heading-order"),
    ],
)
def test_axe_notices_what_is_wrong(tab: Tab, tmp_path: Path, content: str, rule: str) -> None:
    open_html(tab, tmp_path, HTML.format(content))
    assert rule in [fault.partition(":")[0] for fault in faults_of_access(tab)]
