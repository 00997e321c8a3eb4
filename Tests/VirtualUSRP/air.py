# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the air around a device: sends what it transmits to its peers, and makes what it receives.

A transmitted packet goes to each peer as one datagram: physical time of its first sample, samples in a physical
second, the sender's carrier error in Hz, a row of the fading or -1, then the samples (int16, I and Q). The receiver
delays, fades, turns and adds what overlaps, on its own sample grid, and puts its noise on it.

The channel fades with time, or with bursts: then every burst of the device that steps meets the next row of the file,
and the other's answers meet the row of the last burst that it heard. So a channel can be new for each pair of probes
and stand still between the two, however long these devices take to answer.
"""
import socket
import struct
import time
import zlib
from functools import lru_cache

import numpy as np

PORT = 49200
HEAD = struct.Struct("<dddi")
# Half the length of the interpolating filter, in samples: what it leaves of the wanted fraction is below -60 dB up
# to 0.42 of the sample rate.
HALF = 16
# Fractions of a sample that are told apart: the error in time is below 1/8192 of a sample.
FRACTIONS = 4096
# Seconds without a packet after which the next one begins another burst.
PAUSE = 0.005


class Air:
    def __init__(self, settings, clock, fading):
        self._settings = settings
        self._clock = clock
        self._fading = fading
        self._pieces = []
        self._gain = 1.0
        # The row that this device's bursts meet, and the tick after the last of them.
        self._row = -1
        self._end = None
        # Noise of a device is the same in every run.
        self._random = np.random.default_rng(zlib.crc32(settings.address.encode()))
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.bind((settings.address, PORT))
        self._socket.setblocking(False)
        self._filters = lru_cache(maxsize=64)(self._make_filters)

    def set_receive_gain(self, decibels):
        """The receiver's gain; at 30 dB a sample arrives as large as the channel makes it."""
        self._gain = 10 ** ((decibels - 30) / 20)

    def transmit(self, tick, payload):
        clock = self._clock
        if self._settings.steps == "own" and (self._end is None or tick - self._end > PAUSE * clock.rate):
            self._row += 1
        self._end = tick + len(payload) // 4
        self._collect()
        head = HEAD.pack(clock.physical(tick), clock.physical_rate, self._settings.carrier_error, self._row)
        for peer in self._settings.peers:
            self._socket.sendto(head + payload, (peer, PORT))

    def _collect(self):
        """Takes what has arrived, and lets go of what is over for a second."""
        while True:
            try:
                data, _ = self._socket.recvfrom(65535)
            except BlockingIOError:
                break
            start, rate, carrier, row = HEAD.unpack_from(data)
            if self._settings.steps == "heard":
                self._row = max(self._row, row)
            samples = np.frombuffer(data, "<i2", offset=HEAD.size).astype(np.float32).view(np.complex64)
            self._pieces.append((start, rate, carrier, row, samples))
        limit = time.monotonic() - 1
        self._pieces = [piece for piece in self._pieces if piece[0] + len(piece[4]) / piece[1] > limit]

    def receive(self, tick, count):
        """`count` samples from a tick on, as they go over the wire."""
        self._collect()
        rate = self._clock.physical_rate
        start = self._clock.physical(tick)
        received = np.zeros(count, np.complex64)
        for piece in self._pieces:
            self._add(piece, start, rate, received)
        received *= self._gain
        parts = received.view(np.float32) + self._random.normal(0, self._settings.noise * self._gain, 2 * count)
        return np.clip(np.rint(parts), -32768, 32767).astype("<i2").tobytes()

    def _add(self, piece, start, rate, received):
        sent, sent_rate, carrier, row, samples = piece
        # Place of the piece's first sample among ours; measured at the middle, so that two rates part least.
        half = len(samples) / 2
        place = (sent + half / sent_rate + self._settings.delay - start) * rate - half
        whole = int(np.floor(place))
        filters = self._filters(int((place - whole) * FRACTIONS))
        first = whole - HALF + 1
        last = first + len(samples) + filters.shape[1] - 1
        if last <= 0 or first >= len(received):
            return
        middle = start + len(received) / 2 / rate
        gains = self._fading.gains(middle) if row < 0 else self._fading.row(row)
        signal = np.convolve(samples, gains @ filters)
        low, high = max(first, 0), min(last, len(received))
        part = signal[low - first : high - first]
        offset = carrier - self._settings.carrier_error
        if offset:
            times = start + np.arange(low, high) / rate
            part = part * np.exp(2j * np.pi * np.mod(offset * times, 1))
        received[low:high] += part

    def _make_filters(self, fraction):
        """For each tap a filter that delays by its delay plus a fraction of a sample: a sinc under a window."""
        shifts = fraction / FRACTIONS + self._fading.delays * self._clock.rate
        length = 2 * HALF + int(np.ceil(shifts.max()))
        x = np.arange(-HALF + 1, length - HALF + 1)[None, :] - shifts[:, None]
        window = np.where(np.abs(x) < HALF, 0.42 + 0.5 * np.cos(np.pi * x / HALF) + 0.08 * np.cos(2 * np.pi * x / HALF), 0)
        return (np.sinc(x) * window).astype(np.complex64)
