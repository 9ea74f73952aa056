// The check of one sample: both files are read, hashed and really decoded. Not for resizing or for captions.
// Not for what is foreground, which all files decide together (MaskDecision).
// Invariant: a sample that passes can be sharded once the masks are decided: its image and masks decode, their sizes agree.
import Files
import Foundation
import Imaging

struct SampleValidation: Sendable {
    /// What a good sample's files hold.
    struct Facts: Sendable {
        let width: Int, height: Int
        let imageSHA256: String
        /// Bits of the largest value of a 16-bit image; nil of other depths.
        let imageBits: Int?
        /// At least one.
        let masks: [MaskFacts]
        /// Of the masks' foreground by a threshold on 8 bits, where it was asked for; nil for an empty mask too.
        let maskExtent: MaskExtent?
    }

    struct MaskFacts: Sendable {
        let path: String
        let sha256: String
        let census: MaskCensus
    }

    struct Outcome: Sendable {
        let facts: Facts?
        let problems: [SampleProblem]
        let remarks: [Remark]
    }

    /// A remark about a usable file that its decoded pixels no longer show.
    struct Remark: Sendable {
        let isMask: Bool
        let what: String
        let path: String
    }

    let root: String
    /// The root with its links followed, to which every file must lead.
    let realRoot: String
    /// Where `findsExtent` looks for foreground.
    let extentThreshold: UInt8
    let allowMaskResize: Bool
    /// Whether to find the bounding box of the masks.
    let findsExtent: Bool

    /// Whether the user can ask for another root.
    let rootIsNamed: Bool

    init(root: String, extentThreshold: UInt8 = 128, allowMaskResize: Bool, findsExtent: Bool = false, rootIsNamed: Bool = true) {
        self.rootIsNamed = rootIsNamed
        self.findsExtent = findsExtent
        self.root = root
        realRoot = Self.resolved(root).path ?? root
        self.extentThreshold = extentThreshold
        self.allowMaskResize = allowMaskResize
    }

    func check(id: String, image: String, masks: [String]) -> Outcome {
        var problems: [SampleProblem] = []
        var remarks: [Remark] = []
        func remark(_ notes: [DecodeNote], _ format: ImageFormat, _ path: String, isMask: Bool) {
            // ImageBits decides and reports how 16-bit images are reduced, for all of them together.
            remarks += notes.filter { isMask || $0 != .reducedFrom16Bit }.map { Remark(isMask: isMask, what: "\($0)", path: path) }
            if !format.matches(suffix: FileName.suffix(path)) {
                remarks.append(Remark(isMask: isMask, what: "the content is \(format.name), although the name says otherwise", path: path))
            }
        }
        var picture: (decoded: DecodedImage, hash: String)?
        var imageBits: Int?
        do throws(Rejection) {
            let (bytes, hash) = try load(id: id, image)
            let decoded = try decoding(id, image) { () throws(ImagingError) in try ImageDecoder.decode(bytes) }
            if decoded.notes.contains(.reducedFrom16Bit) {
                imageBits = try decoding(id, image) { () throws(ImagingError) in try ImageDecoder.decodeStored(bytes).bitsUsed }
            }
            remark(decoded.notes, decoded.format, image, isMask: false)
            picture = (decoded, hash)
        } catch {
            problems.append(error.problem)
        }
        var outlines: [(path: String, stored: StoredSamples, hash: String)] = []
        for path in masks {
            do throws(Rejection) {
                let (bytes, hash) = try load(id: id, path)
                let stored = try decoding(id, path) { () throws(ImagingError) in try ImageDecoder.decodeStored(bytes) }
                remark(stored.notes, stored.format, path, isMask: true)
                outlines.append((path, stored, hash))
            } catch {
                problems.append(error.problem)
            }
        }
        guard problems.isEmpty, let picture, let first = outlines.first else {
            return Outcome(facts: nil, problems: problems, remarks: remarks)
        }
        for other in outlines.dropFirst() where (other.stored.width, other.stored.height) != (first.stored.width, first.stored.height) {
            problems.append(
                .unitedSizesDiffer(
                    id: id, path: other.path, size: (other.stored.width, other.stored.height), first: first.path,
                    firstSize: (first.stored.width, first.stored.height)))
        }
        guard problems.isEmpty else { return Outcome(facts: nil, problems: problems, remarks: remarks) }
        let raster = picture.decoded.raster
        let size = (width: raster.width, height: raster.height), maskSize = (width: first.stored.width, height: first.stored.height)
        if size != maskSize {
            // Swapped sides are a problem even if masks may be resized: resizing would distort a transposed mask.
            let isExchanged = size == (maskSize.height, maskSize.width)
            if allowMaskResize, !isExchanged {
                let isStretched = abs(size.width * maskSize.height - size.height * maskSize.width) > max(size.width, size.height)
                let what =
                    isStretched
                    ? "another size than the image and another shape, to be stretched" : "another size than the image, to be resized"
                remarks.append(Remark(isMask: true, what: "\(what) (--allow-mask-resize)", path: first.path))
            } else {
                let turned = picture.decoded.notes.contains { if case .orientationApplied = $0 { true } else { false } }
                let problem = SampleProblem.sizesDiffer(
                    id: id, image: image, imageSize: (raster.width, raster.height), mask: first.path,
                    maskSize: (first.stored.width, first.stored.height),
                    turned: turned)
                return Outcome(facts: nil, problems: [problem], remarks: remarks)
            }
        }
        let rule = MaskRule.byEightBits(extentThreshold)
        let facts = Facts(
            width: raster.width, height: raster.height, imageSHA256: picture.hash, imageBits: imageBits,
            masks: outlines.map { MaskFacts(path: $0.path, sha256: $0.hash, census: MaskCensus($0.stored)) },
            maskExtent: findsExtent ? MaskExtent.union(outlines.map { MaskExtent(try? rule.binarise($0.stored)) }) : nil)
        return Outcome(facts: facts, problems: [], remarks: remarks)
    }

