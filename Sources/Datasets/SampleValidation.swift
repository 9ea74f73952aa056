// The check of one sample: both files are read, hashed and really decoded. Not for resizing or for captions.
// Invariant: a sample that passes can be sharded: its image and mask decode, their sizes agree, its mask is grey.
import Files
import Foundation
import Imaging

struct SampleValidation: Sendable {
    /// What a good sample's files hold.
    struct Facts: Sendable {
        let width: Int, height: Int
        let imageSHA256: String, maskSHA256: String
        /// Bits of the largest value of a 16-bit image; nil of other depths.
        let imageBits: Int?
        /// Of the mask's foreground, where it was asked for; nil for an empty mask too.
        let maskExtent: MaskExtent?
    }

    struct Outcome: Sendable {
        let facts: Facts?
        let problems: [SampleProblem]
        let remarks: [Remark]
    }

    /// Something about a usable file that the decoded pixels no longer show.
    struct Remark: Sendable {
        let isMask: Bool
        let what: String
        let path: String
    }

    let root: String
    /// The root with its links followed, to which every file must lead.
    let realRoot: String
    let maskThreshold: UInt8
    let allowMaskResize: Bool
    /// Whether where the masks lie is to be told.
    let findsExtent: Bool

    /// Whether the user can ask for another root.
    let rootIsNamed: Bool

    init(root: String, maskThreshold: UInt8, allowMaskResize: Bool, findsExtent: Bool = false, rootIsNamed: Bool = true) {
        self.rootIsNamed = rootIsNamed
        self.findsExtent = findsExtent
        self.root = root
        realRoot = Self.resolved(root).path ?? root
        self.maskThreshold = maskThreshold
        self.allowMaskResize = allowMaskResize
    }

    func check(id: String, image: String, mask: String) -> Outcome {
        var problems: [SampleProblem] = []
        var remarks: [Remark] = []
        var loaded: [(decoded: DecodedImage, hash: String)] = []
        var imageBits: Int?
        for (path, isMask) in [(image, false), (mask, true)] {
            do throws(Rejection) {
                let (decoded, hash, bits) = try load(id: id, path)
                if !isMask { imageBits = bits }
                if isMask { try checkMask(decoded.raster, id: id, path) }
                // How 16-bit images are reduced is decided, and said, for all of them together (ImageBits).
                remarks += decoded.notes.filter { isMask || $0 != .reducedFrom16Bit }.map { Remark(isMask: isMask, what: "\($0)", path: path) }
                if !decoded.format.matches(suffix: FileName.suffix(path)) {
                    remarks.append(Remark(isMask: isMask, what: "the content is \(decoded.format.name), whatever the name says", path: path))
                }
                loaded.append((decoded, hash))
            } catch {
                problems.append(error.problem)
            }
        }
        guard problems.isEmpty, loaded.count == 2 else { return Outcome(facts: nil, problems: problems, remarks: remarks) }
        let picture = loaded[0].decoded.raster, outline = loaded[1].decoded.raster
        if (picture.width, picture.height) != (outline.width, outline.height) {
            // Exchanged sides are never a matter of size: resizing would squeeze a transposed mask into place.
            let isExchanged = (picture.width, picture.height) == (outline.height, outline.width)
            if allowMaskResize, !isExchanged {
                let isStretched = abs(picture.width * outline.height - picture.height * outline.width) > max(picture.width, picture.height)
                let what = isStretched ? "another size than the image and another shape, to be stretched" : "another size than the image, to be resized"
                remarks.append(Remark(isMask: true, what: "\(what) (--allow-mask-resize)", path: mask))
            } else {
                let turned = loaded[0].decoded.notes.contains { if case .orientationApplied = $0 { true } else { false } }
                let problem = SampleProblem.sizesDiffer(
                    id: id, image: image, imageSize: (picture.width, picture.height), mask: mask, maskSize: (outline.width, outline.height),
                    turned: turned)
                return Outcome(facts: nil, problems: [problem], remarks: remarks)
            }
        }
        let facts = Facts(width: picture.width, height: picture.height, imageSHA256: loaded[0].hash, maskSHA256: loaded[1].hash,
            imageBits: imageBits,
            maskExtent: findsExtent ? extent(outline) : nil)
        return Outcome(facts: facts, problems: [], remarks: remarks)
    }

