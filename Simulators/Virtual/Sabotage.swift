/// A guard that is taken out of the gateway, to see whether the inspector finds out. Never set but by tests.
package enum Sabotage: String, Sendable, CaseIterable {
    /// Rules see the last good value for ever.
    case staleLooksFresh
    /// Rules see every selector on auto.
    case selectorIsIgnored
    /// Wants of rules go to the field past the priority array.
    case secondWriter
    /// The ids of commands die with the process.
    case idsAreForgotten
    /// A command's times are not looked at.
    case expiryIsIgnored
    /// What a broker kept is taken for news.
    case retainedIsNews
    /// A clock that cannot be believed is believed.
    case clockIsTrusted
    /// The feedback is taken from the command instead of the machine.
    case feedbackIsEcho
    /// An orderly stop writes no safe values.
    case stopLeavesOutputs
    /// Points have no safe value that stands where nobody wants anything.
    case noSafeValue
    /// What rules remember of times is lost in a restart, and what guards would hold in their place.
    case timesAreForgotten
    /// Rules never let a pump go.
    case pumpsNeverStop
    /// Rules never let a valve go.
    case valvesNeverShut
    /// Rules never start a pump.
    case pumpsNeverStart
    /// The age of a reading is taken from the wall clock.
    case ageByWall
    /// One batch in a thousand is lost on the way.
    case batchesAreLost
    /// A lock-out is taken for a remark.
    case lockIsIgnored
    /// Locks die with the process.
    case locksAreForgotten
    /// What guards know dies with the process.
    case guardsAreForgotten
    /// A machine may start as often as anyone likes.
    case noStartLimit
    /// A machine need not rest before a start.
    case noRest
    /// Machines of one feeder start at once.
    case noStagger
    /// The console shows the rule as it was at the start.
    case modeIsOld
}
