# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual USRP: Debian's USRP MPM in its simulator mode, with a data plane that keeps time.

/usr/bin/python3 -B Tests/VirtualUSRP 127.0.31.1 --peers 127.0.31.2 --fading FILE --origin SECONDS

Runs in the foreground, in one process, until SIGTERM or SIGKILL, or until the process that started it has gone.
README.md beside this file says what it does and what it doesn't show.
"""
import argparse
import os
import signal
import socket
import sys
import threading
import time
import types

# Whoever starts us may have all signals blocked, and MPM's import waits for a child of its own.
signal.pthread_sigmask(signal.SIG_SETMASK, [])

# MPM's only use of it needs a library that isn't in Debian; the simulator never calls it.
stub = types.ModuleType("usrp_mpm.xports.xport_adapter_ctrl")
stub.XportAdapterCtrl = None
sys.modules[stub.__name__] = stub

import usrp_mpm  # noqa: E402 (it patches the standard library for gevent, so it comes before all that follows)
from usrp_mpm import discovery, rpc_server  # noqa: E402
from usrp_mpm.mpmtypes import MPM_RPC_PORT, SharedState  # noqa: E402
from usrp_mpm.simulator.config import Config  # noqa: E402

import network  # noqa: E402
from data_plane import DataPlane  # noqa: E402
from fading import Fading  # noqa: E402


def settings():
    parser = argparse.ArgumentParser(prog="VirtualUSRP", description=__doc__.splitlines()[0])
    parser.add_argument("address", help="the device's own address, 127.x.y.z")
    parser.add_argument("--serial", default="FA4EDE7", help="up to seven characters")
    parser.add_argument("--peers", default=[], type=lambda text: text.split(","), help="addresses that hear it")
    parser.add_argument("--fading", help="file of fading taps; without it a gain of 0.5 at 0.7 rad")
    parser.add_argument("--origin", type=float, default=0, help="CLOCK_MONOTONIC time of the first row, s")
    parser.add_argument("--steps", choices=["own", "heard"], help="fade by a row a burst: of this device, or of the one heard")
    parser.add_argument("--delay", type=float, default=0, help="propagation delay, s")
    parser.add_argument("--noise", type=float, default=20, help="noise, rms of I and of Q, in 16-bit steps")
    parser.add_argument("--drift", type=float, default=0, help="clock's error, parts per million")
    parser.add_argument("--carrier-error", type=float, default=0, help="carrier's error, Hz")
    parser.add_argument("--pps-offset", type=float, default=0, help="offset of the PPS edges, s")
    parser.add_argument("--latency", type=float, default=0.01, help="wait before samples are handed over, s")
    parser.add_argument("--overrun-at", type=int, default=-1, help="packets of continuous reception before an overrun")
    parser.add_argument("--drop-acknowledgements", action="store_true", help="never acknowledge a burst")
    return parser.parse_args()


def end_with_parent():
    """Nothing stays behind when whoever started us was killed."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def tell_when_ready(address):
    """Says "ready" when a client can connect."""
    while True:
        try:
            socket.create_connection((address, MPM_RPC_PORT), 1).close()
            break
        except OSError:
            time.sleep(0.02)
    print("ready", flush=True)


def main():
    chosen = settings()
    network.keep_to(chosen.address)
    fading = Fading.read(chosen.fading, chosen.origin) if chosen.fading else Fading.constant(0.5 * complex(0.7648, 0.6442))
    DataPlane(chosen, fading).install()
    default = Config.default

    def with_serial():
        config = default()
        config.hardware.serial_num = chosen.serial
        return config

    Config.default = with_serial
    usrp_mpm.get_main_logger(use_logbuf=False, console_color=False, log_default_delta=-2)
    state = SharedState()
    for job in (end_with_parent, lambda: tell_when_ready(chosen.address), lambda: discovery._discovery_process(state, "0.0.0.0")):
        threading.Thread(target=job, daemon=True).start()
    rpc_server._rpc_server_process(state, MPM_RPC_PORT, {})


main()
