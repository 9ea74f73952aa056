// A WordPiece vocabulary from captions, for when no pretrained one is given: special tokens, then characters, then pieces merged by
// frequency until every word is whole or the size is reached.
//
// Invariants: the same captions in any order give the same tokens; no caption used for building has an unknown word, except for a
// word of more than 100 characters (BERT never spells those). ASCII letters, digits and signs are always there, so that text typed
// later has few unknown words.

extension Vocabulary {
    /// Builds a vocabulary of at most `size` tokens (more only where the captions' characters alone need more).
    public static func built(from captions: [String], size: Int = 30_522, lowercase: Bool = true) -> Vocabulary {
        let scanner = WordScanner(lowercase: lowercase, specials: specials)
        var counts: [[UInt8]: Int] = [:]
        for caption in captions {
            scanner.scan(caption) { event in
                if case .word(let word, let scalars) = event, scalars <= WordScanner.maximumWordScalars {
                    counts[Array(word), default: 0] += 1
                }
                return true
            }
        }
        var builder = PieceMerger(words: counts, size: size - specials.count)
        builder.mergeAll()
        return Vocabulary(trusted: specials + builder.pieces, keepsCase: !lowercase)
    }
}
