"""Messages of one partner look alike: all of the header but Ids, times, digests and values is the same each time. So
the bytes of a message that was proven become a shape, and the next one that fits it is proven from its bytes alone.

What is taken to have been signed is built from the shape and the message's own values, and hashed: SignedInfo by the
value, each part by its digest in there. If that holds, those bytes are what the partner signed, whatever else anybody
thinks of the message; and the Body that is read is those very bytes. If it does not hold, or anything stands inside the
Body that the reading of nodes looks for elsewhere, the message is read node by node (`envelope`, `reading`, `proof`),
which decides. Whether the Body is sound XML is for whoever reads it: only the holder of the key can have written it.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gateway.sdk.charset import decoded
from gateway.sdk.errors import ProtocolViolation, TrustError
from gateway.sdk.soap import LARGEST_XML, check_harmless
from gateway.signing.xml.envelope import Frame, Secured, frame_of
from gateway.signing.xml.names import ds, wsu
from gateway.signing.xml.proof import DIGESTS, check_value
from gateway.signing.xml.tokens import Brought
from gateway.signing.xml.tree import Element, indexed, is_bare, is_too_deep, octets64, parsed

MOST = 4
"""Shapes of one rule: a partner has few machines that write, and two certificates while it changes them."""
LONGEST_WAIT = 1_024
"""Messages without a shape between two attempts to make one, which cost as much as a few messages."""
_FEW_LEVELS = 50
"""Elements that can be nested in each other without being too deep."""
_HIDDEN = (
    b"Envelope", b"Header", b"Body", b"Security", b"Timestamp", b"SignatureConfirmation", b'Id="', b'ID="', b':id="'
)  # fmt: skip
"""What stands once in a message, or is looked for in all of it. Canonical bytes have no other way to write it."""
_MOMENTS = {wsu("Created"): "created", wsu("Expires"): "expires"}
_FIRST = re.compile(rb"[ \t\n]*<([A-Za-z_][A-Za-z0-9_.-]*):[A-Za-z_][A-Za-z0-9_.-]*(?=[ >])(?![^>]*xmlns)")
"""The beginning of the Body's first element, if it declares nothing."""
_EMPTY = re.compile(rb"<([A-Za-z_][A-Za-z0-9_.:-]*) ?/>")
_MOMENT, _ID = rb"[0-9TZ:.+-]{1,40}", rb"[A-Za-z0-9_.-]{1,200}"
_BASE64 = rb"[A-Za-z0-9+/\n]{1,2000}={0,2}\n?"
"""Some break it into lines."""


class Filling(NamedTuple):
    """Bytes with holes, and what goes into them."""

    around: bytes
    names: tuple[str, ...]

    def of(self, found: re.Match[bytes]) -> bytes:
        return self.around % found.group(*self.names)


