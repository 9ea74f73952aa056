// The progress lines of an evaluation: one of the captions whose text features are computed, one of the images.
import CommandLineTool
import Segmenting

final class EvaluationProgress {
    private let input: CommandInput
    private let titles: (captions: String, images: String)
    private var current: (stage: Evaluator.Stage, line: ProgressLine)?

    init(_ input: CommandInput, captions: String = "encoding captions", images: String) {
        self.input = input
        titles = (captions, images)
    }

    func update(_ stage: Evaluator.Stage, _ done: Int, _ total: Int) {
        // Of several networks, each encodes its captions.
        if done == 0 || current?.stage != stage {
            let line =
                switch stage {
                case .captions: input.progress(titles.captions, total: total, unit: "captions")
                case .images: input.progress(titles.images, total: total, unit: "images")
                }
            current = (stage, line)
        }
        current?.line.update(done: done)
        if done == total { current?.line.finish() }
    }
}
