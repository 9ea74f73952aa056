// Errors of vocabularies and of the choice of captions. One case per mistake, with the values found.
// The texts are in TextError+Description.swift.
import Files

public enum TextError: UserFacingError {
    /// The vocabulary's path is not a file, and not a folder with one of the expected files.
    case vocabularyNotFound(path: String, lookedFor: [String])
    /// The vocabulary file could not be read.
    case vocabularyUnreadable(FileError)
    /// The vocabulary file could not be written.
    case vocabularyUnwritable(FileError)
    /// A line of the vocabulary file is not UTF-8.
    case vocabularyNotText(path: String, line: Int)
    /// A tokenizer.json that holds no WordPiece vocabulary, or one with missing ids.
    case vocabularyMalformed(path: String, found: String)
    /// A tokenizer setting that this implementation does not support: BERT's rules would give other ids under it.
    case settingUnsupported(path: String, setting: String, value: String)
    /// A tokenizer setting that is refused for the stated reason.
    case settingRefused(path: String, setting: String, value: String, reason: String)
    /// An added token that the files state differently, or that contradicts the vocabulary.
    case addedToken(path: String, token: String, problem: String)
    /// The path is not a model's folder, but the error knows which path to give instead.
    case modelFolder(ModelFolder.Failure)
    /// The vocabulary lacks special tokens that every BERT vocabulary has.
    case vocabularyLacks(path: String?, tokens: [String], count: Int)
    /// The requested prompt does not exist in the object.
    case promptMissing(asked: String, available: [String])
    /// A prompt's name that does not have the form "p6" or "p9[2]".
    case promptNameMalformed(String)
    /// No prompt of the object holds any text.
    case promptsEmpty(available: [String])

    /// The user named the vocabularies and captions.
    public var kind: FailureKind { .usage }
}
