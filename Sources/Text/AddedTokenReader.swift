// Reads the added tokens of a Hugging Face tokenizer from the four files that may hold them, and refuses files that disagree.
// Hugging Face's own precedence differs between its versions and its two tokenizers; it does not matter if all files agree.
// lstrip and rstrip are ignored: they include the white space next to a token, and white space has no id in BERT.
import Foundation

struct AddedTokenReader {
    /// The pieces of WordPiece; the index is the id.
    let tokens: [String]
    private var ids: [String: Int32] = [:]
    /// By content, with the file that stated the token.
    private var found: [String: (token: AddedToken, path: String)] = [:]

    init(tokens: [String]) {
        self.tokens = tokens
        for (index, token) in tokens.enumerated() { ids[token] = Int32(index) }
    }

    /// The tokens in the order of their ids, without the special tokens of every BERT.
    func added() throws(TextError) -> [AddedToken] {
        let added = found.values.filter { !$0.token.isUsual }.sorted { $0.token.id < $1.token.id }
        var next = Int32(tokens.count)
        for (token, path) in added {
            if Int(token.id) < tokens.count {
                guard ids[token.content] == token.id else {
                    throw .addedToken(
                        path: path, token: token.content,
                        problem: "has id \(token.id), which is \"\(tokens[Int(token.id)])\" in the vocabulary")
                }
                continue
            }
            guard ids[token.content] == nil else {
                throw .addedToken(
                    path: path, token: token.content,
                    problem: "has id \(token.id), but id \(ids[token.content] ?? 0) in the vocabulary")
            }
            // Hugging Face numbers added tokens from the end of the vocabulary, whatever the file says.
            guard token.id == next else {
                throw .addedToken(
                    path: path, token: token.content,
                    problem: "has id \(token.id), expected \(next): added ids continue after the vocabulary of \(tokens.count) tokens")
            }
            next += 1
        }
        return added.map(\.token)
    }

    /// added_tokens.json: contents with their ids.
    mutating func read(plain object: [String: Any], path: String) throws(TextError) {
        for (content, value) in object.sorted(by: { $0.key < $1.key }) {
            guard let id = value as? Int, let id = Int32(exactly: id), id >= 0 else {
                throw .addedToken(path: path, token: content, problem: "has id \(value), expected a whole number")
            }
            if let known = found[content] {
                guard known.token.id == id else { throw disagreement(content, id, path, known) }
                continue
            }
            // The five special tokens stay special.
            let special = Vocabulary.specials.contains(content)
            found[content] = (AddedToken(content: content, id: id, normalized: !special, special: special), path)
        }
    }

    /// tokenizer_config.json's added_tokens_decoder: ids with descriptions.
    mutating func read(decoder object: [String: Any], path: String) throws(TextError) {
        for (key, value) in object.sorted(by: { $0.key < $1.key }) {
            guard let id = Int32(key), let description = value as? [String: Any] else {
                throw .addedToken(path: path, token: key, problem: "is not an id with the description of a token")
            }
            try read(description: description, id: id, path: path)
        }
    }

    /// tokenizer.json's added_tokens: descriptions with ids.
    mutating func read(list: [[String: Any]], path: String) throws(TextError) {
        for description in list {
            guard let id = description["id"] as? Int, let id = Int32(exactly: id) else {
                throw .addedToken(path: path, token: description["content"] as? String ?? "", problem: "has no id")
            }
            try read(description: description, id: id, path: path)
        }
    }

    private mutating func read(description: [String: Any], id: Int32, path: String) throws(TextError) {
        guard let content = description["content"] as? String, !content.isEmpty, id >= 0 else {
            throw .addedToken(path: path, token: "\(id)", problem: "has no \"content\"")
        }
        let special = description["special"] as? Bool ?? false
        let token = AddedToken(
            content: content, id: id, singleWord: description["single_word"] as? Bool ?? false,
            normalized: description["normalized"] as? Bool ?? !special, special: special)
        if let known = found[content], known.token != token { throw disagreement(content, id, path, known) }
        found[content] = (token, path)
    }

    /// A token that tokenizer_config.json or special_tokens_map.json calls special, apart from the five: matched as written.
    mutating func read(special value: Any, path: String) throws(TextError) {
        let description = value as? [String: Any] ?? [:]
        guard let content = value as? String ?? description["content"] as? String else {
            throw .addedToken(path: path, token: "\(value)", problem: "is not a token's text or description")
        }
        guard let id = found[content]?.token.id ?? ids[content] else {
            throw .addedToken(
                path: path, token: content, problem: "is a special token without an id: neither the vocabulary nor another file has it")
        }
        found[content] = (
            AddedToken(
                content: content, id: id, singleWord: description["single_word"] as? Bool ?? found[content]?.token.singleWord ?? false,
                normalized: description["normalized"] as? Bool ?? false, special: true), path
        )
    }

    /// - Throws: if `path` names only some of the tokens that were read before.
    func check(contents: [String], of path: String) throws(TextError) {
        let named = Set(contents)
        for (token, other) in found.values.sorted(by: { $0.token.id < $1.token.id })
        where !token.isUsual && !named.contains(token.content) && other != path {
            throw .addedToken(path: other, token: token.content, problem: "is not in \(path), which lists added tokens too")
        }
    }

    private func disagreement(_ content: String, _ id: Int32, _ path: String, _ known: (token: AddedToken, path: String)) -> TextError {
        let what = known.token.id == id ? "is described in another way" : "has id \(id), \(known.token.id)"
        return .addedToken(path: path, token: content, problem: "\(what) in \(known.path)")
    }
}
