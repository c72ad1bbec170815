"""The operations of the OpenAPI document, each as a SOAP operation of the same name (CON-03, CON-10).

The wrapper of a request holds the parameters (of path, query and header, by their names) and then `request`, which is
the JSON body; that of a response holds `result`. A file is `content_type` and `content` instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.facade.shapes import Part, Place, Record, Scalar, Shapes, Simple

JSON = "application/json"
STAFF = "/v1/admin/"
PROBLEM = "ProblemOut"
REQUEST, RESULT = "request", "result"
CONTENT, CONTENT_TYPE = "content", "content_type"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One that stands outside the body: `where` is `path`, `query` or `header`, `name` its name there."""

    name: str
    where: str
    part: Part


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, seen from both sides."""

    name: str
    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    body: tuple[Part, ...]
    """`request`; or `content_type` and `content`; or nothing."""
    reply: tuple[Part, ...]

    @property
    def asks(self) -> Record:
        """The wrapper of the request."""
        return Record((*(parameter.part for parameter in self.parameters), *self.body))

    @property
    def answers(self) -> Record:
        """The wrapper of the response."""
        return Record(self.reply)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every operation by name, and the shapes that they speak of."""

    operations: Mapping[str, Operation]
    shapes: Shapes
    problem: Record
    """The `problem` element in the detail of a Fault: the problem document, and how long to wait."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Catalogue:
        """Read an OpenAPI document. `ConfigurationError` when it says what has no XML here."""
        shapes = Shapes(document["components"]["schemas"])
        found = {operation.name: operation for operation in _operations(document["paths"], shapes)}
        problem = shapes.whole(shapes.place({"$ref": f"#/components/schemas/{PROBLEM}"}).shape)
        assert isinstance(problem, Record)
        wait = Part(
            "retry_after",
            Place(Simple(Scalar.WHOLE)),
            required=False,
            description="Seconds to wait before sending again — Số giây nên chờ trước khi gửi lại",
        )
        return cls(found, shapes, Record((*problem.parts, wait)))

    @property
    def places(self) -> list[Place]:
        """Where values stand in any wrapper or in a problem."""
        records = [record for one in self.operations.values() for record in (one.asks, one.answers)]
        return [part.place for record in (*records, self.problem) for part in record.parts]


def _operations(paths: Mapping[str, Any], shapes: Shapes) -> Iterator[Operation]:
    """Those of clients: staff have a console, and no older software of theirs speaks SOAP."""
    for path, methods in paths.items():
        for method, said in methods.items() if not path.startswith(STAFF) else ():
            yield Operation(
                name=said["operationId"],
                method=method.upper(),
                path=path,
                summary=said.get("summary", ""),
                parameters=tuple(_parameter(one, shapes) for one in said.get("parameters", ())),
                body=_parts(said["requestBody"]["content"], REQUEST, shapes) if "requestBody" in said else (),
                reply=_reply(said["responses"], shapes),
            )


def _parameter(said: Mapping[str, Any], shapes: Shapes) -> Parameter:
    """One that may be null is one that may be absent: neither an address nor a header can say null."""
    place = Place(shapes.place(said["schema"]).shape)
    name = said["name"].lower().replace("-", "_")
    part = Part(name, place, said.get("required", False), said.get("description", ""))
    return Parameter(said["name"], said["in"], part)


def _reply(responses: Mapping[str, Any], shapes: Shapes) -> tuple[Part, ...]:
    told = [response.get("content", {}) for status, response in sorted(responses.items()) if status.startswith("2")]
    return _parts(told[0], RESULT, shapes) if told and told[0] else ()


def _parts(content: Mapping[str, Any], name: str, shapes: Shapes) -> tuple[Part, ...]:
    if list(content) == [JSON]:
        return (Part(name, shapes.place(content[JSON]["schema"])),)
    kinds = Simple(Scalar.TEXT, values=tuple(content))
    said = "Media type of the file — Kiểu nội dung của tệp"
    return (
        Part(CONTENT_TYPE, Place(kinds), description=said),
        Part(CONTENT, Place(Simple(Scalar.BYTES)), description="The file itself — Nội dung tệp"),
    )
