// How the files that a comparison writes are known again, so that a later one may replace them and no other file.
import Files
import Reports

public enum ComparisonFile: String, Sendable, CaseIterable {
    case csv, json, latex, markdown, html

    /// Whether the file at a path was written as this format by a comparison.
    public func isOwn(_ path: String) -> Bool {
        if self == .json {
            guard let bytes = try? FileIO.read(path, limit: 1 << 30) else { return false }
            return Comparison.isJSON(bytes)
        }
        guard let head = try? FileIO.head(path, 8192) else { return false }
        let text = String(decoding: head, as: UTF8.self)
        return switch self {
        case .csv: text.hasPrefix(Comparison.csvHeading + "\n")
        case .latex: text.hasPrefix(Comparison.latexMark + "\n")
        case .markdown: text.hasPrefix(Comparison.markdownMark + "\n")
        case .html: PageDocument.isWritten(by: ComparisonPage.generator, head: text)
        case .json: false
        }
    }
}
