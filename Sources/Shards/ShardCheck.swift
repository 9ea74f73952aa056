// Verifies one shard, from its file's size down to each sample's content. Damage is reported as narrowly as possible: if a shard's bytes
// are wrong, samples whose own hashes are right are known to be good, and only the others are reported.
import Files
import Imaging

struct ShardCheck: Sendable {
    let folder: String
    let split: String
    let shard: MDSShard
    /// Nil for shards without the training columns.
    let layout: SampleLayout?
    /// The samples that the shard should hold; nil if that is not known.
    let entries: [SampleRegister.Entry]?
    let lists: Bool

    struct Result: Sendable {
        var problems: [ShardProblem] = []
        var ids: [String] = []
        var listing: [SampleListing] = []
        /// Whether any mask has foreground, and any has background.
        var hasForeground = false, hasBackground = false
    }

    private var path: String { folder + "/" + shard.stored.basename }

    func run() -> Result {
        var result = Result()
        do throws(ShardError) {
            let data = try MDSShardData.read(folder: folder, shard: shard, verifyHashes: true)
            if let entries, entries.count != data.count {
                result.problems.append(
                    ShardProblem(path: path, reason: "holds \(data.count) samples, samples.jsonl lists \(entries.count)"))
            }
            for index in 0..<data.count { check(index, of: data, into: &result) }
        } catch {
            if case .damaged(let problem) = error {
                result.problems.append(problem)
            } else {
                result.problems.append(ShardProblem(path: path, reason: "\(error)"))
            }
            result.problems += lostSamples()
        }
        return result
    }

    /// One sample of a shard whose bytes are as written.
    private func check(_ index: Int, of data: MDSShardData, into result: inout Result) {
        var ranges = [Range<Int>](repeating: 0..<0, count: shard.schema.columns.count)
        let known = entries.flatMap { index < $0.count ? $0[index].id : nil }
        func report(_ reason: String) {
            result.problems.append(ShardProblem(path: path, sample: known ?? "number \(index)", reason: reason))
        }
        if let fault = data.columns(ofSample: index, { ranges[$0] = $1 }) { return report(fault) }
        guard let layout else { return }
        func part(_ column: Int) -> ArraySlice<UInt8> { data.bytes[ranges[column]] }
        func integer(_ column: Int) -> Int {
            data.bytes.withUnsafeBytes {
                Int(Int64(littleEndian: $0.loadUnaligned(fromByteOffset: ranges[column].lowerBound, as: Int64.self)))
            }
        }
        guard let id = String(validating: part(layout.id), as: UTF8.self),
            let caption = String(validating: layout.caption.map(part) ?? [], as: UTF8.self)
        else { return report("its id or caption is not UTF-8") }
        /// Nil without the column, or for bytes that are reported.
        func decoded<Value>(_ column: Int?, _ decode: (ArraySlice<UInt8>) throws(EvaluationColumns.Fault) -> Value) -> Value? {
            guard let column else { return nil }
            do throws(EvaluationColumns.Fault) { return try decode(part(column)) } catch {
                report(error.reason)
                return nil
            }
        }
        let group = decoded(layout.group) { bytes throws(EvaluationColumns.Fault) in try EvaluationColumns.group(bytes) }
        result.ids.append(id)
        if let known, known != id { report("its id is \(id)") }
        if !result.hasForeground { result.hasForeground = part(layout.mask).contains { $0 != 0 } }
        if !result.hasBackground { result.hasBackground = part(layout.mask).contains(0) }
        if let value = part(layout.mask).first(where: { $0 > 1 }) { report("its mask holds \(value), expected 0 and 1") }
        if let value = layout.attention.flatMap({ part($0).first(where: { $0 > 1 }) }) {
            report("its attention holds \(value), expected 0 and 1")
        }
        let width = integer(layout.width), height = integer(layout.height)
        if width < 1 || height < 1 { report("its original size is \(width)x\(height)") }
        let others = decoded(layout.otherCaptions) { bytes throws(EvaluationColumns.Fault) in try EvaluationColumns.captions(bytes) }
        let spacing = decoded(layout.spacing) { bytes throws(EvaluationColumns.Fault) in try EvaluationColumns.spacing(bytes) }
        var original: Raster?
        if let column = layout.originalMask {
            do throws(ImagingError) { original = try MaskRuns.decode(Array(part(column)), width: width, height: height) } catch {
                report("its original mask: \(error)")
            }
        }
        guard lists else { return }
        func hash(_ column: Int) -> String { Digest.sha256(Array(part(column))) }
        result.listing.append(
            SampleListing(
                split: split, id: id, caption: layout.caption == nil ? nil : caption, width: width, height: height,
                imageSHA256: hash(layout.image), maskSHA256: hash(layout.mask), tokensSHA256: layout.tokens.map(hash),
                attentionSHA256: layout.attention.map(hash), group: group ?? nil, otherCaptions: others, spacing: spacing ?? nil,
                originalMaskSHA256: original.map { Digest.sha256($0.pixels) }))
    }

    /// The samples of a damaged shard that cannot be recovered from it.
    private func lostSamples() -> [ShardProblem] {
        guard let entries else {
            return [ShardProblem(path: path, reason: "its \(shard.samples) samples are in doubt (no samples.jsonl names them)")]
        }
        let bytes = readable()
        let header = 4 + 4 * (shard.samples + 1)
        func word(_ index: Int) -> Int {
            bytes.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))) }
        }
        return entries.enumerated().compactMap { index, entry in
            if header <= bytes.count, index < shard.samples {
                let start = word(index + 1), end = word(index + 2)
                if start <= end, end <= bytes.count, Digest.digest(named: ShardReceipt.hash, of: Array(bytes[start..<end])) == entry.hash {
                    return nil
                }
            }
            return ShardProblem(path: path, sample: entry.id, reason: "is damaged or lost")
        }
    }

    /// As much of the unpacked shard as its file still yields.
    private func readable() -> [UInt8] {
        guard let stored = try? FileIO.read(path, limit: MDSSchema.largestShard) else { return [] }
        return shard.zip == nil ? stored : Zstandard.decompressPrefix(stored, size: shard.raw.bytes).bytes
    }
}
