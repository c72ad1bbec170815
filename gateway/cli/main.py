"""The command line: `lienthong --help`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from gateway.cli import (
    agreements,
    alarms,
    alerts,
    approvals,
    audit,
    cache,
    callbacks,
    cases,
    catalogues,
    certificates,
    client_rights,
    clients,
    delivery,
    diagnose,
    doctor,
    dossiers,
    entering,
    files,
    keys,
    operators,
    places,
    privacy,
    purposes,
    receipts,
    rechecks,
    reconcile,
    refunds,
    retention,
    scores,
    shadow,
    soap,
    statements,
    sync,
    tax,
    transactions,
)
from gateway.cli.processes import PROCESSES
from gateway.cli.rights import hold_to_rights
from gateway.settings import load_settings

app = typer.Typer(
    name="lienthong",
    help="Liên Thông: cổng liên thông một cửa với các hệ thống quốc gia. The province's integration gateway.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
clients.app.add_typer(client_rights.app)
app.add_typer(clients.app, name="clients")
app.add_typer(operators.app, name="operators")
app.command("login")(entering.login)
app.command("logout")(entering.logout)
app.add_typer(approvals.app, name="approvals")
app.add_typer(audit.app, name="audit")
app.add_typer(delivery.app, name="delivery")
app.add_typer(dossiers.app, name="dossiers")
app.add_typer(sync.app, name="sync")
app.add_typer(scores.app, name="scores")
app.add_typer(catalogues.app, name="catalogues")
app.add_typer(places.app, name="places")
app.add_typer(receipts.app, name="receipts")
app.add_typer(rechecks.app, name="rechecks")
app.add_typer(refunds.app, name="refunds")
app.add_typer(files.app, name="files")
app.add_typer(keys.app, name="keys")
app.add_typer(retention.app, name="retention")
app.add_typer(callbacks.app, name="callbacks")
app.add_typer(soap.app, name="soap")
app.add_typer(alarms.app, name="alarms")
app.add_typer(alerts.app, name="alerts")
app.add_typer(privacy.app, name="privacy")
app.add_typer(agreements.app, name="agreements")
app.add_typer(cases.app, name="cases")
app.add_typer(statements.app, name="statements")
app.command("reconcile")(reconcile.reconcile)
app.add_typer(purposes.app, name="purposes")
app.add_typer(cache.app, name="cache")
app.add_typer(shadow.app, name="shadow")
app.add_typer(transactions.app, name="transactions")
receipts.app.command("tax")(tax.tax)
keys.app.command("list")(certificates.list_keys)
keys.app.command("check")(certificates.check)
app.command("doctor")(doctor.doctor)
app.command("diagnose")(diagnose.diagnose)


for process in PROCESSES.values():
    app.command()(process)


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date. Cập nhật cấu trúc cơ sở dữ liệu."""
    from gateway.cli import serve

    applied = serve.migrate_now(load_settings())
    typer.echo(f"Applied: {', '.join(applied)}." if applied else "Nothing to do: the schema is up to date.")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def mocks(context: typer.Context) -> None:
    """The mock national systems on fixed ports. Chạy các hệ thống quốc gia giả lập."""
    os.execv(sys.executable, [sys.executable, "-m", "mocks._kit.sandbox", *context.args])  # noqa: S606 - our own program


@app.command()
def openapi(
    file: Annotated[typer.FileTextWrite, typer.Argument(help="Where to write it; - is the terminal.")],
) -> None:
    """Write the OpenAPI document of /v1. Xuất tài liệu OpenAPI."""
    import json

    from gateway.api.app import build

    file.write(json.dumps(build(None).openapi(), ensure_ascii=False, indent=2) + "\n")


hold_to_rights(app)
