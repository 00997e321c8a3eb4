// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import CUHD
    internal import Foundation
    internal import QWaveCore

    extension USRPDevice {
        func receive(_ window: ReceiveWindow) throws(QWaveError) -> ReceivedSamples {
            let (handles, setup) = try opened()
            let rate = setup.capabilities.sampleRate
            let count = min(max(window.count, 0), setup.capabilities.longestWindow)
            var assembly = WindowAssembly(start: window.start, count: count, rate: rate)
            guard count > 0 else { return result(assembly, window) }
            if let start = window.start, start.sinceZero < .zero {
                assembly.fail(.late, start, Self.beforeZero)
                return result(assembly, window)
            }
            if let start = window.start, estimate.seconds(to: start) > Self.farthest {
                assembly.fail(.timeError, start, Self.tooFar)
                return result(assembly, window)
            }
            do throws(UHDFailure) { try handles.arm(window.start, count: count) } catch { throw lost(error) }
            // libuhd waits for samples by asking the system without a pause, which takes a whole core, and from a
            // virtual device the time that it needs. So we sleep until there can be some, and ask between naps.
            if let start = window.start { try sleep(until: start, handles) }
            do throws(UHDFailure) {
                try fill(&assembly, handles, until: deadline(window, count, rate))
                if assembly.trouble != nil { try drain(handles) }
            } catch { throw lost(error) }
            try heed(assembly)
            return result(assembly, window)
        }

        /// The last moment at which a window's samples may come.
        private func deadline(
            _ window: ReceiveWindow, _ count: Int, _ rate: Double
        ) -> ContinuousClock.Instant {
            let ahead = window.start.map { estimate.seconds(to: $0) } ?? 0
            return .now.advanced(
                by: .seconds(max(0, min(ahead, Self.farthest)) + Double(count) / rate + Self.grace))
        }

        /// Sleeps until the device's clock shows `start`, and reads that clock now and then. Throws where it was set
        /// meanwhile; what was asked for by the old time is taken back then.
        private func sleep(until start: DeviceTime, _ handles: USRPHandles) throws(QWaveError) {
            while true {
                let left = estimate.seconds(to: start)
                guard left > 0 else { return }
                Thread.sleep(forTimeInterval: min(left, Self.longestSleep))
                guard left > Self.longestSleep else { return }
                do throws(QWaveError) { _ = try now() } catch {
                    if isOpen { do throws(UHDFailure) { try drain(handles) } catch { throw lost(error) } }
                    throw error
                }
            }
        }

        private func fill(
            _ assembly: inout WindowAssembly, _ handles: USRPHandles,
            until deadline: ContinuousClock.Instant
        ) throws(UHDFailure) {
            if buffer.count < assembly.room {
                buffer = [IQ](repeating: .zero, count: assembly.room)
            }
            while !assembly.isComplete {
                let packet = try handles.receive(into: &buffer, room: assembly.room, timeout: 0)
                assembly.take(buffer[..<min(packet.count, buffer.count)], at: packet.time)
                if let (kind, detail) = Self.trouble(packet) {
                    assembly.fail(kind, packet.time, detail)
                } else if packet.endsBurst, packet.count > 0, !assembly.isComplete, assembly.stale == 0 {
                    assembly.fail(
                        .overflow, packet.time, "the window ended after \(assembly.samples.count) samples")
                } else if packet.count == 0, !assembly.isComplete {
                    guard ContinuousClock.now < deadline else {
                        assembly.fail(.timeout, nil, "nothing came in time")
                        return
                    }
                    Thread.sleep(forTimeInterval: Self.nap)
                }
            }
        }

        private static func trouble(_ packet: UHDPacket) -> (RadioEvent.Kind, String)? {
            switch packet.error {
            // Nothing yet: whether that is trouble, the window's deadline says.
            case UHD_RX_METADATA_ERROR_CODE_NONE, UHD_RX_METADATA_ERROR_CODE_TIMEOUT: nil
            case UHD_RX_METADATA_ERROR_CODE_LATE_COMMAND:
                (.late, "its start was over when it was armed; give more lead time")
            case UHD_RX_METADATA_ERROR_CODE_OVERFLOW where packet.isOutOfSequence:
                (.sequenceError, "packets were lost on their way here: look at cable and socket buffers")
            case UHD_RX_METADATA_ERROR_CODE_OVERFLOW:
                (.overflow, "the device had no room: a lower rate or a faster host mends it")
            default: (.badPacket, packet.text.isEmpty ? "code \(packet.error.rawValue)" : packet.text)
            }
        }

        /// Takes back what was asked for and throws away what is still under way, so that the next window begins
        /// clean.
        private func drain(_ handles: USRPHandles) throws(UHDFailure) {
            try handles.stopReceiving()
            if buffer.isEmpty { buffer = [IQ](repeating: .zero, count: 4096) }
            let patience = Duration.seconds((setup?.latency ?? 0) + 0.02)
            var last = ContinuousClock.now
            for _ in 0..<100_000 {
                let packet = try handles.receive(into: &buffer, room: buffer.count, timeout: 0)
                if packet.error != UHD_RX_METADATA_ERROR_CODE_TIMEOUT || packet.count > 0 {
                    last = .now
                } else if last.duration(to: .now) > patience {
                    return
                } else {
                    Thread.sleep(forTimeInterval: Self.nap)
                }
            }
        }

        /// Silence again and again means that the device has gone; silence once asks for its time.
        private func heed(_ assembly: WindowAssembly) throws(QWaveError) {
            guard assembly.trouble?.kind == .timeout else {
                silentWindows = 0
                return
            }
            silentWindows += 1
            _ = try now()
            guard silentWindows < Self.mostSilentWindows else {
                throw QWaveError(
                    .radioFault,
                    "\(name) tells its time but \(silentWindows) windows brought no sample: restart it, and look at "
                        + "firewall and socket buffers")
            }
        }

        private func result(_ assembly: WindowAssembly, _ window: ReceiveWindow) -> ReceivedSamples {
            let start = assembly.start ?? window.start ?? estimate
            let clipped = assembly.clipped
            if clipped > 0 {
                noted.append(
                    RadioEvent(
                        .clipping, time: start,
                        detail:
                            "\(clipped) of \(assembly.samples.count) samples stand at full scale: take less "
                            + "receive gain"))
            }
            return ReceivedSamples(
                start: start, samples: assembly.samples, trouble: assembly.trouble, clipped: clipped)
        }
    }
#endif
