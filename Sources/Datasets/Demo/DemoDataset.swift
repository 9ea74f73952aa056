// Writes the demo set: FOLDER/images/*.png, FOLDER/masks/*.png, FOLDER/anns/{train,val,test}.json, and demo.json, which marks the folder as
// the demo's. Real files in Kvasir-SEG's layout with MedVLSM captions, for first runs and tests; not medical data.
// Invariants: the same count and seed give the same files; a folder with anything that the demo did not write is refused.
import Files
import Foundation
import Imaging
import Randomness

public enum DemoDataset {
    private struct Marker: Codable {
        var count: Int
        var seed: UInt64
        var what = "synthetic pictures drawn by prep demo; not medical data"
    }

    private static let marker = "demo.json"

    /// Draws `count` pictures and writes everything.
    /// - Parameter progress: called with the number of finished pictures.
    public static func write(
        to folder: String, count: Int = 96, seed: UInt64 = 1, threads: Int = ParallelMap.availableThreads,
        progress: (@Sendable (Int) -> Void)? = nil, cancellation: Cancellation = Cancellation()
    ) throws(DatasetError) {
        guard (6...9999).contains(count) else { throw .demoCount(count) }
        do throws(FileError) {
            try FileIO.createFolder(folder)
            let found = try FileIO.list(folder)
            guard found.isEmpty || isMarker("\(folder)/\(marker)"), Set(found).subtracting([marker, "images", "masks", "anns"]).isEmpty
            else {
                throw FileError.unwritable(path: folder, reason: occupied)
            }
            // The marker first: an interrupted demo is still known as one. The captions last: without them ingest refuses the folder.
            try FileIO.writeAtomically(StableJSON.encode(Marker(count: count, seed: seed), pretty: true), to: "\(folder)/\(marker)")
            try removeOld(folder)
            for name in ["images", "masks", "anns"] { try FileIO.createFolder("\(folder)/\(name)") }
        } catch {
            if case .unwritable(_, occupied) = error { throw .folderOccupied(path: folder, found: (try? FileIO.list(folder)) ?? []) }
            throw .file(error)
        }
        try draw(to: folder, count: count, seed: seed, threads: threads, progress: progress, cancellation: cancellation)
        do throws(FileError) {
            for (split, indices) in splits(count: count, seed: seed) {
                let entries = indices.map { index in
                    let name = fileName(index)
                    return DemoCaption.Entry(img_name: name, mask_name: name, prompts: DemoCaption(DemoScene(seed: seed, index: index)))
                }
                try FileIO.writeAtomically(StableJSON.encode(entries, pretty: true), to: "\(folder)/anns/\(split.rawValue).json")
            }
        } catch {
            throw .file(error)
        }
    }

    private static let occupied = "occupied"

    /// Whether a file is the demo's own demo.json, and not somebody else's of that name.
    private static func isMarker(_ path: String) -> Bool {
        guard let bytes = try? FileIO.read(path, limit: 1 << 16), let found = try? JSONDecoder().decode(Marker.self, from: Data(bytes))
        else { return false }
        return found.what == Marker(count: 0, seed: 0).what
    }

    static func fileName(_ index: Int) -> String {
        let digits = String(index + 1)
        return "demo_" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".png"
    }

    /// Which picture goes where: 75, 10 and 15 of a hundred, drawn among the pictures with two polyps and among the others separately, so
    /// that each split has its share of both.
    package static func splits(count: Int, seed: UInt64) -> [(split: Split, indices: [Int])] {
        var parts: [Split: [Int]] = [:]
        for two in [false, true] {
            var indices = (0..<count).filter { DemoScene.holdsTwo(index: $0) == two }
            var random = SplitMix64(seed: seed, stream: two ? 0x5011 : 0x5010)
            random.shuffle(&indices)
            let test = max(1, (indices.count * 15 + 50) / 100), val = max(1, (indices.count * 10 + 50) / 100)
            parts[.test, default: []] += indices.prefix(test)
            parts[.val, default: []] += indices.dropFirst(test).prefix(val)
            parts[.train, default: []] += indices.dropFirst(test + val)
        }
        return Split.allCases.map { ($0, (parts[$0] ?? []).sorted()) }
    }

    private static func draw(
        to folder: String, count: Int, seed: UInt64, threads: Int, progress: (@Sendable (Int) -> Void)?, cancellation: Cancellation
    ) throws(DatasetError) {
        let failures: [DatasetError?]
        do {
            failures = try ParallelMap.map(Array(0..<count), threads: threads, cancellation: cancellation, progress: progress) { index in
                do throws(DatasetError) {
                    try drawOne(index, seed: seed, folder: folder)
                    return nil
                } catch {
                    return error
                }
            }
        } catch {
            throw .cancelled
        }
        if let first = failures.compactMap({ $0 }).first { throw first }
    }

    private static func drawOne(_ index: Int, seed: UInt64, folder: String) throws(DatasetError) {
        let scene = DemoScene(seed: seed, index: index)
        let (image, mask) = DemoPainter(scene).draw()
        let picture: [UInt8], outline: [UInt8]
        do {
            picture = try PNGEncoder.encode(Raster(width: scene.width, height: scene.height, channels: 3, pixels: image))
            outline = try PNGEncoder.encode(Raster(width: scene.width, height: scene.height, channels: 1, pixels: mask))
        } catch {
            throw .drawing("\(error)")
        }
        do {
            try FileIO.writeAtomically(picture, to: "\(folder)/images/\(fileName(index))")
            try FileIO.writeAtomically(outline, to: "\(folder)/masks/\(fileName(index))")
        } catch {
            throw .file(error)
        }
    }

    /// Removes an earlier demo's own files, by their names; anything else in the folders is left and will be reported by ingest.
    private static func removeOld(_ folder: String) throws(FileError) {
        for split in Split.allCases { try FileIO.remove("\(folder)/anns/\(split.rawValue).json") }
        for part in ["images", "masks"] where FileIO.isFolder("\(folder)/\(part)") {
            for name in try FileIO.list("\(folder)/\(part)") where isOurs(name) { try FileIO.remove("\(folder)/\(part)/\(name)") }
        }
    }

    private static func isOurs(_ name: String) -> Bool {
        name.hasPrefix("demo_") && name.hasSuffix(".png") && name.dropFirst(5).dropLast(4).allSatisfy(\.isNumber)
    }
}
