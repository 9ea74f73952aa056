// Builds stored zip archives byte by byte, so that tests can make what no library writes: wrong records, zip64 fields, holes of gigabytes.
import Foundation

struct ZipBuilder {
    var bytes: [UInt8] = []
    /// Makes the directory use zip64 fields even for small numbers.
    var forcesZip64 = false
    private var entries: [(name: String, size: Int, offset: Int)] = []
    /// Bytes left out before the position of the next member: what a sparse file skips.
    private(set) var skipped = 0

    init(forcesZip64: Bool = false) { self.forcesZip64 = forcesZip64 }

    static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }

    private func clamped(_ number: Int) -> UInt32 { forcesZip64 || number >= 0xffff_ffff ? 0xffff_ffff : UInt32(number) }

    /// Adds a member; `declaredSize` beyond the data leaves a hole after it that the caller's sparse file provides.
    mutating func add(_ name: String, _ data: [UInt8], declaredSize: Int? = nil) {
        let size = declaredSize ?? data.count
        entries.append((name, size, bytes.count + skipped))
        bytes += Self.little(UInt32(0x0403_4b50)) + Self.little(UInt16(45)) + [UInt8](repeating: 0, count: 12)
        bytes += Self.little(clamped(size)) + Self.little(clamped(size)) + Self.little(UInt16(name.utf8.count)) + Self.little(UInt16(0))
        bytes += Array(name.utf8) + data
        skipped += size - data.count
    }

    /// The directory and end records, to be written at offset `bytes.count + skipped`.
    func directory() -> [UInt8] {
        let start = bytes.count + skipped
        var out: [UInt8] = []
        for entry in entries {
            var extra: [UInt8] = []
            if clamped(entry.size) == 0xffff_ffff { extra += Self.little(UInt64(entry.size)) + Self.little(UInt64(entry.size)) }
            if clamped(entry.offset) == 0xffff_ffff { extra += Self.little(UInt64(entry.offset)) }
            if !extra.isEmpty { extra = Self.little(UInt16(1)) + Self.little(UInt16(extra.count)) + extra }
            out += Self.little(UInt32(0x0201_4b50)) + Self.little(UInt16(45)) + Self.little(UInt16(45)) + [UInt8](repeating: 0, count: 12)
            out += Self.little(clamped(entry.size)) + Self.little(clamped(entry.size))
            out += Self.little(UInt16(entry.name.utf8.count)) + Self.little(UInt16(extra.count)) + [UInt8](repeating: 0, count: 10)
            out += Self.little(clamped(entry.offset)) + Array(entry.name.utf8) + extra
        }
        let size = out.count
        let record = start + size
        if clamped(start) == 0xffff_ffff {
            out += Self.little(UInt32(0x0606_4b50)) + Self.little(UInt64(44)) + Self.little(UInt16(45)) + Self.little(UInt16(45))
            out += [UInt8](repeating: 0, count: 8) + Self.little(UInt64(entries.count)) + Self.little(UInt64(entries.count))
            out += Self.little(UInt64(size)) + Self.little(UInt64(start))
            out += Self.little(UInt32(0x0706_4b50)) + Self.little(UInt32(0)) + Self.little(UInt64(record)) + Self.little(UInt32(1))
        }
        out += Self.little(UInt32(0x0605_4b50)) + [0, 0, 0, 0]
        out += Self.little(UInt16(entries.count)) + Self.little(UInt16(entries.count)) + Self.little(UInt32(size))
        return out + Self.little(clamped(start)) + [0, 0]
    }

    /// An archive without holes.
    func archive() -> [UInt8] { bytes + directory() }
}

/// Pickle instructions, for files that torch.save would not write.
enum Pickle {
    static func text(_ text: String) -> [UInt8] { [0x58] + ZipBuilder.little(UInt32(text.utf8.count)) + Array(text.utf8) }
    static func integer(_ number: Int) -> [UInt8] { [0x8a, 8] + ZipBuilder.little(Int64(number)) }
    static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
    static func tuple(_ items: [[UInt8]]) -> [UInt8] { [0x28] + items.flatMap { $0 } + [0x74] }
    static func numbers(_ numbers: [Int]) -> [UInt8] { tuple(numbers.map(integer)) }

    /// A call of _rebuild_tensor_v2 over storage `key`.
    static func tensor(
        key: String = "0", storageClass: String = "FloatStorage", count: Int, offset: Int = 0, shape: [Int], strides: [Int]
    ) -> [UInt8] {
        let id = tuple([text("storage"), global("torch", storageClass), text(key), text("cpu"), integer(count)]) + [0x51]
        let arguments = tuple([id, integer(offset), numbers(shape), numbers(strides), [0x89], [0x4e]])
        return global("torch._utils", "_rebuild_tensor_v2") + arguments + [0x52]
    }

    static func dictionary(_ items: [([UInt8], [UInt8])]) -> [UInt8] { [0x7d, 0x28] + items.flatMap { $0.0 + $0.1 } + [0x75] }

    static func file(_ value: [UInt8]) -> [UInt8] { [0x80, 2] + value + [0x2e] }
}

/// A PyTorch file with this pickle and one storage "0" of these bytes.
func pytorchFile(_ value: [UInt8], storage: [UInt8] = [], forcesZip64: Bool = false) -> [UInt8] {
    var zip = ZipBuilder(forcesZip64: forcesZip64)
    zip.add("archive/data.pkl", Pickle.file(value))
    zip.add("archive/data/0", storage)
    return zip.archive()
}
