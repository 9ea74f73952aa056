// Many images at once: each as Predictor gives it, in order; a stopped job goes on and ends as one that was not stopped.
import Files
import Foundation
import Imaging
import Metrics
import Segmenting
import Tensors
import TestSupport
import Testing
import Training

@Suite(.serialized) struct BatchPredictorTests {
    private let runs: Runs
    private let model: TrainedModel

    init() throws {
        runs = try Runs()
        // Trained so far that masks are neither empty nor full.
        try runs.train("run") {
            $0.epochs = 8
            $0.learningRate = 3e-3
            $0.augmentation = .none
        }
        model = try Self.model(runs)
    }

    private static func model(_ runs: Runs) throws -> TrainedModel {
        try TrainedModel(checkpoint: runs.folder.file("run/best.safetensors"), textEncoder: nil, backend: CPUBackend(threads: 1))
    }

    /// Images of several sizes, grey and coloured: a bright square on the left or the right.
    private func items(_ count: Int = 7) throws -> [BatchPredictor.Item] {
        try (0..<count).map { number in
            let width = 64 + 9 * number, height = 80 - 5 * number, channels = number % 2 == 0 ? 1 : 3,
                left = number % 2 == 0 ? 6 : width / 2
            let pixels = (0..<width * height).flatMap { place -> [UInt8] in
                let isInside = (left..<left + 25).contains(place % width) && (10..<35).contains(place / width)
                return (0..<channels).map { UInt8((isInside ? 190 : 20) + (place + 10 * $0) % 40) }
            }
            let raster = Raster(width: width, height: height, channels: channels, pixels: pixels)
            let path = try runs.folder.write(try PNGEncoder.encode(raster), to: "images/picture-\(number).png")
            let caption = "square on the \(number % 2 == 0 ? "left" : "right")"
            return BatchPredictor.Item(id: "picture-\(number)", image: path, source: .file(path), caption: caption)
        }
    }

    private func folder(_ name: String) -> PredictionFolder {
        PredictionFolder(
            runs.folder.file(name), overlays: runs.folder.file(name + "-overlays"), probabilities: runs.folder.file(name + "-maps"))
    }

    /// Predicts what is left; the ids that were computed.
    @discardableResult
    private func predict(
        _ items: [BatchPredictor.Item], into folder: PredictionFolder, batch: Int = 3, workers: Int = 2, stopAfter: Int = .max,
        overwrites: Bool = false
    ) throws -> [String] {
        let cancellation = Cancellation(), settings = try PredictionFolder.Settings(models: [model], precision: "fp32")
        try folder.check(items.map(\.id), overwrites: overwrites)
        let left = try folder.open(items, settings, overwrites: overwrites)
        var done: [String] = []
        let isWhole = try BatchPredictor(model: model, batchSize: batch, workers: workers).run(
            left, into: folder, cancellation: cancellation
        ) {
            item, result throws(SegmentingError) in
            try folder.add(try result.get().row)
            done.append(item.id)
            if done.count == stopAfter { cancellation.cancel() }
        }
        #expect(isWhole == (stopAfter == .max))
        if isWhole { try folder.finish(items) }
        return done
    }

    @Test func everyImageIsAsPredictedAlone() throws {
        let items = try items(), predictor = Predictor(model: model)
        for (batch, workers) in [(1, 1), (3, 2), (8, 3)] {
            var made: [BatchPredictor.Made] = []
            _ = try BatchPredictor(model: model, batchSize: batch, workers: workers).run(items, into: nil, cancellation: Cancellation()) {
                _, result throws(SegmentingError) in made.append(try result.get())
            }
            #expect(made.map(\.row.id) == items.map(\.id))
            for (item, made) in zip(items, made) {
                let alone = try predictor.predict(image: item.image, caption: item.caption)
                #expect(made.map.width == alone.probabilities.width)
                for (value, wanted) in zip(made.map.values, alone.probabilities.values) { #expect(abs(value - wanted) < 1e-5) }
                #expect(made.mask.width == alone.mask.width && made.mask.height == alone.mask.height)
                let differing = zip(made.mask.pixels, alone.mask.pixels).count { $0 != $1 }
                #expect(differing <= made.mask.pixels.count / 1000, "\(differing)")
            }
        }
    }

    /// The columns, computed here by another way.
    @Test func theTableHoldsWhatIsMeasured() throws {
        let items = try items(2)
        let folder = folder("masks")
        try predict(items, into: folder)
        let lines = try FileIO.readText(runs.folder.file("masks/predictions.csv")).split(separator: "\n").map { $0.split(separator: ",") }
        #expect(lines[0].joined(separator: ",") == "id,image,caption,width,height,area,components,mean_probability,mean_entropy")
        let mask = try ImageDecoder.decode(try FileIO.read(runs.folder.file("masks/picture-1.png"))).raster
        let alone = try Predictor(model: model).predict(image: items[1].image, caption: items[1].caption)
        let map = alone.probabilities.resized(width: mask.width, height: mask.height).values.map(Double.init)
        let inside = map.filter { $0 > 0.5 }
        try #require(!inside.isEmpty)
        #expect(lines[2][0] == "picture-1" && lines[2][2] == "square on the right" && lines[2][3] == "\(mask.width)")
        #expect(Int(lines[2][5]) == mask.pixels.count { $0 == 255 } && mask.pixels.allSatisfy { $0 == 0 || $0 == 255 })
        let binary = try BinaryMask(width: mask.width, height: mask.height, values: mask.pixels)
        #expect(Int(lines[2][6]) == MaskComponents(binary).count)
        #expect(abs(try #require(Double(lines[2][7])) - inside.reduce(0, +) / Double(inside.count)) < 1e-4)
        let entropy = map.map { $0 <= 0 || $0 >= 1 ? 0 : -$0 * log($0) - (1 - $0) * log(1 - $0) }.reduce(0, +) / Double(map.count)
        #expect(abs(try #require(Double(lines[2][8])) - entropy) < 1e-4)
        #expect(
            FileIO.exists(runs.folder.file("masks-overlays/picture-0.jpg")) && FileIO.exists(runs.folder.file("masks-maps/picture-0.npy")))
    }

