// Content hashes as lower-case hexadecimal text: SHA and MD5 families from libcrypto, xxHash from libxxhash.
// Not for secrets. xxHash values are in canonical (big-endian) order, the form that `xxhsum` and MDS indexes print.
import CHash
import Foundation

public enum Digest {
    /// Every name that `digest(named:of:)` knows: the hashes of MDS indexes.
    public static let names: Set<String> = [
        "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512",
        "blake2b", "blake2s", "xxh32", "xxh64", "xxh128", "xxh3_64", "xxh3_128",
    ]

    /// The digest by name; nil for a name that is not in `names`.
    public static func digest(named name: String, of bytes: UnsafeRawBufferPointer) -> String? {
        var out = [UInt8](repeating: 0, count: Int(VLSEG_HASH_MAXIMUM_BYTES))
        // The libraries need a valid pointer even for zero bytes.
        let length = withUnsafePointer(to: UInt8(0)) { nothing in
            vlseg_hash(name, bytes.baseAddress ?? UnsafeRawPointer(nothing), bytes.count, &out)
        }
        return length == 0 ? nil : hexadecimal(out[0..<length])
    }

    public static func digest(named name: String, of bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { digest(named: name, of: $0) }
    }

    public static func sha256(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { sha256($0) } }
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> String { digest(named: "sha256", of: bytes) ?? "" }
    public static func sha256(_ text: String) -> String { sha256(Array(text.utf8)) }
    public static func sha1(_ bytes: [UInt8]) -> String { digest(named: "sha1", of: bytes) ?? "" }
    public static func md5(_ bytes: [UInt8]) -> String { digest(named: "md5", of: bytes) ?? "" }
    public static func xxh64(_ bytes: [UInt8]) -> String { digest(named: "xxh64", of: bytes) ?? "" }
    public static func xxh3_64(_ bytes: [UInt8]) -> String { digest(named: "xxh3_64", of: bytes) ?? "" }
    public static func xxh128(_ bytes: [UInt8]) -> String { digest(named: "xxh128", of: bytes) ?? "" }

    /// SHA-256 of a file, read in pieces.
    public static func sha256(ofFile path: String) throws(FileError) -> String {
        do throws(ErrorNumber) {
            let descriptor = try Descriptor(opening: path, O_RDONLY)
            guard let state = vlseg_sha256_start() else { throw ErrorNumber(ENOMEM) }
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
            defer { chunk.deallocate() }
            var failure: ErrorNumber?
            var count = chunk.count
            while count == chunk.count, failure == nil {
                do throws(ErrorNumber) { count = try descriptor.read(into: chunk) } catch {
                    failure = error
                    count = 0
                }
                if vlseg_sha256_update(state, chunk.baseAddress, count) != 1 { failure = failure ?? ErrorNumber(EIO) }
            }
            var out = [UInt8](repeating: 0, count: 32)
            let finished = vlseg_sha256_finish(state, &out) == 1
            if let failure { throw failure }
            guard finished else { throw ErrorNumber(EIO) }
            return hexadecimal(out[...])
        } catch {
            throw .reading(path, error.code)
        }
    }

    static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
