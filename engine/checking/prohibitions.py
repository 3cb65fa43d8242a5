"""Prohibitions in words alone: an `avoid` that seems to forbid what a `do` or `consider` does for the same patient, and
stops neither the action nor that rule.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import partial

from guidewright.engine.checking.claim_faults import excluding_pairs
from guidewright.engine.checking.claims import Fault, Faults, Look, Proofs, fires, is_possible, where
from guidewright.rules.model import Action, Guideline, Rule
from guidewright.rules.overriding import whole_of

_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"(ations?|ions?|ments?|ings?|ates?|ated|ies|ed|es|e|s|y)$")
_SHORTEST = 3  # letters of a stem
_SMALL = frozenset({"a", "an", "any", "the", "of", "to", "in", "into", "with", "by", "for", "on"})
_PARTS_OF_A_LABEL = re.compile(r"[,/]|\bor\b")
_ASIDE = re.compile(r"\([^)]*\)?")
_CLAUSES = re.compile(r"[.;:](?:\s|$)")
_NOT = re.compile(r".*?\b(?:not|no|never|avoid)\b", re.IGNORECASE | re.DOTALL)
# What stands behind one of these says when, and not what.
_WHEN = re.compile(
    r"\b(?:after|before|until|unless|while|if|when|where|once|without|outside|during|because)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_MAY_LACK_ONE = 3  # words of a label, of which a text need not have all


def prohibitions(proofs: Proofs, silent: Collection[str]) -> list[Look]:
    """`silent` are rules that never fire at all. Rules that are said to exclude each other are told of elsewhere."""
    rules = proofs.guideline.rules.values()
    told = excluding_pairs(proofs)
    looks: list[Look] = []
    for rule in rules:
        named = _named(rule, proofs.guideline.actions) if rule.kind == "avoid" else frozenset()
        for other in rules if named else ():
            is_free = rule.id not in (*proofs.program.replaced_by[other.id], *other.despite)
            action = next((act for act in _recommended(other, proofs.guideline) if act in named), None)
            if action is not None and is_free and frozenset((rule.id, other.id)) not in told:
                looks.append(partial(_of_pair, rule, other, action, silent, proofs))
    return looks


def _recommended(rule: Rule, guideline: Guideline) -> tuple[str, ...]:
    """The actions that a rule recommends, each with everything that it is a part of."""
    if rule.kind not in ("do", "consider"):
        return ()
    return tuple(whole for act in rule.acts for whole in whole_of(act, guideline.actions))


def _of_pair(rule: Rule, other: Rule, action: str, silent: Collection[str], proofs: Proofs) -> Faults:
    if rule.id in silent or other.id in silent:
        return
    example = fires((rule.id, other.id), proofs)
    possible = is_possible(example, proofs)
    if possible is not False:
        fire = f"`{rule.id}` and `{other.id}` fire for one patient"
        yield Fault(
            "GW433",
            f"{fire}, and what the one avoids seems to be what the other does: `{action}`"
            if possible
            else f"whether {fire}, of which the one seems to avoid what the other does",
            (rule.id, other.id),
            where(("", rule.place), (f"`{other.id}` acts on `{action}` or a part of it", other.place)),
            f"say `stops: [{action}]` or `overrides: [{other.id}]`; accept it where they are not about the same",
            example=example,
            undecided=possible is None,
        )


# --- which actions a rule is about, by its words


def _named(rule: Rule, actions: Mapping[str, Action]) -> frozenset[str]:
    """The actions that an `avoid` names."""
    words = _stems(" ".join(_what_not(text) for text in (rule.text, rule.short or "")))
    return frozenset(id for id, action in actions.items() if _is_named(action, words))


def _what_not(text: str) -> str:
    """What a text says not to do: behind a `not`, where it has one; a short text begins behind it."""
    clauses = _CLAUSES.split(text)
    denied = [clause for clause in clauses if _NOT.match(clause)]
    return " ".join(_WHEN.sub("", _NOT.sub("", clause, count=1)) for clause in denied or clauses)


def _is_named(action: Action, words: Collection[str]) -> bool:
    names = [_stems(part) for part in _PARTS_OF_A_LABEL.split(_ASIDE.sub(" ", action.label))]
    for name in (*names, _stems(action.id)):
        missing = len(name.difference(words))
        if name and (not missing or (missing == 1 and len(name) >= _MAY_LACK_ONE)):
            return True
    return False


def _stems(text: str) -> frozenset[str]:
    """The words of a text without their endings, so that `resect` and `resection` are one."""
    return frozenset(_stem(word) for word in _WORD.findall(text.casefold()) if word not in _SMALL)


def _stem(word: str) -> str:
    short = _ENDING.sub("", word)
    return short if len(short) >= _SHORTEST else word
