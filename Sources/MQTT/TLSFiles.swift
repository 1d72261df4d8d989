/// Whom a client trusts, and with what it introduces itself, as PEM files.
package struct TLSFiles: Hashable, Sendable {
    /// Certificates of the authorities that may vouch for the other end; nil trusts those that the system trusts.
    package var authority: String?
    /// Our own, with whatever stands between it and its authority; none without a key.
    package var certificate: String?
    /// The certificate's, without a passphrase.
    package var key: String?

    package init(authority: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }
}
