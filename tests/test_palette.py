"""The colours of the pictures can be told from one another, and every text can be read on what it stands on."""

from __future__ import annotations

import pytest
from drawings import APPLYING, NOT_APPLYING, SHIPPED, drawn, drawn_for, random_guideline, random_patient
from measured import fills_under, texts_of

from guidewright.visualize import pages
from guidewright.visualize.palette import BADGES, PAPER, READS_ON, SHAPES, STAGES, TEXTS
from guidewright.visualize.picture import Picture
from guidewright.visualize.svg import FAMILY

DECORATION = {"rule-line", "axis", "bar-excluded", "strike"}
"""What a page says all the same without them: bars that are out are struck and named so, axes are the ends of bars."""


def lightness(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((lightness(one), lightness(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_definition() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=0.001)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("role", TEXTS)
def test_a_text_can_be_read_wherever_it_may_stand(role: str) -> None:
    assert READS_ON[role]
    for fill in READS_ON[role]:
        assert contrast(TEXTS[role], fill) >= 4.5, (role, fill)


def pictures() -> list[Picture]:
    found = [page.picture for name in SHIPPED for page in drawn(name)]
    found += [page.picture for who in (*APPLYING[:1], *NOT_APPLYING) for page in drawn_for(*who)]
    guideline = random_guideline(0, 14)
    return found + [page.picture for page in pages(guideline, random_patient(0, guideline))]


def test_a_text_can_be_read_where_it_stands() -> None:
    pairs: dict[tuple[str, str], str] = {}
    for picture in pictures():
        for text in texts_of(picture.shapes):
            for fill in fills_under(picture, text):
                pairs.setdefault((text.role, fill), f"{text.text} on {picture.name}")
    assert len({role for role, _ in pairs}) > 8
    unread = [(pair, where) for pair, where in pairs.items() if contrast(TEXTS[pair[0]], pair[1]) < 4.5]
    assert unread == []
    unnamed = [(pair, where) for pair, where in pairs.items() if pair[1] not in READS_ON[pair[0]]]
    assert unnamed == []


@pytest.mark.parametrize("role", SHAPES)
def test_lines_that_mean_something_can_be_seen(role: str) -> None:
    stroke, fill = SHAPES[role].stroke, SHAPES[role].fill
    if role in DECORATION or role.endswith("-faded") or stroke is None:
        return
    # The circles and bars of a badge stand on its colour, not on paper.
    grounds = (*BADGES,) if role.startswith("grade") else (PAPER,)
    for ground in grounds:
        assert contrast(stroke, ground) >= 3 or (fill is not None and contrast(fill, ground) >= 3), (role, ground)


@pytest.mark.parametrize("role", ["head", "head-passed", "stop-mark", "dot", "net", "bar-leading", "tab-passed"])
def test_marks_that_mean_something_can_be_seen(role: str) -> None:
    fill = SHAPES[role].fill
    assert fill is not None
    for ground in (PAPER, "#FBE3EA", "#EEF1F4"):
        assert contrast(fill, ground) >= 3


def test_a_faded_page_is_told_from_the_way_by_more_than_colour() -> None:
    for role, style in SHAPES.items():
        if role.endswith("-passed") and f"{role.removesuffix('passed')}faded" in SHAPES and style.stroke is not None:
            faded = SHAPES[f"{role.removesuffix('passed')}faded"]
            assert style.width >= faded.width * 1.7, role
    for role in ("decision-stopped", "arrow-assumed", "row-open"):
        assert SHAPES[role].dash


@pytest.mark.parametrize("colours", [STAGES, BADGES])
def test_neighbouring_colours_differ(colours: tuple[str, ...]) -> None:
    assert len(set(colours)) == len(colours)


def test_the_family_begins_with_the_font_that_is_measured() -> None:
    assert FAMILY.startswith("Arimo,")
