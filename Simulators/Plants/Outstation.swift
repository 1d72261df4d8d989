package import Modbus

/// One point of a device as the wire knows it.
package struct Cell: Sendable {
    package let point: String
    package let table: Table
    package let address: UInt16
    /// nil: a bit.
    package let codec: RegisterCodec?
    /// What one count of the register is worth.
    package let scale: Double

    static func bit(_ point: String, _ table: Table, _ address: UInt16) -> Cell {
        Cell(point: point, table: table, address: address, codec: nil, scale: 1)
    }

    static func number(
        _ point: String, _ table: Table, _ address: UInt16, _ type: RegisterType, _ order: WordOrder = .abcd,
        scale: Double = 1
    ) -> Cell {
        Cell(point: point, table: table, address: address, codec: RegisterCodec(type, order: order), scale: scale)
    }

    /// The registers for a value in the point's unit, or 1 or 0 for a bit. What does not fit is held at the type's limit,
    /// as a transmitter would.
    func words(for value: Double) -> [UInt16] {
        guard let codec else { return [value != 0 ? 1 : 0] }
        let raw: RawValue =
            switch codec.type {
            case .float32: .double(Double(Float(value)))
            case .float64: .double(value)
            default: Self.counts(value / scale, codec.type)
            }
        return (try? codec.encode(raw)) ?? Array(repeating: 0, count: codec.registerCount)
    }

    /// What a client's words mean in the point's unit.
    func value(of words: [UInt16]) -> Double? {
        guard let codec else { return words.first.map { $0 != 0 ? 1 : 0 } }
        switch codec.decode(words) {
        case .bool(let flag): return flag ? 1 : 0
        case .int(let count): return Double(count) * scale
        case .uint(let count): return Double(count) * scale
        case .double(let number): return number * scale
        case nil: return nil
        }
    }

    private static func counts(_ value: Double, _ type: RegisterType) -> RawValue {
        let whole = value.isNaN ? 0 : value.rounded()
        return switch type {
        case .int16: .int(Int64(max(-32768, min(32767, whole))))
        case .uint16: .uint(UInt64(max(0, min(65535, whole))))
        case .int32: .int(Int64(max(-2_147_483_648, min(2_147_483_647, whole))))
        case .uint32: .uint(UInt64(max(0, min(4_294_967_295, whole))))
        case .uint64: .uint(UInt64(max(0, min(0x1p63, whole))))
        case .int64: .int(Int64(max(-0x1p62, min(0x1p62, whole))))
        default: .bool(whole != 0)
        }
    }
}

/// One unit id of a plant, and what it serves.
package struct Outstation: Sendable {
    package let unit: UnitID
    package let device: String
    package let cells: [Cell]
    /// The tables before any value is in them. Between its first and last address a device answers everywhere, with
    /// zero where nothing is defined, as most do.
    let blank: RegisterBank
    /// From the first to the last address of each table: coils, discrete inputs, input and holding registers.
    private let spans: [Range<Int>?]

    func served(_ table: Table) -> Range<Int>? {
        switch table {
        case .coil: spans[0]
        case .discrete: spans[1]
        case .input: spans[2]
        case .holding: spans[3]
        }
    }

    init(_ unit: UInt8, _ device: String, _ cells: [Cell]) {
        self.unit = UnitID(unit)
        self.device = device
        self.cells = cells
        var blank = RegisterBank()
        var spans: [Range<Int>?] = [nil, nil, nil, nil]
        for (index, table) in [Table.coil, .discrete, .input, .holding].enumerated() {
            let ends = cells.filter { $0.table == table }.map { Int($0.address) + ($0.codec?.registerCount ?? 1) }
            let starts = cells.filter { $0.table == table }.map(\.address)
            guard let first = starts.min(), let last = ends.max() else { continue }
            blank.set(table, first, Array(repeating: 0, count: last - Int(first)))
            spans[index] = Int(first)..<last
        }
        self.blank = blank
        self.spans = spans
    }
}

/// A plant that stands behind Modbus.
package protocol ModbusPlant: Sendable {
    static var site: String { get }
    static var outstations: [Outstation] { get }

    mutating func step(_ seconds: Double)

    /// What the device measures, in the point's unit; bits as 1 and 0. nil for a point it does not have.
    func measured(_ point: String, on device: String) -> Double?

    /// A client wrote a point.
    mutating func written(_ value: Double, to point: String, on device: String)

    /// A person at the plant turns a switch or causes a trip. False: this point has no handle, only a reading.
    mutating func turned(_ point: String, on device: String, to value: Double?) -> Bool
}

