// `segment predict` with arrays in the place of picture and sentence, as checks against other implementations use it; and what of them is
// refused.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct PredictArrayTests {
    /// A run of each network: the demo's of UA-VLS, small ones of the others.
    private static let runs = Result { () throws -> TemporaryFolder in
        let work = try DemoWork.shared.get().copy()
        for (run, words) in [
            ("unet", ["--model", "unet", "--model-option", "width=2"]),
            (
                "ariadne",
                [
                    "--model", "ariadne", "--model-option", "depths=1,1,1,1", "widths=16,16,32,32", "text-positions=8,5,4", "--batch-size",
                    "2",
                ]
            ),
        ] {
            let outcome = try BuiltPrograms.run(
                "train", words + ["--shards", "shards/demo", "--run", "runs/" + run, "--max-steps", "1"], in: work.path)
            guard outcome.code == 0 else { throw DemoWork.Failure(description: outcome.everything) }
        }
        return work
    }

    private let work: TemporaryFolder

    init() throws { work = try Self.runs.get() }

    /// A .npy file of any type; values as they lie in it.
    private func write(_ name: String, type: String, shape: String, order: String = "False", _ bytes: [UInt8]) throws {
        let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
        try work.write(
            [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)] + Array(header.utf8)
                + bytes,
            to: name)
    }

    private func little<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

    private func write(_ name: String, shape: String, _ values: [Float]) throws {
        try write(name, type: "<f4", shape: shape, little(values))
    }

    private func write(_ name: String, _ values: [Int32]) throws {
        try write(name, type: "<i4", shape: "(\(values.count),)", little(values))
    }

    /// The values of a file that segment wrote.
    private func read(_ name: String) throws -> [Float] {
        let data = try Data(contentsOf: URL(fileURLWithPath: work.file(name)))
        return data.dropFirst(128).withUnsafeBytes { raw in
            (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    private func predict(_ words: String...) throws -> Outcome { try BuiltPrograms.run("segment", ["predict"] + words, in: work.path) }

    private static let size = 224

    /// Red, green and blue of a picture that has all values.
    private let pixels: [UInt8] = (0..<size * size).flatMap { place in
        let row = place / size, column = place % size
        return [UInt8(row), UInt8(column), UInt8((row * 3 + column * 5) % 256)]
    }

    /// The picture as a network takes it: each channel normalised by itself, or 0 to 1 from blue to red.
    private func normalised(perImage: Bool) -> [Float] {
        let count = Self.size * Self.size
        if !perImage { return (0..<count * 3).map { Float(pixels[$0 / 3 * 3 + 2 - $0 % 3]) / 255 } }
        let moments = (0..<3).map { channel in
            let values = (0..<count).map { Double(pixels[$0 * 3 + channel]) }, mean = values.reduce(0, +) / Double(count)
            return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot())
        }
        return pixels.enumerated().map { Float((Double($1) - moments[$0 % 3].0) / moments[$0 % 3].1) }
    }

    private func close(_ a: [Float], _ b: [Float], _ tolerance: Float = 1e-5) -> Bool {
        a.count == b.count && !a.isEmpty && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
    }

    /// An array is taken as it is: the picture's own array gives the picture's probabilities, and another text others.
    @Test(arguments: [("demo", "ua-vls"), ("ariadne", "ariadne"), ("unet", "unet")])
    func anArrayStandsForAPicture(run: String, model: String) throws {
        let checkpoint = "runs/\(run)/best.safetensors", readsText = model != "unet", sentence = readsText ? ["--no-text"] : []
        try work.write(
            PlainPNG.encode(width: Self.size, height: Self.size, bits: 8, colourType: 2, samples: pixels.map { UInt16($0) }), to: "a.png")
        try write("a.npy", shape: "(224, 224, 3)", normalised(perImage: readsText))
        func predict(_ words: [String], to output: String) throws -> [Float] {
            let outcome = try BuiltPrograms.run(
                "segment", ["predict", "--model", model, "--checkpoint", checkpoint, "--probabilities", output, "--overwrite"] + words,
                in: work.path)
            #expect(outcome.code == 0 && outcome.output.hasPrefix(output + ": 224x224, "), "\(outcome.everything)")
            return try read(output)
        }
        let picture = try predict(["--image", "a.png"] + sentence, to: "p1.npy")
        #expect(close(picture, try predict(["--image", "a.npy"] + sentence, to: "p2.npy")))
        guard readsText else { return }

        // The empty caption is a start, an end, and padding.
        let vocabulary = try String(contentsOfFile: work.file("runs/\(run)/vocab.txt"), encoding: .utf8).split(separator: "\n")
        let ids = try ["[CLS]", "[SEP]", "[PAD]"].map { word in Int32(try #require(vocabulary.firstIndex { $0 == word })) }
        try write("tokens.npy", ids.prefix(2) + [Int32](repeating: ids[2], count: 22))
        try write("mask.npy", [1, 1] + [Int32](repeating: 0, count: 22))
        let tokens = try predict(["--image", "a.npy", "--tokens", "tokens.npy", "--text-mask", "mask.npy"], to: "p3.npy")
        #expect(close(picture, tokens))

        // Features go in as they are, with a picture too.
        var features: [[Float]] = []
        for (name, factor) in [("f1.npy", Float(1)), ("f2.npy", 3)] {
            try write(
                name, shape: "(24, 768)", (0..<24 * 768).map { (place: Int) -> Float in factor * Float(place * 37 % 101) / 50 - factor })
            features.append(try predict(["--image", "a.npy", "--text-features", name], to: "p4.npy"))
            #expect(close(features[features.count - 1], try predict(["--image", "a.png", "--text-features", name], to: "p5.npy")))
        }
        #expect(features[0] != features[1])
    }

    /// Other sizes are multiples of the network's own, and columns may come first.
    @Test func otherSizesAndOrders() throws {
        let values: [Float] = (0..<64 * 96 * 3).map { (place: Int) -> Float in Float(place * 29 % 83) / 83 }
        try write("rows.npy", shape: "(64, 96, 3)", values)
        let columns: [Float] = (0..<values.count).map { (place: Int) -> Float in
            let row = place % 64, column = place / 64 % 96, channel = place / (64 * 96)
            return values[(row * 96 + column) * 3 + channel]
        }
        try write("columns.npy", type: "<f4", shape: "(64, 96, 3)", order: "True", little(columns))
        for name in ["rows", "columns"] {
            let outcome = try predict(
                "--run", "runs/unet", "--image", name + ".npy", "--out", name + ".png", "--probabilities", "\(name)-p.npy")
            #expect(outcome.code == 0 && outcome.output.hasPrefix("\(name).png: 96x64"), "\(outcome.everything)")
        }
        #expect(try read("rows-p.npy") == read("columns-p.npy") && read("rows-p.npy").count == 64 * 96)
    }

    @Test func arraysThatDoNotFitAreNamed() throws {
        let good = [Float](repeating: 0.5, count: 32 * 32 * 3), bytes = little(good)
        var bad = good
        bad[7] = .nan
        try write("nan.npy", shape: "(32, 32, 3)", bad)
        try write("double.npy", type: "<f8", shape: "(32, 32, 3)", little(good.map(Double.init)))
        try write("big.npy", type: ">f4", shape: "(32, 32, 3)", bytes)
        try write("cut.npy", type: "<f4", shape: "(32, 32, 3)", Array(bytes.dropLast(5)))
        try write("flat.npy", type: "<f4", shape: "(32, 96)", bytes)
        try write("planes.npy", type: "<f4", shape: "(3, 32, 32)", bytes)
        try write("batch.npy", type: "<f4", shape: "(1, 32, 32, 3)", bytes)
        try write("odd.npy", type: "<f4", shape: "(24, 128, 1, 1)", bytes)
        try write("off.npy", type: "<f4", shape: "(24, 32, 3)", Array(bytes.prefix(24 * 32 * 12)))
        try work.write("no array", to: "words.npy")
        for (name, says) in [
            ("nan", "the value at [0, 2, 1] is not a number (NaN); expected finite numbers"),
            ("double", "holds float64 ('<f8') values, expected float32 ('<f4'); save array.astype(numpy.float32)"),
            ("big", "holds big-endian float32 ('>f4') values, expected float32 ('<f4'); save array.astype('<f4')"),
            (
                "cut",
                "cut off: 12283 bytes of values, but its header says float32 ('<f4') (32, 32, 3), which is 12288 bytes; save the array again"
            ),
            ("flat", "an array of shape (32, 96), expected (H, W, 3); repeat a grey image's channel three times"),
            ("planes", "an array of shape (3, 32, 32), expected (H, W, 3); put the channels last, array.transpose(1, 2, 0)"),
            ("batch", "an array of shape (1, 32, 32, 3), expected (H, W, 3); give one image without the batch dimension, array[0]"),
            ("odd", "an array of shape (24, 128, 1, 1), expected (H, W, 3); give rows, columns and three channels"),
            ("off", "an array of shape (24, 32, 3), expected H and W that are multiples of 16, such as (224, 224, 3)"),
            ("words", "not a .npy file; expected one array as numpy.save writes it"),
        ] {
            let outcome = try predict("--run", "runs/unet", "--image", name + ".npy", "--probabilities", "p.npy")
            #expect(outcome.code == 2 && outcome.error.contains("error: \(name).npy: \(says)\n"), "\(outcome.everything)")
        }
    }

    /// Finite, but beyond what a network can compute with: the array may be at fault, not the weights alone.
    @Test func valuesThatAreFarTooLargeAreNamed() throws {
        func huge(_ count: Int) -> [Float] { (0..<count).map { (Float($0 * $0 * 2_654_435_761 % 6001) / 1000 - 3) * 1e38 } }
        try write("grey.npy", shape: "(64, 64, 3)", [Float](repeating: 0.5, count: 64 * 64 * 3))
        try write("image.npy", shape: "(64, 64, 3)", huge(64 * 64 * 3))
        try write("text.npy", shape: "(24, 768)", huge(24 * 768))
        for (run, image, text, named) in [
            ("unet", "image.npy", [], "image.npy"), ("ariadne", "grey.npy", ["--text-features", "text.npy"], "grey.npy, text.npy"),
        ] {
            let outcome = try BuiltPrograms.run(
                "segment", ["predict", "--run", "runs/" + run, "--image", image, "--probabilities", "p.npy"] + text, in: work.path)
            #expect(
                outcome.code == 1 && outcome.error.contains("or the values of \(named) are far too large"), "\(outcome.everything)")
        }
    }

    @Test func textsThatDoNotFitAreNamed() throws {
        try write("x.npy", shape: "(64, 64, 3)", [Float](repeating: 0.5, count: 64 * 64 * 3))
        try write("short.npy", shape: "(23, 768)", [Float](repeating: 0, count: 23 * 768))
        try write("batch-text.npy", shape: "(1, 24, 768)", [Float](repeating: 0, count: 24 * 768))
        try write("ids.npy", [Int32](repeating: 3, count: 24))
        try write("far.npy", [Int32](repeating: 1_000_000, count: 24))
        try write("few.npy", [1, 2])
        try write("fewMask.npy", [1, 1])
        try write("mask24.npy", [1] + [Int32](repeating: 0, count: 23))
        try write("twos.npy", [1] + [Int32](repeating: 2, count: 23))
        try write("zeros.npy", [Int32](repeating: 0, count: 24))
        try write("long.npy", type: "<i8", shape: "(24,)", little([Int64](repeating: 3, count: 24)))
        for (words, says) in [
            (
                ["--text-features", "short.npy"],
                "short.npy: an array of shape (23, 768), expected (24, 768), the text features of this ariadne"
            ),
            (
                ["--text-features", "batch-text.npy"],
                "batch-text.npy: an array of shape (1, 24, 768), expected (N, D); give one caption's features"
            ),
            (["--text-features", "ids.npy"], "ids.npy: holds int32 ('<i4') values, expected float32 ('<f4')"),
            (["--text-features", "gone.npy"], "--text-features gone.npy: no such file"),
            (["--tokens", "ids.npy"], "--tokens needs --text-mask FILE"),
            (["--text-mask", "mask24.npy", "--no-text"], "--text-mask has no effect here, it applies only with --tokens"),
            (["--tokens", "long.npy", "--text-mask", "mask24.npy"], "long.npy: holds int64 ('<i8') values, expected int32 ('<i4')"),
            (
                ["--tokens", "few.npy", "--text-mask", "mask24.npy"],
                "mask24.npy: an array of shape (24,), expected (2,), the shape of few.npy"
            ),
            (["--tokens", "few.npy", "--text-mask", "fewMask.npy"], "few.npy: an array of shape (2,), expected (24,)"),
            (
                ["--tokens", "far.npy", "--text-mask", "mask24.npy"],
                "far.npy: the value at [0] is 1000000; expected token ids from 0 to 182"
            ),
            (
                ["--tokens", "ids.npy", "--text-mask", "twos.npy"],
                "twos.npy: the value at [1] is 2; expected 1 for a token and 0 for padding"
            ),
            (["--tokens", "ids.npy", "--text-mask", "zeros.npy"], "zeros.npy: the value at every place is 0"),
            (["--text-features", "short.npy", "--no-text"], "--no-text and --text-features cannot be used together"),
            ([], "is of a model that reads a caption; give --text SENTENCE"),
        ] as [([String], String)] {
            let outcome = try BuiltPrograms.run(
                "segment", ["predict", "--run", "runs/ariadne", "--image", "x.npy", "--probabilities", "p.npy"] + words, in: work.path)
            #expect(outcome.code == 2 && outcome.error.contains(says), "\(words): \(outcome.everything)")
        }
        for (words, says) in [
            (["--text-features", "short.npy"], "--text-features: unet reads no text; leave --text-features out"),
            (["--tokens", "ids.npy", "--text-mask", "mask24.npy"], "--tokens: unet reads no text; leave --tokens out"),
        ] {
            let outcome = try BuiltPrograms.run(
                "segment", ["predict", "--run", "runs/unet", "--image", "x.npy", "--probabilities", "p.npy"] + words, in: work.path)
            #expect(outcome.code == 2 && outcome.error.contains(says), "\(words): \(outcome.everything)")
        }
    }

    @Test func modelsThatAreOthersAndOutputsThatAreNone() throws {
        try write("x.npy", shape: "(64, 64, 3)", [Float](repeating: 0.5, count: 64 * 64 * 3))
        for (words, says) in [
            (["--model", "unet", "--out", "m.png"], "best.safetensors is a checkpoint of ariadne, expected one of unet"),
            (["--model-option", "depths=1,1,1,2", "--out", "m.png"], "is of a network with depths=1,1,1,1, not depths=1,1,1,2"),
            (["--model-option", "width=2", "--out", "m.png"], "ariadne has no option \"width\""),
            ([], "nothing would be written; give --out FILE for the mask, or --probabilities FILE"),
            (
                ["--out", "m.png", "--overlay", "o.png"],
                "--overlay draws on an image file, but --image x.npy is an array; leave --overlay out"
            ),
            (["--probabilities", "x.npy"], "--probabilities x.npy is the same file as --image x.npy"),
        ] {
            let outcome = try BuiltPrograms.run(
                "segment", ["predict", "--run", "runs/ariadne", "--image", "x.npy", "--no-text"] + words, in: work.path)
            #expect(outcome.code == 2 && outcome.error.contains(says), "\(words): \(outcome.everything)")
        }
        let same = try predict(
            "--run", "runs/ariadne", "--model", "ariadne", "--model-option", "depths=01,1,1,1", "--image", "x.npy", "--no-text", "--out",
            "m.png")
        #expect(same.code == 0, "\(same.everything)")
    }
}
