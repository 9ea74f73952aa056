// A picture's samples as its file stores them, at their own depth. For masks: a reduction to 8 bits, to grey or to a palette's colours
// would destroy the meaning of their values. Not for pictures that are viewed or trained on (DecodedImage).
// Invariant: upright, rows top to bottom, samples.count == width * height * channels; no sample exceeds `maximum`.

/// What the samples of a `StoredSamples` are.
public enum SampleKind: Sendable, Equatable {
    /// One channel of grey values; 0 is black, even if the file stores white as 0.
    case grey
    /// One channel of palette indexes. Each index has an entry (black if the file has none).
    case palette([PaletteColour])
    /// Three channels: red, green, blue.
    case colour
}

/// A palette's entry, 8 bits per channel.
public struct PaletteColour: Sendable, Hashable {
    public let red: UInt8, green: UInt8, blue: UInt8

    public init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }
}

extension PaletteColour {
    static func grey(_ value: UInt8) -> PaletteColour { PaletteColour(red: value, green: value, blue: value) }
}

/// An image of H rows, W columns and C channels as stored, before any reduction.
public struct StoredSamples: Sendable {
    public let width: Int
    public let height: Int
    public let kind: SampleKind
    /// Bits of a sample as stored: 1, 2, 4, 8 or 16.
    public let bits: Int
    /// Samples in row-major order, [H, W, C].
    public let samples: [UInt16]
    /// The alpha channel, or the transparency that follows from a transparent colour, [H, W] at `bits` bits (8 bits if a palette states
    /// it); nil if the file has no transparency.
    public let alpha: [UInt16]?
    /// Whether the file's compression changes values (JPEG, lossy WebP); equal pixels may then differ a little.
    public let isLossy: Bool
    public let format: ImageFormat
    public let notes: [DecodeNote]

    public init(
        width: Int, height: Int, kind: SampleKind, bits: Int, samples: [UInt16], alpha: [UInt16]? = nil, isLossy: Bool = false,
        format: ImageFormat, notes: [DecodeNote] = []
    ) {
        let channels = kind == .colour ? 3 : 1
        precondition(
            width >= 0 && height >= 0 && samples.count == width * height * channels, "stored samples need width * height * channels values")
        precondition(alpha.map { $0.count == width * height } ?? true, "alpha needs width * height values")
        self.width = width
        self.height = height
        self.kind = kind
        self.bits = bits
        self.samples = samples
        self.alpha = alpha
        self.isLossy = isLossy
        self.format = format
        self.notes = notes
    }

    /// 1 or 3.
    public var channels: Int { kind == .colour ? 3 : 1 }
    /// The largest value of `bits` bits.
    public var maximum: Int { (1 << bits) - 1 }
    /// Bits of the largest sample, 0 if all samples are 0: how many of 16 bits a picture of 10, 12 or 14 bits uses.
    public var bitsUsed: Int { 16 - (samples.max() ?? 0).leadingZeroBitCount }
}

/// What a format's decoder returns: samples as stored, and the orientation to apply.
struct StoredPicture {
    let samples: StoredSamples
    let orientation: Orientation?
}

extension StoredSamples {
    /// Separates colours and alpha of pixels whose last channel is alpha.
    static func separated(_ values: [UInt16], channels: Int) -> (colours: [UInt16], alpha: [UInt16]) {
        let pixels = values.count / channels, wanted = channels - 1
        var colours = [UInt16](repeating: 0, count: pixels * wanted), alpha = [UInt16](repeating: 0, count: pixels)
        values.withUnsafeBufferPointer { source in
            for i in 0..<pixels {
                for c in 0..<wanted { colours[i * wanted + c] = source[i * channels + c] }
                alpha[i] = source[i * channels + wanted]
            }
        }
        return (colours, alpha)
    }

    /// Zero if a pixel has the transparent colour, else the largest value of `bits` bits.
    static func opacity(of samples: [UInt16], channels: Int, bits: Int, transparent: [UInt16]) -> [UInt16] {
        let opaque = UInt16(truncatingIfNeeded: (1 << bits) - 1)
        return (0..<samples.count / channels).map { pixel in
            (0..<channels).allSatisfy { samples[pixel * channels + $0] == transparent[$0] } ? 0 : opaque
        }
    }

    /// A raster's samples, for formats that store 8 bits.
    init(_ raster: Raster, bits: Int = 8, isLossy: Bool = false, format: ImageFormat, notes: [DecodeNote]) {
        self.init(
            width: raster.width, height: raster.height, kind: raster.channels == 3 ? .colour : .grey, bits: bits,
            samples: raster.pixels.map { UInt16($0) }, isLossy: isLossy, format: format, notes: notes)
    }

    /// The 8-bit picture of 16-bit samples that use the lower `bitsUsed` bits; nil for other depths and for palettes.
    /// Values that exceed those bits become 255.
    func reduced(bitsUsed: Int) -> DecodedImage? {
        if case .palette = kind { return nil }
        guard bits == 16 else { return nil }
        let used = min(max(bitsUsed, 8), 16), shift = UInt16(used - 8)
        let pixels = samples.map { UInt8(truncatingIfNeeded: min($0 >> shift, 255)) }
        let note = used == 16 ? DecodeNote.reducedFrom16Bit : .scaledFromUsedBits(used)
        return DecodedImage(
            raster: Raster(width: width, height: height, channels: channels, pixels: pixels), format: format,
            notes: [note] + (alpha == nil ? [] : [.alphaDropped]) + notes)
    }

    /// The upright form of samples stored with `orientation`.
    func turned(from orientation: Orientation) -> StoredSamples {
        StoredSamples(
            width: orientation.swapsSides ? height : width, height: orientation.swapsSides ? width : height, kind: kind, bits: bits,
            samples: orientation.upright(samples, width: width, height: height, channels: channels),
            alpha: alpha.map { orientation.upright($0, width: width, height: height, channels: 1) }, isLossy: isLossy, format: format,
            notes: notes + [.orientationApplied(orientation.rawValue)])
    }
}
