import Telemetry

/// What a point can take, and when two values of it are the same.
extension Output {
    /// Why a want cannot be heard; nil if it can.
    func refusal(of want: Want, at now: Monotonic) -> String? {
        guard let value = want.value else { return nil }
        if let refusal = Self.refusal(of: value, plan, point) { return refusal }
        guard let expires = want.expires, expires <= now else { return nil }
        return "it came too late; its time was over \((now - expires).words) ago"
    }

    static func refusal(of value: Value, _ plan: ActuatorPlan, _ point: Point) -> String? {
        guard point.isWritable else { return "the point cannot be written" }
        guard value.type == point.type else { return "the point takes \(point.type.rawValue), not \(value.type.rawValue)" }
        guard let number = value.number else { return nil }
        guard number.isFinite else { return "it is not a number" }
        for range in [plan.range, point.range].compactMap({ $0 }) where !range.contains(number) {
            return "it is outside \(range.lowerBound)…\(range.upperBound)\(point.unit.isEmpty ? "" : " " + point.unit)"
        }
        return nil
    }

    /// Whether two values are the same as far as the device can tell. Feedback may be of another type: a valve commanded
    /// `true` has obeyed when its position reads 1.
    func agree(_ a: Value, _ b: Value) -> Bool {
        if a.type == b.type, a.type != .double { return a == b }
        guard let a = a.number, let b = b.number else { return false }
        if a == b { return true }
        // A float32 register holds seven digits.
        return abs(a - b) <= max(plan.resolution * 0.500001, 1e-6 * max(abs(a), abs(b)))
    }

    func words(_ value: Value) -> String {
        let text =
            switch value {
            case .bool(let value): value ? "true" : "false"
            case .int(let value): String(value)
            case .uint(let value): String(value)
            case .double(let value): String(value)
            case .string(let value): "'\(value)'"
            }
        return point.unit.isEmpty || value.type == .bool ? text : "\(text) \(point.unit)"
    }
}
