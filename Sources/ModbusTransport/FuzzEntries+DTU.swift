import NIOPosix

extension FuzzEntries {
    /// A caller is whoever's packet it has said in full, the longest that fits; a stranger once no packet can come of what it
    /// said. Up to three packets and then what is said, with FF between.
    package static func dtu(_ bytes: [UInt8]) {
        var parts = bytes.split(separator: 0xFF, maxSplits: 3, omittingEmptySubsequences: false).map(Array.init)
        let said = parts.popLast() ?? []
        let desk = DTUDesk(on: MultiThreadedEventLoopGroup.singleton.any())
        var packets: Set<[UInt8]> = []
        for part in parts {
            do throws(DTURegistrationError) {
                _ = try desk.register(.packet(part))
                precondition(!part.isEmpty && packets.insert(part).inserted, "a packet that cannot be registered was")
            } catch {
                precondition(error == (part.isEmpty ? .emptyPacket : .taken(.packet(part))), "a sound packet was refused")
            }
        }
        for count in 0...said.count {
            let heard = Array(said.prefix(count))
            let whole = packets.filter { heard.starts(with: $0) }.max { $0.count < $1.count }
            let mayGoOn = packets.contains { $0.count > heard.count && $0.starts(with: heard) }
            switch desk.judge(heard) {
            case .known(let link): precondition(!mayGoOn && link.id == whole.map { .packet($0) }, "taken for another")
            case .perhaps(let link): precondition(mayGoOn && link.id == whole.map { .packet($0) }, "taken for another")
            case .incomplete: precondition(mayGoOn && whole == nil, "waits for what cannot come")
            case .unknown: precondition(!mayGoOn && whole == nil, "a DTU was taken for a stranger")
            }
        }
    }
}
