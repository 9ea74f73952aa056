// What is foreground, decided from the values of all masks: two values of any depth, JPEG's noise, smooth edges, labels, palettes, alpha,
// colours, files that disagree. Masks are values made in code; reading them from files is tested with the shards.
import Datasets
import Imaging
import Testing

/// A small generator, the same numbers for the same seed.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

@Suite struct MaskDecisionTests {
    private static let width = 40, height = 30

    /// 1 within a rectangle and an ellipse that depend on the number, else 0.
    private static func shape(_ number: Int) -> [Int] {
        var random = TestRandom(UInt64(number + 1))
        let left = Int.random(in: 2...12, using: &random), top = Int.random(in: 2...8, using: &random)
        return (0..<width * height).map { i in
            let x = i % width, y = i / width
            let inside = x >= left && x < left + 9 && y >= top && y < top + 7 || (x - 28) * (x - 28) + (y - 18) * (y - 18) < 40
            return inside ? 1 : 0
        }
    }

    private static func stored(
        _ values: [Int], bits: Int = 8, kind: SampleKind = .grey, alpha: [Int]? = nil, isLossy: Bool = false
    ) -> StoredSamples {
        StoredSamples(
            width: width, height: height, kind: kind, bits: bits, samples: values.map(UInt16.init), alpha: alpha?.map(UInt16.init),
            isLossy: isLossy, format: .png)
    }

    private static func files(_ all: [StoredSamples]) -> [MaskFile] {
        all.enumerated().map { MaskFile(sample: $0, id: "s\($0)", path: "masks/s\($0).png", census: MaskCensus($1)) }
    }

    private static func decide(_ all: [StoredSamples], _ choice: MaskChoice = .automatic) throws -> MaskDecision {
        try MaskDecision.make(files(all), choice: choice)
    }

    /// The mask that a decision makes of a file, through the rule or the threshold on 8 bits.
    private static func mask(_ stored: StoredSamples, _ reading: MaskReading) throws -> [Int] {
        try (reading.rule ?? .byEightBits(reading.threshold)).binarise(stored).pixels.map(Int.init)
    }

    private static func error(_ all: [StoredSamples], _ choice: MaskChoice = .automatic) -> String {
        do { return "no error: " + (try decide(all, choice).text) } catch { return "\(error)" }
    }

    // MARK: Two values

    @Test(arguments: [1, 2, 4, 8, 16]) func anyTwoValuesAreBackgroundAndForeground(bits: Int) throws {
        var random = TestRandom(UInt64(bits))
        for _ in 0..<12 {
            let low = Int.random(in: 0..<(1 << bits) - 1, using: &random), high = Int.random(in: low + 1..<1 << bits, using: &random)
            for kind in [SampleKind.grey, .colour] {
                let shapes = (0..<4).map(Self.shape)
                let all = shapes.map { shape in
                    let values = shape.map { $0 == 1 ? high : low }
                    return Self.stored(kind == .colour ? values.flatMap { [$0, $0, $0] } : values, bits: bits, kind: kind)
                }
                let decision = try Self.decide(all)
                #expect(decision.problems.isEmpty)
                #expect(decision.text == "values \(low) and \(high), foreground is \(high), in 4 files", "\(bits) bits, \(low), \(high)")
                for (stored, shape) in zip(all, shapes) {
                    #expect(try Self.mask(stored, decision.reading) == shape, "\(bits) bits, \(low), \(high)")
                }
            }
        }
    }

