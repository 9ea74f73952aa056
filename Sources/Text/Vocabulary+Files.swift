// Vocabularies in files: vocab.txt (one token a line), or a Hugging Face folder with vocab.txt or tokenizer.json.
// Whether capitals count is read from the tokenizer_config.json beside it; without one the vocabulary is taken as uncased.
import Files
import Foundation

extension Vocabulary {
    private static let sizeLimit = 64 << 20
    /// The largest WordPiece vocabularies in use have half a million.
    private static let tokenLimit = 1 << 20
    private static let namesInFolder = ["vocab.txt", "tokenizer.json"]

    /// Reads a vocab.txt, a tokenizer.json or a folder that holds one of them.
    /// - Throws: `TextError` naming the path, and the line where there is one.
    public init(contentsOf path: String) throws(TextError) {
        var file = path
        if FileIO.isFolder(path) {
            let found = Self.namesInFolder.map { path + "/" + $0 }.first { FileIO.exists($0) }
            guard let found else { throw .vocabularyNotFound(path: path, lookedFor: Self.namesInFolder) }
            file = found
        } else if !FileIO.exists(path) {
            throw .vocabularyNotFound(path: path, lookedFor: Self.namesInFolder)
        }
        let bytes: [UInt8]
        do { bytes = try FileIO.read(file, limit: Self.sizeLimit) } catch { throw .vocabularyUnreadable(error) }
        let isJSON = file.hasSuffix(".json")
        let tokens = isJSON ? try Self.tokens(ofTokenizerJSON: bytes, path: file) : try Self.tokens(ofLines: bytes, path: file)
        try self.init(tokens: tokens, keepsCase: try TokenizerSettings.keepsCase(forVocabulary: file), path: file)
    }

    /// Writes one token a line, and beside it, where the vocabulary keeps case, the tokenizer_config.json that says so.
    public func write(to path: String) throws(TextError) {
        var bytes: [UInt8] = []
        for token in tokens {
            bytes.append(contentsOf: token.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
        do throws(FileError) {
            if keepsCase { try FileIO.writeAtomically("{\"do_lower_case\": false}\n", to: TokenizerSettings.path(beside: path)) }
            try FileIO.writeAtomically(bytes, to: path)
        } catch { throw .vocabularyUnwritable(error) }
    }

    /// Lines end in LF, CRLF or CR; an empty line is a token that nothing matches and that keeps its id.
    private static func tokens(ofLines bytes: [UInt8], path: String) throws(TextError) -> [String] {
        var tokens: [String] = []
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < bytes.count {
            var end = start
            while end < bytes.count && bytes[end] != 10 && bytes[end] != 13 { end += 1 }
            guard let token = String(validating: bytes[start..<end], as: UTF8.self) else {
                throw .vocabularyNotText(path: path, line: tokens.count + 1)
            }
            tokens.append(token)
            if tokens.count > tokenLimit { throw tooMany(path) }
            start = end + 1
            if end + 1 < bytes.count && bytes[end] == 13 && bytes[end + 1] == 10 { start += 1 }
        }
        return tokens
    }

    private static func tooMany(_ path: String) -> TextError { .vocabularyMalformed(path: path, found: "more than \(tokenLimit) tokens") }

    private static func tokens(ofTokenizerJSON bytes: [UInt8], path: String) throws(TextError) -> [String] {
        guard let top = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw .vocabularyMalformed(path: path, found: "not a JSON object")
        }
        guard let model = top["model"] as? [String: Any], let table = model["vocab"] as? [String: Int] else {
            throw .vocabularyMalformed(path: path, found: "no model.vocab object in it")
        }
        if table.count > tokenLimit { throw tooMany(path) }
        if let type = model["type"] as? String, type != "WordPiece" {
            throw .vocabularyMalformed(path: path, found: "its model is \(type)")
        }
        var tokens = [String?](repeating: nil, count: table.count)
        for (token, id) in table {
            guard tokens.indices.contains(id), tokens[id] == nil else {
                throw .vocabularyMalformed(path: path, found: "token \"\(token)\" has id \(id) in a vocabulary of \(table.count)")
            }
            tokens[id] = token
        }
        return tokens.compactMap { $0 }
    }
}
