"""What `options` of a rule may say, for each XML scheme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.sdk.errors import ConfigurationError
from gateway.signing.xml.names import WSA

Name = Annotated[str, Field(pattern=r"^(\{[^{}\s]+\})?[A-Za-z_][\w.-]*$|^wsa:[A-Za-z]+$")]
"""`{namespace}local`, or `wsa:` for WS-Addressing."""
Place = Annotated[str, Field(pattern=r"^$|^@?(\{[^{}\s]+\})?[A-Za-z_][\w.-]*$")]
"""`{namespace}local`: the one element of that name inside; `@name`: an attribute of the signed element itself."""


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WssOptions(_Options):
    """Of `wsse-x509`."""

    headers: tuple[Name, ...] = Field(default=(), description="SOAP headers that are signed wherever they stand.")
    token: Literal["X509v3", "X509PKIPathv1"] = Field(default="X509v3", description="Our certificate, or its chain.")


class XmlDsigOptions(_Options):
    """Of `xmldsig`. Where the contract has places for the time and for the request's id, they are named; else both
    are put into the signature as properties, and looked for there."""

    element: Place = Field(default="", description="The one child of the root that is signed; empty: the root.")
    id_attribute: Literal["Id", "ID"] = Field(default="Id", description="How `element` is referred to.")
    time: Place = Field(default="", description="Where the signed element says when it was made.")
    request_id: Place = Field(default="", description="Where a request has its id.")
    answers: Place = Field(default="", description="Where a reply repeats it.")
    unsafe_undated: bool = Field(
        default=False, description="The contract has no time anywhere: the age of a message is not proven."
    )


Options = TypeVar("Options", bound=_Options)


def read_options(model: type[Options], options: Mapping[str, Any], *, scheme: str) -> Options:
    """`ConfigurationError` that names the option."""
    try:
        return model.model_validate(dict(options))
    except ValidationError as exc:
        names = ", ".join(sorted({".".join(map(str, problem["loc"][:1])) for problem in exc.errors()}))
        # `from None`: pydantic quotes what it read.
        raise ConfigurationError(
            f"The protection {scheme} does not understand its options: {names}.",
            vi=f"Cơ chế bảo vệ {scheme} không hiểu tuỳ chọn: {names}.",
            what="protection",
        ) from None


def expanded(name: str) -> str:
    return f"{{{WSA}}}{name[4:]}" if name.startswith("wsa:") else name
