import FoundationEssentials
import FuzzHarnesses
import Glibc

/// What libFuzzer calls before anything else. It leaves words that begin with two dashes to us:
/// `--harness=NAME`, which to run; `--seeds=FOLDER`, where to put what it begins with, from the files of the current folder.
@_cdecl("LLVMFuzzerInitialize")
func initialize(
    _ count: UnsafeMutablePointer<CInt>, _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>
) -> CInt {
    let given = (0..<Int(count.pointee)).map { String(cString: words.pointee[$0]) }
    func value(_ option: String) -> String? {
        given.first { $0.hasPrefix("--\(option)=") }.map { String($0.dropFirst(option.count + 3)) }
    }
    guard let harness = value("harness").flatMap(Harness.init(rawValue:)) else {
        print(Harness.allCases.map(\.rawValue).joined(separator: "\n"))
        exit(64)
    }
    chosen = harness
    guard let folder = value("seeds") else { return 0 }
    for (index, seed) in harness.seeds(from: FileManager.default.currentDirectoryPath).enumerated() {
        guard FileManager.default.createFile(atPath: "\(folder)/\(index)", contents: Data(seed)) else {
            print("no seeds can be put into \(folder)")
            exit(74)
        }
    }
    return 0
}

/// Set once, before the first input.
nonisolated(unsafe) private var chosen = Harness.mbap

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    chosen.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
