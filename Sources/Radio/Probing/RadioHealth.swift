// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Judges what a radio tells: trouble that passes is counted, trouble that stays ends the series with a reason.
struct RadioHealth: Sendable {
    /// How often in a row a thing may fail.
    static let patience = 20
    /// Windows in a row that may bring nothing before the device counts as gone.
    static let timeouts = 8

    private var failures: [RadioEvent.Kind: Int] = [:]
    private let leadTime: Duration
    /// How much more lead than the device's own an initiator gives; grows by half of it with each late burst, to
    /// twenty times, and doesn't shrink. A responder can't: his turnaround is agreed.
    private(set) var extraLead = Duration.zero

    init(leadTime: Duration) { self.leadTime = leadTime }

    /// Takes an event into the tally. Throws where going on makes no sense.
    mutating func note(_ event: RadioEvent, into tally: inout ProbeTally) throws(QWaveError) {
        switch event.kind {
        case .acknowledged:
            tally.acknowledged += 1
            for kind in [RadioEvent.Kind.late, .underflow, .sequenceError, .timeError, .unacknowledged] {
                failures[kind] = nil
            }
        case .late:
            tally.late += 1
            extraLead = min(extraLead + leadTime / 2, leadTime * 20)
            try count(
                event,
                "bursts and windows come too late again and again: the host is too busy or too slow for this radio; "
                    + "close other programs, give a longer --turnaround at both ends, or lower --radio-rate")
        case .underflow, .sequenceError, .timeError, .unacknowledged:
            tally.spoiled += 1
            try count(
                event,
                "the radio doesn't send what it is given (\(event)); check its cable or network, "
                    + "lower --radio-rate, and see qwave doctor")
        case .overflow, .badPacket:
            tally.damaged += 1
            try count(
                event,
                "samples are lost on the way from the radio (\(event)); lower --radio-rate, enlarge the "
                    + "socket buffers, and see qwave doctor")
        case .timeout:
            tally.damaged += 1
            let times = (failures[event.kind] ?? 0) + 1
            failures[event.kind] = times
            guard times < Self.timeouts else {
                throw QWaveError(
                    .deviceGone,
                    "the radio delivers nothing any more (\(times) windows timed out): it was switched off, "
                        + "unplugged, or its network failed; mend that and start again")
            }
        case .clipping:
            tally.clipped += 1
            try count(event, "the receiver is at full scale; lower --rx-gain, or --tx-gain at the other end")
        case .gainChanged:
            throw QWaveError(
                .radioFault,
                "the radio's gain changed during the series (\(event)), so that its probes don't compare; "
                    + "switch automatic gain control off, keep other programs from the device, and start again"
            )
        case .unlocked:
            throw QWaveError(
                .radioFault,
                "the radio's oscillator lost its lock (\(event)); check the reference clock and start again")
        default:
            try count(event, "the radio tells of trouble again and again (\(event)); see qwave doctor")
        }
    }

    /// A window came whole.
    mutating func noteWhole() {
        for kind in [RadioEvent.Kind.overflow, .badPacket, .timeout] { failures[kind] = nil }
    }

    /// A burst was heard without clipping.
    mutating func noteClean() { failures[.clipping] = nil }

    private mutating func count(_ event: RadioEvent, _ advice: String) throws(QWaveError) {
        let times = (failures[event.kind] ?? 0) + 1
        failures[event.kind] = times
        guard times < Self.patience else { throw QWaveError(.radioFault, advice) }
    }
}
