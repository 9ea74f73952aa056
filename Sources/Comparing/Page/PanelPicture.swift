// The panels as one picture: a row for each image, a column for the image with its true outline and one for each run, with both outlines,
// and below them the activation maps where there are any. Not for choosing images (CaseSelection) or writing the file.
import Explaining
import Imaging

public enum PanelPicture {
    static let margin = 8
    /// Height and width of a panel.
    static let side = 224

    /// - Parameters:
    ///   - names: of the runs, one for each prediction of a row.
    ///   - activations: what the activation maps are, for the line below; nil without.
    /// - Throws: `.sizesDiffer` if a mask and its image differ in size, `.notEncodable` without rows.
    public static func render(_ rows: [PanelRow], names: [String], activations: String? = nil) throws(ImagingError) -> Raster {
        if rows.isEmpty { throw .notEncodable(reason: "there are no images to draw") }
        let line = TextRenderer.lineHeight, columns = names.count + 1, step = side + margin, width = columns * step - margin
        let key = "green: true mask, pink: predicted mask" + (activations.map { ". Activation maps: \($0)" } ?? "")
        let keyLines = TextRenderer.wrapped(key, columns: width / TextRenderer.advance, maximumLines: 12)
        // Above a row its id, below each panel its Dice, below that the activation maps.
        let head = 2 * line + margin, height = line + side + 4 + line + margin
        let tops = rows.reduce(into: [head]) { tops, row in tops.append(tops[tops.count - 1] + height + (row.isMapped ? step : 0)) }
        var picture = Raster(
            width: columns * step + margin, height: tops[rows.count] + keyLines.count * line + margin, channels: 3, filledWith: 255)
        for (column, name) in (["true mask"] + names).enumerated() {
            write(name, on: &picture, left: margin + column * step, top: margin, lines: 2)
        }
        for (row, top) in zip(rows, tops) {
            write(row.id, on: &picture, left: margin, top: top, width: width, colour: RGBColour(red: 0, green: 70, blue: 160))
            let image = row.image.converted(toChannels: 3).resizedBicubic(width: side, height: side)
            let mask = row.truth.resizedNearest(width: side, height: side)
            let truth = try Overlay.outline(mask: mask, on: image, colour: PanelRow.truthColour)
            picture.paste(truth, left: margin, top: top + line)
            if row.isMapped { picture.paste(image, left: margin, top: top + height) }
            for (column, prediction) in row.predictions.enumerated() {
                let left = margin + (column + 1) * step
                let panel = try Overlay.outline(
                    mask: prediction.mask.resizedNearest(width: side, height: side), on: truth, colour: PanelRow.predictionColour)
                picture.paste(panel, left: left, top: top + line)
                write(PanelRow.dice(prediction.dice), on: &picture, left: left, top: top + line + side + 4)
                if let map = prediction.activation {
                    let heat = try Overlay.outline(
                        mask: mask, on: HeatColours.activation(map, on: image), colour: PanelRow.truthColour)
                    picture.paste(heat, left: left, top: top + height)
                }
            }
        }
        TextRenderer.draw(keyLines, on: &picture, left: margin, top: tops[rows.count])
        return picture
    }

    private static func write(
        _ text: String, on picture: inout Raster, left: Int, top: Int, width: Int = side, lines: Int = 1, colour: RGBColour = .black
    ) {
        let wrapped = TextRenderer.wrapped(text, columns: width / TextRenderer.advance, maximumLines: lines)
        TextRenderer.draw(wrapped, on: &picture, left: left, top: top, colour: colour)
    }
}
