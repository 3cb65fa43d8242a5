"""Reading sources.yaml: publications, and the located statements in them."""

from __future__ import annotations

import re
from typing import cast, get_args

from guidewright.rules.diagnostics import error
from guidewright.rules.model import ReadAs, Source, SourceKind, Statement
from guidewright.rules.reading import Mapping, Node, Scalar
from guidewright.rules.shape import Problems, entries, fields, is_good_id, one_of, text

_SOURCE = ("cite", "kind", "read", "url", "note", "statements")
_STATEMENT = ("at", "says", "words", "digest", "note")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def read_sources(node: Node, problems: Problems) -> tuple[dict[str, Source] | None, frozenset[str]]:
    """Every source by its id, and the ids of those whose statements are not known because something is wrong. The
    sources are `None` where nothing of them could be read.
    """
    top = fields(node, "sources.yaml", ("sources",), ("sources",), problems)
    listed = top.get("sources") if top else None
    found: dict[str, Source] = {}
    unread: set[str] = set()
    for key, value in entries(listed, "`sources`", problems):
        source = _read_source(key, value, problems) if is_good_id(key, "the id of a source", problems) else None
        if source is not None:
            found[source.id] = source
        if source is None or not isinstance(value, Mapping) or not isinstance(value.get("statements"), Mapping):
            unread.add(key.text)
    # Where an entry is no mapping, another may stand at the wrong depth.
    whole = isinstance(listed, Mapping) and all(isinstance(value, Mapping) for _, value in listed.entries)
    return (found if whole else None), frozenset(unread)


def _read_source(key: Scalar, node: Node, problems: Problems) -> Source | None:
    what = f"the source `{key.text}`"
    got = fields(node, what, _SOURCE, ("cite", "kind", "read", "statements"), problems, at=key.place)
    if got is None:
        return None
    cite = text(got.get("cite"), f"`cite` of {what}", problems)
    kind = one_of(got.get("kind"), "kind of source", get_args(SourceKind), problems)
    read = one_of(got.get("read"), "way of reading", get_args(ReadAs), problems)
    url = text(got.get("url"), f"`url` of {what}", problems)
    if url is not None and not url.startswith("https://"):
        problems.append(error("GW604", "a link begins with `https://`", got["url"].place))
    statements: dict[str, Statement] = {}
    for name, value in entries(got.get("statements"), f"the statements of {what}", problems):
        if is_good_id(name, "the id of a statement", problems):
            statements[name.text] = _read_statement(name, value, problems)
    # A half-read source still stands, so that its statements are not reported as unknown where they are used.
    return Source(
        key.text,
        cite or "",
        cast(SourceKind, kind or "expert"),
        cast(ReadAs, read or "not-read"),
        statements,
        url,
        key.place,
    )


def _read_statement(key: Scalar, node: Node, problems: Problems) -> Statement:
    what = f"the statement `{key.text}`"
    got = fields(node, what, _STATEMENT, ("says",), problems, at=key.place)
    if got is None:
        return Statement(key.text, "", place=key.place)
    words = got.get("words")
    count: int | None = None
    if words is not None:
        if (
            isinstance(words, Scalar)
            and isinstance(words.value, int)
            and not isinstance(words.value, bool)
            and words.value > 0
        ):
            count = words.value
        else:
            problems.append(error("GW605", "`words` is the number of words of the original", words.place))
    digest = text(got.get("digest"), "`digest`", problems)
    if digest is not None and not _DIGEST.fullmatch(digest):
        problems.append(error("GW605", "`digest` is `sha256:` and 64 hexadecimal digits", got["digest"].place))
    if (words is None) != (digest is None):
        problems.append(error("GW605", f"{what} is anchored by `words` and `digest` together", key.place))
    says = text(got.get("says"), f"`says` of {what}", problems)
    return Statement(key.text, says or "", text(got.get("at"), "`at`", problems), count, digest, key.place)
