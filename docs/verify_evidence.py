"""Checks what Liên Thông hands out as evidence, with nothing of Liên Thông: Python's own library and `cryptography`.

    python3 verify_evidence.py FILE [--key KEY] [--known NOTE]

FILE is an evidence package (ZIP) or a copy of the log (JSON lines). KEY is the verifier key, NOTE a file with a signed
checkpoint of the log; both should have come on another way than FILE. Exit code 0: everything holds; 1: the sentence
says what does not. Read beside it: RFC 9162 (the tree), C2SP signed-note, tlog-checkpoint and tlog-cosignature.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

IMPRINT = bytes.fromhex("3031300d060960864801650304020105000420")  # ASN.1: a SHA-256 digest follows (RFC 3161, 2.4.1)


class Wrong(Exception):
    """What does not hold, in words."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text):
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError  # it has one spelling
    return raw


def text_of(note):
    """What a signature of the note covers."""
    return note[: note.rindex("\n\n") + 1]


def signed(note, verifier_key, kind=1):
    """Size and root of a checkpoint; `Wrong` unless that key signed it. A witness's signature is kind 4."""
    try:
        name, named, key = verifier_key.split("+", 2)
        text, tail = text_of(note), note[note.rindex("\n\n") + 2 :]
        raw, lines = unbase64(key), tail.removesuffix("\n").split("\n")
        key_id = sha256(name.encode(), b"\n", raw)[:4]
        found = [line.removeprefix("— ").split(" ", 1) for line in lines if line.startswith("— ")]
        blob, *_ = [blob for who, text_ in found for blob in [unbase64(text_)] if who == name and blob[:4] == key_id]
        time, signature = (blob[4:12], blob[12:]) if kind == 4 else (b"", blob[4:])
        said = f"cosignature/v1\ntime {int.from_bytes(time, 'big')}\n{text}" if kind == 4 else text
        Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature, said.encode())
        origin, size, root = text.split("\n")[:3]
        if raw[0] != kind or not tail.endswith("\n") or len(found) != len(lines) or (kind == 1 and origin != name):
            raise ValueError
        if named != key_id.hex():
            raise ValueError
        if str(int(size)) != size or len(unbase64(root)) != 32:
            raise ValueError
        return int(size), unbase64(root)
    except (ValueError, InvalidSignature) as exc:
        raise Wrong("the checkpoint is not signed by this key") from exc


def climb(leaf, index, size, proof):
    """The root that a proof leads to (RFC 9162, 2.1.3.2), or None."""
    node, last, result = index, size - 1, leaf
    for sibling in proof:
        if node % 2 or node == last:
            result = sha256(b"\x01", sibling, result)
            while node and not node % 2:
                node, last = node >> 1, last >> 1
        else:
            result = sha256(b"\x01", result, sibling)
        node, last = node >> 1, last >> 1
    return result if 0 <= index < size and last == 0 else None


def spoken_of(index):
    """The files of a package. What stands in it beside them is proven by nothing."""
    names = {"README.txt", "evidence.json", "checkpoint.txt", "stamped.txt", "stamp.der", "stamp-certificates.pem"}
    names |= {f"certificates/{number}.der" for number in range(1, min(index["certificates"], 9999) + 1)}
    for said in index["leaves"]:
        bodies = [f"bodies/{said['index']}/{name}" for name, state in said["bodies"].items() if state == "included"]
        names |= {f"leaves/{said['index']}.json", *bodies, *(f"{body}.salt" for body in bodies)}
    return names


def check_package(path, key):
    files = {}
    with zipfile.ZipFile(path) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        if len(files) != len(archive.infolist()):
            raise Wrong("a file stands twice")
    index, note = json.loads(files["evidence.json"]), files["checkpoint.txt"].decode()
    key = key or index["verifier_key"]
    size, root = signed(note, key)
    told = [f"{index['tenant']}: checkpoint of {size} rows"]
    if (key, size, "lienthong-evidence-1") != (index["verifier_key"], index["size"], index["format"]):
        raise Wrong("the package names another key or size")
    if key.partition("+")[0].rpartition("/")[2] != index["tenant"]:
        raise Wrong("the key is of another log")
    for said in index["leaves"]:
        number, leaf = said["index"], files[f"leaves/{said['index']}.json"]
        proof = [bytes.fromhex(node) for node in said["proof"]]
        read = json.loads(leaf)
        if type(number) is not int or read["index"] != number:
            raise Wrong(f"row {number} speaks of something else")
        if climb(sha256(b"\x00", leaf), number, size, proof) != root:
            raise Wrong(f"row {number} does not stand in this log")
        if said["bodies"].keys() != read["bodies"].keys() or read["tenant"] != index["tenant"]:
            raise Wrong(f"row {number} speaks of something else")
        for name, state in said["bodies"].items():
            body = f"bodies/{number}/{name}"
            if state not in ("included", "withheld", "erased"):
                raise Wrong(f"row {number}: nobody knows what became of {name}")
            if state == "included":
                salt = files[body + ".salt"]  # of one length: else a piece of the body could pass for a piece of it
                if len(salt) != 32 or sha256(salt, files[body]).hex() != read["bodies"][name]:
                    raise Wrong(f"row {number}: {name} is not what was recorded")
            told.append(f"row {number}, {name}: {state}")
    if strange := sorted(files.keys() - spoken_of(index)):
        raise Wrong(f"the package does not speak of {strange[0]}")
    for witness in index["witnesses"]:
        signed(note, witness, kind=4)
        told.append(f"seen by {witness}")
    if stamp := files.get("stamp.der"):
        stamped = files["stamped.txt"]
        signed(stamped.decode(), key)  # whole: a stamp of its beginning could be older than the rest
        same = text_of(stamped.decode()) == text_of(note)
        if not same or not note.encode().startswith(stamped) or IMPRINT + sha256(stamped) not in stamp:
            raise Wrong("the time stamp is for something else")
        told.append("stamped; check who did it: openssl ts -verify -data stamped.txt -in stamp.der -token_in -CAfile …")
    return told


