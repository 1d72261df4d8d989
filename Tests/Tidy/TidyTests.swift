import Foundation
import Testing

/// What STYLE asks of every file, measured, so that no reviewer has to.
@Suite("the house is tidy")
struct TidyTests {
    /// The targets from the top of the page to its foot: an arrow points to a later one.
    static let page = [
        "headgate", "VirtualCounty", "Gateway", "Fieldwork", "county", "CountyServers", "Console", "Forwarding", "Water", "Sanitation",
        "Rules",
        "Alarms", "Control", "Acquisition", "Historian", "Series", "Sparkplug", "Profiles", "Plants", "ModbusTransport", "Modbus",
        "MQTT", "Expressions", "Documents", "Telemetry", "CModbus", "CMosquitto",
    ]

    @Test("every arrow points down the page")
    func arrows() async throws {
        let ofTests = ["TestSupport", "RealServers", "FuzzHarnesses", "CTornDisk"]
        let targets = try await House.targets().filter { $0.type != "test" && !ofTests.contains($0.name) }
        for target in targets {
            let place = try #require(Self.page.firstIndex(of: target.name), "\(target.name) is not on the page")
            for dependency in target.dependencies {
                guard let other = Self.page.firstIndex(of: dependency.name) else { continue }
                #expect(place < other, "\(target.name) imports \(dependency.name), which stands above it")
            }
        }
    }

    @Test("a target imports only what it declares")
    func imports() async throws {
        let targets = try await House.targets()
        let ours = Set(targets.map(\.name))
        for target in targets {
            let declared = Set(target.dependencies.map(\.name))
            for file in try House.files(below: [target.folder]) {
                for module in file.lines.compactMap(importedModule) where ours.contains(module) {
                    #expect(declared.contains(module), "\(file.path) imports \(module), which \(target.name) does not declare")
                }
            }
        }
    }

    @Test("only the borders call C")
    func borders() throws {
        for file in try House.files(below: ["Sources", "Simulators"]) {
            let modules = file.lines.compactMap(importedModule)
            if modules.contains("CModbus") { #expect(file.path.hasPrefix("Sources/ModbusTransport/"), "\(file.path)") }
            if modules.contains("CMosquitto") { #expect(file.path.hasPrefix("Sources/MQTT/"), "\(file.path)") }
        }
    }

    @Test("no file is longer than 400 lines, no line than 140 characters")
    func lengths() throws {
        for file in try House.files(below: ["Sources", "Simulators", "Tests", "Benchmarks", "Fuzz"]) {
            #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines: look for the second type inside")
            for (number, line) in file.lines.enumerated() where line.count > 140 {
                Issue.record("\(file.path):\(number + 1) is \(line.count) characters long")
            }
        }
    }

    @Test("no function needs scrolling")
    func functions() throws {
        for file in try House.files(below: ["Sources", "Simulators", "Tests"]) {
            for (name, first, length) in functionLengths(in: file.lines) where length > 70 {
                Issue.record("\(file.path):\(first): \(name) is \(length) lines long; it is two functions")
            }
        }
    }

    @Test("nothing is public, and nothing traps on purpose without a sentence")
    func words() throws {
        for file in try House.files(below: ["Sources", "Simulators"]) {
            for (number, line) in file.lines.enumerated() {
                let code = codeOnly(line)
                let place = "\(file.path):\(number + 1)"
                #expect(!code.contains(/\b(public|open) (func|var|let|class|struct|enum|actor|init|protocol)\b/), "\(place) is public")
                #expect(!code.contains(/\btry!|\bas!|fatalError\(\)/), "\(place) traps")
                if code.contains("@unchecked Sendable") {
                    #expect(line.contains("//"), "\(place): @unchecked Sendable names its lock on the same line")
                }
                if code.contains(/(^|[^.\w])Task(\.detached)? *\{/) {
                    let above = file.lines[max(0, number - 4)..<number].joined()
                    #expect(line.contains("//") || above.contains("//"), "\(place): a bare Task needs a comment that defends it")
                }
            }
        }
    }

    @Test("nothing is left for later")
    func leftovers() throws {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK"]
        for file in try House.files(below: ["Sources", "Simulators", "Tests"]) {
            for (number, line) in file.lines.enumerated() where marks.contains(where: { line.contains($0) }) {
                Issue.record("\(file.path):\(number + 1) leaves something for later: do it, or say so where it is read")
            }
        }
    }
}

private func importedModule(_ line: String) -> String? {
    let words = line.split(separator: " ").map(String.init)
    guard let place = words.firstIndex(of: "import"), !line.hasPrefix(" "), !line.hasPrefix("/") else { return nil }
    return words[(place + 1)...].last.map { String($0.prefix { $0.isLetter || $0.isNumber || $0 == "_" }) }
}

/// A line without its strings and comments, as far as one line tells.
private func codeOnly(_ line: String) -> String {
    String(line.replacing(/"(?:[^"\\]|\\.)*"/, with: "\"\"").prefix { _ in true }).components(separatedBy: "//")[0]
}

/// Each function's name, first line (from 1) and length, by counting braces from its declaration on.
private func functionLengths(in lines: [String]) -> [(name: String, first: Int, length: Int)] {
    var found: [(String, Int, Int)] = []
    for (index, line) in lines.enumerated() {
        let declaration = /^\s*(?:[\w@()]+ )*(func \S+?|init[?]?|deinit|subscript)\s*[<(\[{]/
        guard let match = codeOnly(line).firstMatch(of: declaration) else { continue }
        var depth = 0
        var hasBody = false
        for (offset, line) in lines[index...].enumerated() {
            for character in codeOnly(line) {
                if character == "{" { (depth, hasBody) = (depth + 1, true) }
                if character == "}" { depth -= 1 }
            }
            if depth < 0 || (!hasBody && offset > 12) { break }
            if hasBody, depth == 0 {
                found.append((String(match.1), index + 1, offset + 1))
                break
            }
        }
    }
    return found
}
