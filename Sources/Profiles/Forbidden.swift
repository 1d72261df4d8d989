import Documents
import Modbus

extension Form {
    /// Addresses by table, `{ holding: [[100, 119], 130] }`, as ranges in rising order that do not touch.
    func forbidden(_ key: String) -> [Table: [ClosedRange<Int>]] {
        guard let form = form(key, "'\(key)'", keys: Table.allCases.map(\.rawValue)) else { return [:] }
        var found: [Table: [ClosedRange<Int>]] = [:]
        for entry in form.entries {
            guard let table = Table(rawValue: entry.key) else { continue }
            guard case .sequence(let members) = entry.value.content else {
                mistakes.add(
                    "'\(entry.key)' must be a list of addresses and of [first, last], not \(entry.value.kind)",
                    at: entry.value.place)
                continue
            }
            found[table] = Self.merged(members.compactMap(addresses))
        }
        return found
    }

    private func addresses(_ node: Node) -> ClosedRange<Int>? {
        guard case .sequence(let ends) = node.content else { return address(node).map { $0...$0 } }
        guard ends.count == 2 else {
            mistakes.add("a range of addresses must be [first, last], not a list of \(ends.count)", at: node.place)
            return nil
        }
        guard let first = address(ends[0]), let last = address(ends[1]) else { return nil }
        guard first <= last else {
            mistakes.add("a range of addresses must be [first, last], but \(first) is after \(last)", at: node.place)
            return nil
        }
        return first...last
    }

    private func address(_ node: Node) -> Int? {
        if let text = node.scalar, let address = Int(text), (0...65535).contains(address) { return address }
        mistakes.add(
            "an address must be a whole number from 0 to 65535, not \(node.scalar.map { "'\($0)'" } ?? node.kind)", at: node.place
        )
        return nil
    }

    private static func merged(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var merged: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
