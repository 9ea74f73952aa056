// What splits share: bytes, looks, patients. The hash against a cosine transform written out, the search against comparing all with all.
import Datasets
import Foundation
import Imaging
import Statistics
import Testing

@Suite struct LeakageTests {
    /// A few soft spots whose places depend on the seed.
    private func picture(_ seed: Int, width: Int = 96, height: Int = 80, brighter: Int = 0) -> Raster {
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let u = Double(x) / Double(width), v = Double(y) / Double(height)
                var value = 60.0 + Double(brighter)
                for spot in 0..<4 {
                    let cx = Double((seed * 37 + spot * 59) % 97) / 97, cy = Double((seed * 71 + spot * 43) % 89) / 89
                    let distance = ((u - cx) * (u - cx) + (v - cy) * (v - cy)) * 30
                    value += 45 / (1 + distance)
                }
                pixels.append(UInt8(min(255, value)))
            }
        }
        return Raster(width: width, height: height, channels: 1, pixels: pixels)
    }

    @Test func copiesLookAlikeAndOthersDoNot() throws {
        let one = try PictureFingerprint(picture(1))
        for copy in [picture(1, width: 192, height: 160), picture(1, brighter: 20)] {
            let other = try PictureFingerprint(copy)
            #expect(one.distance(to: other) <= 4 && one.correlation(with: other) > 0.99)
        }
        for seed in 2..<12 { #expect(one.distance(to: try PictureFingerprint(picture(seed))) > 8) }
    }

    /// The definition of the DCT-II in double precision, term by term.
    @Test(arguments: 1...6) func hashIsThatOfTheTransformWrittenOut(seed: Int) throws {
        let image = picture(seed, width: 32, height: 32)
        let mean = Double(image.pixels.reduce(0) { $0 + Int($1) }) / 1024
        var low: [Double] = []
        for v in 0..<8 {
            for u in 0..<8 {
                var sum = 0.0
                for y in 0..<32 {
                    for x in 0..<32 {
                        sum +=
                            (Double(image.pixels[y * 32 + x]) - mean) * cos(Double.pi * Double((2 * y + 1) * v) / 64)
                            * cos(Double.pi * Double((2 * x + 1) * u) / 64)
                    }
                }
                low.append(4 * sum)
            }
        }
        let median = low.dropFirst().sorted()[31], fingerprint = try PictureFingerprint(image)
        #expect(fingerprint.thumbnail == image.pixels)
        for (index, value) in low.enumerated() where index > 0 && abs(value - median) > 1 {
            #expect((fingerprint.hash >> UInt64(index) & 1 == 1) == (value > median), "bit \(index)")
        }
        // Half of 63 frequencies lie above their median.
        #expect((29...31).contains(fingerprint.hash.nonzeroBitCount))
    }

    @Test func correlation() throws {
        func print(_ values: [UInt8]) throws -> PictureFingerprint {
            // Four vertical stripes of eight columns.
            try PictureFingerprint(Raster(width: 32, height: 32, channels: 1, pixels: (0..<1024).map { values[$0 % 32 / 8] }))
        }
        let one = try print([0, 10, 20, 30])
        #expect(abs(one.correlation(with: try print([100, 120, 140, 160])) - 1) < 1e-12)
        #expect(abs(one.correlation(with: try print([30, 20, 10, 0])) + 1) < 1e-12)
        #expect(abs(one.correlation(with: try print([0, 20, 10, 30])) - 0.8) < 1e-12)
        #expect(try one.correlation(with: print([7, 7, 7, 7])) == 0)
        #expect(try print([7, 7, 7, 7]).correlation(with: print([9, 9, 9, 9])) == 1)
    }

    @Test func smallPicturesHaveAFingerprint() throws {
        #expect(try PictureFingerprint(Raster(width: 1, height: 1, channels: 3, filledWith: 9)).hash == 0)
        #expect(try PictureFingerprint(picture(1, width: 7, height: 50)).hash != 0)
    }

    @Test func theSearchMissesNothing() {
        var state: UInt64 = 3, hashes: [UInt64] = []
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
        for _ in 0..<150 { hashes.append(random() & ~1) }
        // Relatives of some, with 0 to 10 bits turned.
        for index in 0..<110 {
            hashes.append((0..<index % 11).reduce(hashes[index]) { value, _ in value ^ 1 << (1 + random() >> 40 % 63) })
        }
        for distance in [0, 1, 4, 8] {
            var wanted: [String] = []
            for first in hashes.indices {
                for second in hashes.indices.dropFirst(first + 1) where (hashes[first] ^ hashes[second]).nonzeroBitCount <= distance {
                    wanted.append("\(first) \(second)")
                }
            }
            #expect(NearCopies.pairs(hashes, distance: distance).map { "\($0.first) \($0.second)" } == wanted)
            #expect(wanted.count > 5)
        }
    }

    @Test func twentyThousandPicturesAreSearchedAtOnce() {
        var state: UInt64 = 11,
            hashes = (0..<20_000).map { _ -> UInt64 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return (state ^ state >> 31) & ~1
            }
        for index in 0..<50 { hashes[19_999 - index] = hashes[index] ^ 0b1111 << UInt64(1 + index) }
        let start = ContinuousClock.now
        let pairs = NearCopies.pairs(hashes, distance: 8)
        // Generous: it takes about a tenth of a second, and comparing all with all ten times as long.
        #expect(ContinuousClock.now - start < .seconds(20))
        for index in 0..<50 { #expect(pairs.contains { $0.first == index && $0.second == 19_999 - index && $0.distance == 4 }) }
        #expect(pairs.count < 60)
    }

    private func item(_ id: String, _ split: Split, _ seed: Int, bytes: String? = nil, brighter: Int = 0) throws -> Leakage.Item {
        Leakage.Item(id: id, split: split, digest: bytes ?? id, fingerprint: try PictureFingerprint(picture(seed, brighter: brighter)))
    }

    @Test func identicalNearAndWithin() throws {
        let leakage = Leakage([
            try item("e", .test, 1, bytes: "x"), try item("a", .train, 1, bytes: "x"), try item("b", .val, 2),
            try item("c", .train, 2, brighter: 10),
            try item("d", .train, 3, bytes: "y"), try item("f", .train, 3, bytes: "y"), try item("g", .test, 4),
        ])
        func names(_ pairs: [Leakage.Pair]) -> [String] { pairs.map { "\($0.first) \($0.firstSplit) \($0.second) \($0.secondSplit)" } }
        #expect(names(leakage.identical) == ["a train e test"] && leakage.identical[0].distance == 0)
        #expect(names(leakage.near) == ["c train b val"] && leakage.near[0].correlation > 0.99)
        #expect(names(leakage.withinSplits) == ["d train f train"] && leakage.withinSplits[0].isIdentical)
        #expect(leakage.isFound && leakage.samplesWithPatient == 0 && leakage.patients.isEmpty)
        #expect(leakage.lines(shown: 5).contains("patients in several splits: unknown, neither the data set nor the names tell them"))
    }

    /// Whatever the files are called: one without a patient is of an unknown one.
    @Test func patientsThatTheDataSetNamesAreThose() throws {
        let samples: [(id: String, split: Split, patient: String?)] = [
            ("a", .train, "P1"), ("b", .test, "P1"), ("c", .val, "P2"), ("patient9_1", .val, nil),
        ]
        let leakage = Leakage(
            try samples.enumerated().map { number, sample in
                Leakage.Item(
                    id: sample.id, split: sample.split, patient: sample.patient, digest: sample.id,
                    fingerprint: try PictureFingerprint(picture(number)))
            })
        #expect(leakage.samplesWithPatient == 3 && leakage.patientCount == 2 && leakage.isFound)
        #expect(leakage.patients.map(\.name) == ["P1"] && leakage.patients[0].example == ["a", "b"])
        #expect(leakage.lines(shown: 5).contains("patients in several splits: 1 of 2 (known for 3 samples)"))
    }

    @Test func manyCopiesAndFlatPictures() throws {
        let flat = try PictureFingerprint(Raster(width: 40, height: 40, channels: 1, filledWith: 50))
        let leakage = Leakage(
            (0..<300).map { Leakage.Item(id: "\($0)", split: $0 % 2 == 0 ? .train : .test, digest: "\($0 / 4)", fingerprint: flat) })
        // Each four with the same bytes: two train, two test; the first beside each of the others.
        #expect(leakage.identical.count == 150 && leakage.withinSplits.count == 75 && leakage.near.isEmpty)
    }

    @Test func patientsAndStudiesAcrossSplits() throws {
        let leakage = Leakage([
            try item("Morozov_study_0255_10", .train, 1), try item("Morozov_study_0255_11", .test, 12),
            try item("Morozov_study_0256_1", .train, 3),
            try item("Morozov_study_0256_2", .train, 5), try item("bjorke_1", .val, 7),
        ])
        #expect(
            leakage.patients.map(\.name) == ["Morozov_study_0255"]
                && leakage.patients[0].example == ["Morozov_study_0255_10", "Morozov_study_0255_11"])
        #expect((leakage.patients[0].train, leakage.patients[0].val, leakage.patients[0].test) == (1, 0, 1))
        #expect((leakage.samplesWithPatient, leakage.patientCount) == (4, 2) && leakage.studies.isEmpty && leakage.isFound)
        let studies = Leakage([
            try item("sub-S1_ses-E1_run-1", .train, 1), try item("sub-S1_ses-E1_run-2", .test, 12),
            try item("sub-S1_ses-E2_run-1", .train, 3),
        ])
        #expect(studies.patients.map(\.name) == ["sub-S1"] && studies.studies.map(\.name) == ["sub-S1_ses-E1"])
        let clean = Leakage([try item("case1_1", .train, 1), try item("case2_1", .test, 12)])
        #expect(!clean.isFound && clean.patientCount == 2)
    }
}
