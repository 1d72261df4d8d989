import Modbus
import Profiles
import Telemetry

/// A device as its profile describes it: every point holds something that reads as good, and counters count.
struct SimulatedDevice {
    private struct Counter {
        let source: RegisterSource
        let start: Double
        /// A second.
        let step: Double
        let modulus: Double?
    }

    private(set) var bank = RegisterBank()
    private var counters: [Counter] = []

    /// - Parameter settings: values of points that stand still.
    init(_ profile: Profile, settings: [String: Value]) throws(FieldError) {
        for source in profile.points.compactMap(\.register) {
            for address in source.addresses where bank[source.table, UInt16(clamping: address)] == nil {
                bank[source.table, UInt16(clamping: address)] = 0
            }
        }
        for point in profile.points {
            guard let source = point.register else { continue }
            if let value = settings[point.name] {
                do throws(ModbusError) {
                    try put(value, in: source)
                } catch {
                    throw .usage("--set: \(value.plain) cannot be in '\(point.name)': \(error)")
                }
                continue
            }
            for value in Self.likely(point, source, model: profile.model) {
                if source.holds(value, point.range), (try? put(value, in: source)) != nil { break }
            }
            if point.isCounter, let now = source.reading(in: bank).value?.number {
                let step = source.isScaled ? abs(source.scale) : 1
                let modulus = source.meaning.rollOver.map { Double($0) * abs(source.scale) }
                counters.append(Counter(source: source, start: now, step: step, modulus: modulus))
            }
        }
    }

    /// What a client asks, so long after the start.
    mutating func answer(_ pdu: [UInt8], at elapsed: Duration) -> [UInt8] {
        for counter in counters {
            var count = counter.start + elapsed.seconds.rounded(.down) * counter.step
            if let modulus = counter.modulus, modulus > 0 { count = count.truncatingRemainder(dividingBy: modulus) }
            let value: Value
            switch counter.source.valueType {
            case .double: value = .double(count)
            case .uint: value = UInt64(exactly: count.rounded()).map { .uint($0) } ?? .uint(0)
            case .int, .bool, .string: value = Int64(exactly: count.rounded()).map { .int($0) } ?? .int(0)
            }
            // One that its registers no longer hold stands still.
            try? put(value, in: counter.source)
        }
        return bank.answer(pdu)
    }

    private mutating func put(_ value: Value, in source: RegisterSource) throws(ModbusError) {
        switch try source.encode(value) {
        case .bit(let flag): bank.set(source.table, source.address, flag)
        case .registers(let words): bank.set(source.table, source.address, words)
        case .mask(let offset, let and, let or):
            let address = source.address &+ offset
            bank[source.table, address] = (bank[source.table, address] ?? 0) & and | or & ~and
        }
    }

    /// Values worth trying, the likeliest first.
    private static func likely(_ point: ProfilePoint, _ source: RegisterSource, model: String) -> [Value] {
        switch source.valueType {
        case .bool: return [.bool(false)]
        case .string: return [.string(String(model.prefix(source.meaning.text?.length ?? 0).filter(\.isASCII)).trimmed), .string("")]
        case .int, .uint, .double: break
        }
        if let first = point.labels.keys.min() { return [.int(first)] }
        var numbers: [Double] = []
        if let safe = point.writable?.safe?.number { numbers.append(safe) }
        if let range = point.range { numbers.append(contentsOf: [(range.lowerBound + range.upperBound) / 2, range.lowerBound]) }
        if let loop = source.meaning.loop { numbers.append((loop.first + loop.second) / 2) }
        if let least = point.writable?.minimum { numbers.append(least) }
        numbers += [0, 1, source.offset]
        return numbers.map { number in
            switch source.valueType {
            case .double: .double(number)
            case .uint: .uint(UInt64(exactly: number.rounded()) ?? 0)
            case .int, .bool, .string: .int(Int64(exactly: number.rounded()) ?? 0)
            }
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension RegisterSource {
    /// Whether the registers can hold this value such that it reads as good.
    fileprivate func holds(_ value: Value, _ range: ClosedRange<Double>?) -> Bool {
        guard case .registers(let words) = try? encode(value) else { return (try? encode(value)) != nil }
        return reading(registers: words, range: range).isGood
    }

    fileprivate func reading(in bank: RegisterBank) -> Reading {
        reading(registers: addresses.compactMap { bank[table, UInt16(clamping: $0)] })
    }
}

extension ProfilePoint {
    private static let countingWords: Set<Substring> = [
        "total", "totals", "energy", "volume", "count", "counter", "counts", "hours", "pulses", "starts", "uptime",
    ]

    /// Whether a device only ever adds to it: a profile says so with `roll-over`, or the name says it.
    fileprivate var isCounter: Bool {
        guard writable == nil, labels.isEmpty, valueType != .bool, valueType != .string, register?.meaning.loop == nil else { return false }
        return rollOver != nil || !Self.countingWords.isDisjoint(with: name.split { $0 == "-" || $0 == "_" })
    }
}
