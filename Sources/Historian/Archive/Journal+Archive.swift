import Dispatch
import Logging
import Synchronization
import Telemetry

/// The housekeeping behind the journal: takes what is committed into the archive, and makes room. It has a queue of its own, and
/// short transactions: no commit waits for more than one of them.
extension Journal {
    /// Samples that are held in memory at once, on their way.
    private static let passSamples = 1 << 17
    /// What has not filled a pass is taken after so long.
    private static let patience = Duration.seconds(300)
    private static let interval = Duration.seconds(10)

    /// Looks every few seconds until cancelled.
    func keepArchive() async {
        var lastPass = time.now().monotonic
        var lastClearance = lastPass
        while (try? await time.sleep(for: Self.interval)) != nil {
            let now = time.now()
            let isDue = now.monotonic - lastPass >= Self.patience
            let isClearing = now.monotonic - lastClearance >= .seconds(60)
            await onHousekeepingQueue { [self] in
                do {
                    if try archive(all: isDue) { lastPass = now.monotonic }
                    if isClearing {
                        lastClearance = now.monotonic
                        try clear(at: now.wall)
                    }
                } catch {
                    logger.error("the archive could not be kept", metadata: ["error": "\(error)"])
                    if StoreFile.isDamage(error) { isSuspect.store(true, ordering: .relaxed) }
                }
            }
        }
    }

    /// Takes what is committed into the archive, and puts together what has become many small pieces.
    ///
    /// - Parameter all: not only as much as fills a pass.
    /// - Returns: whether there was anything to do.
    @discardableResult
    package func archive(all: Bool) throws -> Bool {
        guard let store = store.withLock({ $0 }) else { return false }
        let waiting = try store.unarchived()
        guard waiting >= (all ? 1 : leastSamples) else { return false }
        // What has no time yet has no place in the archive, nor has what comes after it.
        let census = try store.census(before: buffer.withLock { $0.untimed.ranges.first?.lowerBound } ?? .max)
        guard census.through > 0 else { return false }
        tell(census.damage)
        // Nothing that can be read is a group too: what is damaged is passed.
        let groups = census.samples.isEmpty ? [[]] : census.groups(of: Self.passSamples)
        var piles: Set<Store.Pile> = []
        for (number, group) in groups.enumerated() {
            let pass = try store.archive(group, of: census, isLast: number == groups.count - 1)
            tell(pass.damage)
            piles.formUnion(pass.piles)
        }
        while let pile = piles.popFirst() {
            let merged = try store.merge(pile)
            tell(merged.damage)
            piles.formUnion(merged.piles.filter { $0.level > pile.level || $0.kind != pile.kind })
        }
        return true
    }

    /// Worth a round: some samples of each point, since a part of a row costs as much as many samples.
    private var leastSamples: Int { max(Self.passSamples, directory.points.count * 32) }

    /// Removes what everyone has, then what is too old; and when there is no room otherwise, thins the rest, and removes the oldest of it.
    func clear(at now: Timestamp) throws {
        guard let store = store.withLock({ $0 }) else { return }
        while try store.clearJournal(for: options.destinations, most: 500) == 500 {}
        let today = Stack.day(of: now)
        let retention = options.retention
        // A clock that is not to be believed is no reason to throw anything away.
        if time.now().isTrusted {
            for (kind, span) in [
                (Segment.Kind.samples, retention.samples), (.minutes, retention.minutes), (.hours, retention.hours),
            ] {
                let oldest = today - span.components.seconds / 86_400
                while try store.clearArchive(kind, before: oldest, most: 100) == 100 {}
            }
        }
        defer { tellOfLosses() }
        guard try isFull() else { return }
        if let oldest = try store.oldestDay(), oldest < today - 1 {
            while try store.clearArchive(.samples, before: oldest + 1, most: 100) == 100 {}
            logger.warning("the store is full: the samples of its oldest day are reduced to minutes")
            return
        }
        try thin()
        try expire()
    }

    private func tell(_ damage: [String]) {
        for words in damage {
            buffer.withLock { $0.foundUnreadable() }
            logger.error("a part of the store is damaged and left out", metadata: ["error": "\(words)"])
        }
    }

    private func onHousekeepingQueue(_ body: @escaping () -> Void) async {
        await withCheckedContinuation { continuation in
            nonisolated(unsafe) let body = body  // handed over: whoever gave it waits until it has run
            housekeeping.async {
                body()
                continuation.resume()
            }
        }
    }
}
