import ArgumentParser
import Console
import Foundation
import Glibc

struct PasswordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Makes the line that stands for a password in the file of people.",
        discussion: "The password is read from the terminal, unseen, or as one line of the standard input; never from the command line.")

    private static let shortest = 8
    private static let longest = 256

    func run() throws {
        let isAtTerminal = isatty(STDIN_FILENO) == 1
        let password = isAtTerminal ? try Self.ask("Password: ") : readLine() ?? ""
        guard password.count >= Self.shortest, password.utf8.count <= Self.longest else {
            throw ValidationError("a password has at least \(Self.shortest) characters, and at most \(Self.longest) bytes")
        }
        if isAtTerminal, try Self.ask("Again: ") != password { throw ValidationError("these were two different ones") }
        print(PasswordHash(of: password))
    }

    /// A line of the terminal, which does not show it.
    private static func ask(_ question: String) throws -> String {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { throw ValidationError("this terminal cannot hide what is typed") }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else { throw ValidationError("this terminal cannot hide what is typed") }
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
        FileHandle.standardError.write(Data(question.utf8))
        defer { printError("") }
        return readLine() ?? ""
    }
}
