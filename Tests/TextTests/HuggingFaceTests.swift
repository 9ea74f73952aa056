// Id-for-id equality with Hugging Face's tokenizers: strings, every Unicode scalar, real captions.
import Files
import Foundation
import Tables
import TestSupport
import Testing
import Text

@Suite struct HuggingFaceTests {
    @Test func idsOfAdversarialStrings() throws {
        let tokenizer = try Golden.smallTokenizer()
        let rows = try Golden.strings()
        #expect(rows.count > 500)
        for row in rows {
            let sequence = tokenizer.encode(row.text)
            #expect(sequence.ids == row.ids, "\(escaped(row.text))")
            #expect(sequence.attention.reduce(0) { $0 + Int($1) } == min(24, row.pieces.count + 2), "\(escaped(row.text))")
            #expect(sequence.truncated == (row.pieces.count > 22), "\(escaped(row.text))")
        }
    }

    @Test func piecesOfAdversarialStrings() throws {
        let tokenizer = try Golden.smallTokenizer()
        for row in try Golden.strings() {
            let pieces = tokenizer.tokenize(row.text)
            #expect(pieces.map { Array($0.utf8) } == row.pieces.map { Array($0.utf8) }, "\(escaped(row.text))")
        }
    }

    @Test(.enabled(if: RealData.isPresent, Comment(rawValue: RealData.skipMessage)))
    func idsWithTheVocabularyOfCXRBERT() throws {
        let vocabulary = try Vocabulary(contentsOf: RealData.path("cxr-bert"))
        #expect(vocabulary.count == 30_522)
        #expect(vocabulary.sha256 == (try Digest.sha256(ofFile: RealData.path("cxr-bert/vocab.txt"))))
        let tokenizer = WordPieceTokenizer(vocabulary: vocabulary)
        for row in try Golden.strings() {
            #expect(tokenizer.encode(row.text).ids == row.cxr, "\(escaped(row.text))")
        }
    }

    /// For every scalar c on which Hugging Face's two tokenizers agree, the words of "a" + c + "b".
    @Test func everyScalar() throws {
        guard let golden = try Golden.json("scalars.json") as? [String: Any], let runs = golden["runs"] as? [[Int]],
            let size = golden["blockSize"] as? Int, let blocks = golden["blocks"] as? [String: String]
        else { throw Golden.Missing(name: "scalars.json") }
        let scanner = WordScanner(lowercase: true, specials: [])
        var gathered: [Int: [UInt8]] = [:]
        for run in runs {
            for value in run[0]...run[1] {
                guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
                var line: [UInt8] = []
                scanner.scan("a" + String(scalar) + "b") { event in
                    if case .word(let word, _) = event {
                        if !line.isEmpty { line.append(1) }
                        line.append(contentsOf: word)
                    }
                    return true
                }
                gathered[value / size, default: []].append(contentsOf: line + [10])
            }
        }
        #expect(gathered.count == blocks.count)
        for (block, bytes) in gathered {
            #expect(blocks[String(block)] == String(Digest.sha256(bytes).prefix(16)), "scalars from \(String(block * size, radix: 16))")
        }
    }

    @Test(.enabled(if: RealData.isPresent, Comment(rawValue: RealData.skipMessage)))
    func idsOfRealCaptions() throws {
        let tokenizer = WordPieceTokenizer(vocabulary: try Vocabulary(contentsOf: RealData.path("cxr-bert/vocab.txt")))
        let golden = try Golden.json("captions.json") as? [String: [String: Any]] ?? [:]
        #expect(golden.count == 7)
        for (name, expected) in golden {
            let path = RealData.path("captions/" + name)
            let texts = name.hasSuffix(".json") ? try allPrompts(path) : try CaptionReader.read(path)[0].rows.map(\.caption)
            #expect(texts.count == expected["count"] as? Int, "\(name)")
            var bytes: [UInt8] = []
            for text in texts {
                let sequence = tokenizer.encode(text)
                bytes.append(contentsOf: (sequence.ids.map(String.init).joined(separator: " ") + "\n").utf8)
            }
            #expect(Digest.sha256(bytes) == expected["sha256"] as? String, "\(name)")
        }
    }

    private func allPrompts(_ path: String) throws -> [String] {
        let objects = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [[String: Any]] ?? []
        return objects.flatMap { object in
            let prompts = object["prompts"] as? [String: Any] ?? [:]
            return prompts.keys.sorted().flatMap { key in prompts[key] as? [String] ?? [prompts[key] as? String ?? ""] }
        }
    }
}
