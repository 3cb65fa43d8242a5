"""Reading what a guideline claims of itself: invariants, groups of what excludes each other, and accepted findings.
Whether a claim is so, and whether an accepted finding is still there, the proofs tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import cast

from guidewright.rules.claims import Acceptance, Exclusive, Invariant
from guidewright.rules.codes import CODES
from guidewright.rules.condition_text import Vocabulary, read_condition
from guidewright.rules.conditions import ALWAYS
from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.model import Action
from guidewright.rules.overriding import Named, whole_of
from guidewright.rules.reading import Node, Scalar, Sequence
from guidewright.rules.shape import Fields, Problems, fields, is_good_id, items, names, start_of, text
from guidewright.rules.texts import filled

CLAIM_KEYS = ("invariants", "exclusive", "accept")
CLAIMS = ("never_fires", "never_acts", "never_together", "one_fires")
_INVARIANT = ("id", "says", "when", "unless", *CLAIMS)
_EXCLUSIVE = ("says", "rules", "acts")
_ACCEPTANCE = ("code", "about", "because")


@dataclass(frozen=True, slots=True)
class Claimable:
    """What claims may name. `rules` are `None` where not all of them could be read, `actions` where none of them could
    be; what names one is then not reported once more. `rows` are the ids of rows, which are no rules.
    """

    vocabulary: Vocabulary
    rules: Collection[str] | None
    rows: Collection[str]
    actions: Mapping[str, Action] | None


def read_invariants(node: Node | None, claimable: Claimable, problems: Problems) -> dict[str, Invariant]:
    """The invariants by their ids, in the author's order."""
    found: dict[str, Invariant] = {}
    for item in items(node, "`invariants`", problems):
        invariant = _read_invariant(item, claimable, problems)
        if invariant is None or invariant.place is None:
            continue
        if (other := found.get(invariant.id)) is not None and other.place is not None:
            message = f"there are two invariants `{invariant.id}`"
            problems.append(error("GW413", message, invariant.place, related=(("the other one", other.place),)))
        found.setdefault(invariant.id, invariant)
    return found


def _read_invariant(node: Node, claimable: Claimable, problems: Problems) -> Invariant | None:
    before = len(problems)
    got = fields(node, "an invariant", _INVARIANT, ("id", "says"), problems)
    misspelt = len(problems) > before
    if got is None:
        return None
    id = text(got.get("id"), "the id of an invariant", problems)
    if id is None or not is_good_id(cast(Scalar, got["id"]), "the id of an invariant", problems):
        return None
    what = f"the invariant `{id}`"
    when = read_condition(got["when"], claimable.vocabulary, problems, may_be_empty=True) if "when" in got else ALWAYS
    unless = read_condition(got["unless"], claimable.vocabulary, problems) if "unless" in got else None
    invariant = Invariant(
        id=id,
        says=_words(got, "says", what, claimable, problems),
        when=when or ALWAYS,
        unless=unless,
        never_fires=_rules(got, "never_fires", claimable, problems),
        never_acts=_actions(got, "never_acts", claimable, problems),
        never_together=tuple(_groups(got.get("never_together"), claimable, problems)),
        one_fires=_rules(got, "one_fires", claimable, problems),
        place=got["id"].place,
    )
    claims = (invariant.never_fires, invariant.never_acts, invariant.never_together, invariant.one_fires)
    if not any(claims) and len(problems) == before and not misspelt:
        words = ", ".join(f"`{name}`" for name in CLAIMS)
        problems.append(error("GW416", f"{what} claims nothing", got["id"].place, f"say what it claims by {words}"))
    return invariant


def _groups(node: Node | None, claimable: Claimable, problems: Problems) -> Iterator[tuple[str, ...]]:
    listed = items(node, "`never_together`", problems)
    if node is not None and listed and all(isinstance(item, Scalar) for item in listed):
        message = "`never_together` is a list of groups, each a list of rules"
        problems.append(error("GW107", message, start_of(node.place), "write `[[a, b]]`"))
        return
    for item in listed:
        before = len(problems)
        group = names(item, "a group of `never_together`", problems)
        if len(group) < 2 and len(problems) == before:
            _too_few(item.place, "a group of `never_together`", problems)
        yield _known_rules(group, "`never_together`", claimable, problems)


