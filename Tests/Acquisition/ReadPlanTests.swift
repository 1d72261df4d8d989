import Modbus
import Profiles
import Telemetry
import Testing

@testable import Acquisition

@Suite("a reading plan")
struct ReadPlanTests {
    private func points(_ addresses: some Sequence<Int>, table: Table = .holding, type: RegisterType = .uint16) -> [PolledPoint] {
        addresses.map { PolledPoint($0, table: table, type: type) }
    }

    private func blocks(for points: [PolledPoint], registers: Int = 125, bits: Int = 2000, gap: Int) -> [ReadBlock] {
        ReadPlan(points, of: Array(points.indices), limits: ReadLimits(registers: registers, bits: bits, gap: gap)).blocks()
    }

    /// The register map of the neutral benchmark: 0-39, 50-69, 80-89, 200-219 and 300, 310 … 390.
    private var workload: [PolledPoint] {
        points(Array(0..<40) + Array(50..<70) + Array(80..<90) + Array(200..<220) + stride(from: 300, to: 400, by: 10))
    }

    @Test("reads a hundred scattered registers in three requests where gaps are free")
    func freeGaps() {
        let blocks = self.blocks(for: workload, gap: 2000)
        #expect(blocks.count == 3)
        #expect(blocks.map(\.address) == [0, 200, 330])
        #expect(blocks.allSatisfy { $0.count <= 125 })
        #expect(blocks.flatMap(\.members).count == 100)
    }

    @Test("joins only neighbours where a gap costs more than a request")
    func dearGaps() {
        #expect(blocks(for: workload, gap: 0).count == 14)
    }

    @Test("stays within what the device gives at once, and never cuts a value in two")
    func limits() {
        let blocks = self.blocks(for: points(stride(from: 0, to: 64, by: 2), type: .float32), registers: 9, gap: 10)
        #expect(blocks.allSatisfy { $0.count <= 9 && $0.count.isMultiple(of: 2) })
        #expect(blocks.flatMap(\.members).count == 32)
    }

    @Test("keeps tables apart and reads overlapping points once")
    func tables() {
        let blocks = self.blocks(
            for: points([0, 1]) + points([0, 1], table: .input) + points([0], table: .holding, type: .uint32)
                + points([7], table: .coil),
            gap: 100)
        #expect(blocks.map(\.table) == [.coil, .input, .holding])
        #expect(blocks.last?.count == 2)
        #expect(blocks.last?.members.count == 3)
    }

    @Test(
        "the worthwhile gap of a serial line is what the wire's arithmetic says",
        arguments: [(9600, 10), (19_200, 10), (115_200, 24)])
    func serialGap(baud: Int, registers: Int) {
        let plan = LinkPlan(
            name: "line", medium: .line(baud: baud), timeout: .seconds(1), devices: [])
        #expect(plan.worthwhileGap == registers)
    }

    @Test("the last address of a table can be read")
    func lastAddress() {
        let blocks = self.blocks(for: points([65534, 65535]), gap: 100)
        #expect(blocks.map(\.address) == [65534] && blocks.map(\.count) == [2])
    }

    @Test("bits have a limit of their own")
    func bits() {
        let blocks = self.blocks(for: points(0..<100, table: .coil), bits: 30, gap: 0)
        #expect(blocks.map(\.count) == [30, 30, 30, 10])
    }

    @Test("forbidden addresses are in no request, and all other points are", arguments: 0..<60 as Range<UInt64>)
    func forbidden(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let most = Int.random(in: 2...125, using: &random)
        let gap = Int.random(in: 0...200, using: &random)
        var limits = ReadLimits(registers: most, bits: most, gap: gap)
        for table in Table.allCases {
            limits.forbidden[table] = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                let first = Int.random(in: 0..<300, using: &random)
                return first...first + Int.random(in: 0...9, using: &random)
            }
        }
        let points = (0..<150).map { index in
            PolledPoint(
                Int.random(in: 0..<320, using: &random), id: index,
                table: Table.allCases.randomElement(using: &random) ?? .holding,
                type: [.uint16, .uint32].randomElement(using: &random) ?? .uint16)
        }
        let plan = ReadPlan(points, of: Array(points.indices), limits: limits)
        let blocks = plan.blocks()
        for block in blocks {
            #expect(!limits.forbids(Int(block.address)..<Int(block.address) + Int(block.count), of: block.table))
            #expect(Int(block.count) <= limits.most(of: block.table))
        }
        let read = blocks.flatMap(\.members).map { plan.order[$0] }
        let wanted = points.indices.filter { !limits.forbids(points[$0].source.addresses, of: points[$0].source.table) }
        #expect(read.sorted() == Array(wanted))
    }

    @Test("devices that share a unit id share what is forbidden")
    func shared() {
        let open = PolledDevice(id: DeviceID(index: 0), name: "a", unit: UnitID(1), points: points([0, 9]))
        let closed = PolledDevice(
            id: DeviceID(index: 1), name: "b", unit: UnitID(1), forbidden: [.holding: [4...4]], points: points([20]))
        let plan = LinkPlan(name: "l", medium: .wire, timeout: .seconds(1), devices: [open, closed])
        #expect(ReadPlan(open.points, of: [0, 1], limits: plan.limits(of: open)).blocks().map(\.count) == [1, 1])
    }
}
