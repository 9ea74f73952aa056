// Rows of a table picked by number, such as word embeddings by token. Forward alone: the one table that is read so belongs to a frozen
// encoder.

/// Row numbers on a device, int32.
public struct RowNumbers {
    let bytes: ByteTensor
    public let count: Int
}

/// What a device does for it.
protocol GatherDevice {
    /// y[r,:] = table[numbers[r],:].
    func gatherRows(_ table: Tensor, _ numbers: RowNumbers, into y: Tensor)
}

extension Backend {
    public func rowNumbers(_ numbers: [Int32]) -> RowNumbers {
        let bytes = numbers.withUnsafeBytes { raw in
            let values = raw.bindMemory(to: UInt8.self)
            return self.bytes(values, [values.count])
        }
        return RowNumbers(bytes: bytes, count: numbers.count)
    }
}

extension Tape {
    /// y[r,:] = table[rows[r],:]. table [K, C], all numbers below K -> [rows, C].
    public func gatherRows(_ table: Tensor, _ rows: RowNumbers) -> Tensor {
        precondition(!records(table), "gatherRows has no gradient for its table")
        let y = backend.empty([rows.count, table.channels], format: table.format)
        backend.perform("row gathers", [y, y]) { (device: any GatherDevice) in device.gatherRows(table, rows, into: y) }
        return y
    }
}
