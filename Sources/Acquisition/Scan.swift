import Modbus
import Profiles
import Telemetry

/// One scan class of one device: the points read together on one period of the grid.
///
/// A scan asks for the blocks of its plan. A block the device refuses for its addresses is halved and asked for again, until
/// what it does not serve is found; the plan then does without (see `Refusals`).
struct Scan: Sendable {
    /// A failed scan is told once, then so often, so that a device dead for days does not fill the store.
    private static let silence = Duration.seconds(60)

    /// A request that is no block of the plan: half of a refused one, or a cell tried again.
    struct Extra: Sendable {
        let block: ReadBlock
        /// The refused one it is half of, among the extras.
        let parent: Int?
        /// How many of its own halves were served at once.
        var servedHalves = 0
    }

    let device: DeviceID
    let name: String
    let unit: Int
    let period: Duration
    private(set) var due: Monotonic
    /// Where the ticks after the first fall.
    private let phase: Monotonic
    /// Ticks at which the scan before was still under way, or nobody came by. They are not made up for.
    private(set) var missed = 0

    private(set) var isUnderWay = false
    /// The last scan brought nothing.
    private(set) var hasFailed = false
    let points: [PolledPoint]
    let plan: ReadPlan
    var blocks: [ReadBlock]
    var refusals = Refusals()
    var extras: [Extra] = []
    var open = 0
    private var samples: [Sample] = []
    var hasGood = false
    private var unrollers: [Int: Unroller] = [:]
    private var toldFailure: Monotonic?
    private var toldLeftOut: Monotonic?
    private(set) var resets: [String] = []
    /// The exception that this scan met first, but for those that say what is not served, and the one that was told.
    private var complaint: (code: UInt8, block: ReadBlock)?
    private var toldComplaint: UInt8?

    /// - Parameters:
    ///   - members: places in `points`.
    ///   - first: the first tick, soon.
    ///   - phase: a tick of the grid, on which the scan is from then on.
    init(
        _ device: PolledDevice, members: [Int], period: Duration, unit: Int, limits: ReadLimits, first: Monotonic,
        phase: Monotonic
    ) {
        self.device = device.id
        name = device.name
        self.unit = unit
        self.period = period
        points = device.points
        plan = ReadPlan(device.points, of: members, limits: limits)
        blocks = plan.blocks()
        due = first
        self.phase = phase
        for place in plan.order { unrollers[place] = Unroller(device.points[place].source) }
    }

    /// Moves on to the next tick of the grid.
    /// - Returns: whether a scan is to begin now; false if the last one is not finished.
    mutating func tick(at now: Monotonic) -> Bool {
        let step = max(period.wholeNanoseconds, 1)
        if due < phase, now < phase {
            due = phase
        } else {
            // The first tick stands outside the grid; nothing was missed by it.
            let late = max((now - max(due, phase)).wholeNanoseconds, 0)
            let ticks = late / step
            missed += Int(clamping: ticks)
            let (span, overflows) = step.multipliedReportingOverflow(by: ticks + 1)
            due = overflows ? .never : max(due, phase) + .nanoseconds(span)
        }
        guard isUnderWay else { return true }
        missed += 1
        return false
    }

    // MARK: Asking

    /// - Returns: what to ask for; the scan is over at once if that is nothing.
    mutating func begin(at now: Monotonic) -> Range<Int> {
        isUnderWay = true
        hasGood = false
        complaint = nil
        if refusals.soonest <= now {
            if let cell = refusals.retry(at: now) { extras.append(Extra(block: plan.block(of: cell..<cell + 1), parent: nil)) }
            replan()
        }
        open = blocks.count + extras.count
        return 0..<open
    }

    /// What a piece of the scan asks for: a block of the plan, or what had to be asked besides.
    func block(_ piece: Int) -> ReadBlock {
        piece < blocks.count ? blocks[piece] : extras[piece - blocks.count].block
    }

    var isComplete: Bool { open == 0 }

    /// Takes an answer in. An answer that does not fit the block is a failure, never a number.
    /// - Returns: what to ask for besides, before the scan is complete.
    mutating func take(
        _ answer: Result<Response, ModbusError>, of piece: Int, at now: Moment, _ random: inout SeededRandom
    ) -> Range<Int> {
        open -= 1
        let block = block(piece)
        switch answer {
        case .success(let response) where response.answers(block):
            note(response, block, at: now)
            if piece >= blocks.count || refusals.isAnythingTold { learn(served: piece, block, at: now.monotonic) }
        case .failure(.exception(let code)) where code == 2 || code == 3:
            return search(piece, block, at: now.monotonic, &random)
        case .failure(.exception(let code)):
            // Of a gateway that does not reach its device: that is told as a device which does not answer.
            if complaint == nil, code != 10, code != 11 { complaint = (code, block) }
            note(.bad(.commFailure), block.members, at: now)
        case .success, .failure:
            note(.bad(.commFailure), block.members, at: now)
        }
        return 0..<0
    }