    @Test func randomPixelsAreAMaskToo() throws {
        var random = TestRandom(5)
        let shapes = (0..<3).map { _ in (0..<Self.width * Self.height).map { _ in Int.random(in: 0...1, using: &random) } }
        let all = shapes.map { Self.stored($0.map { $0 * 127 }) }
        let decision = try Self.decide(all)
        for (stored, shape) in zip(all, shapes) { #expect(try Self.mask(stored, decision.reading) == shape) }
        #expect(decision.reading.rule == nil && decision.reading.threshold == 64, "8 bits need no more than a threshold")
    }

    @Test func whatThe8BitThresholdServesStaysAsItWas() throws {
        for (bits, high) in [(8, 255), (8, 200), (1, 1), (16, 65535)] {
            #expect(try Self.decide((0..<3).map { Self.stored(Self.shape($0).map { $0 * high }, bits: bits) }).reading == MaskReading())
        }
        #expect(try Self.decide((0..<3).map { Self.stored(Self.shape($0).map { $0 * 255 }, bits: 16) }).reading.rule != nil)
    }

    @Test func depthsMayDifferWhereTheyAgree() throws {
        let white = Self.stored(Self.shape(0).map { $0 * 255 })
        let others = [Self.stored(Self.shape(1), bits: 1), Self.stored(Self.shape(2).map { $0 * 65535 }, bits: 16)]
        let decision = try Self.decide([white, white] + others)
        #expect(decision.problems.isEmpty && decision.reading == MaskReading())
        let same = try Self.decide([white, white, Self.stored(Self.shape(2).map { $0 * 255 }, bits: 16)])
        #expect(same.problems.isEmpty)
        #expect(try Self.mask(Self.stored(Self.shape(2).map { $0 * 255 }, bits: 16), same.reading) == Self.shape(2))
        #expect(try Self.mask(white, same.reading) == Self.shape(0))
    }

    @Test func emptyMasksFollowTheOthers() throws {
        let empty = [Int](repeating: 0, count: Self.width * Self.height)
        let all = [Self.stored(empty), Self.stored(Self.shape(1)), Self.stored(Self.shape(2)), Self.stored(empty.map { _ in 1 })]
        let decision = try Self.decide(all)
        #expect(decision.problems.isEmpty && decision.text == "values 0 and 1, foreground is 1, in 4 files")
        let report = try decision.report(Self.files(all))
        #expect(report.empty == 1 && report.full == 1)
        let odd = try Self.decide([Self.stored(Self.shape(1)), Self.stored(Self.shape(2)), Self.stored(empty.map { _ in 255 })])
        #expect(odd.problems.map(\.id) == ["s2"] && odd.problems.map(\.kind) == [.maskDiffers])
    }

    // MARK: Noise

    /// The shape with soft edges: the mean over a square.
    private static func smooth(_ shape: [Int], high: Int, reach: Int = 1) -> [Int] {
        (0..<width * height).map { i in
            var sum = 0, count = 0
            for y in max(0, i / width - reach)...min(height - 1, i / width + reach) {
                for x in max(0, i % width - reach)...min(width - 1, i % width + reach) {
                    (sum, count) = (sum + shape[y * width + x], count + 1)
                }
            }
            return sum * high / count
        }
    }

    @Test func smoothEdgesAndNoiseLeaveTheThresholdInTheMiddle() throws {
        #expect(try Self.decide((0..<3).map { Self.stored(Self.smooth(Self.shape($0), high: 255)) }).reading == MaskReading())
        var random = TestRandom(9)
        let noisy = (0..<3).map { number in
            Self.stored(
                Self.shape(number).map { $0 == 1 ? Int.random(in: 247...255, using: &random) : Int.random(in: 0...7, using: &random) },
                isLossy: true)
        }
        #expect(try Self.decide(noisy).reading == MaskReading())
        // MosMed++: three dark levels on the edges, none of which fills a region.
        let dark = (0..<3).map { number in
            let shape = Self.shape(number), soft = Self.smooth(shape, high: 9)
            return Self.stored(zip(shape, soft).map { $0 == 1 ? 255 : [0, 12, 12, 17, 17, 17, 21, 21, 21, 21][$1] })
        }
        let decision = try Self.decide(dark)
        #expect(decision.reading == MaskReading() && decision.text.hasPrefix("values around 0 and 255, foreground from 128"))
        let half = try Self.decide((0..<3).map { Self.stored(Self.smooth(Self.shape($0), high: 120)) })
        #expect(half.reading == MaskReading(threshold: 60))
    }

    @Test(arguments: [30, 50, 75, 95]) func jpegGivesBackTheMask(quality: Int) throws {
        for high in [255, 127] {
            let shapes = (0..<6).map(Self.shape)
            let all = try shapes.map { shape in
                let raster = Raster(width: Self.width, height: Self.height, channels: 1, pixels: shape.map { UInt8($0 * high) })
                let back = try ImageDecoder.decode(try JPEGEncoder.encode(raster, quality: quality)).raster
                return Self.stored(back.pixels.map(Int.init), isLossy: true)
            }
            let decision = try Self.decide(all)
            #expect(decision.problems.isEmpty, "\(decision.problems)")
            #expect(
                decision.reading.rule == nil && abs(Int(decision.reading.threshold) - (high + 1) / 2) <= (high == 255 ? 0 : 4),
                "\(decision.reading)")
            for (stored, shape) in zip(all, shapes) {
                let wrong = zip(try Self.mask(stored, decision.reading), shape).count { $0 != $1 }
                #expect(wrong * 50 < shape.count, "quality \(quality), \(wrong) pixels differ")
            }
        }
    }

