"""Reading sources.yaml: publications, and the located statements in them."""

from __future__ import annotations

import re
from typing import cast, get_args

from guidewright.rules.diagnostics import error
from guidewright.rules.model import ReadAs, Source, SourceKind, Statement
from guidewright.rules.reading import Node, Scalar
from guidewright.rules.shape import Problems, entries, fields, is_good_id, one_of, text

_SOURCE = ("cite", "kind", "read", "url", "note", "statements")
_STATEMENT = ("at", "says", "words", "digest", "note")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def read_sources(node: Node, problems: Problems) -> dict[str, Source]:
    """Every source by its id. What is unusable is reported and left out."""
    top = fields(node, "sources.yaml", ("sources",), ("sources",), problems)
    found: dict[str, Source] = {}
    for key, value in entries(top.get("sources") if top else None, "`sources`", problems):
        if is_good_id(key, "the id of a source", problems):
            source = _read_source(key, value, problems)
            if source is not None:
                found[source.id] = source
    return found


def _read_source(key: Scalar, node: Node, problems: Problems) -> Source | None:
    what = f"the source `{key.text}`"
    got = fields(node, what, _SOURCE, ("cite", "kind", "read", "statements"), problems)
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
            statement = _read_statement(name, value, problems)
            if statement is not None:
                statements[statement.id] = statement
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


def _read_statement(key: Scalar, node: Node, problems: Problems) -> Statement | None:
    what = f"the statement `{key.text}`"
    got = fields(node, what, _STATEMENT, ("says",), problems)
    if got is None:
        return None
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
