import Fieldwork
import Modbus
import Synchronization
import Telemetry
import Testing
import TestSupport

@Suite("writing from the command line")
final class WriteTests {
    private let bench: Workbench
    private let device: HandMade
    private let link: String

    init() throws {
        bench = try Workbench()
        var bank = RegisterBank()
        bank.set(.holding, 3, [0])
        bank.set(.coil, 4, false)
        bank.set(.holding, 10, [0, 0x4220])
        bank.set(.holding, 20, [0x0F08])
        device = HandMade([1: bank])
        link = try device.start()
    }

    deinit { device.stop() }

    private func write(
        _ value: String, to point: String, saying answer: String? = nil
    ) async -> (said: [String], error: FieldError?) {
        let said = Said()
        let confirm: ((String) -> String?)? = answer.map { answer in
            { question in
                said.tell(question)
                return answer
            }
        }
        let error = await refusal { () async throws(FieldError) in
            let target = try FieldTarget(link: link, unit: 1, timeout: "200ms")
            let file: String
            do { file = try bench.pump() } catch { throw FieldError("\(error)") }
            try await WriteCommand(target, profile: file, point: point, value: value)
                .run(time: SystemTime(), tell: said.tell, confirm: confirm)
        }
        return (said.lines, error)
    }

    @Test("a number is written within its limits, and verified")
    func number() async {
        let (said, error) = await write("42.5", to: "speed")
        #expect(error == nil)
        #expect(said == ["speed is 40 Hz", "speed is 42.5 Hz now: verified"])
        #expect(device[1, .holding, 11] == 0x422A)
    }

    @Test(
        "the word of an enumeration, a truth value, some bits of a register",
        arguments: [("state", "reverse"), ("running", "on"), ("mode", "9")])
    func kinds(point: String, value: String) async {
        let (said, error) = await write(value, to: point)
        #expect(error == nil)
        #expect(said.last?.hasSuffix("now: verified") == true)
        if point == "mode" { #expect(device[1, .holding, 20] == 0x0F98) }
    }

    @Test("it asks, and only yes writes")
    func confirmation() async {
        let refused = await write("42", to: "speed", saying: "y")
        #expect(refused.error?.status == 1)
        #expect(refused.said.last == "write 42 Hz to 'speed' of unit 1 on \(link)? type yes: ")
        #expect(device.writes(1).isEmpty)
        let done = await write("42", to: "speed", saying: "yes")
        #expect(done.error == nil)
        #expect(device.writes(1).count == 1)
    }

    @Test(
        "limits refuse before anything is opened",
        arguments: [
            ("speed", "51", "above the most that may be written, 50"), ("speed", "19", "below the least"),
            ("speed", "40.3", "not in steps of 0.5"), ("mode", "16", "does not fit in bits 4 to 7"),
            ("level", "1", "is not writable by"),
        ])
    func limits(point: String, value: String, why: String) async {
        let (said, error) = await write(value, to: point)
        #expect(error?.status == 1)
        #expect(error?.description.contains(why) == true, "\(error?.description ?? "")")
        #expect(said.isEmpty)
        #expect(device.writes(1).isEmpty)
    }

    @Test(
        "a value of another kind is the command's mistake",
        arguments: [("speed", "fast"), ("speed", "nan"), ("running", "maybe"), ("state", "forwrd"), ("mode", "1.5")])
    func wrongKind(point: String, value: String) async {
        let (_, error) = await write(value, to: point)
        #expect(error?.status == 64)
        if point == "state" { #expect(error?.description.contains("did you mean 'forward'?") == true) }
    }

    @Test("a device that says it did and did not is not verified, with exit status 1")
    func deaf() async {
        device.isDeaf.withLock { $0 = true }
        let (said, error) = await write("true", to: "running")
        #expect(said == ["running is false"])
        #expect(error?.status == 1)
        #expect(error?.description.contains("'running' is not verified: true was sent, and it reads false") == true)
    }
}
