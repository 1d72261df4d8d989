import CMosquitto
import Glibc

extension Session {
    /// Where Debian keeps the authorities that the system trusts, by their hashes.
    private static let systemAuthorities = "/etc/ssl/certs"

    /// The broker's certificate is always checked, its name too. nil if all is well.
    func secure(_ raw: OpaquePointer, _ files: TLSFiles) -> String? {
        let folder = files.authority == nil ? Self.systemAuthorities : nil
        let status = unsafe mosquitto_tls_set(raw, files.authority, folder, files.certificate, files.key, nil)
        guard status == MOSQ_ERR_SUCCESS.rawValue else { return "the files of 'tls' cannot be used" }
        // Its log alone says what is wrong with a handshake; its status only that something is.
        unsafe mosquitto_log_callback_set(raw) { _, session, level, text in
            guard level == MOSQ_LOG_ERR, let text = unsafe text else { return }
            let words = unsafe String(cString: text)
            if words.contains("OpenSSL Error") { unsafe Session.from(session)?.failedToSecure(words) }
        }
        return nil
    }

    /// `OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed` as a sentence.
    private func failedToSecure(_ words: String) {
        let cause = words.split(separator: ":").last.map(String.init) ?? words
        refuse(
            cause.contains("verify failed")
                ? "no secure connection: the broker's certificate is not to be trusted by 'ca'" : "no secure connection: \(cause)"
        )
    }
}
