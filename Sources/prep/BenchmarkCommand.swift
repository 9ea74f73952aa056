// `prep benchmark load | tokenize`: this package's side of Benchmarks/data.sh. Measures the libraries and has no logic of its own.
import CommandLineTool
import Files
import Foundation
import Shards
import Text

private let loading = Effect.argument("WHAT", ["load"]), tokenizing = Effect.argument("WHAT", ["tokenize"])

let benchmarkCommand = Command(
    name: "benchmark", summary: "Times the loader or the tokenizer, for comparisons.",
    discussion: """
        load: reads the shards SOURCE (a folder such as shards/kvasir/train) as shuffled, normalised float32 batches. tokenize: tokenizes \
        the lines of the text file SOURCE on one thread. Benchmarks/data.sh compares both with other programs.
        """,
    arguments: [Argument("WHAT", "load or tokenize"), Argument("SOURCE", "a split's shard folder, or a text file of captions")],
    options: [
        .value("epochs", "N", default: "2", "epochs to stream; the first one unpacks").counting(loading),
        .value("batch-size", "N", default: "32", "images per batch").counting(loading),
        .value("workers", "N", default: "0", "loader threads; 0 means one per core").counting(loading),
        .value("memory", "SIZE", default: "4GB", "memory that the loader may use").counting(loading),
        .flag("bytes", "batches of bytes instead of normalised float32").counting(loading),
        .value("vocabulary", "FILE|FOLDER", "vocab.txt or a Hugging Face folder, for tokenize").counting(tokenizing),
        .value("length", "N", default: "24", "tokens a caption, for tokenize").counting(tokenizing),
        .value("seconds", "N", default: "2", "how long to tokenize").counting(tokenizing),
        .flag("json", "print the figures as JSON"),
    ],
    examples: ["prep benchmark load shards/kvasir/train", "prep benchmark tokenize captions.txt --vocabulary models/text-encoder"]
) { input in
    let figures: [(name: String, value: String)]
    switch try input.argument("WHAT") {
    case "load": figures = try timeLoading(input)
    case "tokenize": figures = try timeTokenizing(input)
    case let other: throw CommandError(.usage, "prep benchmark: \"\(other)\" is neither load nor tokenize")
    }
    if input.flag("json") {
        input.printJSON("{" + figures.map { "\"\($0.name)\": \($0.value)" }.joined(separator: ", ") + "}")
    } else {
        for figure in figures { input.print("\(figure.name.replacingOccurrences(of: "_", with: " ")): \(figure.value)") }
    }
}

private func timeLoading(_ input: CommandInput) throws -> [(name: String, value: String)] {
    let workers = try input.integer("workers", in: 0...256)
    var options = LoaderOptions(
        batchSize: try input.integer("batch-size", in: 1...4096), seed: 1, workers: workers == 0 ? ParallelMap.availableThreads : workers,
        images: input.flag("bytes") ? .bytes : .normalised)
    let set = try ShardSet(folder: try input.argument("SOURCE"))
    options.shuffleWindow = try set.plan(memory: try input.bytes("memory"), for: options)
    let loader = try Loader(shards: set, options: options)
    var rates: [Double] = []
    var firstBatch = 0.0
    var check = 0.0
    for epoch in 0..<(try input.integer("epochs", in: 1...1000)) {
        let start = now()
        try loader.start(epoch: epoch)
        var samples = 0
        while let slot = try loader.next() {
            if firstBatch == 0 { firstBatch = secondsSinceProcessStart() }
            samples += slot.count
            if let values = slot.normalised { check += Double(values[slot.count * 3 - 1]) } else { check += Double(slot.image[0]) }
            loader.release(slot)
        }
        rates.append(Double(samples) / (now() - start))
    }
    loader.stop()
    return [
        ("samples", "\(set.count)"), ("first_batch_s", text(firstBatch, 3)), ("first_epoch_per_s", text(rates[0], 0)),
        ("later_epochs_per_s", rates.count > 1 ? text(rates.dropFirst().max() ?? 0, 0) : "null"),
        ("shuffle_window_shards", options.shuffleWindow.map { "\($0)" } ?? "null"), ("workers", "\(options.workers)"),
        ("peak_memory_mb", text(peakMegabytes(), 0)), ("check", text(check, 3)),
    ]
}

private func timeTokenizing(_ input: CommandInput) throws -> [(name: String, value: String)] {
    let lines = try FileIO.readText(try input.argument("SOURCE")).split(separator: "\n").map(String.init)
    guard !lines.isEmpty else { throw CommandError(.usage, "\(try input.argument("SOURCE")): no lines to tokenize") }
    let length = try input.integer("length", in: 2...4096)
    let tokenizer = WordPieceTokenizer(vocabulary: try Vocabulary(contentsOf: try input.string("vocabulary")))
    let limit = try input.number("seconds", in: 0.01...3600)
    var best = 0.0
    var check = 0
    let begin = now()
    repeat {
        let start = now()
        check = 0
        for line in lines {
            check = (check &* 31 &+ tokenizer.encode(line, length: length).ids.reduce(0) { $0 &* 31 &+ Int($1) }) & 0xFFFF_FFFF
        }
        best = max(best, Double(lines.count) / (now() - start))
    } while now() - begin < limit
    return [("captions", "\(lines.count)"), ("captions_per_s", text(best, 0)), ("check", "\(check)")]
}

private func now() -> Double { ProcessInfo.processInfo.systemUptime }

private func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// Seconds since the kernel started this process.
private func secondsSinceProcessStart() -> Double {
    guard let stat = try? FileIO.readText("/proc/self/stat"), let uptime = try? FileIO.readText("/proc/uptime"),
        let end = stat.lastIndex(of: ")"), let up = Double(uptime.prefix { $0 != " " })
    else { return 0 }
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    guard fields.count > 19, let ticks = Double(fields[19]) else { return 0 }
    return up - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
}

/// The peak resident size so far, in millions of bytes.
private func peakMegabytes() -> Double {
    guard let status = try? FileIO.readText("/proc/self/status"),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kilobytes = Double(line.split(whereSeparator: { !$0.isNumber }).first ?? "0")
    else { return 0 }
    return kilobytes * 1024 / 1e6
}
