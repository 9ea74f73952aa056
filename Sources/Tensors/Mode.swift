// What a pass through a network does beside computing its outputs. Three independent switches, so that training, evaluation, interior
// gradients and repeated passes with dropout are all values of one type. Not for how numbers are stored: that is the tape's `activations`.

/// Which mean and variance batch norm subtracts and divides by.
public enum BatchStatistics: Sendable, Equatable, CaseIterable {
    /// Those of the batch at hand. The running ones move towards them.
    case batch
    /// The running ones, which stay as they are.
    case running
}

public struct Mode: Sendable, Equatable {
    /// Whether operators are recorded for a backward pass.
    public var recordsGradients: Bool
    /// Whether dropout drops.
    public var dropout: Bool
    public var statistics: BatchStatistics

    public init(recordsGradients: Bool, dropout: Bool, statistics: BatchStatistics) {
        self.recordsGradients = recordsGradients
        self.dropout = dropout
        self.statistics = statistics
    }

    public static let training = Mode(recordsGradients: true, dropout: true, statistics: .batch)
    /// Evaluation and prediction.
    public static let inference = Mode(recordsGradients: false, dropout: false, statistics: .running)
    /// The network of `inference`, with gradients: class activation maps, saliency.
    public static let explanation = Mode(recordsGradients: true, dropout: false, statistics: .running)
    /// The network of `inference`, with dropout: Monte Carlo estimates of uncertainty.
    public static let sampling = Mode(recordsGradients: false, dropout: true, statistics: .running)
}
