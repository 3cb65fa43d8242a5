"""What the pictures are made from: a checked guideline, or anything that holds one ready to answer."""

from __future__ import annotations

from typing import Protocol

from guidewright.engine.lockstep import Ready
from guidewright.rules.model import Guideline


class Loaded(Protocol):
    """What `guidewright.load` gives."""

    @property
    def ready(self) -> Ready: ...


def checked(guideline: Guideline | Loaded) -> Guideline:
    """The checked guideline itself. Raises `TypeError` for anything else, such as a path."""
    if isinstance(guideline, Guideline):
        return guideline
    ready = getattr(guideline, "ready", None)
    if not isinstance(ready, Ready):
        raise TypeError(f"a guideline is what guidewright.load gives, not {type(guideline).__name__}")
    return ready.guideline
