// The settings of a Hugging Face tokenizer that change its ids, from every file that may hold them. Each is followed as BertTokenizer
// follows it, or refused by name. Not for the vocabulary itself (Vocabulary+Files.swift).
import Files
import Foundation

struct TokenizerSettings {
    /// Whether text keeps its capitals and accents.
    private(set) var keepsCase = false
    private(set) var added: [AddedToken] = []

    private static let sizeLimit = 64 << 20
    private static let specialNames = [
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
    ]
    /// Tokenizer classes that read everything from tokenizer.json; the names of BertTokenizer's own classes end in its name.
    private static let generic = ["PreTrainedTokenizerFast", "TokenizersBackend"]

    /// - Parameters:
    ///   - file: the vocabulary's file.
    ///   - tokens: the vocabulary's tokens.
    init(besideVocabulary file: String, tokens: [String]) throws(TextError) {
        let configPath = Self.path(beside: file), jsonPath = file.hasSuffix(".json") ? file : Self.path("tokenizer.json", beside: file)
        let mapPath = Self.path("special_tokens_map.json", beside: file)
        let config = try Self.object(configPath), json = try Self.object(jsonPath), map = try Self.object(mapPath)
        let kind = try Self.kind(config, json, configPath, beside: file)
        try check(config, configPath)
        try checkSpecials(config, configPath)
        try checkSpecials(map, mapPath)
        let stated = try Self.flag("do_lower_case", in: config, path: configPath)
        if json.isEmpty {
            keepsCase = stated == false
        } else {
            keepsCase = try readRules(json, jsonPath, stated: stated, configPath, isGeneric: kind.map(Self.generic.contains) ?? false)
            if file != jsonPath { try Self.compare(json, jsonPath, with: tokens, of: file) }
        }
        if keepsCase,
            try Self.flag("do_lower_case", in: try Self.object(Self.path("sentence_bert_config.json", beside: file)), path: file) == true
        {
            throw .settingRefused(
                path: Self.path("sentence_bert_config.json", beside: file), setting: "do_lower_case", value: "true",
                reason: "the tokenizer keeps capitals, but this setting lower-cases the text before it: not supported")
        }
        added = try addedTokens(config, configPath, json, jsonPath, map, mapPath, file: file, tokens: tokens)
    }

    static func path(beside vocabulary: String) -> String { path("tokenizer_config.json", beside: vocabulary) }

    private static func path(_ name: String, beside vocabulary: String) -> String {
        FileIO.sibling(of: vocabulary, named: name)
    }

    /// The tokenizer's class, if a file names one.
    private static func kind(
        _ config: [String: Any], _ json: [String: Any], _ path: String, beside file: String
    ) throws(TextError) -> String? {
        let modelPath = Self.path("config.json", beside: file)
        // Next to a run's vocabulary is the run's own config.json, which names no tokenizer.
        let model = FileIO.isFile(modelPath) ? (try? object(modelPath)) ?? [:] : [:]
        guard let kind = (config["tokenizer_class"] ?? model["tokenizer_class"]) as? String else { return nil }
        let isKnown = ["BertTokenizer", "BertTokenizerFast", "ElectraTokenizer", "ElectraTokenizerFast"].contains { kind.hasSuffix($0) }
        if isKnown || (generic.contains(kind) && !json.isEmpty) { return kind }
        throw .settingRefused(
            path: config["tokenizer_class"] == nil ? modelPath : path, setting: "tokenizer_class", value: "\"\(kind)\"",
            reason: "only BertTokenizer's rules are supported; give a BERT encoder")
    }

    private func check(_ config: [String: Any], _ path: String) throws(TextError) {
        let lower = try Self.flag("do_lower_case", in: config, path: path) ?? true
        if let accents = try Self.flag("strip_accents", in: config, path: path), accents != lower {
            throw .settingUnsupported(path: path, setting: "strip_accents", value: "\(accents)")
        }
        for name in ["do_basic_tokenize", "tokenize_chinese_chars", "clean_text"] where try Self.flag(name, in: config, path: path) == false
        {
            throw .settingUnsupported(path: path, setting: name, value: "false")
        }
        let kept = (config["never_split"] as? [Any] ?? []).map { "\($0)" }.filter { !Vocabulary.specials.contains($0) }
        if !kept.isEmpty {
            throw .settingRefused(
                path: path, setting: "never_split", value: "[\(kept.joined(separator: ", "))]",
                reason:
                    "Hugging Face's two tokenizers differ on it; add the words with tokenizer.add_tokens, which is supported, and save "
                    + "again")
        }
    }

    /// Refuses other texts for the five special tokens: captions would be framed by other ids.
    private func checkSpecials(_ object: [String: Any], _ path: String) throws(TextError) {
        for (name, usual) in Self.specialNames.sorted(by: { $0.key < $1.key }) {
            guard let value = object[name], !(value is NSNull) else { continue }
            let content = value as? String ?? (value as? [String: Any])?["content"] as? String
            if content != usual {
                throw .settingRefused(
                    path: path, setting: name, value: "\"\(content ?? "\(value)")\"",
                    reason: "BERT's is \"\(usual)\", and no other is supported")
            }
        }
    }

