"""A report as one HTML file: no script, nothing from elsewhere, and rules for printing it on A4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from guidewright.document import Document, Line, Paragraph, Table
from guidewright.html_page import html_attribute, html_blocks, html_text
from guidewright.report import Report, Section
from guidewright.report_columns import halves
from guidewright.report_pictures import Figure
from guidewright.rules.display import escaped
from guidewright.visualize.svg import font_faces

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:"
_NAMES_IDS = ("aria-labelledby", "aria-describedby", "aria-owns")


def report_html(report: Report) -> str:
    """The report as an HTML document, ending in a line feed."""
    title = html_attribute(report.title)
    about = "".join(f"<div><dt>{html_text(label)}</dt> <dd>{_run(value)}</dd></div>" for label, value in report.about)
    running = "".join(f"<p>{html_text(line)}</p>" for line in report.running)
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f'<html lang="{html_attribute(report.language)}">',
            '<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            f"<title>{title}</title>",
            f"<style>\n{font_faces()}\n{_STYLE}{_running_style(report)}</style>\n</head>",
            f"<body>\n<header>\n<h1>{html_text(report.title)}</h1>\n<dl>{about}</dl>",
            f'<p class="notice"><strong>{html_text(report.notice)}</strong></p>\n</header>\n<main>',
            *(_section(section) for section in report.sections),
            *(_figure(figure, number) for number, figure in enumerate(report.figures, 1)),
            f"</main>\n<footer>\n{running}\n</footer>\n</body>\n</html>\n",
        )
    )


def _section(section: Section) -> str:
    id = html_attribute(f"section-{section.id}")
    small = ' class="small"' if section.small else ""
    return (
        f'<section aria-labelledby="{id}"{small}>\n<h2 id="{id}">{html_text(section.title)}</h2>\n'
        + "".join(_blocks(section))
        + "</section>"
    )


def _blocks(section: Section) -> Iterator[str]:
    together: Document = ()
    for block in section.blocks:
        pair = halves(block) if isinstance(block, Table) and section.columns == 2 else None
        if pair is None or not pair[1].rows:
            together = (*together, block)
            continue
        yield html_blocks(together) if together else ""
        together = ()
        both = "".join(f"<div>{html_blocks((half,))}</div>\n" for half in pair)
        yield f'<div class="beside">\n{both}</div>\n'
    yield html_blocks(together) if together else ""


def _run(line: Line) -> str:
    """A line alone, without the paragraph around it."""
    return html_blocks((Paragraph(line),)).strip().removeprefix("<p>").removesuffix("</p>")


# --- pictures


def _figure(figure: Figure, number: int) -> str:
    from guidewright.visualize.svg import svg_text

    drawn = inline_svg(svg_text(figure.picture, embed_font=False, links="none"), f"figure-{number}-")
    words = "".join(f"<li>{_run(line)}</li>" for line in figure.outline)
    id = f"figure-{number}-heading"
    return (
        f'<section class="picture" aria-labelledby="{id}">\n<h2 id="{id}">{html_text(figure.title)}</h2>\n'
        f'<figure>\n<div class="drawing" tabindex="0" role="group" aria-labelledby="{id}">\n{drawn}\n</div>\n'
        f"<figcaption><p>The way of this patient, box by box</p><ul>{words}</ul></figcaption>\n"
        "</figure>\n</section>"
    )


def inline_svg(text: str, prefix: str) -> str:
    """An SVG document as an element of an HTML page, where its ids must differ from those of other pictures."""
    root = ElementTree.fromstring(text)
    ids = {found for element in root.iter() if (found := element.get("id")) is not None}
    for element in root.iter():
        element.tag = _local(element.tag)
        for name, value in list(element.attrib.items()):
            del element.attrib[name]
            element.set(_local(name), _renamed(_local(name), value, ids, prefix))
    return ElementTree.tostring(root, encoding="unicode")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _renamed(attribute: str, value: str, ids: set[str], prefix: str) -> str:
    if attribute == "id":
        return prefix + value
    if attribute in _NAMES_IDS:
        return " ".join(prefix + name if name in ids else name for name in value.split())
    if attribute == "href" and value.startswith("#"):
        return f"#{prefix}{value[1:]}"
    return re.sub(r"url\(#([^)]*)\)", lambda found: f"url(#{prefix}{found.group(1)})", value)


# --- the look


def _running_style(report: Report) -> str:
    """The foot of every printed page."""
    lines = r"\00000A".join(_css(line) for line in report.running)
    return (
        "@page {\n"
        f'  @bottom-left {{ content: "{lines}"; white-space: pre-wrap; font: 7pt/1.2 Arimo, Arial, sans-serif; '
        "color: #44525F; width: 90%; }\n"
        '  @bottom-right { content: counter(page) " / " counter(pages); font: 7pt/1.2 Arimo, Arial, sans-serif; '
        "color: #44525F; }\n}\n"
    )


def _css(text: str) -> str:
    """A text inside a quoted string of a style sheet: every character that is no letter or figure as its number, the
    space too, since one behind such a number belongs to it.
    """
    return "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06X}" for c in escaped(text))


_STYLE = """\
* { box-sizing: border-box; }
body { font: 15px/1.45 Arimo, Arial, "Liberation Sans", Helvetica, sans-serif; color: #1B2A3A; background: #FFFFFF;
  max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6em; color: #0B5A8A; margin: 0 0 0.3em; line-height: 1.2; }
h2 { font-size: 1.15em; color: #0B5A8A; border-bottom: 1.5px solid #0B5A8A; margin: 1.2em 0 0.4em; break-after: avoid; }
h3 { font-size: 1em; margin: 0.7em 0 0.2em; break-after: avoid; }
p { margin: 0.3em 0; }
dl { margin: 0.3em 0; }
dl div { display: inline-block; margin-right: 1.5em; }
dt, dd { display: inline; margin: 0; }
dt, .dim, footer { color: #44525F; }
.stop { color: #A3002F; }
.go { color: #00664D; }
.maybe { color: #6B3F87; }
.alert { color: #8A4B00; }
.notice { border: 1.5px solid #0B5A8A; border-radius: 3px; padding: 0.3em 0.6em; }
ul { margin: 0.2em 0; padding-left: 1.4em; }
li { margin: 0.3em 0; break-inside: avoid; }
li.marked { list-style: none; margin-left: -1.4em; }
ul.below { list-style: none; padding: 0; margin: 0; font-size: 0.9em; color: #44525F; }
ul.below li { margin: 0; }
code { font: inherit; font-weight: 700; font-size: 0.93em; display: inline-block; max-width: 100%; }
section[aria-labelledby="section-recommended"] > ul { list-style: none; padding-left: 3.2em; }
section[aria-labelledby="section-recommended"] > ul > li > code:first-child { display: inline-block; width: 3.15em;
  margin-left: -3.44em; }
table { border-collapse: collapse; width: 100%; font-size: 0.93em; table-layout: fixed; }
th, td { border-bottom: 1px solid #9AA7B2; padding: 0.15em 0.4em; text-align: left; vertical-align: top; }
th { color: #44525F; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
.small { font-size: 0.93em; }
.beside { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.2em; align-items: start; }
.form { margin: 0.4em 0; break-inside: avoid; }
.together { display: flex; break-inside: avoid; }
.blank { flex: 1; border: 1px solid #44525F; margin: 0 0 -1px; padding: 0.15em 0.4em; font-size: 0.9em;
  color: #44525F; min-height: calc(1em + 1.7em * var(--lines)); }
figure { margin: 0.5em 0; }
.drawing { overflow-x: auto; }
.drawing svg { display: block; width: 100%; min-width: 38rem; height: auto; }
figcaption { font-size: 0.93em; }
figcaption ul { list-style: none; padding: 0; }
footer { border-top: 1px solid #9AA7B2; margin-top: 1.5em; font-size: 0.85em; }
footer p { margin: 0; }
@media (max-width: 45rem) { .beside { grid-template-columns: minmax(0, 1fr); } }
@page { margin: 9mm 12mm 13mm; }
@page picture { margin: 6mm 6mm 12mm; }
@media print {
  body { font-size: 8.3pt; line-height: 1.15; max-width: none; margin: 0; padding: 0 1px; }
  h1 { font-size: 14pt; }
  code { font-size: max(0.93em, 7pt); }
  h2 { font-size: 10pt; line-height: 1.1; margin: 0.55em 0 0.15em; }
  h3 { font-size: 9pt; line-height: 1.1; margin: 0.3em 0 0; }
  p { margin: 0.08em 0; }
  li { margin: 0.15em 0; }
  ul.below { font-size: 7.3pt; line-height: 1.1; }
  table { font-size: 7.6pt; line-height: 1.05; }
  .small { font-size: 7.3pt; }
  .small > ul { padding: 0; }
  .small > ul > li { display: inline; }
  th, td { padding: 0.03em 0.35em; }
  p > .dim:only-child { font-size: 7.3pt; }
  .beside { grid-template-columns: 1fr 1fr; }
  .together { gap: 0; }
  .blank { min-height: calc(2mm + 4.5mm * var(--lines)); }
  .picture { break-before: page; page: picture; }
  .picture h2 { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; margin: 0; }
  figure { margin: 0; }
  .drawing { overflow: visible; }
  /* 100vh is the height of a text page, from whose margins those of a picture differ by 4 mm. */
  .drawing svg { min-width: 0; max-height: calc(100vh + 3.5mm); }
  figcaption { display: none; }
  footer { display: none; }
}
"""
