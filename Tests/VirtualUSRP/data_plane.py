# SPDX-License-Identifier: GPL-3.0-or-later
"""Replaces the simulator's data plane: MPM's own has no clock, no time in packets, no end of burst and no events.

Channel 0 only, 16-bit samples on the wire. What is replaced are methods of MPM's classes, all in `install`; names of
registers are those of UHD 4.3, host/lib/rfnoc/radio_control_impl.hpp.
"""
import socket
import struct
import traceback

from uhd.chdr import ChdrHeader, ChdrPacket, CtrlOpCode, CtrlPayload, CtrlStatus, PacketType
from usrp_mpm.periph_manager.sim import sim as PeriphManager
from usrp_mpm.simulator import chdr_endpoint, noc_block_regs, rfnoc_graph, sim_dboard, stream_endpoint_node

from air import Air
from device_clock import DeviceClock
from receiving import Command, Receiving
from transmitting import Transmitting

CHDR_PORT = 49153
RADIO = 0x1000
# Where the host wants errors reported: endpoint, port, address.
RX_REPORT = (0x34, 0x30, 0x38)
TX_REPORT = (0x50, 0x4C, 0x54)
STREAM_FLOW_CONTROLLED = stream_endpoint_node.STRM_STATUS_FC_ENABLED


class DataPlane:
    def __init__(self, settings, fading):
        self._settings = settings
        self.clock = DeviceClock(settings.drift, settings.pps_offset)
        self.air = Air(settings, self.clock, fading)
        width = chdr_endpoint.CHDR_W
        self.receiving = Receiving(settings, self.clock, self.air, lambda code, tick: self._report(RX_REPORT, code, tick))
        self.transmitting = Transmitting(
            settings, self.clock, self.air, lambda code, tick: self._report(TX_REPORT, code, tick), width
        )
        self.registers = {}
        self._width = width
        self._graph = None
        self._events = 0
        self._capacity = (0, 0)

    def attach(self, graph):
        self._graph = graph
        self.transmitting.endpoint = graph.stream_ep[0]

    def _report(self, registers, code, tick):
        """An event of the radio: a write to the host's register, with the code and the time."""
        endpoint, port, address = (self.registers.get(RADIO + offset, 0) for offset in registers)
        header = ChdrHeader()
        header.dst_epid = endpoint
        header.pkt_type = PacketType.CTRL
        header.seq_num = self._events & 0xFFFF
        payload = CtrlPayload()
        payload.dst_port = port
        payload.src_port = 2
        payload.src_epid = self._graph.stream_ep[0].epid
        payload.op_code = CtrlOpCode.WRITE
        payload.address = address
        payload.set_data([code])
        payload.is_ack = False
        payload.seq_num = self._events & 0x3F
        payload.byte_enable = 0xF
        payload.timestamp = int(tick)
        payload.status = CtrlStatus.OKAY
        self._events += 1
        host = next(node for node in self._graph.graph_map.values() if isinstance(node, rfnoc_graph.XportNode))
        self._send(bytes(ChdrPacket(self._width, header, payload).serialize()), host.addr_map[endpoint])

    def _send(self, data, address):
        self._socket.sendto(data, address)

    def serve(self, endpoint):
        """Takes every packet of the host; runs as long as the device."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        self._socket.bind((self._settings.address, CHDR_PORT))
        self.receiving.send = self.transmitting.send = self._send
        endpoint.send_queue.put = lambda item: self._send(*item)
        while True:
            data, sender = self._socket.recvfrom(65536)
            try:
                self._handle(endpoint, data, sender)
            except Exception:  # One bad packet must not end the device.
                traceback.print_exc()

    def _handle(self, endpoint, data, sender):
        head, = struct.unpack_from("<Q", data)
        if head >> 53 & 7 >= 6:
            self.transmitting.data(data)
            return
        packet = ChdrPacket.deserialize(self._width, bytearray(data))
        answer = endpoint.graph.handle_packet(
            packet, (chdr_endpoint.NodeType.XPORT, 0), sender, sender, len(data)
        )
        if answer is not None:
            self._send(bytes(answer.serialize()), sender)

    def begin_receiving(self, endpoint, spec):
        self.receiving.destination = endpoint.dst_epid
        packets, size = self._capacity
        self.receiving.start(
            Command(
                spec.is_continuous, spec.total_samples, spec.is_timed, spec.init_timestamp, spec.packet_samples,
                size, packets, spec.addr,
            )
        )
        spec.is_timed = False

    def flow(self, packet):
        payload = packet.get_payload_strs()
        self._capacity = (payload.capacity_pkts, payload.capacity_bytes)
        self.receiving.acknowledge(payload.xfer_count_pkts, payload.xfer_count_bytes)

    def new_receive_stream(self, endpoint, status):
        if status.cfg_start:
            self.receiving.reset()
            endpoint.send_strc(endpoint.dst_to_addr(endpoint))
        return STREAM_FLOW_CONTROLLED

    def install(self):
        """Puts this data plane in the place of the simulator's."""
        node = stream_endpoint_node.StreamEndpointNode
        node.begin_output = lambda endpoint, spec: self.begin_receiving(endpoint, spec)
        node.end_output = lambda endpoint: self.receiving.stop()
        node.begin_input = lambda endpoint: self.transmitting.reset()
        node.ctrl_status_callback_out = lambda endpoint, status: self.new_receive_stream(endpoint, status)
        node._handle_strs_packet = lambda endpoint, packet, **_: self.flow(packet)
        node._handle_strc_packet = lambda endpoint, packet, num_bytes=0, sender=None, **_: self.transmitting.command(
            packet, num_bytes, sender
        )
        handle_control = node._handle_ctrl_packet
        # The host acknowledges our events; that needs no answer.
        node._handle_ctrl_packet = lambda endpoint, packet, regs, **rest: (
            None if packet.get_payload_ctrl().is_ack else handle_control(endpoint, packet, regs, **rest)
        )
        self._install_registers()
        self._install_clock()
        self._install_board()
        chdr_endpoint.ChdrEndpoint.socket_worker = lambda endpoint: self.serve(endpoint)

    def _install_registers(self):
        registers = noc_block_regs.NocBlockRegs
        write = registers.write

        def note_and_write(regs, address, value):
            self.registers[address] = value
            write(regs, address, value)

        registers.write = note_and_write
        # One 32-bit sample in a cycle; MPM says 8 bits, and libuhd would make wrong packets of that.
        registers.read_radio_width = lambda regs: 32 << 16 | 1
        make = rfnoc_graph.RFNoCGraph.__init__

        def make_and_attach(graph, *arguments):
            make(graph, *arguments)
            self.attach(graph)

        rfnoc_graph.RFNoCGraph.__init__ = make_and_attach

    def _install_clock(self):
        PeriphManager.get_timekeeper_time = lambda _, index, last_pps: (
            self.clock.ticks_at_last_pps() if last_pps else self.clock.ticks()
        )
        PeriphManager.set_timekeeper_time = lambda _, index, ticks, next_pps: self.clock.set(ticks, next_pps)
        # The period comes in nanoseconds with 32 bits behind the point.
        PeriphManager.set_tick_period = lambda _, index, period: self.clock.set_period(period / 2**32)
        PeriphManager.get_time_sources = PeriphManager.get_clock_sources = lambda _: ("internal", "external")
        PeriphManager.get_time_source = lambda _: "internal"
        PeriphManager.set_time_source = lambda _, source: None

    def _install_board(self):
        """The front end: a receive gain that acts, and oscillators that say that they are locked."""

        def set_gain(target, gain):
            if target.upper().startswith("RX"):
                self.air.set_receive_gain(gain)
            return gain

        board = sim_dboard.SimulatedCatalinaDboard
        board.extra_methods = [
            ("set_gain", set_gain) if isinstance(entry, tuple) and entry[0] == "set_gain" else entry
            for entry in board.extra_methods
        ]
        board.rx_sensor_callback_map = board.tx_sensor_callback_map = {"lo_locked": "get_lo_locked"}
        board.get_lo_locked = lambda _, channel: {
            "name": "lo_locked", "type": "BOOLEAN", "unit": "locked", "value": "true",
        }
