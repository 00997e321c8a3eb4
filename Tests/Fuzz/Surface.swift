// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore

/// Where bytes come in from outside: each takes any bytes, and traps where a promise is broken.
enum Surface: String, CaseIterable {
    /// Recorded captures of all formats, SigMF descriptions.
    case captures
    /// The link's stream of bytes, cut anywhere.
    case frames
    /// What a peer says in an exchange beside reconciliation.
    case session
    /// Cascade's responder behind an honest opening.
    case cascade
    /// The LDPC engine's responder behind an honest opening.
    case ldpc
    /// Certificates, threat models, commissioning states, symbol pools: JSON that a person hands over.
    case documents
    /// The pad's frames, journal and index.
    case pad
    /// The virtual ether's requests and answers.
    case ether
    /// Samples of a recording, through every receiver that looks for frames.
    case samples

    func feed(_ bytes: [UInt8]) {
        switch self {
        case .captures: Self.captures(bytes)
        case .frames: Self.frames(bytes)
        case .session: Self.session(bytes)
        case .cascade: Self.cascade(bytes)
        case .ldpc: Self.ldpc(bytes)
        case .documents: Self.documents(bytes)
        case .pad: Self.pad(bytes)
        case .ether: Self.ether(bytes)
        case .samples: Self.samples(bytes)
        }
    }

    /// Runs `body`; an error other than these is a broken promise.
    static func refusing(with codes: QWaveError.Code..., body: () throws(QWaveError) -> Void) {
        do throws(QWaveError) { try body() } catch {
            precondition(codes.contains(error.code), "\(error.code): \(error.message)")
        }
    }
}

/// Takes choices from the front of the input, so that the rest is free.
struct Choices {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func byte() -> Int { Int(rest.popFirst() ?? 0) }

    /// A piece with its length before it, or what is left.
    mutating func piece() -> [UInt8] {
        let count = min(rest.count, byte() | byte() << 8)
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
