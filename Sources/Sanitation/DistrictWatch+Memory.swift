import Rules
import Telemetry

extension DistrictWatch {
    /// On which side the vehicle was: one that crosses while the gateway is down is told of when it is heard again.
    func memory(at now: Monotonic) -> Memory {
        var memory = Memory()
        memory[word: "side"] = side?.rawValue
        memory[count: "beyond"] = beyond
        memory[number: "last-distance"] = lastDistance
        memory[count: "last-time"] = lastTime.flatMap { Int(exactly: $0.milliseconds) }
        memory.keep(crossed, as: "crossed", at: now)
        eyesight.keep(in: &memory, at: now)
        return memory
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        side = memory[word: "side"].flatMap(Side.init(rawValue:))
        beyond = min(max(memory[count: "beyond"] ?? 0, 0), terms.fixes)
        lastDistance = memory[number: "last-distance"].flatMap { $0.isFinite ? $0 : nil } ?? 0
        lastTime = memory[count: "last-time"].map { Timestamp(milliseconds: Int64($0)) }
        crossed = memory.moment("crossed", since: base)
        eyesight.recall(memory, since: base)
    }
}
