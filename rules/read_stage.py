"""Reading the rules of a stage file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from guidewright.rules.condition_text import Vocabulary, read_condition, unknown_fact
from guidewright.rules.conditions import Condition
from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.evidence import EVIDENCE_KEYS, Grading, read_evidence
from guidewright.rules.literals import Parameters
from guidewright.rules.model import RULE_KINDS, SHORT_LIMIT, Action, DateType, Duration, Rule, RuleKind, Timing
from guidewright.rules.overriding import ReadRule, whole_of
from guidewright.rules.reading import Node, Scalar, Sequence
from guidewright.rules.shape import Fields, Problems, fields, is_good_id, items, names, one_of, start_of, text
from guidewright.rules.texts import filled, parameters_named
from guidewright.rules.units import UnitProblem, split_quantity

STAGE_KEYS = ("stage", "title", "rules", "weigh", "pathway", "beside")
_RULE = (
    "id",
    *RULE_KINDS,
    "says",
    "short",
    "timing",
    "when",
    "unless",
    "acts",
    "stops",
    "despite",
    "overrides",
    *EVIDENCE_KEYS,
    "except",
    "note",
    "signoff",
)


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules of a stage may name. `actions` are `None` where they could not be read."""

    stage: str
    vocabulary: Vocabulary
    grading: Grading
    actions: Mapping[str, Action] | None
    confirmed: Collection[str] = ()
    """What weighings say."""


def read_rules(node: Node | None, context: Context, problems: Problems) -> tuple[tuple[ReadRule, ...], bool]:
    """The rules of one stage, in the author's order, and whether the ids of all of them could be read."""
    nodes = items(node, "`rules`", problems)
    found = [_read_rule(item, context, problems) for item in nodes]
    return tuple(rule for rule in found if rule is not None), None not in found and isinstance(node, Sequence | None)


def _read_rule(node: Node, context: Context, problems: Problems) -> ReadRule | None:
    before = len(problems)
    got = fields(node, "a rule", _RULE, ("id",), problems)
    misspelt = len(problems) > before
    if got is None:
        return None
    id = text(got.get("id"), "the id of a rule", problems)
    if id is None or not is_good_id(cast(Scalar, got["id"]), "the id of a rule", problems):
        return None
    place = got["id"].place
    overrides = names(got.get("overrides"), "`overrides`", problems)
    despite = names(got.get("despite"), "`despite`", problems)
    rule = _whole_rule(id, got, misspelt, context, problems)
    if rule is not None and any(d.severity == "error" for d in problems[before:]):
        rule = None
    if rule is not None:
        rule = replace(rule, despite=tuple(n for n, _ in despite), overrides=tuple(n for n, _ in overrides))
    return ReadRule(id, place, context.stage, overrides, despite, rule)


def _whole_rule(id: str, got: Fields, misspelt: bool, context: Context, problems: Problems) -> Rule | None:
    """`misspelt`: a key is unknown, which may be meant as one that is missing."""
    what = f"the rule `{id}`"
    place = got["id"].place
    kinds = [kind for kind in RULE_KINDS if kind in got]
    if len(kinds) != 1 and (kinds or not misspelt):
        words = ", ".join(f"`{kind}`" for kind in RULE_KINDS)
        if kinds:
            message, there = f"{what} says two things, `{kinds[0]}` and `{kinds[1]}`", start_of(got[kinds[1]].place)
        else:
            message, there = f"{what} says nothing", place
        problems.append(error("GW403", message, there, f"a rule has exactly one of {words}"))
    kind: RuleKind = kinds[0] if kinds else "inform"
    asks: tuple[str, ...] = ()
    says_text: str | None = None
    if kinds:
        asks, says_text = _what_it_says(kind, got, what, context, problems)
    when, unless = _conditions(got, what, place, misspelt, context, problems)
    acts = _actions(got.get("acts"), "`acts`", context, problems)
    stops = _actions(got.get("stops"), "`stops`", context, problems)
    for action in acts:
        if context.actions is not None and (both := set(whole_of(action, context.actions)) & set(stops)):
            message = f"{what} does `{action}` and stops `{min(both)}`"
            problems.append(error("GW415", message, start_of(got["stops"].place), "leave out one of the two"))
    if "acts" in got and kinds and kind not in ("do", "consider"):
        message = f"only `do` and `consider` act; {what} says `{kind}`"
        help = "write `stops:` for what it forbids" if kind == "avoid" else None
        problems.append(error("GW404", message, start_of(got["acts"].place), help))
    timing = _read_timing(got["timing"], context.vocabulary, problems) if "timing" in got else None
    if "timing" in got and kinds and kind not in ("do", "consider"):
        message = f"only `do` and `consider` have a timing; {what} says `{kind}`"
        problems.append(error("GW404", message, start_of(got["timing"].place)))
    evidence = read_evidence(got, what, place, context.grading, problems, required=True)
    signoff = one_of(got.get("signoff"), "sign-off", ("required",), problems)
    parameters = context.vocabulary.parameters
    except_ = filled(text(got.get("except"), "`except`", problems), got.get("except"), parameters, problems)
    note = filled(text(got.get("note"), "`note`", problems), got.get("note"), parameters, problems)
    short = _read_short(got["short"], what, parameters, problems) if "short" in got else None
    if says_text is None or when is None or ("unless" in got and unless is None):
        return None
    return Rule(
        id=id,
        kind=kind,
        text=says_text,
        stage=context.stage,
        when=when,
        unless=unless,
        asks=asks,
        timing=timing,
        acts=acts,
        stops=stops,
        evidence=evidence,
        except_=except_,
        note=note,
        signoff=signoff is not None,
        short=short,
        place=place,
    )


