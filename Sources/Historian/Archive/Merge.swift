import Series
import Telemetry

/// Rows of one shelf, kind, day and level, put together into one of the next level; and what is rolled up on the way. Pure.
struct Merge {
    /// So many rows of a level make one of the next.
    static let fan = 8

    let merged: SegmentRow?
    /// Rollups of samples that had none yet.
    let rollups: [SegmentRow]
    /// Parts that could not be read, in words: what they held is gone.
    let damage: [String]

    init(_ rows: [SegmentRow]) {
        guard let model = rows.first else {
            (merged, rollups, damage) = (nil, [], [])
            return
        }
        var damage: [String] = []
        switch model.kind {
        case .samples:
            var all: [UInt8: Columns] = [:]
            var fresh: [UInt8: Columns] = [:]
            for row in rows {
                for (place, columns) in Self.samples(row, &damage) {
                    all[place, default: Columns()].append(columns)
                    if !row.isRolled { fresh[place, default: Columns()].append(columns) }
                }
            }
            merged = SegmentRow(
                samples: all.mapValues { $0.sorted() }, shelf: model.shelf, day: model.day, level: model.level + 1, isRolled: true)
            rollups = Self.rollups(of: fresh, shelf: model.shelf, day: model.day)
        case .minutes, .hours:
            var all: [UInt8: [Rollup]] = [:]
            for row in rows {
                for (place, rollups) in Self.rollups(row, &damage) { all[place, default: []] += rollups }
            }
            let length = Duration.seconds(model.kind.rawValue)
            merged = SegmentRow(
                rollups: all.mapValues { Rollup.of($0, length: length) }, kind: model.kind, shelf: model.shelf, day: model.day,
                level: model.level + 1)
            rollups = []
        }
        self.damage = damage
    }

    static func rollups(of samples: [UInt8: Columns], shelf: Int64, day: Int64) -> [SegmentRow] {
        let minutes = samples.mapValues { Rollup.of($0, length: .seconds(60)) }
        let hours = minutes.mapValues { Rollup.of($0, length: .seconds(3600)) }
        return [
            SegmentRow(rollups: minutes, kind: .minutes, shelf: shelf, day: day),
            SegmentRow(rollups: hours, kind: .hours, shelf: shelf, day: day),
        ].compactMap(\.self)
    }

    /// The readable samples of a row.
    static func samples(_ row: SegmentRow, _ damage: inout [String]) -> [(place: UInt8, columns: Columns)] {
        parts(row, &damage) { bytes throws(ChunkError) in try Chunk.decode(bytes) }
    }

    static func rollups(_ row: SegmentRow, _ damage: inout [String]) -> [(place: UInt8, rollups: [Rollup])] {
        parts(row, &damage) { bytes throws(ChunkError) in try RollupRun.decode(bytes) }
    }

    private static func parts<Part>(
        _ row: SegmentRow, _ damage: inout [String], _ decode: ([UInt8]) throws(ChunkError) -> Part
    ) -> [(UInt8, Part)] {
        var found: [(UInt8, Part)] = []
        do throws(PayloadError) {
            for part in try Segment.decode(row.payload) {
                do throws(ChunkError) { found.append((part.place, try decode(Array(part.bytes)))) } catch {
                    damage.append("a part of shelf \(row.shelf), day \(row.day): \(error)")
                }
            }
        } catch {
            damage.append("shelf \(row.shelf), day \(row.day): \(error.reason)")
        }
        return found
    }
}
