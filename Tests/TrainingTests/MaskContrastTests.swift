// Training masks that are all empty or all full: a run on them is refused before the first step.
import Files
import TestSupport
import Testing
import Training

@Suite struct MaskContrastTests {
    @Test(arguments: [
        (UInt8(0), "the masks of all 10 samples are empty: nothing can be learned"),
        (1, "the masks of all 10 samples are foreground throughout"),
    ])
    func shardsWithoutContrastAreRefused(fill: UInt8, saying: String) throws {
        let runs = try Runs()
        try TinyShards.write(to: runs.folder.file("flat"), perShard: 3, fill: fill)
        let error = #expect(throws: TrainingError.self) { try runs.train("run") { $0.shards = runs.folder.file("flat") } }
        let text = error.map { "\($0)" } ?? ""
        #expect(error?.kind == .data && text.hasPrefix(runs.folder.file("flat/train: ")) && text.contains(saying), "\(text)")
        #expect(!FileIO.exists(runs.folder.file("run")))
    }
}
