"""Explain a pasted signature by a rule of the settings, or by a key that is shown. Read-only: nothing is marked as
received, nobody is asked, nothing that was pasted is kept; the leaf has a keyed digest of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.diagnostics.pasted import Pasted, read_message
from gateway.domain import Context, local_day
from gateway.exchange.lines import LOGIN
from gateway.exchange.safeguards import Layer
from gateway.exchange.system import System
from gateway.sdk import TrustError
from gateway.sdk.errors import NotFoundError, UnprocessableError
from gateway.signing.explaining import Asked, Explanation, Holds, explain
from gateway.signing.model import Digester
from gateway.signing.protection import Message
from gateway.signing.shown import Shown, guessed, held_against

INBOUND, REPLY = "inbound", "reply"
_LINE_ENDS = {"line_ends_lf", "line_ends_crlf", "last_line_end"}
"""Pitfalls that a browser makes by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A rule that a message can be held against. `direction`: a call that they make, or their reply to ours.
    `operation`: of calls of theirs the path; empty: whatever no rule names."""

    system: str
    direction: str
    operation: str
    schemes: str

    @property
    def key(self) -> str:
        return f"{self.system}|{self.direction}|{self.operation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of one layer, the outermost first."""

    scheme: str
    explanation: Explanation


class Signatures:
    """Giải thích chữ ký."""

    def __init__(
        self,
        systems: Mapping[str, System],
        *,
        recorder: Recorder,
        digester: Digester,
        clock: Callable[[], datetime],
    ) -> None:
        self._systems = systems
        self._recorder = recorder
        self._digester = digester
        self._clock = clock

    def choices(self) -> list[Choice]:
        """Every rule that is in force today, once for each operation that it is for."""
        return [choice for name, system in self._systems.items() for choice in self._of(name, system)]

    async def explain(
        self, pasted: Pasted, *, choice: str, asked: Pasted | None, key: str, context: Context
    ) -> Sequence[Told]:
        """`choice`: the key of one; empty: none, and `key` (PEM) alone is believed. `asked`: the request that a reply
        is to. `NotFoundError`: no such rule. `UnprocessableError`: nothing in it looks like a signature."""
        message = read_message(pasted, is_reply=f"|{REPLY}|" in choice)
        answers = read_message(asked) if asked and asked.text.strip() else None
        layers = self._layers(choice) if choice else [_guessed(message, key)]
        told = [_softened(one, pasted) for one in self._explained(layers, message, answers)]
        await self._record(pasted, choice, told, context=context)
        return told

    def _explained(self, layers: Sequence[Layer], message: Message, answers: Message | None) -> Iterator[Told]:
        """From the outside in, as far as it holds."""
        for layer in reversed(layers):
            asked = Asked(
                rule=layer.rule, protection=layer.protection, message=message, at=self._clock(), answers=answers
            )
            explanation = _with_an_address(explain(asked), message)
            yield Told(scheme=layer.rule.scheme, explanation=explanation)
            if explanation.holds is not Holds.YES:
                return
            try:
                message = layer.protection.reveal(message)
            except TrustError:
                return

    def _of(self, name: str, system: System) -> Iterator[Choice]:
        today, guards = local_day(self._clock()), system.safeguards
        named = {operation for layer in guards.layers for operation in layer.rule.operations}
        for operation in ("", *sorted(named)):
            inbound = guards.inbound(operation, on=today) if operation != LOGIN else None
            if inbound:
                yield Choice(system=name, direction=INBOUND, operation=operation, schemes=inbound.schemes)
            outbound = guards.outbound(operation, on=today)
            if outbound and outbound.schemes_of_replies:
                yield Choice(system=name, direction=REPLY, operation=operation, schemes=outbound.schemes_of_replies)

    def _layers(self, choice: str) -> Sequence[Layer]:
        name, _, rest = choice.partition("|")
        direction, _, operation = rest.partition("|")
        system = self._systems.get(name)
        if system is None or choice not in {one.key for one in self._of(name, system)}:
            raise NotFoundError("There is no such rule of protection.", vi="Không có quy tắc bảo vệ này.")
        today = local_day(self._clock())
        if direction == INBOUND:
            guard = system.safeguards.inbound(operation, on=today)
            return guard.layers if guard else ()
        guard = system.safeguards.outbound(operation, on=today)
        return guard.layers_of_replies if guard else ()

    async def _record(self, pasted: Pasted, choice: str, told: Sequence[Told], *, context: Context) -> None:
        digest = self._digester.digest(pasted.text.encode("utf-8", "replace"), purpose="explained-signature")
        entry = Act(
            operation="explain_signature",
            system=choice.partition("|")[0],
            facts={
                "digest": digest.hex(),
                "schemes": "+".join(one.scheme for one in told),
                "holds": told[-1].explanation.holds.value if told else "",
            },
        ).entry(context, at=self._clock())
        await self._recorder.record(entry)


def _guessed(message: Message, key: str) -> Layer:
    rule, shown = guessed(message), Shown(key)
    if rule is None:
        raise UnprocessableError(
            "Nothing in this looks like a signature: no XML signature, JWS, Signature-Input or HMAC header.",
            vi="Không thấy chữ ký nào: không có chữ ký XML, JWS, Signature-Input hay tiêu đề HMAC.",
            what="no_signature",
        )
    return Layer(rule=rule, protection=held_against(rule, shown), trust=shown)


def _with_an_address(explanation: Explanation, message: Message) -> Explanation:
    """Of a request that was pasted without its address nobody can tell whether it was meant for there."""
    if message.status or message.url or explanation.code != "security.unbound":
        return explanation
    why = (
        "Chưa kết luận được: chữ ký gắn với địa chỉ được gọi, mà địa chỉ đó chưa được dán.",
        "It cannot be told: the signature is bound to the address that was called, which was not pasted.",
    )
    to_do = ("Điền ô “Địa chỉ được gọi” rồi thử lại.", "Fill in the address that was called, and try again.")
    return replace(explanation, holds=Holds.UNKNOWN, why=why, to_do=to_do)


def _softened(told: Told, pasted: Pasted) -> Told:
    """Of pasted text nobody knows how its lines ended: that is unclear, and not the sender's fault."""
    if pasted.is_base64 or told.explanation.pitfall not in _LINE_ENDS:
        return told
    return replace(told, explanation=replace(told.explanation, holds=Holds.UNKNOWN))
