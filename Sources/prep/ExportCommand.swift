// `prep export`: writes shards as files that other programs read. The library Exporting does the work.
import CommandLineTool
import Exporting
import Files

let exportCommand = Command(
    name: "export", summary: "Writes shards as tar files for WebDataset, or as a folder of images, masks and captions.",
    discussion: """
        webdataset: SPLIT-000000.tar and so on, with image (PNG), mask (PNG), caption (txt) and facts (json) of each sample. folder: \
        images/, masks/ and captions/SPLIT.json, which `prep ingest kvasir --root DIR` reads back with identical pixels (shards without \
        captions: LViT's folders, for `prep ingest lvit`). The folder appears when it is complete; a stopped export continues where it \
        stopped.
        """,
    arguments: [Argument("SHARDS", "a set's shards, such as shards/kvasir, or one split's folder in it")],
    options: [
        Option.choice("to", ExportFormat.allCases.map(\.rawValue), default: "webdataset", "what to write"),
        .value("out", "DIR", required: true, "the folder to write: new, empty, or the same export"),
        .value("samples", "N", default: "500", "webdataset: samples in one tar file").counting(.value("to", ["webdataset"])),
        .value("threads", "N", default: "0", "threads to use; 0 means one per core"),
    ],
    examples: [
        "prep export shards/kvasir --to webdataset --out exported/kvasir-webdataset",
        "prep export shards/kvasir --to folder --out exported/kvasir",
    ]
) { input in
    let shards = try input.argument("SHARDS")
    var options = ExportOptions(format: try input.choice("to", as: ExportFormat.self))
    options.samplesPerTar = try input.integer("samples", in: 1...1_000_000)
    let threads = try input.integer("threads", in: 0...1024)
    options.threads = threads == 0 ? ParallelMap.availableThreads : threads
    let out = try input.string("out")
    var plan = OutputPlan(input)
    plan.readsFolder(shards, as: "SHARDS", keepsOutputsOut: true)
    plan.writesFolder(out, as: "--out")
    try plan.check()
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let line = LateProgress(input, "exporting")
    let report = try ShardExport.run(
        shards: shards, to: out, options: options, progress: { line.update($0, of: $1) }, cancellation: cancellation)
    line.finish()
    let state =
        report.wasUpToDate ? "up to date" : report.reused > 0 ? "written, \(report.reused) files of the stopped run used" : "written"
    for part in report.parts {
        input.print(
            "\(report.folder): \(part.split): \(part.samples) samples\(part.tars > 0 ? " in \(part.tars) tar files" : ""), \(state)")
    }
    if options.format == .folder {
        let captions = report.hasCaptions ? "" : " --no-captions"
        input.print("next: prep ingest \(report.dataset.rawValue) --root \(ShellWord.quoted(report.folder))\(captions) --name NAME")
    }
}
