// What is foreground in a dataset's masks: the user's choice, or what the values of all files together suggest. One rule for all files;
// files that contradict it are problems. Not for applying the rule (Imaging's MaskRule).
// Invariant: a pure function of the files' censuses in their order; nothing depends on threads.
import Imaging

package struct MaskDecision {
    package var reading = MaskReading()
    /// For MaskReport.
    package var text = ""
    package var problems: [SampleProblem] = []

    package static func make(_ files: [MaskFile], choice: MaskChoice) throws(DatasetError) -> MaskDecision {
        guard !files.isEmpty else { return MaskDecision(text: "none") }
        var decision = MaskDecision()
        switch choice {
        case .automatic: try decision.decide(files)
        case .threshold(let threshold): try decision.take(threshold: threshold, files)
        case .values(let values): try decision.take(values: values, files)
        case .colours(let colours): try decision.take(colours: colours, files)
        }
        let alpha = files.count { $0.census.alphaVariesToo }
        if alpha > 0 { decision.text += "; the alpha channel of \(Words.files(alpha)) varies too and is not used" }
        return decision
    }

    // MARK: By the values themselves

    /// Files of one bit depth that have the same poles.
    private struct Group {
        let bits: Int
        let poles: MaskPoles
        var files: [MaskFile]
    }

    private mutating func decide(_ all: [MaskFile]) throws(DatasetError) {
        let pictures = all.filter { $0.opinion == .picture }
        problems += pictures.map(SampleProblem.maskNotGrey)
        let files = all.filter { $0.opinion != .picture }
        guard !files.isEmpty else { return }
        let speaking = files.filter { $0.opinion != .none }
        let plane = try leadingPlane(speaking.isEmpty ? files : speaking)
        if plane == .colours { return try decideColours(files) }
        let own = speaking.filter { $0.census.plane == plane }
        guard !own.isEmpty else { return try decideConstants(files, plane) }
        if plane == .indexes, let (first, second) = IndexColours.rivals(own) {
            throw .masksDisagree(first.map(\.path), first[0].contentText, second.map(\.path), second[0].contentText)
        }
        var groups: [Group] = []
        for strong in [true, false] where groups.isEmpty {
            for file in own {
                guard case .poles(let poles) = file.opinion, poles.isWeak != strong else { continue }
                if let index = groups.firstIndex(where: { $0.bits == file.bits && $0.poles.isNear(poles) && poles.isNear($0.poles) }) {
                    groups[index].files.append(file)
                } else {
                    groups.append(Group(bits: file.bits, poles: poles, files: [file]))
                }
            }
        }
        let most = groups.map(\.files.count).max() ?? 0
        let leader = groups.first { $0.files.count == most }
        try refuseLabels(own, files.filter { $0.census.plane == plane }, groups, leader, plane)
        guard let leader else { return }
        let poles = merged(leader, plane)
        var rule = MaskRule(plane: plane, thresholds: [leader.bits: poles.threshold])
        if plane == .indexes { rule = MaskRule(plane: plane, values: [poles.high]) }
        for group in groups where group.bits != leader.bits { rule.adopt(group.poles, bits: group.bits, from: poles, leader.bits) }
        for file in files where rule.thresholds != nil {
            for seen in file.seen(plane) ?? [] where rule.thresholds?[seen.bits] == nil {
                rule.adopt(value: seen.value, bits: seen.bits, from: poles, leader.bits)
            }
        }
        let palette = plane == .indexes ? IndexColours(files) : nil
        let dissenters = files.filter { !agrees($0, rule, poles, leader.bits) || palette?.contradicts($0) == true }
        let rivals = groups.filter { group in
            group.files.count == most && group.files[0].path != leader.files[0].path
                && group.files.contains { file in dissenters.contains { $0.path == file.path } }
        }
        if let rival = rivals.first {
            throw .masksDisagree(leader.files.map(\.path), leader.files[0].contentText, rival.files.map(\.path), rival.files[0].contentText)
        }
        problems += dissenters.map { file in
            file.census.plane == .colours
                ? .maskNotGrey(file)
                : .maskDiffers(
                    file, others: palette?.sentence ?? sentence(poles, plane), count: leader.files.count, of: all.count,
                    options: palette?.contradicts(file) == true
                        ? "--mask-colour, because this file's palette gives the same indexes other colours"
                        : "--mask-threshold or --mask-values")
        }
        settle(rule, files)
        text =
            sentence(poles, plane) + ", "
            + (poles.isExact || plane == .indexes ? "foreground is \(poles.high)" : "foreground from \(poles.threshold)")
            + ", in \(Words.files(files.count - dissenters.count))"
        // Index 0 is background whatever its colour. This may surprise if it is the brighter colour, so the text says it.
        if let palette, let ground = palette[poles.low], let front = palette[poles.high], ground.grey > front.grey {
            text +=
                "; the background, index \(poles.low), is \(ground.text), and index \(poles.high) is \(front.text): --mask-colour "
                + "\(ground.text) swaps them"
        }
    }

    private func leadingPlane(_ files: [MaskFile]) throws(DatasetError) -> MaskRule.Plane {
        let planes: [MaskRule.Plane] = [.values, .indexes, .alpha, .colours]
        let counts = planes.map { plane in files.count { $0.census.plane == plane } }
        let most = counts.max() ?? 0
        let leaders = planes.indices.filter { counts[$0] == most }.map { planes[$0] }
        if leaders.count > 1 {
            let parts = leaders.map { plane in files.filter { $0.census.plane == plane } }
            throw .masksDisagree(parts[0].map(\.path), parts[0][0].contentText, parts[1].map(\.path), parts[1][0].contentText)
        }
        return leaders[0]
    }

    /// If masks hold several labels, the user must choose. A few noisy files among clean ones are reported as different files instead.
    private func refuseLabels(
        _ own: [MaskFile], _ all: [MaskFile], _ groups: [Group], _ leader: Group?, _ plane: MaskRule.Plane
    ) throws(DatasetError) {
        let labelled = own.filter { $0.opinion == .labels }
        let strays =
            leader.map { leader in
                leader.poles.isExact && labelled.allSatisfy(\.census.isNoisy) && labelled.count < leader.files.count
                    || labelled.count * 20 < leader.files.count
            } ?? false
        if !labelled.isEmpty, !strays { throw labels(all, plane) }
        guard let leader, leader.poles.isExact, plane == .indexes || leader.poles.high < (1 << leader.bits) - 1 else { return }
        let others = groups.filter {
            $0.bits == leader.bits && $0.poles.isExact && $0.poles.low == leader.poles.low && $0.poles.high != leader.poles.high
                && (plane == .indexes || $0.poles.high < (1 << leader.bits) - 1)
        }
        if !others.isEmpty { throw labels(all, plane) }
    }

    private func labels(_ files: [MaskFile], _ plane: MaskRule.Plane) -> DatasetError {
        let what = plane == .indexes ? "palette indexes" : plane == .alpha ? "alpha values" : "values", values = Self.fileCounts(files)
        let plateaus = Self.plateauCounts(files)
        if values.count > MaskCensus.fewValues, (3...2 * MaskCensus.fewValues).contains(plateaus.count) {
            return .maskLabels(what: what + " apart from noise", found: plateaus, files: files.count)
        }
        return .maskLabels(what: what, found: values, files: files.count)
    }

    /// Each value with the number of files that hold it, in ascending order.
    static func fileCounts(_ files: [MaskFile]) -> [String] {
        var counts: [Int: Int] = [:]
        for file in files { for value in file.census.values { counts[value.value, default: 0] += 1 } }
        return counts.sorted { $0.key < $1.key }.map { "\($0.key) in \(Words.files($0.value))" }
    }

    /// The same for the values around which flat regions lie.
    private static func plateauCounts(_ files: [MaskFile]) -> [String] {
        plateaus(MaskCensus.merged(files.map(\.census.values))).map { plateau in
            let count = files.count { $0.census.values.contains { abs($0.value - plateau) <= 12 && $0.interior > 0 } }
            return "\(plateau) in \(Words.files(count))"
        }
    }

    private func merged(_ group: Group, _ plane: MaskRule.Plane) -> MaskPoles {
        if group.files.allSatisfy({ $0.opinion == .poles(group.poles) && (group.poles.isExact || !$0.census.isNoisy) }) {
            return group.poles
        }
        return MaskPoles.noisy(MaskCensus.merged(group.files.map(\.census.values)), bits: group.bits)
    }

    private func sentence(_ poles: MaskPoles, _ plane: MaskRule.Plane) -> String {
        let what =
            switch plane {
            case .alpha: "the alpha channel, values"
            case .indexes: "palette indexes"
            default: "values"
            }
        return "\(what) \(poles.isExact ? "" : "around ")\(poles.low) and \(poles.high)"
    }

    /// Whether the rule gives the same mask as the file's own values.
    private func agrees(_ file: MaskFile, _ rule: MaskRule, _ poles: MaskPoles, _ bits: Int) -> Bool {
        guard let seen = file.seen(rule.plane) else { return false }
        switch file.opinion {
        case .labels, .colours, .picture: return false
        case .poles(let own):
            if file.census.plane == rule.plane, file.bits == bits {
                return own.isWeak || rule.values != nil ? agrees(seen, rule, own) : poles.isNear(own) && own.isNear(poles)
            }
            return agrees(seen, rule, own)
        case .none:
            return seen.allSatisfy { rule.isNearPole($0.value, bits: $0.bits, poles, bits, isNoisy: file.census.isNoisy || !poles.isExact) }
        }
    }

    private func agrees(_ seen: [MaskFile.Seen], _ rule: MaskRule, _ own: MaskPoles) -> Bool {
        if own.isWeak { return seen.first.map { !rule.isForeground($0.value, bits: $0.bits) } ?? true }
        return seen.allSatisfy { rule.isForeground($0.value, bits: $0.bits) == ($0.own >= own.threshold) }
    }

    /// All files hold one value, or noise around one.
    private mutating func decideConstants(_ files: [MaskFile], _ plane: MaskRule.Plane) throws(DatasetError) {
        let own = files.filter { $0.census.plane == plane }
        let values = Set(own.flatMap { $0.census.values.map(\.value) }).sorted()
        guard let low = values.first, let high = values.last, !own.contains(where: \.census.isNoisy), values.count <= 2,
            own.count == files.count
        else {
            text = "no two values, foreground from 128, in \(Words.files(files.count))"
            return
        }
        let poles = MaskPoles(low: low, high: high, isExact: true)
        if values.count == 2, own.allSatisfy({ $0.bits == own[0].bits }) {
            settle(
                plane == .indexes
                    ? MaskRule(plane: plane, values: [high]) : MaskRule(plane: plane, thresholds: [own[0].bits: poles.threshold]), files)
            text = sentence(poles, plane) + ", foreground is \(high), in \(Words.files(files.count))"
        } else {
            text = "only the value \(low), in \(Words.files(files.count))"
        }
    }

    /// Records the rule as a threshold on 8 bits where that gives the same masks.
    mutating func settle(_ rule: MaskRule, _ files: [MaskFile]) {
        func isServed(by threshold: Int) -> Bool {
            files.allSatisfy { file in
                guard let seen = file.seen(rule.plane), let reduced = file.seenByThreshold(), seen.count == reduced.count else {
                    return false
                }
                return zip(seen, reduced).allSatisfy { rule.isForeground($0.value, bits: $0.bits) == ($1.value >= threshold) }
            }
        }
        let own = rule.plane == .values ? rule.thresholds?[8].flatMap { (1...255).contains($0) ? $0 : nil } : nil
        for threshold in [128, own] {
            if let threshold, isServed(by: threshold) {
                reading = MaskReading(threshold: UInt8(threshold))
                return
            }
        }
        reading = MaskReading(rule: rule)
    }
}

