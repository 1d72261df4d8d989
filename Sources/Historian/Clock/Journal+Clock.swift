import Logging
import Synchronization
import Telemetry

/// A gateway without a battery wakes up in 1970. What it reads then is kept, and goes to nobody: a value under a wrong date is
/// a wrong value. With the first trusted time the rows are put right, by the monotonic clock, and follow as late ones.
extension Journal {
    /// Rows in one transaction: no commit waits for more.
    private static let rowsAtOnce = 500

    func tellOfDoubt(_ moment: Moment) {
        logger.warning("the wall clock cannot be trusted", metadata: ["wall": "\(moment.wall)"])
        alarm(
            "The gateway's clock shows \(moment.wall), which cannot be. Readings are kept, and forwarded as soon as the time is known: "
                + "set the clock, or mend the way to the time server.")
    }

    /// Puts some of the wrong times right, if the right ones are known. On the journal's queue.
    func putRight(in store: Store) throws {
        guard let truth = buffer.withLock({ $0.truth }) else { return }
        let repair = try store.putRight(ClockBase(truth, boot: boot), rows: Self.rowsAtOnce)
        let (samples, isDone) = buffer.withLock { buffer in
            buffer.putRight(repair)
            return (buffer.samplesPutRight, buffer.truth == nil)
        }
        renew()
        if isDone {
            logger.info("the clock is trusted", metadata: ["samples": "\(samples)"])
            alarm("The gateway's clock is right again: \(samples) samples that were read before have their times now, and are forwarded.")
        }
    }
}
