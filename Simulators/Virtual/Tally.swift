/// What a simulation did, in numbers.
package struct Tally: Sendable, Hashable {
    /// Moments at which something happened.
    package internal(set) var steps = 0
    package internal(set) var requests = 0
    package internal(set) var batches = 0
    package internal(set) var samples = 0
    package internal(set) var messages = 0
    package internal(set) var events = 0
    /// Writes that were sent, and those that reached a plant.
    package internal(set) var writesSent = 0
    package internal(set) var writes = 0
    package internal(set) var crashes = 0
    package internal(set) var stops = 0
    package internal(set) var commands = 0
    package internal(set) var replies = 0
    /// By kind, as often as they began.
    package internal(set) var faults: [String: Int] = [:]
}
