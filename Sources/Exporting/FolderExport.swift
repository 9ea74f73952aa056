// Exports a plain folder: images/ID.png, masks/ID.png, captions/SPLIT.json. `prep ingest kvasir --root DIR` reads it without changes.
// Without captions, whose files name the splits, it has LViT's folders, which do: `prep ingest lvit --root DIR --no-captions` reads that.
import Files
import Foundation
import Shards

struct FolderExport: Sendable {
    let folder: String
    let threads: Int
    let counter: ProgressCounter
    let cancellation: Cancellation

    /// LViT's folders, by split.
    static let splitFolders = ["train": "Train_Folder", "val": "Val_Folder", "test": "Test_Folder"]

    /// Where a split's images and masks go.
    private func places(of split: ExportSplit) -> (images: String, masks: String) {
        guard !split.set.hasCaptions, let name = Self.splitFolders[split.name] else { return (folder + "/images", folder + "/masks") }
        return ("\(folder)/\(name)/img", "\(folder)/\(name)/labelcol")
    }

    /// - Returns: number of files that were kept from a stopped run.
    func write(_ split: ExportSplit) throws(ExportError) -> Int {
        let set = split.set, places = places(of: split)
        try ExportError.wrapping { () throws(FileError) in
            for place in [places.images, places.masks] + (set.hasCaptions ? [folder + "/captions"] : []) {
                try FileIO.createFolder(place)
            }
        }
        let written = try forEachSample(0..<set.count, threads: threads, cancellation: cancellation) { index throws(ExportError) in
            let sample: ShardSample
            do throws(ShardError) { sample = try set.sample(at: index) } catch { throw .shards(error) }
            // A file appears whole or not at all, so an existing file is complete.
            let image = "\(places.images)/\(sample.id).png", mask = "\(places.masks)/\(sample.id).png"
            var kept = 0
            for (path, isMask) in [(image, false), (mask, true)] {
                if FileIO.exists(path) {
                    kept += 1
                } else {
                    let bytes = isMask ? try SampleFiles.mask(sample, of: set) : try SampleFiles.image(sample, of: set)
                    try ExportError.wrapping { () throws(FileError) in try FileIO.writeAtomically(bytes, to: path) }
                }
            }
            counter.add(1)
            return (kept: kept, id: sample.id, caption: sample.caption)
        }
        struct Row: Encodable { let image: String, mask: String, caption: String }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings only: encoding cannot fail. One sample per line.
        let lines = written.compactMap { row in
            row.caption.map { caption in
                String(
                    decoding: (try? encoder.encode(Row(image: row.id + ".png", mask: row.id + ".png", caption: caption))) ?? Data(),
                    as: UTF8.self)
            }
        }
        if set.hasCaptions {
            try ExportError.wrapping { () throws(FileError) in
                try FileIO.writeAtomically("[\n" + lines.joined(separator: ",\n") + "\n]\n", to: "\(folder)/captions/\(split.name).json")
            }
        }
        return written.reduce(0) { $0 + $1.kept }
    }
}
