// `prep demo`: writes the embedded synthetic polyp dataset as files in Kvasir-SEG's layout.
import CommandLineTool
import Datasets
import Files

let demoCommand = Command(
    name: "demo", summary: "Draws a small synthetic polyp set with captions, for first runs and tests.",
    discussion: """
        Writes images/, masks/ and anns/{train,val,test}.json (MedVLSM captions), which prep ingest kvasir reads. A third of the images \
        hold two polyps that look alike; only the one that the caption locates is the target. This is not medical data. The same count and \
        seed give the same images.
        """,
    options: [
        .value("out", "DIR", default: "data/demo", "the folder to write: new, empty or an earlier demo"),
        .value("count", "N", default: "96", "how many images, 6 to 9999"),
        .value("seed", "N", default: "1", "decides which images are drawn"),
        .value("threads", "N", default: "0", "threads to use; 0 means one per core"),
    ],
    examples: ["prep demo --out data/demo", "prep ingest kvasir --root data/demo --name demo"]
) { input in
    let folder = try input.string("out")
    let count = try input.integer("count", in: 6...9999)
    let seed = try input.seed("seed")
    let threads = try input.integer("threads", in: 0...1024)
    var plan = OutputPlan(input)
    plan.writesFolder(folder, as: "--out")
    try plan.check()
    let cancellation = Cancellation()
    Interrupt.onRequest { cancellation.cancel() }
    let progress = input.progress("drawing", total: count, unit: "pictures")
    do {
        try DemoDataset.write(
            to: folder, count: count, seed: seed, threads: threads == 0 ? ParallelMap.availableThreads : threads,
            progress: { progress.update(done: $0) }, cancellation: cancellation)
    } catch DatasetError.cancelled {
        throw CommandError(.cancelled, "stopped; \(folder) is incomplete: run prep demo again")
    }
    progress.finish()
    input.print(
        "\(folder): \(count) pictures with masks and captions; next: prep ingest kvasir --root \(ShellWord.quoted(folder)) --name demo")
}
