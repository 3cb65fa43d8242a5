"""The faults of YAML syntax in our own words: what the author wrote, where, and how to set it right.

The parsers say what they expected; what an author did is told from the character they stopped at and its line.
Both parsers of PyYAML are understood.
"""

import re
from dataclasses import dataclass

import yaml

from guidewright.rules.diagnostics import Diagnostic, Place, error
from guidewright.rules.display import quoted
from guidewright.rules.yaml_slips import QUOTE_IT, Mark, in_quotes

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_LINE_REST = re.compile(r"[^\r\n]*")
# A parameter in braces belongs to the text.
_FLOW_REST = re.compile(r"(?:[^\r\n,\]{}]|\{[A-Za-z0-9_-]*\})*")
_OPEN_AT_END = re.compile(r"\[[^\[\](){}\r\n]{0,60}\.\.[^\[\](){}\r\n]{0,60}\)")
_OPEN_AT_BEGINNING = re.compile(r"\([^\[\](){}\r\n]{0,60}\.\.[^\[\](){}\r\n]{0,60}\]\Z")
_NO_SPACE = re.compile(r"[ ]*+(?:- ++)*+([\w.-]++:)[^\s:]")
_STARTS_LINE = re.compile(r"[ ]*+(?:- ++)*+[^\s:#]++[ ]*+")
_BLANK = " \t\r\n"
_COLON_HELP = "put a text that contains a colon and a space in quotes"


@dataclass(frozen=True, slots=True)
class LastText:
    """The scalar or the collection in brackets read last; `style` is its quote, its closing bracket or empty."""

    start: Mark
    end: Mark
    style: str


@dataclass(frozen=True, slots=True)
class _Spot:
    index: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Fault:
    context: str
    context_mark: Mark | None
    problem: str
    mark: Mark
    source: str
    file: str
    last: LastText | None
    opening: Mark | None

    @property
    def character(self) -> str:
        return self.source[self.mark.index : self.mark.index + 1]

    @property
    def before(self) -> str:
        """The line up to where the parser stopped."""
        return self.source[self.mark.index - self.mark.column : self.mark.index]

    def at(self, mark: Mark, length: int = 1) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 1 + length)

    def rest(self, mark: Mark, pattern: re.Pattern[str] = _LINE_REST) -> tuple[str, Place]:
        """What stands from a mark to the end of its line, or as far as the pattern goes."""
        match = pattern.match(self.source, mark.index)
        text = match[0].rstrip() if match else ""
        return text, self.at(mark, max(1, len(text)))


def explained(
    raised: yaml.YAMLError, source: str, file: str, last: LastText | None, opening: Mark | None
) -> Diagnostic:
    """The diagnostic for a fault that ended the parser's work; `opening` is the bracket that was open."""
    mark = getattr(raised, "problem_mark", None)
    if mark is None:
        return error("GW010", "this cannot be read as YAML", Place.of_file(file))
    context = str(getattr(raised, "context", None) or "")
    context_mark = getattr(raised, "context_mark", None)
    problem = str(getattr(raised, "problem", None) or "")
    if mark.index >= len(source):
        mark = _end_of(source)
    fault = _Fault(context, context_mark, problem, mark, source, file, last, opening)
    return _explained(fault)


def _end_of(source: str) -> _Spot:
    """The end of the source; one of the parsers sees it on a line of its own."""
    breaks = list(_LINE_BREAK.finditer(source))
    return _Spot(len(source), len(breaks), len(source) - (breaks[-1].end() if breaks else 0))


def _explained(fault: _Fault) -> Diagnostic:
    if fault.character == "\t" and "quoted" not in fault.context:
        message = "a tab stands where only spaces may"
        return error("GW013", message, fault.at(fault.mark), "indent with spaces")
    if fault.context_mark is not None:
        if "block scalar" in fault.context:
            return _block_text(fault, fault.context_mark)
        if "quoted scalar" in fault.context:
            return _quoted_text(fault, fault.context_mark)
        if any(word in fault.context for word in ("alias", "anchor", "tag", "directive")):
            return _indicator(fault, fault.context_mark)
        if "flow" in fault.context:
            return _in_brackets(fault, fault.context_mark)
        if "simple key" in fault.context:
            return _no_colon(fault, fault.context_mark)
    if "cannot start any token" in fault.problem:
        return _indicator(fault, fault.mark)
    if "document start" in fault.problem:
        return _behind_document(fault)
    if "mapping values" in fault.problem or "unexpected ':'" in fault.problem:
        return _colon(fault)
    if "entries are not allowed" in fault.problem or "mapping keys are not allowed" in fault.problem:
        return _indicator(fault, fault.mark)
    if "block" in fault.context:
        return _out_of_place(fault)
    return _other(fault)


