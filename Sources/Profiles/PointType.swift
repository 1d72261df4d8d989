import Modbus

/// What a profile can say of registers with `type`: the numbers, and text.
struct PointType: RawRepresentable, CaseIterable, Hashable {
    let rawValue: String

    static let text = PointType(unchecked: "string")
    static let allCases = RegisterType.allCases.map { PointType(unchecked: $0.rawValue) } + [text]

    private init(unchecked rawValue: String) { self.rawValue = rawValue }

    init?(rawValue: String) {
        self.init(unchecked: rawValue)
        guard Self.allCases.contains(self) else { return nil }
    }

    /// nil for text.
    var number: RegisterType? { RegisterType(rawValue: rawValue) }
}
