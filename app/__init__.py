"""Guidewright: clinical guidelines as code. Decision support for review by a clinician, not a prescription.

import guidewright

guideline = guidewright.load("retroperitoneal-leiomyosarcoma")
assessment = guidewright.evaluate(guideline, {"primary.histology": "leiomyosarcoma"}, as_of="2020-12-15")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guidewright.embedding import (
        Assessment,
        Guideline,
        GuidelineError,
        InternalFault,
        PatientError,
        assessment_schema,
        evaluate,
        evaluate_file,
        load,
    )

__version__ = "0.1.0"

__all__ = [
    "Assessment",
    "Guideline",
    "GuidelineError",
    "InternalFault",
    "PatientError",
    "__version__",
    "assessment_schema",
    "evaluate",
    "evaluate_file",
    "load",
]


def __getattr__(name: str) -> Any:
    # The engines are imported when they are first used: `guidewright --version` needs none.
    if name in __all__:
        import guidewright.embedding

        return getattr(guidewright.embedding, name)
    raise AttributeError(f"module 'guidewright' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
