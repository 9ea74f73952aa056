// Selects the stored samples that a mask is read from: grey values, palette indexes, alpha or colours. Not for their meaning (MaskRule).

extension StoredSamples {
    /// Whether the palette is a grey ramp, entry for entry; its indexes then are grey values.
    package var isGreyRamp: Bool {
        guard case .palette(let colours) = kind else { return false }
        let maximum = self.maximum
        return colours.enumerated().allSatisfy { index, colour in
            colour.red == colour.green && colour.red == colour.blue && Int(colour.red) == index * 255 / max(1, min(maximum, 255))
        }
    }

    /// The values that a rule uses, one per pixel.
    package func maskSamples(_ plane: MaskRule.Plane) throws(ImagingError) -> (values: [UInt16], bits: Int) {
        switch plane {
        case .alpha:
            guard let alpha else { throw .noMaskRule(found: "no alpha channel", wanted: "a mask in the alpha channel") }
            return (alpha, alphaBits)
        case .indexes:
            return kind == .colour ? (try greyOfColours(), bits) : (samples, bits)
        case .values, .colours:
            switch kind {
            case .grey: return (samples, bits)
            case .colour: return (try greyOfColours(), bits)
            case .palette(let colours): return isGreyRamp ? (samples, bits) : (try greyOfPalette(colours), 8)
            }
        }
    }

    /// Palettes state transparency in 8 bits, whatever the depth of their indexes.
    package var alphaBits: Int { if case .palette = kind { 8 } else { bits } }

    /// Bits of a channel of `maskColour`.
    package var colourBits: Int {
        if case .palette = kind { 8 } else { bits }
    }

    package func maskColour(at pixel: Int) -> MaskColour {
        switch kind {
        case .grey:
            let value = Int(samples[pixel])
            return MaskColour(value, value, value)
        case .colour:
            return MaskColour(Int(samples[3 * pixel]), Int(samples[3 * pixel + 1]), Int(samples[3 * pixel + 2]))
        case .palette(let colours):
            return Self.colour(colours, Int(samples[pixel]))
        }
    }

    package static func colour(_ palette: [PaletteColour], _ index: Int) -> MaskColour {
        guard index < palette.count else { return MaskColour(0, 0, 0) }
        return MaskColour(Int(palette[index].red), Int(palette[index].green), Int(palette[index].blue))
    }

    /// The largest difference between a pixel's channels, at 8 bits, and the first pixel that has it.
    package var channelSpread: (spread: Int, pixel: Int) {
        guard kind == .colour else { return (0, 0) }
        var worst = 0, place = 0
        samples.withUnsafeBufferPointer { samples in
            for pixel in 0..<width * height {
                let red = samples[3 * pixel], green = samples[3 * pixel + 1], blue = samples[3 * pixel + 2]
                let spread = Int(max(red, green, blue)) - Int(min(red, green, blue))
                if spread > worst { (worst, place) = (spread, pixel) }
            }
        }
        return (worst, place)
    }

    /// The error for colours in place of a mask.
    package func notAMask(at pixel: Int) -> ImagingError {
        let colour = maskColour(at: pixel), shift = max(0, bits - 8)
        func byte(_ value: Int) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) }
        return .notAMask(
            red: byte(colour.red), green: byte(colour.green), blue: byte(colour.blue), row: pixel / max(1, width),
            column: pixel % max(1, width),
            tolerance: Mask.channelTolerance)
    }

    /// Grey at the file's own depth; the channels may differ as much as JPEG changes grey.
    private func greyOfColours() throws(ImagingError) -> [UInt16] {
        let (spread, pixel) = channelSpread
        if spread > Mask.channelTolerance << max(0, bits - 8) { throw notAMask(at: pixel) }
        return [UInt16](unsafeUninitializedCapacity: width * height) { target, count in
            samples.withUnsafeBufferPointer { source in
                for i in 0..<width * height {
                    if spread == 0 {
                        target[i] = source[3 * i]
                    } else {
                        let red = UInt64(source[3 * i]) * 19595, green = UInt64(source[3 * i + 1]) * 38470,
                            blue = UInt64(source[3 * i + 2]) * 7471
                        target[i] = UInt16(truncatingIfNeeded: (red + green + blue + 0x8000) >> 16)
                    }
                }
            }
            count = width * height
        }
    }

    private func greyOfPalette(_ colours: [PaletteColour]) throws(ImagingError) -> [UInt16] {
        var greys = [UInt16](repeating: 0, count: 1 << bits)
        var coloured = [Bool](repeating: false, count: 1 << bits)
        for index in greys.indices {
            let colour = Self.colour(colours, index)
            greys[index] = UInt16(colour.grey)
            coloured[index] = colour.spread > Mask.channelTolerance
        }
        if let pixel = samples.firstIndex(where: { coloured[Int($0)] }) { throw notAMask(at: pixel) }
        return samples.map { greys[Int($0)] }
    }
}

extension MaskColour {
    /// The same formula as in `Raster.converted(toChannels: 1)`.
    package var grey: Int { (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16 }
    package var spread: Int { max(red, green, blue) - min(red, green, blue) }
}
