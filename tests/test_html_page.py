"""Pages as HTML: headings, lists and tables that nest soundly, and no text that becomes markup or a link."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from guidewright.document import (
    MINUS,
    Blank,
    Document,
    Form,
    Heading,
    Item,
    Paragraph,
    Span,
    Standing,
    Standings,
    Table,
    said,
)
from guidewright.html_page import html_blocks, html_document

NASTY = (
    "<script>alert(1)</script>",
    "5 < 6 & \"quoted\" & 'so' &amp; &#60;b&#62;",
    "</li></ul></main><h1>",
    "javascript:alert(1)",
    "https://example.org/ and www.example.org",
    r"\N \l \" ]]> --> <!-- %",
    "x" * 5000,
    "\n".join(f"line {i}" for i in range(40)),
    "\u05d1\u05d3\u05d9\u05e7\u05d4 (5 mm) \u0641\u062d\u0635",
    "\x1b[31m \x07 \x00 \u202e \u2066 \u200b",
    "{{ x }} ${y} <?php",
)


def parsed(page: Document, first_level: int = 1) -> ElementTree.Element:
    """The fragment as a tree; it fails where an element is not closed where it was opened."""
    return ElementTree.fromstring(f"<main>{html_blocks(page, first_level=first_level)}</main>")


def words(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_headings_and_paragraphs() -> None:
    page = (Heading(1, said("One")), Heading(2, said("Two", "stop")), Heading(3, said("Three")), Paragraph(said("p")))
    assert [(part.tag, words(part)) for part in parsed(page)] == [
        ("h1", "One"),
        ("h2", "Two"),
        ("h3", "Three"),
        ("p", "p"),
    ]
    assert [part.tag for part in parsed(page, 3)] == ["h3", "h4", "h5", "p"]
    assert [part.tag for part in parsed(page, 5)] == ["h5", "h6", "h6", "p"]
    assert html_blocks(page).endswith("</p>\n")
    assert html_blocks((Paragraph(()),)) == "\n"


def test_lists_lie_in_lists() -> None:
    page = (
        Item(said("first"), (said("below"),), " 7."),
        Item(said("inner"), marker="✗", style="stop", depth=1),
        Item(said("innermost"), depth=2),
        Item(said("second"), marker="12."),
        Item(said("bullet")),
        Paragraph(said("apart")),
        Item(said("again")),
    )
    numbered, bullets, apart, again = parsed(page)
    assert [part.tag for part in (numbered, bullets, apart, again)] == ["ol", "ul", "p", "ul"]
    first, second = numbered
    assert (first.get("value"), second.get("value")) == ("7", "12")
    below, nested = first
    assert (below.tag, [words(line) for line in below]) == ("ul", ["below"])
    assert words(nested[0][0]) == "✗"
    assert nested[0][0].get("class") == "marker stop"
    assert words(nested[0][1][0]) == "innermost"
    assert words(bullets) == "bullet"


def test_an_item_that_stands_too_deep_is_in_a_list_all_the_same() -> None:
    page = (Item(said("deep"), depth=3), Item(said("less"), depth=1), Item(said("more"), depth=4), Item(said("none")))
    assert [words(part) for part in parsed(page)] == ["deep", "less more", "none"]


def test_ids_and_styles() -> None:
    line = (Span("dim ", "dim"), Span(" stop", "stop"), Span("[A-01]", "dim", keep=True), Span("[A-02]"))
    assert html_blocks((Paragraph(line),)) == (
        '<p><span class="dim">dim</span>  <strong class="stop">stop</strong><code>A-01</code>[A-02]</p>\n'
    )


@pytest.mark.parametrize("text", NASTY)
def test_no_text_becomes_markup(text: str) -> None:
    line = (Span(text), Span(text, "alert"), Span(text, "dim", keep=True))
    standing = Standing(text, "leading", "1", "0", "2", 1, 0, 1)
    page: Document = (
        Heading(1, line),
        Paragraph(line),
        Item(line, (line,), text),
        Table((text,), ((line,),), (1,)),
        Form(((Blank(text),),)),
        Standings((standing,)),
    )
    tree = parsed(page)
    known = {"main", "h1", "p", "ul", "li", "span", "strong", "bdi", "table", "colgroup", "col", "thead", "tbody", "tr"}
    assert {part.tag for part in tree.iter()} <= known | {"th", "td", "div", "svg", "path", "circle"}
    allowed = {"class", "style", "scope", "role", "aria-label", "width", "height", "viewBox", "d", "stroke", "fill"}
    attributes = {name for part in tree.iter() for name in part.attrib}
    assert attributes <= allowed | {"stroke-width", "stroke-dasharray", "cx", "cy", "r"}
    shown = html_blocks(page)
    assert all(character.isprintable() or character == "\n" for character in shown)
    if text.isprintable():
        assert "".join(tree[1].itertext()) == text * 3
    whole = html_document(html_blocks(page), text, text)
    assert whole.count("<main>") == whole.count("</main>") == whole.count("</title>") == whole.count("<html ") == 1


def test_text_from_right_to_left_stands_apart() -> None:
    hebrew = "\u05d1\u05d3\u05d9\u05e7\u05d4"
    assert html_blocks((Paragraph((Span("a "), Span(hebrew))),)) == f"<p>a <bdi>{hebrew}</bdi></p>\n"


@pytest.mark.parametrize(
    ("link", "href"),
    [
        ("#outline-box-5", "#outline-box-5"),
        ("https://doi.org/10.1000/x(1)&y=2", "https://doi.org/10.1000/x(1)&y=2"),
        ("javascript:alert(1)", None),
        ("JavaScript:alert(1)//https://a.org", None),
        ("data:text/html,x", None),
        ("http://example.org", None),
        ("//example.org", None),
        ('https://example.org/"onclick="x', None),
        ("https://example.org/\njavascript:x", None),
        ("https://user@example.org/", None),
        ('#"onclick="x', None),
        ("#", None),
        ("file:///etc/passwd", None),
    ],
)
def test_a_link_leads_to_a_safe_address_or_nowhere(link: str, href: str | None) -> None:
    tree = parsed((Paragraph((Span("see", "dim", link=link),)),))
    assert words(tree) == "see"
    assert [part.get("href") for part in tree.iter("a")] == ([href] if href is not None else [])


def test_only_a_sound_anchor_is_one() -> None:
    page = (Heading(2, said("h"), "part-1"), Item(said("i"), anchor="box.2"), Item(said("j"), anchor='x" y'))
    assert [part.get("id") for part in parsed(page).iter() if part.get("id")] == ["part-1", "box.2"]


def test_standings_are_a_table_whose_bars_have_words() -> None:
    rows = (
        Standing("Cyst", "leading", "2.5", "1", "4", 2, 0, 1),
        Standing("Cancer", "excluded", "-3", "-3", "-3", 0, 1, 0),
        Standing("Other", "behind", "0", "0", "0", 0, 0, 0),
    )
    table = parsed((Standings(rows),))[0]
    assert [head.get("scope") for head in table.iter("th")] == ["col"] * 8 + ["row"] * 3
    cells = [[words(cell) for cell in row] for row in table[1]]
    assert cells[0] == ["Cyst", "leads so far", "+2.5", "+1 … +4", "2", "0", "1", ""]
    assert cells[1][:4] == ["Cancer", "excluded", f"{MINUS}3", f"{MINUS}3 … {MINUS}3"]
    bars = list(table.iter("svg"))
    assert [bar.get("aria-label") for bar in bars] == [
        "now +2.5, at least +1, at most +4",
        f"now {MINUS}3, at least {MINUS}3, at most {MINUS}3",
        "now 0, at least 0, at most 0",
    ]
    dots = [float(bar[2].get("cx") or "") for bar in bars]
    assert dots[1] < dots[2] < dots[0]


def test_nothing_weighed_is_an_empty_table() -> None:
    assert list(parsed((Standings(()), Table(("a",), (), (1,)), Form(())))[0].iter("td")) == []


def test_tables_and_forms() -> None:
    page = (
        Table(("No.", "What"), ((said("1"), said("x", "strong")),), (1, 3)),
        Form(((Blank("Date"), Blank("Why", 4)),)),
    )
    table, form = parsed(page)
    assert [col.get("style") for col in table.iter("col")] == ["width: 25.0%", "width: 75.0%"]
    assert [words(part) for part in (*table.iter("th"), *table.iter("td"))] == ["No.", "What", "1", "x"]
    assert [(words(blank), blank.get("style")) for blank in form[0]] == [("Date", "--lines: 1"), ("Why", "--lines: 4")]


def test_a_page_of_its_own_names_its_language_and_loads_nothing() -> None:
    shown = html_document(html_blocks((Heading(1, said("Title")),)), "Title & more", "en-GB")
    assert shown.startswith('<!DOCTYPE html>\n<html lang="en-GB">\n')
    assert "<title>Title &amp; more</title>" in shown
    assert "default-src 'none'" in shown
    assert not [part for part in ("<script", "<link", " src=", " href=", "url(", "@import") if part in shown]
