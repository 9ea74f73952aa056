// One training step. It is written only here; trainer, benchmark, profile, parity check and tests run it.
// Invariant: for the same network, loss, optimizer and batch tensors, a step launches the same work on the same tensors, and it reads
// nothing back. So the device may record it once and run the recording.
import Networks
import Tensors

public final class TrainingStep {
    public let model: any SegmentationModel
    public let loss: SegmentationLoss
    public let optimizer: any Optimizer
    /// The loss terms of the last launched step (`LossTerms`).
    public let terms: Tensor
    private let identity = Identity()

    public init(_ model: any SegmentationModel, loss: SegmentationLoss, optimizer: OptimizerConfiguration = OptimizerConfiguration()) {
        self.model = model
        self.loss = loss
        self.optimizer = Optimizers.make(optimizer, model.parameters)
        terms = loss.terms(on: model.backend)
    }

    /// Launches a step: forward pass, loss, backward pass, update. If the loss is not finite, the parameters do not change.
    public func run(_ batch: BatchTensors, _ variables: StepVariables) {
        model.backend.step(StepPlan(identity, batch.identity), variables) {
            let tape = model.tape(.training, dropoutSeed: variables.dropoutSeed)
            loss.enqueue(model(batch.images, text: batch.text, tape), target: batch.target, tape: tape, terms: terms)
            tape.backward()
            optimizer.update(guardedBy: terms)
        }
    }

    /// Starts the download of the loss terms of the last launched step.
    public func beginTerms() -> any PendingValues { model.backend.beginDownload(terms) }

    /// Downloads the loss terms and waits for them.
    public func waitForTerms() -> LossTerms { loss.terms(model.backend.values(terms)) }
}
