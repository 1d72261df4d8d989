import Documents
import Telemetry

/// An alarm as its file describes it, before it is known what stands above it.
struct AlarmDraft {
    let name: String
    let about: String
    let point: PointID
    let condition: AlarmCondition
    let onDelay: Duration
    let offDelay: Duration
    let isLatching: Bool
    let needsConfirm: Bool
    let priority: AlarmPriority
    let guidance: AlarmDefinition.Guidance
    let parent: (name: String, place: Place)?
    let firstOut: AlarmDefinition.FirstOut?
    let reAlarm: Duration?
    let longestShelf: Duration
    /// The other point of a deviation.
    let reference: PointID?
    let suppressors: [(point: PointID, value: Value)]

    /// - Parameters:
    ///   - parent: the parent's full name.
    ///   - least: on-delay it waits at the least.
    func definition(in directory: Directory, parent: String?, least: Duration) -> AlarmDefinition {
        let described = directory[point]
        let onDelay = max(onDelay, least)
        func input(_ point: PointID, _ expected: Value?) -> AlarmDefinition.Input {
            AlarmDefinition.Input(
                point: point, title: directory[point].name.description, expected: expected,
                maximumAge: directory[point].maximumAge)
        }
        var expected: Value?
        if case .equals(let value) = condition { expected = value }
        return AlarmDefinition(
            name: name, about: about, point: point, title: described.name.description, unit: described.unit, condition: condition,
            onDelay: onDelay, offDelay: offDelay, isLatching: isLatching, needsConfirm: needsConfirm, priority: priority,
            guidance: guidance, parent: parent, firstOut: firstOut, reAlarm: reAlarm, longestShelf: longestShelf,
            signature: signature(in: directory, parent: parent, onDelay: onDelay),
            inputs: [input(point, expected)] + (reference.map { [input($0, nil)] } ?? []),
            suppressors: suppressors.map { input($0.point, $0.value) })
    }

    /// Words and places of text may change without the alarm becoming another; numbers of points may change without anything
    /// becoming another.
    private func signature(in directory: Directory, parent: String?, onDelay: Duration) -> String {
        func name(_ point: PointID) -> String { "\(directory[point].name) \(directory[point].unit)" }
        var shown = "\(condition)"
        if case .deviation(let most, _, let deadband) = condition { shown = "deviation(\(most), \(deadband))" }
        let spans = [onDelay, offDelay, reAlarm ?? .zero, longestShelf].map { "\($0.wholeMilliseconds)" }
        let ways = suppressors.map { "\(name($0.point)) \($0.value)" }
        return
            ([name(point), shown, reference.map(name) ?? "", "\(isLatching) \(needsConfirm) \(priority.rawValue)", parent ?? ""]
            + spans + ways + [firstOut.map { "\($0.group) \($0.window.wholeMilliseconds)" } ?? ""]).joined(separator: "|")
    }
}
