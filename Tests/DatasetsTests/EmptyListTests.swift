// No message says less than a sentence where its list is empty: "tried ; name it", "looked for )", "are , ".
import Datasets
import Files
import Tables
import Testing
import Text

@Suite struct EmptyListTests {
    private static let messages: [any Error & CustomStringConvertible & Sendable] = [
        DatasetError.unknownDataset(""), DatasetError.noRoot(dataset: .table, tried: []),
        DatasetError.noRoot(dataset: .qata, tried: ["a", "b"]),
        DatasetError.wrongRoot(path: "r", dataset: .qata, wanted: [], found: [], suggestion: nil),
        DatasetError.ambiguousRoot(path: "r", dataset: .lvit, candidates: []),
        DatasetError.noPairs(images: "i", masks: "m", imageNames: [], maskNames: [], tried: [], triedCount: 0),
        DatasetError.noCaptions(root: "r", dataset: .table, looked: []),
        DatasetError.nothingGood(problems: [], list: nil, notes: []), DatasetError.manifestNotFound(path: "m", known: []),
        DatasetError.folderOccupied(path: "f", found: []), DatasetError.tooFewGroups(column: "\"p\"", count: 1, splits: 3),
        TableError.columnsMissing(path: "p", expected: [], found: []),
        TableError.columnNotFound(path: "p", option: "o", wanted: "w", found: []),
        TableError.columnTwice(path: "p", name: "n", places: [], option: nil), TableError.noImageColumn(path: "p", tried: [], hint: nil),
        TableError.noCaptionColumn(path: "p", tried: []),
        TableError.noCaptionColumn(path: "p", tried: ["\"a\""]), TableError.severalCaptionColumns(path: "p", found: []),
        TableError.noCaptionText(paths: [], columns: [], rows: 0, words: []),
        TableError.noCaptionText(paths: ["p"], columns: [], rows: 1, words: ["nan"]), TableError.sheetOfNoWorkbook(path: "p", wanted: []),
        TableError.sheetNotFound(path: "p", wanted: "w", sheets: []),
        TableError.severalSheets(path: "p", sheets: [], splits: []), TableError.onlyHiddenSheets(path: "p", hidden: []),
        TextError.vocabularyNotFound(path: "p", lookedFor: []), TextError.vocabularyLacks(path: nil, tokens: [], count: 3),
        TextError.promptMissing(asked: "p3", available: []),
        TextError.promptsEmpty(available: []),
    ]

    @Test(arguments: messages.map { "\($0)" }) func noListIsABlank(text: String) throws {
        for broken in ["  ", " ,", " ;", " )", "( ", "()", ": ;", ": ,", ":;", "tried ;", "are ;", " .", "\"\"", "or or", "no column no"]
        where !(broken == "\"\"" && text.contains("unknown dataset")) {
            #expect(!text.contains(broken), "\(text)")
        }
        let last = try #require(text.last)
        #expect(!",;:( ".contains(last), "\(text)")
        // The word before a stop is no preposition that waits for its list.
        for word in [" for", " in", " with", " without", " are", " than", " of", " tried", " sheets", " folder with"] {
            for stop in [";", ",", ")", ":"] { #expect(!text.contains(word + stop), "\(text)") }
        }
    }
}
