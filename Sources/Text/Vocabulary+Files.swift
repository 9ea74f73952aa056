// Reads and writes vocabulary files: vocab.txt (one token per line), or a Hugging Face folder with vocab.txt or tokenizer.json.
// The tokenizer_config.json next to it says whether capitals count; without that file the vocabulary is treated as uncased.
import Files
import Foundation

extension Vocabulary {
    private static let sizeLimit = 64 << 20
    /// The largest WordPiece vocabularies in use have half a million tokens.
    private static let tokenLimit = 1 << 20
    private static let namesInFolder = ["vocab.txt", "tokenizer.json"]

    /// Reads a vocab.txt, a tokenizer.json or a folder with one of them.
    /// - Throws: `TextError` that names the path, and the line if there is one.
    public init(contentsOf path: String) throws(TextError) {
        let resolved: ModelFolder
        do throws(ModelFolder.Failure) { resolved = try ModelFolder.resolve(path) } catch { throw .modelFolder(error) }
        var file = path
        if FileIO.isFolder(resolved.path) {
            let found = Self.namesInFolder.map { resolved.path + "/" + $0 }.first { FileIO.exists($0) }
            guard let found else { throw .vocabularyNotFound(path: path, lookedFor: Self.namesInFolder) }
            file = found
        } else if !FileIO.exists(path) {
            throw .vocabularyNotFound(path: path, lookedFor: Self.namesInFolder)
        }
        let bytes: [UInt8]
        do { bytes = try FileIO.read(file, limit: Self.sizeLimit) } catch { throw .vocabularyUnreadable(error) }
        let isJSON = file.hasSuffix(".json")
        let tokens = isJSON ? try Self.tokens(ofTokenizerJSON: bytes, path: file) : try Self.tokens(ofLines: bytes, path: file)
        let settings = try TokenizerSettings(besideVocabulary: file, tokens: tokens)
        try self.init(tokens: tokens, keepsCase: settings.keepsCase, added: settings.added, path: file)
    }

    /// Writes one token per line. If the vocabulary keeps case or has added tokens, also writes the tokenizer_config.json that says so.
    public func write(to path: String) throws(TextError) {
        var bytes: [UInt8] = []
        for token in tokens {
            bytes.append(contentsOf: token.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
        do throws(FileError) {
            if let settings { try FileIO.writeAtomically(settings, to: TokenizerSettings.path(beside: path)) }
            try FileIO.writeAtomically(bytes, to: path)
        } catch { throw .vocabularyUnwritable(error) }
    }

    /// The tokenizer_config.json that this vocabulary needs; nil if it needs none.
    private var settings: String? {
        if added.isEmpty { return keepsCase ? "{\"do_lower_case\": false}\n" : nil }
        let described = added.map { token in
            "\"\(token.id)\": {\"content\": \(Self.quoted(token.content)), \"lstrip\": false, \"normalized\": \(token.normalized), "
                + "\"rstrip\": false, "
                + "\"single_word\": \(token.singleWord), \"special\": \(token.special)}"
        }
        return "{\"do_lower_case\": \(!keepsCase), \"added_tokens_decoder\": {\(described.joined(separator: ", "))}}\n"
    }

    /// A JSON string in ASCII.
    private static func quoted(_ text: String) -> String {
        "\""
            + text.utf16.map { unit in
                let isPlain = (32..<127).contains(unit) && unit != 34 && unit != 92
                let digits = String(unit, radix: 16)
                return isPlain ? String(UnicodeScalar(UInt8(unit))) : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined() + "\""
    }

    /// Lines end in LF, CRLF or CR. An empty line is a token that matches nothing but keeps its id.
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
