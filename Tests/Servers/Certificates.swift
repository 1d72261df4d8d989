import FoundationEssentials

/// An authority of the test's own, and what it has signed, made by openssl in a folder.
package struct Certificates: Sendable {
    package let folder: String
    package var authority: String { folder + "/ca.pem" }

    /// - Parameter days: of the authority's validity.
    package init(folder: String, days: Int = 365) async throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await openssl(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "\(days)",
                "-subj", "/CN=Test authority",
            ]
                + ["-keyout", folder + "/ca.key", "-out", authority])
    }

    /// A certificate of this name, signed; its files are `<name>.pem` and `<name>.key`.
    ///
    /// - Parameter host: whom it stands for, where it is a server's.
    package func issue(_ name: String, host: String? = nil, days: Int = 365) async throws -> (certificate: String, key: String) {
        let path = folder + "/" + name
        let extensions = host.map { "subjectAltName=IP:\($0)\n" } ?? "extendedKeyUsage=clientAuth\n"
        try extensions.write(toFile: path + ".ext", atomically: false, encoding: .utf8)
        try await openssl(
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)"]
                + ["-keyout", path + ".key", "-out", path + ".csr"])
        try await openssl(
            [
                "x509", "-req", "-in", path + ".csr", "-CA", authority, "-CAkey", folder + "/ca.key", "-CAcreateserial", "-days",
                "\(days)",
            ]
                + ["-extfile", path + ".ext", "-out", path + ".pem"])
        return (path + ".pem", path + ".key")
    }

    private func openssl(_ arguments: [String]) async throws {
        let outcome = try await outcome(of: "/usr/bin/openssl", arguments)
        guard outcome.isSuccess else { throw Failure(words: outcome.errors) }
    }

    package struct Failure: Error { let words: String }
}
