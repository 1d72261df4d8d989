// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] =
    [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]
    + ["ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility", "NonisolatedNonsendingByDefault"]
    .map { .enableUpcomingFeature($0) }
/// Targets that call C: every unsafe step says so.
let border = house + [.strictMemorySafety()]

/// What every step of a simulation passes through: optimised in debug builds as well, or `./test` would take hours for its days.
let brisk = house + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Imports go downwards only (CONTRIBUTING.md); `Tests/Tidy` measures it.
func target(
    _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil, resources: [Resource]? = nil,
    settings: [SwiftSetting] = house
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies + ["TestSupport"], path: "Tests/" + name, exclude: exclude,
        swiftSettings: house)
}

extension Target.Dependency {
    static let log = product(name: "Logging", package: "swift-log")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let signals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let sqlite = product(name: "GRDB", package: "GRDB.swift")
    static let nioHTTPCompression = product(name: "NIOHTTPCompression", package: "swift-nio-extras")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = product(name: "CryptoExtras", package: "swift-crypto")
    static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let subprocess = product(name: "Subprocess", package: "swift-subprocess")
}

let package = Package(
    name: "headgate",
    products: [
        .executable(name: "headgate", targets: ["headgate"]),
        .executable(name: "county", targets: ["county"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.30.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.34.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        .systemLibrary(name: "CModbus", pkgConfig: "libmodbus", providers: [.apt(["libmodbus-dev"])]),
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),

        target("Telemetry", settings: brisk),
        target("Documents", ["Yams"]),
        target("Expressions", settings: brisk),
        target("Modbus", settings: brisk),
        target("ModbusTransport", ["CModbus", "Modbus", .nioCore, .nioPosix], settings: border),
        target("MQTT", ["CMosquitto"], settings: border),
        target("Profiles", ["Documents", "Modbus", "Telemetry"], settings: brisk),
        target("Series", ["Telemetry"]),
        target("Historian", ["Series", "Telemetry", .deque, .sqlite, .log]),
        .target(
            name: "Sparkplug", dependencies: ["Telemetry", .product(name: "SwiftProtobuf", package: "swift-protobuf")], exclude: ["Wire.proto"],
            swiftSettings: house),
        target("Rules", ["Documents", "Expressions", "Telemetry"], settings: brisk),
        target("Alarms", ["Documents", "Telemetry"]),
        target("Water", ["Documents", "Expressions", "Rules", "Telemetry"], settings: brisk),
        target("Sanitation", ["Documents", "Expressions", "Rules", "Telemetry"], settings: brisk),
        target("Control", ["Telemetry"], settings: brisk),
        target("Acquisition", ["Profiles", "Modbus", "ModbusTransport", "MQTT", "Telemetry", .nioCore, .nioPosix, .log], settings: brisk),
        target(
            "Forwarding",
            [
                "Historian", "MQTT", "Sparkplug", "Telemetry", .httpClient, .nioCore, .nioEmbedded, .nioHTTP1, .nioHTTPCompression, .nioSSL, .log,
            ]),
        target("Console", ["Alarms", "Control", "Series", "Telemetry", .crypto, .cryptoExtras, .hummingbird, .lifecycle, .log, .nioCore], resources: [.copy("Pages")]),
        target(
            "Gateway",
            [
                "Acquisition", "Alarms", "Console", "Control", "Documents", "Expressions", "Forwarding", "Historian", "Modbus",
                "ModbusTransport", "MQTT", "Profiles", "Rules", "Sanitation", "Series", "Telemetry", "Water", .lifecycle, .signals, .log, .nioCore, .nioPosix, .httpClient,
            ]),
        target(
            "Fieldwork",
            ["Acquisition", "Documents", "Modbus", "ModbusTransport", "Profiles", "Telemetry", .nioCore, .nioPosix]),
        .executableTarget(
            name: "headgate", dependencies: [
                "Acquisition", "Console", "Documents", "Expressions", "Fieldwork", "Gateway", "Historian", "Rules", "Sanitation", "Series", "Telemetry",
                "VirtualCounty", .arguments, .httpClient,
                .log, .nioCore, .nioHTTP1,
            ], swiftSettings: house),

        target("Plants", ["Modbus"], path: "Simulators/Plants", settings: brisk),
        target(
            "VirtualCounty",
            ["Acquisition", "Control", "Gateway", "Modbus", "Plants", "Profiles", "Rules", "Telemetry"], path: "Simulators/Virtual",
            settings: brisk),
        target("CountyServers", ["Modbus", "ModbusTransport", "MQTT", "Plants", .log], path: "Simulators/Servers"),
        .executableTarget(
            name: "county", dependencies: ["CountyServers", "Plants", .arguments, .log], path: "Simulators/Command",
            swiftSettings: house),

        target(
            "FuzzHarnesses", ["Acquisition", "Documents", "Fieldwork", "Modbus", "ModbusTransport", "Profiles", "Telemetry"],
            path: "Fuzz/Harnesses"),
        .target(name: "CTornDisk", path: "Tests/TornDisk"),
        target("TestSupport", ["Telemetry"], path: "Tests/Support"),
        target("RealServers", [.subprocess], path: "Tests/Servers"),
        tests("Telemetry", ["Telemetry"]),
        tests("Documents", ["Documents"]),
        tests("Expressions", ["Expressions"]),
        tests("Modbus", ["Modbus", .subprocess], exclude: ["pymodbus"]),
        tests(
            "ModbusTransport",
            ["CModbus", "Modbus", "ModbusTransport", "Telemetry", .nioCore, .nioPosix, .nioEmbedded, .subprocess]),
        tests("MQTT", ["MQTT", "RealServers", .subprocess]),
        tests("Profiles", ["Documents", "Modbus", "Profiles", "Telemetry"], exclude: ["Golden"]),
        tests("Series", ["Series", "Telemetry"]),
        tests("Historian", ["CTornDisk", "Historian", "Series", "Telemetry", .sqlite, .log]),
        tests("Sparkplug", ["Sparkplug", "Telemetry", .subprocess], exclude: ["pysparkplug", "conformance.md"]),
        tests("Rules", ["Documents", "Expressions", "Rules", "Telemetry"], exclude: ["schedule.py"]),
        tests("Alarms", ["Alarms", "Documents", "Telemetry"]),
        tests("Water", ["Documents", "Expressions", "Rules", "Telemetry", "Water"], exclude: ["water.py"]),
        tests("Sanitation", ["Documents", "Expressions", "Rules", "Sanitation", "Telemetry"]),
        tests("Control", ["Control", "Telemetry"]),
        tests(
            "Safety", ["Control", "Documents", "Gateway", "Plants", "Rules", "Telemetry", "VirtualCounty"], exclude: ["mutations.md", "never.md"]),
        tests(
            "Acquisition",
            ["Acquisition", "Documents", "Modbus", "ModbusTransport", "MQTT", "Profiles", "Telemetry", .nioCore, .nioPosix]),
        tests(
            "Forwarding",
            [
                "Forwarding", "Historian", "MQTT", "RealServers", "Sparkplug", "Telemetry", .httpClient, .hummingbird, .nioCore, .nioHTTP1,
                .subprocess, .log,
            ]),
        tests("Console", ["Alarms", "Console", "Control", "Documents", "Series", "Telemetry", .httpClient, .log, .nioCore, .nioHTTP1, .subprocess]),
        tests("Fieldwork", ["Acquisition", "Fieldwork", "Modbus", "ModbusTransport", "Profiles", "Telemetry", .nioCore, .nioPosix]),
        tests("Gateway", ["Acquisition", "Alarms", "Console", "Control", "Documents", "Forwarding", "Gateway", "Profiles", "Rules", "Telemetry"]),
        tests("Plants", ["Plants", "Modbus"]),
        tests("CountyServers", ["CountyServers", "Modbus", "ModbusTransport", "MQTT", "Plants", "RealServers"]),
        tests(
            "EndToEnd",
            [
                "Acquisition", "Control", "CountyServers", "Gateway", "Historian", "Modbus", "MQTT", "Plants", "RealServers", "Rules", "Telemetry",
                "VirtualCounty", "headgate",
                .httpClient, .nioCore, .nioHTTP1, .subprocess,
            ]),
        tests("Fuzz", ["Documents", "FuzzHarnesses", "Gateway", "Modbus", "Telemetry"]),
        tests("Tidy", [.subprocess]),
    ]
)

/// The fuzzer, for Fuzz/run alone: libFuzzer brings its own `main`.
if Context.environment["HEADGATE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(name: "fuzz", dependencies: ["FuzzHarnesses"], path: "Fuzz/Command", swiftSettings: house))
}

/// What `Benchmarks/store` and `Benchmarks/rules` measure with; nobody else builds it.
if Context.environment["HEADGATE_BENCHMARK"] != nil {
    package.targets += [
        target("BenchmarkCosts", path: "Benchmarks/Costs"),
        .executableTarget(
            name: "store-benchmark",
            dependencies: ["BenchmarkCosts", "Forwarding", "Historian", "MQTT", "Series", "Telemetry", .sqlite, .log], path: "Benchmarks/Store",
            swiftSettings: house),
        .executableTarget(
            name: "rules-benchmark", dependencies: ["BenchmarkCosts", "Documents", "Expressions", "Rules", "Telemetry"],
            path: "Benchmarks/Rules", swiftSettings: house),
    ]
}
