// Builds a WordPiece vocabulary from captions if no pretrained one is given: special tokens, then characters, then pieces merged by
// frequency until every word is one piece or the vocabulary has its size.
//
// Invariants: the same captions in any order give the same tokens. No caption used for building has an unknown word, except words of more
// than 100 characters (BERT never spells those). ASCII letters, digits and signs are always included, so that later text has few unknown
// words.

extension Vocabulary {
    /// Builds a vocabulary of at most `size` tokens (more only if the captions' characters alone need more).
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
