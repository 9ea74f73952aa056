// A word of a command that a message advises, written so that it can be pasted into a shell.

public enum ShellWord {
    /// The word itself, or in single quotes where the shell would take it apart.
    public static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || ("0"..."9").contains($0) || "._-+/:,=@".unicodeScalars.contains($0)
            }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
