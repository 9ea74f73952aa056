// Datasets of a few small pictures, laid out as the tests ask.
import Datasets
import Files
import Foundation
import Imaging
import TestSupport

final class SampleFolder: Sendable {
    let folder: TemporaryFolder
    let width = 40, height = 32

    init() throws { folder = try TemporaryFolder("datasets") }

    var path: String { folder.path }
    var manifests: String { folder.file("manifests") }

    static func golden(_ name: String) throws -> [UInt8] {
        guard let url = Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Golden") else {
            throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: name])
        }
        return Array(try Data(contentsOf: url))
    }

    func picture(width: Int? = nil, height: Int? = nil, tint: UInt8 = 0) throws -> [UInt8] {
        let width = width ?? self.width, height = height ?? self.height
        var pixels: [UInt8] = []
        for y in 0..<height { for x in 0..<width { pixels += [UInt8(y * 7 & 255), UInt8(x * 6 & 255), tint] } }
        return try PNGEncoder.encode(Raster(width: width, height: height, channels: 3, pixels: pixels))
    }

    func mask(width: Int? = nil, height: Int? = nil) throws -> [UInt8] {
        let width = width ?? self.width, height = height ?? self.height
        let pixels = (0..<width * height).map { UInt8($0 % width < width / 4 ? 255 : 0) }
        return try PNGEncoder.encode(Raster(width: width, height: height, channels: 1, pixels: pixels))
    }

    /// images/NAME.png and masks/NAME.png for each name.
    func pairs(_ names: [String], images: String = "images", masks: String = "masks", prefix: String = "") throws {
        for (index, name) in names.enumerated() {
            try folder.write(try picture(tint: UInt8(index)), to: "\(images)/\(name).png")
            try folder.write(try mask(), to: "\(masks)/\(prefix)\(name).png")
        }
    }

    /// A caption file of the form {"name.png": "caption"}; returns its path.
    @discardableResult
    func captions(_ names: [String], file: String = "captions/train.json") throws -> String {
        let members = names.map { "\"\($0)\": \"one polyp called \(FileName.stem($0)), located in left of the image\"" }
        return try folder.write("{\(members.joined(separator: ", "))}", to: file)
    }

    func options(_ dataset: DatasetKind = .kvasir, captions: [String] = []) -> IngestOptions {
        var options = IngestOptions(dataset: dataset)
        options.root = path
        options.captions = captions
        options.manifests = manifests
        options.threads = 2
        return options
    }

    /// Problems of the run, by kind.
    func problems(_ options: IngestOptions) throws -> [SampleProblem] { try Ingest.run(options).summary.problems }
}

/// The error of a call that must fail.
func failure(_ body: () throws -> Void) -> DatasetError? {
    do { try body() } catch { return error as? DatasetError }
    return nil
}
