// Tokens in shards are a cache: a run computes the same whatever they are, records its tokenizer and keeps it; and runs without captions.
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

@Suite(.serialized) struct CaptionTokenTests {
    /// All that does not name the shards.
    private static let results = everyFileOfARun.filter { $0 != "config.json" }
    /// The vocabulary of the text encoder below: other ids than the shards', and one word fewer.
    private static let others = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "right", "left", "on", "square"]

    private func writeEncoder(_ words: [String] = others, to folder: TemporaryFolder, cased: Bool = false) throws {
        let configuration = TextEncoderConfiguration(
            vocabularySize: words.count, hiddenSize: 32, layers: 1, heads: 2, intermediateSize: 32, maximumPositions: 24)
        let encoder = TextEncoder(configuration: configuration, backend: try CPUBackend(threads: 1))
        var writer = SafetensorsWriter()
        for entry in encoder.parameters.entries {
            writer.add(entry.name, shape: entry.fileShape, try #require(encoder.parameters.value(entry.name)))
        }
        try folder.write(words.map { $0 + "\n" }.joined(), to: "encoder/vocab.txt")
        if cased { try folder.write("{\"do_lower_case\": false}", to: "encoder/tokenizer_config.json") }
        try folder.write(
            """
            {"model_type": "bert", "vocab_size": \(words.count), "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 32, "max_position_embeddings": 24}
            """, to: "encoder/config.json")
        try writer.write(to: folder.file("encoder/model.safetensors"))
    }

    @Test(arguments: [TinyShards.Captions.tokens, .text]) func tokensMadeOnLoadGiveTheSameRunAsShardsMadeForThem(
        captions: TinyShards.Captions
    ) throws {
        let runs = try Runs(captions: captions)
        try writeEncoder(to: runs.folder)
        try TinyShards.write(to: runs.folder.file("made"), words: Self.others, length: 6)
        for augmentation in [AugmentationChoice.reference, .full] {
            func choose(_ configuration: inout RunConfiguration) {
                configuration.textEncoder = runs.folder.file("encoder")
                configuration.model.text?.tokens = 6
                configuration.augmentation = augmentation
            }
            let name = augmentation.rawValue, onLoad = Observer(), stored = Observer()
            try runs.train("load-" + name, steps: 5, observer: onLoad, change: choose)
            try runs.train("made-" + name, steps: 5, observer: stored) {
                choose(&$0)
                $0.shards = runs.folder.file("made")
            }
            try runs.expectEqual("load-" + name, "made-" + name, Self.results)
            // "square on the left": six tokens have room for all but "left", and "the" is not in the vocabulary; 10 + 4 samples.
            let reason = captions == .tokens ? "the shards' tokens are of another vocabulary" : "the shards hold no tokens"
            let line =
                "captions tokenised on load with \(runs.folder.file("encoder"))'s vocabulary, 6 tokens; \(reason); "
                + "0 captions cut to the token length, 14 with unknown words"
            #expect(onLoad.notes.contains(line), "\(onLoad.notes)")
            #expect(!stored.notes.contains { $0.contains("tokenised on load") })
        }
        let recorded = try RunConfiguration.read(RunFolder(runs.folder.file("load-full")).configuration)
        #expect(recorded.vocabularySHA256 == (try Vocabulary(tokens: Self.others).sha256))
        #expect(
            recorded.tokenizer
                == TokenizerRecord(
                    vocabulary: runs.folder.file("encoder"), sha256: try #require(recorded.vocabularySHA256), keepsCase: false, length: 6,
                    onLoad: true))

        // Stopped and gone on with, other loader threads.
        try runs.train("parts", steps: 2) {
            $0.textEncoder = runs.folder.file("encoder")
            $0.model.text?.tokens = 6
            $0.augmentation = .full
        }
        try runs.train("parts", resume: true, workers: 3, steps: 5)
        try runs.expectEqual("load-full", "parts", everyFileOfARun)
    }

    @Test func aLengthOfTheRunsOwnCutsCaptions() throws {
        let runs = try Runs(), observer = Observer()
        try runs.train("short", steps: 1, observer: observer) { $0.model.text?.tokens = 5 }
        #expect(
            observer.notes.contains(
                "captions tokenised on load with \(runs.shards)/vocab.txt, 5 tokens; the shards' tokens have length 24; 14 captions cut to the token "
                    + "length, 0 with unknown words"), "\(observer.notes)")
        let recorded = try RunConfiguration.read(RunFolder(runs.folder.file("short")).configuration)
        #expect(recorded.model.text?.tokens == 5)
        var asked = recorded
        asked.model.text?.tokens = 24
        let error = #expect(throws: TrainingError.self) { try asked.checkUnchanged(from: recorded, folder: RunFolder("runs/x")) }
        #expect(error.map { "\($0)" }?.hasPrefix("--token-length 24 differs from the run's 5") == true)
    }

    @Test func capitalsAreAPartOfTheTokenizer() throws {
        let runs = try Runs(), observer = Observer()
        try writeEncoder(TinyShards.words, to: runs.folder, cased: true)
        try runs.train("cased", steps: 1, observer: observer) { $0.textEncoder = runs.folder.file("encoder") }
        #expect(observer.notes.contains { $0.contains("the shards' tokens are of captions in small letters") }, "\(observer.notes)")
        // The same vocabulary and length: the shards' own serve.
        try FileIO.remove(runs.folder.file("encoder/tokenizer_config.json"))
        let plain = Observer()
        try runs.train("plain", steps: 1, observer: plain) { $0.textEncoder = runs.folder.file("encoder") }
        #expect(!plain.notes.contains { $0.contains("tokenised on load") })
    }

    @Test func aResumedRunRefusesAnotherTokenizer() throws {
        let runs = try Runs()
        try writeEncoder(to: runs.folder)
        try runs.train("run", steps: 1) { $0.textEncoder = runs.folder.file("encoder") }
        try runs.folder.write(Self.others.reversed().map { $0 + "\n" }.joined(), to: "encoder/vocab.txt")
        let error = #expect(throws: TrainingError.self) { try runs.train("run", resume: true, steps: 2) }
        let encoder = runs.folder.file("encoder")
        #expect(
            error.map { "\($0)" }?.hasPrefix("\(encoder): its vocabulary is not the one that the run \(runs.folder.file("run")) began with")
                == true, "\(String(describing: error))")
    }

    /// Without tokens and without a text encoder the vocabulary is built as `prep shard` builds it, and the run keeps it.
    @Test func aVocabularyIsBuiltWhereThereIsNone() throws {
        let runs = try Runs(captions: .text), observer = Observer()
        try runs.train("built", steps: 3, observer: observer)
        #expect(
            observer.notes.contains { $0.hasPrefix("captions tokenised on load with a vocabulary built from the captions, 24 tokens;") })
        let captions = ["left", "right"].flatMap { side in (0..<9).map { _ in "square on the \(side)" } }
        #expect(
            try Vocabulary(contentsOf: runs.folder.file("built/vocab.txt")).sha256
                == Vocabulary.built(from: Array(captions.prefix(17))).sha256)
        try runs.train("parts", steps: 1)
        try runs.train("parts", resume: true, steps: 3)
        try runs.expectEqual("built", "parts", everyFileOfARun)
    }

    /// The run's own tokenizer, whatever shards hold: scores are those of shards made for it.
    @Test func evaluationTakesTheRunsOwnTokenizer() throws {
        let runs = try Runs()
        try runs.train("run")
        let model = try TrainedModel(
            checkpoint: RunFolder(runs.folder.file("run")).best, textEncoder: nil, backend: try CPUBackend(threads: 1))
        func scores(_ shards: String, withholding: Bool = false) throws -> (json: String, said: [String]) {
            var said: [String] = []
            let report = try Evaluator(
                model: model, shards: shards, split: "test", variant: withholding ? .empty : .original, batchSize: 2, workers: 1
            ).run(predictions: nil, cancellation: Cancellation(), say: { said.append($0) }) { _, _, _ in }
            return (String(decoding: try report.json, as: UTF8.self).replacing(shards, with: ""), said)
        }
        let own = try scores(runs.shards)
        #expect(own.said.isEmpty)
        for (name, captions) in [("others", TinyShards.Captions.tokens), ("text", .text)] {
            let shards = runs.folder.file(name)
            try TinyShards.write(to: shards, words: Self.others, length: 9, captions: captions)
            let found = try scores(shards)
            #expect(found.json == own.json)
            #expect(
                found.said.count == 1
                    && found.said[0].hasPrefix("captions tokenised on load with \(runs.folder.file("run/vocab.txt")), 24 tokens; "),
                "\(found.said)")
        }
        // Images alone: refused, but for the empty caption.
        let bare = runs.folder.file("bare")
        try TinyShards.write(to: bare, captions: .none)
        let error = #expect(throws: SegmentingError.self) { _ = try scores(bare) }
        #expect(
            error.map { "\($0)" }?.hasPrefix(
                "\(bare) holds images without captions, but \(model.checkpoint) is of ua-vls, which reads captions; add --no-text") == true)
        #expect(try scores(bare, withholding: true).json == scores(runs.shards, withholding: true).json)
    }

    @Test func aNetworkThatReadsCaptionsRefusesShardsWithout() throws {
        let runs = try Runs(captions: .none)
        let error = #expect(throws: TrainingError.self) { try runs.train("run", steps: 1) }
        #expect(
            error.map { "\($0)" }?.hasPrefix(
                "\(runs.shards) holds images without captions, but ua-vls reads captions; train a network that")
                == true)
        let text = error.map { "\($0)" } ?? ""
        #expect(
            text.contains("--model unet") && text.contains("--model-option text-guidance=off") && text.contains("--no-captions"), "\(text)")
        #expect(!FileIO.exists(runs.folder.file("run")))
    }

    @Test func networksWithoutTextTrainOnImagesAlone() throws {
        let runs = try Runs(captions: .none), observer = Observer()
        func choose(_ configuration: inout RunConfiguration) {
            configuration = RunConfiguration(shards: configuration.shards, model: UNet.descriptor)
            configuration.model.options["width"] = "4"
            configuration.augmentation = .full
        }
        let files = everyFileOfARun.filter { $0 != "vocab.txt" }
        try runs.train("whole", steps: 5, observer: observer, change: choose)
        try runs.train("parts", steps: 3, change: choose)
        try runs.train("parts", resume: true, steps: 5)
        try runs.expectEqual("whole", "parts", files)
        #expect(observer.notes.contains { $0.hasSuffix("; captions: none") }, "\(observer.notes)")
        #expect(observer.notes.contains("--augment full: without captions, every image may be flipped in both directions"))
        #expect(!FileIO.exists(runs.folder.file("whole/vocab.txt")))
        let model = try TrainedModel(
            checkpoint: RunFolder(runs.folder.file("whole")).best, textEncoder: nil, backend: try CPUBackend(threads: 1))
        #expect(model.metadata?.vocabularySHA256 == nil)
        let report = try Evaluator(model: model, shards: runs.shards, split: "test", batchSize: 2, workers: 1)
            .run(predictions: nil, cancellation: Cancellation()) { _, _, _ in }
        #expect(report.images == 3)
    }
}
