// Writes NumPy's .npy files (version 1.0, float32, row-major), which numpy.load reads, and recognises files that it wrote. Not for reading
// files in general: NPYArray does that.

public enum NPY {
    /// Whether the file at a path is a probability map as `encode` writes it: two dimensions, every value from 0 to 1.
    public static func isProbabilities(_ path: String) -> Bool {
        guard let array = try? NPYArray(path), array.shape.count == 2, array.shape.allSatisfy({ $0 <= 65_536 }),
            let values = try? array.float32()
        else { return false }
        return values.allSatisfy { $0 >= 0 && $0 <= 1 }
    }

    /// - Parameter shape: sizes whose product is the number of values.
    public static func encode(_ values: [Float], shape: [Int]) -> [UInt8] {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
        let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
        // Magic, version and length take 10 bytes; the whole header is a multiple of 64 and ends with a newline.
        let padding = 64 - (10 + header.utf8.count + 1) % 64
        header += String(repeating: " ", count: padding % 64) + "\n"
        let length = UInt16(header.utf8.count)
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(header.utf8)
        bytes.reserveCapacity(bytes.count + values.count * 4)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
        return bytes
    }
}
