package import Modbus
import Telemetry

/// `headgate read --holding 100..119`: registers or bits as they are on the wire, without a profile.
package struct RawRead: Sendable {
    package enum Style: Sendable {
        /// Each register as it is.
        case plain
        /// Everything that the registers could mean.
        case interpreted
        /// The same for programs, JSON Lines.
        case json
    }

    private let target: FieldTarget
    private let table: Table
    private let addresses: ClosedRange<Int>
    private let style: Style

    /// - Parameter span: `100..119`, `100-119`, or one address.
    package init(_ target: FieldTarget, table: Table, span: String, style: Style) throws(FieldError) {
        self.target = target
        self.table = table
        self.style = style
        addresses = try Self.addresses(span, option: "--\(table.rawValue)")
    }

    /// - Parameter table: as a profile calls it, `holding`.
    package init(_ target: FieldTarget, tableNamed table: String, span: String, style: Style) throws(FieldError) {
        guard let table = Table(rawValue: table) else { throw .usage("there is no table '\(table)'") }
        try self.init(target, table: table, span: span, style: style)
    }

    static func addresses(_ text: String, option: String) throws(FieldError) -> ClosedRange<Int> {
        let example = "write addresses as 100..119 or 100, counted from 0 as on the wire"
        var ends: [Substring] = [text[...]]
        for separator in ["...", "..", "…", "-"] {
            guard let place = text.firstRange(of: separator) else { continue }
            ends = [text[..<place.lowerBound], text[place.upperBound...]]
            break
        }
        let numbers = ends.map(Self.address)
        guard let first = numbers.first ?? nil, let last = numbers.last ?? nil else {
            throw .usage("\(option): '\(text)' is no range of addresses from 0 to 65535; \(example)")
        }
        guard first <= last else { throw .usage("\(option): '\(text)' ends before it begins; \(example)") }
        return first...last
    }

    private static func address(_ text: Substring) -> Int? {
        guard let first = text.first, first.isASCII, first.isNumber else { return nil }
        let number = text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
        return number.flatMap { (0...65535).contains($0) ? $0 : nil }
    }

    package func run(tell: (String) -> Void) async throws(FieldError) {
        let held = try await target.withLink { link throws(FieldError) in
            var held: [Int: UInt16] = [:]
            var refusal: ModbusError?
            var start = addresses.lowerBound
            while start <= addresses.upperBound {
                let end = min(start + table.maximumRead - 1, addresses.upperBound)
                try await read(start...end, on: link, into: &held, &refusal)
                start = end + 1
            }
            if held.isEmpty, let refusal { throw .failed(target.words(for: refusal)) }
            return held
        }
        let registers = Interpretation(of: held, in: addresses)
        switch style {
        case .interpreted where !table.isBits: registers.lines.forEach(tell)
        case .json where !table.isBits: registers.json.forEach(tell)
        case .json: for (address, bit) in held.sorted(by: { $0.key < $1.key }) { tell("{\"address\":\(address),\"value\":\(bit != 0)}") }
        case .plain, .interpreted: plain(held, tell)
        }
        let missing = addresses.count - held.count
        if missing > 0, style != .json { tell("\(missing) of \(addresses.count) \(table.plural) are not there: the device refuses them") }
    }

    private func plain(_ held: [Int: UInt16], _ tell: (String) -> Void) {
        for (address, word) in held.sorted(by: { $0.key < $1.key }) {
            let number = "\(address)".leftPadded(to: 5)
            tell(table.isBits ? "\(number)  \(word)" : "\(number)  0x\(word.hex)  \(word)")
        }
    }

    /// A range that is refused is read in halves, down to the single addresses that are not there.
    private func read(
        _ range: ClosedRange<Int>, on link: any FieldLink, into held: inout [Int: UInt16], _ refusal: inout ModbusError?
    ) async throws(FieldError) {
        let request = Request.read(table, address: UInt16(clamping: range.lowerBound), count: UInt16(clamping: range.count))
        let response: Response
        do throws(ModbusError) {
            response = try await link.ask(request, of: target.unit, within: target.timeout)
        } catch {
            guard case .exception(let code) = error, [2, 3, 4].contains(code) else { throw .failed(target.words(for: error)) }
            refusal = error
            guard range.count > 1 else { return }
            let middle = (range.lowerBound + range.upperBound) / 2
            try await read(range.lowerBound...middle, on: link, into: &held, &refusal)
            return try await read((middle + 1)...range.upperBound, on: link, into: &held, &refusal)
        }
        switch response {
        case .bits(let bits): for (place, bit) in zip(range, bits) { held[place] = bit ? 1 : 0 }
        case .registers(let words): for (place, word) in zip(range, words) { held[place] = word }
        case .written: return
        }
    }
}
