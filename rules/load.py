"""From a folder of YAML files to a checked guideline, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from guidewright.rules.condition_text import Vocabulary, read_condition
from guidewright.rules.conditions import ALWAYS, Condition
from guidewright.rules.cross_checks import check_ids, check_used, ids_of, rows_of, without_consequences
from guidewright.rules.diagnostics import Diagnostic, Place, error, ordered, suggest
from guidewright.rules.evidence import Grading
from guidewright.rules.guideline_files import FIXED, digest_of, read_texts
from guidewright.rules.model import FactType, Guideline, Stage, Weighing
from guidewright.rules.overriding import ReadRule, check_overriding
from guidewright.rules.read_claims import Claimable, read_acceptances, read_exclusive, read_invariants
from guidewright.rules.read_facts import read_facts
from guidewright.rules.read_header import UNREAD, Header, check_language, read_header, whole_parameters
from guidewright.rules.read_pathway import ReadPage, check_page, check_standing, read_page
from guidewright.rules.read_sources import read_sources
from guidewright.rules.read_stage import STAGE_KEYS, Context, read_rules
from guidewright.rules.read_types import read_heads
from guidewright.rules.read_weighing import candidate_types, read_weighings
from guidewright.rules.reading import Mapping as MappingNode
from guidewright.rules.reading import Node, Scalar, read_yaml
from guidewright.rules.reading_order import numbered
from guidewright.rules.shape import Fields, Problems, fields, is_good_id, text
from guidewright.rules.texts import parameters_named
from guidewright.rules.told_parameters import told_parameters


@dataclass(frozen=True, slots=True)
class Loaded:
    """A guideline (`None` where there is an error), what was found, and the texts for code frames."""

    guideline: Guideline | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


def load_guideline(folder: str | Path) -> Loaded:
    """Reads every YAML file of a guideline folder (the cases are not part of the guideline). Never raises for what
    a file says.
    """
    texts, problems = read_texts(Path(folder))
    return check_texts(texts, problems, str(folder))


def check_texts(texts: Mapping[str, str], problems: Problems, folder: str) -> Loaded:
    """The guideline that these texts are. All that is wrong is reported in one run, in order of place; what only
    follows from something else that is wrong is not.
    """
    nodes: dict[str, Node] = {}
    for path, content in texts.items():
        node, found = read_yaml(content, path)
        problems.extend(found)
        if node is not None:
            nodes[path] = node
    guideline = _assemble(nodes, digest_of(texts), problems)
    diagnostics = ordered(without_consequences(problems))
    sound = not any(d.severity == "error" for d in diagnostics)
    return Loaded(guideline if sound else None, diagnostics, texts)


@dataclass(frozen=True, slots=True)
class _StageFile:
    """`whole`: every key could be read."""

    fields: Fields
    id: str
    title: str
    whole: bool


def _assemble(nodes: Mapping[str, Node], digest: str, problems: Problems) -> Guideline:
    """The guideline, to be used only where there is no error."""
    by_name = {Path(path).name: node for path, node in nodes.items()}
    header = read_header(by_name["guideline.yaml"], problems) if "guideline.yaml" in by_name else None
    header = header or UNREAD
    check_language(header, problems)
    sources, unread_sources = (
        read_sources(by_name["sources.yaml"], problems) if "sources.yaml" in by_name else (None, frozenset[str]())
    )
    strengths = None if header.strengths is None else tuple(grade.id for grade in header.strengths)
    certainties = None if header.certainties is None else tuple(grade.id for grade in header.certainties)
    grading = Grading(strengths, certainties, sources, unread_sources)
    told = told_parameters(nodes)
    parameters = {
        id: replace(parameter, told_by=told.get(id, ()))
        for id, parameter in whole_parameters(header, grading, problems).items()
    }
    # A file that could not be read may be any stage.
    complete = len(by_name) == len(nodes) and all(d.severity != "error" or d.code >= "GW1" for d in problems)
    files = _read_stage_files(
        {path: node for path, node in nodes.items() if Path(path).name not in FIXED}, header, complete, problems
    )
    complete = complete and len(files) == len([path for path in nodes if Path(path).name not in FIXED])
    heads, unread_facts = read_heads(by_name["facts.yaml"], problems) if "facts.yaml" in by_name else ({}, None)
    types = {id: head.type for id, head in heads.items()}
    confirmed, unread_weighings = _confirmed(files, {id: head.place for id, head in heads.items()}, problems)
    written = _parameter_texts(header, nodes)
    known_facts = unread_facts is not None
    facts_only = Vocabulary(
        types, written, frozenset(confirmed) | unread_weighings, unread_facts or frozenset(), known_facts
    )
    vocabulary = Vocabulary(
        types | confirmed, written, (), (unread_facts or frozenset()) | unread_weighings, known_facts and complete
    )
    facts = read_facts(heads, facts_only, grading, problems)
    rows = rows_of(facts)
    rules, all_rules = _read_rules(files, vocabulary, grading, header, confirmed, problems)
    weighings = _read_weighings(files, facts_only, grading, header, problems)
    applies: Condition | None = None
    if "applies" in header.fields:
        applies = read_condition(header.fields["applies"], facts_only, problems, may_be_empty=True)
    pages = _read_pages(files, vocabulary, problems)
    drawable = {*weighings, *(id.removesuffix(".confirmed") for id in (*confirmed, *unread_weighings))}
    for file in files:
        check_page(pages[file.id], pages, complete, drawable, problems)
        check_standing(pages[file.id], file.id, rules, all_rules and complete, rows, problems)
    check_overriding(rules, all_rules and complete, rows, header.actions or {}, problems)
    claimable = Claimable(vocabulary, rules if all_rules and complete else None, rows, header.actions)
    invariants = read_invariants(header.fields.get("invariants"), claimable, problems)
    exclusive = read_exclusive(header.fields.get("exclusive"), claimable, problems)
    check_ids(rules, weighings, facts, invariants, problems)
    guideline = Guideline(
        id=header.texts.get("id") or "",
        title=header.texts.get("title") or "",
        version=header.texts.get("version") or "",
        status=header.texts.get("status") or "",
        language=header.texts.get("language") or "",
        digest=digest,
        strengths=header.strengths or (),
        certainties=header.certainties or (),
        actions=header.actions or {},
        parameters=parameters,
        facts=facts,
        sources=sources or {},
        stages=tuple(_stage(file, pages[file.id]) for file in files),
        rules={id: read.rule for id, read in rules.items() if read.rule is not None},
        weighings=weighings,
        applies=applies or ALWAYS,
        scope=header.texts.get("scope"),
        use=header.texts.get("use"),
        misuse=header.texts.get("misuse"),
        date=header.date,
        invariants=invariants,
        exclusive=exclusive,
    )
    sound = not any(d.severity == "error" for d in problems)
    if sound:
        check_used(guideline, nodes, problems)
    # What a finding may be about is known only where all could be read.
    known = ids_of(guideline) if sound else None
    return replace(guideline, accept=read_acceptances(header.fields.get("accept"), vocabulary, known, problems))


def _parameter_texts(header: Header, nodes: Mapping[str, Node]) -> dict[str, str | None]:
    if header.parameters is not None:
        return {id: written for id, (written, _, _) in header.parameters.items()}
    return {name: None for node in nodes.values() for name in parameters_named(node)}


def _read_stage_files(
    nodes: Mapping[str, Node], header: Header, complete: bool, problems: Problems
) -> tuple[_StageFile, ...]:
    """The stage files in the order that guideline.yaml gives them."""
    found: dict[str, _StageFile] = {}
    for path, node in nodes.items():
        if isinstance(node, MappingNode) and node.get("stage") is None:
            message = f"`{Path(path).name}` is no stage: it has no `stage`"
            help = "a stage file begins with `stage:` and an id of guideline.yaml; cases lie in the folder `cases`"
            problems.append(error("GW115", message, Place.of_file(path), help))
            complete = False
            continue
        before = len(problems)
        got = fields(node, "a stage file", STAGE_KEYS, ("stage", "title"), problems)
        whole = len(problems) == before
        id = text(got.get("stage"), "`stage`", problems) if got is not None else None
        if got is None or id is None:
            complete = False
            continue
        title = text(got.get("title"), "`title`", problems)
        place = got["stage"].place
        if id in found:
            related = (("the other one", found[id].fields["stage"].place),)
            problems.append(error("GW115", f"two files are the stage `{id}`", place, related=related))
            continue
        found[id] = _StageFile(got, id, title or id, whole)
    if header.stages is None:
        return tuple(found.values())
    named = dict(header.stages)
    # A stage that is misspelt on either side is reported once, where its file says what it is.
    missing = [id for id in named if id not in found]
    for id in [id for id in found if id not in named]:
        guess = suggest(id, missing)
        missing = [other for other in missing if guess is None or f"`{other}`" not in guess]
        stage = found[id].fields["stage"]
        if isinstance(stage, Scalar) and is_good_id(stage, "the id of a stage", problems):
            help = guess or "name it under `stages:` in guideline.yaml"
            problems.append(error("GW115", f"guideline.yaml names no stage `{id}`", stage.place, help))
    for id in missing if complete else ():
        help = f"a stage file begins with `stage: {id}`"
        problems.append(error("GW115", f"no file is the stage `{id}`", named[id], help))
    listed = [found[id] for id in named if id in found]
    return (*listed, *(file for id, file in found.items() if id not in named))


def _confirmed(
    files: tuple[_StageFile, ...], facts: Mapping[str, Place], problems: Problems
) -> tuple[dict[str, FactType], frozenset[str]]:
    """The types of what weighings say, and the names of what weighings say that could not be read."""
    kinds: dict[str, FactType] = {}
    unread: set[str] = set()
    for file in files:
        for id, (kind, place) in candidate_types(file.fields.get("weigh")).items():
            for taken in [name for name in (id, id.removesuffix(".confirmed")) if name in facts]:
                message = f"`{taken}` cannot be a fact, because a weighing says `{id}`"
                problems.append(error("GW505", message, facts[taken], related=(("the weighing", place),)))
            if kind is None:
                unread.add(id)
            else:
                kinds.setdefault(id, kind)
    return kinds, frozenset(unread)


def _read_rules(
    files: tuple[_StageFile, ...],
    vocabulary: Vocabulary,
    grading: Grading,
    header: Header,
    confirmed: Mapping[str, FactType],
    problems: Problems,
) -> tuple[dict[str, ReadRule], bool]:
    """The rules of every stage by their ids, and whether all ids could be read."""
    rules: dict[str, ReadRule] = {}
    complete = True
    for file in files:
        context = Context(file.id, vocabulary, grading, header.actions, frozenset(confirmed))
        found, all_of_them = read_rules(file.fields.get("rules"), context, problems)
        complete = complete and all_of_them and (file.whole or "rules" in file.fields)
        for read in found:
            if read.id in rules:
                related = (("the other one", rules[read.id].place),)
                problems.append(error("GW413", f"there are two rules `{read.id}`", read.place, related=related))
            rules.setdefault(read.id, read)
    return rules, complete


def _read_weighings(
    files: tuple[_StageFile, ...], facts_only: Vocabulary, grading: Grading, header: Header, problems: Problems
) -> dict[str, Weighing]:
    """The weighings by their ids. What one says must not follow from what it says: its arguments test facts only."""
    weighings: dict[str, Weighing] = {}
    for file in files:
        context = Context(file.id, facts_only, grading, header.actions)
        for weighing in read_weighings(file.fields.get("weigh"), context, problems):
            if (other := weighings.get(weighing.id)) is not None and weighing.place is not None:
                related = (("the other one", other.place),) if other.place is not None else ()
                message = f"there are two weighings `{weighing.id}`"
                problems.append(error("GW413", message, weighing.place, related=related))
            weighings.setdefault(weighing.id, weighing)
    return weighings


def _read_pages(files: tuple[_StageFile, ...], vocabulary: Vocabulary, problems: Problems) -> dict[str, ReadPage]:
    pages: dict[str, ReadPage] = {}
    box = 1
    for file in files:
        pages[file.id] = read_page(file.fields, file.whole, box, vocabulary, problems)
        box += len(pages[file.id].steps)
    return pages


def _stage(file: _StageFile, page: ReadPage) -> Stage:
    steps = numbered(tuple(read.step for read in page.steps))
    return Stage(file.id, file.title, steps, tuple(name for name, _ in page.beside))
