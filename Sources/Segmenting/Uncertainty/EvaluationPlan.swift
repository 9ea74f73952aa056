// The passes of each image of an evaluation. Invariant: they depend on the kind of uncertainty and the image's captions alone.
import Shards
import Text

struct EvaluationPlan {
    private let kind: UncertaintyKind?
    /// The other captions that the shards hold, by sample; empty for kinds that do not read them.
    private var others: [[String]] = []

    /// - Throws: `noCaptionToVary` if the kind varies captions and a network reads none, or they are withheld.
    init(_ kind: UncertaintyKind?, _ readings: [SplitReading], variant: CaptionVariant) throws(SegmentingError) {
        self.kind = kind
        guard kind == .captions else { return }
        for reading in readings where reading.captions == nil || variant == .empty {
            throw .noCaptionToVary(checkpoint: reading.model.checkpoint, isWithheld: reading.captions != nil)
        }
        // Those of the image itself: a variant such as `shuffled` asks what another caption does.
        guard variant == .original, let set = readings.first?.set, set.hasOtherCaptions else { return }
        for index in 0..<set.count {
            others.append(try SegmentingError.shards { () throws(ShardError) in try set.otherCaptions(of: index) } ?? [])
        }
    }

    /// The passes of a sample.
    func passes(of index: Int, _ reading: SplitReading) -> [Pass] {
        (kind ?? .entropy).passes(caption: reading.captions?[index], others: others.isEmpty ? [] : others[index])
    }

    /// Every caption that a network will read, each once, in order of appearance.
    func captions(of reading: SplitReading) -> [String] {
        guard reading.captions != nil else { return [] }
        var seen = Set<String>(), result: [String] = []
        for index in 0..<reading.set.count {
            for pass in passes(of: index, reading) {
                if let caption = pass.caption, seen.insert(caption).inserted { result.append(caption) }
            }
        }
        return result
    }
}
