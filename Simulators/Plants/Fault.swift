/// How a device can fail. It is the device that fails, not the plant behind it: the water keeps coming.
package enum Fault: Hashable, Sendable, CustomStringConvertible {
    /// It says nothing at all.
    case dead
    /// It answers, this many milliseconds late.
    case slow(milliseconds: Int)
    /// What it sends is no frame and no JSON.
    case garbage
    /// One point keeps the value it had when the fault began; `*` for all of them.
    case frozen(point: String)
    /// Its own clock is wrong by so many seconds. Only devices that send a time have one.
    case clockOff(seconds: Double)

    /// `dead`, `slow 800`, `garbage`, `frozen level`, `frozen`, `clock -3600`. nil for anything else.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard let word = words.first, words.count <= 2 else { return nil }
        let rest = words.count == 2 ? String(words[1]) : nil
        switch (word, rest) {
        case ("dead", nil): self = .dead
        case ("garbage", nil): self = .garbage
        case ("frozen", let point): self = .frozen(point: point ?? "*")
        case ("slow", let span?):
            guard let milliseconds = Int(span), (0...600_000).contains(milliseconds) else { return nil }
            self = .slow(milliseconds: milliseconds)
        case ("clock", let span?):
            guard let seconds = Double(span), abs(seconds) < 1e10 else { return nil }
            self = .clockOff(seconds: seconds)
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .dead: "dead"
        case .slow(let milliseconds): "slow \(milliseconds)"
        case .garbage: "garbage"
        case .frozen(let point): "frozen \(point)"
        case .clockOff(let seconds): "clock \(seconds)"
        }
    }
}

/// What stands between what a device measures and what it says: values held by hand, and its faults.
package struct Interference: Sendable {
    private var held: [String: [String: Double]] = [:]
    private var frozen: [String: [String: Double]] = [:]
    private var faults: [String: Fault] = [:]

    package init() {}

    package mutating func hold(_ point: String, of device: String, at value: Double) {
        held[device, default: [:]][point] = value
    }

    package mutating func release(_ point: String, of device: String) { held[device]?[point] = nil }

    /// - Parameter said: what the device says at this moment, for each of its points: what a frozen one will go on saying.
    package mutating func fail(_ device: String, _ fault: Fault?, said: [String: Double]) {
        faults[device] = fault
        frozen[device] = nil
        if case .frozen(let point) = fault {
            frozen[device] = point == "*" ? said : said.filter { $0.key == point }
        }
    }

    package func fault(of device: String) -> Fault? { faults.isEmpty ? nil : faults[device] }

    /// The value held by hand, else the frozen one, else nil: what is measured.
    package func instead(of point: String, on device: String) -> Double? {
        if held.isEmpty && frozen.isEmpty { return nil }
        return held[device]?[point] ?? frozen[device]?[point]
    }
}