    @Test func aStoppedJobGoesOnAndEndsAsAWholeOne() throws {
        let items = try items(), whole = folder("whole"), parts = folder("parts")
        #expect(try predict(items, into: whole) == items.map(\.id))
        // The batch that is computed when the stop comes is finished.
        let begun = try predict(items, into: parts, stopAfter: 2)
        #expect(begun.count >= 2 && begun.count < items.count)
        // A line that was cut off.
        let table = runs.folder.file("parts/predictions.csv"), text = try FileIO.readText(table)
        try FileIO.writeAtomically(text + "picture-6,", to: table)
        // A mask that was lost, and an overlay.
        try FileIO.remove(runs.folder.file("parts/picture-0.png"))
        try FileIO.remove(runs.folder.file("parts-overlays/picture-1.jpg"))
        let kept = begun.filter { $0 != "picture-0" && $0 != "picture-1" }
        #expect(try predict(items, into: folder("parts"), batch: 1) == items.map(\.id).filter { !kept.contains($0) })
        for name in ["/predictions.json"] + items.map({ "/\($0.id).png" }) + items.map({ "-overlays/\($0.id).jpg" }) {
            #expect(try FileIO.read(runs.folder.file("whole\(name)")) == FileIO.read(runs.folder.file("parts\(name)")), "\(name)")
        }
        func rows(_ name: String) throws -> [[Substring]] {
            try FileIO.readText(runs.folder.file(name + "/predictions.csv")).split(separator: "\n").map { $0.split(separator: ",") }
        }
        // The last digit of a mean may depend on the batch.
        #expect(try rows("whole").map { $0.prefix(7) } == rows("parts").map { $0.prefix(7) })
        #expect(try predict(items, into: folder("parts")).isEmpty)
    }

    @Test func whatChangedIsComputedAgainAndOtherSettingsAreRefused() throws {
        var items = try items(3)
        try predict(items, into: folder("out"))
        let old = items[1]
        items[1] = BatchPredictor.Item(id: old.id, image: old.image, source: old.source, caption: "square, \"on\" the\nleft")
        #expect(try predict(items, into: folder("out")) == [old.id])
        #expect(try predict(items, into: folder("out")).isEmpty)
        let later = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: 60)]
        try FileManager.default.setAttributes(later, ofItemAtPath: items[2].image)
        #expect(try predict(items, into: folder("out")) == [items[2].id])

        var other = try PredictionFolder.Settings(models: [model], precision: "bf16")
        #expect { try folder("out").open(items, other, overwrites: false) } throws: { "\($0)".contains("another checkpoint, precision") }
        #expect(try folder("out").open(items, other, overwrites: true).count == 3)
        other.precision = "fp32"
        // Another program's files.
        try runs.folder.write("mine", to: "mine/predictions.csv")
        #expect { try folder("mine").check(["a"], overwrites: false) } throws: { "\($0)".contains("predictions.csv") }
        try folder("mine").check(["a"], overwrites: true)
        try runs.folder.write("a photograph", to: "photos/a.png")
        #expect { try folder("photos").check(["a"], overwrites: false) } throws: { "\($0)".contains("photos/a.png") }
        #expect { try folder("new").check(["a", "b", "A"], overwrites: true) } throws: { "\($0)".contains("would both have the mask") }
    }

    @Test func anImageThatCannotBeReadIsItsOwnProblem() throws {
        var items = try items(4)
        let bad = try runs.folder.write("no picture", to: "images/bad.png")
        items.insert(BatchPredictor.Item(id: "bad", image: bad, source: .file(bad), caption: "square"), at: 1)
        items.append(BatchPredictor.Item(id: "absent", image: "absent.png", source: .file("absent.png"), caption: "square"))
        for batch in [1, 2, 8] {
            var good: [String] = [], problems: [String] = []
            let isWhole = try BatchPredictor(model: model, batchSize: batch, workers: 2).run(items, into: nil, cancellation: Cancellation())
            {
                item, result throws(SegmentingError) in
                switch result {
                case .success: good.append(item.id)
                case .failure(let error): problems.append("\(error)")
                }
            }
            #expect(isWhole && good == (0..<4).map { "picture-\($0)" } && problems.count == 2)
            #expect(problems[0].contains("bad.png") && problems[1].contains("absent.png"))
        }
        let silent = [BatchPredictor.Item(id: "a", image: "a", source: .file("a"), caption: nil)]
        #expect(throws: SegmentingError.self) {
            _ = try BatchPredictor(model: model, batchSize: 1, workers: 1).run(silent, into: nil, cancellation: Cancellation()) { _, _ in }
        }
    }
}
