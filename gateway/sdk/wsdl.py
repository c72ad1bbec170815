"""Opens a WSDL with zeep, which then sees the files beside it and nothing else: no socket, no DTD, no entity."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.transports import Transport

from gateway.sdk.errors import ConfigurationError
from gateway.sdk.xsd import Schema, schema_of


def opened(wsdl: Path) -> tuple[Callable[..., etree._Element], Schema | None]:
    """What makes its envelopes, from an operation and values by name, and what checks them. `ConfigurationError` when
    the file is not a WSDL, or refers to anything outside its folder."""
    settings = zeep.Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        client = zeep.Client(str(wsdl), transport=_LocalTransport(wsdl.parent), settings=settings)
        return partial(client.create_message, client.service), schema_of(wsdl)
    except (ZeepError, etree.XMLSyntaxError, OSError, ValueError) as exc:
        raise ConfigurationError(f"{wsdl.name} cannot be used as a WSDL.", what="wsdl") from exc


class _LocalTransport(Transport):
    """Loads the files beside the WSDL and nothing else; a WSDL that imports from the network fails at start-up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        super().__init__(cache=None)

    def load(self, url: str) -> bytes:
        path = Path(url).resolve()
        if "://" in url or path.parent != self._folder:
            raise ConfigurationError("A WSDL may only refer to files beside it.", what="wsdl")
        return path.read_bytes()

    def post(self, *_: object) -> NoReturn:
        raise ConfigurationError("The SOAP codec does not send.", what="wsdl")

    get = post
