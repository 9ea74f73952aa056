// The files of a prediction: a mask as PNG (0 and 255) and the probabilities as .npy.
import Files
import Foundation
import Imaging
import Metrics
import NumPyFiles

enum PredictionFiles {
    /// Arrays of uncertainty, by what follows the id in their names. All are from 0 to 1.
    private static let maps: [(ending: String, values: @Sendable (UncertaintyMaps) -> [Float])] = [
        (".entropy.npy", { $0.entropy }), (".mutual-information.npy", { $0.mutualInformation }), (".variance.npy", { $0.variance }),
    ]
    /// The picture of the entropy.
    private static let heat = ".uncertainty.png"

    /// Writes FOLDER/ID.png and, at the map's own size, FOLDER/ID.npy; slashes in an id become underscores.
    /// - Parameters:
    ///   - mask: 0/1, of any size.
    ///   - uncertainty: if it is given, ID.uncertainty.png and ID.entropy.npy too, and of several predictions
    ///     ID.mutual-information.npy and ID.variance.npy.
    static func write(
        _ map: ProbabilityMap, mask: Raster, uncertainty: UncertaintyMaps?, id: String, folder: String
    ) throws(SegmentingError) {
        let base = base(of: id, in: folder)
        try writePicture(Mask.picture(of: mask), to: base + ".png")
        try writeProbabilities(map, to: base + ".npy")
        guard let uncertainty else { return }
        for entry in uncertainty.predictions > 1 ? maps : Array(maps.prefix(1)) {
            let values = ProbabilityMap(width: map.width, height: map.height, values: entry.values(uncertainty))
            try writeProbabilities(values, to: base + entry.ending)
        }
        try writeUncertainty(ProbabilityMap(width: map.width, height: map.height, values: uncertainty.entropy), to: base + heat)
    }

    /// A map of entropy in nats: an array if the name ends in .npy, else a picture from dark (0) to light (ln 2).
    static func writeUncertainty(_ map: ProbabilityMap, to path: String) throws(SegmentingError) {
        if path.lowercased().hasSuffix(".npy") { return try writeProbabilities(map, to: path) }
        let shares = BinaryEntropy.normalised(map.values)
        try writePicture(ColourRamp.picture(of: shares, width: map.width, height: map.height), to: path)
    }

    /// The map of entropy: an array at the network's own size, a picture at that of the image's mask.
    static func writeEntropy(_ maps: UncertaintyMaps, like map: ProbabilityMap, mask: Raster, to path: String) throws(SegmentingError) {
        let entropy = ProbabilityMap(width: map.width, height: map.height, values: maps.entropy)
        let isArray = path.lowercased().hasSuffix(".npy")
        try writeUncertainty(isArray ? entropy : entropy.resized(width: mask.width, height: mask.height), to: path)
    }

    /// The image with the mask's outline.
    static func writeOverlay(mask: Raster, on image: Raster, to path: String) throws(SegmentingError) {
        let picture: Raster
        do throws(ImagingError) {
            picture = try Overlay.outline(mask: mask, on: image, thickness: Overlay.thickness(on: image))
        } catch { throw .image(path: path, error) }
        try writePicture(picture, to: path)
    }

    static func base(of id: String, in folder: String) -> String { folder + "/" + String(id.map { $0 == "/" ? "_" : $0 }) }

    /// Throws if the samples' files cannot be written: two samples have the same file name, or files exist that are no predictions.
    static func check(_ ids: [String], folder: String, uncertainty: Bool, overwrites: Bool) throws(SegmentingError) {
        var seen: [String: String] = [:], foreign: [String] = []
        for id in ids {
            let base = base(of: id, in: folder)
            if let other = seen.updateValue(id, forKey: base) { throw .sameFile(first: other, second: id, path: base + ".png") }
            guard !overwrites else { continue }
            for ending in [".png"] + (uncertainty ? [heat] : []) where isOther(base + ending, PictureMark.isOn) {
                foreign.append(base + ending)
            }
            for ending in [".npy"] + (uncertainty ? maps.map(\.ending) : []) where isOther(base + ending, NPY.isProbabilities) {
                foreign.append(base + ending)
            }
        }
        if !foreign.isEmpty { throw .foreignFiles(folder: folder, paths: foreign) }
    }

    static func isOther(_ path: String, _ isOwn: (String) -> Bool) -> Bool {
        FileIO.exists(path) && (try? FileIO.size(path)) != 0 && !isOwn(path)
    }

    /// PNG, or JPEG if the name says so.
    static func writePicture(_ raster: Raster, to path: String) throws(SegmentingError) {
        let bytes: [UInt8], isJPEG = ["jpg", "jpeg"].contains((path as NSString).pathExtension.lowercased())
        do throws(ImagingError) { bytes = isJPEG ? try JPEGEncoder.encode(raster, quality: 92) : try PNGEncoder.encode(raster) } catch {
            throw .image(path: path, error)
        }
        try SegmentingError.wrapping { () throws(FileError) in try FileIO.writeAtomically(PictureMark.marked(bytes), to: path) }
    }

    static func writeProbabilities(_ map: ProbabilityMap, to path: String) throws(SegmentingError) {
        let bytes = NPY.encode(map.values, shape: [map.height, map.width])
        try SegmentingError.wrapping { () throws(FileError) in try FileIO.writeAtomically(bytes, to: path) }
    }
}
