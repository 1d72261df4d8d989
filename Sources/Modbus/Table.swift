/// The four tables of a server's data model, Modbus Application Protocol V1.1b3, §4.3.
package enum Table: String, CaseIterable, Sendable {
    case coil, discrete, input, holding

    package var isBits: Bool { self == .coil || self == .discrete }
    package var isWritable: Bool { self == .coil || self == .holding }

    /// How many values one read may ask for, §6.1…6.4.
    package var maximumRead: Int { isBits ? 2000 : 125 }

    /// How many values one write may carry, §6.11 and §6.12; 0 where nothing can be written.
    package var maximumWrite: Int {
        switch self {
        case .coil: 1968
        case .holding: 123
        case .discrete, .input: 0
        }
    }

    /// The function that reads this table.
    package var readFunction: UInt8 {
        switch self {
        case .coil: 1
        case .discrete: 2
        case .holding: 3
        case .input: 4
        }
    }

    /// As people say it: `holding registers`.
    package var plural: String {
        switch self {
        case .coil: "coils"
        case .discrete: "discrete inputs"
        case .input: "input registers"
        case .holding: "holding registers"
        }
    }
}
