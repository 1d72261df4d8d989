import Documents
import Fieldwork
import FoundationEssentials
import Modbus
import Profiles
import Telemetry

extension Harness {
    /// A document, or one mistake at a place.
    static func yaml(_ bytes: [UInt8]) {
        do throws(Mistake) {
            check(try Node(utf8: bytes, file: "f.yaml"))
        } catch {
            check([error])
        }
    }

    private static func check(_ node: Node) {
        precondition(node.place.line >= 1 && node.place.column >= 1, "nowhere")
        switch node.content {
        case .scalar: return
        case .sequence(let members): for member in members { check(member) }
        case .mapping(let pairs): for (_, _, value) in pairs { check(value) }
        }
    }

    private static func check(_ mistakes: [Mistake]) {
        for mistake in mistakes {
            precondition(!mistake.message.isEmpty && mistake.place.line >= 1 && mistake.place.column >= 1, "\(mistake)")
        }
    }

    /// A file is a profile or has mistakes, never both and never neither; and what its registers read as can be written back.
    static func profile(_ bytes: [UInt8]) {
        let mistakes = Mistakes()
        let profile = Profiles.read(
            yaml: String(decoding: bytes, as: UTF8.self), file: "f.yaml", name: "f", into: mistakes)
        precondition((profile == nil) != mistakes.isEmpty, "a profile with mistakes, or none without")
        check(mistakes.sorted)
        guard let profile else { return }
        precondition(!profile.points.isEmpty, "a profile of nothing")
        let words = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        for point in profile.points {
            guard let source = point.register else { continue }
            for start in stride(from: 0, to: min(words.count, 32), by: 4) { read(words[start...], by: source, of: point) }
            for edge: UInt16 in [0, 1, 0x7FFF, 0x8000, 0xFFFF] {
                read(ArraySlice(repeating: edge, count: source.registerCount), by: source, of: point)
            }
            if source.table.isBits { _ = source.reading(bits: [true]) }
        }
    }

    private static func read(_ words: ArraySlice<UInt16>, by source: RegisterSource, of point: ProfilePoint) {
        guard !source.table.isBits, case .good(let value) = source.reading(registers: words, range: point.range) else { return }
        precondition(value.type == point.valueType, "a value of another type")
        guard source.table.isWritable, let request = try? source.request(writing: value) else { return }
        precondition(request.count <= 123 && Int(request.address) + request.count <= 65536, "beyond what a request carries")
        switch (request, value) {
        case (.writeRegisters(_, let written), .int), (.writeRegisters(_, let written), .uint):
            precondition(source.reading(registers: written, range: point.range) == .good(value), "written is not what was read")
        default: break
        }
    }

    /// A table of points is a profile that can be read, or has mistakes.
    static func table(_ bytes: [UInt8]) {
        let path = "\(FileManager.default.temporaryDirectory.path)/headgate-table-\(ProcessInfo.processInfo.processIdentifier).csv"
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { return }
        // Removed rather than overwritten: some file systems write a file out that is cut short and filled again.
        defer { try? FileManager.default.removeItem(atPath: path) }
        do throws(FieldError) {
            let made = try ProfileImport(csv: path, model: "Acme HP200")
            let mistakes = Mistakes()
            let profile = Profiles.read(yaml: made.yaml, file: "f.yaml", name: "f", into: mistakes)
            precondition(profile?.points.count == made.pointCount, "a profile that is none: \(mistakes.sorted)\n\(made.yaml)")
        } catch {
            precondition(!error.lines.isEmpty, "no profile, and nothing wrong")
        }
    }
}
