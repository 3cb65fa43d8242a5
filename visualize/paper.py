"""The sheets that pages are printed on, and how large a picture may be to be read there."""

from __future__ import annotations

from typing import Literal

Paper = Literal["a4", "letter"]

MARGIN = 6.0
"""Millimetres that stay free around a picture on paper; a picture has a margin of its own beside."""

LEAST_LETTERS = 9.0
"""The size of the smallest letters of a picture, in its points."""

LEAST_PRINTED = 7.0
"""The size of the smallest letters on paper, in points."""

_POINTS = 72 / 25.4
_MILLIMETRES: dict[Paper, tuple[float, float]] = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}


def readable_size(paper: Paper) -> tuple[float, float]:
    """The width and height that a picture may have, in its points, to be printed with letters that can be read."""
    wide, high = _MILLIMETRES[paper]
    shrunk = LEAST_PRINTED / LEAST_LETTERS
    return (wide - 2 * MARGIN) * _POINTS / shrunk, (high - 2 * MARGIN) * _POINTS / shrunk