extension MaskPoles {
    static func noisy(_ values: [MaskCensus.Value], bits: Int) -> MaskPoles { MaskOpinion.noisyPoles(values, bits: bits) }
}

extension MaskRule {
    /// The threshold for another bit depth, whose files hold the same two values, or black and white as the leading files do.
    fileprivate mutating func adopt(_ poles: MaskPoles, bits: Int, from leading: MaskPoles, _ leadingBits: Int) {
        guard thresholds != nil, thresholds?[bits] == nil else { return }
        let maximum = (1 << bits) - 1
        if leading.isWhole((1 << leadingBits) - 1), poles.isWhole(maximum) {
            thresholds?[bits] = (maximum + 1) / 2
        } else {
            thresholds?[bits] = leading.threshold
        }
    }

    /// The same for a bit depth whose files hold only one value each.
    fileprivate mutating func adopt(value: Int, bits: Int, from leading: MaskPoles, _ leadingBits: Int) {
        let maximum = (1 << bits) - 1, isWhole = leading.isWhole((1 << leadingBits) - 1)
        if isWhole, value == maximum || value == 0 && leading.high > maximum {
            thresholds?[bits] = (maximum + 1) / 2
        } else {
            thresholds?[bits] = leading.threshold
        }
    }

    /// Whether the value of a file with only one value is that of background or foreground.
    fileprivate func isNearPole(_ value: Int, bits: Int, _ poles: MaskPoles, _ leadingBits: Int, isNoisy: Bool) -> Bool {
        if let values { return value == 0 || values.contains(value) }
        let allowed = isNoisy ? (poles.high - poles.low) / 8 : 0
        func isNear(_ low: Int, _ high: Int, _ allowed: Int) -> Bool { abs(value - low) <= allowed || abs(value - high) <= allowed }
        if isNear(poles.low, poles.high, allowed) { return true }
        let maximum = (1 << bits) - 1
        return bits != leadingBits && poles.isWhole((1 << leadingBits) - 1) && isNear(0, maximum, isNoisy ? maximum / 8 : 0)
    }
}
