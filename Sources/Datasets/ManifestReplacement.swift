// Whether a manifest may be written at its place: found before the samples are checked, which takes long.
// Invariant: only looks; an input is never replaced, a file that is no manifest only where it is asked for.
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

    /// Whether a file that holds anything is not an object, or does not begin with a line that is one, with these keys.
    private static func isForeign(_ path: String, keys: [String]) -> Bool {
        guard FileIO.exists(path), (try? FileIO.size(path)) != 0 else { return false }
        guard let bytes = try? FileIO.read(path, limit: 1 << 30) else { return true }
        let first = path.hasSuffix(".jsonl") ? Array(bytes.prefix { $0 != UInt8(ascii: "\n") }) : bytes
        guard let object = try? JSONSerialization.jsonObject(with: Data(first)) as? [String: Any] else { return true }
        return !keys.allSatisfy { object[$0] != nil }
    }
}
