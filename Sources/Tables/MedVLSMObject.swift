// One object of a MedVLSM file: img_name, mask_name and the prompts p0 to p9. CaptionRule chooses one prompt.
// A prompt that is null, NaN or a word for a missing value counts as a prompt without text.
import Files
import Text

enum MedVLSMObject {
    static func row(_ item: JSONNode, location: String, prompt: String?, split: String?) throws(UnusableObject) -> CaptionRow {
        guard item.object != nil else { throw UnusableObject(reason: "expected an object, found \(item.kind)") }
        for key in ["img_name", "mask_name", "prompts"] where item.contradicts(itselfIn: key) {
            throw UnusableObject(reason: JSONCaptions.twice(key))
        }
        guard let name = item["img_name"]?.string, !trimmed(name).isEmpty else { throw .missing("img_name", in: item) }
        var maskName: String?
        if let mask = item["mask_name"] {
            guard let text = mask.string, !text.isEmpty else { throw .missing("mask_name", in: item) }
            maskName = text
        }
        guard let members = item["prompts"]?.object else {
            let found = item["prompts"].map { "it is \($0.kind)" } ?? "it is missing"
            throw UnusableObject(reason: "\(name): expected an object \"prompts\" with p0 to p9; \(found)")
        }
        var prompts: [String: PromptValue] = [:]
        // Per prompt without text, the word in its place.
        var missing: [String: String] = [:]
        for (key, value) in members {
            let before = prompts[key]
            if let text = value.string ?? value.missingWord {
                missing[key] = MissingValue.word(in: text)
                prompts[key] = .text(MissingValue.caption(text).text)
            } else if let items = value.array {
                let texts = items.compactMap(\.string)
                guard texts.count == items.count else {
                    throw UnusableObject(reason: "\(name): prompt \(key) is a list that holds more than strings")
                }
                for (place, text) in texts.enumerated() { missing["\(key)[\(place)]"] = MissingValue.word(in: text) }
                prompts[key] = .list(texts.map { MissingValue.caption($0).text })
            } else {
                throw UnusableObject(reason: "\(name): prompt \(key) is \(value.kind); expected a string or a list of strings")
            }
            if let before, before != prompts[key] { throw UnusableObject(reason: "\(name): prompts: " + JSONCaptions.twice(key)) }
        }
        do {
            let (caption, source) = try CaptionRule.choose(prompts: prompts, preferred: prompt)
            var row = CaptionRow(cell: caption, imageName: name, source: source, location: location, split: split, maskName: maskName)
            row.missingWord = missing[source]
            row.others = CaptionRule.others(prompts: prompts, than: caption)
            return row
        } catch {
            let words = missing.sorted { $0.key < $1.key }.map { "\($0.key) says \"\($0.value)\"" }
            throw UnusableObject(reason: "\(name): \(error)" + (words.isEmpty ? "" : " (\(words.prefix(4).joined(separator: ", ")))"))
        }
    }
}
