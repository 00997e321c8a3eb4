// SPDX-License-Identifier: GPL-3.0-or-later
internal import Synchronization

/// Strangers at a port: each says one byte of a message that never comes to an end, and comes again when sent away.
final class Crowd: Sendable {
    private struct Stranger {
        let connection: RawSocket.Shared
        let said = Tally()
    }

    private let port: Int
    private let count: Int
    private let strangers = Mutex<[Stranger]>([])

    init(port: Int, count: Int) {
        self.port = port
        self.count = count
    }

    /// How many sockets the crowd itself holds in this process.
    var present: Int { strangers.withLock { $0.count } }

    func gather() {
        strangers.withLock { strangers in
            while strangers.count < count {
                guard let connection = RawSocket.Shared(port: port) else { return }
                strangers.append(Stranger(connection: connection))
            }
        }
    }

    /// Everybody says the next byte: a length that is within bounds, then nothing that completes it.
    func dribble() {
        strangers.withLock { strangers in
            strangers.removeAll { stranger in
                let place = stranger.said.add() - 1
                return place < 200 && !stranger.connection.socket.send([place == 3 ? 0xF0 : 0])
            }
        }
        gather()
    }
}