    /// Reads tokenizer.json's normalizer, pre-tokenizer and model. Returns whether capitals are kept.
    private func readRules(
        _ json: [String: Any], _ path: String, stated: Bool?, _ configPath: String, isGeneric: Bool
    ) throws(TextError) -> Bool {
        for (part, types) in [("normalizer", ["BertNormalizer"]), ("pre_tokenizer", ["BertPreTokenizer"])] {
            guard let type = (json[part] as? [String: Any])?["type"] as? String, !types.contains(type) else { continue }
            throw .settingRefused(path: path, setting: part, value: type, reason: "expected \(types[0]), as BERT has it")
        }
        let normalizer = json["normalizer"] as? [String: Any] ?? [:], model = json["model"] as? [String: Any] ?? [:]
        for name in ["clean_text", "handle_chinese_chars"] where try Self.flag(name, in: normalizer, path: path) == false {
            throw .settingUnsupported(path: path, setting: "normalizer." + name, value: "false")
        }
        for (name, usual) in [("unk_token", "[UNK]"), ("continuing_subword_prefix", "##")] {
            if let value = model[name] as? String, value != usual {
                throw .settingRefused(path: path, setting: "model." + name, value: "\"\(value)\"", reason: "expected \"\(usual)\"")
            }
        }
        if let longest = model["max_input_chars_per_word"] as? Int, longest != WordScanner.maximumWordScalars {
            throw .settingRefused(
                path: path, setting: "model.max_input_chars_per_word", value: "\(longest)",
                reason: "expected \(WordScanner.maximumWordScalars)")
        }
        guard let lower = try Self.flag("lowercase", in: normalizer, path: path) else { return stated == false }
        if let accents = try Self.flag("strip_accents", in: normalizer, path: path), accents != lower {
            throw .settingUnsupported(path: path, setting: "normalizer.strip_accents", value: "\(accents)")
        }
        // BertTokenizer lower-cases unless its config says otherwise, whatever tokenizer.json says; the generic class follows
        // tokenizer.json.
        if lower != stated ?? (isGeneric ? lower : true) {
            throw .settingRefused(
                path: path, setting: "normalizer.lowercase", value: "\(lower)",
                reason:
                    "\(configPath) \(stated.map { "says do_lower_case \($0)" } ?? "does not set do_lower_case, which is then true"); make "
                    + "the two agree"
            )
        }
        return !lower
    }

    private static func compare(_ json: [String: Any], _ path: String, with tokens: [String], of file: String) throws(TextError) {
        guard let table = (json["model"] as? [String: Any])?["vocab"] as? [String: Int] else { return }
        for (index, token) in tokens.enumerated() where !token.isEmpty {
            guard let id = table[token], id != index, tokens.indices.contains(id), tokens[id] != token else { continue }
            throw .vocabularyMalformed(path: path, found: "token \"\(token)\" has id \(id), in \(file) \(index)")
        }
    }

    private func addedTokens(
        _ config: [String: Any], _ configPath: String, _ json: [String: Any], _ jsonPath: String, _ map: [String: Any], _ mapPath: String,
        file: String, tokens: [String]
    ) throws(TextError) -> [AddedToken] {
        var reader = AddedTokenReader(tokens: tokens)
        let listed = json["added_tokens"] as? [[String: Any]], decoder = config["added_tokens_decoder"] as? [String: Any]
        if let listed { try reader.read(list: listed, path: jsonPath) }
        if let decoder {
            try reader.read(decoder: decoder, path: configPath)
            let contents = decoder.values.compactMap { ($0 as? [String: Any])?["content"] as? String }
            try reader.check(contents: contents, of: configPath)
        }
        let plainPath = Self.path("added_tokens.json", beside: file), plain = try Self.object(plainPath)
        if !plain.isEmpty { try reader.read(plain: plain, path: plainPath) }
        if let listed { try reader.check(contents: listed.compactMap { $0["content"] as? String }, of: jsonPath) }
        if let decoder {
            try reader.check(contents: decoder.values.compactMap { ($0 as? [String: Any])?["content"] as? String }, of: configPath)
        }
        for (object, path) in [(config, configPath), (map, mapPath)] {
            for name in ["additional_special_tokens", "extra_special_tokens"] {
                guard let value = object[name], !(value is NSNull) else { continue }
                let values = value as? [Any] ?? (value as? [String: Any])?.sorted { $0.key < $1.key }.map(\.value) ?? [value]
                for special in values { try reader.read(special: special, path: path) }
            }
        }
        let added = try reader.added()
        var patterns: [String: AddedToken] = [:]
        for token in added where token.normalized {
            let pattern = ScalarMap.normalised(token.content, lowercase: !keepsCase)
            guard !pattern.isEmpty, patterns.updateValue(token, forKey: pattern) == nil else {
                throw .addedToken(
                    path: file, token: token.content,
                    problem: pattern.isEmpty
                        ? "is empty after normalisation" : "is the same as another added token after normalisation (\"\(pattern)\")")
            }
        }
        return added
    }

    private static func flag(_ name: String, in settings: [String: Any], path: String) throws(TextError) -> Bool? {
        guard let value = settings[name], !(value is NSNull) else { return nil }
        guard let flag = value as? Bool else { throw .settingUnsupported(path: path, setting: name, value: "\(value)") }
        return flag
    }

    /// The file's object; empty if the file does not exist.
    private static func object(_ path: String) throws(TextError) -> [String: Any] {
        guard FileIO.exists(path) else { return [:] }
        let bytes: [UInt8]
        do { bytes = try FileIO.read(path, limit: sizeLimit) } catch { throw .vocabularyUnreadable(error) }
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw .vocabularyMalformed(path: path, found: "not a JSON object")
        }
        return object
    }
}
