"""YAML 1.2 core made safe: the parser's events become nodes over an explicit stack; what misleads is refused."""

import re
from dataclasses import dataclass, field

import yaml

from guidewright.rules.diagnostics import Diagnostic, Place, error
from guidewright.rules.display import quoted
from guidewright.rules.nodes import (
    FORBIDDEN_IN_SOURCE,
    FORBIDDEN_IN_TEXT,
    MAX_DEPTH,
    MAX_NODES,
    Lines,
    Mapping,
    Node,
    NumberTooLong,
    Problems,
    ReadingStopped,
    Scalar,
    Sequence,
    Value,
    forbidden,
    plain_value,
)
from guidewright.rules.yaml_faults import LastText, explained
from guidewright.rules.yaml_slips import (
    cut_off,
    folded_number,
    interval_in_list,
    marks_of,
    missing_value,
    pair_in_list,
    place_of,
    tag,
)

MAX_ALIASES = 100
MAX_EXPANDED = 10_000

_Start = yaml.MappingStartEvent | yaml.SequenceStartEvent
_End = yaml.MappingEndEvent | yaml.SequenceEndEvent

# The parser in C is eight times as fast; where PyYAML came without it, the one in Python does.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HEAD = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)|%[^\r\n]*(?:\r\n|\r|\n|\Z))*")
_DIRECTIVE = re.compile(r"^%[^\r\n]*", re.MULTILINE)
_VERSION_1_2 = re.compile(r"%YAML[ \t]+1\.2[ \t]*(?:[ \t]#.*)?")


