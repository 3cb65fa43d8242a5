"""The outline as one HTML page, beside the pictures of the same boxes and arrows."""

from __future__ import annotations

from collections.abc import Sequence

from guidewright.document import Document, Heading
from guidewright.engine.assessment import Assessment
from guidewright.html_page import html_attribute, html_blocks, html_document, html_text
from guidewright.rules.model import Guideline
from guidewright.visualize.booklet import Page, pages
from guidewright.visualize.svg import Links, font_faces, svg_text


def pictured_outline(
    outline: Document, guideline: Guideline, assessment: Assessment | None, only: str | None = None
) -> str:
    """A page of its own, without scripts and without anything from elsewhere. `outline` is the page that
    `outline_page` makes of the same guideline and assessment, and of its stage `only`.
    """
    header, *parts = _parts(outline)
    stages = [stage.id for stage in guideline.stages if only in (None, stage.id)]
    drawn = pages(guideline, assessment)
    first = [page for page in drawn if page.name == "overview" and only is None]
    # Alone, a stage would lead to boxes that are not there.
    links: Links = "here" if only is None else "none"
    body = [html_blocks(header), *(_figure(page, links) for page in first)]
    for number, part in enumerate(parts):
        of_stage = [page for page in drawn if number < len(stages) and page.stage == stages[number]]
        body.append(_section([_figure(page, links) for page in of_stage], part))
    return html_document("".join(body), guideline.title, guideline.language, f"{font_faces()}\n{_STYLE}")


def _parts(outline: Document) -> list[Document]:
    """What stands before the first heading of a section, and then each section."""
    found: list[Document] = [()]
    for block in outline:
        if isinstance(block, Heading) and block.level == 2:
            found.append(())
        found[-1] = (*found[-1], block)
    return found


def _section(figures: Sequence[str], part: Document) -> str:
    words = f'<div class="words">\n{html_blocks(part)}</div>\n'
    if not figures:
        return words
    return f'<div class="page">\n<div class="pictures">\n{"".join(figures)}</div>\n{words}</div>\n'


def _figure(page: Page, links: Links) -> str:
    picture = svg_text(page.picture, embed_font=False, links=links)
    title = html_text(page.title)
    # It may be wider than a small screen, and is then moved by itself; so it can be reached by the keyboard too.
    return (
        f'<figure id="{html_attribute(f"page-{page.name}")}">\n'
        f'<div class="picture" tabindex="0" role="group" aria-label="{html_attribute(page.title)}">\n{picture}</div>\n'
        f"<figcaption>{title}</figcaption>\n</figure>\n"
    )


_STYLE = """\
main { max-width: 100rem; }
main > :not(.page) { max-width: 60rem; }
figure { margin: 1.5em 0; }
figcaption { color: #4F5F6E; font-size: 0.9em; }
.picture { overflow-x: auto; border: 1px solid #C9D1D8; }
.picture svg { display: block; max-width: 100%; min-width: 40rem; height: auto; }
.page { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 2rem; }
@media (min-width: 75rem) {
  .page { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
  .pictures { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; }
}
@media print {
  .page { display: block; }
  .picture { border: 0; overflow: visible; }
  .picture svg { min-width: 0; width: 100%; max-height: calc(100vh - 8mm); }
  figure { margin: 0; break-before: page; break-after: page; break-inside: avoid; }
}
"""
