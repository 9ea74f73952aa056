// What decoding returns besides the pixels: the format, and notes on everything that was changed or left out, so that no change is silent.
// Also the limits on declared sizes.

/// Limits that an image's header must keep, checked before any pixel memory is reserved.
public struct DecodeLimits: Sendable, Equatable {
    /// The largest allowed width times height.
    public var maximumPixels: Int
    /// The largest allowed width or height.
    public var maximumSide: Int

    public init(maximumPixels: Int, maximumSide: Int) {
        self.maximumPixels = maximumPixels
        self.maximumSide = maximumSide
    }

    /// 100 million pixels, 65,500 on a side (JPEG's own limit). This is far above any frame, slice or tile of the datasets, and far below
    /// what would exhaust a workstation's memory with several images in flight.
    public static let standard = DecodeLimits(maximumPixels: 100_000_000, maximumSide: 65_500)
}

/// A property of an image file that the decoded pixels no longer show.
public enum DecodeNote: Sendable, Equatable, Hashable {
    /// 16-bit samples; the high byte was kept.
    case reducedFrom16Bit
    /// 16-bit samples that use fewer bits; the upper 8 of the used bits were kept.
    case scaledFromUsedBits(Int)
    /// Palette indexes, replaced by their colours.
    case paletteExpanded
    /// Grey of 1, 2 or 4 bits, scaled to 0...255.
    case scaledFromBits(Int)
    /// An alpha channel or transparent colour, ignored (not composed on a background).
    case alphaDropped
    /// Colours stored multiplied by alpha (associated alpha); they were divided by alpha before alpha was dropped.
    case unpremultiplied
    /// CMYK or YCCK ink values, converted to RGB without a colour profile.
    case convertedFromCMYK
    /// Minimum-is-white samples, inverted.
    case invertedFromMinimumIsWhite
    /// Channels beyond the colour ones, ignored.
    case extraChannelsDropped(Int)
    /// Turned or mirrored according to the orientation in the file (EXIF values 2 to 8).
    case orientationApplied(Int)
    /// A file of several pages; only the first was used.
    case firstPageOfSeveral
    /// An animation; only the first frame was used.
    case firstFrameOfSeveral
}

extension DecodeNote: CustomStringConvertible {
    public var description: String {
        switch self {
        case .reducedFrom16Bit: return "16-bit samples reduced to their high byte"
        case .scaledFromUsedBits(let bits): return "16-bit samples that use \(bits) bits, scaled by those"
        case .paletteExpanded: return "palette replaced by its colours"
        case .scaledFromBits(let bits): return "\(bits)-bit grey scaled to 0...255"
        case .alphaDropped: return "transparency ignored"
        case .unpremultiplied: return "colours divided by the transparency they were multiplied by (associated alpha)"
        case .convertedFromCMYK: return "CMYK converted to RGB"
        case .invertedFromMinimumIsWhite: return "white-is-zero samples inverted"
        case .extraChannelsDropped(let count): return "\(count) further channel\(count == 1 ? "" : "s") ignored"
        case .orientationApplied(let value): return "orientation \(value) applied"
        case .firstPageOfSeveral: return "several pages, only the first used"
        case .firstFrameOfSeveral: return "an animation, only its first frame used"
        }
    }
}

/// A decoded image: 8-bit grey (1 channel) or RGB (3 channels), upright.
public struct DecodedImage: Sendable {
    public let raster: Raster
    public let format: ImageFormat
    public let notes: [DecodeNote]

    public init(raster: Raster, format: ImageFormat, notes: [DecodeNote]) {
        self.raster = raster
        self.format = format
        self.notes = notes
    }
}

/// What an image's header declares. Sizes are as stored, before any orientation is applied.
public struct ImageHeader: Sendable, Equatable {
    public let format: ImageFormat
    public let width: Int
    public let height: Int
    /// Channels after decoding: 1 (grey) or 3 (RGB).
    public let channels: Int
}
