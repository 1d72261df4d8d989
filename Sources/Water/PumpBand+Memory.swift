import Rules
import Telemetry

extension PumpBand {
    /// Whose turn it is, who was started and when: what a restart must not shuffle. Which pumps are available is looked at anew.
    func memory(at now: Monotonic) -> Memory {
        var memory = Memory()
        memory[count: "lead"] = lead
        memory[count: "demand"] = demand
        memory[count: "told-missing"] = toldMissing
        memory[list: "running"] = running
        memory.keep(lastStart, as: "last-start", at: now)
        memory.keep(began, as: "began", at: now)
        eyesight.keep(in: &memory, at: now)
        return memory
    }

    /// Numbers from a file are believed only as far as there are pumps.
    mutating func recall(_ memory: Memory, since base: Monotonic) {
        let known = pumps.indices
        lead = memory[count: "lead"].flatMap { known.contains($0) ? $0 : nil } ?? 0
        demand = min(max(memory[count: "demand"] ?? 0, 0), pumps.count)
        toldMissing = min(max(memory[count: "told-missing"] ?? 0, 0), pumps.count)
        running = []
        for index in memory[list: "running"] ?? [] where known.contains(index) && !running.contains(index) { running.append(index) }
        lastStart = memory.moment("last-start", since: base)
        began = memory.moment("began", since: base)
        isRecalled = true
        eyesight.recall(memory, since: base)
    }
}
