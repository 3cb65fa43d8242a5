"""Reading the rules and the weighing of a stage file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from guidewright.rules.condition_text import Vocabulary, read_condition
from guidewright.rules.conditions import Condition
from guidewright.rules.diagnostics import Place, error, suggest, warning
from guidewright.rules.evidence import EVIDENCE_KEYS, Grading, read_evidence
from guidewright.rules.model import (
    RULE_KINDS,
    Action,
    Argument,
    Candidate,
    ChoiceType,
    DateType,
    Duration,
    FactType,
    Option,
    Rule,
    RuleKind,
    Timing,
    Weighing,
)
from guidewright.rules.reading import Node, Scalar, Sequence
from guidewright.rules.shape import (
    Fields,
    Problems,
    entries,
    fields,
    flag,
    is_good_id,
    items,
    names,
    one_of,
    start_of,
    text,
)
from guidewright.rules.texts import filled
from guidewright.rules.units import UnitProblem, split_quantity
from guidewright.rules.values import Number

STAGE_KEYS = ("stage", "title", "rules", "weigh", "pathway", "beside")
_RULE = (
    "id",
    *RULE_KINDS,
    "says",
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
_ARGUMENT = ("id", "says", "supports", "opposes", "confirms", "excludes", "when", "unless", "note", *EVIDENCE_KEYS)
_DIRECTIONS = ("supports", "opposes", "confirms", "excludes")


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules of a stage may name."""

    stage: str
    vocabulary: Vocabulary
    grading: Grading
    actions: Mapping[str, Action]


def read_rules(node: Node | None, context: Context, problems: Problems) -> tuple[Rule, ...]:
    """The rules of one stage, in the author's order. What is unusable is reported and left out."""
    found = (_read_rule(item, context, problems) for item in items(node, "`rules`", problems))
    return tuple(rule for rule in found if rule is not None)


def _read_rule(node: Node, context: Context, problems: Problems) -> Rule | None:
    before = len(problems)
    got = fields(node, "a rule", _RULE, ("id",), problems)
    if got is None:
        return None
    id_node = got.get("id")
    if not isinstance(id_node, Scalar) or not is_good_id(id_node, "the id of a rule", problems):
        return None
    what = f"the rule `{id_node.text}`"
    place = id_node.place
    kinds = [kind for kind in RULE_KINDS if kind in got]
    if len(kinds) != 1:
        says = "says nothing" if not kinds else f"says two things, `{kinds[0]}` and `{kinds[1]}`"
        words = ", ".join(f"`{kind}`" for kind in RULE_KINDS)
        problems.append(error("GW403", f"{what} {says}", place, f"a rule has exactly one of {words}"))
        return None
    kind: RuleKind = kinds[0]
    asks, says_text = _what_it_says(kind, got, what, context, problems)
    when, unless = _conditions(got, what, place, context, problems)
    acts = _actions(got.get("acts"), "`acts`", context, problems)
    stops = _actions(got.get("stops"), "`stops`", context, problems)
    if acts and kind not in ("do", "consider"):
        problems.append(
            error("GW404", f"only `do` and `consider` act; {what} is an `{kind}`", start_of(got["acts"].place))
        )
    timing = _read_timing(got["timing"], context.vocabulary.facts, problems) if "timing" in got else None
    if timing is not None and kind not in ("do", "consider"):
        problems.append(
            error(
                "GW404", f"only `do` and `consider` have a timing; {what} is an `{kind}`", start_of(got["timing"].place)
            )
        )
    evidence = read_evidence(got, what, place, context.grading, problems, required=True)
    signoff = one_of(got.get("signoff"), "sign-off", ("required",), problems)
    if says_text is None or when is None or any(d.severity == "error" for d in problems[before:]):
        return None
    parameters = context.vocabulary.parameters
    return Rule(
        id=id_node.text,
        kind=kind,
        text=says_text,
        stage=context.stage,
        when=when,
        unless=unless,
        asks=asks,
        timing=timing,
        acts=acts,
        stops=stops,
        despite=tuple(name for name, _ in names(got.get("despite"), "`despite`", problems)),
        overrides=tuple(name for name, _ in names(got.get("overrides"), "`overrides`", problems)),
        evidence=evidence,
        except_=filled(text(got.get("except"), "`except`", problems), got.get("except"), parameters, problems),
        note=filled(text(got.get("note"), "`note`", problems), got.get("note"), parameters, problems),
        signoff=signoff is not None,
        place=place,
    )


