// Splits a text into words, which WordPiece then splits into pieces, and into the special tokens typed in it.
// Works on UTF-8 bytes: a table for ASCII, a table of prepared steps for the scalars below U+2100, ScalarMap for the rest.
//
// Invariants: words are passed on as UTF-8 in their final form (lower-cased, no accents); none is empty. A word longer than
// `maximumWordScalars` is passed on truncated, with its true length in scalars, so that memory stays bounded for any input.
import Foundation

package struct WordScanner: Sendable {
    /// BERT's limit: a longer word is one [UNK].
    package static let maximumWordScalars = 100

    let lowercase: Bool
    /// Special tokens that are recognised if typed exactly, as UTF-8; each begins with "[".
    let specials: [[UInt8]]

    private let ascii: [UInt8]  // 256 entries: 0 drop, 1 blank, 2 alone, 3 letter
    private let lowered: [UInt8]  // the letter to store
    private let table: [[ScalarStep]]  // steps of U+0080 ..< U+2100
    private static let tableEnd: UInt32 = 0x2100

    private static let loweringTable = makeTable(lowercase: true)
    private static let caseKeepingTable = makeTable(lowercase: false)

    private static func makeTable(lowercase: Bool) -> [[ScalarStep]] {
        (0x80..<tableEnd).map { value in
            Unicode.Scalar(value).map { ScalarMap.steps(for: $0, lowercase: lowercase) } ?? []
        }
    }

    package init(lowercase: Bool, specials: [String]) {
        self.lowercase = lowercase
        self.specials = specials.map { Array($0.utf8) }.filter { $0.first == UInt8(ascii: "[") }
        var kinds = [UInt8](repeating: 0, count: 256)
        var letters = [UInt8](0...255)
        for value in UInt8(0)..<128 {
            switch ScalarMap.steps(for: Unicode.Scalar(value), lowercase: lowercase).first {
            case .none: kinds[Int(value)] = 0
            case .blank: kinds[Int(value)] = 1
            case .alone: kinds[Int(value)] = 2
            case .letter(let scalar):
                kinds[Int(value)] = 3
                letters[Int(value)] = UInt8(truncatingIfNeeded: scalar.value)
            }
        }
        ascii = kinds
        lowered = letters
        table = lowercase ? Self.loweringTable : Self.caseKeepingTable
    }

    /// What the scanner found; `word` is valid only during the call.
    package enum Event {
        case word(UnsafeBufferPointer<UInt8>, scalars: Int)
        case special(Int)
    }

    /// Calls `body` for each word and each special token (by its index in `specials`) in order, until it returns false.
    package func scan(_ text: String, _ body: (Event) -> Bool) {
        var text = text
        let again = text.withUTF8 { scan($0, wholeTextDecomposed: !lowercase, body) }
        guard again else { return }
        text = text.decomposedStringWithCanonicalMapping
        _ = text.withUTF8 { scan($0, wholeTextDecomposed: true, body) }
    }

    /// Returns true, before any event, if the text must be decomposed as a whole first.
    private func scan(_ bytes: UnsafeBufferPointer<UInt8>, wholeTextDecomposed: Bool, _ body: (Event) -> Bool) -> Bool {
        if !wholeTextDecomposed && Self.needsReordering(bytes) { return true }
        var word = WordBuffer()
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte < 128 {
                switch ascii[Int(byte)] {
                case 3: word.append(lowered[Int(byte)])
                case 0: break
                case 1: if !word.flush(body) { return false }
                default:
                    if !word.flush(body) { return false }
                    if byte == UInt8(ascii: "["), let special = self.special(in: bytes, at: position) {
                        if !body(.special(special)) { return false }
                        position += specials[special].count
                        continue
                    }
                    word.append(byte)
                    if !word.flush(body) { return false }
                }
                position += 1
                continue
            }
            let (scalar, length) = Self.decode(bytes, at: position)
            position += length
            let steps =
                scalar.value < Self.tableEnd
                ? table[Int(scalar.value) - 0x80] : ScalarMap.steps(for: scalar, lowercase: lowercase)
            for step in steps {
                switch step {
                case .letter(let result): word.append(result)
                case .blank: if !word.flush(body) { return false }
                case .alone(let result):
                    if !word.flush(body) { return false }
                    word.append(result)
                    if !word.flush(body) { return false }
                }
            }
        }
        _ = word.flush(body)
        return false
    }

    private func special(in bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int? {
        specials.firstIndex { special in
            position + special.count <= bytes.count && special.indices.allSatisfy { bytes[position + $0] == special[$0] }
        }
    }

    private static func needsReordering(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var position = 0
        while position < bytes.count {
            // Scalars from U+1715 on take three bytes or more; the first byte is 0xE1 or above.
            if bytes[position] < 0xE1 {
                position += 1
                continue
            }
            let (scalar, length) = decode(bytes, at: position)
            if ScalarMap.mayReorder(scalar) { return true }
            position += length
        }
        return false
    }

    /// Decodes a scalar of two bytes or more. A Swift string's UTF-8 is always well formed; the bounds are checked nevertheless.
    private static func decode(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> (Unicode.Scalar, length: Int) {
        let first = UInt32(bytes[position])
        func next(_ offset: Int) -> UInt32 { position + offset < bytes.count ? UInt32(bytes[position + offset] & 0x3F) : 0 }
        let value: UInt32
        let length: Int
        switch first {
        case 0xF0...: (value, length) = ((first & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3), 4)
        case 0xE0...: (value, length) = ((first & 0x0F) << 12 | next(1) << 6 | next(2), 3)
        default: (value, length) = ((first & 0x1F) << 6 | next(1), 2)
        }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }
}

/// The word that is being collected.
private struct WordBuffer {
    private var bytes: [UInt8] = []
    private var scalars = 0

    init() { bytes.reserveCapacity(64) }

    mutating func append(_ byte: UInt8) {
        scalars += 1
        if scalars <= WordScanner.maximumWordScalars { bytes.append(byte) }
    }

    mutating func append(_ scalar: Unicode.Scalar) {
        scalars += 1
        if scalars <= WordScanner.maximumWordScalars { bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? []) }
    }

    /// Passes on the word, if any, and begins the next; false if the caller asks to stop.
    mutating func flush(_ body: (WordScanner.Event) -> Bool) -> Bool {
        if scalars == 0 { return true }
        let goOn = bytes.withUnsafeBufferPointer { body(.word($0, scalars: scalars)) }
        bytes.removeAll(keepingCapacity: true)
        scalars = 0
        return goOn
    }
}