    // MARK: Labels

    @Test func labelsAreRefusedWithTheirCounts() throws {
        var random = TestRandom(3)
        for _ in 0..<15 {
            let labels = [0] + (1...255).shuffled(using: &random).prefix(Int.random(in: 2...6, using: &random)).sorted()
            var counts = [Int](repeating: 0, count: labels.count)
            let all = (0..<5).map { number -> StoredSamples in
                var values = Self.shape(number).map { _ in 0 }
                for (index, label) in labels.enumerated().dropFirst() where number == 0 || Bool.random(using: &random) {
                    counts[index] += 1
                    for y in 3...12 { for x in 0..<5 { values[y * Self.width + 2 + 6 * (index - 1) + x] = label } }
                }
                counts[0] += 1
                return Self.stored(values)
            }
            let text = Self.error(all)
            #expect(text.contains("the masks hold \(labels.count) different values: "), "\(labels): \(text)")
            for (label, count) in zip(labels, counts) { #expect(text.contains("\(label) in \(count) file"), "\(labels): \(text)") }
            #expect(text.contains("--mask-values"))
        }
        // Labels 1 and 255, as a border that is to be ignored; random pixels; one label a file; a JPEG's plateaus.
        let border = Self.shape(0).enumerated().map { $1 == 1 ? 1 : $0 % Self.width > 34 ? 255 : 0 }
        #expect(Self.error([Self.stored(border), Self.stored(Self.shape(1))]).contains("0 in 2 files, 1 in 2 files and 255 in 1 file"))
        let scattered = (0..<Self.width * Self.height).map { _ in Int.random(in: 0...2, using: &random) * 100 }
        #expect(Self.error([Self.stored(scattered)]).contains("0 in 1 file, 100 in 1 file and 200 in 1 file"))
        #expect(
            Self.error([1, 1, 2].map { label in Self.stored(Self.shape(label).map { $0 * label }) }).contains(
                "0 in 3 files, 1 in 2 files and 2 in 1 file"))
        let plateaus = zip(Self.shape(0), 0...).map { $0 == 1 ? 255 : $1 % Self.width > 30 && $1 / Self.width > 20 ? 128 : 0 }
        #expect(Self.error([Self.stored(plateaus, isLossy: true)]).contains("different values"))
    }

    @Test func theUserChoosesAmongLabels() throws {
        let values = Self.shape(0).enumerated().map { $1 == 1 ? ($0 % Self.width < 20 ? 1 : 2) : 0 }
        let all = [Self.stored(values), Self.stored(Self.shape(1))]
        let both = try Self.decide(all, .values([1, 2]))
        #expect(try Self.mask(all[0], both.reading) == Self.shape(0))
        #expect(both.text == "values 0, 1 and 2, foreground is 1 and 2 (--mask-values), in 2 files")
        let second = try Self.decide(all, .values([2]))
        #expect(try Self.mask(all[0], second.reading) == values.map { $0 == 2 ? 1 : 0 })
        #expect(Self.error(all, .values([3])) == "--mask-values 3: no mask holds 3; found 0 in 2 files, 1 in 2 files and 2 in 1 file")
        let threshold = try Self.decide(all, .threshold(2))
        #expect(threshold.reading == MaskReading(threshold: 2))
        let deep = try Self.decide([Self.stored(Self.shape(0).map { $0 * 300 }, bits: 16)], .threshold(300))
        #expect(try Self.mask(Self.stored(Self.shape(0).map { $0 * 300 }, bits: 16), deep.reading) == Self.shape(0))
        #expect(Self.error(all, .threshold(300)).contains("masks/s0.png has values of 8 bits, so the largest possible one is 255"))
        let lossy = zip(Self.shape(0), 0...).map {
            ($0 == 1 ? 255 : $1 % Self.width > 30 && $1 / Self.width > 20 ? 128 : 0) - ($1 % 3 == 0 ? 1 : 0)
        }.map { max(0, $0) }
        let middle = try Self.decide([Self.stored(lossy, isLossy: true)], .values([128]))
        #expect(try Self.mask(Self.stored(lossy, isLossy: true), middle.reading) == lossy.map { abs($0 - 128) < 9 ? 1 : 0 })
    }

