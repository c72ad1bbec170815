"""Every operation of the API that clients may do, read from its own OpenAPI document."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.api.app import build

DOCUMENT: Mapping[str, Any] = build(None).openapi()
SCHEMAS: Mapping[str, Any] = DOCUMENT["components"]["schemas"]


@dataclass(frozen=True)
class Operation:
    """One operation with the examples that the document gives."""

    name: str
    method: str
    path: str
    body: Any
    schema: str
    takes_key: bool
    given: Mapping[str, str]
    """The example of each header that it wants."""
    file: bytes | None
    """What its body is, where that is a file and no JSON of ours."""
    statuses: frozenset[str]

    def __str__(self) -> str:
        return self.name

    @property
    def headers(self) -> dict[str, str]:
        return {**self.given, **({"Idempotency-Key": str(uuid.uuid4())} if self.takes_key else {})}

    @property
    def content(self) -> bytes | None:
        """The example as bytes."""
        return self.file if self.body is None else json.dumps(self.body).encode()

    def changed(self, field: str, value: Any) -> bytes:
        return json.dumps({**self.body, field: value}, ensure_ascii=True).encode()

    def with_text(self, text: str) -> Iterator[tuple[str, bytes]]:
        """The body with each of its texts, however deep, replaced in turn; with a JSON pointer to it."""
        for pointer, path in _texts(self.body, ()):
            body = copy.deepcopy(self.body)
            place = body
            for part in path[:-1]:
                place = place[part]
            place[path[-1]] = text
            yield pointer, json.dumps(body, ensure_ascii=True).encode()


def _texts(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        if isinstance(inner, str):
            yield "/" + "/".join(map(str, (*path, key))), (*path, key)
        yield from _texts(inner, (*path, key))


def _read() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        if path.startswith("/v1/admin/"):
            continue
        for method, said in methods.items():
            parameters = said.get("parameters", [])
            schema, body, where = "", None, path
            kinds = list(said.get("requestBody", {}).get("content", ()))
            is_file = bool(kinds) and kinds != ["application/json"]
            if kinds and not is_file:
                schema = said["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                body = SCHEMAS[schema]["examples"][0]
            for parameter in parameters:
                if parameter["in"] == "path":
                    where = where.replace(f"{{{parameter['name']}}}", parameter["schema"]["examples"][0])
            yield Operation(
                name=said["operationId"],
                method=method.upper(),
                path=where,
                body=body,
                schema=schema,
                takes_key=any(parameter["name"] == "Idempotency-Key" for parameter in parameters),
                given={
                    **({"Content-Type": kinds[0]} if is_file else {}),
                    **{
                        parameter["name"]: parameter["schema"]["examples"][0]
                        for parameter in parameters
                        if parameter["in"] == "header" and parameter["required"] and "examples" in parameter["schema"]
                    },
                },
                file=b"%PDF-1.7 example" if is_file else None,
                statuses=frozenset(said["responses"]),
            )


OPERATIONS = list(_read())
BODIED = [operation for operation in OPERATIONS if operation.body is not None]
"""Those whose body is JSON; `put_file` has tests of its own."""
