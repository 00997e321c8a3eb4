// SPDX-License-Identifier: GPL-3.0-or-later
internal import Fields
public import QWaveCore
internal import Synchronization

/// Everything that was said in an exchange, as running hashes in constant memory.
///
/// A message is absorbed as its direction (1 byte), type (its first byte, 0 for an empty one), length (8
/// bytes, big-endian) and bytes. Each direction is a lane of its own, in the order of its messages, so it
/// doesn't matter which of two crossing messages an end saw first. What is tagged is a header that ends with
/// the byte lengths of both lanes, then as body the initiator's lane, padded with zeros to 16 bytes, and the
/// responder's lane. Both lanes are hashed under both directions' keys, since each end tags with its own.
public final class Transcript: Sendable {
    /// Both lanes under one key.
    private struct Lanes: ~Copyable {
        let empty: PolynomialMAC
        var forward: PolynomialMAC
        var backward: PolynomialMAC

        init(key: borrowing SecretBuffer) {
            empty = PolynomialMAC(key: key)
            forward = empty.copy()
            backward = empty.copy()
        }

        mutating func absorb(_ bytes: [UInt8], _ direction: Direction) {
            switch direction {
            case .initiatorToResponder: forward.update(bytes)
            case .responderToInitiator: backward.update(bytes)
            }
        }
    }

    private struct State: ~Copyable {
        var initiators: Lanes
        var responders: Lanes
        var forwardBytes: UInt64 = 0
        var backwardBytes: UInt64 = 0
        var messages = 0
    }

    /// A hash of the transcript, not yet masked, with the number of blocks that it covers.
    struct Digest: ~Copyable {
        let hash: SecretBuffer
        let blocks: Int
    }

    private let state: Mutex<State>

    /// An empty transcript under the two hash keys of a secret.
    public init(secrets: any SecretSource) throws(QWaveError) {
        let forward = try secrets.hashKey(.initiatorToResponder)
        let backward = try secrets.hashKey(.responderToInitiator)
        guard forward.count == 16, backward.count == 16 else {
            throw QWaveError(.internalFault, "a hash key of the shared secret doesn't have 16 bytes")
        }
        state = Mutex(State(initiators: Lanes(key: forward), responders: Lanes(key: backward)))
    }

    /// How many messages were absorbed, both directions.
    public var messages: Int { state.withLock { $0.messages } }

    /// Adds one message; each end calls this for every message, sent or received, in the order of its direction.
    public func absorb(_ message: [UInt8], direction: Direction) {
        var writer = ByteWriter()
        writer.write(direction.rawValue)
        writer.write(message.first ?? 0)
        writer.write(UInt64(message.count))
        let prefix = writer.bytes
        let count = UInt64(prefix.count + message.count)
        state.withLock { state in
            state.initiators.absorb(prefix, direction)
            state.initiators.absorb(message, direction)
            state.responders.absorb(prefix, direction)
            state.responders.absorb(message, direction)
            switch direction {
            case .initiatorToResponder: state.forwardBytes += count
            case .responderToInitiator: state.backwardBytes += count
            }
            state.messages += 1
        }
    }

    /// The hash of `header`, the lanes' lengths and the lanes, under the key of `direction`.
    func digest(header: [UInt8], under direction: Direction) -> Digest {
        state.withLock { state in
            var writer = ByteWriter()
            writer.write(header)
            writer.write(state.forwardBytes)
            writer.write(state.backwardBytes)
            let backwardBytes = state.backwardBytes
            switch direction {
            case .initiatorToResponder:
                return Self.digest(writer.bytes, of: state.initiators, backwardBytes: backwardBytes)
            case .responderToInitiator:
                return Self.digest(writer.bytes, of: state.responders, backwardBytes: backwardBytes)
            }
        }
    }

    private static func digest(
        _ header: [UInt8], of lanes: borrowing Lanes, backwardBytes: UInt64
    ) -> Digest {
        var mac = lanes.empty.copy()
        mac.update(header)
        mac.pad()
        var forward = lanes.forward.copy()
        forward.pad()
        mac.append(forward)
        var backward = lanes.backward.copy()
        backward.pad()
        mac.append(backward)
        let blocks = Int(mac.blocks) + 1
        let bodyBits = 8 * (16 * forward.blocks + backwardBytes)
        return Digest(
            hash: mac.finish(headerBits: 8 * UInt64(header.count), bodyBits: bodyBits), blocks: blocks)
    }
}
