// What a prediction leaves on disk: a mask as PNG (0 and 255) and the probabilities as .npy.
import Files
import Imaging

enum PredictionFiles {
    /// Writes FOLDER/ID.png and FOLDER/ID.npy at the map's own size; slashes of an id become underscores.
    static func write(_ map: ProbabilityMap, id: String, folder: String) throws(SegmentingError) {
        let base = folder + "/" + String(id.map { $0 == "/" ? "_" : $0 })
        try writePicture(Mask.picture(of: map.mask()), to: base + ".png")
        try writeProbabilities(map, to: base + ".npy")
    }

    static func writePicture(_ raster: Raster, to path: String) throws(SegmentingError) {
        let bytes: [UInt8]
        do throws(ImagingError) { bytes = try PNGEncoder.encode(raster) } catch { throw .image(path: path, error) }
        try SegmentingError.wrapping { () throws(FileError) in try FileIO.writeAtomically(bytes, to: path) }
    }

    static func writeProbabilities(_ map: ProbabilityMap, to path: String) throws(SegmentingError) {
        let bytes = NPY.encode(map.values, shape: [map.height, map.width])
        try SegmentingError.wrapping { () throws(FileError) in try FileIO.writeAtomically(bytes, to: path) }
    }
}
