// Zstandard compression of whole shards. One frame, content size and checksum on, so that every reader accepts it and
// damage is noticed while unpacking.
import CZstd

enum Zstandard {
    static let levels = 1...22

    static func compress(_ bytes: UnsafeRawBufferPointer, level: Int) -> Result<[UInt8], ZstandardError> {
        var reason: UnsafePointer<CChar>?
        let capacity = vlseg_zstd_bound(bytes.count)
        let frame = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = vlseg_zstd_compress(Int32(level), bytes.baseAddress, bytes.count, buffer.baseAddress, capacity, &reason)
        }
        return frame.isEmpty ? .failure(ZstandardError(reason)) : .success(frame)
    }

    /// The content size that the frame declares; nil when it declares none or is no frame.
    static func declaredSize(_ bytes: [UInt8]) -> Int? {
        let size = bytes.withUnsafeBytes { vlseg_zstd_declared_size($0.baseAddress, $0.count) }
        return size >= 0 ? Int(size) : nil
    }

    /// The content of a frame that must hold exactly `size` bytes and nothing after it.
    static func decompress(_ frame: [UInt8], size: Int) -> Result<[UInt8], ZstandardError> {
        let partial = decompressPrefix(frame, size: size)
        if let reason = partial.failure { return .failure(ZstandardError(text: reason)) }
        guard partial.ended else { return .failure(ZstandardError(text: "holds more than the \(size) bytes the index declares")) }
        guard partial.bytes.count == size else {
            return .failure(ZstandardError(text: "holds \(partial.bytes.count) bytes, the index declares \(size)"))
        }
        guard partial.used == frame.count else {
            return .failure(ZstandardError(text: "\(frame.count - partial.used) bytes follow the compressed data"))
        }
        return .success(partial.bytes)
    }

    struct Prefix {
        let bytes: [UInt8]
        /// The frame's end was reached and its checksum is right.
        let ended: Bool
        let used: Int
        /// Why decompression stopped early; nil if it reached `size` bytes or the frame's end.
        let failure: String?
    }

    /// As many of the first `size` bytes as possible: a header check or the report of damaged samples needs them.
    static func decompressPrefix(_ frame: [UInt8], size: Int) -> Prefix {
        var state: Int32 = 0
        var used = 0
        var reason: UnsafePointer<CChar>?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = frame.withUnsafeBytes {
                vlseg_zstd_decompress($0.baseAddress, $0.count, buffer.baseAddress, size, &state, &used, &reason)
            }
        }
        let broken = state < 0 || (state == 0 && bytes.count < size)
        return Prefix(
            bytes: bytes, ended: state == 1, used: used,
            failure: broken ? reason.map { String(cString: $0) } ?? "unknown" : nil)
    }
}

struct ZstandardError: Error {
    let text: String
    init(text: String) { self.text = text }
    init(_ reason: UnsafePointer<CChar>?) { text = reason.map { String(cString: $0) } ?? "unknown reason" }
}
