// Reads parts of a zip file in memory through libzip. This is the only place of the library with C pointers.
//
// Invariants: no part is unpacked beyond `partLimit`. The declared size is checked first, the true size while reading.
import CZip

final class ZipArchive {
    struct Failure: Error { let reason: String }
    struct TooLarge: Error { let part: String, bytes: UInt64 }

    /// Far above the size of any caption sheet.
    static let partLimit: UInt64 = 128 << 20

    private let bytes: [UInt8]
    private let copy: UnsafeMutableRawBufferPointer
    private let archive: OpaquePointer

    init(_ bytes: [UInt8]) throws(Failure) {
        self.bytes = bytes
        copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        copy.copyBytes(from: bytes)
        var opened: OpaquePointer?
        let memory = copy
        let reason = Self.message { opened = vlseg_zip_open(memory.baseAddress, bytes.count, $0) }
        guard let opened else {
            copy.deallocate()
            throw Failure(reason: "its zip container cannot be read: \(reason)")
        }
        archive = opened
    }

    deinit {
        vlseg_zip_close(archive)
        copy.deallocate()
    }

    /// The bytes of a part, or nil if the archive has no part of that name (ignoring case).
    func read(_ name: String) throws -> [UInt8]? {
        let index = vlseg_zip_find(archive, name)
        guard index >= 0 else { return nil }
        let size = vlseg_zip_size(archive, UInt64(index))
        guard size >= 0 else { throw failure(name) }
        if size > Self.partLimit { throw TooLarge(part: name, bytes: UInt64(size)) }
        guard vlseg_zip_start(archive, UInt64(index)) == 1 else { throw failure(name) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = vlseg_zip_read(archive, &chunk, chunk.count)
            if count < 0 { throw Failure(reason: "its part \(name) is damaged: \(reason)") }
            if count == 0 { return result }
            result.append(contentsOf: chunk[0..<Int(count)])
            if UInt64(result.count) > Self.partLimit { throw TooLarge(part: name, bytes: UInt64(result.count)) }
        }
    }

    private func failure(_ name: String) -> Failure { Failure(reason: "its part \(name) cannot be read: \(reason)") }

    private var reason: String { Self.message { vlseg_zip_reason(archive, $0) } }

    private static func message(_ fill: (UnsafeMutablePointer<CChar>?) -> Void) -> String {
        var text = [CChar](repeating: 0, count: Int(VLSEG_ZIP_MESSAGE_BYTES))
        text.withUnsafeMutableBufferPointer { fill($0.baseAddress) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
