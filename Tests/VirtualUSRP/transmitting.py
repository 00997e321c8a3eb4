# SPDX-License-Identifier: GPL-3.0-or-later
"""The transmitting half of the radio: timed bursts, with an event for each that was sent, was late, or broke off."""
import struct
import time

import gevent
from uhd.chdr import ChdrHeader, ChdrPacket, PacketType, StrcOpCode, StrsPayload, StrsStatus

UNDERRUN, LATE_DATA, BURST_SENT = 1, 2, 3
DATA_WITH_TIME = 7
CAPACITY = 4 << 20


class Transmitting:
    def __init__(self, settings, clock, air, report, width):
        self._settings = settings
        self._clock = clock
        self._air = air
        self._report = report
        self._width = width
        self.endpoint = None
        self.send = None
        self.reset()

    def reset(self):
        """A new stream."""
        self._packets = self._bytes = 0
        self._new_packets = self._new_bytes = 0
        self._every = None
        # The tick after the last sample of the burst that is going on.
        self._next = None
        self._late = False
        self._generation = 0

    def command(self, packet, size, sender):
        """The host asks how much we have taken, and says how often it wants to hear."""
        self._packets += 1
        self._bytes += size
        payload = packet.get_payload_strc()
        if payload.op_code == StrcOpCode.INIT:
            self._packets = self._bytes = 0
            self._every = (payload.num_pkts, payload.num_bytes)
            self._host, self._address = payload.src_epid, sender
        elif payload.op_code == StrcOpCode.RESYNC:
            self._packets, self._bytes = payload.num_pkts, payload.num_bytes
        self._tell_status(payload.src_epid, sender)

    def _tell_status(self, host, address):
        header = ChdrHeader()
        header.dst_epid = host
        header.pkt_type = PacketType.STRS
        payload = StrsPayload()
        payload.src_epid = self.endpoint.epid
        payload.status = StrsStatus.OKAY
        payload.capacity_bytes = CAPACITY
        payload.capacity_pkts = 0xFFFFFF
        payload.xfer_count_bytes = self._bytes
        payload.xfer_count_pkts = self._packets
        self.send(bytes(ChdrPacket(self._width, header, payload).serialize()), address)

    def data(self, packet):
        """A packet of samples, as bytes."""
        head, = struct.unpack_from("<Q", packet)
        ends = head >> 57 & 1
        timed = head >> 53 & 7 == DATA_WITH_TIME
        size = head >> 16 & 0xFFFF
        first = 8 + (8 if timed else 0) + 8 * (head >> 48 & 0x1F)
        tick = struct.unpack_from("<Q", packet, 8)[0] if timed else None
        self._count(size)
        self._generation += 1
        # A burst that has begun late is dropped whole; the next one is judged anew.
        if not self._late:
            self._take(tick, packet[first:size], ends)
        if ends:
            if not self._late and not self._settings.drop_acknowledgements:
                gevent.spawn(self._acknowledge, self._next)
            self._next, self._late = None, False

    def _count(self, size):
        self._packets += 1
        self._bytes += size
        self._new_packets += 1
        self._new_bytes += size
        if self._every and (self._new_packets >= self._every[0] or self._new_bytes >= self._every[1]):
            self._new_packets = self._new_bytes = 0
            self._tell_status(self._host, self._address)

    def _take(self, tick, payload, ends):
        now = self._clock.ticks()
        if tick is not None and tick < now and self._next is None:
            self._report(LATE_DATA, now)
            self._late = True
            return
        if tick is None:
            tick = now if self._next is None else self._next
        if tick < now:
            self._report(UNDERRUN, now)
            tick = now
        self._air.transmit(tick, payload)
        self._next = tick + len(payload) // 4
        if not ends:
            gevent.spawn(self._watch, self._generation, self._next)

    def _wait(self, tick):
        time.sleep(max(0, (tick - self._clock.ticks()) / self._clock.rate))

    def _watch(self, generation, end):
        """An underrun, unless more has come when the last sample goes out."""
        self._wait(end)
        time.sleep(1e-4)
        if generation == self._generation:
            self._report(UNDERRUN, end)
            self._next = None

    def _acknowledge(self, end):
        self._wait(end)
        self._report(BURST_SENT, end)
