// The pictures of an explanation. The panel: image, truth, prediction and activation maps; then the change by each word and variant; then
// the attention of each stage, averaged over the heads. The attention picture: the same for each head.
import Foundation
import Imaging
import Text

public struct ExplanationPanel {
    /// The longer side of a tile, in pixels; tiles in a row.
    static let side = 192, columns = 8
    static let truthColour = RGBColour(red: 255, green: 214, blue: 10)

    private let explanation: Explanation
    private let image: Raster
    private let width: Int, height: Int

    public init(_ explanation: Explanation) {
        self.explanation = explanation
        let image = explanation.sample.image, longer = max(image.width, image.height)
        width = max(Self.side / 4, image.width * Self.side / longer)
        height = max(Self.side / 4, image.height * Self.side / longer)
        self.image = image.converted(toChannels: 3).resizedBicubic(width: width, height: height)
    }

    /// The panel.
    public func picture() throws(ExplainingError) -> Raster {
        var rows = chunks(try overview())
        rows += chunks(effects())
        for stage in explanation.attention { rows += chunks(words(stage, head: nil)) }
        return try ExplainingError.drawing { () throws(ImagingError) in
            try TileGrid.render(rows, width: width, height: height, titleLines: 1, textLines: 2)
        }
    }

    /// The attention of each head; nil without attention.
    public func attentionPicture() throws(ExplainingError) -> Raster? {
        let rows = explanation.attention.flatMap { stage in stage.heads.indices.map { words(stage, head: $0) } }
        if rows.allSatisfy(\.isEmpty) { return nil }
        return try ExplainingError.drawing { () throws(ImagingError) in
            try TileGrid.render(rows, width: width / 2, height: height / 2, titleLines: 1, textLines: 2)
        }
    }

    private func chunks(_ tiles: [Tile]) -> [[Tile]] {
        stride(from: 0, to: tiles.count, by: Self.columns).map { Array(tiles[$0..<min($0 + Self.columns, tiles.count)]) }
    }

    private func overview() throws(ExplainingError) -> [Tile] {
        var tiles = [Tile(image, title: explanation.sample.id, text: explanation.sample.caption ?? "")]
        if let truth = explanation.sample.truth {
            tiles.append(
                Tile(try outlined(truth, Self.truthColour), title: "truth", text: "\(percent(WordEffect.share(truth.pixels))) of the image")
            )
        }
        let dice = explanation.dice.map { String(format: ", Dice %.3f", $0) } ?? ""
        tiles.append(
            Tile(
                try outlined(explanation.probabilities.mask(), .outline), title: "prediction",
                text: "\(percent(explanation.area)) of the image\(dice)"))
        for activation in explanation.activations {
            tiles.append(
                Tile(
                    HeatColours.activation(activation.map, on: image), title: activation.tap.name,
                    text: "\(activation.method.title), \(activation.tap.width)x\(activation.tap.height)"))
        }
        return tiles
    }

    private func outlined(_ mask: Raster, _ colour: RGBColour) throws(ExplainingError) -> Raster {
        try ExplainingError.drawing { () throws(ImagingError) in
            try Overlay.outline(mask: mask.resizedNearest(width: width, height: height), on: image, colour: colour, thickness: 2)
        }
    }

    /// All with one scale: the largest change of the sample, at least 0.05.
    private func effects() -> [Tile] {
        let shown = explanation.effects.filter { $0.unchanged == nil }, scale = shown.reduce(0.05) { max($0, $1.difference.magnitude) }
        return shown.map { effect in
            let picture = HeatColours.change(effect.difference.resized(width: width, height: height), scale: scale, on: image)
            return Tile(
                picture, title: effect.title,
                text: String(format: "area %+.2f %%; largest change %.2f, scale %.2f", effect.areaChange * 100, effect.largestChange, scale)
            )
        }
    }

    /// All words of a stage with one scale, from 0 to the largest weight.
    private func words(_ stage: StageAttention, head: Int?) -> [Tile] {
        let maps = explanation.words.filter { !$0.tokens.isEmpty }.map { ($0.word.text, stage.map(of: $0.tokens, head: head)) }
        let largest = maps.reduce(Float(1e-9)) { max($0, $1.1.magnitude) }
        return maps.map { word, map in
            let scaled = HeatMap(width: map.width, height: map.height, values: map.values.map { $0 / largest })
            let mean = map.values.reduce(0, +) / Float(map.values.count)
            let size = head == nil ? 1 : 2
            return Tile(
                HeatColours.heat(scaled.resized(width: width, height: height), on: image)
                    .resizedBicubic(width: width / size, height: height / size),
                title: "\(word)", text: "\(stage.stage)\(head.map { ", head \($0 + 1)" } ?? ""): \(percent(Double(mean)))")
        }
    }

    private func percent(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }
}
