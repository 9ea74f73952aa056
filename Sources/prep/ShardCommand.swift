// `prep shard`: reads manifests and writes training shards. Shards.Sharding does the work.
import CommandLineTool
import Datasets
import Files
import Foundation
import Shards
import Text

let shardCommand = Command(
    name: "shard", summary: "Decodes, resizes and tokenizes the samples of manifests and writes shards.",
    discussion: """
        Writes DIR/NAME/{train,val,test}: MDS version 2, zstd, content hashes; MosaicML Streaming opens them too. Running it again does \
        nothing when inputs and options are the same. A stopped run continues where it stopped. Earlier shards stay until the new ones are \
        complete, and shards of other settings replace them only with --overwrite. A file that changed since `prep ingest` is an error for \
        its sample. Tokens of the captions are a cache: train and segment use them where they are for the vocabulary and length at hand, \
        and make their own else.
        """,
    arguments: [Argument("NAME", "manifests to shard; all by default", optional: true, repeats: true)],
    options: [
        .value("manifests", "DIR", default: "manifests", "where `prep ingest` wrote the manifests"),
        .value("out", "DIR", default: "shards", "where shards are written"),
        .value("size", "N", default: "224", "height and width of images and masks"),
        .value("compression", "zstd:N|none", default: "zstd:3", "compression of the shards, N from 1 to 22"),
        .value("vocabulary", "FILE|FOLDER", "vocab.txt or a Hugging Face folder; else models/text-encoder, else built from the captions")
            .counting(
                .without(["no-tokens"])),
        .flag("no-tokens", "store captions as text alone; train tokenises them with its text encoder's vocabulary"),
        .flag("no-original-masks", "leave out the masks at their images' own size, which evaluation at that size needs"),
        .choice("resize", ResizeRule.allCases.map(\.rawValue), default: "pillow", "bicubic with antialiasing, or as the released pipeline"),
        .value("shard-bytes", "N", default: "8388608", "largest shard before compression, of the columns that training reads"),
        .value("threads", "N", default: "0", "threads to use; 0 means one per core"),
        .flag("overwrite", "replace shards that were made with other settings, and files that are not prep's"),
        .flag("json", "print the report as JSON"),
    ],
    examples: ["prep shard", "prep shard kvasir --vocabulary models/text-encoder --out shards"]
) { input in
    let manifests = try input.string("manifests")
    let out = try input.string("out")
    var options = ShardingOptions()
    options.size = try input.integer("size", in: 16...4096)
    let compression = try input.string("compression")
    options.compression = compression == "none" ? nil : compression
    options.resize = try input.choice("resize", as: ResizeRule.self)
    options.sizeLimit = try input.integer("shard-bytes", in: 1...Int(UInt32.max))
    let threads = try input.integer("threads", in: 0...1024)
    options.threads = threads == 0 ? ParallelMap.availableThreads : threads
    try options.check()

    var names = input.arguments("NAME")
    if names.isEmpty { names = try Manifest.names(in: manifests) }
    guard !names.isEmpty else { throw CommandError(.usage, "\(manifests): no manifests there; run `prep ingest` first") }
    if input.arguments("NAME").isEmpty, names.count > 1 {
        input.note("sharding all \(names.count) manifests of \(manifests): \(names.joined(separator: ", ")); name some to shard only those")
    }
    // All manifests are read first, so that a mistyped name is found before an hour of work on the others.
    let read = try names.map { try Manifest.read(folder: manifests, name: $0) }
    options.storesTokens = !input.flag("no-tokens")
    options.storesOriginalMasks = !input.flag("no-original-masks")
    let wantsTokens = options.storesTokens && read.contains(where: \.hasCaptions)
    for option in ["vocabulary", "no-tokens"] where input.wasGiven(option) && !read.contains(where: \.hasCaptions) {
        throw CommandError(
            .usage,
            "--\(option) has no effect here: \(names.joined(separator: ", ")) \(names.count == 1 ? "has" : "have") no captions; "
                + "leave it out")
    }
    let defaultEncoder = "models/text-encoder"
    let vocabularyPath = input.optionalString("vocabulary") ?? (FileIO.isFolder(defaultEncoder) ? defaultEncoder : nil)
    if wantsTokens, let vocabularyPath {
        options.vocabulary = try Vocabulary(contentsOf: vocabularyPath)
        if let note = try ModelFolder.resolve(vocabularyPath).note { input.note(note) }
        if !input.wasGiven("vocabulary") { input.note("vocabulary: \(vocabularyPath)") }
    }

    FreedMemory.keep()
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    for manifest in read {
        let replaced = try ShardReplacement.find(manifest, folder: out, options: options, overwrites: input.flag("overwrite"))
        if let replaced { input.note("\(replaced.folder): \(replaced.words)") }
    }
    do { try FileIO.checkWritableFolder(out) } catch { throw CommandError(.environment, "--out \(error)") }
    for manifest in read {
        if vocabularyPath == nil, options.storesTokens, manifest.hasCaptions {
            input.note(
                "\(manifest.name): no text encoder in \(defaultEncoder), so the vocabulary is built from the captions and saved as "
                    + "\(out)/\(manifest.name)/\(Sharding.vocabularyName)"
            )
        }
        let line = LateProgress(input, "\(manifest.name): sharding")
        let report = try Sharding.run(
            manifest: manifest, folder: out, options: options, progress: { line.update($0.done, of: $0.total) }, cancellation: cancellation)
        line.finish()
        ShardText.print(report, asJSON: input.flag("json"), to: input)
    }
}
