// `prep folds`: deals the samples of a manifest to folds (FoldManifests). `prep ingest --folds` does it at once.
import CommandLineTool
import Datasets
import Files

let foldsCommand = Command(
    name: "folds", summary: "Deals the samples of a manifest to folds, for cross-validation.",
    discussion: """
        Writes the manifests NAME-fold0, NAME-fold1 and so on. In that of fold k the samples of fold k are the validation split and those \
        of the other folds the training split; the test split stays as it is. All folds hold alike shares of small and large lesions: five \
        classes of the foreground's share of the image. `prep shard` takes them as any manifest, and `train --shards shards/NAME --fold K` \
        trains on one. `prep ingest --folds K` does it at once.
        """,
    arguments: [Argument("NAME", "a manifest that prep ingest wrote, such as kvasir")],
    options: [
        .value("count", "K", default: "5", "the number of folds"),
        .choice(
            "group-by", SubjectKind.allCases.map(\.rawValue),
            "keep each patient or study in one fold, as the manifest or the files' names tell it"),
        .value("seed", "N", default: "1", "decides which samples come to which fold"),
        .value("manifests", "DIR", default: "manifests", "where `prep ingest` wrote the manifest, and the folds are written"),
        .value("threads", "N", default: "0", "threads to use; 0 means one per core"),
        .flag("overwrite", "replace files at the manifests' paths even if they are not manifests"),
    ],
    examples: ["prep folds kvasir --count 5 && prep shard kvasir-fold0 kvasir-fold1 kvasir-fold2 kvasir-fold3 kvasir-fold4"]
) { input in
    let folder = try input.string("manifests"), threads = try input.integer("threads", in: 0...1024)
    try FoldManifests(
        manifest: Manifest.read(folder: folder, name: try input.argument("NAME")), folder: folder,
        count: try input.integer("count", in: 2...100), countOption: "count",
        kind: input.wasGiven("group-by") ? try input.choice("group-by", as: SubjectKind.self) : nil, seed: try input.seed("seed"),
        threads: threads == 0 ? ParallelMap.availableThreads : threads, say: { input.print($0) }
    ).write(input)
}
