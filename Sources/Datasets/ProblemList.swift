// Problems as lines for people: by kind, each on its own line while they are few, one line of names where they are many.
// Not for the summary, which holds them all. Invariant: a problem that no line names is in the list file, one problem a line.
import Files

public struct ProblemList: Sendable {
    /// Problems of a kind that have a line each.
    public static let limit = 20
    private let groups: [(kind: SampleProblem.Kind, problems: [SampleProblem])]

    public init(_ problems: [SampleProblem]) {
        let byKind = Dictionary(grouping: problems, by: \.kind)
        groups = SampleProblem.Kind.allCases.compactMap { kind in byKind[kind].map { (kind, $0) } }
    }

    /// Whether some kind has more problems than are printed, so that a list file is needed.
    public var isLong: Bool { groups.contains { $0.problems.count > Self.limit } }

    /// - Parameter list: the file with all of them; nil where there is none.
    public func lines(list: String?) -> [String] {
        groups.flatMap { kind, problems in
            if problems.count > Self.limit { return [grouped(kind, problems, shown: 5, list: list)] }
            // One mistake made in all files: their names are enough.
            if kind == .sidesExchanged, problems.count > 1 { return [grouped(kind, problems, shown: Self.limit, list: nil)] }
            return problems.map(\.line)
        }
    }

    /// A first line that marks the file as prep's own, then all problems, one a line.
    public var text: String {
        let problems = groups.flatMap(\.problems)
        return "\(Self.mark)\(problems.count) problems, listed by prep ingest\n"
            + problems.map { problem in
                String(problem.line.map { $0.isNewline ? " " : $0 }) + "\n"
            }.joined()
    }

    /// "2,702 rows name no image: a, b, c, ...; all in manifests/kvasir.problems.txt; the first: ...".
    private func grouped(_ kind: SampleProblem.Kind, _ problems: [SampleProblem], shown: Int, list: String?) -> String {
        let names = problems.prefix(shown).map { kind.isAboutFiles ? $0.path : $0.id }
        return "\(Self.grouped(problems.count)) \(kind.plural): " + names.joined(separator: ", ") + (problems.count > shown ? ", ..." : "")
            + (list.map { "; all in \($0)" } ?? "") + "; the first: \(problems[0].line)"
    }

    /// A number with commas between thousands.
    static func grouped(_ number: Int) -> String {
        var digits = String(number), place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
            place -= 3
        }
        return digits
    }
}

extension ProblemList {
    /// FOLDER/NAME.problems.txt: no manifest's name, which ends in .jsonl.
    public static func path(folder: String, name: String) -> String { "\(folder)/\(name).problems.txt" }

    private static let mark = "# "

    /// Whether a file is a list that an earlier run wrote, or empty.
    static func isOwn(_ path: String) -> Bool {
        guard let bytes = try? FileIO.read(path, limit: 1 << 30), let line = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1).first
        else {
            return (try? FileIO.size(path)) == 0
        }
        let text = String(decoding: line, as: UTF8.self)
        return text.hasPrefix(mark) && text.hasSuffix("listed by prep ingest")
    }

    /// Writes the list if it is long; otherwise removes the list of an earlier run.
    /// - Returns: the file's path if it was written. If the folder is not writable, only the list is lost.
    func write(folder: String, name: String) -> String? {
        let path = Self.path(folder: folder, name: name)
        guard isLong else {
            if FileIO.isFile(path), Self.isOwn(path) { try? FileIO.remove(path) }
            return nil
        }
        do {
            try FileIO.createFolder(folder)
            try FileIO.writeAtomically(text, to: path)
            return path
        } catch {
            return nil
        }
    }
}

extension SampleProblem.Kind {
    /// What several problems of the kind are: "rows name no image".
    var plural: String {
        switch self {
        case .missingImage: "masks have no image"
        case .missingMask: "images have no mask"
        case .missingCaption: "images have no caption"
        case .emptyCaption: "captions are empty"
        case .captionWithoutImage: "rows name no image"
        case .severalCaptions: "images have several different captions"
        case .badCaptionRow: "caption rows cannot be used"
        case .duplicateName: "names belong to several images"
        case .inSeveralSplits: "images are in several splits"
        case .emptyFile: "files are empty"
        case .undecodable: "files cannot be decoded"
        case .tooLarge: "files are too large"
        case .sizesDiffer: "masks have another size than their image"
        case .sidesExchanged: "masks have width and height swapped"
        case .maskNotGrey: "masks are colour images"
        case .outsideRoot: "files lead out of the root"
        case .linkLoop: "links lead back to themselves"
        case .notAFile: "paths are not files"
        case .unreadable: "files cannot be read"
        case .ambiguousMask: "images have several masks"
        case .maskDiffers: "masks hold other values than the rest"
        case .leftoverMask: "files in the folder of masks match no naming rule"
        case .noSplit: "images have no split"
        }
    }

    /// Whether the file's path names the problem; else the sample's id does.
    var isAboutFiles: Bool {
        switch self {
        case .emptyFile, .undecodable, .tooLarge, .sizesDiffer, .sidesExchanged, .maskNotGrey, .outsideRoot, .linkLoop, .notAFile,
            .unreadable, .badCaptionRow,
            .maskDiffers, .leftoverMask:
            true
        default: false
        }
    }
}
