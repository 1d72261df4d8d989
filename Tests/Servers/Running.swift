package import Subprocess
import SystemPackage

private let folders: Environment = .inherit.updating(["PATH": "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"])

/// A program by its path, or by its name where that has no slash.
private func executable(_ program: String) -> Executable {
    program.contains("/") ? .path(FilePath(program)) : .name(program)
}

/// Runs a program for as long as the body takes, which is given its process id; then ends it, and waits for that.
package func running<Answer: Sendable>(
    _ program: String, _ arguments: [String], ending signal: Signal = .terminate,
    _ body: @Sendable (Int32) async throws -> Answer
) async throws -> Answer {
    try await run(
        executable(program), arguments: Arguments(arguments), environment: folders, input: .none, output: .discarded,
        error: .discarded
    ) { execution in
        defer { try? execution.send(signal: signal) }
        return try await body(execution.processIdentifier.value)
    }.closureResult
}

/// What a program that ran to its end left behind.
package struct Outcome: Sendable {
    package let isSuccess: Bool
    package let output: String
    package let errors: String
}

/// Runs a program to its end.
/// - Parameter input: what it is given to read.
package func outcome(of program: String, _ arguments: [String], input: String = "") async throws -> Outcome {
    let result = try await run(
        executable(program), arguments: Arguments(arguments), input: .string(input), output: .string(limit: 16 << 20),
        error: .string(limit: 1 << 20))
    return Outcome(
        isSuccess: result.terminationStatus == .exited(0), output: result.standardOutput, errors: result.standardError)
}

/// Lets processes outside of us get on: there is no clock of theirs to move.
package func breathe() async { try? await Task.sleep(for: .microseconds(200)) }
