// The files of a prediction: a mask as PNG (0 and 255) and the probabilities as .npy.
import Files
import Foundation
import Imaging
import NumPyFiles

enum PredictionFiles {
    /// Writes FOLDER/ID.png and FOLDER/ID.npy at the map's own size; slashes in an id become underscores.
    static func write(_ map: ProbabilityMap, id: String, folder: String) throws(SegmentingError) {
        let base = base(of: id, in: folder)
        try writePicture(Mask.picture(of: map.mask()), to: base + ".png")
        try writeProbabilities(map, to: base + ".npy")
    }

    private static func base(of id: String, in folder: String) -> String { folder + "/" + String(id.map { $0 == "/" ? "_" : $0 }) }

    /// Throws if the samples' files cannot be written: two samples have the same file name, or files exist that are no predictions.
    static func check(_ ids: [String], folder: String, overwrites: Bool) throws(SegmentingError) {
        var seen: [String: String] = [:], foreign: [String] = []
        for id in ids {
            let base = base(of: id, in: folder)
            if let other = seen.updateValue(id, forKey: base) { throw .sameFile(first: other, second: id, path: base + ".png") }
            guard !overwrites else { continue }
            if isOther(base + ".png", PictureMark.isOn) { foreign.append(base + ".png") }
            if isOther(base + ".npy", NPY.isProbabilities) { foreign.append(base + ".npy") }
        }
        if !foreign.isEmpty { throw .foreignFiles(folder: folder, paths: foreign) }
    }

    private static func isOther(_ path: String, _ isOwn: (String) -> Bool) -> Bool {
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
