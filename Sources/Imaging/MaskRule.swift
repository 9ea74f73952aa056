// How the masks of one dataset become 0 and 1. The rule looks at a file's own values at their own depth. Not for finding the rule
// (Datasets' MaskDecision). Invariant: a pure function of a file's stored samples, so that ingest, sharding and statistics agree.

/// A colour as a file stores it, at the file's own depth.
public struct MaskColour: Codable, Sendable, Hashable, Comparable {
    public let red: Int, green: Int, blue: Int

    public init(_ red: Int, _ green: Int, _ blue: Int) { (self.red, self.green, self.blue) = (red, green, blue) }

    public static func < (one: MaskColour, other: MaskColour) -> Bool {
        (one.red, one.green, one.blue) < (other.red, other.green, other.blue)
    }

    /// "255,0,0".
    public var text: String { "\(red),\(green),\(blue)" }

    /// The colour at 8 bits per channel, the way people name colours.
    package func eightBit(from bits: Int) -> MaskColour {
        func byte(_ value: Int) -> Int { bits < 8 ? value * 255 / ((1 << bits) - 1) : value >> (bits - 8) }
        return bits == 8 ? self : MaskColour(byte(red), byte(green), byte(blue))
    }

    package func squaredDistance(to other: MaskColour) -> Int {
        let r = red - other.red, g = green - other.green, b = blue - other.blue
        return r * r + g * g + b * b
    }
}

public struct MaskRule: Codable, Sendable, Equatable {
    /// The samples of a file that the rule uses.
    public enum Plane: String, Codable, Sendable {
        /// Grey values; for a palette, those of its colours.
        case values
        /// Palette indexes; for files without a palette, their values.
        case indexes
        case alpha
        case colours
    }

    public var plane: Plane
    /// Per number of bits in a sample: the first value that is foreground.
    public var thresholds: [Int: Int]?
    /// The values or indexes that are foreground.
    public var values: [Int]?
    /// The colours that are foreground and those that are background; a pixel takes the class of the nearest of them.
    public var colours: [MaskColour]?
    public var otherColours: [MaskColour]?
    /// 8 if colours are compared at 8 bits per channel, whatever the file's depth; nil if they are compared at the file's own depth.
    public var colourBits: Int?

    public init(
        plane: Plane, thresholds: [Int: Int]? = nil, values: [Int]? = nil, colours: [MaskColour]? = nil, otherColours: [MaskColour]? = nil,
        colourBits: Int? = nil
    ) {
        self.plane = plane
        self.thresholds = thresholds
        self.values = values
        self.colours = colours
        self.otherColours = otherColours
        self.colourBits = colourBits
    }

    /// The rule that equals a threshold on 8-bit grey, for every depth.
    public static func byEightBits(_ threshold: UInt8) -> MaskRule {
        let pairs = [1, 2, 4, 8, 16].map { bits in
            (bits, bits > 8 ? Int(threshold) << (bits - 8) : (Int(threshold) * ((1 << bits) - 1) + 254) / 255)
        }
        return MaskRule(plane: .values, thresholds: Dictionary(uniqueKeysWithValues: pairs))
    }

    /// Whether a value of a file with `bits` bits is foreground.
    public func isForeground(_ value: Int, bits: Int) -> Bool {
        if let values { return values.contains(value) }
        guard let threshold = thresholds?[bits] else { return false }
        return value >= threshold
    }

    /// Whether the nearest of the rule's colours is foreground; on a tie it is background.
    public func isForeground(_ colour: MaskColour) -> Bool {
        guard let own = colours?.map(colour.squaredDistance).min() else { return false }
        guard let other = otherColours?.map(colour.squaredDistance).min() else { return own == 0 }
        return own < other
    }

    /// 1 where a file's pixels are foreground, else 0.
    /// - Throws: `.notAMask` if the file has colours in place of grey values, `.noMaskRule` if it lacks what the rule needs.
    public func binarise(_ stored: StoredSamples) throws(ImagingError) -> Raster {
        if plane == .colours { return coloursBinarised(stored) }
        let samples = try stored.maskSamples(plane)
        if thresholds != nil, thresholds?[samples.bits] == nil {
            throw .noMaskRule(
                found: "\(samples.bits) bits a sample",
                wanted: (thresholds ?? [:]).keys.sorted().map { "\($0)" }.joined(separator: " or ") + " bits")
        }
        var table = [UInt8](repeating: 0, count: 1 << samples.bits)
        for value in table.indices where isForeground(value, bits: samples.bits) { table[value] = 1 }
        return Raster.filling(width: stored.width, height: stored.height, channels: 1) { target in
            samples.values.withUnsafeBufferPointer { source in
                table.withUnsafeBufferPointer { table in
                    for i in 0..<target.count { target[i] = table[Int(source[i])] }
                }
            }
        }
    }

    private func coloursBinarised(_ stored: StoredSamples) -> Raster {
        var known: [MaskColour: UInt8] = [:]
        return Raster.filling(width: stored.width, height: stored.height, channels: 1) { target in
            for i in 0..<target.count {
                let colour = colourBits == nil ? stored.maskColour(at: i) : stored.maskColour(at: i).eightBit(from: stored.colourBits)
                if let value = known[colour] {
                    target[i] = value
                } else {
                    let value: UInt8 = isForeground(colour) ? 1 : 0
                    known[colour] = value
                    target[i] = value
                }
            }
        }
    }
}

/// The rule of a dataset as its manifest states it: a threshold on 8-bit grey, which is the common case, or a `MaskRule`.
public struct MaskReading: Sendable, Equatable {
    /// The threshold on 8-bit grey; deeper files are reduced to 8 bits first.
    public let threshold: UInt8
    /// Used if a threshold on 8 bits is not enough.
    public let rule: MaskRule?

    public init(threshold: UInt8 = 128, rule: MaskRule? = nil) {
        self.threshold = threshold
        self.rule = rule
    }

    /// 1 where the mask file's pixels are foreground, else 0, upright.
    public func mask(_ bytes: [UInt8]) throws(ImagingError) -> Raster {
        if let rule { return try rule.binarise(try ImageDecoder.decodeStored(bytes)) }
        return try Mask.binarise(try ImageDecoder.decode(bytes, greyIfGrey: true).raster, threshold: threshold)
    }

    /// The same at another size, by the nearest pixel.
    public func mask(_ bytes: [UInt8], width: Int, height: Int) throws(ImagingError) -> Raster {
        if rule != nil { return try mask(bytes).resizedNearest(width: width, height: height) }
        return try Mask.binarise(
            try ImageDecoder.decode(bytes, greyIfGrey: true).raster, threshold: threshold, width: width, height: height)
    }
}

extension Mask {
    /// 1 where any of the masks is 1. All have the same size.
    public static func union(_ masks: [Raster]) throws(ImagingError) -> Raster {
        guard var result = masks.first else { return Raster(width: 0, height: 0, channels: 1) }
        for (index, mask) in masks.enumerated().dropFirst() {
            guard (mask.width, mask.height) == (result.width, result.height) else {
                throw .sizesDiffer(
                    first: "the first mask", firstWidth: result.width, firstHeight: result.height, second: "mask \(index + 1)",
                    secondWidth: mask.width,
                    secondHeight: mask.height)
            }
            mask.pixels.withUnsafeBufferPointer { source in
                result.pixels.withUnsafeMutableBufferPointer { target in
                    for i in target.indices { target[i] |= source[i] }
                }
            }
        }
        return result
    }
}
