"""Loading a guideline."""

from __future__ import annotations

from pathlib import Path

from guidewright.rules.load import Loaded, load_guideline


def load_cached(folder: Path) -> Loaded:
    return load_guideline(folder)
