# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the package mprpc, which isn't in Debian: the msgpack-RPC server that USRP MPM derives from.

Only what MPM uses: an object that gevent's StreamServer calls with each connection, whose public methods answer
requests [0, id, name, arguments] with [1, id, error, result].
"""
import msgpack


class RPCServer:
    def __init__(self, pack_params=None, unpack_params=None, **_):
        self._packing = pack_params or {}
        self._unpacking = dict(unpack_params or {})
        # MPM asks who is calling.
        self.client_host = None
        self.client_port = None

    def __call__(self, connection, peer):
        unpacker = msgpack.Unpacker(**self._unpacking)
        while received := connection.recv(65536):
            unpacker.feed(received)
            for _, number, name, arguments in unpacker:
                # Calls of several connections take turns: say anew whose this one is.
                self.client_host, self.client_port = peer[0], peer[1]
                error, result = self._answer(name, arguments)
                connection.sendall(msgpack.packb((1, number, error, result), **self._packing))

    def _answer(self, name, arguments):
        name = name.decode() if isinstance(name, bytes) else name
        if name.startswith("_"):
            return f"{name} is private", None
        try:
            return None, getattr(self, name)(*arguments)
        except Exception as error:  # Whatever went wrong is the caller's to know.
            return str(error), None
