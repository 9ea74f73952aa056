// What is said of weights that others made, and when: initial weights before captions are encoded, a checkpoint without metadata when it is
// opened.
import Files
import Foundation
import Networks
import Segmenting
import Tensors
import TestSupport
import Testing
import Text
import Training
import WeightFiles

@Suite struct ForeignWeightsTests {
    @Test func initialWeightsAreCheckedBeforeCaptionsAreEncoded() throws {
        let runs = try Runs()
        try runs.train("run", steps: 1)
        let best = runs.folder.file("run/best.safetensors"), page = try runs.folder.write("<html>", to: "page.safetensors")
        for (path, expected) in [
            (runs.folder.file("none.safetensors"), "no such file or folder"), (page, "looks like a web page"),
            (runs.shards, "found no weights in this folder"),
            (best, "these are the weights of another model"),
        ] {
            let observer = Observer()
            let error = #expect(throws: TrainingError.self) {
                try runs.train("other", steps: 1, observer: observer) {
                    $0.initialWeights = path
                    if path == best { $0.model.options["widths"] = "16,16,32,64" }
                }
            }
            #expect("\(try #require(error))".contains(expected), "\(String(describing: error))")
            #expect(observer.captions.isEmpty && !FileIO.exists(runs.folder.file("other")))
        }
    }

    @Test func aRunKeepsTheTokenizersSettings() throws {
        let runs = try Runs()
        try runs.folder.write("{\"do_lower_case\": false}", to: "shards/tokenizer_config.json")
        try runs.train("run", steps: 1)
        #expect(try Vocabulary(contentsOf: runs.folder.file("run/vocab.txt")).keepsCase)
    }

    private static let encoder = TextEncoderConfiguration(
        vocabularySize: 10, hiddenSize: 32, layers: 1, heads: 2, intermediateSize: 32, maximumPositions: 24)

    private func writeEncoder(_ configuration: TextEncoderConfiguration, to folder: TemporaryFolder) throws {
        let encoder = TextEncoder(configuration: configuration, backend: try CPUBackend(threads: 1))
        var writer = SafetensorsWriter()
        for entry in encoder.parameters.entries {
            writer.add(entry.name, shape: entry.fileShape, try #require(encoder.parameters.value(entry.name)))
        }
        try folder.write(TinyShards.words.map { $0 + "\n" }.joined(), to: "encoder/vocab.txt")
        try folder.write(
            """
            {"model_type": "bert", "vocab_size": 10, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
             "max_position_embeddings": \(configuration.maximumPositions)}
            """, to: "encoder/config.json")
        try writer.write(to: folder.file("encoder/model.safetensors"))
    }

    @Test func aCheckpointWithoutMetadataSaysWhatIsAssumed() throws {
        let folder = try TemporaryFolder("foreign"), backend = try CPUBackend(threads: 1)
        try writeEncoder(Self.encoder, to: folder)
        var configuration = UAVLS.Configuration()
        configuration.textWidth = 32
        let model = UAVLS(configuration, ModelSetup(backend: backend, trains: false, initialises: false))
        let path = folder.file("published.safetensors")
        try model.save(to: path)
        let opened = try TrainedModel(checkpoint: path, textEncoder: folder.file("encoder"), backend: backend)
        #expect(opened.notes == ["\(path): no metadata, so images at 224x224 and the published UA-VLS settings are assumed"])
        #expect(opened.imageSize == 224)
        let smaller = try TrainedModel(checkpoint: path, textEncoder: folder.file("encoder"), imageSize: 64, backend: backend)
        #expect(smaller.imageSize == 64)
        let picture = try folder.write(pgm, to: "x.png")
        #expect(throws: SegmentingError.self) { try Predictor(model: smaller).predict(image: picture, caption: "square") }
    }

    /// No picture at all.
    private var pgm: [UInt8] { Array("P5".utf8) }

    @Test func captionsLongerThanTheEncodersPositionsAreRefused() throws {
        let runs = try Runs()
        var short = Self.encoder
        short.maximumPositions = 16
        try writeEncoder(short, to: runs.folder)
        let error = #expect(throws: TrainingError.self) {
            try runs.train("run", steps: 1) { $0.textEncoder = runs.folder.file("encoder") }
        }
        #expect(
            "\(try #require(error))".contains("captions have 24 tokens, the text encoder takes 16 at most"), "\(String(describing: error))")
    }
}
