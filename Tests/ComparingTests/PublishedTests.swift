// Published figures: the paper's Table 1, files of a user, and what is refused of these.
import TestSupport
import Testing

import Comparing

@Suite struct PublishedTests {
    @Test func table1IsAsPrinted() throws {
        for (dataset, ours) in [("qata", (0.9224, 0.849)), ("mosmed", (0.7967, 0.6638)), ("kvasir", (0.9383, 0.8762))] {
            let figures = try PublishedTable.read("table1", dataset: dataset)
            #expect(figures.rows.count == 25 && figures.source.contains("Table 1") && figures.dataset == dataset)
            #expect(figures.rows.count { $0.readsText == false } == 9)
            let last = try #require(figures.rows.last)
            #expect(abs((last.figures["dice"] ?? 0) - ours.0) < 1e-9 && abs((last.figures["iou"] ?? 0) - ours.1) < 1e-9)
            #expect(last.figures["parameters"] == 39.9e6 && last.figures["operations"] == 17.87e9)
            let adapter = try #require(figures.rows.first { $0.name == "MAdapter" })
            #expect(adapter.figures["parameters"] == nil && adapter.figures.count == 2)
            // Every figure is a share.
            #expect(
                figures.rows.allSatisfy { row in (0...1).contains(row.figures["dice"] ?? -1) && (0...1).contains(row.figures["iou"] ?? -1) }
            )
        }
    }

    @Test func aFileMayHoldAnyFigure() throws {
        let folder = try TemporaryFolder()
        let text = "model;text;dataset;dice (%);meanImageHd95;parameters (M)\nA;yes;one;81,5;;12\n"
        let comma = try folder.write(text, to: "comma.csv")
        #expect(throws: ComparingError.self) { try PublishedTable.read(comma, dataset: nil) }
        let path = try folder.write(text.replacing("81,5", with: "81.5") + "B;;two;-;4.5;\n", to: "figures.csv")
        let one = try PublishedTable.read(path, dataset: "one"), two = try PublishedTable.read(path, dataset: "two")
        #expect(one.rows == [PublishedRow(name: "A", readsText: true, figures: ["dice": 0.815, "parameters": 12e6])])
        #expect(two.rows == [PublishedRow(name: "B", readsText: nil, figures: ["meanImageHd95": 4.5])])
    }

    @Test(arguments: [
        ("model,dice\n", "no rows below"), ("text,dice\nyes,0.5\n", "no column \"model\"; found text, dice"),
        ("model,accuracy (px)\nA,1\n", "column \"accuracy (px)\" is not known"), ("model,dice,dice\nA,1,1\n", "two columns are \"dice\""),
        ("model,dice\nA,81.5\n", "line 2, column \"dice\": found \"81.5\", expected a share from 0 to 1; name the column \"dice (%)\""),
        ("model,dice (%)\nA,815\n", "expected a percentage"), ("model,dice\nA,good\n", "found \"good\", expected a number"),
        ("model,text,dice\nA,maybe,1\n", "found \"maybe\", expected yes or no"), ("model,dice\n,1\n", "expected the method's name"),
        ("model,dataset,dice\nA,x,1\nB,y,1\n", "holds figures of x, y; add --dataset NAME"),
    ])
    func whatCannotBeReadIsNamed(text: String, says: String) throws {
        let folder = try TemporaryFolder(), path = try folder.write(text, to: "figures.csv")
        let error = #expect(throws: ComparingError.self) { try PublishedTable.read(path, dataset: nil) }
        #expect(error?.description.contains(says) == true && error?.description.contains(path) == true, "\(error?.description ?? "")")
    }

    @Test func aDatasetThatIsNotThereIsNamed() throws {
        let error = #expect(throws: ComparingError.self) { try PublishedTable.read("table1", dataset: "isic") }
        #expect(error?.description == "table1 holds no figures of \"isic\"; its data sets are qata, mosmed, kvasir")
        #expect(throws: ComparingError.self) { try PublishedTable.read("table1", dataset: nil) }
        #expect(throws: ComparingError.self) { try PublishedTable.read("/no/such/file.csv", dataset: nil) }
    }
}
