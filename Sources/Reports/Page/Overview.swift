// The top of a dataset's page: its size in a few numbers, and the findings, the most serious first.
import Statistics

enum Overview {
    static func html(_ statistics: DatasetStatistics, prefix: String) -> String {
        let all = statistics.all
        let numbers = [
            (String(all.samples), "samples"),
            ("\(statistics.train.samples) / \(statistics.val.samples) / \(statistics.test.samples)", "train / val / test"),
            (size(all), all.sizes.count == 1 ? "pixels" : "sizes"),
            (all.colour == 0 ? "grey" : all.grey == 0 ? "colour" : "mixed", "images"),
            (all.masks.foreground.map { Markup.percent($0.mean) } ?? "-", "foreground, mean"),
            (all.masks.lesions.map { Markup.number($0.mean) } ?? "-", "lesions per image"),
            statistics.hasCaptions ? (String(all.captions.distinct), "distinct captions") : ("none", "captions"),
        ]
        let boxes = numbers.map { "<div class=number><b>\($0.0)</b><span>\($0.1)</span></div>" }.joined()
        let items = findings(statistics).map { "<li class=\($0.level)>\($0.text) <a href=\"#\(prefix)\($0.section)\">see</a></li>" }
            .joined()
        return "<div class=numbers-row>\(boxes)</div><ul class=findings>\(items)</ul>\n"
    }

    private static func size(_ part: PartStatistics) -> String {
        part.sizes.count == 1 ? (part.sizes.keys.first ?? "").replacing("x", with: "×") : String(part.sizes.count)
    }

    private static func findings(_ statistics: DatasetStatistics) -> [(level: String, text: String, section: String)] {
        let all = statistics.all, captions = all.captions, agreement = captions.agreement
        var found: [(level: String, text: String, section: String)] = []
        func add(_ count: Int, _ level: String, _ text: String, _ section: String) { if count > 0 { found.append((level, text, section)) } }
        if let leakage = statistics.leakage {
            add(
                leakage.patients.count, "bad",
                "<b>\(leakage.patients.count) of \(leakage.patientCount) patients</b> have images in several splits.", "leakage")
            add(
                leakage.identical.count, "bad",
                "<b>\(leakage.identical.count) image\(s(leakage.identical.count))</b> of one split "
                    + "\(leakage.identical.count == 1 ? "is" : "are") in another too, byte for byte.",
                "leakage")
            add(
                leakage.near.count, "bad",
                "<b>\(leakage.near.count) pair\(s(leakage.near.count))</b> of almost the same picture across splits.", "leakage")
            if !leakage.isFound {
                found.append(
                    (
                        "good",
                        leakage.samplesWithPatient > 0
                            ? "No picture and no patient is in two splits."
                            : "No picture is in two splits; neither the data set nor the file names tell the patients.",
                        "leakage"
                    ))
            }
            add(
                leakage.withinSplits.count, "warn",
                "<b>\(leakage.withinSplits.count) pair\(s(leakage.withinSplits.count))</b> of copies within a split.", "leakage")
        }
        add(
            agreement.placesMissing, "bad",
            "<b>\(agreement.placesMissing) of \(agreement.namingPlaces) captions</b> name a place where the mask is not.", "captions")
        add(
            agreement.countsDiffering, "warn",
            "<b>\(agreement.countsDiffering) of \(agreement.namingCounts) captions</b> name another number of lesions than the mask has.",
            "captions")
        add(
            agreement.contradictingThemselves, "warn",
            "<b>\(agreement.contradictingThemselves) captions</b> say unilateral and name both sides.", "captions")
        add(
            agreement.wrongLaterality, "warn",
            "<b>\(agreement.wrongLaterality) captions</b> say one side or both, and the mask shows the other.", "captions")
        add(
            agreement.describingEmptyMasks, "bad",
            "<b>\(agreement.describingEmptyMasks) captions</b> describe a lesion over an empty mask.", "captions")
        add(agreement.denyingMasks, "bad", "<b>\(agreement.denyingMasks) captions</b> deny a lesion that the mask shows.", "captions")
        if agreement.namingPlaces > 0, agreement.placesMissing == 0 {
            found.append(("good", "Every place that a caption names has some of the mask.", "captions"))
        }
        add(
            captions.truncated ?? 0, "warn",
            "<b>\(captions.truncated ?? 0) caption\(s(captions.truncated ?? 0))</b> with more tokens than a sequence holds.", "captions")
        add(captions.unknownWords ?? 0, "warn", "<b>\(captions.unknownWords ?? 0) words</b> that the vocabulary cannot spell.", "captions")
        let odd = captions.oddities.values.reduce(0, +)
        add(odd, "warn", "<b>\(odd) oddit\(odd == 1 ? "y" : "ies")</b> in how captions are written.", "captions")
        add(all.masks.empty, "warn", "<b>\(all.masks.empty) mask\(s(all.masks.empty))</b> without foreground.", "masks")
        add(
            all.masks.masksWithSpecks, "warn",
            "<b>\(all.masks.masksWithSpecks) mask\(s(all.masks.masksWithSpecks))</b> with specks beside the lesions.", "masks")
        let order = ["bad": 0, "warn": 1, "good": 2]
        return found.enumerated().sorted { (order[$0.element.level] ?? 3, $0.offset) < (order[$1.element.level] ?? 3, $1.offset) }.map(
            \.element)
    }

    static func s(_ count: Int) -> String { count == 1 ? "" : "s" }
}
