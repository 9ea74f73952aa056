// The section on leakage: what splits share, in words and as pairs of pictures side by side.
import Statistics

enum LeakageSection {
    static func html(_ statistics: DatasetStatistics, _ cards: SampleCards, _ shown: Int) throws(StatisticsError) -> String {
        guard let leakage = statistics.leakage else { return "<p>Not searched for.</p>" }
        var html =
            "<p>A model tested on what it was trained on looks better than it is. Compared were the bytes of the image "
            + "files\(statistics.source == .shards ? " (here: the stored pixels)" : ""), "
            + "what the pictures look like (perceptual hashes that differ in at most \(leakage.distanceLimit) of 63 bits and thumbnails "
            + "that correlate to at least \(leakage.correlationLimit)), and the patients that the data set or the file names tell.</p>"
        html += try pairs("The same image in two splits", leakage.identical, cards, shown)
        html += try pairs("Almost the same picture in two splits", leakage.near, cards, shown)
        html += try subjects("Patients in several splits", leakage.patients, cards, shown)
        html += try subjects("Studies in several splits", leakage.studies, cards, shown)
        if leakage.samplesWithPatient == 0 {
            html +=
                "<p>Neither the data set nor the file names tell the patients, so pictures of one patient in two splits cannot be found.</p>"
        } else {
            html +=
                "<p>The patient is known for \(leakage.samplesWithPatient) of \(statistics.all.samples) samples: "
                + "\(leakage.patientCount) "
                + "patients, \(leakage.patients.count) of them in several splits."
                + (leakage.patients.isEmpty ? "" : " <code>prep ingest … --split 80/10/10 --group-by patient</code> keeps each in one.")
                + "</p>"
        }
        return html + (try pairs("Copies within a split", leakage.withinSplits, cards, shown))
    }

    private static func pairs(
        _ title: String, _ pairs: [Leakage.Pair], _ cards: SampleCards, _ shown: Int
    ) throws(StatisticsError) -> String {
        if pairs.isEmpty { return "<h3>\(title): none</h3>" }
        var html = "<h3>\(title): \(pairs.count)</h3><div class=pairs>"
        for pair in pairs.prefix(shown) {
            let text =
                pair.isIdentical
                ? "the same bytes" : "\(pair.distance) of 63 bits differ, correlation \(Markup.number(pair.correlation, digits: 4))"
            html += try cards.pair(pair.first, pair.second, text: text)
        }
        html += "</div>"
        guard pairs.count > shown else { return html }
        let rows = pairs.dropFirst(shown).map { pair in
            [
                "\(Markup.escaped(pair.first))", pair.firstSplit.rawValue, Markup.escaped(pair.second), pair.secondSplit.rawValue,
                pair.isIdentical ? "same bytes" : "\(pair.distance) bits, \(pair.correlation)",
            ]
        }
        return html
            + "<details><summary>The other "
            + "\(rows.count)</summary>\(Markup.table(["first", "split", "second", "split", "likeness"], rows, numeric: false))</details>"
    }

    private static func subjects(
        _ title: String, _ subjects: [Leakage.Subject], _ cards: SampleCards, _ shown: Int
    ) throws(StatisticsError) -> String {
        if subjects.isEmpty { return "" }
        var html = "<h3>\(title): \(subjects.count)</h3><div class=pairs>"
        for subject in subjects.prefix(min(shown, 6)) where subject.example.count == 2 {
            html += try cards.pair(
                subject.example[0], subject.example[1],
                text: "<b>\(Markup.escaped(subject.name))</b>: \(subject.train) train, \(subject.val) val, \(subject.test) test")
        }
        let rows = subjects.map { [Markup.escaped($0.name), String($0.train), String($0.val), String($0.test)] }
        return html
            + "</div><details\(rows.count <= 12 ? " open" : "")><summary>All "
            + "\(rows.count)</summary>\(Markup.table(["name", "train", "val", "test"], rows))</details>"
    }
}
