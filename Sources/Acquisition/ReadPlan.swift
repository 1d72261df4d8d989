import Modbus
import Profiles
import Telemetry

/// What one read of a device may ask for.
struct ReadLimits: Sendable {
    /// The most registers the device gives at once; the protocol's 125 stands above it.
    var registers = 125
    /// The most bits; the protocol's 2000 stands above it.
    var bits = 2000
    /// Unwanted registers worth reading; sixteen bits weigh as much as a register.
    var gap = 2000
    /// Addresses never to be read.
    var forbidden: [Table: [ClosedRange<Int>]] = [:]

    func most(of table: Table) -> Int { min(max(table.isBits ? bits : registers, 1), table.maximumRead) }

    func forbids(_ addresses: Range<Int>, of table: Table) -> Bool {
        !addresses.isEmpty && forbidden[table, default: []].contains { $0.overlaps(addresses) }
    }
}

/// A run of one table read with one request.
struct ReadBlock: Sendable, Hashable {
    let table: Table
    let address: UInt16
    let count: UInt16
    /// What the request reads of the plan's cells, and of its points in order.
    let cells: Range<Int>
    let members: Range<Int>

    var request: Request { .read(table, address: address, count: count) }

    /// Of data in the answer.
    var bytes: Int { table.isBits ? (Int(count) + 7) / 8 : Int(count) * 2 }
}

/// Which requests read a set of points: as few as the protocol, the device and the gaps allow.
struct ReadPlan: Sendable {
    /// The least that is worth asking for: addresses that belong to one value, or to several that overlap.
    struct Cell: Sendable {
        let table: Table
        let addresses: Range<Int>
        let members: Range<Int>
        /// Between this cell and the one before lies something that may not be read.
        let isApart: Bool
    }

    let limits: ReadLimits
    /// Places in the device's array of points, by table and address.
    let order: [Int]
    let cells: [Cell]

    /// - Parameter wanted: places in `points`. Those at forbidden addresses are left out.
    init(_ points: [PolledPoint], of wanted: [Int], limits: ReadLimits) {
        var order: [Int] = []
        var cells: [Cell] = []
        for table in Table.allCases {
            let most = limits.most(of: table)
            let found = wanted.filter {
                let source = points[$0].source
                return source.table == table && !limits.forbids(source.addresses, of: table)
            }
            for place in found.sorted(by: { points[$0].source.address < points[$1].source.address }) {
                let addresses = points[place].source.addresses
                order.append(place)
                if let last = cells.last, last.table == table {
                    let both = last.addresses.lowerBound..<max(last.addresses.upperBound, addresses.upperBound)
                    if addresses.lowerBound < last.addresses.upperBound, both.count <= most {
                        cells[cells.count - 1] = Cell(
                            table: table, addresses: both, members: last.members.lowerBound..<order.count, isApart: last.isApart)
                        continue
                    }
                }
                let before = cells.last.map { $0.table == table ? $0.addresses.upperBound : 0 } ?? 0
                let gap = min(before, addresses.lowerBound)..<addresses.lowerBound
                cells.append(
                    Cell(
                        table: table, addresses: addresses, members: order.count - 1..<order.count,
                        isApart: limits.forbids(gap, of: table)))
            }
        }
        self.limits = limits
        self.order = order
        self.cells = cells
    }

    /// Taking what follows for as long as it fits needs the fewest blocks, since every block begins at a wanted address.
    /// - Parameter refusals: what the device has been seen to refuse is not asked for, and not read across.
    func blocks(avoiding refusals: Refusals = Refusals()) -> [ReadBlock] {
        var blocks: [ReadBlock] = []
        var run = 0..<0
        var end = 0
        for (index, cell) in cells.enumerated() {
            if refusals.leavesOut(index) {
                if !run.isEmpty { blocks.append(block(of: run)) }
                run = 0..<0
                continue
            }
            let joins =
                !run.isEmpty && cells[run.lowerBound].table == cell.table && !cell.isApart && !refusals.isCut(before: index)
                && max(end, cell.addresses.upperBound) - cells[run.lowerBound].addresses.lowerBound <= limits.most(of: cell.table)
                && cell.addresses.lowerBound - end <= (cell.table.isBits ? limits.gap * 16 : limits.gap)
            if joins {
                run = run.lowerBound..<index + 1
                end = max(end, cell.addresses.upperBound)
            } else {
                if !run.isEmpty { blocks.append(block(of: run)) }
                run = index..<index + 1
                end = cell.addresses.upperBound
            }
        }
        if !run.isEmpty { blocks.append(block(of: run)) }
        return blocks
    }

    /// The request for neighbouring cells of one table.
    /// - Precondition: `run` is not empty and within `cells`.
    func block(of run: Range<Int>) -> ReadBlock {
        let first = cells[run.lowerBound]
        let end = cells[run].reduce(0) { max($0, $1.addresses.upperBound) }
        return ReadBlock(
            table: first.table, address: UInt16(clamping: first.addresses.lowerBound),
            count: UInt16(clamping: end - first.addresses.lowerBound), cells: run,
            members: first.members.lowerBound..<cells[run.upperBound - 1].members.upperBound)
    }
}
