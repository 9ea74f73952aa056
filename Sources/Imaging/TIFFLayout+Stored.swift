// The samples of a TIFF page at their own depth, before they are turned upright: for masks. Invariants: those of TIFFLayout. 0 is black,
// even if the file stores white as 0. Colours that the file stores multiplied by alpha are divided by it.

extension TIFFLayout {
    func storedSamples(from rows: [UInt8], colourMap: [UInt16]) -> StoredSamples {
        if meaning == .cmyk {
            return StoredSamples(
                raster(from: rows, colourMap: colourMap), isLossy: isLossy, format: .tiff, notes: notes.filter { !Self.isOfReduction($0) })
        }
        let maximum = UInt16(truncatingIfNeeded: (1 << bits) - 1), flip = meaning == .whiteIsZero ? maximum : 0
        var values = self.values(rows, of: 0..<colourSamples).map { $0 ^ flip }
        let alpha = alphaSample.map { self.values(rows, of: $0..<$0 + 1) }
        if isPremultiplied, let alpha {
            for i in values.indices {
                let opacity = Int(alpha[i / colourSamples])
                values[i] = opacity == 0 ? 0 : UInt16(min(Int(maximum), Int(values[i]) * Int(maximum) / opacity))
            }
        }
        let kind: SampleKind = meaning == .palette ? .palette(palette(colourMap)) : meaning == .rgb ? .colour : .grey
        return StoredSamples(
            width: width, height: height, kind: kind, bits: bits, samples: values, alpha: alpha, isLossy: isLossy, format: .tiff,
            notes: notes.filter { !Self.isOfReduction($0) })
    }

    /// Whether the note is about the reduction to 8 bits or about alpha, which stored samples keep.
    private static func isOfReduction(_ note: DecodeNote) -> Bool {
        switch note {
        case .reducedFrom16Bit, .scaledFromBits, .paletteExpanded, .alphaDropped: true
        default: false
        }
    }

    private func values(_ rows: [UInt8], of range: Range<Int>) -> [UInt16] {
        var values = [UInt16](repeating: 0, count: width * height * range.count)
        rows.withUnsafeBytes { raw in
            let source = raw.bindMemory(to: UInt8.self)
            values.withUnsafeMutableBufferPointer { target in
                for c in range {
                    forEachSample(c) { at, line, index in
                        let value: UInt16
                        switch bits {
                        case 8: value = UInt16(source[line + index])
                        case 16: value = raw.loadUnaligned(fromByteOffset: line + 2 * index, as: UInt16.self)
                        default: value = UInt16(packed(source, line: line, index: index))
                        }
                        target[at * range.count + c - range.lowerBound] = value
                    }
                }
            }
        }
        return values
    }
}
