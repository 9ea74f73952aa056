// The texts of TrainingError: what was found, what was expected, what to do.
import Files
import Networks
import Shards

extension TrainingError {
    public var description: String {
        switch self {
        case .runExists(let path):
            return "\(path) already contains a run; continue it with --run \(path) --resume, or give another folder with --run"
        case .noRun(let path):
            return "\(path) holds no saved run to resume (no state.json); start one without --resume"
        case .foreignRun(let path, let reason):
            return "\(path): \(reason); it was not written by this version of train"
        case .noCheckpoint(let path, let best):
            return "\(path): holds the optimizer state of a run, not the weights of a network; give \(best ?? "the run's best.safetensors")"
        case .otherOrder(let path, let best):
            return
                "\(path) was started by a version of train with another order of samples, so it cannot be continued exactly; start a "
                + "new run with"
                + " --init \(ShellWord.quoted(best)) to keep its weights"
        case .settingsDiffer(let option, let given, let recorded, let path):
            return
                "--\(option) \(given) differs from the run's \(recorded) (\(path)/config.json); a resumed run keeps its settings: leave the"
                + " option out, or start a new run"
        case .shardsChanged(let path, let split):
            return
                "\(path): the \(split) shards are not those that the run began with, so it cannot continue exactly; restore them, or "
                + "start a new run"
        case .damagedShard(let problem):
            return
                "\(problem); run `prep verify` on the folder to see all damage, delete the damaged file, then run `prep shard` "
                + "again; or add"
                + " --skip-bad (with --resume, where a run has begun) to train without the bad shards' samples"
        case .noShardLeft(let folder, let shards, let first):
            return
                "\(folder): none of \(shards) shards is intact (\(first.shard): \(first.reason)), so --skip-bad would leave nothing; "
                + "make them again"
                + " with prep shard"
        case .masksWithoutContrast(let path, let reason):
            return "\(path): \(reason)"
        case .splitMissing(let folder, let split):
            return "\(folder) has no \(split)/ shards; "
                + (split == "val"
                    ? "training needs them to choose the best epoch: prep ingest --split 80/10/10 makes the split, "
                        + "then prep shard"
                    : "make them with prep ingest and prep shard")
        case .notShards(let path, let hint):
            return "\(path) is not a shard folder: expected train/ and val/ with an index.json in each, as prep shard writes them"
                + (hint.map { "; \($0)" } ?? "")
        case .noRoom(let path, let kept, let most, let free):
            return
                "\(path): no space left for a run: it takes \(kept) there and needs \(most) while it saves, but \(free) are free; free "
                + "some space, or name a"
                + " folder on another disk with --run"
        case .otherLength(let given, let recorded, let path, let command):
            return
                "--epochs \(given) differs from the run's \(recorded) (\(path)/config.json), and the learning rate depends on it; a "
                + "resumed "
                + "run keeps its settings."
                + " To train longer, start a new run from its best weights: \(command)"
        case .otherSize(let path, let found, let wanted, let command):
            return
                "\(path): the shards are now \(found)x\(found), but the run began with \(wanted)x\(wanted), so it cannot continue; make "
                + "them again: \(command)"
        case .shardsWithoutCaptions(let path, let model, let ways):
            return "\(path) holds images without captions, but \(model) reads captions; train a network that reads none"
                + "\(ways.isEmpty ? "" : " (\(ways.joined(separator: ", ")))"), or add captions to the dataset: prep ingest without "
                + "--no-captions, then prep shard"
        case .otherTokenizer(let path, let given, let recorded):
            return "\(given): its vocabulary is not the one that the run \(path) began with (config.json); give that text "
                + "encoder\(recorded.map { " (\($0))" } ?? "") with --text-encoder, or start a new run"
        case .vocabularyChanged(let shards):
            return
                "\(shards)/vocab.txt is not the vocabulary that these shards were made with; make them again with "
                + "`\(ShardAdvice.remaking(shards))`"
        case .imageSizeNotAMultiple(let found, let multiple, let shards):
            return
                "\(shards): images of \(found)x\(found), but the network needs a multiple of \(multiple); make them again with"
                + " `\(ShardAdvice.remaking(shards, size: 224))`"
        case .tokenOutOfRange(let id, let vocabulary, let shards):
            return
                "\(shards): token \(id) is beyond the text encoder's \(vocabulary) entries; give a text encoder whose vocab.txt belongs to "
                + "its weights, or, where none is given, make the shards again with `\(ShardAdvice.remaking(shards))`"
        case .captionsTooLong(let tokens, let positions, let shards):
            return
                "\(shards): captions have \(tokens) tokens, the text encoder takes \(positions) at most (max_position_embeddings in its "
                + "config.json);"
                + " give an encoder with more positions, or --token-length \(positions)"
        case .incompleteCheckpoint(let path, let report):
            return
                "\(path): holds only a part of the model; \(report). A whole checkpoint is needed here; parts can be used with train --init"
        case .otherModel(let path, let report):
            return "\(path): these are the weights of another model; \(report)"
        case .largerModel(let path, let model, let names):
            return
                "\(path): \(names.count) of its tensors belong to a larger \(model), or to a variant of it "
                + "(\(names.prefix(3).joined(separator: ", "))\(names.count > 3 ? ", ..." : "")), so the result would be another; give the "
                + "options that it was trained with (--model-option; `train models NAME` lists them), or, if no option fits, another checkpoint"
        case .otherClasses(let path, let model, let layer):
            return
                "\(path) is a \(model) with another number of classes (\(layer)); here a network has one output, the foreground: train "
                + "one from these weights with train --init, which leaves the last layer out"
        case .checkpointOfOtherModel(let path, let found, let expected):
            return
                "\(path) is a checkpoint of \(found), expected one of \(expected); name its model with --model \(found), or give weights "
                + "of \(expected)"
        case .checkpointOfOtherOption(let path, let model, let option, let found, let expected):
            return
                "\(path) is a checkpoint of \(model) with \(option)=\(found), expected one with \(option)=\(expected): its "
                + "weights fit, but "
                + "give other results; add --model-option \(option)=\(found), or give other weights"
        case .textEncoderNotUsed(let model, let everReadsText):
            return "--text-encoder: \(model) reads no captions\(everReadsText ? " with these options" : ""); leave --text-encoder out"
        case .stateMismatch(let path, let reason):
            return "\(path): the saved state cannot be used: \(reason)"
        case .lossNotFinite(let step, let epoch, let terms, let learningRate, let samples):
            return
                "the loss of step \(step) (epoch \(epoch + 1)) is \(terms.total)\(Self.parts(terms)), at learning rate "
                + "\(learningRate); samples:"
                + " \(samples.joined(separator: ", ")). Try a lower --lr, look at these samples with prep preview, and continue from "
                + "the last saved"
                + " state in a new run with --init"
        case .batchTooLarge(let batch, let fits, let wanted, let available, let total):
            let advice = fits > 0 ? "--batch-size \(fits) would fit" : "no batch of this image size would fit"
            return
                "a step of \(batch) images needs \(wanted >> 20) MiB besides the model, but only \(available >> 20) of the device's "
                + "\(total >> 20) MiB are available; \(advice)"
        case .file(let error): return "\(error)"
        case .shards(let error): return "\(error)"
        case .weights(let error): return "\(error)"
        case .networks(let error): return "\(error)"
        case .text(let error): return "\(error)"
        case .events(let error): return "\(error)"
        case .picture(let id, let error): return "\(id): its picture for TensorBoard could not be made: \(error)"
        case .backend(let error): return "\(error)"
        }
    }

    private static func parts(_ terms: LossTerms) -> String {
        let parts = terms.parts.map { "\($0.name) \($0.value)" }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }
}