    private struct Rejection: Error { let problem: SampleProblem }

    private func load(id: String, _ path: String) throws(Rejection) -> (image: DecodedImage, hash: String, bits: Int?) {
        func reject(_ kind: SampleProblem.Kind, _ reason: String) -> Rejection {
            Rejection(problem: SampleProblem(kind: kind, id: id, path: path, reason: reason))
        }
        let (target, code) = Self.resolved(root + "/" + path)
        guard let target else {
            if code == ELOOP { throw Rejection(problem: .linkLoop(id: id, path: path)) }
            if code == ENOENT, path.contains("\u{FFFD}") {
                throw reject(.unreadable, "its name is not UTF-8 (the bytes that are not are shown as \u{FFFD}); rename it, and in the captions too")
            }
            throw reject(.unreadable, code == ENOENT ? "a symbolic link to a file that is not there; replace it by the file" : "cannot be read (\(String(cString: strerror(code))))")
        }
        guard target.hasPrefix(realRoot == "/" ? "/" : realRoot + "/") else {
            throw Rejection(problem: .outsideRoot(id: id, path: path, target: target, root: realRoot, rootIsNamed: rootIsNamed))
        }
        guard FileIO.isFile(target) else { throw reject(.notAFile, "a folder or a special file where an image was expected; remove or rename it") }
        let bytes: [UInt8]
        do { bytes = try FileIO.read(target, limit: 1 << 30) } catch {
            switch error {
            case .tooLarge(_, let size, let limit): throw reject(.tooLarge, "has \(size) bytes, more than the limit of \(limit)")
            case .unreadable(_, let cause): throw reject(.unreadable, "cannot be read (\(cause)); check its permissions")
            default: throw reject(.unreadable, "cannot be read: \(error)")
            }
        }
        do throws(ImagingError) {
            let image = try ImageDecoder.decode(bytes)
            let bits = image.notes.contains(.reducedFrom16Bit) ? try ImageDecoder.decodeStored(bytes).bitsUsed : nil
            return (image, Digest.sha256(bytes), bits)
        } catch {
            switch error {
            case .empty: throw reject(.emptyFile, "\(error)")
            case .tooLarge, .impossibleSize: throw reject(.tooLarge, "\(error)")
            default: throw reject(.undecodable, "\(error)")
            }
        }
    }

    private func checkMask(_ raster: Raster, id: String, _ path: String) throws(Rejection) {
        do { _ = try Mask.binarise(raster, threshold: maskThreshold) } catch {
            throw Rejection(problem: SampleProblem(kind: .maskNotGrey, id: id, path: path, reason: "\(error)"))
        }
    }

    private func extent(_ raster: Raster) -> MaskExtent? {
        guard let mask = try? Mask.binarise(raster, threshold: maskThreshold) else { return nil }
        var left = mask.width, right = 0, top = mask.height, bottom = 0
        for row in 0..<mask.height {
            let line = mask.pixels[row * mask.width..<(row + 1) * mask.width]
            guard let first = line.firstIndex(of: 1), let last = line.lastIndex(of: 1) else { continue }
            left = min(left, first - line.startIndex)
            right = max(right, last - line.startIndex + 1)
            top = min(top, row)
            bottom = row + 1
        }
        guard bottom > top else { return nil }
        let across = Double(mask.width), down = Double(mask.height)
        return MaskExtent(left: Double(left) / across, top: Double(top) / down, right: Double(right) / across, bottom: Double(bottom) / down)
    }

    /// The path with all links followed, or the error number.
    private static func resolved(_ path: String) -> (path: String?, code: Int32) {
        guard let buffer = realpath(path, nil) else { return (nil, errno) }
        defer { free(buffer) }
        return (String(cString: buffer), 0)
    }
}
