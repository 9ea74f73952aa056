// The settings of a Hugging Face tokenizer that change its ids: read from tokenizer_config.json, refused where they are not BERT's usual.
import Files
import Foundation

enum TokenizerSettings {
    private static let sizeLimit = 64 << 20

    static func path(beside vocabulary: String) -> String {
        FileIO.sibling(of: vocabulary, named: "tokenizer_config.json")
    }

    /// Whether the tokenizer around this vocabulary file takes text with its capitals and accents.
    /// - Throws: where the settings ask for another tokenizer than BERT's.
    static func keepsCase(forVocabulary file: String) throws(TextError) -> Bool {
        let beside = path(beside: file)
        if FileIO.exists(beside) {
            let settings = try object(beside)
            let lower = try flag("do_lower_case", in: settings, path: beside) ?? true
            let accents = try flag("strip_accents", in: settings, path: beside)
            if let accents, accents != lower { throw .settingUnsupported(path: beside, setting: "strip_accents", value: "\(accents)") }
            for name in ["do_basic_tokenize", "tokenize_chinese_chars"] where try flag(name, in: settings, path: beside) == false {
                throw .settingUnsupported(path: beside, setting: name, value: "false")
            }
            return !lower
        }
        guard file.hasSuffix(".json"), let normalizer = try object(file)["normalizer"] as? [String: Any] else { return false }
        return try flag("lowercase", in: normalizer, path: file) == false
    }

    private static func flag(_ name: String, in settings: [String: Any], path: String) throws(TextError) -> Bool? {
        guard let value = settings[name], !(value is NSNull) else { return nil }
        guard let flag = value as? Bool else { throw .settingUnsupported(path: path, setting: name, value: "\(value)") }
        return flag
    }

    private static func object(_ path: String) throws(TextError) -> [String: Any] {
        let bytes: [UInt8]
        do { bytes = try FileIO.read(path, limit: sizeLimit) } catch { throw .vocabularyUnreadable(error) }
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw .vocabularyMalformed(path: path, found: "not a JSON object")
        }
        return object
    }
}
