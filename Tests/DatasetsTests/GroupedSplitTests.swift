// Names that tell patients and studies, and splits that keep each of them in one split.
import Datasets
import Randomness
import TestSupport
import Testing

@Suite struct GroupedSplitTests {
    @Test(
        arguments: [
            ("Morozov_study_0255_10", "Morozov_study_0255"), ("Jun_coronacases_case8_112", "Jun_coronacases_case8"),
            ("Jun_radiopaedia_10_85902_3_case12_5", "Jun_radiopaedia_10_85902_3_case12"), ("TCGA-2Z-A9J9-01A-01-TS1", "TCGA-2Z-A9J9"),
            ("sub-S09340_ses-E17441_run-1_bp-chest_vp-ap_cr", "sub-S09340"), ("patient-7_slice3", "patient-7"), ("case3", "case3"),
            ("PAT012", "PAT012"),
            ("bjorke_1", nil), ("cju0qkwl35piu0993l0dewei2", nil), ("showcase3", nil), ("covid_12", nil), ("case3b", nil),
            ("patient_x", nil), ("", nil),
        ] as [(String, String?)])
    func patients(id: String, patient: String?) { #expect(SubjectKind.patient.name(in: id) == patient) }

    @Test func studies() {
        #expect(SubjectKind.study.name(in: "sub-S09340_ses-E17441_run-1") == "sub-S09340_ses-E17441")
        #expect(SubjectKind.study.name(in: "sub-S09340_run-1") == "sub-S09340")
        #expect(SubjectKind.study.name(in: "Morozov_study_0255_10") == "Morozov_study_0255")
        #expect(SubjectKind.patient.group(of: "bjorke_17") == "bjorke_" && SubjectKind.patient.group(of: "17") == "numbers")
    }

    @Test func theNearestSum() {
        func sum(_ sizes: [Int], _ target: Int, leaving: Int = 0) -> Int {
            GroupedSplit.nearest(sizes, to: target, leaving: leaving).reduce(0) { $0 + sizes[$1] }
        }
        #expect(sum([5, 3, 8, 2], 10) == 10 && sum([7, 7, 7], 10) == 7 && sum([7, 7, 7], 11) == 14)
        #expect(sum([100], 10) == 100 && sum([100, 4, 4], 0) == 4)
        // All three would be nearest, but one is to be left.
        #expect(sum([1, 1, 1], 3, leaving: 1) == 2)
    }

    /// Against all choices, for sizes that are few enough.
    @Test func noChoiceIsNearer() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<60 {
            let sizes = (0..<9).map { _ in 1 + random.index(below: 12) }, target = 1 + random.index(below: 50)
            let found = GroupedSplit.nearest(sizes, to: target, leaving: 1).reduce(0) { $0 + sizes[$1] }
            let best = (1..<511).map { choice in abs((0..<9).reduce(0) { $0 + (choice >> $1 & 1) * sizes[$1] } - target) }.min()
            #expect(abs(found - target) == best)
        }
    }

    private func set(_ names: [String], captions: String = "captions/all.json") throws -> (SampleFolder, IngestOptions) {
        let set = try SampleFolder()
        try set.pairs(names)
        var options = set.options(captions: [try set.captions(names, file: captions)])
        options.shares = try SplitShares("60/20/20")
        options.groupBy = .patient
        return (set, options)
    }

    private let names = (0..<40).map { "Morozov_study_\(300 + $0 % 12)_\($0)" }

    @Test func noPatientIsParted() throws {
        var (set, options) = try set(names)
        defer { withExtendedLifetime(set) {} }
        let first = try Ingest.run(options)
        #expect(first.summary.counts == .init(train: 24, val: 8, test: 8, all: 40))
        let groups = Dictionary(grouping: first.manifest.samples) { $0.id.prefix(17) }
        #expect(groups.count == 12 && groups.values.allSatisfy { Set($0.map(\.split)).count == 1 })
        #expect(first.summary.splitsFrom == "whole patients (12 groups by name) drawn by --split 60/20/20 --group-by patient with seed 1")
        #expect(first.summary.options.groupBy == .patient)
        #expect(try Ingest.run(options).manifest.samples == first.manifest.samples)
        options.seed = 2
        let second = try Ingest.run(options)
        #expect(
            second.manifest.samples.map(\.split) != first.manifest.samples.map(\.split) && second.summary.counts == first.summary.counts)
    }

    @Test func namesThatTellNoPatientStayTogether() throws {
        let (set, options) = try set(names + ["bjorke_1", "bjorke_2", "bjorke_9"])
        defer { withExtendedLifetime(set) {} }
        let report = try Ingest.run(options)
        #expect(Set(report.manifest.samples.filter { $0.id.hasPrefix("bjorke") }.map(\.split)).count == 1)
        #expect(report.summary.splitsFrom.contains("3 names contain no patient (such as \"bjorke_1\")"))
    }

    @Test func splitsOfTheSourceAreReplaced() throws {
        let (set, options) = try set(names, captions: "captions/train.json")
        defer { withExtendedLifetime(set) {} }
        let report = try Ingest.run(options)
        #expect(report.summary.counts == .init(train: 24, val: 8, test: 8, all: 40))
        #expect(report.summary.splitsFrom.hasSuffix("in place of the splits of the caption files' names"))
    }

    /// Train and test by the caption files, no validation: patients 300 to 308 in train, 309 to 311 in test, and, where `shared`, 300 in
    /// both.
    private func trainAndTest(shared: Bool) throws -> ManifestSummary {
        let set = try SampleFolder()
        let isTest = { (name: String) in name.dropFirst(14).prefix(3) >= "309" || shared && name.hasSuffix("_300_0") }
        try set.pairs(names)
        var options = set.options(captions: [
            try set.captions(names.filter { !isTest($0) }, file: "captions/train.json"),
            try set.captions(names.filter(isTest), file: "captions/test.json"),
        ])
        options.shares = try SplitShares("60/20/20")
        options.groupBy = .patient
        let report = try Ingest.run(options)
        let groups = Dictionary(grouping: report.manifest.samples) { $0.id.prefix(17) }
        #expect(groups.count == 12 && groups.values.allSatisfy { Set($0.map(\.split)).count == 1 })
        return report.summary
    }

    @Test func aTestSplitStaysUnlessItSharesAPatient() throws {
        let kept = try trainAndTest(shared: false)
        #expect(kept.counts.test == 9 && kept.splitsFrom.hasSuffix("; test as in the caption files' names"))
        let drawn = try trainAndTest(shared: true)
        #expect(
            drawn.counts == .init(train: 24, val: 8, test: 8, all: 40)
                && drawn.splitsFrom.hasSuffix("in place of the splits of the caption files' names"))
    }

    @Test func whatCannotBeGroupedIsRefused() throws {
        var (set, options) = try set(["a", "b", "c"])
        defer { withExtendedLifetime(set) {} }
        #expect(
            failure { _ = try Ingest.run(options) }?.description.contains("no sample's name contains a patient (such as \"a\")") == true)
        options.shares = nil
        #expect(failure { _ = try Ingest.run(options) }?.description.contains("add --split 80/10/10") == true)
        let (few, fewOptions) = try self.set(["case1_1", "case1_2", "case2_1"])
        defer { withExtendedLifetime(few) {} }
        #expect(failure { _ = try Ingest.run(fewOptions) }?.description.contains("2 patients for 3 splits") == true)
    }
}
