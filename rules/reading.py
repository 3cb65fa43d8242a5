"""Reading files, YAML, JSON and Python values into one tree of nodes with places.

Whatever is wrong is reported as diagnostics, as many as can be found in one run. A tree may come with errors, so that
what is wrong beyond them can be told in the same run; it must not be used for anything else. Nothing here raises for
what a file holds, and nothing that it holds makes the reading slow.
"""

import codecs
import os
import stat

from guidewright.rules.diagnostics import Diagnostic, Place, error
from guidewright.rules.display import quoted
from guidewright.rules.json_reading import read_json
from guidewright.rules.nodes import Mapping, Node, Scalar, Sequence, Value
from guidewright.rules.python_reading import from_python
from guidewright.rules.yaml_reading import read_yaml

__all__ = [
    "SIZE_LIMIT",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Value",
    "from_python",
    "read_file",
    "read_json",
    "read_yaml",
]

SIZE_LIMIT = 2 * 1024 * 1024
"""Bytes a guideline or a patient file may have."""

# Opening a pipe must not wait for a writer; Windows must not translate line ends.
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def read_file(path: str | os.PathLike[str], size_limit: int = SIZE_LIMIT) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The text of an ordinary UTF-8 file of at most `size_limit` bytes, without a byte order mark.

    Line ends are kept as they are. A missing file, a folder, a pipe or device, a file that is too large (told by its
    size before it is read), that may not be read or is not text: None and an error with the place, where there is one.
    """
    name = os.fspath(path)
    whole = Place.of_file(name)
    try:
        if refusal := _refused(os.stat(name), size_limit, whole):
            return None, (refusal,)
        descriptor = os.open(name, _OPEN)
        with open(descriptor, "rb") as stream:
            # The path may name something else by now.
            if refusal := _refused(os.fstat(descriptor), size_limit, whole):
                return None, (refusal,)
            data = stream.read(size_limit + 1)
    except (OSError, ValueError) as fault:
        return None, (_unopened(fault, whole),)
    if len(data) > size_limit:
        return None, (_too_large(None, size_limit, whole),)
    return _decoded(data, name)


def _refused(status: os.stat_result, size_limit: int, whole: Place) -> Diagnostic | None:
    if stat.S_ISDIR(status.st_mode):
        return error("GW002", f"{quoted(whole.file, 200)} is a folder, not a file", whole)
    if not stat.S_ISREG(status.st_mode):
        return error(
            "GW002", f"{quoted(whole.file, 200)} is not an ordinary file", whole, "pipes and devices are not read"
        )
    return _too_large(status.st_size, size_limit, whole) if status.st_size > size_limit else None


def _too_large(size: int | None, size_limit: int, whole: Place) -> Diagnostic:
    has = "more" if size is None else f"{size:,} bytes"
    return error("GW004", f"{quoted(whole.file, 200)} has {has}; at most {size_limit:,} bytes are read", whole)


def _unopened(fault: OSError | ValueError, whole: Place) -> Diagnostic:
    name = quoted(whole.file, 200)
    match fault:
        case FileNotFoundError():
            return error("GW001", f"no file {name}", whole)
        case PermissionError():
            return error("GW003", f"no permission to read {name}", whole)
        case OSError():
            return error("GW003", f"cannot read {name}: {(fault.strerror or 'unknown reason').lower()}", whole)
        case _:
            return error("GW003", f"{name} cannot be the name of a file", whole)


def _decoded(data: bytes, file: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, (error("GW005", "not UTF-8 but UTF-16", Place.of_file(file), "save the file as UTF-8"),)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as fault:
        return None, (_not_text(data, fault.start, file),)
    if "\0" in text:
        return None, (_not_text(data, data.index(b"\0"), file),)
    return text, ()


def _not_text(data: bytes, offset: int, file: str) -> Diagnostic:
    first = min(offset, data.find(b"\0")) if b"\0" in data else offset
    before = data[:first].decode().replace("\r\n", "\n").replace("\r", "\n")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    place = Place(file, line, column, line, column + 1)
    if data[first] == 0:
        return error("GW005", "a zero byte: this is not a text file", place)
    return error("GW005", f"byte 0x{data[first]:02X} is not UTF-8", place, "save the file as UTF-8")
