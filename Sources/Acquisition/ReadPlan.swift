import Modbus
import Profiles
import Telemetry

/// A run of one table read with one request, and the points found in it.
struct ReadBlock: Sendable {
    struct Member: Sendable {
        let point: PolledPoint
        /// From the block's first address.
        let offset: Int
    }

    let table: Table
    let address: UInt16
    let count: UInt16
    let members: [Member]

    var request: Request { .read(table, address: address, count: count) }
}

/// Which requests read a set of points: as few as the protocol, the device and the gaps allow.
enum ReadPlan {
    /// - Parameters:
    ///   - maximumRegisters: the most registers the device gives at once; the protocol's 125 stands above it.
    ///   - gap: unwanted registers worth reading; sixteen bits weigh as much as a register.
    static func blocks(for points: [PolledPoint], maximumRegisters: Int, gap: Int) -> [ReadBlock] {
        Table.allCases.flatMap { table in
            let wanted = points.filter { $0.source.table == table }.sorted { $0.source.address < $1.source.address }
            let most = table.isBits ? table.maximumRead : min(max(maximumRegisters, 1), table.maximumRead)
            return blocks(in: table, of: wanted, most: most, gap: table.isBits ? gap * 16 : gap)
        }
    }

    /// Taking what follows for as long as it fits needs the fewest blocks, since every block begins at a wanted address.
    private static func blocks(in table: Table, of points: [PolledPoint], most: Int, gap: Int) -> [ReadBlock] {
        var blocks: [ReadBlock] = []
        var members: [ReadBlock.Member] = []
        var start = 0
        var end = 0
        func close() {
            guard !members.isEmpty else { return }
            blocks.append(
                ReadBlock(table: table, address: UInt16(start), count: UInt16(end - start), members: members))
            members = []
        }
        for point in points {
            let first = Int(point.source.address)
            let last = first + point.source.registerCount
            if members.isEmpty || max(last, end) - start > most || first - end > gap {
                close()
                (start, end) = (first, last)
            }
            members.append(.init(point: point, offset: first - start))
            end = max(end, last)
        }
        close()
        return blocks
    }
}