/// A plant with its terminals: the physics, what its devices say instead when told to, and their register tables.
package struct Wired<Plant: ModbusPlant>: Sendable {
    package var plant: Plant
    package private(set) var interference = Interference()

    package init(_ plant: Plant) { self.plant = plant }

    package mutating func step(_ seconds: Double) { plant.step(seconds) }

    /// What a device says of a point, in the point's unit.
    package func said(_ point: String, on device: String) -> Double? {
        interference.instead(of: point, on: device) ?? plant.measured(point, on: device)
    }

    package func fault(of unit: UnitID) -> Fault? {
        Self.outstation(unit).flatMap { interference.fault(of: $0.device) }
    }

    /// The unit's tables as they are at this moment. nil: there is no such unit on this wire.
    package func bank(of unit: UnitID) -> RegisterBank? {
        guard let outstation = Self.outstation(unit) else { return nil }
        var bank = outstation.blank
        for cell in outstation.cells {
            guard let value = said(cell.point, on: outstation.device) else { continue }
            bank.set(cell.table, cell.address, cell.words(for: value))
        }
        return bank
    }

    /// Answers a client's request, and lets the plant feel what it wrote. nil: there is no such unit on this wire.
    package mutating func answer(_ unit: UnitID, _ pdu: [UInt8]) -> [UInt8]? {
        guard let outstation = Self.outstation(unit) else { return nil }
        if let words = words(pdu, from: outstation) { return words }
        guard var bank = bank(of: unit) else { return nil }
        let answer = bank.answer(pdu)
        for write in bank.takeWrites() {
            for cell in outstation.cells where cell.table == write.table && cell.address >= write.address {
                let words = write.values.dropFirst(Int(cell.address) - Int(write.address))
                    .prefix(cell.codec?.registerCount ?? 1)
                guard let value = cell.value(of: Array(words)) else { continue }
                plant.written(value, to: cell.point, on: outstation.device)
            }
        }
        return answer
    }

    /// The answer to a plain read of what is served, without a bank of all tables in between; nil for anything else.
    private func words(_ pdu: [UInt8], from outstation: Outstation) -> [UInt8]? {
        guard pdu.count == 5, let table = Table.allCases.first(where: { $0.readFunction == pdu[0] }) else { return nil }
        let address = UInt16(pdu[1]) << 8 | UInt16(pdu[2])
        let count = Int(pdu[3]) << 8 | Int(pdu[4])
        let range = Int(address)..<Int(address) + count
        guard count > 0, count <= table.maximumRead, let served = outstation.served(table), served.lowerBound <= range.lowerBound,
            range.upperBound <= served.upperBound
        else { return nil }
        var held = [UInt16](repeating: 0, count: count)
        for cell in outstation.cells where cell.table == table {
            let first = Int(cell.address)
            guard first < range.upperBound, first + (cell.codec?.registerCount ?? 1) > range.lowerBound else { continue }
            guard let value = said(cell.point, on: outstation.device) else { continue }
            var place = first - range.lowerBound
            for word in cell.words(for: value) {
                if held.indices.contains(place) { held[place] = word }
                place += 1
            }
        }
        let request = Request.read(table, address: address, count: UInt16(truncatingIfNeeded: count))
        return PDU.encode(table.isBits ? .bits(held.map { $0 != 0 }) : .registers(held), to: request)
    }

    /// Turns the switch that the point stands for or, where it has none, holds what the device says at a value, until nil
    /// lets it go. False: nobody here has that point.
    package mutating func set(_ point: String, on device: String, to value: Double?) -> Bool {
        guard Self.cell(point, on: device) != nil else { return false }
        if plant.turned(point, on: device, to: value) { return true }
        if let value {
            interference.hold(point, of: device, at: value)
        } else {
            interference.release(point, of: device)
        }
        return true
    }

    /// False: nobody here has that name, or it has no such point or no clock.
    package mutating func fail(_ device: String, _ fault: Fault?) -> Bool {
        guard let outstation = Plant.outstations.first(where: { $0.device == device }) else { return false }
        switch fault {
        case .clockOff: return false
        case .frozen(let point) where point != "*" && Self.cell(point, on: device) == nil: return false
        default: break
        }
        var said: [String: Double] = [:]
        for cell in outstation.cells { said[cell.point] = self.said(cell.point, on: device) }
        interference.fail(device, fault, said: said)
        return true
    }

    private static func outstation(_ unit: UnitID) -> Outstation? { Plant.outstations.first { $0.unit == unit } }

    private static func cell(_ point: String, on device: String) -> Cell? {
        Plant.outstations.first { $0.device == device }?.cells.first { $0.point == point }
    }
}
