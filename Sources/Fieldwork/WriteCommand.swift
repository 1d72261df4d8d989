import Documents
import Modbus
import Profiles
package import Telemetry

/// `headgate write`: one value to one point, after a look at what it is, and with a look at what it became.
package struct WriteCommand: Sendable {
    /// A device may take a while to show what it was told: so often it is looked at, so long apart.
    private static let looks = 5
    private static let wait = Duration.milliseconds(200)

    private let target: FieldTarget
    private let profile: Profile
    private let point: ProfilePoint
    private let source: RegisterSource
    private let request: Request
    /// What the point reads once the device has taken the value, rounded as the registers round it.
    private let expected: Reading

    /// Judges the value by the profile's limits, and opens nothing.
    package init(_ target: FieldTarget, profile path: String, point name: String, value text: String) throws(FieldError) {
        self.target = target
        profile = try ProfileFile.read(path)
        point = try profile.polledPoint(name, option: "--point")
        guard let source = point.register else { throw .usage("--point: '\(name)' is not in registers") }
        self.source = source
        guard let writable = point.writable else {
            throw .failed("'\(name)' is not writable by \(path); if the device's manual allows it, add 'writable: true' there")
        }
        let value = try point.value(text)
        let place = point.place
        func refused(_ why: String) -> FieldError { .failed("\(text) is refused for '\(name)': \(why); see \(place)") }
        if let range = point.range, let number = value.number, !range.contains(number) {
            throw refused("it is outside the range, \(range.lowerBound.plain) to \(range.upperBound.plain)")
        }
        if let objection = writable.objection(to: value) { throw refused("it \(objection)") }
        let request: Request
        do throws(ModbusError) {
            request = try source.request(writing: value)
        } catch {
            if case .unservable(let why) = error { throw refused(why) }
            throw refused("\(error)")
        }
        self.request = request
        expected = Self.reading(after: request, of: source, point.range)
    }

    /// - Parameter confirm: asked before anything is written, with what would be; nil does not ask.
    package func run(
        time: any TimeSource, tell: (String) -> Void, confirm: ((String) -> String?)?
    ) async throws(FieldError) {
        try await target.withLink { link throws(FieldError) in
            var reader = DeviceReader(link, target, profile, time: time)
            let before = await look(&reader)
            if let error = before?.error { throw .failed(target.words(for: error)) }
            tell("\(point.name) is \(words(before?.reading ?? .bad(.commFailure)))")
            if let confirm {
                let answer = confirm("write \(words(expected)) to '\(point.name)' of unit \(target.unit) on \(target.link)? type yes: ")
                guard answer == "yes" else { throw .failed("nothing was written: only 'yes' writes; --yes does not ask") }
            }
            var failure: ModbusError?
            do throws(ModbusError) {
                _ = try await reader.ask(request)
            } catch {
                failure = error
                // Of a write that nobody answered, nobody knows whether it was done: that shows when it is read back.
                guard error.isRetryable else { throw .failed("not written: " + target.words(for: error)) }
            }
            var after: FoundPoint?
            for attempt in 0..<Self.looks {
                if attempt > 0 { try? await time.sleep(for: Self.wait) }
                after = await look(&reader)
                if after?.error == nil, after?.reading == expected {
                    tell("\(point.name) is \(words(expected)) now: verified" + (failure.map { ", although the write had \($0)" } ?? ""))
                    return
                }
            }
            let shows = after?.error.map { "reading it back: \($0)" } ?? "it reads \(words(after?.reading ?? .bad(.commFailure)))"
            let told = failure.map { "the write had: \($0); " } ?? ""
            throw .failed(
                "'\(point.name)' is not verified: \(told)\(words(expected)) was sent, and \(shows); "
                    + "see that the device takes commands from here (local or remote), and look again with 'headgate read'")
        }
    }

    private func look(_ reader: inout DeviceReader) async -> FoundPoint? {
        reader.forget()
        return await reader.read(point)
    }

    private func words(_ reading: Reading) -> String {
        guard let value = reading.value else { return "unknown (\(reading.cause?.rawValue ?? ""))" }
        var text = value.plain
        if case .int(let number) = value, let label = point.labels[number] { text += " (\(label))" }
        return point.unit.isEmpty ? text : "\(text) \(point.unit)"
    }

    private static func reading(after request: Request, of source: RegisterSource, _ range: ClosedRange<Double>?) -> Reading {
        switch request {
        case .read: return .bad(.commFailure)
        case .writeCoil(_, let bit): return source.reading(bit: bit)
        case .writeCoils(_, let bits): return source.reading(bits: bits, range: range)
        case .writeRegister(_, let word): return source.reading(registers: [word], range: range)
        case .writeRegisters(_, let words): return source.reading(registers: words, range: range)
        case .maskWrite(let address, let and, let or):
            let words = (0..<source.registerCount).map { Int(source.address) + $0 == Int(address) ? or & ~and : 0 }
            return source.reading(registers: words, range: range)
        }
    }
}

extension ProfilePoint {
    /// A value as a person types it: by the point's type, or the word of an enumeration.
    func value(_ text: String, option: String = "--value") throws(FieldError) -> Value {
        if let (number, _) = labels.first(where: { $0.value == text }) { return .int(number) }
        let flags = ["true": true, "on": true, "1": true, "false": false, "off": false, "0": false]
        let value: Value?
        let needed: String
        switch valueType {
        case .bool: (value, needed) = (flags[text].map { .bool($0) }, "true or false")
        case .int: (value, needed) = (Int64(text).map { .int($0) }, "a whole number")
        case .uint: (value, needed) = (UInt64(text).map { .uint($0) }, "a whole number, zero or more")
        case .double: (value, needed) = (Double(text).flatMap { $0.isFinite ? .double($0) : nil }, "a number")
        case .string: (value, needed) = (.string(text), "text")
        }
        if let value { return value }
        let known = labels.isEmpty ? "" : suggestion(for: text, among: labels.values.sorted())
        throw .usage("\(option): '\(text)' is not \(needed), which '\(name)' is\(known)")
    }
}
