// The panels as one picture: a row for each image, a column for the image with its true outline and one for each run, with both outlines.
// Not for choosing images (CaseSelection) or writing the file.
import Imaging

public enum PanelPicture {
    static let margin = 8
    /// Height and width of a panel.
    static let side = 224

    /// - Parameter names: of the runs, one for each prediction of a row.
    /// - Throws: `.sizesDiffer` if a mask and its image differ in size, `.notEncodable` without rows.
    public static func render(_ rows: [PanelRow], names: [String]) throws(ImagingError) -> Raster {
        if rows.isEmpty { throw .notEncodable(reason: "there are no images to draw") }
        let line = TextRenderer.lineHeight, columns = names.count + 1, step = side + margin
        // Above a row its id, below each panel its Dice.
        let head = 2 * line + margin, height = line + side + 4 + line + margin
        var picture = Raster(
            width: columns * step + margin, height: head + rows.count * height + line + margin, channels: 3, filledWith: 255)
        for (column, name) in (["true mask"] + names).enumerated() {
            write(name, on: &picture, left: margin + column * step, top: margin, lines: 2)
        }
        for (number, row) in rows.enumerated() {
            let top = head + number * height
            write(
                row.id, on: &picture, left: margin, top: top, width: columns * step - margin,
                colour: RGBColour(red: 0, green: 70, blue: 160))
            let image = row.image.resizedBicubic(width: side, height: side)
            let truth = try Overlay.outline(
                mask: row.truth.resizedNearest(width: side, height: side), on: image, colour: PanelRow.truthColour)
            picture.paste(truth, left: margin, top: top + line)
            for (column, prediction) in row.predictions.enumerated() {
                let left = margin + (column + 1) * step
                let panel = try Overlay.outline(
                    mask: prediction.mask.resizedNearest(width: side, height: side), on: truth, colour: PanelRow.predictionColour)
                picture.paste(panel, left: left, top: top + line)
                write(PanelRow.dice(prediction.dice), on: &picture, left: left, top: top + line + side + 4)
            }
        }
        write(
            "green: true mask, pink: predicted mask", on: &picture, left: margin, top: head + rows.count * height,
            width: columns * step - margin)
        return picture
    }

    private static func write(
        _ text: String, on picture: inout Raster, left: Int, top: Int, width: Int = side, lines: Int = 1, colour: RGBColour = .black
    ) {
        let wrapped = TextRenderer.wrapped(text, columns: width / TextRenderer.advance, maximumLines: lines)
        TextRenderer.draw(wrapped, on: &picture, left: left, top: top, colour: colour)
    }
}
