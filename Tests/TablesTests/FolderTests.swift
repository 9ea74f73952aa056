// Folders of caption files, and what names say about splits.
import TestSupport
import Testing
import Tables

@Suite struct FolderTests {
    private let csv = "Image,Description\na.png,x\n"

    @Test(
        arguments: [
            ("Train_text.xlsx", "train"), ("kvasir-medvlsm-val.json", "val"), ("prompt/test.csv", "test"), ("anns/train.json", "train"),
            ("Train_Val_text.xlsx", nil), ("mosmed-plus-train-val.xlsx", nil), ("captions.csv", nil),
            ("Train_Folder/captions.xlsx", "train"),
            ("Test Set/text.csv", "test"), ("test/captions.csv", nil), ("Val_Folder/Test_text.xlsx", "test"), ("validation.csv", "val"),
            ("trainText.csv", "train"), ("latest.csv", nil), ("contrast.json", nil), ("value.csv", nil), ("TEST.JSON", "test"),
            ("train_1.2.csv", "train"), ("", nil),
        ] as [(String, String?)]) func splitsFromNames(path: String, split: String?)
    {
        #expect(SplitName.split(ofPath: path) == split)
        #expect(SplitName.split(ofPath: "/data/training test/" + path) == split)
    }

    @Test func ownFiles() throws {
        let folder = try TemporaryFolder("tables")
        for name in ["Train_text.csv", "Test_text.csv", "~$Test_text.xlsx", ".hidden.csv", "notes.txt", "image.png"] {
            try folder.write(csv, to: name)
        }
        try folder.write("{\"a\": {\"height\": 1}}", to: "kavsir_bboxes.json")
        let tables = try CaptionReader.read(folder.path)
        #expect(tables.map(\.split) == ["test", "train"])
        #expect(tables[0].rows[0].split == "test")
    }

    @Test func annotationsFolder() throws {
        let folder = try TemporaryFolder("tables")
        for name in ["train", "val", "test"] { try folder.write("{\"a.png\": \"x\"}", to: "anns/\(name).json") }
        try folder.write(csv, to: "other.csv")
        #expect(try CaptionReader.read(folder.path).map(\.split) == ["test", "train", "val"])
        #expect(try CaptionReader.read(folder.file("anns")).count == 3)
    }

    @Test func foldersOfLViT() throws {
        let folder = try TemporaryFolder("tables")
        try folder.write(csv, to: "Train_Folder/Train_text.csv")
        try folder.write(csv, to: "Test_Folder/Test_text.csv")
        try folder.write("x", to: "Test_Folder/img/a.png")
        #expect(try CaptionReader.read(folder.path).map(\.split) == ["test", "train"])
    }

    @Test func nothingThere() throws {
        let folder = try TemporaryFolder("tables")
        let error = #expect(throws: TableError.self) { try CaptionReader.read(folder.path) }
        #expect(error?.description.contains("no caption files in this folder") == true)
        let absent = #expect(throws: TableError.self) { try CaptionReader.read(folder.file("none.json")) }
        #expect(absent?.description.contains("none.json") == true)
    }
}
