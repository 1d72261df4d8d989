import Fieldwork
import Modbus
import Telemetry
import Testing
import TestSupport

@Suite("looking for units")
struct ScanTests {
    @Test("an exception is an answer too, unless a gateway gives it for a unit that is not there")
    func findings() async throws {
        var whole = RegisterBank()
        whole.set(.holding, 0, [1])
        let device = HandMade([2: whole, 5: RegisterBank()])
        defer { device.stop() }
        let said = Said()
        let command = try ScanCommand(link: device.start(), units: "1-5,9", timeout: "40ms")
        try await command.run(time: ManualTime(), tell: said.tell)
        #expect(
            said.lines == [
                "unit   2     0 ms", "unit   5     0 ms  (exception: illegal data address)",
                "2 of 6 units answer; for 1 of the others a gateway says that they do not",
            ])
    }

    @Test("nobody there is exit status 1, with the next step")
    func nobody() async throws {
        let device = HandMade([:])
        defer { device.stop() }
        let command = try ScanCommand(link: device.start(), units: "1,2", timeout: "30ms", json: true)
        let error = await refusal { () async throws(FieldError) in try await command.run(time: ManualTime()) { _ in } }
        #expect(error?.status == 1)
        #expect(error?.description.contains("none of 2 units answers") == true)
    }

    @Test("no list of units", arguments: ["", "x", "5-1", "1,,2", "300", "1-2-3", "-1"])
    func wrong(units: String) async {
        let error = await refusal { () async throws(FieldError) in _ = try ScanCommand(link: "tcp://h", units: units) }
        #expect(error?.status == 64)
    }

    @Test("a serial line has no unit 248")
    func serial() async {
        let error = await refusal { () async throws(FieldError) in _ = try ScanCommand(link: "rtu:///dev/ttyS9", units: "240-248") }
        #expect(error?.description.contains("248 is no unit of this link; write one from 1 to 247") == true)
    }
}
