"""What is published: the operations, their XSD and WSDL, made once from the OpenAPI document."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from typing import Any

from lxml import etree

from gateway.api.bodies import read_json
from gateway.facade import wsdl, xsd
from gateway.facade.envelope import Answers
from gateway.facade.operations import CONTENT, CONTENT_TYPE, RESULT, Catalogue
from gateway.sdk.errors import ConfigurationError


class Contract:
    """Hợp đồng SOAP: compiled once, the same bytes each time, safe to share between requests of one event loop."""

    def __init__(self, document: Mapping[str, Any], *, namespace: str) -> None:
        """`namespace`: an address of the province's own site (TT 13/2017 Art 20.1). `ConfigurationError`: the document
        says what XML Schema cannot."""
        self.namespace = namespace
        self.catalogue = Catalogue.of(document)
        self.answers = Answers(self.catalogue, namespace)
        self.xsd = xsd.published(self.catalogue, namespace)
        try:
            etree.XMLSchema(etree.fromstring(self.xsd))
            self._structure = xsd.structure(self.catalogue, namespace)
        except etree.XMLSchemaParseError as exc:
            raise ConfigurationError("The OpenAPI document cannot be said in XML Schema.", what="soap_schema") from exc
        self._wsdl = functools.lru_cache(maxsize=8)(self._write)

    def follows(self, element: etree._Element) -> bool:
        """Whether a wrapper has the structure of the XSD; limits are the application's to judge."""
        return bool(self._structure.validate(element))

    def action(self, operation: str) -> str:
        """The SOAPAction of an operation."""
        return wsdl.action(self.namespace, operation)

    def wsdl(self, address: str) -> bytes:
        """The WSDL for callers that reach the façade at `address`."""
        return self._wsdl(address)

    def _write(self, address: str) -> bytes:
        return wsdl.write(self.catalogue, self.namespace, address=address)

    @staticmethod
    def digest(content: bytes) -> bytes:
        """SHA-256, the checksum that is published beside a schema (CON-06)."""
        return hashlib.sha256(content).digest()

    def reply(self, operation: str, content: bytes, media_type: str) -> dict[str, Any]:
        """The parts of a response wrapper, from what the application answered."""
        names = [part.name for part in self.catalogue.operations[operation].reply]
        if names == [CONTENT_TYPE, CONTENT]:
            return {CONTENT_TYPE: media_type, CONTENT: content}
        return {RESULT: read_json(content)} if names else {}
