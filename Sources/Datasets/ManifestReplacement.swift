// Whether a manifest may be written to its path. Checked before the samples, because checking those takes long.
// Invariant: changes nothing. An input is never replaced; another file that is not a manifest is replaced only on request.
import Files
import Foundation

enum ManifestReplacement {
    /// - Parameter inputs: the caption files that were read.
    static func check(_ name: String, folder: String, inputs: [String], overwrites: Bool) throws(DatasetError) {
        let manifest = Manifest.path(folder: folder, name: name), summary = Manifest.summaryPath(folder: folder, name: name)
        let list = ProblemList.path(folder: folder, name: name)
        for path in [manifest, summary, list] {
            let identity = FileIdentity(path)
            for input in inputs where identity.isSame(as: FileIdentity(input)) || identity.differsOnlyInCase(from: FileIdentity(input)) {
                throw .manifestIsInput(path: path, input: input)
            }
        }
        do { try FileIO.checkWritableFolder(folder) } catch { throw .file(error) }
        if overwrites { return }
        if isForeign(manifest, keys: ["id", "image", "mask", "caption", "imageSha256"]) { throw .foreignManifest(path: manifest) }
        if isForeign(summary, keys: ["formatVersion", "manifestSha256", "captionFiles"]) { throw .foreignManifest(path: summary) }
        if FileIO.exists(list), !ProblemList.isOwn(list) { throw .foreignManifest(path: list) }
    }

    /// Whether a non-empty file is not a JSON object with these keys; in a .jsonl file only its first line counts.
    private static func isForeign(_ path: String, keys: [String]) -> Bool {
        guard FileIO.exists(path), (try? FileIO.size(path)) != 0 else { return false }
        guard let bytes = try? FileIO.read(path, limit: 1 << 30) else { return true }
        let first = path.hasSuffix(".jsonl") ? Array(bytes.prefix { $0 != UInt8(ascii: "\n") }) : bytes
        guard let object = try? JSONSerialization.jsonObject(with: Data(first)) as? [String: Any] else { return true }
        return !keys.allSatisfy { object[$0] != nil }
    }
}
