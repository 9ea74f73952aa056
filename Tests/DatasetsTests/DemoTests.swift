// The demo set: the same files for the same seed, captions that are true of the pictures, and a folder of others left alone.
import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct DemoTests {
    @Test func isReproducibleAndIngests() throws {
        let one = try TemporaryFolder("demo"), two = try TemporaryFolder("demo")
        try DemoDataset.write(to: one.path, count: 18, seed: 5, threads: 1)
        try DemoDataset.write(to: two.path, count: 18, seed: 5, threads: 3)
        #expect(try digests(one.path) == digests(two.path))
        try DemoDataset.write(to: two.path, count: 12, seed: 6)
        #expect(try FileIO.list(two.file("images")).count == 12)
        #expect(try digests(one.path) != digests(two.path))

        var options = IngestOptions(dataset: .kvasir)
        options.root = one.path
        options.manifests = one.file("manifests")
        let report = try Ingest.run(options)
        #expect(report.summary.problems.isEmpty)
        #expect(report.summary.warnings.isEmpty)
        #expect(report.summary.counts == .init(train: 13, val: 2, test: 3, all: 18))
    }

    /// Pixels, not PNG bytes, which another zlib may pack otherwise.
    @Test func thePicturesAreAlwaysTheSame() throws {
        let folder = try TemporaryFolder("demo")
        try DemoDataset.write(to: folder.path, count: 6, seed: 1)
        let pixels = try FileIO.list(folder.file("images")).flatMap { try decoded(folder.file("images/\($0)")).pixels }
        let masks = try FileIO.list(folder.file("masks")).flatMap { try decoded(folder.file("masks/\($0)")).pixels }
        #expect(Digest.sha256(pixels) == "4e9070d95a4cd7fba6ae10da923be0ca0e81d2d2636816440d3026e28d565cfd")
        #expect(Digest.sha256(masks) == "c320bf6478119730abf4f521b9e643dbfe2b42c1a0d0811bf532a51b4883b6e7")
    }

    @Test func captionsAreTrueOfTheMasks() throws {
        let folder = try TemporaryFolder("demo")
        try DemoDataset.write(to: folder.path, count: 36, seed: 2)
        var options = IngestOptions(dataset: .kvasir)
        options.root = folder.path
        options.manifests = folder.file("manifests")
        for sample in try Ingest.run(options).manifest.samples {
            let mask = try decoded(folder.path + "/" + sample.mask)
            var count = 0, sumX = 0.0, sumY = 0.0
            for y in 0..<mask.height {
                for x in 0..<mask.width where mask[y, x] == 255 {
                    count += 1
                    sumX += Double(x)
                    sumY += Double(y)
                }
            }
            let x = sumX / Double(count) / Double(mask.width), y = sumY / Double(count) / Double(mask.height)
            func third(_ value: Double, _ low: String, _ high: String) -> String { value < 0.4 ? low : value > 0.6 ? high : "" }
            let place = [third(y, "top", "bottom"), third(x, "left", "right")].filter { !$0.isEmpty }.joined(separator: " ")
            let caption = try #require(sample.caption)
            #expect(caption.hasSuffix("located in \(place.isEmpty ? "center" : place) of the image"), "\(sample.id): \(caption)")
            let side = Double(min(mask.width, mask.height)), share = Double(count) / (side * side)
            let size = share < 0.042 ? "small" : share < 0.1 ? "medium" : "large"
            #expect(caption.hasPrefix("one \(size) "), "\(sample.id): \(caption), \(share)")
        }
    }

    @Test func aThirdHoldsTwoAlikePolyps() {
        for index in 0..<30 {
            let scene = DemoScene(seed: 3, index: index)
            #expect(scene.polyps.count == (index % 3 == 1 ? 2 : 1))
            guard scene.polyps.count == 2 else { continue }
            // Apart from each other: neither lies within the other's outline.
            #expect(scene.polyps[0].distance(scene.polyps[1].centreX, scene.polyps[1].centreY) > 2)
            #expect(scene.polyps[0].place != scene.polyps[1].place)
        }
    }

    @Test func everySplitHoldsPicturesWithTwo() {
        for count in [6, 24, 96, 500] {
            let splits = DemoDataset.splits(count: count, seed: 1)
            #expect(splits.flatMap(\.indices).sorted() == Array(0..<count))
            for part in splits where count >= 24 {
                let two = Double(part.indices.count { DemoScene.holdsTwo(index: $0) }) / Double(part.indices.count)
                #expect((0.2...0.5).contains(two))
            }
        }
    }

    @Test func foreignFoldersAreLeftAlone() throws {
        let folder = try TemporaryFolder("mine")
        try folder.write("precious", to: "anns/train.json")
        let error = failure { try DemoDataset.write(to: folder.path, count: 6) }
        #expect(error?.kind == .usage)
        #expect(try FileIO.list(folder.path) == ["anns"])
        #expect(try FileIO.readText(folder.file("anns/train.json")) == "precious")
        #expect(failure { try DemoDataset.write(to: folder.file("x"), count: 3) }?.kind == .usage)
    }

    private func decoded(_ path: String) throws -> Raster { try ImageDecoder.decode(try FileIO.read(path)).raster }

    private func digests(_ folder: String) throws -> [String] {
        try ["images", "masks", "anns"].flatMap { part in
            try FileIO.list("\(folder)/\(part)").map { "\(part)/\($0) " + (try Digest.sha256(ofFile: "\(folder)/\(part)/\($0)")) }
        }
    }
}
