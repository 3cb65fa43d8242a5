"""A headless Chromium for the tests, and what it finds wrong with a file. It is the one of the system: nothing here
downloads a browser.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guidewright.visualize.picture import Area, Group, Picture, Shape, Text
from guidewright.visualize.text_metrics import is_measured, text_width

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, ViewportSize

AXE = Path(__file__).resolve().parent.parent / "node_modules" / "axe-core" / "axe.min.js"
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")

_TEXTS = """async () => {
  await document.fonts.ready;
  return [...document.querySelectorAll("text")].map(one => {
    const box = one.getBBox();
    return {text: one.textContent, length: one.getComputedTextLength(),
            left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height};
  });
}"""
_FONTS = "async () => (await document.fonts.ready, [...document.fonts].map(f => `${f.family} ${f.weight} ${f.status}`))"
_TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
  return [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))];
}"""
_DEAD = """() => [...document.querySelectorAll("a")]
  .map(one => one.getAttribute("href"))
  .filter(to => to === null || (to.startsWith("#") && !document.getElementById(to.slice(1))))"""
# A box that scrolls by itself may hold what is wider than the window.
_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  const scrolls = one => one && (/auto|scroll/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter(one => {
    return one.getBoundingClientRect().right > room + 0.5 && !scrolls(one.parentElement);
  });
  return wide.map(one => `<${one.tagName.toLowerCase()}> ${one.textContent.trim().slice(0, 40)}`);
}"""


def missing_browser() -> str | None:
    """Why there is no browser to test with."""
    if find_spec("playwright") is None:
        return "playwright is not installed; it comes with the extra `dev`"
    return None if _executable() is not None else "no chromium was found on the PATH; CHROMIUM=... names one"


def _executable() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


@dataclass
class Tab:
    """A page, and all that happened on it which should not: errors, messages, requests for anything but the file."""

    page: Page
    address: str = ""
    complaints: list[str] = field(default_factory=list)

    def open(self, path: Path) -> None:
        self.address = path.as_uri()
        self.complaints.clear()
        self.page.goto(self.address)

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})

    @contextmanager
    def on_paper(self, room: ViewportSize) -> Iterator[None]:
        """As it is laid out for printing, on pages with this room in pixels."""
        self.page.set_viewport_size(room)
        self.page.emulate_media(media="print")
        try:
            yield
        finally:
            self.page.emulate_media(media="screen")


@contextmanager
def chromium_tab() -> Iterator[Tab]:
    """A browser with one tab and without a network."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_executable(), args=_FLAGS)
        try:
            yield _watched(browser.new_context(offline=True).new_page())
        finally:
            browser.close()


def _watched(page: Page) -> Tab:
    tab = Tab(page)

    def requested(request: Request) -> None:
        if request.url != tab.address:
            tab.complaints.append(f"request: {request.url}")

    page.on("console", lambda message: tab.complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: tab.complaints.append(f"error: {error}"))
    page.on("request", requested)
    return tab


# --- what is wrong


def faults_of_drawing(tab: Tab, picture: Picture) -> list[str]:
    """What is wrong with a picture that is open as a file of its own."""
    placed = list(_texts(picture.shapes, Area(0, 0, picture.width, picture.height), ""))
    faults = _fonts_missing(tab, {text.bold for text, _, _ in placed})
    shown = tab.page.evaluate(_TEXTS)
    if [one["text"] for one in shown] != [text.text for text, _, _ in placed]:
        return [*tab.complaints, *faults, "the texts are not those of the picture, in its order"]
    for one, (text, area, kind) in zip(shown, placed, strict=True):
        faults += (f"{fault}: {text.text}" for fault in _faults_of_text(one, text, area, kind, picture))
    return [*tab.complaints, *faults]


def _fonts_missing(tab: Tab, bold: set[bool]) -> list[str]:
    """Of the font that the pictures bring along, the weights that are used and not there."""
    loaded = tab.page.evaluate(_FONTS)
    used = [f"Arimo {700 if b else 400} loaded" for b in sorted(bold)]
    return [f"the font is not there: {font}" for font in used if font not in loaded]


def _texts(shapes: tuple[Shape, ...], area: Area, kind: str) -> Iterator[tuple[Text, Area, str]]:
    """Every text in the order of drawing, with the innermost group that it stands in."""
    for shape in shapes:
        if isinstance(shape, Text):
            yield shape, area, kind
        elif isinstance(shape, Group):
            yield from _texts(shape.shapes, shape.area, shape.kind)


def _faults_of_text(shown: dict[str, Any], text: Text, area: Area, kind: str, picture: Picture) -> Iterator[str]:
    wide = text_width(text.text, text.size, text.bold)
    if shown["length"] > text.room + 0.5:
        yield "wider than its room"
    # Far narrower is another font, or the same with kerning.
    if is_measured(text.text) and not -0.5 - wide / 200 <= shown["length"] - wide <= 0.5:
        yield f"not as wide as was measured, {shown['length']:.1f} for {wide:.1f}"
    # The area of a label is that of its letters, without a margin.
    if not _holds(area, shown, 1.0 if kind == "label" else 0.5):
        yield f"beyond its {kind or 'page'}"
    if not _holds(Area(0, 0, picture.width, picture.height), shown, 0.0):
        yield "beyond the page"


def _holds(area: Area, shown: dict[str, Any], rim: float) -> bool:
    return (
        area.x - rim <= shown["left"]
        and shown["right"] <= area.right + rim
        and area.y - rim <= shown["top"]
        and shown["bottom"] <= area.bottom + rim
    )


def faults_of_access(tab: Tab) -> list[str]:
    """What axe finds, with all of its rules. What it cannot decide, such as the contrast of text on shapes, is not
    counted; the palette has a test of its own.
    """
    tab.page.evaluate(f"{AXE.read_text(encoding='utf-8')}\n;0")
    found = tab.page.evaluate('axe.run(document, {resultTypes: ["violations"]})')
    assert found["passes"], "axe had nothing to judge"
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:120]}" for rule in found["violations"] for node in rule["nodes"]
    ]


def faults_of_page(tab: Tab) -> list[str]:
    """What is wrong with an HTML page, at the width that the tab has."""
    twice = [f"the id is there twice: {id}" for id in tab.page.evaluate(_TWICE)]
    wide = [f"wider than the window: {one}" for one in tab.page.evaluate(_TOO_WIDE)]
    if not wide and tab.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wide = ["the page scrolls sideways"]
    dead = [f"leads nowhere: {link}" for link in tab.page.evaluate(_DEAD)]
    fonts = _fonts_missing(tab, {False, True}) if tab.page.locator("svg.guidewright").count() else []
    return [*tab.complaints, *twice, *wide, *dead, *fonts]
