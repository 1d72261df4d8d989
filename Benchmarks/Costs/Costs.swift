import FoundationEssentials
import Glibc

/// What a piece of work cost this process.
package struct Costs {
    package var seconds = 0.0
    package var cpu = 0.0
    /// Handed to the storage, by the kernel's account; nothing on a disk in memory.
    package var written = 0

    package init(seconds: Double = 0, cpu: Double = 0, written: Int = 0) {
        (self.seconds, self.cpu, self.written) = (seconds, cpu, written)
    }

    package static func of<Answer>(_ body: () async throws -> Answer) async rethrows -> (Answer, Costs) {
        let (start, cpu, written) = (ContinuousClock.now, Self.cpu, Self.written)
        let answer = try await body()
        let span = start.duration(to: .now)
        let seconds = Double(span.components.seconds) + Double(span.components.attoseconds) / 1e18
        return (answer, Costs(seconds: seconds, cpu: Self.cpu - cpu, written: Self.written - written))
    }

    /// What this process has used so far, s.
    package static var cpu: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static var written: Int { number(of: "write_bytes:", in: "/proc/self/io") }

    /// The most memory this process ever had, in MiB.
    package static var peak: Int { number(of: "VmHWM:", in: "/proc/self/status") / 1024 }

    /// What it has now, in MiB.
    package static var memory: Int { number(of: "VmRSS:", in: "/proc/self/status") / 1024 }

    private static func number(of key: String, in file: String) -> Int {
        let text = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return line.flatMap { $0.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) } } ?? 0
    }
}

package func padded(_ words: String, _ width: Int) -> String { words + String(repeating: " ", count: max(1, width - words.count)) }

extension Double {
    /// With so many places.
    package func rounded(to places: Int) -> String {
        let scale = pow(10, Double(places))
        return "\((self * scale).rounded() / scale)"
    }
}
