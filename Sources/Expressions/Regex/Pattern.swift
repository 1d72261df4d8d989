/// Why a text is not a regular expression.
package struct PatternError: Error, Hashable, Sendable {
    package let message: String
    init(_ message: String) { self.message = message }
}

/// A regular expression of RE2's syntax, compiled for a search whose time is the length of the text by that of the pattern.
///
/// All ways through the pattern are followed at once, scalar by scalar (K. Thompson, "Regular expression search
/// algorithm", CACM 11(6), 1968), so no pattern can blow up as backtracking ones do.
package struct Pattern: Sendable {
    private enum Step {
        case take(ScalarSet)
        case anchor(PatternAnchor)
        case fork(Int, Int)
        case match
    }

    private let steps: [Step]
    /// Patterns of more steps than this are refused.
    private static let longest = 10_000

    package init(_ text: String) throws(PatternError) {
        let syntax = try PatternParser.parse(text)
        guard syntax.size <= Self.longest else {
            throw PatternError("with its repetitions written out the pattern is longer than \(Self.longest) steps")
        }
        var builder = Builder()
        builder.add(syntax)
        builder.steps.append(.match)
        steps = builder.steps
    }

    /// Whether the pattern is found anywhere in a text.
    package func matches(_ text: String, _ meter: inout Meter) throws(EvaluationError) -> Bool {
        var now = Threads(capacity: steps.count)
        var next = Threads(capacity: steps.count)
        var stack: [Int] = []
        var previous: Unicode.Scalar?
        var iterator = text.unicodeScalars.makeIterator()
        var current = iterator.next()
        while true {
            if follow(from: 0, into: &now, &stack, after: previous, before: current) { return true }
            try meter.spend(1 + now.members.count >> 4)
            guard let scalar = current else { return false }
            previous = scalar
            current = iterator.next()
            for thread in now.members {
                guard case .take(let set) = steps[thread], set.contains(scalar) else { continue }
                if follow(from: thread + 1, into: &next, &stack, after: previous, before: current) { return true }
            }
            swap(&now, &next)
            next.removeAll()
        }
    }

    /// Adds a step and all that can be reached from it without taking a scalar. True if the end is among them.
    private func follow(
        from start: Int, into threads: inout Threads, _ stack: inout [Int], after previous: Unicode.Scalar?,
        before next: Unicode.Scalar?
    ) -> Bool {
        stack.append(start)
        while let index = stack.popLast() {
            guard threads.insert(index) else { continue }
            switch steps[index] {
            case .take: break
            case .match: return true
            case .anchor(let anchor): if anchor.holds(after: previous, before: next) { stack.append(index + 1) }
            case .fork(let one, let other):
                stack.append(other)
                stack.append(one)
            }
        }
        return false
    }

    /// A set of steps, each once, in the order they came.
    private struct Threads {
        private(set) var members: [Int] = []
        private var isMember: [Bool]

        init(capacity: Int) { isMember = Array(repeating: false, count: capacity) }

        mutating func insert(_ index: Int) -> Bool {
            guard !isMember[index] else { return false }
            isMember[index] = true
            members.append(index)
            return true
        }

        mutating func removeAll() {
            for index in members { isMember[index] = false }
            members.removeAll(keepingCapacity: true)
        }
    }

    private struct Builder {
        var steps: [Step] = []

        mutating func add(_ syntax: PatternSyntax) {
            switch syntax {
            case .empty: break
            case .scalar(let set): steps.append(.take(set))
            case .anchor(let anchor): steps.append(.anchor(anchor))
            case .sequence(let parts): for part in parts { add(part) }
            case .choice(let branches): add(choice: branches[...])
            case .repetition(let part, let least, let most):
                for _ in 0..<least { add(part) }
                if let most {
                    for _ in 0..<(most - least) { addOptional(part) }
                } else {
                    addLoop(part)
                }
            }
        }

        private mutating func add(choice branches: ArraySlice<PatternSyntax>) {
            var exits: [Int] = []
            for (index, branch) in branches.enumerated() {
                guard index + 1 < branches.count else {
                    add(branch)
                    break
                }
                let fork = reserve()
                add(branch)
                exits.append(reserve())
                steps[fork] = .fork(fork + 1, steps.count)
            }
            for exit in exits { steps[exit] = .fork(steps.count, steps.count) }
        }

        /// Nested or not, `x{0,3}` finds the same texts as `x?x?x?`.
        private mutating func addOptional(_ part: PatternSyntax) {
            let fork = reserve()
            add(part)
            steps[fork] = .fork(fork + 1, steps.count)
        }

        private mutating func addLoop(_ part: PatternSyntax) {
            let fork = reserve()
            add(part)
            let back = reserve()
            steps[back] = .fork(fork, fork)
            steps[fork] = .fork(fork + 1, steps.count)
        }

        /// A place for a step whose targets are not known yet.
        private mutating func reserve() -> Int {
            steps.append(.match)
            return steps.count - 1
        }
    }
}
