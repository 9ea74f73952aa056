// Manifests on disk: FOLDER/NAME.jsonl and FOLDER/NAME.summary.json.
// Invariant: both are written whole under temporary names first; then the summary, then the manifest gets its name. A failure
// leaves the previous pair; a machine that stops between the two renames leaves a pair that `read` refuses.
import Files
import Foundation

extension Manifest {
    public static func path(folder: String, name: String) -> String { "\(folder)/\(name).jsonl" }
    public static func summaryPath(folder: String, name: String) -> String { "\(folder)/\(name).summary.json" }

    /// The names of the manifests in a folder, sorted.
    public static func names(in folder: String) throws(DatasetError) -> [String] {
        do {
            return try FileIO.list(folder).filter { $0.hasSuffix(".jsonl") && !$0.hasPrefix(".") }.map { String($0.dropLast(6)) }.sorted()
        } catch {
            throw .file(error)
        }
    }

    /// Writes both files, atomically. The summary's hash is set here.
    public func write(folder: String) throws(DatasetError) {
        let lines = encodedLines()
        var summary = summary
        summary.manifestSHA256 = Digest.sha256(lines)
        do {
            try FileIO.createFolder(folder)
            try AtomicFile.removeLeftovers(for: Self.summaryPath(folder: folder, name: name))
            try AtomicFile.removeLeftovers(for: Self.path(folder: folder, name: name))
            let summaryFile = try AtomicFile(path: Self.summaryPath(folder: folder, name: name))
            try summaryFile.write(StableJSON.encode(summary, pretty: true))
            let manifestFile = try AtomicFile(path: Self.path(folder: folder, name: name))
            try manifestFile.write(lines)
            try summaryFile.commit()
            try manifestFile.commit()
        } catch {
            throw .file(error)
        }
    }

    /// The bytes of the manifest file.
    package func encodedLines() -> [UInt8] {
        var bytes: [UInt8] = []
        for sample in samples { bytes += StableJSON.encode(sample, pretty: false) }
        return bytes
    }

    /// Reads NAME.jsonl and NAME.summary.json of a folder, and checks that they belong together.
    public static func read(folder: String, name: String) throws(DatasetError) -> Manifest {
        let path = path(folder: folder, name: name), summaryPath = summaryPath(folder: folder, name: name)
        guard FileIO.exists(path), FileIO.exists(summaryPath) else {
            throw .manifestNotFound(path: FileIO.exists(path) ? summaryPath : path, known: (try? names(in: folder)) ?? [])
        }
        let lines: [UInt8], summaryBytes: [UInt8]
        do {
            summaryBytes = try FileIO.read(summaryPath, limit: 1 << 30)
            lines = try FileIO.read(path, limit: 1 << 30)
        } catch {
            throw .file(error)
        }
        let summary: ManifestSummary
        do {
            summary = try JSONDecoder().decode(ManifestSummary.self, from: Data(summaryBytes))
        } catch {
            throw .manifestMalformed(path: summaryPath, line: nil, reason: StableJSON.reason(error))
        }
        guard ManifestSummary.versions.contains(summary.formatVersion) else {
            throw .manifestVersion(path: summaryPath, found: summary.formatVersion)
        }
        guard summary.manifestSHA256 == Digest.sha256(lines) else { throw .manifestMismatch(path: path, summary: summaryPath) }
        let expected = summary.formatVersion == 1 ? nil : ManifestSummary.noCaptions
        guard summary.captions == expected else {
            throw .manifestMalformed(
                path: summaryPath, line: nil,
                reason: "captions: \(summary.captions.map { "\"\($0)\"" } ?? "not there"), expected "
                    + "\(expected.map { "\"\($0)\"" } ?? "nothing") in format \(summary.formatVersion)")
        }
        return Manifest(samples: try decode(lines, hasCaptions: expected == nil, path: path), summary: summary)
    }

    private static func decode(_ bytes: [UInt8], hasCaptions: Bool, path: String) throws(DatasetError) -> [ManifestSample] {
        var samples: [ManifestSample] = []
        let decoder = JSONDecoder()
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            do {
                samples.append(try decoder.decode(ManifestSample.self, from: Data(line)))
            } catch {
                throw .manifestMalformed(path: path, line: index + 1, reason: StableJSON.reason(error))
            }
        }
        for (index, sample) in samples.enumerated() {
            if let fault = fault(ofCaption: sample, hasCaptions) ?? fault(ofFurtherMasks: sample) ?? fault(ofFacts: sample) {
                throw .manifestMalformed(path: path, line: index + 1, reason: fault)
            }
        }
        return samples
    }

    /// Either all samples of a set have captions or none has.
    private static func fault(ofCaption sample: ManifestSample, _ hasCaptions: Bool) -> String? {
        if hasCaptions { return sample.caption == nil ? "no caption" : sample.captionSource == nil ? "no captionSource" : nil }
        return sample.caption == nil ? nil : "a caption in a set whose summary says that it has none"
    }

    /// What is wrong with what evaluation alone reads; nil for nothing.
    private static func fault(ofFacts sample: ManifestSample) -> String? {
        if sample.group?.isEmpty == true { return "group: no text, expected a patient's name, or no such key" }
        if let captions = sample.otherCaptions {
            if sample.caption == nil { return "otherCaptions: in a sample without a caption" }
            if captions.isEmpty || captions.contains("") { return "otherCaptions: no text, expected captions, or no such key" }
        }
        return nil
    }

    /// What is wrong with a sample's further masks; nil for nothing.
    private static func fault(ofFurtherMasks sample: ManifestSample) -> String? {
        guard let masks = sample.furtherMasks else { return nil }
        if masks.isEmpty { return "furtherMasks: an empty list, expected one mask at least" }
        for mask in masks {
            if mask.mask.isEmpty || mask.mask.hasPrefix("/") || mask.mask.split(separator: "/").contains("..") {
                return "furtherMasks: \"\(mask.mask)\", expected a path within the root"
            }
            let isHash = mask.maskSHA256.count == 64 && mask.maskSHA256.allSatisfy { $0.isHexDigit && !$0.isUppercase }
            if !isHash { return "furtherMasks: \"\(mask.maskSHA256)\" is not a SHA-256" }
        }
        return Set(sample.masks.map(\.mask)).count < sample.masks.count ? "furtherMasks: a mask that is named twice" : nil
    }
}
