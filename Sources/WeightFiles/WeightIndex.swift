// The index of weights that are split into several files (model.safetensors.index.json, pytorch_model.bin.index.json): it says which file
// holds which tensor. Also finds the weight file of a folder. Not for the tensors' content (WeightFile).
// Invariant: the files are looked for only in the folder of the index.
import Files
import Foundation

struct WeightIndex {
    let path: String
    /// The file name for every tensor name.
    let files: [String: String]

    private static let sizeLimit = 64 << 20

    /// The weight file or index for a path: the path itself, or in a folder the first of the usual names.
    static func file(of path: String) throws(WeightFileError) -> String {
        guard FileIO.isFolder(path) else { return path }
        if let found = ModelFolder.weightNames.map({ path + "/" + $0 }).first(where: FileIO.exists) { return found }
        let endings = [".safetensors", ".bin", ".pt", ".pth", ".ckpt"]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        throw .noWeights(folder: path, others: names.filter { name in endings.contains { name.hasSuffix($0) } }.sorted())
    }

    /// Nil if the file is not an index.
    init?(_ path: String) throws(WeightFileError) {
        // The first byte tells an index from a weight file of gigabytes.
        var first: [UInt8] = [0]
        let readable = first.withUnsafeMutableBytes { buffer in (try? FileIO.read(path, filling: buffer)) != nil }
        guard readable, first[0] == UInt8(ascii: "{") else { return nil }
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileIO.read(path, limit: Self.sizeLimit) } catch { throw .file(error) }
        guard let top = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any], let map = top["weight_map"] else {
            return nil
        }
        if (map as? [String: Any])?.isEmpty == true { return nil }
        guard let files = map as? [String: String] else {
            throw .damaged(path: path, place: "weight_map", found: "something else", expected: "an object of tensor names and file names")
        }
        if let (name, file) = files.first(where: { $0.value.contains("/") || $0.value.hasPrefix(".") || $0.value.isEmpty }) {
            throw .damaged(
                path: path, place: "weight_map, tensor `\(name)`", found: "the file \"\(file)\"",
                expected: "the name of a file beside the index")
        }
        self.path = path
        self.files = files
    }

    /// The paths of the files, sorted; all of them exist.
    func paths() throws(WeightFileError) -> [String] {
        let names = Set(files.values).sorted()
        let missing = names.filter { !FileIO.isFile(FileIO.sibling(of: path, named: $0)) }
        if !missing.isEmpty { throw .partsMissing(path: path, names: missing, count: names.count) }
        return names.map { FileIO.sibling(of: path, named: $0) }
    }

    /// Opens all files as one.
    func open() throws(WeightFileError) -> WeightFile {
        var parts: [WeightFile] = []
        var unlisted: [String] = []
        for path in try paths() {
            let part = try WeightFile.openSingle(path, takesOffPrefix: false)
            let name = FileIO.lastPart(of: path)
            for (tensor, file) in files where file == name && part.entry(tensor) == nil {
                throw .notInPart(path: self.path, name: tensor, part: path)
            }
            unlisted += part.entries.map(\.name).filter { files[$0] == nil }
            parts.append(part)
        }
        if let name = unlisted.first {
            throw .damaged(
                path: path, place: "weight_map",
                found: "no entry for tensor `\(name)` (and \(unlisted.count - 1) more), which one of its files holds",
                expected: "every tensor of its files")
        }
        return WeightFile(path: path, joining: parts) { files[$0] }
    }
}
