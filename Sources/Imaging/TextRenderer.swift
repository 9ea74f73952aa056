// Draws captions on pictures: word wrap and the built-in bitmap font. Characters beyond ASCII are drawn as boxes. Not for layout beyond
// lines of equal height.

public enum TextRenderer {
    /// The distance from one character to the next, in pixels at scale 1.
    public static let advance = BitmapFont.glyphWidth + 1
    /// The distance from one line to the next, in pixels at scale 1.
    public static let lineHeight = BitmapFont.glyphHeight + 2

    /// Lines of at most `columns` characters, broken between words (inside a word only if it is longer than a line). A run of white space
    /// counts as one blank. If `maximumLines` cuts the text, the last line ends in "...".
    public static func wrapped(_ text: String, columns: Int, maximumLines: Int = .max) -> [String] {
        let columns = max(columns, 4)
        var lines: [String] = [], line = ""
        for word in text.split(whereSeparator: \.isWhitespace) {
            var rest = word[...]
            if !line.isEmpty && line.count + 1 + rest.count > columns {
                lines.append(line)
                line = ""
            }
            while rest.count > columns {
                lines.append(String(rest.prefix(columns)))
                rest = rest.dropFirst(columns)
            }
            line += (line.isEmpty ? "" : " ") + rest
        }
        if !line.isEmpty { lines.append(line) }
        if lines.count > maximumLines {
            lines = Array(lines.prefix(max(maximumLines, 0)))
            if let last = lines.popLast() { lines.append(last.prefix(columns - 3) + "...") }
        }
        return lines
    }

    /// Draws one line with its upper left corner at (left, top); each font dot is a square of `scale` pixels. Parts outside are cut off.
    public static func draw(
        _ line: String, on raster: inout Raster, left: Int, top: Int, colour: RGBColour = .black, scale: Int = 1
    ) {
        let scale = max(scale, 1)
        for (position, character) in line.enumerated() {
            let glyphLeft = left + position * advance * scale
            for (glyphRow, bits) in BitmapFont.rows(for: character).enumerated() {
                for column in 0..<BitmapFont.glyphWidth where bits >> UInt8(BitmapFont.glyphWidth - 1 - column) & 1 == 1 {
                    fill(&raster, left: glyphLeft + column * scale, top: top + glyphRow * scale, side: scale, colour)
                }
            }
        }
    }

    /// Draws several lines, one below the other.
    public static func draw(
        _ lines: [String], on raster: inout Raster, left: Int, top: Int, colour: RGBColour = .black, scale: Int = 1
    ) {
        for (index, line) in lines.enumerated() {
            draw(line, on: &raster, left: left, top: top + index * lineHeight * max(scale, 1), colour: colour, scale: scale)
        }
    }

    private static func fill(_ raster: inout Raster, left: Int, top: Int, side: Int, _ colour: RGBColour) {
        for row in max(top, 0)..<max(min(top + side, raster.height), max(top, 0)) {
            for column in max(left, 0)..<max(min(left + side, raster.width), max(left, 0)) {
                for c in 0..<raster.channels { raster[row, column, c] = colour[c] }
            }
        }
    }
}
