// The colour of each palette index in most files of a dataset. Palettes made file by file may number the same colours in another order, and
// then equal indexes mean different things. Not for choosing the foreground (MaskDecision).
import Imaging

struct IndexColours {
    private var colours: [Int: MaskColour] = [:]
    /// "palette indexes 0 (0,0,0) and 1 (255,255,255)".
    let sentence: String

    init(_ files: [MaskFile]) {
        var counts: [Int: [MaskColour: Int]] = [:]
        for file in files where file.census.plane == .indexes {
            for (value, colour) in zip(file.census.values, file.census.colours) {
                counts[value.value, default: [:]][colour.colour, default: 0] += 1
            }
        }
        // The most frequent colour. Of equally frequent ones the first in order, so that the result does not depend on the order of a
        // dictionary.
        for (index, found) in counts { colours[index] = found.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key }
        sentence = "palette indexes " + Words.list(colours.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value.text))" }, limit: 8)
    }

    /// Two equally large groups of files, the largest ones, whose palettes number colours in different orders; nil if most files agree.
    static func rivals(_ files: [MaskFile]) -> (first: [MaskFile], second: [MaskFile])? {
        var groups: [(colours: [[Int]], files: [MaskFile])] = []
        for file in files where file.census.plane == .indexes && file.census.values.count > 1 {
            let colours = zip(file.census.values, file.census.colours).map { [$0.value, $1.colour.red, $1.colour.green, $1.colour.blue] }
            if let index = groups.firstIndex(where: { $0.colours == colours }) {
                groups[index].files.append(file)
            } else {
                groups.append((colours, [file]))
            }
        }
        let most = groups.map(\.files.count).max() ?? 0, leaders = groups.filter { $0.files.count == most }
        guard let first = leaders.first else { return nil }
        let known = IndexColours(first.files)
        return leaders.dropFirst().first { known.contradicts($0.files[0]) }.map { (first.files, $0.files) }
    }

    subscript(index: Int) -> MaskColour? { colours[index] }

    /// Whether one of the file's indexes has a clearly different colour than in most files.
    func contradicts(_ file: MaskFile) -> Bool {
        guard file.census.plane == .indexes else { return false }
        return zip(file.census.values, file.census.colours).contains { value, colour in
            colours[value.value].map { $0.squaredDistance(to: colour.colour) > Self.allowed * Self.allowed } ?? false
        }
    }

    /// The largest distance of two greys that are both "dark" or both "bright"; swapped indexes differ by more.
    private static let allowed = 96
}
