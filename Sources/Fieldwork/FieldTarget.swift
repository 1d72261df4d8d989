package import Acquisition
import Documents
import Modbus
import Telemetry

/// The device that a command is about: where its link leads, its unit there, and how long it may take.
package struct FieldTarget: Sendable {
    /// As the person wrote it.
    package let link: String
    package let address: LinkAddress
    let unit: UnitID
    package let timeout: Duration

    package init(link: String, unit: Int, timeout: String = "1s") throws(FieldError) {
        self.link = link
        address = try Self.address(link, option: "--link")
        self.timeout = try Self.span(timeout, option: "--timeout")
        self.unit = try Self.unit(unit, on: address, option: "--unit")
    }

    static func address(_ text: String, option: String) throws(FieldError) -> LinkAddress {
        let address: LinkAddress
        do throws(LinkAddress.Malformed) {
            address = try LinkAddress(text)
        } catch {
            throw .usage("\(option): \(error.message)")
        }
        if case .mqtt = address {
            throw .usage(
                "\(option): '\(text)' is a broker, and nobody can be asked there; write tcp://, rtu://, rtu+tcp:// or rtu+listen://")
        }
        return address
    }

    static func span(_ text: String, option: String) throws(FieldError) -> Duration {
        guard let span = Duration(text: text), span > .zero else {
            throw .usage("\(option): '\(text)' is no time; write it as 250ms or 2s")
        }
        return span
    }

    /// A serial line has units 1 to 247, TCP all eight bits.
    static func unit(_ number: Int, on address: LinkAddress, option: String) throws(FieldError) -> UnitID {
        let range = units(on: address)
        guard range.contains(number), let unit = UInt8(exactly: number) else {
            throw .usage("\(option): \(number) is no unit of this link; write one from \(range.lowerBound) to \(range.upperBound)")
        }
        return UnitID(unit)
    }

    static func units(on address: LinkAddress) -> ClosedRange<Int> {
        switch address {
        case .tcp, .mqtt: 0...255
        case .rtuOverTCP, .rtuListen: 1...255
        case .rtu: 1...247
        }
    }

    /// An error on this link as a person in the field needs it.
    func words(for error: ModbusError) -> String {
        switch error {
        case .disconnected: "\(link): \(error); see that the device is on, and that the address is right"
        case .timeout:
            "\(link): unit \(unit): \(error) (\(timeout.wholeMilliseconds) ms); see which units answer with 'headgate scan', "
                + "or give it a longer --timeout"
        case .exception(2):
            "\(link): unit \(unit) \(error); see the device's manual, where addresses may be counted from 1 or from 40001"
        case .exception: "\(link): unit \(unit) \(error); see the device's manual"
        case .malformed: "\(link): unit \(unit): \(error); see that speed, parity and kind of link are the device's"
        case .unservable: "\(link): unit \(unit): \(error)"
        }
    }
}
