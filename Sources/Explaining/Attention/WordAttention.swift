// Which word looks where: the weights of a decoder stage's cross-attention as one map for each word. A network mixes the tokens of a
// caption to fewer text positions before it attends; a position's weight is then shared among tokens by the magnitudes of the mixing
// weights. So a map says where a word may have had its effect, not what the effect was: WordEffect measures that.
// Shape letters: L positions of the image, T text positions, N text tokens, C channels.
import Foundation
import Networks

/// The weights of one stage.
public struct StageAttention: Sendable {
    public let stage: String
    /// Height and width of the stage's feature map; L = height * width.
    public let height: Int, width: Int
    /// [heads][L][N], each row's sum is 1.
    public let heads: [[[Float]]]

    /// - Parameters:
    ///   - weights: [heads][L][T], each row's sum is 1.
    ///   - mixing: [T,N], row-major; nil if text positions are tokens.
    public init(stage: String, height: Int, width: Int, weights: [[[Float]]], mixing: [Float]?, tokens: Int) {
        self.stage = stage
        self.height = height
        self.width = width
        guard let mixing else {
            heads = weights
            return
        }
        let shares = Self.shares(mixing, tokens: tokens)
        heads = weights.map { rows in
            rows.map { row in
                var sums = [Float](repeating: 0, count: tokens)
                for (weight, share) in zip(row, shares) { for token in 0..<tokens { sums[token] += weight * share[token] } }
                return sums
            }
        }
    }

    /// For each text position the share of each token in it, [T][N]: |w| over the sum of |w|. A position without weights is shared evenly.
    static func shares(_ mixing: [Float], tokens: Int) -> [[Float]] {
        stride(from: 0, to: mixing.count, by: tokens).map { start in
            let row = mixing[start..<start + tokens].map { abs($0) }, sum = row.reduce(0, +)
            return sum > 0 ? row.map { $0 / sum } : row.map { _ in 1 / Float(tokens) }
        }
    }

    /// The map of a word: the sum over its tokens.
    /// - Parameter head: nil for the mean of all heads.
    public func map(of tokens: Range<Int>, head: Int? = nil) -> HeatMap {
        let chosen = head.map { [heads[$0]] } ?? heads
        let values = (0..<height * width).map { position in
            chosen.reduce(Float(0)) { sum, rows in tokens.reduce(sum) { $0 + rows[position][$1] } } / Float(chosen.count)
        }
        return HeatMap(width: width, height: height, values: values)
    }

    /// The mean over all positions and heads of a word's weight: how much of the attention goes to it.
    public func share(of tokens: Range<Int>) -> Double {
        let map = map(of: tokens)
        return map.values.reduce(0) { $0 + Double($1) } / Double(max(1, map.values.count))
    }
}

extension TextAttention {
    /// softmax(q k^T / sqrt(C / heads)) for each head, [heads][L][T].
    /// - Parameters:
    ///   - queries: [1,L,C].
    ///   - keys: [1,T,C].
    public func weights(queries: (shape: [Int], values: [Float]), keys: (shape: [Int], values: [Float])) -> [[[Float]]] {
        let channels = queries.shape.last ?? 1, positions = queries.values.count / channels, texts = keys.values.count / channels
        let width = channels / heads, scale = 1 / Float(width).squareRoot()
        return (0..<heads).map { head in
            (0..<positions).map { position in
                let scores = (0..<texts).map { text in
                    var sum: Float = 0
                    for channel in head * width..<(head + 1) * width {
                        sum += queries.values[position * channels + channel] * keys.values[text * channels + channel]
                    }
                    return sum * scale
                }
                let largest = scores.max() ?? 0, powers = scores.map { exp($0 - largest) }, total = powers.reduce(0, +)
                return powers.map { $0 / total }
            }
        }
    }

    /// The stage's weights over the tokens, from a pass that kept `queries` and `keys`; nil if it kept neither.
    func weights(in pass: ActivationPass, of network: any SegmentationModel) -> StageAttention? {
        guard let q = pass.values[queries], let k = pass.values[keys] else { return nil }
        let weights = weights(queries: q, keys: k), positions = weights.first?.count ?? 0
        // The feature map has the input's aspect.
        let side = (Double(positions) * Double(pass.height) / Double(pass.width)).squareRoot()
        let height = max(1, Int(side.rounded())), tokens = network.specification.text?.tokens ?? 0
        return StageAttention(
            stage: stage, height: height, width: positions / height, weights: weights,
            mixing: mixing.flatMap { network.parameters.value($0) }, tokens: tokens)
    }
}
