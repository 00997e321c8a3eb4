# SPDX-License-Identifier: GPL-3.0-or-later
"""A device's clock: ticks as a function of physical time.

Physical time is CLOCK_MONOTONIC, in seconds: one for all devices of a machine. A device's oscillator runs a few parts
per million fast or slow against it; its PPS edges lie at whole physical seconds plus an offset.
"""
import math
import time


class DeviceClock:
    def __init__(self, drift, pps_offset):
        """drift in parts per million, pps_offset in seconds."""
        self.rate = 1e6
        self.speed = 1 + drift * 1e-6
        self._pps_offset = pps_offset
        self._origin = time.monotonic()
        # A device that has just been opened doesn't start at zero.
        self._base = 5.0
        self._pending = None

    @property
    def physical_rate(self):
        """Ticks in a physical second."""
        return self.rate * self.speed

    def _settle(self):
        """Takes up a time that was to be set at a PPS edge, once that has passed."""
        if self._pending and time.monotonic() >= self._pending[0]:
            (self._origin, self._base), self._pending = self._pending, None

    def _seconds(self, physical):
        return self._base + (physical - self._origin) * self.speed

    def ticks(self):
        self._settle()
        return max(0, int(self._seconds(time.monotonic()) * self.rate))

    def physical(self, ticks):
        """The physical time of a tick, which may lie ahead."""
        self._settle()
        return self._origin + (ticks / self.rate - self._base) / self.speed

    def _last_edge(self):
        return math.floor(time.monotonic() - self._pps_offset) + self._pps_offset

    def ticks_at_last_pps(self):
        self._settle()
        return max(0, round(self._seconds(self._last_edge()) * self.rate))

    def set(self, ticks, at_next_pps):
        self._settle()
        if at_next_pps:
            self._pending = (self._last_edge() + 1, ticks / self.rate)
        else:
            self._origin, self._base, self._pending = time.monotonic(), ticks / self.rate, None

    def set_period(self, nanoseconds):
        """Another rate; the time in seconds goes on."""
        self._settle()
        now = time.monotonic()
        self._base, self._origin = self._seconds(now), now
        self.rate = 1e9 / nanoseconds
