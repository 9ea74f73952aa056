// Exports tar shards that the `webdataset` package reads: SPLIT-000000.tar and so on; each sample has KEY.png, KEY.mask.png, KEY.txt (if
// the set has captions) and KEY.json. Invariant: every tar has a fixed number of samples, so the content of the next one is known without
// writing a finished one again.
import Files
import Foundation
import Shards

struct WebDatasetExport: Sendable {
    let folder: String
    /// The samples' names in the tar files, by sample number.
    let keys: [String]
    let options: ExportOptions
    let counter: ProgressCounter
    let cancellation: Cancellation

    /// - Returns: number of tar files that were kept from a stopped run.
    func write(_ split: ExportSplit) throws(ExportError) -> Int {
        let set = split.set
        var kept = 0
        for (number, start) in stride(from: 0, to: set.count, by: options.samplesPerTar).enumerated() {
            let samples = start..<min(set.count, start + options.samplesPerTar)
            let path = folder + "/" + Self.name(split.name, number)
            if FileIO.exists(path) {
                kept += 1
                counter.add(samples.count)
                continue
            }
            let members = try forEachSample(samples, threads: options.threads, cancellation: cancellation) { index throws(ExportError) in
                let sample: ShardSample
                do throws(ShardError) { sample = try set.sample(at: index) } catch { throw .shards(error) }
                let key = keys[index]
                var tar = TarArchive()
                tar.append(key + ".png", try SampleFiles.image(sample, of: set))
                tar.append(key + ".mask.png", try SampleFiles.mask(sample, of: set))
                if let caption = sample.caption { tar.append(key + ".txt", Array(caption.utf8)) }
                tar.append(key + ".json", try Self.json(sample, number: index, of: split))
                counter.add(1)
                return tar.bytes
            }
            try ExportError.wrapping { () throws(FileError) in
                let file = try AtomicFile(path: path)
                for member in members { try file.write(member) }
                try file.write(TarArchive.end)
                try file.commit()
            }
        }
        return kept
    }

    static func name(_ split: String, _ number: Int) -> String { split + String(format: "-%06d.tar", number) }

    private static func json(_ sample: ShardSample, number: Int, of split: ExportSplit) throws(ExportError) -> [UInt8] {
        struct Facts: Encodable {
            let id: String, caption: String?, split: String
            let width: Int, height: Int
            // Absent where they are not known.
            let group: String?, otherCaptions: [String]?, spacing: [Double]?
        }
        let facts: Facts
        do throws(ShardError) {
            let others = try split.set.otherCaptions(of: number)
            facts = Facts(
                id: sample.id, caption: sample.caption, split: split.name, width: sample.width, height: sample.height,
                group: try split.set.group(of: number), otherCaptions: others?.isEmpty == true ? nil : others,
                spacing: try split.set.spacing(of: number).map { [$0.y, $0.x] })
        } catch { throw .shards(error) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and numbers only: encoding cannot fail.
        return Array((try? encoder.encode(facts)) ?? Data())
    }
}
