import Modbus
import Telemetry

extension Scan {
    mutating func replan() {
        guard refusals.isChanged else { return }
        blocks = plan.blocks(avoiding: refusals)
        refusals.planned()
    }

    mutating func learn(served piece: Int, _ block: ReadBlock, at now: Monotonic) {
        refusals.serve(block.cells)
        guard piece >= blocks.count, let parent = extras[piece - blocks.count].parent else { return }
        extras[parent].servedHalves += 1
        // Each half alone, but not both at once: what lies between is not served.
        if extras[parent].servedHalves == 2 { refusals.cut(before: Self.middle(of: extras[parent].block.cells), at: now) }
    }

    mutating func search(_ piece: Int, _ block: ReadBlock, at now: Monotonic, _ random: inout SeededRandom) -> Range<Int> {
        guard block.cells.count > 1 else {
            hasGood = true
            refusals.refuse(block.cells.lowerBound, at: now, &random)
            return 0..<0
        }
        let parent: Int
        if piece >= blocks.count {
            parent = piece - blocks.count
        } else {
            parent = extras.count
            extras.append(Extra(block: block, parent: nil))
        }
        let first = blocks.count + extras.count
        let middle = Self.middle(of: block.cells)
        extras.append(Extra(block: plan.block(of: block.cells.lowerBound..<middle), parent: parent))
        extras.append(Extra(block: plan.block(of: middle..<block.cells.upperBound), parent: parent))
        open += 2
        return first..<first + 2
    }

    private static func middle(of cells: Range<Int>) -> Int { cells.lowerBound + cells.count / 2 }
}

extension ReadPlan {
    /// `holding registers 5, 7…9 and 3 more`.
    func words(for cells: [Int]) -> String {
        var runs: [(table: Table, range: ClosedRange<Int>)] = []
        for cell in cells.sorted() {
            let (table, range) = (self.cells[cell].table, ClosedRange(self.cells[cell].addresses))
            if let last = runs.last, last.table == table, last.range.upperBound + 1 >= range.lowerBound {
                runs[runs.count - 1].range = last.range.lowerBound...max(last.range.upperBound, range.upperBound)
            } else {
                runs.append((table, range))
            }
        }
        var text = ""
        for (index, run) in runs.prefix(8).enumerated() {
            let name = index == 0 || runs[index - 1].table != run.table ? run.table.plural + " " : ""
            let range = run.range.count == 1 ? "\(run.range.lowerBound)" : "\(run.range.lowerBound)…\(run.range.upperBound)"
            text += (index == 0 ? "" : ", ") + name + range
        }
        return runs.count > 8 ? text + " and \(runs.count - 8) more runs" : text
    }
}
