"""Draws every page of the shipped guidelines, and those of the index case, for docs/gallery.md: `make docs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import guidewright
from guidewright.engine.assessment import Assessment
from guidewright.markdown_answer import markdown_page, markdown_text
from guidewright.outline_page import outline_page
from guidewright.shipped import shipped_ids
from guidewright.visualize.booklet import pages
from guidewright.visualize.outline import outline
from guidewright.visualize.svg import svg_text

ROOT = Path(__file__).parent.parent
INDEX_CASE = "V01-index-case-before-surgery"
_FIRST = "retroperitoneal-leiomyosarcoma"

_INTRODUCTION = """\
# Gallery

All pages of the guidelines that ship, as `guidewright draw` draws them, and those of the index case. `make docs` draws
them again, and a test holds that they are what the guidelines say. Each folder has the same boxes and arrows as text
in its `outline.md`.

They are decision support for review by a clinician, not a prescription. No clinician has reviewed these guidelines.
"""


def gallery() -> dict[str, str]:
    """Every file of the gallery, by its path below docs/."""
    found: dict[str, str] = {}
    text = [_INTRODUCTION]
    for id in sorted(shipped_ids(), key=lambda id: id != _FIRST):
        guideline = guidewright.load(id)
        text += [f"## {markdown_text(guideline.title)}", ""]
        text += _section(id, guideline, None, found)
    guideline = guidewright.load(_FIRST)
    case = ROOT / "guidelines" / _FIRST / "cases" / f"{INDEX_CASE}.yaml"
    text += ["## The index case, before surgery", "", "The same pages with the way of one patient.", ""]
    text += _section("index-case", guideline, guidewright.evaluate_file(guideline, case), found)
    found["gallery.md"] = "\n".join(text)
    return found


def _section(
    folder: str, guideline: guidewright.Guideline, assessment: Assessment | None, found: dict[str, str]
) -> Iterator[str]:
    yield f"[As text](gallery/{folder}/outline.md)\n"
    found[f"gallery/{folder}/outline.md"] = markdown_page(outline_page(outline(guideline.ready.guideline, assessment)))
    for page in pages(guideline, assessment):
        found[f"gallery/{folder}/{page.name}.svg"] = svg_text(page.picture)
        yield f"### {markdown_text(page.title)}\n"
        yield f"![{markdown_text(page.picture.description)}](gallery/{folder}/{page.name}.svg)\n"


def main() -> None:
    made = gallery()
    for old in sorted((ROOT / "docs" / "gallery").rglob("*.*")):
        if old.relative_to(ROOT / "docs").as_posix() not in made:
            old.unlink()
    for name, text in made.items():
        path = ROOT / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    print(f"drew {len(made)} files of docs/gallery.md")


if __name__ == "__main__":
    main()
