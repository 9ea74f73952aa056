// The texts of SegmentingError: what was found, what was expected, what to do.
import Files
import Shards

extension SegmentingError {
    public var description: String {
        switch self {
        case .training(let error): return "\(error)"
        case .file(let error): return "\(error)"
        case .text(let error): return "\(error)"
        case .array(let error): return "\(error)"
        case .image(let path, let error): return "\(path): \(error)"
        case .notFinite(let checkpoint, let arrays):
            return
                "\(checkpoint) gives invalid probabilities (NaN or infinity): its weights are damaged, or its training "
                + "diverged; use another checkpoint"
                + (arrays.isEmpty ? "" : "; or the values of \(ListText.joined(arrays, none: "")) are far too large: check their range")
        case .encoderNotGiven(let checkpoint):
            return "\(checkpoint) does not say which text encoder it was trained with; give it with --text-encoder DIR"
                + " (for the untrained encoder, give the checkpoint as train wrote it, with its metadata)"
        case .otherEncoder(let checkpoint, let given):
            return
                "\(checkpoint) was trained with another text encoder than \(given); give the right one with --text-encoder DIR"
        case .vocabularyMissing(let looked):
            return
                "no vocabulary for the caption; looked for \(looked.joined(separator: ", ")); give the run's folder with its vocab.txt, "
                + "or add --text-encoder DIR"
        case .otherVocabulary(let path, let checkpoint):
            return "\(path) is not the vocabulary that \(checkpoint) was trained with; give the run's own vocab.txt or text encoder"
        case .otherImageSize(let shards, let split, let found, let wanted):
            return "\(shards)/\(split): images are \(found)x\(found), the model takes \(wanted)x\(wanted); make the shards again with"
                + " `\(ShardAdvice.remaking(shards, size: wanted))`, or keep these and make new ones with another --out"
        case .sameFile(let first, let second, let path):
            return "samples \"\(first)\" and \"\(second)\" would both be \(path); evaluate without --predictions"
        case .foreignFiles(let folder, let paths):
            let some = paths.prefix(3).joined(separator: ", ") + (paths.count > 3 ? " and \(paths.count - 3) more" : "")
            return
                "--predictions \(folder): holds files that no evaluation wrote (\(some)); give another folder, or add --overwrite to "
                + "replace them"
        case .noOriginalMasks(let shards, let split):
            return
                "\(shards)/\(split): these shards hold no original masks; make them again with `prep shard`, or give --at-size model"
        case .noCaption(let caption): return "caption \"\(caption)\": it has no text feature; the shards changed while they were read"
        case .noDropout(let checkpoint, let model):
            return
                "\(checkpoint) is of \(model) without dropout, so all passes of mc-dropout would be equal; give another --uncertainty, such as "
                + "augment"
        case .uncertaintyOfArrays(let kind):
            return "--uncertainty \(kind): it makes several passes of an image file and a caption; with arrays give --uncertainty entropy"
        case .noCaptionToVary(let checkpoint, let isWithheld):
            return
                (isWithheld ? "captions are withheld" : "\(checkpoint) is of a model that reads no captions")
                + ", so there are no other ones; give another --uncertainty than captions"
        case .noPixels(let shards, let split): return "\(shards)/\(split): no pixels to calibrate on"
        case .calibrationMissing(let path, let command): return "\(path): no such file; make it with `\(command)`"
        case .calibrationUnreadable(let path, let command):
            return "\(path): not a file of segment calibrate, or of another version; make it again with `\(command)`"
        case .calibrationOfOther(let path, let checkpoint, let command):
            return
                "\(path) is the calibration of other weights than those of \(checkpoint); make it again with `\(command)`"
        case .sameMask(let first, let second, let path):
            return
                "the images \"\(first)\" and \"\(second)\" would both have the mask \(path), on some systems; rename one, or predict them "
                + "into two folders"
        case .otherFiles(let folder, let paths):
            let some = paths.prefix(3).joined(separator: ", ") + (paths.count > 3 ? " and \(paths.count - 3) more" : "")
            return
                "--out \(folder): files that segment did not write would be replaced (\(some)); give another folder, or add --overwrite to "
                + "replace them"
        case .otherPredictions(let folder):
            return
                "--out \(folder): holds predictions of another checkpoint, precision, text encoder, threshold, temperature, uncertainty or shards; give another "
                + "folder, or add --overwrite to replace them"
        case .noCaptionsToWithhold(let checkpoint):
            return "\(checkpoint) is of a model that reads no captions; leave --captions and --no-text out"
        case .captionMissing(let checkpoint): return "\(checkpoint) is of a model that reads a caption; give --text SENTENCE, or --no-text"
        case .shardsWithoutCaptions(let shards, let checkpoint, let model):
            return
                "\(shards) holds images without captions, but \(checkpoint) is of \(model), which reads captions; add --no-text to use "
                + "empty captions, give a run of a network that reads none, or add captions to the dataset: prep ingest without "
                + "--no-captions, then prep shard"
        case .textNotRead(let option, let model, let everReadsText):
            return "--\(option): \(model) reads no text\(everReadsText ? " with these options" : ""); leave --\(option) out"
        case .otherModelOption(let checkpoint, let option, let found, let given):
            return "\(checkpoint) is of a network with \(option)=\(found), not \(option)=\(given); leave --model-option \(option) out"
        case .cancelled(nil): return "stopped; nothing was written"
        case .cancelled(let predictions?): return "stopped; no report was written; \(predictions) holds the predictions made so far"
        }
    }
}
