// What a comparison knows of one run: names, sizes, figures of the split, and the Dice of each image. Plain values; not for how they are
// computed (Runs).
import Metrics

public struct ComparedRun: Sendable {
    /// Unlike the names of the other runs.
    public let name: String
    public let checkpoint: String
    /// The network's title; nil where it is not known.
    public let model: String?
    public let readsText: Bool?
    /// Trained parameters.
    public let parameters: Int?
    /// Multiplications and additions of one image's forward pass.
    public let operations: Double?
    /// Of the forward pass alone; nil if it was not timed.
    public let imagesPerSecond: Double?
    /// By their names within `metrics` (docs/reference/evaluation.md); undefined ones are absent.
    public let metrics: [String: Estimate]
    /// Images whose HD95 is defined, over which its mean is; nil where it is not known.
    public let imagesWithSurfaces: Int?
    /// The expected calibration error of the pixels.
    public let ece: Double?
    /// Of each image, in the order of the comparison's ids; nil where it is undefined.
    public let dice: [Double?]
    /// Nil where the settings are not known.
    public let setting: RunSetting?
    /// The splits that are not those it was trained with. Empty in a proper comparison.
    public let otherSplits: [String]

    public init(
        name: String, checkpoint: String, model: String?, readsText: Bool?, parameters: Int?, operations: Double?,
        imagesPerSecond: Double?, metrics: [String: Estimate], imagesWithSurfaces: Int? = nil, ece: Double?, dice: [Double?],
        setting: RunSetting? = nil,
        otherSplits: [String] = []
    ) {
        self.name = name
        self.checkpoint = checkpoint
        self.model = model
        self.readsText = readsText
        self.parameters = parameters
        self.operations = operations
        self.imagesPerSecond = imagesPerSecond
        self.metrics = metrics
        self.imagesWithSurfaces = imagesWithSurfaces
        self.ece = ece
        self.dice = dice
        self.setting = setting
        self.otherSplits = otherSplits
    }
}

/// A run's settings, to find runs that differ by their seed alone.
public struct RunSetting: Sendable, Equatable {
    /// Equal for runs whose settings are equal except for the seed.
    public let identity: String
    public let seed: UInt64

    public init(identity: String, seed: UInt64) {
        self.identity = identity
        self.seed = seed
    }
}

/// Figures that someone has published: values alone, without images and intervals.
public struct PublishedRow: Sendable, Equatable {
    public let name: String
    public let readsText: Bool?
    /// By the keys of `ComparisonFigure`, in the same units: shares are 0 to 1.
    public let figures: [String: Double]

    public init(name: String, readsText: Bool?, figures: [String: Double]) {
        self.name = name
        self.readsText = readsText
        self.figures = figures
    }
}

/// The rows of one source.
public struct PublishedFigures: Sendable, Equatable {
    /// A file, or a citation.
    public let source: String
    /// The data set that they are of; nil where the source does not say.
    public let dataset: String?
    public let rows: [PublishedRow]

    public init(source: String, dataset: String?, rows: [PublishedRow]) {
        self.source = source
        self.dataset = dataset
        self.rows = rows
    }
}
