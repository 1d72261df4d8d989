package import Telemetry

/// The data types of Sparkplug 3.0.0 ("Data Types"), by their numbers on the wire.
package enum DataType: UInt32, Sendable, CaseIterable {
    case unknown = 0
    case int8 = 1
    case int16 = 2
    case int32 = 3
    case int64 = 4
    case uint8 = 5
    case uint16 = 6
    case uint32 = 7
    case uint64 = 8
    case float = 9
    case double = 10
    case boolean = 11
    case string = 12
    /// Milliseconds since 1970, UTC, as an unsigned number.
    case dateTime = 13
    case text = 14
    case uuid = 15
    case dataSet = 16
    case bytes = 17
    case file = 18
    case template = 19
    case propertySet = 20
    case propertySetList = 21
    case int8Array = 22
    case int16Array = 23
    case int32Array = 24
    case int64Array = 25
    case uint8Array = 26
    case uint16Array = 27
    case uint32Array = 28
    case uint64Array = 29
    case floatArray = 30
    case doubleArray = 31
    case booleanArray = 32
    case stringArray = 33
    case dateTimeArray = 34

    /// What a point of this type is upstream: the widest type of its kind, so that no value is ever cut.
    package init(_ type: ValueType) {
        switch type {
        case .bool: self = .boolean
        case .int: self = .int64
        case .uint: self = .uint64
        case .double: self = .double
        case .string: self = .string
        }
    }
}
