import Modbus

/// All that a run of registers could mean, side by side, for someone whose manual is silent or wrong.
struct Interpretation {
    private let words: [Int: UInt16]
    private let addresses: [Int]

    init(of words: [Int: UInt16], in range: ClosedRange<Int>) {
        self.words = words
        addresses = range.filter { words[$0] != nil }
    }

    /// Columns of numbers that begin at each address, by how many registers they take.
    private static let widths: [(count: Int, types: [RegisterType])] = [
        (1, [.uint16, .int16, .bcd16]), (2, [.uint32, .int32, .float32, .bcd32]), (4, [.uint64, .int64, .float64]),
    ]

    /// Tables for people, with empty lines between them.
    var lines: [String] {
        var lines: [String] = []
        for (count, types) in Self.widths {
            let header = ["address", "order"] + types.map(\.rawValue) + (count == 1 ? ["hex", "text"] : [])
            var rows: [[String]] = []
            for address in addresses {
                guard let run = run(address, count) else { continue }
                for order in Self.orders(count) {
                    var row = [count == 1 ? "\(address)" : "\(address)–\(address + count - 1)", order.rawValue]
                    if count == 1 { row[1] = order == .abcd ? "AB" : "BA" }
                    row += types.map { type in RegisterCodec(type, order: order).decode(run).map { Self.words($0, as: type) } ?? "-" }
                    if count == 1, let word = run.first {
                        let shown = order == .abcd ? word : word.byteSwapped
                        row += ["0x" + shown.hex, Self.text(shown)]
                    }
                    rows.append(row)
                }
            }
            guard !rows.isEmpty else { continue }
            if !lines.isEmpty { lines.append("") }
            lines += Self.aligned([header] + rows)
        }
        return lines + text
    }

    /// One object for each address, type and order.
    var json: [String] {
        var lines: [String] = []
        for (count, types) in Self.widths {
            for address in addresses {
                guard let run = run(address, count) else { continue }
                let hex = run.map(\.hex).joined(separator: " ")
                for order in Self.orders(count) {
                    for type in types {
                        guard let raw = RegisterCodec(type, order: order).decode(run) else { continue }
                        let number = raw.number ?? 0
                        let value = number.isFinite ? Self.words(raw, as: type) : "null"
                        lines.append(
                            "{\"address\":\(address),\"hex\":\"\(hex)\",\"order\":\"\(order.rawValue)\",\"type\":\"\(type.rawValue)\","
                                + "\"value\":\(value)}")
                    }
                }
            }
        }
        return lines
    }

    /// In one register there is nothing to order but its two bytes.
    private static func orders(_ count: Int) -> [WordOrder] { count == 1 ? [.abcd, .badc] : [.abcd, .cdab, .badc, .dcba] }

    private func run(_ address: Int, _ count: Int) -> [UInt16]? {
        let run = (address..<address + count).compactMap { words[$0] }
        return run.count == count ? run : nil
    }

    /// Each run of neighbours as one text, in both orders of bytes.
    private var text: [String] {
        guard !addresses.isEmpty else { return [] }
        return [WordOrder.abcd, .badc].reduce(into: [""]) { lines, order in
            let shown = addresses.compactMap { words[$0] }.map { Self.text(order == .abcd ? $0 : $0.byteSwapped) }
            lines.append("text \(order == .abcd ? "AB" : "BA")  \(shown.joined())")
        }
    }

    private static func text(_ word: UInt16) -> String {
        String([word >> 8, word & 0xFF].map { (0x20...0x7E).contains($0) ? Character(Unicode.Scalar(UInt8($0))) : "." })
    }

    static func words(_ raw: RawValue, as type: RegisterType) -> String {
        switch raw {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)"
        case .double(let value): type == .float32 ? "\(Float(value))" : "\(value)"
        }
    }

    private static func aligned(_ rows: [[String]]) -> [String] {
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { column in rows.reduce(0) { max($0, $1[column].count) } }
        return rows.map { row in zip(row, widths).map { $0.leftPadded(to: $1) }.joined(separator: "  ") }
    }
}
