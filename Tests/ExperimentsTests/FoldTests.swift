// Folds: the same groups in the same folds as scikit-learn, whole groups, and even folds.
import Experiments
import Foundation
import Testing

@Suite struct FoldTests {
    private struct File: Decodable {
        struct Case: Decodable { let name: String, folds: Int, counts: [[Int]], dealt: [Int] }
        let cases: [Case]
    }

    @Test func groupsComeToTheFoldsOfScikitLearn() throws {
        let path = try #require(Bundle.module.url(forResource: "Golden/folds", withExtension: "json"))
        let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: path))
        #expect(file.cases.count == 3)
        for one in file.cases { #expect(FoldDealing.deal(one.counts, folds: one.folds) == one.dealt, "\(one.name)") }
    }

    @Test func singleSamplesAreDealtEvenly() {
        // 103 samples, five classes of size: folds differ by one sample at most, in each class too.
        let samples = (0..<103).map { (id: "s\($0)", value: Double($0 * 37 % 101)) }
        let strata = FoldDealing.strata(samples, count: 5)
        let counts = samples.map { sample in (0..<5).map { strata[sample.id] == $0 ? 1 : 0 } }
        let folds = FoldDealing.deal(counts, folds: 4)
        for stratum in 0..<5 {
            let sizes = (0..<4).map { fold in zip(samples, folds).count { strata[$0.id] == stratum && $1 == fold } }
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1, "\(sizes)")
        }
        let sizes = (0..<4).map { fold in folds.count { $0 == fold } }
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 2, "\(sizes)")
    }

    @Test func classesFollowTheValuesAndTiesTheIds() {
        let strata = FoldDealing.strata([("c", 1), ("b", 0), ("a", 1), ("d", 5)], count: 2)
        #expect(strata == ["b": 0, "a": 0, "c": 1, "d": 1])
    }
}