class Part(NamedTuple):
    """Something signed: its canonical form (of the Body only its start tag), and the name of its digest."""

    form: Filling
    hashed: Callable[[bytes], Any]
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`head`: all up to the Body's start tag, `tail`: all from its end tag on, as they travel; `end`: that tag. `ids`:
    the names of all Ids. `inherited`: prefixes that are declared by the Body's start tag or before, and that its
    canonical form does not declare there, with their namespaces."""

    head: re.Pattern[bytes]
    tail: bytes
    ids: tuple[str, ...]
    info: Filling
    parts: tuple[Part, ...]
    body: Part
    end: bytes
    inherited: Mapping[bytes, bytes]
    frame: Frame
    brought: Brought
    key: object
    method: str

    def told(self, content: bytes) -> Told | None:
        """None: the message has another shape. `ProtocolViolation`, `TrustError`: what it holds is unsound."""
        found = self.head.match(content)
        if found is None or not content.endswith(self.tail):
            return None
        ids, inside = found.group(*self.ids), content[found.end() : -len(self.tail)]
        # A list is made in half the time of a generator.
        if len(set(ids)) != len(ids) or not is_bare(inside) or [word for word in _HIDDEN if word in inside]:
            return None
        decoded(inside)
        if b"/>" in inside:
            inside = _EMPTY.sub(rb"<\1></\1>", inside)
        first = _FIRST.match(inside)
        if first and first[1] in self.inherited:  # it is declared where it is used first
            inside = b'%b xmlns:%b="%b"%b' % (first[0], first[1], self.inherited[first[1]], inside[first.end() :])
        body = self.body.form.of(found) + inside + self.end
        told = Told(self, found, body)
        return None if inside.count(b"</") > _FEW_LEVELS and is_too_deep(parsed(told.revealed())) else told


class Told(NamedTuple):
    """One message by its shape. Nothing is proven before `holds`. `body`: in its canonical form, if it has that one."""

    shape: Shape
    found: re.Match[bytes]
    body: bytes

    @property
    def info(self) -> bytes:
        return self.shape.info.of(self.found)

    def text(self, name: str) -> str | None:
        """`created`, `expires` or `confirms`; None: there is none."""
        return self.found[name].decode() if name in self.shape.head.groupindex else None

    def holds(self) -> bool:
        """Whether every digest is right; then `TrustError` unless the signature is, too."""
        found = self.found
        forms = [(part, part.form.of(found)) for part in self.shape.parts]
        for part, form in (*forms, (self.shape.body, self.body)):
            if not hmac.compare_digest(base64.b64encode(part.hashed(form).digest()), _plain(found[part.said])):
                return False
        value = octets64(_plain(found["value"]).decode())
        check_value(value, self.info, key=self.shape.key, method=self.shape.method)
        return True

    def revealed(self) -> bytes:
        return self.shape.frame.around(b"", self.body)


class Proven(NamedTuple):
    """A message that was proven node by node. `forms`: what was hashed, reference by reference."""

    content: bytes
    secured: Secured
    brought: Brought
    forms: Sequence[tuple[Element, bytes]]

    @property
    def body(self) -> int:
        """The number of the reference to the Body."""
        return next(at for at, (element, _) in enumerate(self.forms) if element is self.secured.envelope.body)


class Shapes:
    """Those of one rule, the last one used first."""

    def __init__(self) -> None:
        self._kept: list[Shape] = []
        self._missed, self._wait = 0, 1

    def told(self, content: bytes) -> Told | None:
        """None: no shape fits, or there is something in the message that only nodes tell."""
        if not self._kept or len(content) > LARGEST_XML:
            return None
        try:
            check_harmless(content)
            for shape in self._kept:
                told = shape.told(content)
                if told is not None:
                    if shape is not self._kept[0]:
                        self._kept = [shape, *(other for other in self._kept if other is not shape)]
                    return told
        except (ProtocolViolation, TrustError):
            return None  # it is said when the message is read node by node
        return None

    def learn(self, proven: Proven) -> None:
        """Ever less often: whoever replays one message may give it another look each time."""
        self._missed += 1
        if self._missed < self._wait:
            return
        self._missed, self._wait = 0, min(2 * self._wait, LONGEST_WAIT)
        made = _shape(proven)
        if made is not None:
            self._kept = [made, *self._kept[: MOST - 1]]


def _shape(proven: Proven) -> Shape | None:
    """None: it does not write, byte for byte, what was hashed, or would read what was not."""
    envelope, signature = proven.secured.envelope, proven.secured.signature
    frame = frame_of(proven.content, envelope.namespace)
    values = _values(proven.secured)
    if frame is None or values is None or len(envelope.header) != 1 or signature.form.prefixes:
        return None
    cut = _cut(proven.content, b"%b:Body" % frame.prefix)
    place = re.compile(b"(?<=[>\"'#])(%b)(?=[<\"'])" % b"|".join(map(re.escape, sorted(values, key=len, reverse=True))))
    head = _pattern(place.split(cut[0]), values) if cut else None
    if cut is None or head is None:
        return None
    parts = [
        Part(_filling(place.split(form), values), DIGESTS[reference.digest], f"digest{number}")
        for number, (reference, (_, form)) in enumerate(zip(signature.references, proven.forms, strict=True))
    ]
    at = proven.body
    whole = proven.forms[at][1]
    start = _filling(place.split(whole[: whole.index(b">") + 1]), values)
    made = Shape(
        head=head,
        tail=cut[1],
        ids=tuple(name for name in values.values() if name.startswith("id")),
        info=_filling(place.split(signature.plain), values),
        parts=tuple(part for number, part in enumerate(parts) if number != at),
        body=parts[at]._replace(form=start),
        end=whole[whole.rindex(b"</") :],
        inherited=_inherited(envelope.body, start.around),
        frame=frame,
        brought=proven.brought,
        key=proven.brought.certificate.public_key(),
        method=signature.method,
    )
    return made if _reads_what_is_hashed(made) and _writes(made, proven) else None


def _reads_what_is_hashed(made: Shape) -> bool:
    """Whether each hole that is read also stands in what is hashed. Else a copy of a digest in some attribute that
    nobody signed could be compared instead, and the rest of the message would say what its bearer likes."""
    hashed = {name for part in (*made.parts, made.body) for name in part.form.names}
    moments = {*_MOMENTS.values(), "confirms"} & made.head.groupindex.keys()
    digests = {part.said for part in (*made.parts, made.body)}
    return digests <= set(made.info.names) and moments <= hashed


def _inherited(body: Element, start: bytes) -> Mapping[bytes, bytes]:
    named = {prefix.encode(): space.encode() for prefix, space in body.nsmap.items() if prefix}
    return {prefix: space for prefix, space in named.items() if b" xmlns:%b=" % prefix not in start}


def _writes(made: Shape, proven: Proven) -> bool:
    """Whether the shape gives of the message that it is from what was hashed of it."""
    told = made.told(proven.content)
    if told is None:
        return False
    written = [part.form.of(told.found) for part in made.parts]
    written.insert(proven.body, told.body)
    return told.info == proven.secured.signature.plain and written == [form for _, form in proven.forms]


def _values(secured: Secured) -> Mapping[bytes, str] | None:
    """What is another one in each message, with the name of its hole; None: one of them is not written plainly."""
    signature, stamp = secured.signature, secured.timestamp
    ids = indexed(secured.envelope.root)
    confirmation = secured.confirmation()
    named = {f"id{number}": one for number, one in enumerate(ids)}
    references = signature.info.findall(ds("Reference"))  # as they write it: only that is found again
    named |= {f"digest{number}": one[-1].text or "" for number, one in enumerate(references)}
    named |= {"value": signature.element[1].text or ""}
    named |= {_MOMENTS.get(str(part.tag), "_"): part.text or "" for part in stamp}
    if confirmation is not None:
        named["confirms"] = confirmation.get("Value", "")
    if "_" in named or not all(re.fullmatch(_kind(name), one.encode()) for name, one in named.items()):
        return None
    values = {one.encode(): name for name, one in named.items()}
    return values if len(values) == len(named) else None


def _plain(base64_text: bytes) -> bytes:
    return base64_text.replace(b"\n", b"")


def _kind(name: str) -> bytes:
    return _MOMENT if name in ("created", "expires") else _ID if name.startswith("id") else _BASE64


def _cut(content: bytes, body: bytes) -> tuple[bytes, bytes] | None:
    """What stands before and after what the Body holds."""
    found = re.search(rb"<%b(?:[ \t\r\n][^<>]*)?(?<!/)>" % re.escape(body), content)
    end = content.rfind(b"</" + body)
    return (content[: found.end()], content[end:]) if found and found.end() <= end else None


def _pattern(pieces: Sequence[bytes], values: Mapping[bytes, str]) -> re.Pattern[bytes] | None:
    """Of bytes that were cut at their holes. None: a value is not among them."""
    written: list[bytes] = []
    seen: set[str] = set()
    for number, piece in enumerate(pieces):
        name = values[piece] if number % 2 else ""
        if not name:
            written.append(re.escape(piece))
        elif name in seen:
            written.append(b"(?P=%b)" % name.encode())
        else:
            seen.add(name)
            written.append(b"(?P<%b>%b)" % (name.encode(), _kind(name)))
    return re.compile(b"".join(written)) if seen == set(values.values()) else None


def _filling(pieces: Sequence[bytes], values: Mapping[bytes, str]) -> Filling:
    around = [b"%b" if number % 2 else piece.replace(b"%", b"%%") for number, piece in enumerate(pieces)]
    return Filling(b"".join(around), tuple(values[piece] for piece in pieces[1::2]))
