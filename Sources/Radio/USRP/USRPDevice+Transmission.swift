// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import CUHD
    internal import QWaveCore

    extension USRPDevice {
        func transmit(_ burst: TransmitBurst) throws(QWaveError) {
            let (handles, setup) = try opened()
            let rate = setup.capabilities.sampleRate
            let duration = Double(burst.samples.count) / rate
            fates.add(burst.id, start: burst.start, duration: duration, now: estimate)
            guard burst.start.sinceZero >= .zero else {
                note(fates.fail(burst.id, .late, Self.beforeZero))
                return
            }
            let ahead = max(0, estimate.seconds(to: burst.start))
            guard ahead <= Self.farthest else {
                note(fates.fail(burst.id, .timeError, Self.tooFar))
                return
            }
            let samples = limited(burst)
            let sent: Int
            do throws(UHDFailure) {
                sent = try handles.send(samples, at: burst.start, timeout: ahead + duration + Self.grace)
            } catch { throw lost(error) }
            guard sent < samples.count else { return }
            note(
                fates.fail(
                    burst.id, .underflow, "the device took \(sent) of \(samples.count) samples, then no more")
            )
            do throws(UHDFailure) { try handles.endBurst() } catch { throw lost(error) }
        }

        /// The samples of a burst, cut off at full scale where they exceed it, which is noted.
        private func limited(_ burst: TransmitBurst) -> [IQ] {
            guard burst.samples.contains(where: { max(abs($0.re), abs($0.im)) > 1 }) else {
                return burst.samples
            }
            noted.append(
                RadioEvent(
                    .clipping, burst: nil, time: burst.start,
                    detail:
                        "burst \(burst.id) exceeds full scale and was cut off: send it at the amplitude that the "
                        + "capabilities give"))
            return burst.samples.map { IQ(min(max($0.re, -1), 1), min(max($0.im, -1), 1)) }
        }

        private func note(_ event: RadioEvent?) { if let event { noted.append(event) } }

        func events() throws(QWaveError) -> [RadioEvent] {
            let (handles, _) = try opened()
            do throws(UHDFailure) {
                while true {
                    let wait = fates.wait(at: estimate) ?? 0
                    if let event = try handles.event(timeout: wait) {
                        settle(event)
                    } else {
                        fates.expire(at: estimate).forEach { noted.append($0) }
                        if fates.wait(at: estimate) == nil { break }
                    }
                }
                try examine(handles)
            } catch { throw lost(error) }
            defer { noted = [] }
            return noted
        }

        private func settle(_ event: UHDTransmitEvent) {
            switch event.code {
            case UHD_ASYNC_METADATA_EVENT_CODE_BURST_ACK: note(fates.acknowledge(at: event.time))
            case UHD_ASYNC_METADATA_EVENT_CODE_UNDERFLOW, UHD_ASYNC_METADATA_EVENT_CODE_UNDERFLOW_IN_PACKET:
                note(
                    fates.fail(.underflow, at: event.time, "samples came too slowly, or the burst had no end")
                )
            case UHD_ASYNC_METADATA_EVENT_CODE_TIME_ERROR:
                note(
                    fates.fail(
                        .late, at: event.time, "its start was over when it arrived; give more lead time"))
            case UHD_ASYNC_METADATA_EVENT_CODE_SEQ_ERROR, UHD_ASYNC_METADATA_EVENT_CODE_SEQ_ERROR_IN_BURST:
                noted.append(
                    RadioEvent(
                        .sequenceError, time: event.time,
                        detail:
                            "packets to the device were lost or came out of order: look at cable and buffers")
                )
            default:
                noted.append(
                    RadioEvent(
                        RadioEvent.Kind("device event \(event.code.rawValue)"), time: event.time))
            }
        }

        /// Now and then: gains and oscillators must be what they were at opening.
        private func examine(_ handles: USRPHandles) throws(UHDFailure) {
            guard let setup, checked.duration(to: .now) >= Self.checkInterval else { return }
            checked = .now
            noted += try setup.changes(of: handles.device)
        }
    }
#endif
