/// Where the console listens and what it allows itself.
package struct ConsoleSettings: Sendable {
    /// Only this address is bound.
    package var host = "127.0.0.1"
    /// 0 lets the system choose; `onReady` tells which.
    package var port = 8080
    /// The folder of the pages; nil takes the one that was built with the program.
    package var pages: String?
    /// Where Debian's `libjs-leaflet` puts Leaflet.
    package var leaflet = "/usr/share/javascript/leaflet"
    /// Clients of `/live` at a time.
    package var liveClients = 32
    /// Connections at a time; more wait until one is closed.
    package var connections = 128
    /// The shortest time between two frames to one client.
    package var refresh = Duration.milliseconds(250)
    /// The longest silence on `/live`.
    package var pulse = Duration.seconds(5)
    /// How long a client may leave a frame unread.
    package var patience = Duration.seconds(10)

    package init() {}
}