    /// The bounding box of a sample's masks under another rule than the threshold; nil if they can no longer be read.
    func extent(of masks: [MaskFacts], by reading: MaskReading) -> MaskExtent? {
        MaskExtent.union(
            masks.map { mask in
                guard let bytes = try? FileIO.read(root + "/" + mask.path, limit: 1 << 30) else { return nil }
                return MaskExtent(try? reading.mask(bytes))
            })
    }

    /// Pixels of foreground in a mask under a rule; nil if the file can no longer be read.
    func foreground(of mask: String, by reading: MaskReading) -> Int? {
        guard let bytes = try? FileIO.read(root + "/" + mask, limit: 1 << 30), let raster = try? reading.mask(bytes) else { return nil }
        return raster.pixels.reduce(0) { $0 + Int($1) }
    }

    private struct Rejection: Error { let problem: SampleProblem }

    private func load(id: String, _ path: String) throws(Rejection) -> (bytes: [UInt8], hash: String) {
        func reject(_ kind: SampleProblem.Kind, _ reason: String) -> Rejection {
            Rejection(problem: SampleProblem(kind: kind, id: id, path: path, reason: reason))
        }
        let (target, code) = Self.resolved(root + "/" + path)
        guard let target else {
            if code == ELOOP { throw Rejection(problem: .linkLoop(id: id, path: path)) }
            if code == ENOENT, path.contains("\u{FFFD}") {
                throw reject(
                    .unreadable, "its name is not UTF-8 (invalid bytes are shown as \u{FFFD}); rename the file, also in the captions")
            }
            throw reject(
                .unreadable,
                code == ENOENT
                    ? "a symbolic link to a file that does not exist; replace it by the file"
                    : "cannot be read (\(String(cString: strerror(code))))")
        }
        guard target.hasPrefix(realRoot == "/" ? "/" : realRoot + "/") else {
            throw Rejection(problem: .outsideRoot(id: id, path: path, target: target, root: realRoot, rootIsNamed: rootIsNamed))
        }
        guard FileIO.isFile(target) else {
            throw reject(.notAFile, "a folder or a special file where an image was expected; remove or rename it")
        }
        let bytes: [UInt8]
        do { bytes = try FileIO.read(target, limit: 1 << 30) } catch {
            switch error {
            case .tooLarge(_, let size, let limit): throw reject(.tooLarge, "has \(size) bytes, more than the limit of \(limit)")
            case .unreadable(_, let cause): throw reject(.unreadable, "cannot be read (\(cause)); check its permissions")
            default: throw reject(.unreadable, "cannot be read: \(error)")
            }
        }
        return (bytes, Digest.sha256(bytes))
    }

    private func decoding<Value>(_ id: String, _ path: String, _ body: () throws(ImagingError) -> Value) throws(Rejection) -> Value {
        do throws(ImagingError) { return try body() } catch {
            let kind: SampleProblem.Kind =
                switch error {
                case .empty: .emptyFile
                case .tooLarge, .impossibleSize: .tooLarge
                default: .undecodable
                }
            throw Rejection(problem: SampleProblem(kind: kind, id: id, path: path, reason: "\(error)"))
        }
    }

    /// The path with all links followed, or the error number.
    private static func resolved(_ path: String) -> (path: String?, code: Int32) {
        guard let buffer = realpath(path, nil) else { return (nil, errno) }
        defer { free(buffer) }
        return (String(cString: buffer), 0)
    }
}
