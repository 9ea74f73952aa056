// The position of one tensor's elements in an opened file, and how to gather them if they are not contiguous.
// Invariant: a StoredTensor in a WeightFile was checked against its storage; gathering never leaves the storage.
import Files

/// One tensor of an opened file: a strided view of a storage.
struct StoredTensor: Sendable {
    let entry: WeightEntry
    let storage: Storage
    /// Index of the first element in the storage.
    let offset: Int
    /// Distance between neighbours in each dimension, in elements; never negative.
    let strides: [Int]

    /// The bytes of a tensor's storage.
    enum Storage: Sendable {
        /// A range of the mapped file.
        case mapped(Range<Int>)
        /// A copy in memory of a storage that is compressed in the file.
        case unpacked([UInt8])

        /// Calls `body` with the storage's bytes.
        func withBytes<Result>(of file: MappedFile, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
            switch self {
            case .mapped(let range): body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
            case .unpacked(let bytes): bytes.withUnsafeBytes(body)
            }
        }
    }

    /// Whether the elements follow one another in row-major order.
    var isContiguous: Bool {
        var expected = 1
        for (size, stride) in zip(entry.shape, strides).reversed() where size != 1 {
            if stride != expected { return false }
            expected *= size
        }
        return true
    }

    /// Row-major strides of a shape.
    static func contiguousStrides(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for dimension in shape.indices.dropLast().reversed() {
            strides[dimension] = strides[dimension + 1] &* max(shape[dimension + 1], 1)
        }
        return strides
    }

    /// One past the largest element index of the view in its storage; nil if it overflows an Int or a stride is negative.
    static func reach(shape: [Int], strides: [Int], offset: Int) -> Int? {
        if shape.count != strides.count || offset < 0 || strides.contains(where: { $0 < 0 }) { return nil }
        if shape.contains(0) { return offset }
        var last = offset
        for (size, stride) in zip(shape, strides) {
            let (span, tooWide) = (size - 1).multipliedReportingOverflow(by: stride)
            let (sum, tooFar) = last.addingReportingOverflow(span)
            if tooWide || tooFar { return nil }
            last = sum
        }
        let (end, overflow) = last.addingReportingOverflow(1)
        return overflow ? nil : end
    }

    /// Calls `body` with the tensor's elements as contiguous row-major bytes. They are copied only if the view is strided.
    func withContiguousBytes<Result>(
        of storageBytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let size = entry.type.byteCount
        let count = entry.elementCount
        if count == 0 { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        if isContiguous {
            return body(UnsafeRawBufferPointer(rebasing: storageBytes[offset * size..<(offset + count) * size]))
        }
        let gathered = [UInt8](unsafeUninitializedCapacity: count * size) { buffer, filled in
            gather(from: storageBytes, into: UnsafeMutableRawBufferPointer(buffer))
            filled = count * size
        }
        return gathered.withUnsafeBytes(body)
    }

    /// Copies the elements one by one; the last dimension varies fastest.
    private func gather(from source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer) {
        let shape = entry.shape
        let size = entry.type.byteCount
        var index = [Int](repeating: 0, count: shape.count)
        var position = offset
        for element in 0..<entry.elementCount {
            for byte in 0..<size { destination[element * size + byte] = source[position * size + byte] }
            for dimension in shape.indices.reversed() {
                index[dimension] += 1
                position += strides[dimension]
                if index[dimension] < shape[dimension] { break }
                position -= shape[dimension] * strides[dimension]
                index[dimension] = 0
            }
        }
    }
}
