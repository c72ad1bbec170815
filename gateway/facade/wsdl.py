"""The WSDL 1.1 of the façade: one port, document/literal wrapped, as WS-I Basic Profile 1.1 wants it (CON-05)."""

from __future__ import annotations

from lxml import etree

from gateway.facade.operations import Catalogue, Operation
from gateway.facade.xsd import XS

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
HTTP = "http://schemas.xmlsoap.org/soap/http"
SERVICE, PORT = "LienThong", "LienThongSoap"


def write(catalogue: Catalogue, namespace: str, *, address: str) -> bytes:
    """The WSDL of a façade that is called at `address` and publishes its XSD at `address?xsd=types`."""
    root = etree.Element(
        f"{{{WSDL}}}definitions",
        attrib={"name": SERVICE, "targetNamespace": namespace},
        nsmap={"wsdl": WSDL, "soap": SOAP, "xs": XS, "tns": namespace},
    )
    schema = etree.SubElement(_under(root, "types"), f"{{{XS}}}schema")
    etree.SubElement(
        schema, f"{{{XS}}}import", attrib={"namespace": namespace, "schemaLocation": f"{address}?xsd=types"}
    )
    _messages(root, catalogue)
    _port_type(root, catalogue)
    _binding(root, catalogue, namespace)
    port = _under(_under(root, "service", name=SERVICE), "port", name=PORT, binding=f"tns:{PORT}")
    _soap(port, "address", location=address)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def action(namespace: str, name: str) -> str:
    """The SOAPAction of an operation."""
    return f"{namespace.rstrip('/')}/{name}"


def _messages(root: etree._Element, catalogue: Catalogue) -> None:
    names = [name for one in catalogue.operations for name in (one, f"{one}Response")]
    for name in names:
        _under(_under(root, "message", name=name), "part", name="parameters", element=f"tns:{name}")
    _under(_under(root, "message", name="problem"), "part", name="problem", element="tns:problem")


def _port_type(root: etree._Element, catalogue: Catalogue) -> None:
    port_type = _under(root, "portType", name=PORT)
    for operation in catalogue.operations.values():
        found = _under(port_type, "operation", name=operation.name)
        _under(found, "documentation").text = _said(operation)
        _under(found, "input", message=f"tns:{operation.name}")
        _under(found, "output", message=f"tns:{operation.name}Response")
        _under(found, "fault", name="problem", message="tns:problem")


def _binding(root: etree._Element, catalogue: Catalogue, namespace: str) -> None:
    binding = _under(root, "binding", name=PORT, type=f"tns:{PORT}")
    _soap(binding, "binding", style="document", transport=HTTP)
    for name in catalogue.operations:
        found = _under(binding, "operation", name=name)
        _soap(found, "operation", soapAction=action(namespace, name), style="document")
        for side in ("input", "output"):
            _soap(_under(found, side), "body", use="literal")
        _soap(_under(found, "fault", name="problem"), "fault", name="problem", use="literal")


def _said(operation: Operation) -> str:
    return f"{operation.summary} ({operation.method} {operation.path})"


def _under(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{WSDL}}}{tag}", attrib=attributes)


def _soap(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{SOAP}}}{tag}", attrib=attributes)
