# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps a device to one address of the loopback interface, so that several live on one machine.

MPM binds its sockets to all addresses and asks the machine for its interfaces; both are answered here instead.
"""
import socket

from usrp_mpm import discovery, rpc_server
from usrp_mpm.periph_manager import base
from usrp_mpm.simulator import chdr_endpoint
from usrp_mpm.sys_utils import net

LINK_MTU = 8000


def keep_to(address):
    class BoundSocket(socket.socket):
        def bind(self, place):
            super().bind((address, place[1]) if place[0] == "0.0.0.0" else place)

    class BoundSockets:
        """The module socket, whose sockets bind to our address."""

        socket = BoundSocket

        def __getattr__(self, name):
            return getattr(socket, name)

    chdr_endpoint.socket = discovery.socket = BoundSockets()
    serve = rpc_server.StreamServer
    rpc_server.StreamServer = lambda place, **options: serve((address, place[1]), **options)
    net.get_valid_interfaces = lambda names: [name for name in names if name == "lo"]
    net.get_iface_info = lambda name: {
        "mac_addr": "00:00:00:00:00:00",
        "ip_addr": address,
        "ip_addrs": [address],
        "link_speed": 1000,
        "bridge": False,
        "mtu": LINK_MTU,
    }
    net.get_local_ip_addrs = lambda ipv4_only=False: {address}
    # Texts where MPM would find none: without them libuhd fails with std::bad_cast.
    base.get_mender_artifact = base.get_fs_version = lambda *_, **__: ""
