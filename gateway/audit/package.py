"""Gói chứng cứ: what proves some rows of the log, in one ZIP that anybody can check without us and without the log.

    README.txt               how to check it by hand, in two languages
    evidence.json            which rows, their proofs, whose keys; see `_index`
    checkpoint.txt           the signed note, with the cosignatures of witnesses
    leaves/<index>.json      the leaf, byte for byte as it was hashed
    bodies/<index>/<name>    what was exchanged, and <name>.salt: only when they were asked for and still exist
    certificates/<n>.der     that signed the messages, if they stand in them
    stamped.txt, stamp.der   the note as it was stamped, and the RFC 3161 token; stamp-certificates.pem

The same evidence always makes the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.audit import checkpoint
from gateway.audit.leaf import SALT_SIZE
from gateway.audit.package_readme import README
from gateway.audit.tree import HASH_SIZE
from gateway.sdk.errors import UnprocessableError

FORMAT = "lienthong-evidence-1"
INCLUDED, WITHHELD, ERASED = "included", "withheld", "erased"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
"""Of a body: it becomes the name of a file."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
LARGEST = 1 << 30
"""Bytes that a package may unfold to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One row with its proof. `states`: what became of each body that the leaf names; `salted`: salt and body of those
    that are included."""

    index: int
    leaf: bytes
    proof: tuple[bytes, ...]
    states: Mapping[str, str] = field(default_factory=dict)
    salted: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """All of one package. `witnesses`: verifier keys of those who cosigned."""

    tenant: str
    verifier_key: str
    note: str
    size: int
    exhibits: tuple[Exhibit, ...]
    witnesses: tuple[str, ...] = ()
    stamped: str = ""
    stamp: bytes = b""
    stamp_certificates: bytes = b""
    certificates: tuple[bytes, ...] = ()


class MalformedError(Exception):
    """It is not what `write` writes."""


def write(package: Package) -> bytes:
    """The ZIP."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in sorted(_files(package).items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content)
    return output.getvalue()


def read(raw: bytes, *, most: int = LARGEST) -> Package:
    """What `write` was given. `most`: bytes that it may unfold to. `UnprocessableError` when it is no package, or
    unfolds to more; `MalformedError`, which names the file, when anything in it is more, less or other than that."""
    files = _unzip(raw, most=most)
    try:
        package = _package(files)
    except (KeyError, ValueError, TypeError, AttributeError) as exc:
        raise MalformedError("evidence.json") from exc
    again = _files(package)
    for name in sorted({*files, *again}):
        if files.get(name) != again.get(name):
            raise MalformedError(name)
    return package


def _files(package: Package) -> dict[str, bytes]:
    files = {
        "README.txt": README.encode(),
        "evidence.json": _index(package),
        "checkpoint.txt": package.note.encode(),
    }
    for exhibit in package.exhibits:
        files[f"leaves/{exhibit.index}.json"] = exhibit.leaf
        for name, salted in exhibit.salted.items():
            files[f"bodies/{exhibit.index}/{name}"] = salted[SALT_SIZE:]
            files[f"bodies/{exhibit.index}/{name}.salt"] = salted[:SALT_SIZE]
    for number, certificate in enumerate(package.certificates, 1):
        files[f"certificates/{number}.der"] = certificate
    if package.stamp:
        files |= {"stamped.txt": package.stamped.encode(), "stamp.der": package.stamp}
    if package.stamp_certificates:
        files["stamp-certificates.pem"] = package.stamp_certificates
    return files


def _index(package: Package) -> bytes:
    document = {
        "format": FORMAT,
        "tenant": package.tenant,
        "verifier_key": package.verifier_key,
        "size": package.size,
        "witnesses": list(package.witnesses),
        "certificates": len(package.certificates),
        "leaves": [
            {
                "index": exhibit.index,
                "proof": [node.hex() for node in exhibit.proof],
                "bodies": dict(exhibit.states),
            }
            for exhibit in package.exhibits
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def _package(files: Mapping[str, bytes]) -> Package:
    document = orjson.loads(files["evidence.json"])
    if document["format"] != FORMAT:
        raise MalformedError("evidence.json")
    return Package(
        tenant=_text(document["tenant"]),
        verifier_key=_text(document["verifier_key"]),
        note=files["checkpoint.txt"].decode(),
        size=_number(document["size"]),
        exhibits=tuple(_exhibit(said, files) for said in document["leaves"]),
        witnesses=tuple(_text(key) for key in document["witnesses"]),
        stamped=files.get("stamped.txt", b"").decode(),
        stamp=files.get("stamp.der", b""),
        stamp_certificates=files.get("stamp-certificates.pem", b""),
        certificates=tuple(files[f"certificates/{n}.der"] for n in range(1, _number(document["certificates"]) + 1)),
    )


def _exhibit(said: Mapping[str, Any], files: Mapping[str, bytes]) -> Exhibit:
    index, states = _number(said["index"]), {_text(name): _text(state) for name, state in said["bodies"].items()}
    folder = f"bodies/{index}/"
    proof = tuple(bytes.fromhex(node) for node in said["proof"])
    salted = {
        name: files[f"{folder}{name}.salt"] + files[folder + name]
        for name, state in states.items()
        if state == INCLUDED
    }
    wrong = {*states.values()} - {INCLUDED, WITHHELD, ERASED} or any(len(node) != HASH_SIZE for node in proof)
    wrong = wrong or not all(_NAME.fullmatch(name) for name in states)
    if wrong or any(len(files[f"{folder}{name}.salt"]) != SALT_SIZE for name in salted):
        raise MalformedError("evidence.json")
    return Exhibit(index=index, leaf=files[f"leaves/{index}.json"], proof=proof, states=states, salted=salted)


def _unzip(raw: bytes, *, most: int) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > most or len({*archive.namelist()}) != len(entries):
                raise _no_package()
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as exc:
        raise _no_package() from exc


def named(tenant: str, public_key: bytes) -> str:
    """The verifier key of a tenant's log."""
    return checkpoint.verifier_key(checkpoint.origin(tenant), public_key)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise MalformedError("evidence.json")
    return value


def _number(value: object) -> int:
    if type(value) is not int:
        raise MalformedError("evidence.json")
    return value


def _no_package() -> UnprocessableError:
    return UnprocessableError("The file is no evidence package.", vi="Tệp không phải gói chứng cứ.", what="no_package")
