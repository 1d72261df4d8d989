package import Documents
package import Telemetry

/// What a guard file says of one writable point, in the words of rules: `Gateway` tells `Control`.
package struct GuardedPoint: Sendable {
    /// One sentence and the condition it stands for.
    package struct Statement: Sendable {
        package let says: String
        package let condition: Condition
        package let inputs: Inputs

        /// How it stands with these readings: true, false with the values that make it so, or why it cannot be told.
        package func judge(_ look: (PointID) -> Reading?) -> Standing {
            // The view is gone when this returns.
            let sight = withoutActuallyEscaping(look) { look in
                let view = View { point in look(point).map { View.State(reading: $0, time: Timestamp(milliseconds: 0), age: .zero) } }
                return inputs.read(view, at: .zero)
            }
            switch sight {
            case .dim(let shortfall): return .unseen(shortfall.sentence)
            case .clear(let values):
                return switch condition.holds(values) {
                case .success(true): .holds
                case .success(false): .fails(values.words)
                case .failure(let shortfall): .unseen(shortfall.sentence)
                }
            }
        }
    }

    package enum Standing: Hashable, Sendable {
        case holds
        case fails(String)
        case unseen(String)
    }

    package struct Trip: Sendable {
        package let statement: Statement
        package let delay: Duration
        package let isLatched: Bool
        package let passesWhenBlind: Bool
    }

    package struct Supply: Sendable {
        package let feeder: String
        package let load: Double
        package let rank: Int
        package let place: Place
    }

    package let point: PointID
    /// Where the file names it.
    package let place: Place
    package let minimumOn: Duration?
    package let minimumOff: Duration?
    package let startsPerHour: Int?
    package let longestRun: Duration?
    package let selector: Statement?
    package let permissives: [Statement]
    package let interlocks: [Trip]
    package let supply: Supply?
}

/// A supply that several machines share.
package struct FeederDraft: Sendable {
    package let name: String
    package let atMost: Double
    package let stagger: Duration
    package let place: Place
}

/// A guard file that was found good by itself.
package struct GuardFile: Sendable {
    package let name: String
    package let about: String
    package let points: [GuardedPoint]
    package let feeders: [FeederDraft]
}