    // MARK: Palettes, alpha, colours

    private static let palette = [
        PaletteColour(red: 0, green: 0, blue: 0), PaletteColour(red: 128, green: 0, blue: 0), PaletteColour(red: 0, green: 128, blue: 0),
    ]

    @Test func palettesHalfAgainstHalfDisagree() throws {
        let black = PaletteColour(red: 0, green: 0, blue: 0), white = PaletteColour(red: 255, green: 255, blue: 255)
        let all = (0..<4).map { number in
            Self.stored(Self.shape(number).map { number < 2 ? $0 : 1 - $0 }, kind: .palette(number < 2 ? [black, white] : [white, black]))
        }
        let text = "the masks disagree, 2 files against 2"
        #expect(Self.error(all).hasPrefix(text) && Self.error(all, .values([1])).hasPrefix(text), "\(Self.error(all))")
        #expect(Self.error(all).contains("0 (255,255,255)") && Self.error(all).contains("0 (0,0,0)"), "\(Self.error(all))")
        let decision = try Self.decide(all, .colours([MaskColour(255, 255, 255)]))
        for (number, stored) in all.enumerated() { #expect(try Self.mask(stored, decision.reading) == Self.shape(number)) }
        // Of three and one the one is told to go by colours, and is not taken by its index.
        let values = try Self.decide([all[0], all[1], Self.stored(Self.shape(2), kind: .palette([black, white])), all[3]], .values([1]))
        #expect(
            values.problems.map(\.id) == ["s3"] && values.problems[0].reason.contains("--mask-colour"), "\(values.problems.map(\.line))")
    }

