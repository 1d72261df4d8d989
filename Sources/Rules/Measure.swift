/// What a part of an expression measures, as far as its units tell.
indirect enum Measure: Hashable {
    /// A number written in the expression, or no number at all: fits any unit.
    case any
    /// The unit is not known: a product, a quotient, a point without one. Fits any, and never makes a mistake.
    case unknown
    case unit(String)
    /// A list or a choice whose members are of different units.
    case mixed(String, String)

    /// What a list of both, or a choice between them, measures.
    func joined(_ other: Measure) -> Measure {
        switch (self, other) {
        case (.mixed, _): self
        case (_, .mixed): other
        case (.unit(let a), .unit(let b)): a == b ? self : .mixed(a, b)
        case (.unknown, _), (_, .unknown): .unknown
        case (.any, _): other
        case (_, .any): self
        }
    }

    /// Two units that do not go together; nil if these do.
    func clash(with other: Measure) -> (String, String)? {
        switch (self, other) {
        case (.mixed(let a, let b), _), (_, .mixed(let a, let b)): (a, b)
        case (.unit(let a), .unit(let b)): a == b ? nil : (a, b)
        default: nil
        }
    }
}