def _other(fault: _Fault) -> Diagnostic:
    return error("GW010", "this cannot be read as YAML", fault.at(fault.mark), QUOTE_IT + " if this is one")


def _behind_document(fault: _Fault) -> Diagnostic:
    since = fault.source[fault.last.end.index if fault.last else 0 : fault.mark.index]
    if "\n..." in since or "\n---" in since:
        return error("GW025", "a second document begins here", fault.at(fault.mark), "use a file for each")
    if directive := re.search(r"^%[^\r\n]*", since, re.MULTILINE):
        place = fault.at(fault.mark, max(1, len(fault.rest(fault.mark)[0])))
        return error("GW011", f"a line cannot begin with `%`, as {quoted(directive[0])} does", place, QUOTE_IT)
    if text_end := _behind_quotes(fault):
        return text_end
    text, place = fault.rest(fault.mark)
    return error("GW010", f"{quoted(text)} stands behind the end of the document", place)


def _block_text(fault: _Fault, start: Mark) -> Diagnostic:
    text, place = fault.rest(start)
    kind = "a folded text" if text.startswith(">") else "a text over several lines"
    return error("GW011", f"{quoted(text)} is read as the beginning of {kind}", place, in_quotes(text))


def _quoted_text(fault: _Fault, start: Mark) -> Diagnostic:
    quote = fault.source[start.index : start.index + 1]
    if "end of stream" in fault.problem or "document" in fault.problem:
        return error("GW012", f"the quote {quote} is not closed", fault.at(start), "every quote needs a second one")
    back = fault.source.rfind("\\", start.index, fault.mark.index + 1)
    column = fault.mark.column - (fault.mark.index - back)
    written = fault.source[back : back + 2]
    place = Place(fault.file, fault.mark.line + 1, column + 1, fault.mark.line + 1, column + 3)
    if written in ("\\u", "\\U", "\\x") and "invalid" in fault.problem:
        return error("GW031", f"{quoted(fault.source[back : back + 6])} is no character", place)
    help = "write \\\\ for a backslash, or put the text in single quotes"
    return error("GW015", f"unknown escape {quoted(written)}", place, help)


def _indicator(fault: _Fault, start: Mark) -> Diagnostic:
    text, place = fault.rest(start, _LINE_REST if start.column == 0 else _FLOW_REST)
    sign = text[:1]
    if text.startswith("!"):
        return error("GW023", f"{quoted(text)} is read as a tag", place, in_quotes(text))
    if sign in "-?":
        message = f"`{sign}` cannot stand behind a key on the same line"
        help = "begin a list on a line of its own, or put a text that begins so in quotes"
        return error("GW014", message, fault.at(start), help)
    first = "a back-tick" if sign == "`" else f"`{sign}`"
    return error("GW011", f"a text cannot begin with {first} unless it is quoted", place, in_quotes(text))


def _in_brackets(fault: _Fault, start: Mark) -> Diagnostic:
    opening = fault.source[start.index : start.index + 1]
    closing = {"[": "]", "{": "}"}.get(opening, opening)
    if interval := _interval(fault, start):
        return interval
    if fault.character == ":" and fault.mark.line == start.line:
        return _colon(fault)
    if "node" in fault.context and not fault.character and fault.opening is not None:
        return _unclosed(fault, fault.opening)
    if "node" in fault.context:
        return error("GW010", f"there is nothing before {quoted(fault.character)}", fault.at(fault.mark))
    if fault.character and fault.character in "]}":
        message = f"`{opening}` is closed by `{fault.character}`"
        related = ((f"`{opening}` is here", fault.at(start)),)
        return error("GW012", message, fault.at(fault.mark), f"close it by `{closing}`", related)
    if fault.mark.line == start.line and fault.character in ("{", "["):
        message = f"`{fault.character}` within an unquoted text"
        return error("GW011", message, fault.at(fault.mark), "put the whole text in quotes")
    if fault.mark.line == start.line and fault.character:
        return error("GW010", f"a comma is missing before {quoted(fault.character)}", fault.at(fault.mark), QUOTE_IT)
    return _unclosed(fault, start)


def _unclosed(fault: _Fault, start: Mark) -> Diagnostic:
    opening = fault.source[start.index : start.index + 1]
    help = "close it by `]`" if opening == "[" else "close it by `}`"
    related = (("noticed here", fault.at(fault.mark)),)
    return error("GW012", f"`{opening}` is not closed", fault.at(start), help, related)


