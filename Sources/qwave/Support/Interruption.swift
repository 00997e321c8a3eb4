// SPDX-License-Identifier: GPL-3.0-or-later
internal import Dispatch
internal import Foundation
internal import Synchronization

/// What signals do: the first SIGINT or SIGTERM cancels the command, which then cleans up and ends; a second one,
/// or three seconds without an end, ends the process on the spot. SIGPIPE is ignored: a closed pipe or connection
/// is an error of the write.
///
/// Ending on the spot is safe for the pad: what its journal says was durable before it was used.
final class Interruption: Sendable {
    private let received = Mutex<Int32?>(nil)

    /// Installs the handlers, for the life of the process.
    init(cancelling task: Task<Void, any Error>) {
        Foundation.signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            // The default action must not win over the source.
            Foundation.signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                // The source is kept alive by its own handler, for as long as the process lives.
                withExtendedLifetime(source) { self.handle(number, cancelling: task) }
            }
            source.resume()
        }
    }

    /// The signal that asked to stop, if one did.
    var signal: Int32? { received.withLock { $0 } }

    private func handle(_ number: Int32, cancelling task: Task<Void, any Error>) {
        let isFirst = received.withLock { received in
            defer { received = number }
            return received == nil
        }
        guard isFirst else { Self.die(of: number) }
        task.cancel()
        DispatchQueue.global().asyncAfter(deadline: .now() + 3) { Self.die(of: number) }
    }

    /// Ends the process the way the signal would have, so that a shell sees why.
    static func die(of number: Int32) -> Never {
        Foundation.signal(number, SIG_DFL)
        raise(number)
        exit(128 + number)
    }
}
