// libFuzzer's door: one input a call, to the parser that VLSEG_FUZZ_PARSER names. Built by Scripts/fuzz.sh only.
import Foundation
import FuzzHarnesses

private let parser: FuzzParser = {
    let name = ProcessInfo.processInfo.environment["VLSEG_FUZZ_PARSER"] ?? ""
    guard let parser = FuzzParser(rawValue: name) else {
        FileHandle.standardError.write(Data("fuzz: VLSEG_FUZZ_PARSER is \"\(name)\"\n".utf8))
        exit(2)
    }
    return parser
}()

/// A folder in memory of this process's own.
private let folder: String = {
    let path = "/dev/shm/vlseg-fuzz-\(getpid())"
    mkdir(path, 0o700)
    atexit {
        try? FileManager.default.removeItem(atPath: folder)
    }
    return path
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = parser.accepts(Array(UnsafeBufferPointer(start: data, count: count)), folder: folder)
    return 0
}
