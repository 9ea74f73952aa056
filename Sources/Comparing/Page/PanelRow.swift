// One image of the panels: what it shows, the true mask, what each run predicted, and its activation map where that was asked for. As in
// Figs. 2 and 3 of the paper, rows are images and columns runs.
import Explaining
import Imaging
import Metrics

public struct PanelRow: Sendable {
    public struct Prediction: Sendable {
        /// One channel, non-zero is foreground, the image's size.
        public let mask: Raster
        public let dice: Double?
        /// Of any size; nil if none was asked for.
        public let activation: HeatMap?

        public init(mask: Raster, dice: Double?, activation: HeatMap? = nil) {
            self.mask = mask
            self.dice = dice
            self.activation = activation
        }
    }

    public let id: String
    public let caption: String?
    public let image: Raster
    /// One channel, non-zero is foreground, the image's size.
    public let truth: Raster
    /// One for each run, in the comparison's order.
    public let predictions: [Prediction]

    public init(id: String, caption: String?, image: Raster, truth: Raster, predictions: [Prediction]) {
        self.id = id
        self.caption = caption
        self.image = image
        self.truth = truth
        self.predictions = predictions
    }
}

extension PanelRow {
    /// Whether it has an activation map.
    var isMapped: Bool { predictions.contains { $0.activation != nil } }

    package static let truthColour = RGBColour.outline
    /// Far from the truth's green for every kind of sight, and from tissue.
    package static let predictionColour = RGBColour(red: 255, green: 70, blue: 220)

    /// "Dice 85.71".
    package static func dice(_ value: Double?) -> String { value.map { "Dice " + (ComparisonFigure.named("dice")?.text($0) ?? "") } ?? "" }
}
