import Rules
import Telemetry

extension PumpBand {
    /// Whose turn it is, who was started and when: what a restart must not shuffle. Which pumps are available is looked at anew.
    func memory(at now: Monotonic) -> Memory {
        var memory = Memory()
        memory[count: "lead"] = staging.lead
        memory[count: "demand"] = staging.demand
        memory[flag: "flooded"] = staging.isFlooded
        memory[count: "told-missing"] = toldMissing
        memory[flag: "told-use"] = isToldOfUse
        memory[list: "running"] = staging.running
        memory[word: "profile"] = profiles.current
        memory.keep(lastStart, as: "last-start", at: now)
        memory.keep(began, as: "began", at: now)
        eyesight.keep(in: &memory, at: now)
        return memory
    }

    /// Numbers from a file are believed only as far as there are pumps.
    mutating func recall(_ memory: Memory, since base: Monotonic) {
        let known = pumps.indices
        staging.lead = memory[count: "lead"].flatMap { known.contains($0) ? $0 : nil } ?? 0
        staging.demand = min(max(memory[count: "demand"] ?? 0, 0), pumps.count)
        staging.isFlooded = memory[flag: "flooded"]
        toldMissing = min(max(memory[count: "told-missing"] ?? 0, 0), pumps.count)
        isToldOfUse = memory[flag: "told-use"]
        staging.running = []
        for index in memory[list: "running"] ?? [] where known.contains(index) && !staging.running.contains(index) {
            staging.running.append(index)
        }
        profiles.current = memory[word: "profile"].flatMap { name in profiles.all.contains { $0.name == name } ? name : nil }
        lastStart = memory.moment("last-start", since: base)
        began = memory.moment("began", since: base)
        isRecalled = true
        eyesight.recall(memory, since: base)
    }
}
