// SPDX-License-Identifier: GPL-3.0-or-later
#if USRP
    internal import Foundation

    /// The one thread that makes all calls of a device: settings, samples and events never cross threads.
    ///
    /// libuhd allows one thread in each of `send`, `recv` and the event queue, and settings from one thread only;
    /// one thread for everything can't get that wrong.
    final class UHDThread: SerialExecutor {
        // The queue outlives the executor, until its thread has noticed.
        private let queue = Queue()

        init(name: String) {
            let queue = queue
            let thread = Thread { queue.run() }
            thread.name = name
            thread.stackSize = 1 << 21
            thread.start()
        }

        deinit { queue.stop() }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            let executor = unsafe asUnownedSerialExecutor()
            queue.add { unsafe job.runSynchronously(on: executor) }
        }

        private final class Queue: @unchecked Sendable {
            // Everything below is touched under the condition's lock only.
            private let condition = NSCondition()
            private var jobs: [() -> Void] = []
            private var isStopped = false

            func add(_ job: @escaping () -> Void) {
                condition.withLock {
                    jobs.append(job)
                    condition.signal()
                }
            }

            func stop() {
                condition.withLock {
                    isStopped = true
                    condition.signal()
                }
            }

            func run() {
                while let job = next() { job() }
            }

            private func next() -> (() -> Void)? {
                condition.lock()
                defer { condition.unlock() }
                while jobs.isEmpty {
                    if isStopped { return nil }
                    condition.wait()
                }
                return jobs.removeFirst()
            }
        }
    }
#endif
