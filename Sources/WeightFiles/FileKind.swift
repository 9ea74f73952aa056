// Detects the kind of a weight file, and of files that people mistake for one, from the first bytes.

/// The formats that this library reads.
enum FileKind {
    case safetensors, zip

    static func detect(_ bytes: UnsafeRawBufferPointer, path: String) throws(WeightFileError) -> FileKind {
        func starts(_ prefix: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + prefix.count && bytes[offset..<offset + prefix.count].elementsEqual(prefix)
        }
        if bytes.isEmpty { throw .unrecognised(path: path, found: "the file is empty") }
        // An archive that begins with the end-of-archive record ("PK", 5, 6) is empty.
        if starts([0x50, 0x4b, 3, 4]) || starts([0x50, 0x4b, 5, 6]) { return .zip }
        if starts(Array("version https://git-lfs".utf8)) {
            throw .unrecognised(path: path, found: "it is a Git LFS pointer; run `git lfs pull` to fetch the real file")
        }
        if starts([0x89] + Array("HDF".utf8)) { throw .unrecognised(path: path, found: "it is an HDF5 (Keras) file") }
        if starts(Array("GGUF".utf8)) { throw .unrecognised(path: path, found: "it is a GGUF file") }
        if starts([0x1f, 0x8b]) { throw .unrecognised(path: path, found: "it is gzip-compressed; unpack it first") }
        if starts(Array("ustar".utf8), at: 257) { throw .legacyPyTorch(path: path, layout: "a tar archive") }
        // A pickle of protocol 2 whose first value is PyTorch's magic number, a ten-byte integer.
        let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
        if starts([0x80, 2, 0x8a, 10] + magic) { throw .legacyPyTorch(path: path, layout: "a sequence of pickles") }
        if starts([0x80]) && bytes.count > 1 && bytes[1] <= 5 && !looksLikeSafetensors(bytes) {
            throw .unrecognised(path: path, found: "it is a plain Python pickle, not a file that torch.save wrote")
        }
        if looksLikeSafetensors(bytes) { return .safetensors }
        if bytes[0] == UInt8(ascii: "{") { throw .unrecognised(path: path, found: "it is a JSON file (an index or a configuration?)") }
        if bytes[0] == UInt8(ascii: "<") { throw .unrecognised(path: path, found: "it looks like a web page; was a download refused?") }
        let first = bytes.prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        throw .unrecognised(path: path, found: "its first bytes are \(first.joined(separator: " "))")
    }

    /// A safetensors file begins with the header's length in eight bytes, then `{`. The upper four bytes of a plausible length are zero.
    private static func looksLikeSafetensors(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count > 8 && bytes[8] == UInt8(ascii: "{") && bytes[4..<8].allSatisfy { $0 == 0 }
    }
}
