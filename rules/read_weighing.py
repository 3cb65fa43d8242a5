"""Reading the weighings of a stage file."""

from __future__ import annotations

from fractions import Fraction

from guidewright.rules.condition_text import read_condition
from guidewright.rules.diagnostics import Place, error, warning
from guidewright.rules.evidence import EVIDENCE_KEYS, is_supported, read_evidence
from guidewright.rules.model import Argument, Candidate, ChoiceType, Option, Weighing
from guidewright.rules.read_stage import Context
from guidewright.rules.reading import Mapping, Node, Scalar, Sequence
from guidewright.rules.shape import Problems, entries, fields, flag, is_good_id, items, start_of, text
from guidewright.rules.texts import filled
from guidewright.rules.values import Number

_ARGUMENT = ("id", "says", "supports", "opposes", "confirms", "excludes", "when", "unless", "note", *EVIDENCE_KEYS)
_DIRECTIONS = ("supports", "opposes", "confirms", "excludes")


def candidate_types(node: Node | None) -> dict[str, tuple[ChoiceType | None, Place]]:
    """The facts `origin.confirmed` that rules may test, before anything of the weighing is checked, each with the place
    of the weighing. `None` where its candidates cannot be read.
    """
    found: dict[str, tuple[ChoiceType | None, Place]] = {}
    for key, value in entries(node, "`weigh`", []):
        listed = value.get("candidates") if isinstance(value, Mapping) else None
        labels = [
            (id.text, candidate.get("label") if isinstance(candidate, Mapping) else None)
            for id, candidate in entries(listed, "`candidates`", [])
        ]
        options = tuple(Option(id, label.text if isinstance(label, Scalar) else id) for id, label in labels)
        found[f"{key.text}.confirmed"] = ChoiceType(options) if options else None, key.place
    return found


def read_weighings(node: Node | None, context: Context, problems: Problems) -> tuple[Weighing, ...]:
    """The weighings of one stage."""
    found: list[Weighing] = []
    for key, value in entries(node, "`weigh`", problems):
        if not is_good_id(key, "the id of a weighing", problems):
            continue
        what = f"the weighing `{key.text}`"
        got = fields(value, what, ("question", "candidates"), ("question", "candidates"), problems, at=key.place)
        if got is None:
            continue
        candidates = [
            _read_candidate(c, n, context, problems)
            for c, n in entries(got.get("candidates"), "`candidates`", problems)
        ]
        if len(candidates) < 2 and isinstance(got.get("candidates"), Mapping):
            problems.append(error("GW501", f"{what} has fewer than two candidates", key.place))
        question = text(got.get("question"), f"the question of {what}", problems)
        question = filled(question, got.get("question"), context.vocabulary.parameters, problems)
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
    got = fields(node, what, ("label", "arguments"), ("label", "arguments"), problems, at=key.place)
    if got is None:
        return None
    listed = got.get("arguments")
    if isinstance(listed, Sequence) and not listed.items:
        message = f"{what} has no arguments, so that nothing can speak for or against it"
        problems.append(error("GW507", message, key.place, "leave it out, or write its first argument"))
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
    text(got.get("id"), "the id of an argument", problems)
    id_node = got.get("id")
    if not isinstance(id_node, Scalar) or not is_good_id(id_node, "the id of an argument", problems):
        return None
    what = f"the argument `{id_node.text}`"
    directions = [name for name in _DIRECTIONS if name in got]
    if len(directions) != 1:
        words = ", ".join(f"`{name}`" for name in _DIRECTIONS)
        missing = f"{what} has no direction"
        message = f"{what} has two directions, `{directions[0]}` and `{directions[1]}`" if directions else missing
        there = start_of(got[directions[1]].place) if directions else id_node.place
        problems.append(error("GW502", message, there, f"an argument has exactly one of {words}"))
    direction = directions[0] if directions else "supports"
    weight = _read_weight(got[direction], direction, problems) if directions else 0
    when = read_condition(got["when"], context.vocabulary, problems, True) if "when" in got else None
    unless = read_condition(got["unless"], context.vocabulary, problems) if "unless" in got else None
    evidence = read_evidence(got, what, id_node.place, context.grading, problems, required=False)
    if not is_supported(got):
        help = "name the statements that support it, or say `expert: true`"
        problems.append(warning("GW504", f"nothing supports {what}", id_node.place, help))
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


def _read_weight(node: Node, direction: str, problems: Problems) -> Number:
    """The weight with its sign; 0 for a decisive argument."""
    if direction in ("confirms", "excludes"):
        if not flag(node, f"`{direction}`", problems) and isinstance(node, Scalar) and node.value is False:
            help = "leave the argument out, or give it a weight"
            problems.append(error("GW503", f"`{direction}: false` decides nothing", start_of(node.place), help))
        return 0
    value = node.value if isinstance(node, Scalar) and not node.quoted else None
    if not isinstance(value, int | Fraction) or isinstance(value, bool) or value <= 0:
        problems.append(error("GW503", f"`{direction}` is a weight above zero", node.place, f"write `{direction}: 2`"))
        return 0
    return value if direction == "supports" else -value
