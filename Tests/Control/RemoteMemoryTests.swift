import Telemetry
import Testing

@testable import Control

@Suite("What is remembered of commands")
struct RemoteMemoryTests {
    private func entry(_ id: String, at now: Moment) -> RemoteMemory.Entry {
        RemoteMemory.Entry(
            order: "x = 1", heard: now,
            answer: RemoteAnswer(id: id, origin: "c", point: "x", stage: .confirmed, reason: nil, value: nil, time: now.wall))
    }

    private func key(_ number: Int) -> RemoteMemory.Key { RemoteMemory.Key(origin: "c", id: "\(number)") }

    private let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))

    @Test("is the last day, the last thousand at least, and fifty thousand at most")
    func bounds() {
        var memory = RemoteMemory()
        for number in 0..<3000 { memory.remember(key(number), entry("\(number)", at: start.advanced(by: .seconds(number)))) }
        #expect(memory.count == 3000)
        let late = start.advanced(by: .seconds(86_400 + 1500))
        memory.remember(key(3000), entry("3000", at: late))
        #expect(memory[key(1499)] == nil && memory[key(1500)] != nil)
        memory.remember(key(3001), entry("3001", at: start.advanced(by: .seconds(10 * 86_400))))
        #expect(memory.count == 1000)
        for number in 4000..<60_000 { memory.remember(key(number), entry("\(number)", at: start.advanced(by: .seconds(10 * 86_400)))) }
        #expect(memory.count == 50_000)
        #expect(memory[key(59_999)] != nil && memory[key(4000)] == nil)
        #expect(memory.exported.map(\.id) == (10_000..<60_000).map { "\($0)" })
    }

    @Test("comes back as it was, and grows old across the restart")
    func restored() {
        var memory = RemoteMemory()
        for number in 0..<1500 { memory.remember(key(number), entry("\(number)", at: start.advanced(by: .seconds(number)))) }
        var next = RemoteMemory()
        let boot = Moment(monotonic: .zero, wall: start.wall.advanced(by: .seconds(86_400 + 1000)))
        next.remember(key(7777), entry("7777", at: boot))
        next.restore(memory.exported.shuffled(), at: boot)
        #expect(next[key(400)] == nil, "older than a day, and not of the last thousand")
        #expect(next[key(600)]?.answer.stage == .confirmed && next[key(7777)] != nil)
        #expect(next.count == 1000)
    }
}