def read_exclusive(node: Node | None, claimable: Claimable, problems: Problems) -> tuple[Exclusive, ...]:
    """The groups of rules and actions of which no two are recommended for one patient."""
    found: list[Exclusive] = []
    for item in items(node, "`exclusive`", problems):
        got = fields(item, "an exclusive group", _EXCLUSIVE, ("says",), problems)
        if got is None:
            continue
        before = len(problems)
        says = _words(got, "says", "an exclusive group", claimable, problems)
        rules = _rules(got, "rules", claimable, problems)
        acts = _actions(got, "acts", claimable, problems)
        found.append(Exclusive(says, rules, acts, start_of(item.place)))
        if len(problems) > before:
            continue
        if len(rules) + len(acts) < 2:
            _too_few(item.place, "an exclusive group", problems)
        for part, whole in permutations(acts, 2):
            if claimable.actions is not None and whole in whole_of(part, claimable.actions):
                message = f"`{part}` is a part of `{whole}`, and cannot exclude it"
                problems.append(error("GW417", message, start_of(got["acts"].place), "name one of the two"))
    return tuple(found)


def _too_few(place: Place, what: str, problems: Problems) -> None:
    message = f"{what} has fewer than two members"
    problems.append(error("GW417", message, start_of(place), "it takes two to exclude each other"))


def read_acceptances(
    node: Node | None, vocabulary: Vocabulary, known: Collection[str] | None, problems: Problems
) -> tuple[Acceptance, ...]:
    """The findings that the authors accept. `known` are all ids that a finding may be about, `None` where not all of
    them could be read.
    """
    found: dict[tuple[str, frozenset[str]], Acceptance] = {}
    for item in items(node, "`accept`", problems):
        got = fields(item, "an acceptance", _ACCEPTANCE, _ACCEPTANCE, problems)
        if got is None:
            continue
        code = text(got.get("code"), "`code`", problems)
        if code is not None and code not in CODES:
            help = suggest(code, CODES) or "a code stands in the brackets of a message, as in `warning[GW414]`"
            problems.append(error("GW418", f"there is no diagnostic code `{code}`", got["code"].place, help))
        about = names(got.get("about"), "`about`", problems)
        if isinstance(listed := got.get("about"), Sequence) and not listed.items:
            message = "this acceptance is about nothing"
            problems.append(error("GW419", message, start_of(listed.place), "name what the finding is about"))
        for name, place in about:
            if known is not None and name not in known:
                problems.append(error("GW419", f"nothing is called `{name}`", place, _meant(name, known)))
        because = filled(
            text(got.get("because"), "`because`", problems), got.get("because"), vocabulary.parameters, problems
        )
        if code is None or because is None:
            continue
        place = got["code"].place
        acceptance = Acceptance(code, tuple(name for name, _ in about), because, place)
        other = found.setdefault((code, frozenset(acceptance.about)), acceptance)
        if other is not acceptance and other.place is not None:
            related = (("the other one", other.place),)
            problems.append(error("GW109", "this finding is accepted twice", place, related=related))
    return tuple(found.values())


def _meant(name: str, known: Collection[str]) -> str | None:
    steps = sorted(other for other in known if other.endswith(f"/{name}"))
    if steps:
        return f"a step is named with its stage: `{steps[0]}`"
    return suggest(name, known) or "name rules, facts, parameters and so on by their ids, and steps as `stage/step`"


# --- what all of them hold


def _words(got: Fields, key: str, what: str, claimable: Claimable, problems: Problems) -> str:
    written = text(got.get(key), f"`{key}` of {what}", problems)
    return filled(written, got.get(key), claimable.vocabulary.parameters, problems) or ""


def _rules(got: Fields, key: str, claimable: Claimable, problems: Problems) -> tuple[str, ...]:
    return _known_rules(names(got.get(key), f"`{key}`", problems), f"`{key}`", claimable, problems)


def _known_rules(named: Named, where: str, claimable: Claimable, problems: Problems) -> tuple[str, ...]:
    """The names; those that are no rules are reported."""
    for name, place in named:
        if name in claimable.rows:
            message = f"`{name}` in {where} is a row and no rule"
            problems.append(error("GW409", message, place, "name the rules that rest on its fact"))
        elif claimable.rules is not None and name not in claimable.rules:
            help = suggest(name, claimable.rules)
            problems.append(error("GW409", f"`{name}` in {where} is no rule", place, help))
    return tuple(name for name, _ in named)


def _actions(got: Fields, key: str, claimable: Claimable, problems: Problems) -> tuple[str, ...]:
    named: tuple[tuple[str, Place], ...] = names(got.get(key), f"`{key}`", problems)
    for name, place in named:
        if claimable.actions is not None and name not in claimable.actions:
            help = suggest(name, claimable.actions) or "actions are defined under `actions:` in guideline.yaml"
            problems.append(error("GW407", f"there is no action `{name}`", place, help))
    return tuple(name for name, _ in named)