    @Test func coloursAreNamedAtEightBits() throws {
        let shapes = (0..<4).map(Self.shape)
        let all = [
            Self.stored(shapes[0], bits: 1), Self.stored(shapes[1].map { $0 * 65535 }, bits: 16), Self.stored(shapes[2].map { $0 * 255 }),
            Self.stored(shapes[3].map { $0 * 15 }, bits: 4),
        ]
        for files in [all, [all[0]], [all[1]], [all[3]]] {
            let white = try Self.decide(files, .colours([MaskColour(255, 255, 255)]))
            #expect(white.problems.isEmpty)
            for stored in files { #expect(try Self.mask(stored, white.reading) == stored.samples.map { $0 > 0 ? 1 : 0 }) }
            let report = try white.report(Self.files(files))
            #expect(report.empty == 0 && report.full == 0)
        }
        // Values that 8 bits would destroy keep their depth.
        let small = Self.stored(shapes[0], bits: 16)
        #expect(try Self.mask(small, try Self.decide([small], .colours([MaskColour(1, 1, 1)])).reading) == shapes[0])
    }

    @Test func paletteIndexesCount() throws {
        let all = (0..<3).map { Self.stored(Self.shape($0), kind: .palette(Self.palette)) }
        let decision = try Self.decide(all)
        #expect(decision.text == "palette indexes 0 and 1, foreground is 1, in 3 files")
        for (number, stored) in all.enumerated() { #expect(try Self.mask(stored, decision.reading) == Self.shape(number)) }
        let two = Self.stored(Self.shape(0).enumerated().map { $1 == 1 ? ($0 % 40 < 20 ? 1 : 2) : 0 }, kind: .palette(Self.palette))
        #expect(Self.error(all + [two]).contains("3 different palette indexes: 0 in 4 files, 1 in 4 files and 2 in 1 file"))
        #expect(try Self.mask(two, Self.decide([two], .values([1, 2])).reading) == Self.shape(0))
        #expect(try Self.mask(two, Self.decide([two], .colours([MaskColour(0, 128, 0)])).reading).contains(1))
        let white = [PaletteColour(red: 0, green: 0, blue: 0), PaletteColour(red: 255, green: 255, blue: 255)]
        let plain = try Self.decide((0..<2).map { Self.stored(Self.shape($0), kind: .palette(white)) })
        #expect(plain.text == "palette indexes 0 and 1, foreground is 1, in 2 files" && plain.reading == MaskReading())
        // A palette of its own order means other things by the same indexes; a bright background is said.
        let turned = try Self.decide(
            (0..<3).map { Self.stored(Self.shape($0), kind: .palette(white)) } + [
                Self.stored(Self.shape(3), kind: .palette(white.reversed()))
            ])
        #expect(
            turned.problems.map(\.kind) == [.maskDiffers]
                && turned.problems[0].reason.contains(
                    "palette indexes 0 (255,255,255) and 1 (0,0,0), but the masks of this dataset hold palette indexes 0 (0,0,0) and 1 (255,255,255)"
                ), "\(turned.problems)")
        let bright = try Self.decide((0..<2).map { Self.stored(Self.shape($0), kind: .palette(white.reversed())) })
        #expect(
            bright.text.hasSuffix(
                "; the background, index 0, is 255,255,255, and index 1 is 0,0,0: --mask-colour 255,255,255 swaps them"),
            "\(bright.text)")
        let ramp = (0...255).map { PaletteColour(red: UInt8($0), green: UInt8($0), blue: UInt8($0)) }
        #expect(
            try Self.decide((0..<2).map { Self.stored(Self.shape($0).map { $0 * 255 }, kind: .palette(ramp)) }).text.hasPrefix(
                "values 0 and 255"))
        // Among grey masks: black and white say the same, colours do not.
        let grey = (0..<3).map { Self.stored(Self.shape($0).map { $0 * 255 }) }
        #expect(try Self.decide(grey + [Self.stored(Self.shape(3), kind: .palette(white))]).problems.isEmpty)
        #expect(try Self.decide(grey + [all[0]]).problems.map(\.kind) == [.maskDiffers])
    }

    @Test func whereOnlyAlphaVariesItIsTheMask() throws {
        for colour in [0, 255] {
            let all = (0..<3).map { number in
                Self.stored(
                    [Int](repeating: colour, count: 3 * Self.width * Self.height), kind: .colour, alpha: Self.shape(number).map { $0 * 255 }
                )
            }
            let decision = try Self.decide(all)
            #expect(decision.text == "the alpha channel, values 0 and 255, foreground is 255, in 3 files")
            for (number, stored) in all.enumerated() { #expect(try Self.mask(stored, decision.reading) == Self.shape(number)) }
        }
        let both = try Self.decide((0..<2).map { Self.stored(Self.shape($0).map { $0 * 255 }, alpha: Self.shape($0 + 5).map { $0 * 255 }) })
        #expect(both.reading == MaskReading() && both.text.hasSuffix("; the alpha channel of 2 files varies too and is not used"))
    }

    private static func coloured(_ shape: [Int], _ colours: [[Int]]) -> StoredSamples {
        stored(shape.flatMap { colours[$0] }, kind: .colour)
    }

    @Test func coloursBesideBlackAreForeground() throws {
        let all = (0..<3).map { Self.coloured(Self.shape($0), [[0, 0, 0], [255, 0, 0]]) }
        let decision = try Self.decide(all)
        #expect(decision.text == "colours 0,0,0 and 255,0,0, foreground is 255,0,0, in 3 files")
        for (number, stored) in all.enumerated() { #expect(try Self.mask(stored, decision.reading) == Self.shape(number)) }
        // Labels in dark colours are no grey, either.
        #expect(try Self.decide([Self.coloured(Self.shape(0), [[0, 0, 0], [1, 0, 0]])]).text.contains("foreground is 1,0,0"))
        let two =
            all + [
                Self.coloured(Self.shape(3).enumerated().map { $1 * (1 + $0 % Self.width / 20) }, [[0, 0, 0], [255, 0, 0], [0, 0, 255]])
            ]
        let text = Self.error(two)
        #expect(text.contains("0,0,0 in 4 files") && text.contains("0,0,255 in 1 file") && text.contains("--mask-colour"), "\(text)")
        let blue = try Self.decide(two, .colours([MaskColour(0, 0, 255)]))
        #expect(try Self.mask(two[0], blue.reading).allSatisfy { $0 == 0 } && Self.mask(two[3], blue.reading).contains(1))
        #expect(
            Self.error(two, .colours([MaskColour(9, 9, 9)])).hasPrefix(
                "--mask-colour 9,9,9: no mask holds that colour; found 0,0,0 in 4 files, "))
        #expect(
            Self.error([Self.coloured(Self.shape(0), [[255, 255, 255], [255, 0, 0]])]).contains("not known which colour is foreground"))
    }

    // MARK: Disagreement

    @Test func aFileThatSaysOtherwiseIsAProblem() throws {
        let white = (0..<4).map { Self.stored(Self.shape($0).map { $0 * 255 }) }
        let odd: [StoredSamples] = [
            Self.stored(Self.shape(5)), Self.stored(Self.shape(5).map { $0 * 127 }), Self.stored(Self.shape(5), bits: 16),
            Self.stored([Int](repeating: 0, count: Self.width * Self.height), alpha: Self.shape(5).map { $0 * 255 }),
        ]
        for file in odd {
            let decision = try Self.decide(white + [file])
            #expect(decision.problems.map(\.id) == ["s4"] && decision.problems.map(\.kind) == [.maskDiffers])
            #expect(
                decision.problems[0].reason.contains("but the masks of this dataset hold values 0 and 255 (4 of 5 files)"),
                "\(decision.problems[0].reason)")
            #expect(decision.text == "values 0 and 255, foreground is 255, in 4 files")
        }
        #expect(try Self.decide(white + [odd[0]]).problems[0].reason.hasPrefix("holds values 0 and 1, "))
        let tie = Self.error(white + (0..<4).map { Self.stored(Self.shape($0)) })
        #expect(tie.hasPrefix("the masks disagree, 4 files against 4: masks/s0.png") && tie.contains("hold values 0 and 1;"), "\(tie)")
    }

    @Test func masksWithoutContrastAreRefused() throws {
        let empty = (0..<3).map { _ in Self.stored([Int](repeating: 0, count: Self.width * Self.height)) }
        func report(_ all: [StoredSamples], _ choice: MaskChoice = .automatic) -> String {
            do { return "no error: \(try Self.decide(all, choice).report(Self.files(all)))" } catch { return "\(error)" }
        }
        #expect(report(empty).hasPrefix("all 3 masks are empty: they hold 0 in 3 files; nothing can be learned"), "\(report(empty))")
        #expect(
            report(empty.map { _ in Self.stored([Int](repeating: 255, count: Self.width * Self.height)) }).contains("foreground throughout")
        )
        #expect(report((0..<3).map { Self.stored(Self.shape($0)) }, .threshold(128)).contains("they hold 0 in 3 files and 1 in 3 files"))
        let area = Self.width * Self.height, mixed = empty + [Self.stored([Int](repeating: 255, count: area))]
        #expect(
            report(mixed).hasPrefix("all 4 masks are empty or foreground throughout: they hold 0 in 3 files and 255 in 1 file"),
            "\(report(mixed))")
        // Grey pictures, whose values lie anywhere, are no masks.
        let grey = (0..<3).map { number in
            Self.stored((0..<area).map { 60 + ($0 % Self.width * 3 + $0 / Self.width * 2 + number * 5) % 150 + $0 % 7 })
        }
        #expect(report(grey).contains("or were images given as masks?"), "\(report(grey))")
        let jpegs = (0..<3).map { number in Self.stored((0..<Self.width * Self.height).map { ($0 * 7 + number) % 3 }, isLossy: true) }
        #expect(report(jpegs).contains("all 3 masks are empty"))
    }
}
