import Telemetry

extension FreeRule {
    func memory(at now: Monotonic) -> Memory {
        var memory = Memory()
        switch phase {
        case .waiting: break
        case .holding(let since):
            memory[word: "phase"] = "holding"
            memory.keep(since, as: "since", at: now)
        case .active(let since):
            memory[word: "phase"] = "active"
            memory[word: "because"] = because
            memory.keep(since, as: "since", at: now)
        case .resting(let until):
            memory[word: "phase"] = "resting"
            memory.keep(until, as: "until", at: now)
        case .spent: memory[word: "phase"] = "spent"
        }
        eyesight.keep(in: &memory, at: now)
        return memory
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        let since = memory.moment("since", since: base)
        switch (memory[word: "phase"], since, memory.moment("until", since: base)) {
        case ("holding", let since?, _): phase = .holding(since: since)
        case ("active", let since?, _): phase = .active(since: since)
        case ("resting", _, let until?): phase = .resting(until: until)
        case ("spent", _, _): phase = .spent
        default: phase = .waiting
        }
        because = memory[word: "because"] ?? ""
        isRecalled = true
        eyesight.recall(memory, since: base)
    }
}
