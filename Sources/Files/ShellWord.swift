// A word of a command in a message, quoted so that the user can paste it into a shell.

public enum ShellWord {
    /// The word itself, or the word in single quotes if the shell would split or expand it.
    public static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || ("0"..."9").contains($0) || "._-+/:,=@".unicodeScalars.contains($0)
            }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }

    /// A whole command that can be pasted into a shell.
    public static func command(_ program: String, _ words: [String]) -> String {
        ([program] + words).map(quoted).joined(separator: " ")
    }
}
