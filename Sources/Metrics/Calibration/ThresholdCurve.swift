// Precision, recall, Dice and IoU at 1,024 thresholds, over the pixels of a split and as a mean of images: the precision-recall curve, the
// Dice-threshold curve and the best threshold. Invariant: exact at its thresholds, since k / 1,024 is a float32; no pixel is kept.

/// The scores at one threshold. A pixel is predicted foreground if its probability is above the threshold.
public struct ThresholdPoint: Sendable, Equatable, Codable {
    public let threshold: Double
    public let truePositive: Int, falsePositive: Int, falseNegative: Int
    /// The mean of the images' Dice; an image counts 1 if neither mask has foreground. Nil without images.
    public let meanImageDice: Double?

    /// TP / (TP + FP); 1 where nothing is predicted.
    public var precision: Double { Self.ratio(truePositive, truePositive + falsePositive) }
    /// TP / (TP + FN); 1 where nothing is there.
    public var recall: Double { Self.ratio(truePositive, truePositive + falseNegative) }
    /// 2 TP / (2 TP + FP + FN); 1 where neither mask has foreground.
    public var dice: Double { Self.ratio(2 * truePositive, 2 * truePositive + falsePositive + falseNegative) }
    /// TP / (TP + FP + FN); 1 where neither mask has foreground.
    public var intersectionOverUnion: Double { Self.ratio(truePositive, truePositive + falsePositive + falseNegative) }

    static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 1 : Double(part) / Double(whole) }
}

public struct ThresholdCurve: Sendable, ProbabilityCollector {
    /// Thresholds are 0, 1 / steps, 2 / steps, ... and end below 1.
    public static let steps = 1024

    /// Pixels whose probability is above (index - 1) / steps and at most index / steps.
    private struct Cell: Sendable {
        var negatives = 0, positives = 0
    }

    private var cells = Array(repeating: Cell(), count: steps + 1)
    private var dice = Array(repeating: 0.0, count: steps)
    public private(set) var images = 0

    public init() {}

    /// Adds an image.
    /// - Parameters:
    ///   - probabilities: of foreground, 0 to 1; values outside are clamped, and what is no number counts as 0.
    ///   - truth: not 0 for foreground; as many as probabilities.
    public mutating func add(probabilities: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<UInt8>) {
        precondition(probabilities.count == truth.count, "\(probabilities.count) probabilities, \(truth.count) true values")
        var image = Array(repeating: Cell(), count: cells.count)
        image.withUnsafeMutableBufferPointer { image in
            for pixel in 0..<probabilities.count {
                // Rounded up; truncation is the faster instruction.
                let place = min(1, max(0, probabilities[pixel])) * Float(Self.steps), whole = Int(place)
                let index = Float(whole) == place ? whole : whole + 1
                if truth[pixel] != 0 { image[index].positives += 1 } else { image[index].negatives += 1 }
            }
        }
        let there = image.reduce(0) { $0 + $1.positives }
        var found = 0, wrong = 0
        for index in stride(from: Self.steps, through: 1, by: -1) {
            found += image[index].positives
            wrong += image[index].negatives
            dice[index - 1] += ThresholdPoint.ratio(2 * found, found + wrong + there)
        }
        for index in cells.indices {
            cells[index].positives += image[index].positives
            cells[index].negatives += image[index].negatives
        }
        images += 1
    }

    public mutating func merge(_ other: ThresholdCurve) {
        for index in cells.indices {
            cells[index].negatives += other.cells[index].negatives
            cells[index].positives += other.cells[index].positives
        }
        for index in dice.indices { dice[index] += other.dice[index] }
        images += other.images
    }

    /// The curve, by rising threshold.
    public var points: [ThresholdPoint] {
        let there = cells.reduce(0) { $0 + $1.positives }
        var found = 0, wrong = 0
        let falling = (0..<Self.steps).reversed().map { step -> ThresholdPoint in
            found += cells[step + 1].positives
            wrong += cells[step + 1].negatives
            return ThresholdPoint(
                threshold: Double(step) / Double(Self.steps), truePositive: found, falsePositive: wrong, falseNegative: there - found,
                meanImageDice: images == 0 ? nil : dice[step] / Double(images))
        }
        return falling.reversed()
    }

    /// The point of highest Dice over all pixels; of several the one nearest to 0.5. Nil without images.
    public var bestForPixels: ThresholdPoint? { best { $0.dice } }

    /// The point of highest mean image Dice; of several the one nearest to 0.5. Nil without images.
    public var bestForImages: ThresholdPoint? { best { $0.meanImageDice ?? 0 } }

    private func best(_ score: (ThresholdPoint) -> Double) -> ThresholdPoint? {
        guard images > 0 else { return nil }
        return points.max { (score($0), -abs($0.threshold - 0.5)) < (score($1), -abs($1.threshold - 0.5)) }
    }
}
