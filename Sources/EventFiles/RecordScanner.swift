// The records of an event file, one after another, each with its place and whether its checksum holds. Does not look into them.
// Invariant: a record is given only where its length is certain (the length's own checksum holds) and all of its bytes are there.

struct RecordScanner {
    private let bytes: [UInt8]
    /// Where the last record ended. Bytes behind the last record are cut off or damaged.
    private(set) var place = 0

    struct Record {
        /// With length and checksums.
        let range: Range<Int>
        /// The message alone.
        let content: ArraySlice<UInt8>
        let isIntact: Bool
    }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> Record? {
        let start = place
        guard bytes.count - start >= 16 else { return nil }
        let length = ProtobufReader.little(bytes[start..<start + 8])
        guard stored(at: start + 8) == CRC32C.masked(bytes[start..<start + 8]), length <= UInt64(bytes.count - start - 16) else {
            return nil
        }
        let end = start + 12 + Int(length)
        place = end + 4
        let content = bytes[start + 12..<end]
        return Record(range: start..<place, content: content, isIntact: stored(at: end) == CRC32C.masked(content))
    }

    private func stored(at place: Int) -> UInt32 { UInt32(truncatingIfNeeded: ProtobufReader.little(bytes[place..<place + 4])) }
}
