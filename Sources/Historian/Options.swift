extension Journal {
    package struct Options: Sendable {
        /// How long a sample may wait for its commit: what a power cut can cost.
        package var commitInterval: Duration
        /// What the buffer holds while the store takes nothing; beyond it the oldest samples are lost, and counted.
        package var maximumBytesInMemory: Int
        /// Likewise for events, which go last.
        package var maximumEventsInMemory: Int
        /// What is kept of the latest entries, so that whoever follows closely need not read the disk.
        package var maximumBytesOfTail: Int
        /// Those who must have an entry before it may go.
        package var destinations: [String] = []
        package var retention = Retention()
        /// What the monotonic clock counts from, as Linux's `boot_id`; nil if nobody knows, and it is this process's own.
        package var boot: String?
        /// How long a commit waits for another process that has the file locked.
        package var patience: Duration

        package init(
            commitInterval: Duration = .milliseconds(250), maximumBytesInMemory: Int = 8 << 20,
            maximumEventsInMemory: Int = 4096, maximumBytesOfTail: Int = 2 << 20, patience: Duration = .seconds(1)
        ) {
            self.commitInterval = commitInterval
            self.maximumBytesInMemory = maximumBytesInMemory
            self.maximumEventsInMemory = maximumEventsInMemory
            self.maximumBytesOfTail = maximumBytesOfTail
            self.patience = patience
        }
    }
}
