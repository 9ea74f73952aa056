// The text of every ImagingError: what was found, what was expected, what to do. The caller adds the path in front.

extension ImagingError {
    public var description: String {
        switch self {
        case .empty:
            return "the file is empty (0 bytes); copy or download it again"
        case .unrecognised(let found, let cure):
            return "not a \(ImageFormat.list) image: \(found); \(cure)"
        case .damaged(let format, let reason):
            return "damaged \(format.name) image: \(reason); copy or download it again"
        case .unsupported(let format, let reason):
            return "unsupported \(format.name) image: \(reason); convert it to 8-bit grey or RGB PNG"
        case .tooLarge(let format, let width, let height, let limits):
            return "the \(format.name) header declares \(width)x\(height) pixels, more than the limit of \(limits.maximumPixels) pixels"
                + " or \(limits.maximumSide) on a side; scale it down, or check that the file is what it claims to be"
        case .impossibleSize(let format, let width, let height, let fileBytes):
            return "the \(format.name) header declares \(width)x\(height) pixels, which a file of \(fileBytes) bytes cannot hold;"
                + " the file is truncated or forged"
        case .notAMask(let red, let green, let blue, let row, let column, let tolerance):
            return "a mask must be grey, but the pixel at row \(row), column \(column) is red \(red), green \(green), blue \(blue)"
                + " (channels may differ by \(tolerance) at most); was a colour image given as the mask?"
        case .noMaskRule(let found, let wanted):
            return
                "the mask has \(found), but the rule that `prep ingest` found for this data set's masks needs \(wanted); run `prep "
                + "ingest` again"
        case .damagedRuns(let width, let height, let reason):
            return "not the run lengths of a mask of \(width)x\(height) pixels: \(reason)"
        case .sizesDiffer(let first, let firstWidth, let firstHeight, let second, let secondWidth, let secondHeight):
            return "\(first) has \(firstWidth)x\(firstHeight) pixels but \(second) has \(secondWidth)x\(secondHeight);"
                + " they must have the same size"
        case .notEncodable(let reason):
            return "the picture cannot be written as PNG: \(reason)"
        }
    }
}