def _what_it_says(
    kind: RuleKind, got: Fields, what: str, context: Context, problems: Problems
) -> tuple[tuple[str, ...], str | None]:
    parameters = context.vocabulary.parameters
    if kind != "ask":
        if "says" in got:
            problems.append(error("GW405", f"`says` words an `ask`; {what} is a `{kind}`", start_of(got["says"].place)))
        return (), filled(text(got[kind], f"`{kind}` of {what}", problems), got[kind], parameters, problems)
    asks: list[str] = []
    for name, place in names(got["ask"], "`ask`", problems):
        if name not in context.vocabulary.facts:
            problems.append(error("GW201", f"unknown fact `{name}`", place, suggest(name, context.vocabulary.facts)))
        asks.append(name)
    if not asks and isinstance(got["ask"], Sequence):
        problems.append(error("GW405", f"{what} asks for nothing", start_of(got["ask"].place)))
    if "says" not in got:
        problems.append(error("GW405", f"{what} asks, and has no `says` to word it", start_of(got["ask"].place)))
    return tuple(asks), filled(
        text(got.get("says"), f"`says` of {what}", problems), got.get("says"), parameters, problems
    )


def _conditions(
    got: Fields, what: str, place: Place, context: Context, problems: Problems
) -> tuple[Condition | None, Condition | None]:
    when = None
    if "when" in got:
        when = read_condition(got["when"], context.vocabulary, problems)
    else:
        problems.append(
            error("GW406", f"{what} has no `when`", place, "for something due in every patient write `when: {}`")
        )
    unless = read_condition(got["unless"], context.vocabulary, problems) if "unless" in got else None
    return when, unless


def _actions(node: Node | None, what: str, context: Context, problems: Problems) -> tuple[str, ...]:
    found: list[str] = []
    for name, place in names(node, what, problems):
        if name in context.actions:
            found.append(name)
        else:
            help = suggest(name, context.actions) or "actions are defined under `actions:` in guideline.yaml"
            problems.append(error("GW407", f"there is no action `{name}`", place, help))
    return tuple(found)


def _read_timing(node: Node, facts: Mapping[str, FactType], problems: Problems) -> Timing | None:
    before = len(problems)
    got = fields(node, "a timing", ("every", "once", "from", "after", "until"), (), problems)
    if got is None:
        return None
    if ("every" in got) == ("once" in got):
        problems.append(
            error(
                "GW408",
                "a timing has either `every` or `once`",
                start_of(node.place),
                "write `{every: [3 mo, 4 mo], from: some.date}`",
            )
        )
    start = text(got.get("from"), "`from`", problems)
    if start is not None and not isinstance(facts.get(start), DateType):
        problems.append(
            error(
                "GW408",
                f"`{start}` is no date fact",
                got["from"].place,
                suggest(start, [f for f, k in facts.items() if isinstance(k, DateType)]),
            )
        )
    timing = Timing(
        every=_between(got.get("every"), problems),
        once=_between(got.get("once"), problems),
        start=start,
        after=_duration(got["after"], problems) if "after" in got else None,
        until=_duration(got["until"], problems) if "until" in got else None,
    )
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


# --- weighing


def candidate_types(node: Node | None) -> dict[str, ChoiceType]:
    """The facts `origin.confirmed` that rules may test, before anything of the weighing is checked."""
    found: dict[str, ChoiceType] = {}
    for key, value in entries(node, "`weigh`", []):
        candidates = entries(getattr(value, "get", lambda _: None)("candidates"), "`candidates`", [])
        labels = [(c.text, getattr(n, "get", lambda _: None)("label")) for c, n in candidates]
        options = tuple(Option(id, label.text if isinstance(label, Scalar) else id) for id, label in labels)
        found[f"{key.text}.confirmed"] = ChoiceType(options)
    return found


