// Reads the golden files that Scripts/golden/text.py made.
import Foundation
import Text

enum Golden {
    static func path(_ name: String) throws -> String {
        guard let url = Bundle.module.url(forResource: "Golden/" + name, withExtension: nil) else { throw Missing(name: name) }
        return url.path
    }

    static func json(_ name: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    static func smallTokenizer() throws -> WordPieceTokenizer {
        WordPieceTokenizer(vocabulary: try Vocabulary(contentsOf: path("vocabulary.txt")))
    }

    struct Missing: Error { let name: String }

    struct Row {
        let text: String
        let ids: [Int32]
        let cxr: [Int32]
        let pieces: [String]
    }

    static func strings() throws -> [Row] {
        let rows = try json("strings.json") as? [[String: Any]] ?? []
        return try rows.map { row in
            guard let text = row["text"] as? String, let ids = row["ids"] as? [Int], let cxr = row["cxr"] as? [Int],
                let pieces = row["pieces"] as? [String]
            else { throw Missing(name: "strings.json") }
            return Row(text: text, ids: ids.map(Int32.init), cxr: cxr.map(Int32.init), pieces: pieces)
        }
    }
}

/// A splittable generator with a fixed seed (SplitMix64), for property tests.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func escaped(_ text: String) -> String { text.unicodeScalars.map { $0.escaped(asASCII: true) }.joined() }
