/// A name with `*` for any run of characters within one word: `farm/zone-*`, `*/well/level`.
struct PointPattern {
    private let words: [[UInt8]]

    init(_ text: String) {
        words = text.split(separator: "/", omittingEmptySubsequences: false).map { Array($0.utf8) }
    }

    func matches(_ name: String) -> Bool {
        let found = name.split(separator: "/", omittingEmptySubsequences: false)
        return found.count == words.count && zip(found, words).allSatisfy { Self.glob(Array($0.utf8)[...], $1[...]) }
    }

    private static func glob(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        var text = text
        var pattern = pattern
        var retry: (text: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
        while let byte = text.first {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                retry = (text.dropFirst(), pattern)
            } else if pattern.first == byte {
                text = text.dropFirst()
                pattern = pattern.dropFirst()
            } else if let again = retry {
                text = again.text
                pattern = again.pattern
                retry = (again.text.dropFirst(), again.pattern)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
