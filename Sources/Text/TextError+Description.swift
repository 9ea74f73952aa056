// The texts of TextError: what was found, what was expected, what to do.
import Files

extension TextError {
    public var description: String {
        switch self {
        case .vocabularyNotFound(let path, let names):
            return
                "\(path): no vocabulary here; expected a vocab.txt file or a folder with \(ListText.joined(names, by: " or ", none: "one"))"
        case .vocabularyUnreadable(let error), .vocabularyUnwritable(let error):
            return error.description
        case .vocabularyNotText(let path, let line):
            return
                "\(path), line \(line): not UTF-8 text; a vocabulary is a text file with one token a line (is this another kind of file?)"
        case .vocabularyMalformed(let path, let found):
            return "\(path): \(found); expected what Hugging Face writes for a WordPiece tokenizer (or use a plain vocab.txt)"
        case .settingUnsupported(let path, let setting, let value):
            return "\(path): \(setting) is \(value); only BERT's own rules are supported "
                + "(do_lower_case true or false, strip_accents null or equal to it, do_basic_tokenize and tokenize_chinese_chars true)"
        case .settingRefused(let path, let setting, let value, let reason):
            return "\(path): \(setting) is \(value): \(reason)"
        case .addedToken(let path, let token, let problem):
            return "\(path): added token \"\(token)\" \(problem); load the tokenizer in Python and write it again with save_pretrained"
        case .modelFolder(let failure):
            return failure.description
        case .vocabularyLacks(let path, let tokens, let count):
            let place = path.map { "\($0): " } ?? ""
            return "\(place)a vocabulary of \(count) tokens without \(ListText.joined(tokens, none: "those that BERT needs")); "
                + "a BERT vocabulary holds [PAD], [UNK], [CLS], [SEP] and [MASK], one token a line"
        case .promptMissing(let asked, let available):
            return "no prompt \"\(asked)\"; there are \(ListText.joined(available, none: "none"))"
        case .promptNameMalformed(let name):
            return "\"\(name)\" is not the name of a prompt; expected one like p6, or p9[0] for an entry of a list"
        case .promptsEmpty(let available):
            return available.isEmpty
                ? "no prompts at all; expected keys p0 to p9"
                : "no text in any of the prompts \(available.joined(separator: ", "))"
        }
    }
}
