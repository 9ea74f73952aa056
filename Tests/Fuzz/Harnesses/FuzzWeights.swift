// Weight files under the fuzzer: safetensors, PyTorch's zip files and the pickles inside.
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

    /// Bytes that are no zip file are a pickle, put in an archive with one storage.
    static func archive(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.starts(with: Array("PK".utf8)) { return bytes }
        return StoredArchive.make([("archive/data.pkl", bytes), ("archive/data/0", [UInt8](repeating: 1, count: 64))])
    }
}
