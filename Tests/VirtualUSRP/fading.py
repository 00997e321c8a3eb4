# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel between the devices: taps that fade as a file says, or one gain that stays.

A file of fading is little-endian: the eight bytes "QWFADE1\\n", taps and rows (two uint32), rows a second (float64),
a delay in seconds for each tap (float64), then the gains, row after row (float32, re and im). Both devices of a pair
read the same file from the same physical origin, so the channel is reciprocal. Between rows gains go straight; before
the first and after the last they stay.
"""
import struct

import numpy as np


class Fading:
    HEAD = struct.Struct("<8sIId")

    def __init__(self, delays, gains, rate, origin):
        self.delays = np.asarray(delays, float)
        self._gains = np.asarray(gains, np.complex64)
        self._rate = rate
        self._origin = origin

    @classmethod
    def constant(cls, gain):
        return cls([0.0], [[gain]], 1.0, 0.0)

    @classmethod
    def read(cls, path, origin):
        with open(path, "rb") as file:
            data = file.read()
        magic, taps, rows, rate = cls.HEAD.unpack_from(data)
        body = cls.HEAD.size + 8 * taps
        if magic != b"QWFADE1\n" or not taps or not rows or len(data) != body + 8 * taps * rows:
            raise SystemExit(f"{path} holds no fading")
        delays = np.frombuffer(data, "<f8", taps, cls.HEAD.size)
        return cls(delays, np.frombuffer(data, "<c8", offset=body).reshape(rows, taps), rate, origin)

    def gains(self, physical):
        """The gain of each tap at a physical time."""
        place = min(max((physical - self._origin) * self._rate, 0), len(self._gains) - 1)
        row = int(place)
        after = min(row + 1, len(self._gains) - 1)
        share = place - row
        return (1 - share) * self._gains[row] + share * self._gains[after]

    def row(self, index):
        """The gains of a row; those of the last one after it."""
        return self._gains[min(index, len(self._gains) - 1)]
