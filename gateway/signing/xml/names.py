"""The names that the XML schemes share: namespaces, algorithms, token types. What is not here is refused."""

from __future__ import annotations

from gateway.signing.algorithms import Algorithm

DS = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
ENVELOPED = f"{DS}enveloped-signature"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
WSSE11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
WSA = "http://www.w3.org/2005/08/addressing"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
XML = "http://www.w3.org/XML/1998/namespace"

BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
X509_V3 = f"{_OASIS}x509-token-profile-1.0#X509v3"
PKI_PATH = f"{_OASIS}x509-token-profile-1.0#X509PKIPathv1"

ID_NAMES = (f"{{{WSU}}}Id", "Id", "ID", f"{{{XML}}}id")
"""Attributes that a reference may mean. Their values are unique in a message, all taken together."""

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNATURES = {
    Algorithm.RS256: f"{_MORE}rsa-sha256",
    Algorithm.RS384: f"{_MORE}rsa-sha384",
    Algorithm.RS512: f"{_MORE}rsa-sha512",
    Algorithm.ES256: f"{_MORE}ecdsa-sha256",
    Algorithm.ES384: f"{_MORE}ecdsa-sha384",
}
"""RFC 9231, the first that a key can do is taken. No PSS: the binding of xmlsec cannot name it."""
DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    f"{_MORE}sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


def ds(name: str) -> str:
    return f"{{{DS}}}{name}"


def wsse(name: str) -> str:
    return f"{{{WSSE}}}{name}"


def wsu(name: str) -> str:
    return f"{{{WSU}}}{name}"


def xades(name: str) -> str:
    return f"{{{XADES}}}{name}"


TOKEN_TYPE = f"{{{WSSE11}}}TokenType"
CONFIRMATION = f"{{{WSSE11}}}SignatureConfirmation"
