// What a reader must know of a comparison's figures, as sentences: every output for people ends with them, and JSON has them too.

extension Comparison {
    public var notes: [String] {
        var notes = [
            "Dice, IoU and mIoU (both classes) over all pixels; image Dice and HD95 are means of images. Threshold 0.5"
                + (isOfFiles ? " unless a run's name says another." : ".")
        ]
        if let size {
            notes.append("Masks are compared at the size of the \(size == .original ? "original images" : "network's images").")
        }
        for run in runs {
            if let known = run.imagesWithSurfaces, known < ids.count {
                notes.append("HD95 of \(run.name) is over \(known) of \(ids.count) images: on the others one of the two masks is empty.")
            }
        }
        let isTested = tests.contains { $0 != nil }
        if let intervals {
            let drawn = "resampled: \(intervals.drawn), \(intervals.resamples) times."
            if !isOfFiles {
                notes.append("95 % intervals: percentile bootstrap, \(drawn)")
            } else if isTested {
                notes.append("95 % intervals of differences: percentile bootstrap, \(drawn)")
            }
        }
        if isOfFiles { notes.append("95 % intervals of figures are those of the files.") }
        if isTested {
            notes.append(
                "Tests are of image Dice, paired by image: Wilcoxon's signed-rank test, Holm's correction over the runs, effect: rank-biserial "
                    + "correlation."
                    + (drawsPatients ? " Wilcoxon's test takes the images of a patient as independent; the bootstrap does not." : ""))
        }
        if let activations { notes.append("Activation maps: \(activations).") }
        if let timing { notes.append("images/s: \(timing).") }
        if !seeds.isEmpty {
            notes.append("Seeds: runs that differ by their seed alone; mean ± standard deviation of the runs, which is no interval.")
        }
        for source in published {
            notes.append(
                "[published] figures are those of \(source.source)\(source.dataset.map { " on \($0)" } ?? ""): copied, not measured here, "
                    + "perhaps on other images and by other definitions; without interval or test.")
        }
        for run in runs where !run.otherSplits.isEmpty {
            notes.append(
                "* \(run.name) was trained on other shards than \(shards) (\(run.otherSplits.joined(separator: " and "))): not the same "
                    + "experiment, and images of this split may have been among its training images.")
        }
        return notes
    }
}
