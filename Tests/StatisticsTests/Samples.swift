// Samples for the tests of measures: small pictures drawn as text.
import Datasets
import Imaging
import Statistics

enum Samples {
    /// A mask of one row per word: "#" is foreground.
    static func mask(_ rows: String...) -> Raster { mask(rows: rows) }

    static func mask(rows: [String]) -> Raster {
        Raster(width: rows.first?.count ?? 0, height: rows.count, channels: 1, pixels: rows.joined().map { $0 == "#" ? 1 : 0 })
    }

    /// A mask of 40x40 with a 4x4 square around each place, given in tenths of width and height.
    static func spots(_ places: [(across: Int, down: Int)]) -> Raster {
        var mask = Raster(width: 40, height: 40, channels: 1)
        for place in places { for row in 0..<4 { for column in 0..<4 { mask[place.down * 4 + row, place.across * 4 + column] = 1 } } }
        return mask
    }

    static func measure(
        _ id: String = "a", _ split: Split = .train, mask: Raster = spots([(4, 4)]), image: Raster? = nil, caption: String = "a polyp",
        tokens: TokenMeasure? = nil
    ) -> SampleMeasure {
        let image =
            image
            ?? Raster(
                width: mask.width, height: mask.height, channels: 3, pixels: (0..<mask.width * mask.height * 3).map { UInt8($0 % 200) })
        return SampleMeasure(
            id: id, split: split, width: image.width, height: image.height, image: image, mask: mask, caption: caption, tokens: tokens)
    }
}
