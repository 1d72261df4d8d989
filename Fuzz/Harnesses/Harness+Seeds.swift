import FoundationEssentials
import Modbus

extension Harness {
    /// What a fuzzer begins with: sound inputs, so that it need not find out by itself what a frame or a profile is. They are
    /// made here and now, from our encoders and the files of the repository.
    ///
    /// - Parameter root: the repository's.
    package func seeds(from root: String) -> [[UInt8]] {
        switch self {
        case .mbap: [Self.conversation.flatMap(\.tcp), Self.conversation.reversed().flatMap(\.tcp)].map { [7] + $0 } + [[0, 1, 2, 3]]
        case .pdu: Self.conversation.flatMap { [$0.pdu, $0.head + $0.pdu] }
        case .rtu: Self.conversation.map { Array($0.head.prefix(3)) + [0xAA, 0xBB] + $0.rtu + $0.rtu }
        case .dtu: ["pump-1\u{1}pump-12\u{1}gate\u{1}pump-12"].map { $0.utf8.map { $0 == 1 ? 0xFF : $0 } }
        case .json: Self.messages.map { Array("$.tanks[0]['fill level']\n".utf8) + $0.utf8 }
        case .ingest: Self.messages.map { Array($0.utf8) }
        case .yaml: Self.files(below: "\(root)/Rules") + Self.files(below: "\(root)/Simulators/county")
        case .profile: Self.files(below: "\(root)/Devices")
        case .table: [Array(Self.points.utf8)]
        case .address: Self.addresses.map { Array($0.utf8) }
        }
    }

    private struct Exchange {
        /// What `FuzzEntries` makes its question of: kind, count, unit and one more.
        let head: [UInt8]
        let pdu: [UInt8]
        var tcp: [UInt8] { MBAPFrame(transaction: 7, unit: UnitID(1), pdu: pdu).encode() }
        var rtu: [UInt8] { RTUFrame(unit: UnitID(1), pdu: pdu).encode() }
    }

    /// Requests and answers of every function (Modbus Application Protocol V1.1b3, §6), and refusals.
    private static let conversation: [Exchange] = {
        let requests: [(UInt8, Request)] = [
            (0, .writeCoil(address: 3, false)), (1, .writeRegister(address: 7, 3)), (2, .writeCoils(address: 3, [true, false, true])),
            (3, .writeRegisters(address: 3, [1, 2])), (4, .maskWrite(address: 1, and: 3, or: 3)),
            (5, .read(.coil, address: 0, count: 3)), (6, .read(.input, address: 0, count: 3)), (7, .read(.holding, address: 0, count: 3)),
        ]
        return requests.flatMap { kind, request in
            let head = [kind, 3, 1, 0]
            let answer: Response =
                request.isWrite ? .written : request.table.isBits ? .bits([true, false, true]) : .registers([1, 0xFFFF, 3])
            let pdus = [(try? request.encode()) ?? [], PDU.encode(answer, to: request), PDU.exception(2, to: request.functionCode)]
            return pdus.filter { !$0.isEmpty }.map { Exchange(head: head, pdu: $0) }
        }
    }()

    private static let messages = [
        #"{"time":"2026-06-21T00:00:00Z","flag":true,"whole":-7,"n":[5,1.25e1],"the name":"\u767e\u5408 \ud83d\udca7"}"#,
        #"{"time":1782000000,"tanks":[{"fill level":0.5}],"whole":3.0,"n":[18446744073709551615],"flag":null}"#,
        "\u{FEFF} [ null , false , \"a\\n\\\"b\" , -0.0 , 1E400 , {} ] ",
    ]

    private static let points = """
        name,table,address,type,order,scale,offset,unit,every,range-low,range-high,values,writable
        level,holding,0,int16,,0.01,,m,1s,0,6,,
        total,holding,1,uint32,CDAB,,,m3,1m,,,,
        state,holding,3,uint16,,,,,,,,0=stopped;1=forward,true
        "tripped",discrete,5,,,,,,,,,,

        """

    private static let addresses = [
        "tcp://192.0.2.7:502", "tcp://[::1]:1502", "rtu:///dev/ttyS0?baud=9600&parity=N&stop=1", "rtu+tcp://converter:4001",
        "rtu+listen://:9000?packet=0A1B", "rtu+listen://10.0.0.1:9000?text=pump-7", "rtu+listen://:9000?address=10.0.0.7",
        "mqtt://broker", "mqtt:///run/broker.socket",
    ]

    /// Larger files would only make a fuzzer slow.
    private static let largest = 4096

    private static func files(below folder: String) -> [[UInt8]] {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: "\(folder)/")) ?? []
        return paths.sorted().filter { $0.hasSuffix(".yaml") }.compactMap { path in
            FileManager.default.contents(atPath: "\(folder)/\(path)").flatMap { $0.count <= Self.largest ? Array($0) : nil }
        }
    }
}
