import Dispatch
import Glibc
import Synchronization

/// An actor's own thread, for calls that block. It ends when its actor does.
package final class ThreadExecutor: SerialExecutor {
    /// What the thread holds: not the executor, or that would never end.
    private final class Queue: Sendable {
        struct Work {
            let job: UnownedJob
            /// Kept until the job is done, which may be what lets go of the actor.
            let executor: ThreadExecutor
        }

        let name: String
        private let work = Mutex<(waiting: [Work], isOver: Bool)>(([], false))
        private let bell = DispatchSemaphore(value: 0)

        init(name: String) { self.name = name }

        func add(_ job: UnownedJob, for executor: ThreadExecutor) {
            work.withLock { $0.waiting.append(Work(job: job, executor: executor)) }
            bell.signal()
        }

        func end() {
            work.withLock { $0.isOver = true }
            bell.signal()
        }

        /// What `pthread_setname_np` does, which Glibc's module keeps from us. A name is a comfort: without one, nothing fails.
        private func takeName() {
            let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            _ = unsafe write(file, name, name.utf8.count)
            close(file)
        }

        /// The thread's whole life.
        func run() {
            takeName()
            while true {
                bell.wait()
                let (batch, isOver) = work.withLock { work in
                    defer { work.waiting = [] }
                    return (work.waiting, work.isOver)
                }
                for work in batch { unsafe work.job.runSynchronously(on: work.executor.asUnownedSerialExecutor()) }
                if isOver && batch.isEmpty { return }
            }
        }
    }

    private let queue: Queue

    /// - Parameter name: as the system's tools show it, at most 15 bytes of it.
    package init(name: String) {
        var short = name
        while short.utf8.count > 15 { short.removeLast() }
        queue = Queue(name: short)
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passRetained(queue)
        let failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument { unsafe Unmanaged<Queue>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        precondition(failure == 0, "no thread could be made for \(name)")
        pthread_detach(thread)
    }

    deinit { queue.end() }

    package func enqueue(_ job: consuming ExecutorJob) { queue.add(UnownedJob(job), for: self) }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }
}
