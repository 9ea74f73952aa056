// The foreground if the user chooses it, or if masks are in colour. Choosing a value that no file holds is an error that lists the values
// found.
import Imaging

extension MaskDecision {
    mutating func take(threshold: Int, _ files: [MaskFile]) throws(DatasetError) {
        let good = leavingOutColours(files)
        guard !good.isEmpty else { return }
        let plane: MaskRule.Plane = good.count { $0.census.plane == .alpha } * 2 > good.count ? .alpha : .values
        let usable = leavingOut(good, plane)
        let depths = Set(usable.flatMap { ($0.seen(plane) ?? []).map(\.bits) })
        if let shallow = usable.first(where: { $0.bits <= 8 && threshold > 255 }) {
            throw .maskChoice(
                option: "mask-threshold \(threshold)",
                reason: "\(shallow.path) has values of \(shallow.bits) bits, so the largest possible one is \(shallow.maximum)")
        }
        text = "foreground from \(threshold) (--mask-threshold), in \(Words.files(usable.count))"
        if plane == .values, depths.allSatisfy({ $0 <= 8 }) {
            reading = MaskReading(threshold: UInt8(threshold))
            return
        }
        // Values of fewer than 8 bits are scaled to 0...255, as everywhere.
        let thresholds = depths.map { bits -> (Int, Int) in
            let maximum = (1 << bits) - 1
            return (bits, bits >= 8 ? threshold : (threshold * maximum + 254) / 255)
        }
        reading = MaskReading(
            threshold: threshold <= 255 ? UInt8(threshold) : 128,
            rule: MaskRule(plane: plane, thresholds: Dictionary(uniqueKeysWithValues: thresholds)))
    }

    mutating func take(values: [Int], _ files: [MaskFile]) throws(DatasetError) {
        let good = leavingOutColours(files)
        guard !good.isEmpty else { return }
        let plane: MaskRule.Plane =
            good.count { $0.census.plane == .alpha } * 2 > good.count
            ? .alpha : good.contains { $0.census.plane == .indexes } ? .indexes : .values
        var usable = leavingOut(good, plane)
        if plane == .indexes {
            if let (first, second) = IndexColours.rivals(usable) {
                throw .masksDisagree(first.map(\.path), first[0].contentText, second.map(\.path), second[0].contentText)
            }
            let palette = IndexColours(usable), others = usable.filter(palette.contradicts)
            problems += others.map {
                .maskDiffers(
                    $0, others: palette.sentence, count: usable.count - others.count, of: usable.count,
                    options: "--mask-colour, because this file's palette gives the same indexes other colours")
            }
            usable.removeAll(where: palette.contradicts)
        }
        let wanted = Set(values).sorted()
        let what = plane == .indexes ? "palette indexes" : plane == .alpha ? "alpha values" : "values"
        let found: [Int]
        var rule = MaskRule(plane: plane, values: wanted)
        if usable.contains(where: \.census.isNoisy), usable.allSatisfy({ $0.bits <= 8 }), plane != .indexes {
            let plateaus = Self.plateaus(MaskCensus.merged(usable.map(\.census.values)))
            found = plateaus
            func nearest(_ value: Int) -> Int? { plateaus.min { (abs($0 - value), $0) < (abs($1 - value), $1) } }
            let chosen = Set(wanted.compactMap { value in nearest(value).flatMap { abs($0 - value) <= 12 ? $0 : nil } })
            if let missing = wanted.first(where: { value in nearest(value).map { abs($0 - value) > 12 } ?? true }) {
                throw .maskChoice(
                    option: "mask-values \(missing)",
                    reason: "no mask has regions of \(missing); found regions around \(Words.list(plateaus.map { "\($0)" }, limit: 20))")
            }
            rule.values = (0...255).filter { nearest($0).map(chosen.contains) ?? false }
        } else {
            found = Set(usable.flatMap { ($0.seen(plane) ?? []).map(\.value) }).sorted()
            if let missing = wanted.first(where: { !found.contains($0) }) {
                throw .maskChoice(
                    option: "mask-values \(missing)",
                    reason: "no mask holds \(missing); found \(Words.list(Self.fileCounts(usable), limit: 20))")
            }
        }
        settle(rule, usable)
        text =
            "\(what) \(Words.list(found.map { "\($0)" }, limit: 12)), foreground is \(Words.list(wanted.map { "\($0)" }, limit: 12)) "
            + "(--mask-values), in \(Words.files(usable.count))"
    }

