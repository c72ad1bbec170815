"""What each scheme can be told (`[[protection.<system>]] options`): names of fields that a partner's contract gives and
how much a message must say of itself. Options that leave something unproven begin with `unsafe_`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.sdk.errors import ConfigurationError
from gateway.signing.algorithms import Algorithm
from gateway.signing.settings import ProtectionSettings

HeaderName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Parameter = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9._#/:-]{0,63}$")]
Target = Literal["uri", "path"]
"""What of the address is signed: all of it, or path and query, where platforms in between call another host."""
_OF_JOSE = {"alg", "b64", "crit", "cty", "jku", "jwk", "kid", "typ", "x5c", "x5t", "x5t#S256", "x5u"}
_OF_RFC9421 = {Algorithm.RS256, Algorithm.ES256, Algorithm.ES384, Algorithm.EDDSA}
_ASYMMETRIC = frozenset(set(Algorithm) - {Algorithm.HS256})


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Asymmetric(_Options):
    algorithm: Algorithm | None = Field(default=None, description="That we sign with; none: the key's best.")
    accepted: frozenset[Algorithm] = Field(default=_ASYMMETRIC, description="That they may sign with.")
    default_kid: str = Field(default="", description="The partner's key, where their messages name none.")
    unsafe_no_nonce: bool = Field(
        default=False, description="Their requests hold no nonce; the signed bytes mark them."
    )

    @model_validator(mode="after")
    def _no_secret(self) -> _Asymmetric:
        if self.algorithm is Algorithm.HS256 or not self.accepted or Algorithm.HS256 in self.accepted:
            _not("accepted: signatures of key pairs only; for shared secrets there is the scheme hmac")
        return self


class JwsOptions(_Asymmetric):
    """RFC 7515, RFC 7797. A message without a body carries its signature in the header, whatever the form."""

    form: Literal["detached", "compact", "flattened"] = "detached"
    header: HeaderName = Field(default="x-jws-signature", description="Where a detached signature stands.")
    encoded: bool = Field(default=False, description="Detached: base64url of the body is signed (b64 true).")
    target: Target = "uri"
    send_x5c: bool = Field(default=False, description="Our certificate and chain go with each signature.")
    accept_x5c: bool = Field(default=False, description="Theirs may come with it, and is asked of the trust.")
    unsafe_unbound: bool = Field(default=False, description="Their messages say neither method and address nor status.")
    unsafe_content_type: bool = Field(default=False, description="Their signatures leave the content type open.")
    time_param: Parameter = "iat"
    nonce_param: Parameter = "jti"
    method_param: Parameter = "htm"
    target_param: Parameter = "htu"
    status_param: Parameter = "hts"
    answers_param: Parameter = "htr"

    @property
    def params(self) -> tuple[str, ...]:
        return (
            self.time_param,
            self.nonce_param,
            self.method_param,
            self.target_param,
            self.status_param,
            self.answers_param,
        )

    @model_validator(mode="after")
    def _own_names(self) -> JwsOptions:
        if len(set(self.params)) < len(self.params) or _OF_JOSE & set(self.params):
            _not("time_param … answers_param: six names that differ, none of them RFC 7515's")
        return self


class JweOptions(_Options):
    """RFC 7516, A256GCM. It hides, and proves no sender: a scheme that signs stands beneath it."""

    recipient: str = Field(default="", description="The partner's key that we encrypt to, by its kid.")
    agreement: Literal["ECDH-ES", "ECDH-ES+A256KW"] = Field(
        default="ECDH-ES+A256KW", description="With elliptic curves; RSA keys take RSA-OAEP-256."
    )


class HttpSignatureOptions(_Asymmetric):
    """RFC 9421 with RFC 9530."""

    accepted: frozenset[Algorithm] = frozenset(_OF_RFC9421)
    label: Annotated[str, Field(pattern=r"^[a-z*][a-z0-9_.*-]{0,39}$")] = "sig1"
    tag: str = Field(default="", max_length=80, description="Signed by us, asked of them; then the label is free.")
    target: Literal["uri", "authority", "path"] = Field(
        default="uri", description="uri: @target-uri. authority: @authority, @path, @query. path: @path, @query."
    )
    headers: tuple[HeaderName, ...] = Field(default=(), description="Covered, too, where the message has them.")
    lifetime_s: float = Field(default=300.0, gt=0, description="Seconds from `created` to `expires` of ours.")

    @model_validator(mode="after")
    def _registered(self) -> HttpSignatureOptions:
        if not ({self.algorithm} - {None}) | self.accepted <= _OF_RFC9421:
            _not("accepted: RS256, ES256, ES384, EdDSA have a name in RFC 9421")
        return self


class HmacOptions(_Options):
    """HMAC-SHA-256 over a text of ours (docs/signing.md)."""

    header: HeaderName = "x-signature"
    time_header: HeaderName = "x-timestamp"
    nonce_header: HeaderName = "x-nonce"
    kid_header: HeaderName = "x-key-id"
    target: Target = "uri"

    @model_validator(mode="after")
    def _own_names(self) -> HmacOptions:
        if len({self.header, self.time_header, self.nonce_header, self.kid_header}) < 4:
            _not("header, time_header, nonce_header, kid_header: four names that differ")
        return self


Chosen = TypeVar("Chosen", bound=_Options)


def read(rule: ProtectionSettings, kind: type[Chosen]) -> Chosen:
    """`ConfigurationError` names the option, never its value."""
    try:
        return kind.model_validate(rule.options)
    except ValidationError as exc:
        wrong = "; ".join(sorted({_place(problem) for problem in exc.errors(include_input=False)}))
        # `from None`: the library's text quotes what was written.
        raise ConfigurationError(
            f"Options of the scheme {rule.scheme} are not right: {wrong}.",
            vi=f"Tuỳ chọn của cơ chế {rule.scheme} chưa đúng: {wrong}.",
            what="protection",
        ) from None


def _place(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    return where or str(problem["ctx"]["error"])


class _WrongError(ValueError):
    """pydantic collects what is a ValueError."""


def _not(what: str) -> None:
    raise _WrongError(what)
