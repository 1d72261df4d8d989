import CMosquitto
import Glibc
import Synchronization

/// Wakes the thread that polls it. Rung twice before it is answered, it wakes once.
struct Bell: ~Copyable {
    let descriptor: Int32
    private let isRinging = Atomic(false)

    /// nil if the process has no descriptor left.
    init?() {
        let descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func ring() {
        if !isRinging.exchange(true, ordering: .acquiringAndReleasing) { eventfd_write(descriptor, 1) }
    }

    func answer() {
        var count: eventfd_t = 0
        isRinging.store(false, ordering: .releasing)
        unsafe eventfd_read(descriptor, &count)
    }
}
