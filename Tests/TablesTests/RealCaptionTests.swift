// The published caption files: counts, splits, and every row equal to what openpyxl, csv and json of Python read.
import Files
import TestSupport
import Testing
import Tables

@Suite(.enabled(if: RealData.isPresent, Comment(rawValue: RealData.skipMessage)))
struct RealCaptionTests {
    @Test func everyRow() throws {
        let golden = try #require(try Golden.json("real.json") as? [String: [String: Any]])
        #expect(golden.count == 11)
        for (name, expected) in golden {
            let table = try CaptionReader.read(RealData.path(name), prompt: name.hasSuffix(".json") ? "p6" : nil)[0]
            #expect(table.problems.isEmpty, "\(name)")
            #expect(table.rows.count == expected["count"] as? Int, "\(name)")
            let text = table.rows.map { "\($0.imageName)\t\($0.caption)\n" }.joined()
            #expect(Digest.sha256(text) == expected["sha256"] as? String, "\(name)")
        }
    }

    @Test(
        arguments: [
            ("captions/kvasir-medvlsm-train.json", 800, "train"), ("captions/kvasir-medvlsm-val.json", 100, "val"),
            ("captions/kvasir-medvlsm-test.json", 100, "test"), ("captions/mosmed-plus-Train.xlsx", 2183, "train"),
            ("captions/mosmed-plus-Val.xlsx", 273, "val"), ("captions/mosmed-plus-Test.xlsx", 273, "test"),
            ("captions/mosmed-plus-train-val.xlsx", 25, nil), ("captions/qata-test-sample.csv", 33, "test"),
            ("monuseg/Train_Folder/Train_text.xlsx", 24, "train"),
        ] as [(String, Int, String?)]) func countsAndSplits(name: String, count: Int, split: String?) throws
    {
        let table = try CaptionReader.read(RealData.path(name))[0]
        #expect(table.rows.count == count)
        #expect(table.split == split)
        #expect(table.rows.allSatisfy { $0.split == split && !$0.caption.isEmpty })
    }

    @Test func theRuleTakesThePromptThatSaysWhere() throws {
        for table in try ["train", "val", "test"].flatMap({ try CaptionReader.read(RealData.path("captions/kvasir-medvlsm-\($0).json")) }) {
            #expect(table.kind == .medVLSM)
            #expect(table.rows.allSatisfy { $0.source == "p6" && $0.caption.contains("located in") && $0.maskName == $0.imageName })
        }
    }

    @Test func aFolderOfFolders() throws {
        #expect(try CaptionReader.read(RealData.path("monuseg")).map(\.split) == ["test", "train", "val"])
    }

    @Test func boxesAreNoCaptions() {
        let error = #expect(throws: TableError.self) { try CaptionReader.read(RealData.path("kvasir-seg-bboxes.json")) }
        #expect(error?.description.contains("an object whose first value") == true)
    }
}
