# SPDX-License-Identifier: GPL-3.0-or-later
"""The receiving half of the radio: stream commands, one after the other, and the samples that they ask for."""
import struct
import time
from collections import deque
from dataclasses import dataclass

import gevent

LATE_COMMAND, OVERRUN = 1, 2
DATA_WITH_TIME = 7


@dataclass
class Command:
    continuous: bool
    count: int
    timed: bool
    tick: int
    samples_in_packet: int
    capacity_bytes: int
    capacity_packets: int
    address: tuple


class Receiving:
    """Commands wait in a queue, as in the FPGA: a timed one for its time, the next for the end of this one."""

    def __init__(self, settings, clock, air, report):
        self._settings = settings
        self._clock = clock
        self._air = air
        self._report = report
        self._commands = deque()
        self._worker = None
        self._stopping = False
        self.send = None
        self.destination = None
        self.reset()

    def reset(self):
        """A new stream: counts from zero."""
        self._sequence = self._sent_packets = self._sent_bytes = 0
        self._taken_packets = self._taken_bytes = 0

    def acknowledge(self, packets, count):
        """The host has taken this much."""
        self._taken_packets, self._taken_bytes = packets, count

    def start(self, command):
        self._commands.append(command)
        if self._worker is None or self._worker.dead:
            self._stopping = False
            self._worker = gevent.spawn(self._run)

    def stop(self):
        self._commands.clear()
        self._stopping = True

    def _run(self):
        while self._commands:
            command = self._commands.popleft()
            now = self._clock.ticks()
            if command.timed and command.tick < now:
                self._report(LATE_COMMAND, now)
                continue
            self._stream(command, command.tick if command.timed else now)

    def _stream(self, command, tick):
        left = None if command.continuous else command.count
        latency = int(self._settings.latency * self._clock.rate)
        packets = 0
        while left is None or left > 0:
            count = command.samples_in_packet if left is None else min(command.samples_in_packet, left)
            wait = (tick + count + latency - self._clock.ticks()) / self._clock.rate
            # A sleep even of zero lets the others work when this one is behind.
            time.sleep(max(0, wait))
            last = self._stopping if left is None else left <= count
            size = 16 + 4 * count
            forced = left is None and packets == self._settings.overrun_at
            if forced or not self._fits(command, size):
                self._report(OVERRUN, tick)
                return
            self._send(command.address, tick, self._air.receive(tick, count), last)
            packets += 1
            tick += count
            if last:
                return
            if left is not None:
                left -= count

    def _fits(self, command, size):
        return (
            self._sent_packets - self._taken_packets < command.capacity_packets
            and self._sent_bytes + size - self._taken_bytes <= command.capacity_bytes
        )

    def _send(self, address, tick, payload, last):
        size = 16 + len(payload)
        head = int(last) << 57 | DATA_WITH_TIME << 53 | (self._sequence & 0xFFFF) << 32 | size << 16 | self.destination
        self.send(struct.pack("<QQ", head, tick) + payload, address)
        self._sequence += 1
        self._sent_packets += 1
        self._sent_bytes += size