def read_yaml(text: str, file: str) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The one document of a YAML text; None where it cannot be read to its end.

    Refused are duplicate keys, tags, merge keys, directives but `%YAML 1.2`, a second document, control characters,
    keys that are no texts, unquoted text that a comment cuts off, and whatever is too deep or too much. Aliases work
    within bounds. All of it is reported together, up to the first fault of the syntax itself.
    """
    return _Reader(text.removeprefix("\ufeff"), file).read()


@dataclass(slots=True)
class _Unclosed:
    """A list or mapping whose end is yet to come."""

    event: _Start
    place: Place
    nodes_before: int
    height: int = 1
    items: list[Node] = field(default_factory=list)
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)
    keys: dict[str, Place] = field(default_factory=dict)
    key: Scalar | None = None  # None also for a key that was refused
    key_end: int = 0
    at_value: bool = False


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    size: int
    height: int


class _Reader:
    """One reading. The states of the parser's events are few, but many things count along the way."""

    def __init__(self, text: str, file: str) -> None:
        self.source = text
        self.file = file
        self.problems = Problems()
        self.root: Node | None = None
        self.stack: list[_Unclosed] = []
        self.nodes = 0
        self.aliases = 0
        self.expanded = 0
        self.anchored: dict[str, _Anchored | None] = {}  # None while the anchored node is unclosed
        self.unused: dict[str, Place] = {}
        self.last: tuple[yaml.Event, yaml.Event, str] | None = None  # what a LastText is made of

    def read(self) -> tuple[Node | None, tuple[Diagnostic, ...]]:
        try:
            self._check_characters()
            self._check_directives()
            self._documents()
            for name, place in self.unused.items():
                self.problems.add(_unused(name, place))
        except ReadingStopped:
            self.root = None
        except yaml.YAMLError as fault:
            self.root = None
            last = None
            if self.last is not None:
                first_event, last_event, style = self.last
                last = LastText(marks_of(first_event)[0], marks_of(last_event)[1], style)
            flow = [marks_of(unclosed.event)[0] for unclosed in self.stack if unclosed.event.flow_style]
            opening = flow[-1] if flow else None
            self.problems.found.append(explained(fault, self.source, self.file, last, opening))
        return self.root, tuple(self.problems.found)

    def _check_characters(self) -> None:
        if FORBIDDEN_IN_SOURCE.search(self.source) is None:
            return
        lines = Lines(self.source, self.file)
        for match in FORBIDDEN_IN_SOURCE.finditer(self.source):
            self.problems.add(forbidden(match[0], lines.place(*match.span())))
        # The parser would stop at these, or count some of them as line breaks.
        self.source = FORBIDDEN_IN_SOURCE.sub(" ", self.source)

    def _check_directives(self) -> None:
        if "%" not in self.source:
            return
        head = _HEAD.match(self.source)
        if head is None or "%" not in head[0]:
            return
        lines = Lines(head[0], self.file)
        for match in _DIRECTIVE.finditer(head[0]):
            if _VERSION_1_2.fullmatch(match[0]) is None:
                place = lines.place(*match.span())
                self.problems.add(error("GW024", f"directive {quoted(match[0])}", place, "remove this line"))
        blank = _DIRECTIVE.sub(lambda match: " " * len(match[0]), head[0])
        self.source = blank + self.source[head.end() :]

    def _documents(self) -> None:
        documents = 0
        for event in yaml.parse(self.source, Loader=_LOADER):
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._open(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._close(event)
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.DocumentStartEvent() if documents:
                    place = place_of(event, self.file)
                    self.problems.add(error("GW025", "a second document begins here", place, "use a file for each"))
                    return
                case yaml.DocumentStartEvent():
                    documents += 1
                case _:
                    pass
        match self.root:
            case None | Scalar(None, text="", quoted=False):
                self.problems.stop(error("GW006", "the file is empty", Place.of_file(self.file)))
            case _:
                pass

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        place = place_of(event, self.file)
        text: str = event.value
        value: Value = text
        plain = not event.style and event.tag is None
        if plain:
            try:
                value = plain_value(text)
            except NumberTooLong:
                help = "put it in quotes if it is a text"
                self.problems.add(error("GW042", f"number {quoted(text)} is too long", place, help))
        scalar = Scalar(value, text, not plain, place)
        if plain:
            if slip := cut_off(event, scalar, self.source):
                self.problems.add(slip)
        elif event.tag is not None:
            self._note(tag(event, self.source, place))
        elif event.style == '"':
            if found := FORBIDDEN_IN_TEXT.search(text):
                self.problems.add(forbidden(found[0], place, " in a quoted text"))
        elif event.style == ">":
            self._note(folded_number(event, self.source, place))
        if event.anchor is not None:
            self._anchor(event.anchor, place)
            self.anchored[event.anchor] = _Anchored(scalar, 1, 0)
        self._put(scalar, event)
        self.last = (event, event, event.style or "")

    def _open(self, event: _Start) -> None:
        place = place_of(event, self.file)
        if len(self.stack) >= MAX_DEPTH:
            self.problems.stop(_too_deep(place))
        if event.tag is not None:
            self._note(tag(event, self.source, place))
        if event.anchor is not None:
            self._anchor(event.anchor, place)
        if isinstance(event, yaml.MappingStartEvent):
            self._note(pair_in_list(event, self.source, place))
        self.stack.append(_Unclosed(event, place, self.nodes))

    def _close(self, event: _End) -> None:
        done = self.stack.pop()
        node: Node
        if isinstance(done.event, yaml.MappingStartEvent):
            node = Mapping(tuple(done.entries), self._span(done, event))
        else:
            node = Sequence(tuple(done.items), self._span(done, event))
            if done.event.flow_style:
                self._note(interval_in_list(node))
        if done.event.flow_style:
            self.last = (done.event, event, "}" if isinstance(node, Mapping) else "]")
        self._put(node, event, height=done.height)
        if done.event.anchor is not None:
            self.anchored[done.event.anchor] = _Anchored(node, self.nodes - done.nodes_before, done.height)

    def _span(self, done: _Unclosed, end: _End) -> Place:
        start = done.place
        if done.event.flow_style:
            last = place_of(end, self.file)
        elif done.entries or done.items:
            # The parser ends a block where the next thing begins.
            last = done.entries[-1][1].place if done.entries else done.items[-1].place
        else:
            last = start
        # An alias leads back to where its node is written.
        stop = max((start.line, start.column), (last.end_line, last.end_column))
        return Place(self.file, start.line, start.column, *stop)

    def _alias(self, event: yaml.AliasEvent) -> None:
        place = place_of(event, self.file)
        name = str(event.anchor)
        self.unused.pop(name, None)
        anchored = self.anchored.get(name)
        self.aliases += 1
        if anchored is None:
            why = "stands within its own anchor" if name in self.anchored else "has no anchor before it"
            help = "put a text that begins with `*` in quotes"
            self.problems.add(error("GW026", f"alias {quoted('*' + name)} {why}", place, help))
            self._put(Scalar(None, "", True, place), event)
            return
        self.expanded += anchored.size
        if self.aliases > MAX_ALIASES or self.expanded > MAX_EXPANDED:
            limit = f"at most {MAX_ALIASES} aliases and {MAX_EXPANDED:,} values through them are read"
            self.problems.stop(error("GW027", limit, place, "write the values out"))
        if len(self.stack) + anchored.height > MAX_DEPTH:
            self.problems.stop(_too_deep(place))
        self._put(anchored.node, event, anchored.size, anchored.height)

    def _anchor(self, name: str, place: Place) -> None:
        if name in self.unused:
            self.problems.add(_unused(name, self.unused[name]))
        self.anchored[name] = None
        self.unused[name] = place

    def _put(self, node: Node, event: yaml.Event, size: int = 1, height: int = 0) -> None:
        """Hands a finished node to what contains it."""
        self.nodes += size
        if self.nodes > MAX_NODES:
            self.problems.stop(error("GW041", f"more than {MAX_NODES:,} values and keys", node.place))
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if parent.height <= height:
            parent.height = height + 1
        if isinstance(parent.event, yaml.SequenceStartEvent):
            parent.items.append(node)
        elif not parent.at_value:
            parent.key = self._key(node, parent)
            parent.key_end = marks_of(event)[1].index
            parent.at_value = True
        else:
            parent.at_value = False
            if parent.key is not None:
                if parent.event.flow_style and isinstance(event, yaml.ScalarEvent):
                    self._note(missing_value(event, parent.key, parent.key_end, self.source))
                parent.entries.append((parent.key, node))

    def _key(self, node: Node, parent: _Unclosed) -> Scalar | None:
        if not isinstance(node, Scalar):
            kind = "mapping" if isinstance(node, Mapping) else "list"
            help = "put a text that begins with a brace or a bracket in quotes"
            self.problems.add(error("GW021", f"a {kind} stands where a key should", node.place, help))
            return None
        if not node.text and not node.quoted:
            self.problems.add(error("GW021", "the key before the colon is missing", node.place))
            return None
        if node.text == "<<" and not node.quoted:
            self.problems.add(error("GW022", "merge key `<<`", node.place, "write the entries out"))
            return None
        if (first := parent.keys.setdefault(node.text, node.place)) is not node.place:
            message = f"key {quoted(node.text)} occurs twice"
            self.problems.add(error("GW020", message, node.place, related=(("first here", first),)))
            return None
        return node

    def _note(self, slip: Diagnostic | None) -> None:
        if slip is not None:
            self.problems.add(slip)


def _too_deep(place: Place) -> Diagnostic:
    return error("GW040", f"nested more than {MAX_DEPTH} levels deep", place)


def _unused(name: str, place: Place) -> Diagnostic:
    help = "put a text that begins with `&` in quotes"
    return error("GW028", f"{quoted('&' + name)} is read as an anchor, which nothing uses", place, help)
