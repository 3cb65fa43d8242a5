"""What a rule says on a picture, in as few words as its author gave, with its kind before it."""

from __future__ import annotations

import re

from guidewright.rules.display import escaped
from guidewright.rules.model import Rule

_PREFIXES = {"do": "", "avoid": "DO NOT", "consider": "Consider:", "ask": "Ask:", "flag": "Note:", "inform": "Know:"}
_FORBIDS = re.compile(r"do not\s+", re.IGNORECASE)
_FORBIDDEN = "DO NOT rule:"
"""Before a prohibition in words of its own: behind a bare DO NOT they would turn into their opposite."""


def kind_and_words(rule: Rule) -> tuple[str, str]:
    """`("DO NOT", "resect")`, `("Consider:", "a biopsy")`; the first is empty for what is to be done."""
    prefix = _PREFIXES[rule.kind]
    if rule.kind != "avoid" or rule.short is not None:
        return prefix, escaped(rule.short or rule.text)
    already = _FORBIDS.match(rule.text)
    return (prefix, escaped(rule.text[already.end() :])) if already else (_FORBIDDEN, escaped(rule.text))


def rule_words(rule: Rule) -> str:
    """The same in one text."""
    return " ".join(part for part in kind_and_words(rule) if part)
