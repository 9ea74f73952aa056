// One training step: the only place where it is written. Trainer, benchmark, profile, parity check and tests run this.
// Invariant: a step asks a device for the same work on the same tensors whenever network, loss, optimizer and batch tensors are the same,
// and reads nothing back, so that the device may record it once and run the recording.
import Networks
import Tensors

/// AdamW over a network's parameters, with its two moments.
public final class AdamW {
    public let settings: AdamWSettings
    public let firstMoment: Tensor, secondMoment: Tensor
    private let parameters: ParameterStore
    private let gradients: Tensor

    /// - Parameter parameters: built with gradients.
    public init(_ parameters: ParameterStore, settings: AdamWSettings = AdamWSettings()) {
        guard let gradients = parameters.gradients else { preconditionFailure("an optimizer of parameters without gradients") }
        self.parameters = parameters
        self.gradients = gradients
        self.settings = settings
        firstMoment = parameters.backend.zeros(parameters.values.shape)
        secondMoment = parameters.backend.zeros(parameters.values.shape)
    }

    /// What a saved state keeps, under PyTorch's names.
    var moments: [(name: String, tensor: Tensor)] { [("exp_avg", firstMoment), ("exp_avg_sq", secondMoment)] }

    /// - Parameter loss: nothing but the gradients changes where its first number is not finite.
    func update(guardedBy loss: Tensor) {
        parameters.backend.adamW(
            parameters.values, gradients: gradients, firstMoment: firstMoment, secondMoment: secondMoment,
            bfloat16Copy: parameters.bfloat16Copy, settings: settings,
            guardedBy: loss)
    }
}

public final class TrainingStep {
    public let model: any SegmentationModel
    public let loss: SegmentationLoss
    public let optimizer: AdamW
    /// The loss terms of the step asked for last (`LossTerms`).
    public let terms: Tensor
    private let identity = Identity()

    public init(_ model: any SegmentationModel, loss: SegmentationLoss, optimizer: AdamWSettings = AdamWSettings()) {
        self.model = model
        self.loss = loss
        self.optimizer = AdamW(model.parameters, settings: optimizer)
        terms = loss.terms(on: model.backend)
    }

    /// Asks the device for a step: forward pass, loss, backward pass, update. A loss that is not finite leaves the parameters as they are.
    public func run(_ batch: BatchTensors, _ variables: StepVariables) {
        model.backend.step(StepPlan(identity, batch.identity), variables) {
            let tape = model.tape(.training, dropoutSeed: variables.dropoutSeed)
            loss.enqueue(model(batch.images, text: batch.text, tape), target: batch.target, tape: tape, terms: terms)
            tape.backward()
            optimizer.update(guardedBy: terms)
        }
    }

    /// The loss terms of the step asked for last, on their way from the device.
    public func beginTerms() -> any PendingValues { model.backend.beginDownload(terms) }

    /// The same, waited for.
    public func waitForTerms() -> LossTerms { loss.terms(model.backend.values(terms)) }
}
