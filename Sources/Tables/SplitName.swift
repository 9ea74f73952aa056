// The split that a caption file's name states: Train_text.xlsx, kvasir-medvlsm-val.json, prompt/test.csv.

public enum SplitName {
    private static let words: [String: String] = [
        "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val", "test": "test",
        "testing": "test",
    ]

    /// The split that the file's name states, or else its folder, such as Train_Folder or "Test Set"; nil if the name states no split or
    /// several (Train_Val_text.xlsx covers two).
    public static func split(ofPath path: String) -> String? {
        let parts = path.split(separator: "/")
        guard let file = parts.last else { return nil }
        let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file
        let named = splits(in: stem)
        if !named.isEmpty { return named.count == 1 ? named.first : nil }
        guard let folder = parts.dropLast().last else { return nil }
        let lower = folder.lowercased()
        guard lower.hasSuffix("_folder") || lower.hasSuffix(" set") else { return nil }
        let around = splits(in: folder)
        return around.count == 1 ? around.first : nil
    }

    /// The split that a single word states, such as the cell of a table.
    static func split(ofWord word: String) -> String? { words[word.lowercased()] }

    /// The split that the name of a workbook's sheet states: "Train", "val set", "Test_data".
    static func split(ofSheet name: String) -> String? {
        let named = splits(in: name[...])
        return named.count == 1 ? named.first : nil
    }

    private static func splits(in name: Substring) -> Set<String> {
        var words: [String] = []
        var word = ""
        var previous: Character?
        for character in name {
            let camel = character.isUppercase && previous?.isLowercase == true
            if !character.isLetter || camel {
                words.append(word)
                word = ""
            }
            if character.isLetter { word.append(character) }
            previous = character
        }
        words.append(word)
        return Set(words.compactMap { Self.words[$0.lowercased()] })
    }
}
