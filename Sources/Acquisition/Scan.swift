import Modbus
import Profiles
import Telemetry

/// One scan class of one device: the points read together on one period of the fixed grid.
struct Scan: Sendable {
    /// A failed scan is told once, then so often, so that a device dead for days does not fill the store.
    private static let silence = Duration.seconds(60)

    let device: DeviceID
    let unit: Int
    let blocks: [ReadBlock]
    let period: Duration
    private(set) var due: Monotonic
    /// Ticks at which the scan before was still under way, or nobody came by. They are not made up for.
    private(set) var missed = 0

    private(set) var isUnderWay = false
    private var open = 0
    private var samples: [Sample] = []
    private var hasGood = false
    private var toldFailure: Monotonic?

    init(device: DeviceID, unit: Int, blocks: [ReadBlock], period: Duration, first: Monotonic) {
        self.device = device
        self.unit = unit
        self.blocks = blocks
        self.period = period
        due = first
    }

    /// Moves on to the next tick of the grid.
    /// - Returns: whether a scan begins now; false if the last one is not finished.
    mutating func tick(at now: Monotonic) -> Bool {
        let step = max(period.wholeNanoseconds, 1)
        let late = max((now - due).wholeNanoseconds, 0)
        let ticks = late / step + 1
        missed += Int(clamping: ticks - 1)
        due = due + .nanoseconds(step.multipliedReportingOverflow(by: ticks).partialValue)
        guard !isUnderWay else {
            missed += 1
            return false
        }
        isUnderWay = true
        open = blocks.count
        samples.removeAll(keepingCapacity: true)
        hasGood = false
        return true
    }

    /// Takes a block's answer in. An answer that does not fit the block is a failure, never a number.
    mutating func take(_ answer: Result<Response, ModbusError>, of block: Int, at now: Moment) -> Batch? {
        switch answer {
        case .success(.registers(let registers)) where registers.count == Int(blocks[block].count):
            for member in blocks[block].members {
                let words = registers[member.offset..<member.offset + member.point.source.registerCount]
                note(member.point, member.point.source.reading(registers: words, range: member.point.range), at: now)
            }
        case .success(.bits(let bits)) where bits.count == Int(blocks[block].count):
            for member in blocks[block].members {
                note(member.point, .good(.bool(bits[member.offset])), at: now)
            }
        default:
            for member in blocks[block].members { note(member.point, .bad(.commFailure), at: now) }
        }
        open -= 1
        return open == 0 ? finish(at: now) : nil
    }

    private mutating func note(_ point: PolledPoint, _ reading: Reading, at now: Moment) {
        if reading.cause != .commFailure { hasGood = true }
        samples.append(Sample(point: point.id, time: now.wall, reading: reading))
    }

    private mutating func finish(at now: Moment) -> Batch? {
        isUnderWay = false
        if hasGood {
            toldFailure = nil
        } else if let toldFailure, now.monotonic - toldFailure < Self.silence {
            return nil
        } else {
            toldFailure = now.monotonic
        }
        return Batch(device: device, received: now, samples: samples)
    }
}
