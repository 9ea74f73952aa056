// The texts of SegmentingError: what was found, what was expected, what to do.
import Shards

extension SegmentingError {
    public var description: String {
        switch self {
        case .training(let error): return "\(error)"
        case .file(let error): return "\(error)"
        case .text(let error): return "\(error)"
        case .array(let error): return "\(error)"
        case .image(let path, let error): return "\(path): \(error)"
        case .notFinite(let checkpoint):
            return
                "\(checkpoint) gives invalid probabilities (NaN or infinity): its weights are damaged, or its training "
                + "diverged; use another checkpoint"
        case .encoderNotGiven(let checkpoint):
            return "\(checkpoint) does not say which text encoder it was trained with; give it with --text-encoder DIR"
                + " (a run of the untrained encoder needs the checkpoint as train wrote it, whose metadata says so)"
        case .otherEncoder(let checkpoint, let given):
            return
                "\(checkpoint) was trained with another text encoder than \(given); give the one it was trained with by --text-encoder DIR"
        case .vocabularyMissing(let looked):
            return "no vocabulary for the caption; looked for \(looked.joined(separator: ", ")). It is vocab.txt of the run, or give"
                + " --text-encoder DIR"
        case .otherVocabulary(let path, let checkpoint):
            return "\(path) is not the vocabulary that \(checkpoint) was trained with; give the run's own vocab.txt or text encoder"
        case .otherImageSize(let shards, let split, let found, let wanted):
            return "\(shards)/\(split): images are \(found)x\(found), the model takes \(wanted)x\(wanted); make the shards again with"
                + " `\(ShardAdvice.remaking(shards, size: wanted))`, or leave these as they are and give another --out"
        case .sameFile(let first, let second, let path):
            return "samples \"\(first)\" and \"\(second)\" would both be \(path); evaluate without --predictions"
        case .foreignFiles(let folder, let paths):
            let some = paths.prefix(3).joined(separator: ", ") + (paths.count > 3 ? " and \(paths.count - 3) more" : "")
            return
                "--predictions \(folder): files are there that no evaluation wrote (\(some)); give another folder, or add --overwrite to "
                + "replace them"
        case .noCaption(let id): return "sample \(id): its caption has no text feature; the shards changed while they were read"
        case .noCaptionsToWithhold(let checkpoint): return "\(checkpoint) is of a model that reads no captions; leave --no-text out"
        case .captionMissing(let checkpoint): return "\(checkpoint) is of a model that reads a caption; give --text SENTENCE, or --no-text"
        case .shardsWithoutCaptions(let shards, let checkpoint, let model):
            return
                "\(shards) holds images without captions, and \(checkpoint) is of \(model), which reads captions; add --no-text to give it "
                + "the empty caption, give a run of a network that reads none, or give the set its captions: prep ingest without "
                + "--no-captions, then prep shard"
        case .textNotRead(let option, let model, let everReadsText):
            return "--\(option): \(model) reads no text\(everReadsText ? " with these options" : ""); leave --\(option) out"
        case .otherModelOption(let checkpoint, let option, let found, let given):
            return "\(checkpoint) is of a network with \(option)=\(found), not \(option)=\(given); leave --model-option \(option) out"
        case .cancelled: return "stopped; nothing was written"
        }
    }
}
