// A line of predictions.csv: what is measured of one predicted mask, at the image's own size.
// Invariants: a line is one line, whatever characters a name or caption holds. It begins with what the prediction was made from, so an
// earlier run's line is recognised without being taken apart.
import Files
import Imaging
import Metrics

public struct PredictionRow: Sendable, Equatable {
    public let id: String
    /// As the user named it.
    public let image: String
    /// Nil where the network reads none.
    public let caption: String?
    /// Of the mask, in pixels.
    public let width: Int, height: Int
    /// Foreground, in pixels.
    public let area: Int
    /// Of the foreground, 8-connected.
    public let components: Int
    /// The mean probability of the foreground's pixels; nil without foreground.
    public let meanProbability: Double?
    /// The mean entropy of all pixels' probabilities, in nats, 0 to 0.693.
    public let meanEntropy: Double

    /// The image's value of each measure of the kind that was asked for; empty if none was.
    public let uncertainty: [Double]

    /// - Parameters:
    ///   - map: probabilities at the size of the mask.
    ///   - mask: 0/1, where they are above the threshold.
    init(_ item: BatchPredictor.Item, _ map: ProbabilityMap, mask: Raster, uncertainty: [(measure: UncertaintyMeasure, value: Double)]) {
        self.uncertainty = uncertainty.map(\.value)
        id = item.id
        image = item.image
        caption = item.caption
        width = map.width
        height = map.height
        var area = 0, probability = 0.0, entropy = 0.0
        for (value, isForeground) in zip(map.values, mask.pixels) {
            if isForeground == 1 {
                area += 1
                probability += Double(value)
            }
            entropy += Double(BinaryEntropy.nats(value))
        }
        self.area = area
        components = MaskComponents(BinaryMask(values: mask.pixels, width: map.width)).count
        meanProbability = area > 0 ? probability / Double(area) : nil
        meanEntropy = entropy / Double(max(1, map.values.count))
    }

    /// - Parameter kind: adds a column for each of its measures.
    static func header(_ kind: UncertaintyKind?) -> String {
        (["id,image,caption,width,height,area,components,mean_probability,mean_entropy"]
            + (kind.map { UncertaintyMeasure.of($0).map(\.column) } ?? [])).joined(separator: ",")
    }

    /// What the line of an item begins with.
    static func beginning(_ item: BatchPredictor.Item) -> String { beginning(item.id, item.image, item.caption) }

    private static func beginning(_ id: String, _ image: String, _ caption: String?) -> String {
        [id, image, caption ?? ""].map(field).joined(separator: ",") + ","
    }

    var line: String {
        let numbers =
            ["\(width)", "\(height)", "\(area)", "\(components)", meanProbability.map(Self.short) ?? "", Self.short(meanEntropy)]
            + uncertainty.map(Self.short)
        return Self.beginning(id, image, caption) + numbers.joined(separator: ",")
    }

    /// Six digits after the point: more would differ between machines.
    private static func short(_ value: Double) -> String { "\((value * 1e6).rounded() / 1e6)" }

    private static func field(_ text: String) -> String {
        let printable = Printable.line(text)
        guard printable.contains(where: { $0 == "," || $0 == "\"" }) else { return printable }
        return "\"" + printable.replacing("\"", with: "\"\"") + "\""
    }
}
