"""Guidewright: clinical guidelines as code. Decision support for review by a clinician, not a prescription.

    import guidewright

    guideline = guidewright.load("retroperitoneal-leiomyosarcoma")
    assessment = guidewright.evaluate(guideline, {"primary.histology": "leiomyosarcoma"}, as_of="2020-12-15")
"""

from __future__ import annotations

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