def line_of(raw):
    """An object of texts and whole numbers, spelt in the one way."""
    said = json.loads(raw)
    if json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" != raw:
        raise ValueError
    if not isinstance(said, dict) or any(type(value) not in (int, str) for value in said.values()):
        raise ValueError
    return said


def root_of(peaks):
    result = peaks[-1][1] if peaks else sha256()
    for _, peak in reversed(peaks[:-1]):
        result = sha256(b"\x01", peak, result)
    return result


def check_copy(lines, key, known):
    """`known`: size and root of a checkpoint from elsewhere."""
    header, size, covered, notes, last, peaks = {}, 0, 0, 0, "", []
    for number, raw in enumerate(lines):
        try:
            said = line_of(raw)
            if number == 0:
                header, key = said, key or said["verifier_key"]
                same = said["verifier_key"] == key and said["tenant"] == key.partition("+")[0].rpartition("/")[2]
                if not same or list(said)[:3] != ["format", "tenant", "verifier_key"]:
                    raise ValueError
            elif list(said) == ["checkpoint", "note"]:
                stated, root = signed(said["note"], key)
                if stated == said["checkpoint"] > size:
                    raise Wrong(f"row {size}: it is missing")
                if (stated, root) != (size, root_of(peaks)) or not covered < size == said["checkpoint"]:
                    raise Wrong(f"rows {covered} to {size - 1} are not what was signed")
                covered, notes = size, notes + 1
            else:
                leaf = said["leaf"].encode()
                read, digest = json.loads(leaf), sha256(b"\x00", leaf)
                right = [size, size, digest.hex(), last, header["tenant"]]
                found = [read["index"], said["index"], said["leaf_hash"], read["previous"], read["tenant"]]
                if found != right or list(said) != ["index", "leaf", "leaf_hash"]:
                    raise ValueError
                size, last, node, height = size + 1, digest.hex(), digest, 0
                while peaks and peaks[-1][0] == height:
                    node, height = sha256(b"\x01", peaks.pop()[1], node), height + 1
                peaks.append((height, node))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
            raise Wrong(f"row {size}, line {number + 1}: altered, missing or out of place") from exc
        if known and known[0] == size and known[1] != root_of(peaks):
            raise Wrong(f"the first {size} rows are not those of the known checkpoint")
    counts = {"rows": size, "signed": covered, "checkpoints": notes}
    old = header.get("format") == "lienthong-audit-1" and counts.pop("checkpoints")
    right = old is not False or header.get("format") == "lienthong-audit-2"
    if not right or list(header.items())[3:] != list(counts.items()):
        raise Wrong(f"row {size}: it is missing, or the first line is wrong")
    if known and known[0] > size:
        raise Wrong(f"row {size}: it and what follows is missing, the known checkpoint had {known[0]} rows")
    return [f"{header['tenant']}: {size} rows, {covered} of them signed"]


def check(path, key="", known=""):
    """What holds, in sentences; `Wrong` says what does not."""
    try:
        with Path(path).open("rb") as file:
            if file.read(2) == b"PK":
                return check_package(path, key)
            file.seek(0)
            first = json.loads(file.readline() or b"{}")
            return check_copy(_again(file), key, signed(known, key or first["verifier_key"]) if known else None)
    except (KeyError, ValueError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as exc:
        raise Wrong(f"the file is damaged ({type(exc).__name__})") from exc


def _again(file):
    file.seek(0)
    return file


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--key", default="", help="verifier key, as `lienthong audit key` shows it")
    parser.add_argument("--known", default="", help="file with a signed checkpoint from elsewhere")
    options = parser.parse_args()
    try:
        known = Path(options.known).read_text(encoding="utf-8") if options.known else ""
        print("\n".join(check(options.file, options.key, known)))
    except Wrong as exc:
        sys.exit(f"WRONG: {exc}")
    print("OK" if options.key else "OK, as far as the key in the file is the right one: give --key")


if __name__ == "__main__":
    main()
