"""The guidelines that come with the package."""

from __future__ import annotations

from pathlib import Path

import guidewright.guidelines


def _root() -> Path:
    return Path(guidewright.guidelines.__path__[0])


def shipped_ids() -> tuple[str, ...]:
    """The ids of the guidelines that ship, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in _root().glob("*/guideline.yaml")))


def shipped_folder(id: str) -> Path | None:
    """The folder of a guideline that ships, or `None`."""
    return _root() / id if id in shipped_ids() else None


def is_shipped(path: Path) -> bool:
    """Whether a path lies among the guidelines that ship, where nothing of a user belongs."""
    return path.resolve().is_relative_to(_root().resolve())
