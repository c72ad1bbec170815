"""`lienthong soap`: the WSDL and XSD of the façade, for those who maintain older software."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.settings import load_settings

if TYPE_CHECKING:
    from gateway.facade.contract import Contract

app = typer.Typer(help="Giao diện SOAP: WSDL và XSD. The SOAP façade's WSDL and XSD.", no_args_is_help=True)
Sum = Annotated[bool, typer.Option("--sha256", help="Chỉ in mã kiểm tra. Print the checksum alone.")]
LOCAL = "http://localhost:{port}/soap"


@app.command()
def wsdl(*, sha256: Sum = False) -> None:
    """The WSDL as it is served at `/soap?wsdl`. In WSDL ra màn hình."""
    own = load_settings().api
    _print(contract := _contract(), contract.wsdl(own.soap_url or LOCAL.format(port=own.port)), sha256=sha256)


@app.command()
def xsd(*, sha256: Sum = False) -> None:
    """The XSD as it is served at `/soap?xsd=types`. In XSD ra màn hình."""
    _print(contract := _contract(), contract.xsd, sha256=sha256)


def _contract() -> Contract:
    from gateway.api.app import build
    from gateway.facade.contract import Contract

    return Contract(build(None).openapi(), namespace=load_settings().api.soap_namespace)


def _print(contract: Contract, content: bytes, *, sha256: bool) -> None:
    typer.echo(contract.digest(content).hex() if sha256 else content, nl=sha256)