def _what_it_says(
    kind: RuleKind, got: Fields, what: str, context: Context, problems: Problems
) -> tuple[tuple[str, ...], str | None]:
    parameters = context.vocabulary.parameters
    if kind != "ask":
        if "says" in got:
            message = f"`says` words an `ask`; {what} has `{kind}` for that"
            problems.append(error("GW405", message, start_of(got["says"].place)))
        return (), filled(text(got[kind], f"`{kind}` of {what}", problems), got[kind], parameters, problems)
    asks: list[str] = []
    for name, place in names(got["ask"], "`ask`", problems):
        if name in context.confirmed:
            message = f"`{name}` follows from a weighing and cannot be asked for"
            problems.append(error("GW405", message, place, "ask for the facts that its arguments test"))
        elif name not in context.vocabulary.facts:
            unknown_fact(name, place, context.vocabulary, problems)
        asks.append(name)
    if not asks and isinstance(got["ask"], Sequence):
        problems.append(error("GW405", f"{what} asks for nothing", start_of(got["ask"].place)))
    if "says" not in got:
        problems.append(error("GW405", f"{what} asks, and has no `says` to word it", start_of(got["ask"].place)))
    return tuple(asks), filled(
        text(got.get("says"), f"`says` of {what}", problems), got.get("says"), parameters, problems
    )


def _read_short(node: Node, what: str, parameters: Parameters, problems: Problems) -> str | None:
    """The text for a box. Its length is that of what is shown, with the values of parameters in it."""
    short = filled(text(node, f"`short` of {what}", problems), node, parameters, problems)
    whole = all(parameters.get(name) is not None for name in parameters_named(node))
    if short is not None and whole and len(short) > SHORT_LIMIT:
        message = f"`short` of {what} has {len(short)} characters"
        help = f"a text for the box of a flowchart has at most {SHORT_LIMIT}"
        problems.append(error("GW116", message, start_of(node.place), help))
    return short


def _conditions(
    got: Fields, what: str, place: Place, misspelt: bool, context: Context, problems: Problems
) -> tuple[Condition | None, Condition | None]:
    when = None
    if "when" in got:
        when = read_condition(got["when"], context.vocabulary, problems, may_be_empty=True)
    elif not misspelt:
        help = "for something due in every patient write `when: {}`"
        problems.append(error("GW406", f"{what} has no `when`", place, help))
    unless = read_condition(got["unless"], context.vocabulary, problems) if "unless" in got else None
    return when, unless


def _actions(node: Node | None, what: str, context: Context, problems: Problems) -> tuple[str, ...]:
    found: list[str] = []
    for name, place in names(node, what, problems):
        if context.actions is None or name in context.actions:
            found.append(name)
        else:
            help = suggest(name, context.actions) or "actions are defined under `actions:` in guideline.yaml"
            problems.append(error("GW407", f"there is no action `{name}`", place, help))
    return tuple(found)


def _read_timing(node: Node, vocabulary: Vocabulary, problems: Problems) -> Timing | None:
    before = len(problems)
    got = fields(node, "a timing", ("every", "once", "from", "after", "until"), (), problems)
    if got is None:
        return None
    if ("every" in got) == ("once" in got):
        help = "write `{every: [3 mo, 4 mo], from: some.date}`"
        problems.append(error("GW408", "a timing has either `every` or `once`", start_of(node.place), help))
    start = text(got.get("from"), "`from`", problems)
    if start is not None and start not in vocabulary.facts:
        unknown_fact(start, got["from"].place, vocabulary, problems)
    elif start is not None and not isinstance(vocabulary.facts[start], DateType):
        dates = [fact for fact, kind in vocabulary.facts.items() if isinstance(kind, DateType)]
        help = suggest(start, dates) or "name a fact of the type `date`"
        problems.append(error("GW408", f"`{start}` is no date", got["from"].place, help))
    for name in ("after", "until"):
        if name in got and "from" not in got:
            message = f"`{name}` counts from a date, and there is no `from`"
            problems.append(error("GW408", message, start_of(got[name].place), "write `from:` and a date fact"))
    timing = Timing(
        every=_between(got.get("every"), problems),
        once=_between(got.get("once"), problems),
        start=start,
        after=_duration(got["after"], problems) if "after" in got else None,
        until=_duration(got["until"], problems) if "until" in got else None,
    )
    after, until = timing.after, timing.until
    if after is not None and until is not None and after.unit == until.unit and after.number >= until.number:
        problems.append(error("GW408", "`until` does not come after `after`", start_of(got["until"].place)))
    return timing if len(problems) == before else None


def _between(node: Node | None, problems: Problems) -> tuple[Duration, Duration] | None:
    if node is None:
        return None
    parts = node.items if isinstance(node, Sequence) else (node,)
    read = [_duration(part, problems) for part in parts]
    durations = [duration for duration in read if duration is not None]
    if len(durations) < len(parts):
        return None
    if (
        len(durations) not in (1, 2)
        or durations[0].unit != durations[-1].unit
        or durations[-1].number < durations[0].number
    ):
        problems.append(
            error(
                "GW408",
                "a timing is one duration, or the shortest and the longest in one unit",
                start_of(node.place),
                "write `[3 mo, 4 mo]`",
            )
        )
        return None
    return durations[0], durations[-1]


def _duration(node: Node, problems: Problems) -> Duration | None:
    if isinstance(node, Scalar):
        split = split_quantity(node.text)
        if (
            not isinstance(split, UnitProblem)
            and split[1] in ("d", "wk", "mo", "a")
            and split[0] > 0
            and not isinstance(split[0], Fraction)
        ):
            return Duration(split[0], split[1])
    problems.append(
        error("GW408", "a duration is a whole number of `d`, `wk`, `mo` or `a`", start_of(node.place), "write `3 mo`")
    )
    return None
