import Documents
import Telemetry

// Points in messages.
extension PointReader {
    /// The types that a JSON value can have, in the words of registers, and text.
    private enum MessageType: String, CaseIterable {
        case bool, int64, uint64, float64, string

        var valueType: ValueType {
            switch self {
            case .bool: .bool
            case .int64: .int
            case .uint64: .uint
            case .float64: .double
            case .string: .string
            }
        }
    }

    func messagePoint(_ form: Form) -> ProfilePoint? {
        for key in Self.registerKeys where form.has(key) {
            mistakes.add("'\(key)' is for registers; a message carries the value itself", at: form.keyPlace(of: key))
        }
        if form.has("every") {
            mistakes.add(
                "'every' is for points that are asked for; messages come when the device sends them",
                at: form.keyPlace(of: "every"))
        }
        if form.has("writable"), form.node["writable"]?.scalar != "false" {
            mistakes.add("a point in a message cannot be written", at: form.keyPlace(of: "writable"))
        }
        let path = form.path("json")
        let type = form.word("type", as: MessageType.self, required: true)?.valueType
        let range = range(form, for: type)
        let unit = unit(form)
        let age = form.duration("max-age") ?? .seconds(600)
        guard let path, let type else { return nil }
        return ProfilePoint(
            name: name, source: .json(path), valueType: type, unit: unit, every: .zero, range: range, maximumAge: age,
            place: form.place(of: "json"))
    }
}
