"""Messages that we sign look alike, too: the same envelope each time, and in its Body elements of one namespace, as
`SoapContract` writes them. What is around those is made canonical once, and they are canonical as they stand: no tree
is built. Whatever looks different in the least is signed by its nodes (`envelope`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.signing.xml.envelope import Frame, around, frame_of
from gateway.signing.xml.names import DS, SOAP_11, SOAP_12, WSSE, WSSE11, WSU

_BODY = b":Body>"
_NAME = rb"[A-Za-z_][A-Za-z0-9_.-]*"
_INSIDE = re.compile(
    rb'<(%b):%b xmlns:\1="([^"&<>\x00-\x20]+)">(?:</?\1:%b>|[^<>&\x00-\x08\x0b-\x1f]++|&(?:amp|lt|gt);)*+'
    % (_NAME, _NAME, _NAME)
)
"""Its own exclusive canonical form, if it is XML at all: one declaration, where it is used first, no other attributes,
no empty tags, and in texts only what is written so."""
_TAKEN = frozenset(space.encode() for space in (SOAP_11, SOAP_12, WSSE, WSSE11, WSU, DS))
"""Namespaces of what must not stand in a Body, or not unseen."""


@dataclass(frozen=True, slots=True)
class Outline:
    """`start`: the Body's start tag, canonical, in two pieces around its Id; `end`: its end tag; `tail`: that and all
    behind it, as it travels."""

    frame: Frame
    start: tuple[bytes, bytes]
    tail: bytes
    end: bytes

    def form(self, content: bytes, *, at: int, name: str) -> bytes | None:
        """The canonical Body, with that Id. `at`: where that of `content` begins. None: it is not told so easily."""
        inside = content[at : -len(self.tail)]
        found = _INSIDE.fullmatch(inside) if content.endswith(self.tail) else None
        if found is None or found[1] in (b"wsu", self.frame.prefix) or found[2] in _TAKEN:
            return None
        return b"".join((self.start[0], name.encode(), self.start[1], inside, self.end))

    def filled(self, header: bytes, body: bytes) -> bytes:
        return around(self.frame, header, body)


def body_at(content: bytes) -> int:
    """Where the first Body of `content` begins, if its start tag says nothing more."""
    return content.find(_BODY) + len(_BODY)


def outline_of(content: bytes, namespace: str, *, name: str, form: bytes) -> Outline | None:
    """Of a message with an empty header. `form`: its Body, canonical, with the Id `name`. None: it has another look."""
    frame, at = frame_of(content, namespace), body_at(content)
    before, mark, _ = form[: form.index(b">") + 1].partition(b'wsu:Id="%b"' % name.encode())
    end = form[form.rindex(b"</") :]
    tail = content[content.rfind(end) :]
    if frame is None or not mark:
        return None
    made = Outline(frame, (before + b'wsu:Id="', b'">'), tail, end)
    return made if made.form(content, at=at, name=name) == form else None