def read_weighings(node: Node | None, context: Context, problems: Problems) -> tuple[Weighing, ...]:
    """The weighings of one stage."""
    found: list[Weighing] = []
    for key, value in entries(node, "`weigh`", problems):
        if not is_good_id(key, "the id of a weighing", problems):
            continue
        what = f"the weighing `{key.text}`"
        got = fields(value, what, ("question", "candidates"), ("question", "candidates"), problems)
        if got is None:
            continue
        candidates = [
            _read_candidate(c, n, context, problems)
            for c, n in entries(got.get("candidates"), "`candidates`", problems)
        ]
        if len(candidates) < 2:
            problems.append(error("GW501", f"{what} has fewer than two candidates", key.place))
        question = text(got.get("question"), f"the question of {what}", problems)
        found.append(
            Weighing(
                key.text, question or key.text, context.stage, tuple(c for c in candidates if c is not None), key.place
            )
        )
    return tuple(found)


def _read_candidate(key: Scalar, node: Node, context: Context, problems: Problems) -> Candidate | None:
    if not is_good_id(key, "the id of a candidate", problems):
        return None
    what = f"the candidate `{key.text}`"
    got = fields(node, what, ("label", "arguments"), ("label", "arguments"), problems)
    if got is None:
        return None
    arguments = [
        _read_argument(item, context, problems)
        for item in items(got.get("arguments"), f"the arguments of {what}", problems)
    ]
    label = text(got.get("label"), f"the label of {what}", problems)
    return Candidate(key.text, label or key.text, tuple(a for a in arguments if a is not None))


def _read_argument(node: Node, context: Context, problems: Problems) -> Argument | None:
    before = len(problems)
    got = fields(node, "an argument", _ARGUMENT, ("id", "says", "when"), problems)
    if got is None:
        return None
    id_node = got.get("id")
    if not isinstance(id_node, Scalar) or not is_good_id(id_node, "the id of an argument", problems):
        return None
    what = f"the argument `{id_node.text}`"
    directions = [name for name in _DIRECTIONS if name in got]
    if len(directions) != 1:
        words = ", ".join(f"`{name}`" for name in _DIRECTIONS)
        problems.append(
            error(
                "GW502",
                f"{what} has {'no direction' if not directions else 'two directions'}",
                id_node.place,
                f"an argument has exactly one of {words}",
            )
        )
        return None
    direction = directions[0]
    weight: Number = 0
    if direction in ("supports", "opposes"):
        node_weight = got[direction]
        if (
            isinstance(node_weight, Scalar)
            and isinstance(node_weight.value, int | Fraction)
            and not isinstance(node_weight.value, bool)
            and node_weight.value > 0
        ):
            weight = node_weight.value if direction == "supports" else -node_weight.value
        else:
            problems.append(error("GW503", f"`{direction}` is a weight above zero", start_of(node_weight.place)))
    elif not flag(got[direction], f"`{direction}`", problems):
        problems.append(
            error(
                "GW503",
                f"`{direction}` is `true`, or the argument has another direction",
                start_of(got[direction].place),
            )
        )
    when = read_condition(got["when"], context.vocabulary, problems) if "when" in got else None
    unless = read_condition(got["unless"], context.vocabulary, problems) if "unless" in got else None
    evidence = read_evidence(got, what, id_node.place, context.grading, problems, required=False)
    if not evidence.because and not evidence.expert and "because" not in got:
        problems.append(
            warning(
                "GW504",
                f"nothing supports {what}",
                id_node.place,
                "name the statements that support it, or say `expert: true`",
            )
        )
    says = filled(
        text(got.get("says"), f"`says` of {what}", problems), got.get("says"), context.vocabulary.parameters, problems
    )
    if when is None or says is None or any(d.severity == "error" for d in problems[before:]):
        return None
    return Argument(
        id_node.text,
        says,
        when,
        unless,
        weight,
        direction == "confirms",
        direction == "excludes",
        evidence,
        id_node.place,
    )
