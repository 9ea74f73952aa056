// A checksum for safetensors files of this package. The format has none, and a flipped bit in a weight would go unnoticed. The checksum is
// in the metadata, where other readers ignore it. It is the SHA-256 of the whole file with its own 64 digits set to zeros.
import Files

enum SafetensorsSeal {
    static let key = "vlseg-sha256"
    static let blank = String(repeating: "0", count: 64)

    /// The position of the digits in a header that has the key; nil if this library did not write it in this form.
    static func place(in header: UnsafeRawBufferPointer) -> Range<Int>? {
        let mark = Array("\"\(key)\":\"".utf8)
        guard header.count >= mark.count + blank.count else { return nil }
        for start in 0...(header.count - mark.count - blank.count) where header[start] == mark[0] {
            if header[start..<start + mark.count].elementsEqual(mark) {
                return start + mark.count..<start + mark.count + blank.count
            }
        }
        return nil
    }

    /// Checks a whole file against the checksum in its metadata.
    static func check(_ file: UnsafeRawBufferPointer, headerLength: Int, stated: String, path: String) throws(WeightFileError) {
        let header = UnsafeRawBufferPointer(rebasing: file[0..<8 + headerLength])
        guard let place = place(in: header) else {
            throw .damaged(path: path, place: "the header", found: "\(key) \"\(stated)\"", expected: "64 hexadecimal digits")
        }
        let stream = SHA256Stream()
        stream.update(UnsafeRawBufferPointer(rebasing: file[0..<place.lowerBound]))
        stream.update(Array(blank.utf8))
        stream.update(UnsafeRawBufferPointer(rebasing: file[place.upperBound...]))
        let found = stream.finish() ?? "no memory for it"
        if found != stated {
            throw .damaged(
                path: path, place: "the whole file", found: "SHA-256 \(found)",
                expected: "\(stated), which it was written with; use another copy")
        }
    }
}
