import Modbus
package import Telemetry

/// `headgate scan`: which units answer on a link, and how fast.
package struct ScanCommand: Sendable {
    /// What one unit did.
    package enum Finding: Hashable, Sendable {
        /// It answered: as asked, or with the exception that is named.
        case answered(after: Duration, refusal: String?)
        /// A gateway answered that the unit does not.
        case absent
        case silent
        /// Something came that is no answer.
        case noise(String)
    }

    private let target: FieldTarget
    private let units: [UnitID]
    private let isJSON: Bool

    /// - Parameter units: `1-247`, `1,3,8-12`.
    package init(link: String, units: String, timeout: String = "300ms", json: Bool = false) throws(FieldError) {
        let address = try FieldTarget.address(link, option: "--link")
        self.units = try Self.units(units).map { number throws(FieldError) in
            try FieldTarget.unit(number, on: address, option: "--units")
        }
        target = try FieldTarget(link: link, unit: Int(self.units.first?.rawValue ?? 1), timeout: timeout)
        isJSON = json
    }

    static func units(_ text: String) throws(FieldError) -> [Int] {
        let wrong = FieldError.usage("--units: '\(text)' is no list of units; write 1-247 or 1,3,8-12")
        var units: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { end in
                end.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(end) : nil
            }
            guard (1...2).contains(ends.count), let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last, last <= 255
            else { throw wrong }
            units.formUnion(first...last)
        }
        return units.sorted()
    }

    /// Tells each unit that is there as soon as it is known, then how many there are. Throws if there is none.
    package func run(time: any TimeSource, tell: (String) -> Void) async throws(FieldError) {
        var answered = 0
        var absent = 0
        try await target.withLink { link throws(FieldError) in
            for unit in units {
                let finding = try await look(for: unit, on: link, time: time)
                switch finding {
                case .answered: answered += 1
                case .absent: absent += 1
                case .silent, .noise: break
                }
                if let line = isJSON ? Self.json(unit, finding) : Self.line(unit, finding) { tell(line) }
            }
        }
        let note = absent > 0 ? "; for \(absent) of the others a gateway says that they do not" : ""
        guard answered > 0 else {
            throw .failed(
                "\(target.link): none of \(units.count) units answers\(note); see that speed, parity and wiring are right, "
                    + "or give them a longer --timeout")
        }
        if !isJSON { tell("\(answered) of \(units.count) units answer\(note)") }
    }

    /// Any answer shows that the unit is there, an exception too, but for 10 and 11, which a gateway gives in its place
    /// (Modbus Application Protocol V1.1b3, §7).
    private func look(for unit: UnitID, on link: any FieldLink, time: any TimeSource) async throws(FieldError) -> Finding {
        let start = time.now().monotonic
        do throws(ModbusError) {
            _ = try await link.ask(.read(.holding, address: 0, count: 1), of: unit, within: target.timeout)
            return .answered(after: time.now().monotonic - start, refusal: nil)
        } catch {
            switch error {
            case .exception(10), .exception(11): return .absent
            case .exception(let code):
                return .answered(after: time.now().monotonic - start, refusal: ModbusError.name(ofException: code))
            case .timeout: return .silent
            case .malformed(let what): return .noise(what)
            // A gateway that hangs up on a unit it does not know takes the next call; one that is gone does not.
            case .disconnected where unit != units.first && start + target.timeout > time.now().monotonic: return .silent
            case .disconnected, .unservable: throw .failed(target.words(for: error))
            }
        }
    }

    private static func line(_ unit: UnitID, _ finding: Finding) -> String? {
        let name = "unit " + "\(unit)".leftPadded(to: 3)
        switch finding {
        case .answered(let span, let refusal):
            return "\(name)  \("\(span.wholeMilliseconds) ms".leftPadded(to: 7))" + (refusal.map { "  (exception: \($0))" } ?? "")
        case .noise(let what): return "\(name)  something answers, but not as Modbus: \(what)"
        case .absent, .silent: return nil
        }
    }

    private static func json(_ unit: UnitID, _ finding: Finding) -> String? {
        guard case .answered(let span, let refusal) = finding else { return nil }
        let milliseconds = (span.seconds * 100_000).rounded() / 100
        return "{\"unit\":\(unit),\"milliseconds\":\(milliseconds.plain),\"exception\":\(refusal?.json ?? "null")}"
    }
}
