"""gRPC services from plain objects: what an object does not have is UNIMPLEMENTED, and faults come on request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message_factory import GetMessageClass

from .spec import RefusedError


@dataclass
class Faults:
    """What goes wrong on the way.

    Attributes:
        down: whether every call is answered with UNAVAILABLE.
        slow_s: seconds before each call is looked at.
        lost: methods whose next reply is lost after the work was done.
        before: what happens in front of the next call of a method.
        calls: names of methods, as they came in.
        requests: what they came with, as bytes.
    """

    down: bool = False
    slow_s: float = 0
    lost: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], object]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def around(self, method: str, context: Any) -> Iterator[None]:
        self.calls.append(method)
        if self.slow_s:
            self.ended.wait(self.slow_s)
        if self.down:
            context.abort(grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses")
        self.before.pop(method, lambda: None)()
        yield
        if method in self.lost:
            self.lost.remove(method)
            context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")


def handlers(service: Any, servicer: object, faults: Faults) -> Any:
    """A generic handler for one service of a protocol.

    Args:
        service: the service's descriptor.
        servicer: has a method for each RPC that it knows: request -> response.
        faults: of this server.
    """
    known = {method.name: method for method in service.methods if hasattr(servicer, method.name)}
    rpcs = {
        name: grpc.unary_unary_rpc_method_handler(
            _guarded(name, getattr(servicer, name), faults),
            request_deserializer=GetMessageClass(method.input_type).FromString,
            response_serializer=GetMessageClass(method.output_type).SerializeToString,
        )
        for name, method in known.items()
    }
    return grpc.method_handlers_generic_handler(service.full_name, rpcs)


def _guarded(name: str, method: Callable[[Any], Any], faults: Faults) -> Callable[[Any, Any], Any]:
    def call(request: Any, context: Any) -> Any:
        faults.requests.append(request.SerializeToString())
        with faults.around(name, context):
            try:
                return method(request)
            except RefusedError as error:
                context.abort(grpc.StatusCode.INTERNAL, str(error))
            except LookupError as error:
                launched = name == "LaunchSpecAndWait"
                code = grpc.StatusCode.NOT_FOUND if name.startswith(("Find", "Get")) else grpc.StatusCode.INTERNAL
                context.abort(code, f"Failed to launch and add job: {error}" if launched else str(error))
        raise AssertionError("abort has raised")

    return call