def _interval(fault: _Fault, start: Mark) -> Diagnostic | None:
    """An interval such as [0..1) that was to be a list, or (0..1] behind a key in braces."""
    if match := _OPEN_AT_END.match(fault.source, start.index):
        place = fault.at(start, len(match[0]))
    elif match := _OPEN_AT_BEGINNING.search(fault.before[-120:] + fault.character):
        line, end = fault.mark.line + 1, fault.mark.column + 2
        place = Place(fault.file, line, end - len(match[0]), line, end)
    else:
        return None
    return error("GW011", f"the interval {quoted(match[0])} is not quoted", place, in_quotes(match[0]))


def _no_colon(fault: _Fault, start: Mark) -> Diagnostic:
    text, place = fault.rest(start)
    if missing := _space_missing(fault, start.index - start.column, start.line):
        return missing
    help = "put a text that goes over several lines in quotes, or indent its further lines"
    return error("GW014", f"{quoted(text)} is neither `key: value` nor an item of a list", place, help)


def _space_missing(fault: _Fault, offset: int, line: int) -> Diagnostic | None:
    """A `key:value` at the beginning of the line that begins at the offset."""
    match = _NO_SPACE.match(fault.source, offset)
    if match is None:
        return None
    place = Place(fault.file, line + 1, match.start(1) - offset + 1, line + 1, match.end(1) - offset + 1)
    return error("GW014", f"no space behind the colon of {quoted(match[1])}", place, "put a space behind the colon")


def _colon(fault: _Fault) -> Diagnostic:
    here = fault.at(fault.mark)
    if "unexpected ':'" in fault.problem:
        return error("GW014", "no space behind the colon", here, "put a space behind the colon")
    if text_end := _behind_quotes(fault):
        return text_end
    if fault.before.rstrip().endswith(("{", "[", ",")):
        return error("GW021", "the key before the colon is missing", here)
    if fault.mark.column > 1_000:
        return error("GW014", "a key has at most 1,000 characters", here)
    if not _STARTS_LINE.fullmatch(fault.before):
        return error("GW011", "a colon and a space within an unquoted text", here, _COLON_HELP)
    head = fault.source[: fault.mark.index - fault.mark.column]
    above = head.rstrip(_BLANK)
    begin = max(above.rfind("\n"), above.rfind("\r")) + 1
    breaks = len(_LINE_BREAK.findall(head[len(above) :]))
    if missing := _space_missing(fault, begin, fault.mark.line - breaks):
        return missing
    message = f"the key {quoted(fault.before.strip())} continues the text above it"
    return error("GW014", message, here, "indent it like the keys beside it; a key has either a text or keys below it")


def _behind_quotes(fault: _Fault) -> Diagnostic | None:
    """A text that goes on behind its closing quote, or behind a closing bracket."""
    last = fault.last
    if last is None or last.style not in ("'", '"', "}", "]") or last.end.line != fault.mark.line:
        return None
    if fault.source[last.end.index : fault.mark.index].strip() or not fault.character.strip():
        return None
    rest, place = fault.rest(fault.mark)
    if last.style in "}]":
        written = fault.source[last.start.index : last.end.index]
        whole = f"{written} {rest}" if last.start.line == last.end.line else ""
        help = in_quotes(whole) if whole else "put the whole text in quotes"
        return error("GW011", f"the text goes on behind `{last.style}`", place, help)
    help = "put the whole text in quotes"
    if last.style == "'":
        help = "write an apostrophe inside single quotes twice, or use double quotes"
    elif last.start.line != last.end.line:
        help = "a quote before this one may be missing"
    related = (("the quotes open here", fault.at(last.start)),)
    return error("GW012", f"{quoted(rest)} stands behind the closing quote", place, help, related)


def _out_of_place(fault: _Fault) -> Diagnostic:
    if fault.character in ("]", "}"):
        return error("GW012", f"`{fault.character}` closes nothing", fault.at(fault.mark))
    if text_end := _behind_quotes(fault):
        return text_end
    text, place = fault.rest(fault.mark)
    if fault.before.strip():
        return error("GW010", f"{quoted(text)} is not expected here", place, QUOTE_IT)
    if text.startswith(":"):
        return error("GW021", "the key before the colon is missing", fault.at(fault.mark))
    columns = fault.mark.column
    start = fault.context_mark
    if start is not None and start.column == columns:
        expected = "an item of the list, with `- `" if "collection" in fault.context else "a key"
        return error("GW014", f"{quoted(text)} stands where {expected} should", place, "do not mix keys and list items")
    message = f"an indentation of {columns} space{'' if columns == 1 else 's'} matches no line above"
    return error("GW014", message, place, "indent it like the lines that it belongs to")
