// Which predicted lesions overlap which true ones, and the one-to-one matching at an IoU threshold.
// Invariant: every component of both masks is counted once: TP + FN is the number of true lesions, TP + FP that of the predicted ones.

/// A true lesion and the predicted lesion that it is matched with.
public struct LesionMatch: Sendable, Hashable {
    /// Indices into the components of the two masks.
    public let truth: Int, prediction: Int
    /// Intersection over union of the two components, above 0.
    public let iou: Double
}

public struct LesionOverlaps: Sendable {
    public let truth: MaskComponents, prediction: MaskComponents
    /// All pairs of components that share a pixel: by falling IoU; ties by the index of the true lesion, then of the predicted one.
    public let pairs: [LesionMatch]

    public init(_ masks: MaskPair) {
        let truth = MaskComponents(masks.truth), prediction = MaskComponents(masks.prediction)
        self.truth = truth
        self.prediction = prediction
        pairs = Self.intersections(truth, prediction).map { pair, shared in
            let union = truth.components[pair.truth].area + prediction.components[pair.prediction].area - shared
            return LesionMatch(truth: pair.truth, prediction: pair.prediction, iou: Double(shared) / Double(union))
        }.sorted {
            ($1.iou, $0.truth, $0.prediction) < ($0.iou, $1.truth, $1.prediction)
        }
    }

    private struct Pair: Hashable { let truth: Int, prediction: Int }

    /// The number of shared pixels of each pair: the runs of both masks are merged row by row.
    private static func intersections(_ truth: MaskComponents, _ prediction: MaskComponents) -> [Pair: Int] {
        var shared: [Pair: Int] = [:]
        for row in 0..<truth.height {
            var left = truth.rowStarts[row], right = prediction.rowStarts[row]
            while left < truth.rowStarts[row + 1] && right < prediction.rowStarts[row + 1] {
                let one = truth.runs[left], other = prediction.runs[right]
                let overlap = min(one.end, other.end) - max(one.start, other.start)
                if overlap > 0 { shared[Pair(truth: one.component, prediction: other.component), default: 0] += overlap }
                if one.end < other.end { left += 1 } else { right += 1 }
            }
        }
        return shared
    }

    /// The matches at a threshold: pairs are taken by falling IoU if both lesions are still free and the IoU is at least the threshold.
    ///
    /// Components of one mask are disjoint, so above an IoU of 0.5 a lesion has at most one candidate and every method of matching gives
    /// the same.
    /// - Parameter iou: above 0, at most 1. At 0 and below every pair that shares a pixel is a candidate.
    public func matches(atIoU iou: Double) -> [LesionMatch] {
        var isTaken = [Bool](repeating: false, count: truth.count), isUsed = [Bool](repeating: false, count: prediction.count)
        var matches: [LesionMatch] = []
        for pair in pairs {
            if pair.iou < iou { break }
            if isTaken[pair.truth] || isUsed[pair.prediction] { continue }
            isTaken[pair.truth] = true
            isUsed[pair.prediction] = true
            matches.append(pair)
        }
        return matches
    }

    /// Detected, false and missed lesions at a threshold.
    public func counts(atIoU iou: Double) -> LesionCounts {
        let found = matches(atIoU: iou).count
        return LesionCounts(truePositive: found, falsePositive: prediction.count - found, falseNegative: truth.count - found)
    }

    /// The same by size. A true lesion, detected or missed, counts in the class of its own size, a false one in the class of the predicted
    /// size, so that the counts of the three classes add up to `counts`.
    /// - Parameter scale: what a pixel counts in the unit of the limits: 1 for pixels, 1 / (width x height) for shares of the image.
    public func counts(atIoU iou: Double, by thirds: SizeThirds, scale: Double = 1) -> [SizeClass: LesionCounts] {
        var counts = Dictionary(uniqueKeysWithValues: SizeClass.allCases.map { ($0, LesionCounts()) })
        var isDetected = [Bool](repeating: false, count: truth.count), isTrue = [Bool](repeating: false, count: prediction.count)
        for match in matches(atIoU: iou) {
            isDetected[match.truth] = true
            isTrue[match.prediction] = true
        }
        for (lesion, detected) in zip(truth.components, isDetected) {
            counts[thirds.sizeClass(of: Double(lesion.area) * scale), default: LesionCounts()] +=
                detected ? LesionCounts(truePositive: 1) : LesionCounts(falseNegative: 1)
        }
        for (lesion, isTrue) in zip(prediction.components, isTrue) where !isTrue {
            counts[thirds.sizeClass(of: Double(lesion.area) * scale), default: LesionCounts()] += LesionCounts(falsePositive: 1)
        }
        return counts
    }
}
