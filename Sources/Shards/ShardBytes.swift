// The layout of an unpacked shard: header, samples, columns. A view of bytes that the caller owns.
// Invariant: every range returned lies inside the bytes, provided that `headerFault` found nothing.

struct ShardBytes {
    let bytes: UnsafeRawBufferPointer

    private func word(at offset: Int) -> Int { Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))) }

    /// The fault of a header (sample count and offsets); the bytes may be the beginning of a shard of `size` bytes.
    func headerFault(samples: Int, size: Int) -> String? {
        let header = 4 + 4 * (samples + 1)
        guard bytes.count >= header else { return "ends inside its header" }
        func word(_ index: Int) -> Int { self.word(at: 4 * index) }
        guard word(0) == samples else { return "holds \(word(0)) samples, the index declares \(samples)" }
        guard word(1) >= header else { return "its first sample begins inside the header" }
        for index in 0..<samples where word(index + 1) > word(index + 2) {
            return "sample \(index) ends before it begins"
        }
        guard word(samples + 1) == size else { return "its samples end at \(word(samples + 1)), the file at \(size)" }
        return nil
    }

    func range(ofSample index: Int) -> Range<Int> { word(at: 4 * (index + 1))..<word(at: 4 * (index + 2)) }

    /// Calls `body` with each column's number and its range. Allocates nothing.
    /// - Returns: the fault of the sample; nil if it is intact.
    func columns(ofSample index: Int, _ columns: [MDSColumn], _ body: (Int, Range<Int>) -> Void) -> String? {
        let range = range(ofSample: index)
        var lengthAt = range.lowerBound
        var at = range.lowerBound + 4 * columns.count { $0.size == nil }
        guard at <= range.upperBound else { return "is \(range.count) bytes, too short for its columns" }
        for (number, column) in columns.enumerated() {
            var length = column.size ?? 0
            if column.size == nil {
                length = word(at: lengthAt)
                lengthAt += 4
            }
            guard length <= range.upperBound - at else { return "column \(column.name) ends behind its sample" }
            body(number, at..<(at + length))
            at += length
        }
        return at == range.upperBound ? nil : "\(range.upperBound - at) bytes follow its last column"
    }
}
