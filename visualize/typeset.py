"""Pictures as PDF and PNG, set by Typst, an optional extra.

Everything happens in memory: no picture of a patient lies in a temporary file. The fonts are the package's own, so the
same pictures give the same bytes on every machine; only where a text has letters that these fonts lack are the
machine's fonts taken too, rather than to leave gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from typing import Any, Literal

from guidewright.rules.display import escaped
from guidewright.visualize.paper import MARGIN, Paper
from guidewright.visualize.picture import Picture
from guidewright.visualize.svg import svg_text
from guidewright.visualize.text_metrics import is_measured

LARGEST = 1.3
"""A picture is made smaller to fit on the paper, and larger at most by this, so that small ones look alike."""

MOST_PIXELS = 50_000_000
"""Pixels that a PNG may have; each takes some four bytes of memory."""

_PAPER: dict[Paper, str] = {"a4": "a4", "letter": "us-letter"}

# Authors' text comes in as data only; nothing of it is ever read as markup. A bookmark needs a heading, which the
# picture shows already: it stands there unseen.
_PAGES = """
#let data = json("pages.json")
#set document(title: data.title, date: none)
#set text(font: "Arimo", lang: data.language)
#set page(paper: data.paper, margin: data.margin * 1mm)
#for (i, page) in data.pages.enumerate() {
  if i > 0 { pagebreak() }
  place(hide(heading(page.title)))
  layout(room => {
    let scale = calc.min(data.largest, room.width / (page.width * 1pt), room.height / (page.height * 1pt))
    align(center, image(page.file, alt: page.alt, width: scale * page.width * 1pt))
  })
}
"""

_ALONE = """
#let size = json("size.json")
#set page(width: size.width * 1pt, height: size.height * 1pt, margin: 0pt)
#image("page.svg", width: 100%)
"""


class DocumentsMissing(Exception):
    """What sets documents is not installed. The message says how to install it."""


class TypesettingFailed(Exception):
    """A document could not be set. The message is one line."""


def pdf_bytes(pictures: Sequence[Picture], *, paper: Paper = "a4", title: str, language: str = "en") -> bytes:
    """A PDF with one picture a page, each with a bookmark: tagged (PDF/UA-1), its text selectable, the same bytes
    each time.

    `title` is that of the document; a bookmark does not repeat it. `language` is the code of the texts' language.
    Raises `DocumentsMissing`, and `TypesettingFailed`, also for no picture at all.
    """
    if not pictures:
        raise TypesettingFailed("there is no picture to set")
    names = [f"{number}.svg" for number in range(1, len(pictures) + 1)]
    data = {
        "title": escaped(title),
        "language": language,
        "paper": _PAPER[paper],
        "margin": MARGIN,
        "largest": LARGEST,
        "pages": [
            {
                "file": name,
                "title": escaped(picture.title.removeprefix(f"{title}: ")),
                "alt": escaped(": ".join(filter(None, (picture.title, picture.description)))),
                "width": picture.width,
                "height": picture.height,
            }
            for name, picture in zip(names, pictures, strict=True)
        ],
    }
    drawn = {name: _svg(picture) for name, picture in zip(names, pictures, strict=True)}
    return compile_typst(_PAGES, {"pages.json": _json(data)} | drawn, format="pdf", standards=("ua-1",))


def png_bytes(picture: Picture, scale: float = 2.0) -> bytes:
    """The picture in pixels on white, `scale` of them to a point. Raises `DocumentsMissing`, and `TypesettingFailed`,
    also for more pixels than `MOST_PIXELS`.
    """
    if picture.width * picture.height * scale**2 > MOST_PIXELS:
        raise TypesettingFailed("the picture is too large for a PNG; SVG has no such limit")
    size = {"width": picture.width, "height": picture.height}
    drawn = {"size.json": _json(size), "page.svg": _svg(picture)}
    return compile_typst(_ALONE, drawn, format="png", ppi=72 * scale)


def compile_typst(
    source: str,
    contents: Mapping[str, str | bytes],
    *,
    format: Literal["pdf", "png"],
    ppi: float | None = None,
    standards: Sequence[str] = (),
    inputs: Mapping[str, str] | None = None,
) -> bytes:
    """What Typst makes of a source that reads files by these names, with these contents; a PNG must have one page.

    `source` is markup and so must hold no text of an author or a record: that comes in `contents` or in `inputs`
    (`sys.inputs`). An SVG must name the font `Arimo`. Where a letter is in no font of the machine, a PDF is set without
    `standards`, none of which allows that. Raises `DocumentsMissing` and `TypesettingFailed`.
    """
    try:
        import typst
    except ImportError:
        how = "pip install 'guidewright[documents]'"
        raise DocumentsMissing(f"PDF and PNG need Typst; install it with: {how}") from None
    texts = [text for text in (source, *contents.values(), *(inputs or {}).values()) if isinstance(text, str)]
    ours = all(is_measured("".join(set(text) - set("\n\r\t"))) for text in texts)
    # A value that is no bytes would be taken for the path of a file.
    project = {name: text.encode() if isinstance(text, str) else text for name, text in contents.items()}
    # The types of the package do not know of several files.
    compiled: Any = typst.compile_with_warnings
    with as_file(files("guidewright.visualize").joinpath("fonts")) as folder:
        fonts = typst.Fonts(include_system_fonts=not ours, include_embedded_fonts=not ours, font_paths=[folder])

        def made_by(standards: Sequence[str]) -> Any:
            made, _ = compiled(
                project | {"main.typ": source.encode()},
                root=folder,
                font_paths=fonts,
                format=format,
                ppi=ppi,
                sys_inputs=dict(inputs or {}),
                pdf_standards=list(standards),
                timestamp=0,
            )
            return made

        try:
            made = made_by(standards)
        except typst.TypstError as fault:
            if ours or not fault.message.startswith("PDF/"):
                raise TypesettingFailed(fault.message.partition("\n")[0]) from None
            made = compile_typst(source, contents, format=format, ppi=ppi, inputs=inputs)
    if not isinstance(made, bytes):
        raise TypesettingFailed("a PNG has one page, and this document has several")
    return made


def _svg(picture: Picture) -> str:
    return svg_text(picture, embed_font=False, links="none")


def _json(data: object) -> str:
    import json

    return json.dumps(data, ensure_ascii=False)
