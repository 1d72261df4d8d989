package import Subprocess

private let folders: Environment = .inherit.updating(["PATH": "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"])

/// Runs a program for as long as the body takes, which is given its process id; then ends it, and waits for that.
package func running<Answer: Sendable>(
    _ program: Executable, _ arguments: [String], ending signal: Signal = .terminate,
    _ body: @Sendable (Int32) async throws -> Answer
) async throws -> Answer {
    try await run(
        program, arguments: Arguments(arguments), environment: folders, input: .none, output: .discarded, error: .discarded
    ) { execution in
        defer { try? execution.send(signal: signal) }
        return try await body(execution.processIdentifier.value)
    }.closureResult
}

/// Lets processes outside of us get on: there is no clock of theirs to move.
package func breathe() async { try? await Task.sleep(for: .microseconds(200)) }
