// Counts what one mask file holds: which values (palette indexes, alpha values, colours), in how many pixels, and how these pixels lie.
// Does not decide what is foreground (Datasets' MaskDecision). Invariant: a pure function of the stored samples; its size does not grow
// with the file's size.
import CPixels

package struct MaskCensus: Sendable, Equatable {
    /// One value of the plane that seems to hold the file's mask.
    package struct Value: Sendable, Equatable {
        package let value: Int
        package let count: Int
        /// Pixels in flat regions: their 3x3 neighbourhood does not differ from them by more than noise.
        package let interior: Int
        /// Pixels between a lower and a higher neighbour, as at the edges of smooth masks.
        package let between: Int

        package init(value: Int, count: Int, interior: Int, between: Int) {
            (self.value, self.count, self.interior, self.between) = (value, count, interior, between)
        }

        func adding(_ other: Value) -> Value {
            Value(value: value, count: count + other.count, interior: interior + other.interior, between: between + other.between)
        }
    }

    /// The values of many files, merged in ascending order.
    package static func merged(_ lists: [[Value]]) -> [Value] {
        var byValue: [Int: Value] = [:]
        for value in lists.joined() { byValue[value.value] = byValue[value.value]?.adding(value) ?? value }
        return byValue.values.sorted { $0.value < $1.value }
    }

    package struct Colour: Sendable, Equatable {
        package let colour: MaskColour
        package let count: Int
    }

    /// The plane that seems to hold the mask. Never `.indexes` for a file without a palette.
    package let plane: MaskRule.Plane
    package let bits: Int
    /// In ascending order. Empty for colours.
    package let values: [Value]
    /// For a file of colours: the colours that fill regions, the most frequent first. For values and indexes: the colour of each of them,
    /// in the same order.
    package let colours: [Colour]
    /// Whether compression or smoothing changed the values: a value near a pole then counts as the pole.
    package let isNoisy: Bool
    /// For a file of colours: the error that names its most colourful pixel.
    package let notAMask: ImagingError?
    /// The file has very many colours, like a photograph.
    package let isPicture: Bool
    /// The alpha of all pixels, if the file has alpha and it is constant.
    package let constantAlpha: Int?
    /// Both the alpha channel and the values vary.
    package let alphaVariesToo: Bool
    package let pixels: Int

    /// More distinct values than this come from compression or smoothing, or number instances.
    package static let fewValues = 16
    private static let mostColours = 4096

    package init(_ stored: StoredSamples) {
        pixels = stored.width * stored.height
        let alphaVaries = stored.alpha.map(Self.varies) ?? false
        let (spread, place) = stored.channelSpread
        let colourVaries = stored.kind == .colour ? Self.coloursVary(stored) : Self.varies(stored.samples)
        var plane = MaskRule.Plane.values
        if alphaVaries, !colourVaries {
            plane = .alpha
        } else if case .palette(let palette) = stored.kind {
            plane = Self.isGreyPicture(stored, palette) ? .values : .indexes
        } else if spread > Mask.channelTolerance << max(0, stored.bits - 8) || spread > 0 && !stored.isLossy && Self.hasFewColours(stored) {
            plane = .colours
        }
        self.plane = plane
        alphaVariesToo = alphaVaries && plane != .alpha
        constantAlpha = alphaVaries ? nil : stored.alpha?.first.map(Int.init)
        if plane == .colours {
            let found = Self.colours(of: stored)
            bits = stored.bits
            values = []
            colours = found.colours
            isNoisy = found.isNoisy
            notAMask = stored.notAMask(at: place)
            isPicture = found.isPicture
        } else {
            // Colours were handled above; only grey is left here.
            let samples: (values: [UInt16], bits: Int) = (try? stored.maskSamples(plane)) ?? ([], stored.bits)
            bits = samples.bits
            let exact = Self.tally(samples.values, stored.width, stored.height, bits: samples.bits, tolerance: 0)
            isNoisy = (stored.isLossy && plane != .alpha) || exact.count > Self.fewValues
            let range = (exact.last?.value ?? 0) - (exact.first?.value ?? 0)
            let unit = max(1, ((1 << samples.bits) - 1) / 255)
            let tolerance = stored.isLossy ? max((range + 32) / 64, 4 * unit) : (range + 32) / 64
            values =
                isNoisy
                ? Self.coarse(Self.tally(samples.values, stored.width, stored.height, bits: samples.bits, tolerance: tolerance)) : exact
            notAMask = nil
            isPicture = false
            colours = Self.colours(of: values, stored, plane)
        }
    }

    // MARK: Values

    private static func tally(_ samples: [UInt16], _ width: Int, _ height: Int, bits: Int, tolerance: Int) -> [Value] {
        guard width > 0, height > 0, samples.count == width * height else { return [] }
        var tally = [UInt32](repeating: 0, count: 4 << bits), scratch = [UInt16](repeating: 0, count: 2 * width + 4)
        samples.withUnsafeBufferPointer { source in
            scratch.withUnsafeMutableBufferPointer { scratch in
                tally.withUnsafeMutableBufferPointer {
                    vlpx_mask_tally(source.baseAddress, Int64(width), Int64(height), Int32(tolerance), scratch.baseAddress, $0.baseAddress)
                }
            }
        }
        return (0..<(1 << bits)).compactMap { value in
            let others = Int(tally[4 * value]), interior = Int(tally[4 * value + 1]), between = Int(tally[4 * value + 2])
            let count = others + interior + between
            return count > 0 ? Value(value: value, count: count, interior: interior, between: between) : nil
        }
    }

    /// Very many 16-bit values, grouped by their high bytes.
    private static func coarse(_ values: [Value]) -> [Value] {
        guard values.count > 1024 else { return values }
        var coarse: [Value] = []
        for value in values {
            let start = value.value & ~0xFF
            if let last = coarse.last, last.value == start {
                coarse[coarse.count - 1] = last.adding(value)
            } else {
                coarse.append(Value(value: start, count: value.count, interior: value.interior, between: value.between))
            }
        }
        return coarse
    }

    private static func varies(_ values: [UInt16]) -> Bool {
        guard let first = values.first else { return false }
        return values.contains { $0 != first }
    }

    private static func coloursVary(_ stored: StoredSamples) -> Bool {
        let samples = stored.samples
        return samples.withUnsafeBufferPointer { samples in
            for i in 3..<max(3, samples.count) where samples[i] != samples[i - 3] { return true }
            return false
        }
    }

    /// A palette whose indexes say no more than their grey values: a ramp, or a grey picture of many values.
    private static func isGreyPicture(_ stored: StoredSamples, _ palette: [PaletteColour]) -> Bool {
        if stored.isGreyRamp { return true }
        var used = [Bool](repeating: false, count: 1 << stored.bits)
        for index in stored.samples { used[Int(index)] = true }
        let colours = used.indices.filter { used[$0] }.map { StoredSamples.colour(palette, $0) }
        guard colours.count > fewValues, colours.allSatisfy({ $0.spread == 0 }) else { return false }
        return zip(colours, colours.dropFirst()).allSatisfy { $0.red < $1.red }
    }

    /// The colours of a file's values or indexes.
    private static func colours(of values: [Value], _ stored: StoredSamples, _ plane: MaskRule.Plane) -> [Colour] {
        if plane == .alpha {
            return pixelColour(stored).map { [Colour(colour: $0, count: stored.width * stored.height)] } ?? []
        }
        return values.map { value in
            if plane == .indexes, case .palette(let palette) = stored.kind {
                return Colour(colour: StoredSamples.colour(palette, value.value), count: value.count)
            }
            return Colour(colour: MaskColour(value.value, value.value, value.value), count: value.count)
        }
    }

    private static func pixelColour(_ stored: StoredSamples) -> MaskColour? { stored.samples.isEmpty ? nil : stored.maskColour(at: 0) }

    // MARK: Colours

    private static func hasFewColours(_ stored: StoredSamples) -> Bool {
        var seen = Set<MaskColour>()
        var last = MaskColour(-1, -1, -1)
        for pixel in 0..<stored.width * stored.height {
            let colour = stored.maskColour(at: pixel)
            if colour == last { continue }
            last = colour
            if seen.insert(colour).inserted, seen.count > fewValues { return false }
        }
        return true
    }

    private static func colours(of stored: StoredSamples) -> (colours: [Colour], isNoisy: Bool, isPicture: Bool) {
        var counts: [MaskColour: Int] = [:]
        for pixel in 0..<stored.width * stored.height {
            counts[stored.maskColour(at: pixel), default: 0] += 1
            if counts.count > mostColours { break }
        }
        if !stored.isLossy, counts.count <= 4 * fewValues { return (ordered(counts), false, false) }
        // Compression or smoothing: keep the colours that fill flat regions, and assign the colours near them.
        let unit = max(1, stored.maximum / 255), flat = flatColours(stored, tolerance: 12 * unit)
        let total = flat.values.reduce(0, +)
        var centres: [(colour: MaskColour, count: Int, near: Int)] = []
        for (colour, count) in flat.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            func distance(_ other: MaskColour) -> Int {
                max(abs(other.red - colour.red), abs(other.green - colour.green), abs(other.blue - colour.blue))
            }
            if let index = centres.firstIndex(where: { distance($0.colour) <= 40 * unit }) {
                centres[index].count += count
                if distance(centres[index].colour) <= 12 * unit { centres[index].near += count }
            } else {
                centres.append((colour, count, count))
            }
            if centres.count > 1000 { break }
        }
        centres.removeAll { $0.count * 500 < total }
        let isPicture =
            total * 4 < stored.width * stored.height || centres.reduce(0) { $0 + $1.near } * 10 < total * 9 || centres.count > 4 * fewValues
        return (centres.map { Colour(colour: $0.colour, count: $0.count) }, true, isPicture)
    }

    private static func ordered(_ counts: [MaskColour: Int]) -> [Colour] {
        counts.map { Colour(colour: $0.key, count: $0.value) }.sorted { ($1.count, $0.colour) < ($0.count, $1.colour) }
    }

    /// Colours of pixels whose right and lower neighbours equal them within `tolerance`.
    private static func flatColours(_ stored: StoredSamples, tolerance: Int) -> [MaskColour: Int] {
        var counts: [MaskColour: Int] = [:]
        func near(_ one: MaskColour, _ other: MaskColour) -> Bool {
            abs(one.red - other.red) <= tolerance && abs(one.green - other.green) <= tolerance && abs(one.blue - other.blue) <= tolerance
        }
        for row in 0..<stored.height {
            for column in 0..<stored.width {
                let pixel = row * stored.width + column, colour = stored.maskColour(at: pixel)
                if column + 1 < stored.width, !near(colour, stored.maskColour(at: pixel + 1)) { continue }
                if row + 1 < stored.height, !near(colour, stored.maskColour(at: pixel + stored.width)) { continue }
                counts[colour, default: 0] += 1
                if counts.count > 4 * mostColours { return counts }
            }
        }
        return counts
    }
}
