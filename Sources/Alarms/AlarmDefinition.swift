package import Telemetry

/// One alarm on one point, as its file describes it.
package struct AlarmDefinition: Sendable {
    /// What an operator needs to know to answer it. What calls for no action is an event and not an alarm (ISA-18.2, 3.1).
    package struct Guidance: Sendable, Hashable {
        package let cause: String
        package let consequence: String
        package let action: String
        /// From the annunciation until the consequence.
        package let timeAllowed: Duration
        package let role: String
    }

    package struct FirstOut: Sendable, Hashable {
        package let group: String
        /// How long after the first the others still count as its sequel.
        package let window: Duration
    }

    /// A point, and the value that is looked for in it, if one is.
    struct Input: Sendable {
        let point: PointID
        /// The point's full name.
        let title: String
        let expected: Value?
        let maximumAge: Duration
    }

    /// `water/high-level`, or `water/high-level#xinzhuang/wet-well/level` where a file speaks of several points.
    package let name: String
    package let about: String
    package let point: PointID
    /// The point's full name and unit.
    package let title: String
    package let unit: String
    package let condition: AlarmCondition
    package let onDelay: Duration
    package let offDelay: Duration
    package let isLatching: Bool
    package let needsConfirm: Bool
    package let priority: AlarmPriority
    package let guidance: Guidance
    /// The alarm that says why this one is not worth raising, by name.
    package let parent: String?
    package let firstOut: FirstOut?
    package let reAlarm: Duration?
    package let longestShelf: Duration
    /// What a snapshot compares: all that decides the alarm's course, with points by name.
    let signature: String
    /// The alarm's own point, then the other one of a deviation.
    let inputs: [Input]
    /// Each, where it holds, suppresses the alarm.
    let suppressors: [Input]
}
