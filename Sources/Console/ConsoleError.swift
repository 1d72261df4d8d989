import Hummingbird

/// Why the console cannot start.
package enum ConsoleError: Error, CustomStringConvertible {
    case pagesMissing(folder: String)
    case cannotListen(host: String, port: Int, cause: String)

    package var description: String {
        switch self {
        case .pagesMissing(let folder):
            "The console's pages are not in \(folder): water.html is missing. They are installed beside the program."
        case .cannotListen(let host, let port, let cause):
            "The console cannot listen on \(host) port \(port): \(cause). Another program may hold the port."
        }
    }
}

/// A request we do not serve, and why, for whoever sent it.
struct Refusal: Error {
    let status: HTTPResponse.Status
    let text: String

    init(_ status: HTTPResponse.Status, _ text: String) {
        self.status = status
        self.text = text
    }
}
