// What can go wrong with vocabularies and caption choice. One case per mistake, with the values found.
// The sentences a user reads are in TextError+Description.swift.
import Files

public enum TextError: UserFacingError {
    /// The vocabulary's path is neither a file nor a folder that holds one of the files looked for.
    case vocabularyNotFound(path: String, lookedFor: [String])
    /// The vocabulary file could not be read.
    case vocabularyUnreadable(FileError)
    /// The vocabulary file could not be written.
    case vocabularyUnwritable(FileError)
    /// A line of the vocabulary file is not UTF-8.
    case vocabularyNotText(path: String, line: Int)
    /// A tokenizer.json that holds no WordPiece vocabulary, or one with holes.
    case vocabularyMalformed(path: String, found: String)
    /// A tokenizer setting under which BERT's rules as built here would give other ids.
    case settingUnsupported(path: String, setting: String, value: String)
    /// A tokenizer setting that is refused for a reason of its own.
    case settingRefused(path: String, setting: String, value: String, reason: String)
    /// An added token whose files contradict each other or the vocabulary.
    case addedToken(path: String, token: String, problem: String)
    /// The path is no model's folder, but it is known what to give instead.
    case modelFolder(ModelFolder.Failure)
    /// Special tokens that every BERT vocabulary has are not in this one.
    case vocabularyLacks(path: String?, tokens: [String], count: Int)
    /// A prompt was asked for by name, and the object has none of that name.
    case promptMissing(asked: String, available: [String])
    /// A prompt's name that is not of the form "p6" or "p9[2]".
    case promptNameMalformed(String)
    /// No prompt of the object holds any text.
    case promptsEmpty(available: [String])

    /// Vocabularies and captions are what the user named.
    public var kind: FailureKind { .usage }
}
