package import MQTT
import NIOSSL
package import Telemetry

extension TLSConfiguration {
    /// Reads the files. The receiver's certificate is always checked, its name too.
    init(_ files: TLSFiles) throws {
        self = .makeClientConfiguration()
        if let authority = files.authority { trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority)) }
        if let certificate = files.certificate, let key = files.key {
            certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        }
    }
}

extension TLSFiles {
    /// How long before its end a certificate is spoken of.
    private static let notice: Duration = .seconds(30 * 86_400)

    /// Which certificate of these ends soon, or has ended; nil if none does, or it cannot be read.
    package func warning(at now: Timestamp) -> String? {
        let files = [("ca", authority), ("certificate", certificate)]
        let ends: [(String, Timestamp)] = files.flatMap { key, file in
            let read = file.flatMap { try? NIOSSLCertificate.fromPEMFile($0) } ?? []
            return read.map {
                (key, Timestamp(milliseconds: Int64($0.notValidAfter).multipliedReportingOverflow(by: 1000).partialValue))
            }
        }
        guard let (key, end) = ends.min(by: { $0.1 < $1.1 }), end.since(now) < Self.notice else { return nil }
        let days = max(0, end.since(now).components.seconds / 86_400)
        let when = end <= now ? "has ended on \(end)" : "ends on \(end), in \(days) days"
        return "its '\(key)' \(when); put a new one in its place and restart"
    }
}