    mutating func take(colours: [MaskColour], _ files: [MaskFile]) throws(DatasetError) {
        let pictures = files.filter(\.census.isPicture)
        problems += pictures.map(SampleProblem.maskNotGrey)
        let usable = files.filter { !$0.census.isPicture }
        // Users name colours with 8 bits per channel. Colours of deeper files are compared at 8 bits if that loses nothing.
        let isEightBit = usable.contains { $0.colourBits != 8 } && usable.allSatisfy(\.hasEightBitColours)
        let found = Self.regions(usable, eightBit: isEightBit), isNoisy = usable.contains(where: \.census.isNoisy)
        let reach = isNoisy ? 40 * (isEightBit ? 1 : Self.unit(usable)) : 0
        func match(_ colour: MaskColour) -> MaskColour? {
            let nearest = found.map(\.colour).min { ($0.squaredDistance(to: colour), $0) < ($1.squaredDistance(to: colour), $1) }
            return nearest.flatMap { $0.isWithin(reach, of: colour) ? $0 : nil }
        }
        // Compression may blur small regions, so that no region is filled with the colour. In that case the user's choice is taken.
        if !isNoisy, let missing = colours.first(where: { match($0) == nil }) {
            throw .maskChoice(
                option: "mask-colour \(missing.text)",
                reason: "no mask holds that colour; found \(Words.list(found.map(Self.line), limit: 20))")
        }
        let chosen = Set(colours.map { match($0) ?? $0 }).sorted()
        let others = found.map(\.colour).filter { !chosen.contains($0) }.sorted()
        reading = MaskReading(
            rule: MaskRule(plane: .colours, colours: chosen, otherColours: others.isEmpty ? nil : others, colourBits: isEightBit ? 8 : nil))
        text =
            "colours \(Words.list(found.map(\.colour).sorted().map(\.text), limit: 12)), foreground is "
            + "\(Words.list(chosen.map(\.text), limit: 12)) (--mask-colour), in \(Words.files(usable.count))"
    }

    /// Masks in colour without a choice by the user: of two colours, one of them black, the other is foreground.
    mutating func decideColours(_ files: [MaskFile]) throws(DatasetError) {
        let found = Self.regions(files), unit = Self.unit(files)
        let dark = files.contains(where: \.census.isNoisy) ? 24 * unit : 0
        let black = found.filter { max($0.colour.red, $0.colour.green, $0.colour.blue) <= dark }.map(\.colour),
            others = found.map(\.colour).filter { !black.contains($0) }
        guard !black.isEmpty, others.count == 1, let colour = others.first else {
            throw .maskColours(found: found.map(Self.line), files: files.count)
        }
        reading = MaskReading(rule: MaskRule(plane: .colours, colours: [colour], otherColours: black.sorted()))
        text =
            "colours \(Words.list((black + [colour]).map(\.text), limit: 12)), foreground is \(colour.text), in \(Words.files(files.count))"
    }

    // MARK: Parts

    private mutating func leavingOutColours(_ files: [MaskFile]) -> [MaskFile] {
        problems += files.filter { $0.census.plane == .colours }.map(SampleProblem.maskNotGrey)
        return files.filter { $0.census.plane != .colours }
    }

    /// The files that have the plane; the others are problems.
    private mutating func leavingOut(_ files: [MaskFile], _ plane: MaskRule.Plane) -> [MaskFile] {
        let others = files.filter { $0.seen(plane) == nil }
        let count = files.count - others.count
        problems += others.map {
            plane == .values && $0.census.plane == .indexes
                ? .maskNotGrey($0)
                : .maskDiffers($0, others: plane == .alpha ? "the alpha channel" : "grey values", count: count, of: files.count)
        }
        return files.filter { $0.seen(plane) != nil }
    }

    /// Values around which flat regions lie.
    static func plateaus(_ values: [MaskCensus.Value]) -> [Int] {
        let total = values.reduce(0) { $0 + $1.interior }
        var found: [(value: Int, count: Int)] = []
        for value in values.sorted(by: { ($1.interior, $0.value) < ($0.interior, $1.value) }) where value.interior > 0 {
            if let index = found.firstIndex(where: { abs($0.value - value.value) <= 12 }) {
                found[index].count += value.interior
            } else {
                found.append((value.value, value.interior))
            }
        }
        return found.filter { $0.count * 1000 >= total }.map(\.value).sorted()
    }

    struct Region {
        let colour: MaskColour
        var files: Int
    }

    /// The colours of all regions with the number of files that hold each, the most frequent first. Noise around a colour counts as that
    /// colour.
    static func regions(_ files: [MaskFile], eightBit: Bool = false) -> [Region] {
        let reach = files.contains(where: \.census.isNoisy) ? 40 * (eightBit ? 1 : unit(files)) : 0
        var counts: [MaskColour: (pixels: Int, files: Set<String>)] = [:]
        for file in files {
            for colour in file.census.colours
            where !file.census.isNoisy || file.census.plane == .colours || colour.count * 100 >= file.census.pixels {
                let shown = eightBit ? colour.colour.eightBit(from: file.colourBits) : colour.colour
                counts[shown, default: (0, [])].pixels += colour.count
                counts[shown, default: (0, [])].files.insert(file.path)
            }
        }
        var regions: [(colour: MaskColour, files: Set<String>)] = []
        for (colour, count) in counts.sorted(by: { ($1.value.pixels, $0.key) < ($0.value.pixels, $1.key) }) {
            if let index = regions.firstIndex(where: { $0.colour.isWithin(reach, of: colour) }) {
                regions[index].files.formUnion(count.files)
            } else {
                regions.append((colour, count.files))
            }
        }
        return regions.map { Region(colour: $0.colour, files: $0.files.count) }
    }

    /// One step of 8 bits at the files' depth.
    private static func unit(_ files: [MaskFile]) -> Int { max(1, (files.map(\.maximum).max() ?? 255) / 255) }

    private static func line(_ region: Region) -> String { "\(region.colour.text) in \(Words.files(region.files))" }
}

extension MaskColour {
    func isWithin(_ reach: Int, of other: MaskColour) -> Bool {
        abs(red - other.red) <= reach && abs(green - other.green) <= reach && abs(blue - other.blue) <= reach
    }
}
