"""A way to a Cuebot that can be cut, slowed, or made to lose a reply, whatever Cuebot is behind it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from cuebot.wire import Faults

CALL_S = 60


class _Forward(grpc.GenericRpcHandler):
    """Passes every call on as it is."""

    def __init__(self, channel: grpc.Channel, faults: Faults) -> None:
        self._channel, self._faults = channel, faults

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        method = handler_call_details.method
        forward: Any = self._channel.unary_unary(method)

        def call(request: bytes, context: Any) -> bytes:
            with self._faults.around(method.rpartition("/")[2], context):
                try:
                    reply: bytes = forward(request, timeout=CALL_S)
                except grpc.RpcError as error:
                    said: Any = error
                    context.abort(said.code(), said.details())
                    raise
                return reply

        return grpc.unary_unary_rpc_method_handler(call)


@contextmanager
def proxy(address: str) -> Iterator[tuple[str, Faults]]:
    """The address of a way to a Cuebot, and what goes wrong on it."""
    faults = Faults()
    with grpc.insecure_channel(address) as channel:
        server = grpc.server(futures.ThreadPoolExecutor(8))
        server.add_generic_rpc_handlers((_Forward(channel, faults),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}", faults
        finally:
            faults.ended.set()
            server.stop(None).wait()