    /// Ends a complete scan.
    mutating func finish(at now: Moment) -> Batch? {
        isUnderWay = false
        extras.removeAll(keepingCapacity: true)
        let leftOut = refusals.leftOut
        if !leftOut.isEmpty, refusals.isChanged || isSilenceOver(since: toldLeftOut, now) {
            for cell in leftOut { note(.bad(.commFailure), plan.cells[cell].members, at: now) }
            toldLeftOut = now.monotonic
        }
        replan()
        hasFailed = !hasGood
        if hasGood {
            toldFailure = nil
        } else if isSilenceOver(since: toldFailure, now) {
            toldFailure = now.monotonic
        } else {
            samples.removeAll(keepingCapacity: true)
        }
        guard !samples.isEmpty else { return nil }
        // Handed over, not copied: the next scan begins with an array of its own.
        defer { samples = [] }
        return Batch(device: device, received: now, samples: samples)
    }

    /// A scan that need not be tried, since the link or the unit is known to be down.
    mutating func fail(at now: Moment) -> Batch? {
        hasFailed = true
        guard isSilenceOver(since: toldFailure, now) else { return nil }
        toldFailure = now.monotonic
        note(.bad(.commFailure), 0..<plan.order.count, at: now)
        defer { samples = [] }
        return samples.isEmpty ? nil : Batch(device: device, received: now, samples: samples)
    }

    /// What people should know of the last scan, a sentence each.
    mutating func news() -> [String] {
        guard refusals.hasNews || !resets.isEmpty || complaint?.code != toldComplaint else { return [] }
        var sentences = resets
        if complaint?.code != toldComplaint, complaint != nil || hasGood {
            sentences.append(words(for: complaint))
            toldComplaint = complaint?.code
        }
        if !refusals.refused.isEmpty {
            sentences.append("\(name) refuses \(plan.words(for: refusals.refused)); left out, and tried again from time to time")
        }
        if !refusals.served.isEmpty { sentences.append("\(name) serves \(plan.words(for: refusals.served)) again") }
        refusals.forgetNews()
        resets = []
        return sentences
    }

    private func words(for complaint: (code: UInt8, block: ReadBlock)?) -> String {
        guard let (code, block) = complaint else { return "\(name) answers without exceptions again" }
        let last = Int(block.address) + Int(block.count) - 1
        return "\(name) answers a read of \(block.table.plural) \(block.address)…\(last) with exception \(code) "
            + "(\(ModbusError.name(ofException: code))); what is read there is bad until it does not"
    }

    private func isSilenceOver(since told: Monotonic?, _ now: Moment) -> Bool {
        told.map { now.monotonic - $0 >= Self.silence } ?? true
    }

    // MARK: Noting

    private mutating func note(_ response: Response, _ block: ReadBlock, at now: Moment) {
        hasGood = true
        if samples.isEmpty { samples.reserveCapacity(plan.order.count) }
        for member in block.members {
            let place = plan.order[member]
            var reading = points[place].source.reading(in: response, from: block.address, range: points[place].range)
            if !unrollers.isEmpty { unroll(&reading, of: place) }
            samples.append(Sample(point: points[place].id, time: now.wall, reading: reading))
        }
    }

    private mutating func note(_ reading: Reading, _ members: Range<Int>, at now: Moment) {
        for member in members {
            samples.append(Sample(point: points[plan.order[member]].id, time: now.wall, reading: reading))
        }
    }

    private mutating func unroll(_ reading: inout Reading, of place: Int) {
        guard let (total, reset) = unrollers[place]?.unroll(reading) else { return }
        reading = total
        guard let reset else { return }
        let source = points[place].source
        resets.append(
            "\(name): the counter at \(source.table.plural) \(source.address) fell from \(reset.from.number ?? 0) to "
                + "\(reset.to.number ?? 0); it was reset, and counts anew")
    }
}

extension Response {
    /// Whether this is as much, of the kind, as a block asks for.
    fileprivate func answers(_ block: ReadBlock) -> Bool {
        switch self {
        case .bits(let bits): block.table.isBits && bits.count == Int(block.count)
        case .registers(let registers): !block.table.isBits && registers.count == Int(block.count)
        case .written: false
        }
    }
}
