import Modbus
import Profiles
import Telemetry
import Testing

@testable import Acquisition

@Suite("a reading plan")
struct ReadPlanTests {
    private func points(_ addresses: some Sequence<Int>, table: Table = .holding, type: RegisterType = .uint16) -> [PolledPoint] {
        addresses.enumerated().map { index, address in
            PolledPoint(
                id: PointID(index: index),
                source: RegisterSource(table: table, address: UInt16(address), codec: RegisterCodec(type, order: .abcd)),
                every: .seconds(1), range: nil)
        }
    }

    /// The register map of the neutral benchmark: 0-39, 50-69, 80-89, 200-219 and 300, 310 … 390.
    private var workload: [PolledPoint] {
        points(Array(0..<40) + Array(50..<70) + Array(80..<90) + Array(200..<220) + stride(from: 300, to: 400, by: 10))
    }

    @Test("reads a hundred scattered registers in three requests where gaps are free")
    func freeGaps() {
        let blocks = ReadPlan.blocks(for: workload, maximumRegisters: 125, gap: 2000)
        #expect(blocks.count == 3)
        #expect(blocks.map(\.address) == [0, 200, 330])
        #expect(blocks.allSatisfy { $0.count <= 125 })
        #expect(blocks.flatMap(\.members).count == 100)
    }

    @Test("joins only neighbours where a gap costs more than a request")
    func dearGaps() {
        #expect(ReadPlan.blocks(for: workload, maximumRegisters: 125, gap: 0).count == 14)
    }

    @Test("stays within what the device gives at once, and never cuts a value in two")
    func limits() {
        let blocks = ReadPlan.blocks(for: points(stride(from: 0, to: 64, by: 2), type: .float32), maximumRegisters: 9, gap: 10)
        #expect(blocks.allSatisfy { $0.count <= 9 && $0.count.isMultiple(of: 2) })
        #expect(blocks.flatMap(\.members).count == 32)
    }

    @Test("keeps tables apart and reads overlapping points once")
    func tables() {
        let blocks = ReadPlan.blocks(
            for: points([0, 1]) + points([0, 1], table: .input) + points([0], table: .holding, type: .uint32) + points([7], table: .coil),
            maximumRegisters: 125, gap: 100)
        #expect(blocks.map(\.table) == [.coil, .input, .holding])
        #expect(blocks.last?.count == 2)
        #expect(blocks.last?.members.count == 3)
    }

    @Test("the worthwhile gap of a serial line is what the wire's arithmetic says", arguments: [(9600, 10), (19_200, 10), (115_200, 24)])
    func serialGap(baud: Int, registers: Int) {
        let plan = LinkPlan(
            name: "line", medium: .serial(path: "", baud: baud, parity: "N", stopBits: 1), timeout: .seconds(1), devices: [])
        #expect(plan.worthwhileGap == registers)
    }

    @Test("the last address of a table can be read")
    func lastAddress() {
        let blocks = ReadPlan.blocks(for: points([65534, 65535]), maximumRegisters: 125, gap: 100)
        #expect(blocks.map(\.address) == [65534] && blocks.map(\.count) == [2])
    }
}
