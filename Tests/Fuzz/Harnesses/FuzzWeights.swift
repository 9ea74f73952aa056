// Weight files under the fuzzer: safetensors, PyTorch's zip files and the pickles inside; and NumPy's arrays.
import NumPyFiles
import WeightFiles

enum FuzzWeights {
    static func accepts(_ bytes: [UInt8], folder: String) -> Bool {
        guard let file = try? WeightFile.open(placed(bytes, "weights", in: folder)) else { return false }
        var elements = 0
        for entry in file.entries {
            elements += entry.elementCount
            // Views may repeat a storage: enough is read to see that reading is safe.
            if elements > 1 << 20 { break }
            if let values = try? file.float32(entry.name) {
                precondition(values.count == entry.elementCount, "values that do not fill the shape")
            }
            _ = try? file.int64(entry.name)
        }
        return true
    }

    static func acceptsArray(_ bytes: [UInt8]) -> Bool {
        guard let array = try? NPYArray(bytes, path: "array.npy") else { return false }
        let floats = try? array.float32(), whole = try? array.int32()
        precondition(floats == nil || whole == nil, "values of two types")
        guard let count = floats?.count ?? whole?.count else { return false }
        precondition(count == array.shape.reduce(1, *), "values that do not fill the shape")
        if let finite = try? array.finiteFloat32() { precondition(finite == floats && finite.allSatisfy(\.isFinite), "other values") }
        if count > 0 { precondition(array.place(count - 1).hasPrefix("["), "no place") }
        return true
    }

    /// Bytes that are no zip file are a pickle, put in an archive with one storage.
    static func archive(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.starts(with: Array("PK".utf8)) { return bytes }
        return StoredArchive.make([("archive/data.pkl", bytes), ("archive/data/0", [UInt8](repeating: 1, count: 64))])
    }
}
