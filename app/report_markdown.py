"""A report as Markdown: the canonical form, which can be compared line by line. The ways are told in words."""

from __future__ import annotations

from collections.abc import Iterator

from guidewright.document import Block, Heading, Item, Paragraph, Span, said
from guidewright.markdown_answer import markdown_page
from guidewright.report import Report


def report_markdown(report: Report) -> str:
    """The report as one Markdown document, ending in a line feed."""
    return markdown_page(tuple(_blocks(report)))


def _blocks(report: Report) -> Iterator[Block]:
    yield Heading(1, said(report.title))
    for label, value in report.about:
        yield Item((Span(f"{label}: ", "strong"), *value))
    yield Paragraph(said(report.notice, "strong"))
    for section in report.sections:
        yield Heading(2, said(section.title))
        yield from section.blocks
        if section.id == "way":
            yield from _outlines(report)
    yield Paragraph(said(" · ".join(report.running), "dim"))


def _outlines(report: Report) -> Iterator[Block]:
    for title, outline in report.outlines:
        yield Heading(3, said(title))
        yield from (Item(line) for line in outline)
