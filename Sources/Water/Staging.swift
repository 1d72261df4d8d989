/// Which pumps of a station run, as a level asks for more of them and for fewer.
struct Staging: Sendable {
    enum Role: String, CaseIterable, Sendable {
        case duty
        /// A small one, which starts before all others, and takes no turns with them.
        case jockey
        /// Runs only in the place of another that is not available.
        case standby
        /// Runs only when the level has reached the flood.
        case flood
    }

    let roles: [Role]
    let alternation: Alternation

    /// How many pumps the level asks for, those of the flood apart.
    var demand = 0
    var isFlooded = false
    /// In the order in which they were started.
    var running: [Int] = []
    /// Where the round of the duty pumps begins.
    var lead = 0

    init(roles: [Role], alternation: Alternation) {
        self.roles = roles
        self.alternation = alternation
    }

    private func pumps(_ role: Role) -> [Int] { roles.indices.filter { roles[$0] == role } }

    private var ordinary: Int { running.count { roles[$0] != .flood } }

    /// How many more pumps are asked for than run.
    var missing: Int {
        max(demand - ordinary, 0) + (isFlooded ? pumps(.flood).count { !running.contains($0) } : 0)
    }

    /// The duty pump whose turn it is, available or not; before a first reading of them, by turns.
    var leader: Int { pumps(.duty).first { $0 >= lead } ?? pumps(.duty).first ?? lead }

    /// Takes a level in that is not at its end yet: pumps once asked for are asked for until the stop, unless they go off one by one.
    /// - Returns: who goes off.
    mutating func hear(_ level: Double, in band: Band, floodAt: Double?) -> [Int] {
        demand = max(demand, band.demand(at: level))
        if let floodAt, band.reaches(level, floodAt) { isFlooded = true }
        guard alternation == .firstOnFirstOff else { return [] }
        demand = min(demand, band.kept(at: level))
        var off: [Int] = []
        while ordinary > max(demand, 1), let first = running.first(where: { roles[$0] == .duty }) {
            off.append(first)
            release(first)
            lead = (first + 1) % roles.count
        }
        return off
    }

    /// Who is to start next; nil if nobody is asked for, or nobody is available.
    func next(isAvailable: [Bool], use: [Double?]) -> Int? {
        let free = roles.indices.filter { isAvailable[$0] && !running.contains($0) }
        func among(_ role: Role) -> [Int] { free.filter { roles[$0] == role } }
        if ordinary < demand {
            let duties = alternation.order(of: among(.duty), lead: lead, use: use)
            if let next = (among(.jockey) + duties + among(.standby)).first { return next }
        }
        return isFlooded ? among(.flood).first : nil
    }

    mutating func start(_ pump: Int) { running.append(pump) }

    /// It is no longer available; another takes its place.
    mutating func release(_ pump: Int) { running.removeAll { $0 == pump } }

    /// A pump that was found running goes on.
    mutating func adopt(_ pump: Int) {
        if running.isEmpty, roles[pump] == .duty { lead = pump }
        running.append(pump)
        demand = max(demand, ordinary)
    }

    /// The level is at its end.
    /// - Returns: who stops.
    mutating func stop() -> [Int] {
        defer { letGo() }
        if let first = running.first(where: { roles[$0] == .duty }) { lead = (first + 1) % roles.count }
        return running
    }

    mutating func letGo() {
        running = []
        demand = 0
        isFlooded = false
    }
}
