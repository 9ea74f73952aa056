// The published training settings of a network: what a run uses where no option says otherwise.

public struct Recipe: Sendable, Equatable {
    public var epochs = 200
    public var minimumEpochs = 20
    public var patience = 20
    public var batchSize = 32
    public var learningRate = 3e-4
    public var minimumLearningRate = 1e-6
    /// The cosine of the learning rate begins anew after so many epochs; nil for one over the whole run.
    public var restartEpochs: Int?
    /// Names of `Schedules` and `Optimizers`.
    public var schedule = CosineSchedule.name
    public var optimizer = AdamW.name
    public var weightDecay = 0.01
    /// For optimizers that have one.
    public var momentum = 0.9
    public var loss = LossConfiguration()

    public init() {}

    public var optimizerConfiguration: OptimizerConfiguration {
        OptimizerConfiguration(optimizer, weightDecay: weightDecay, momentum: momentum)
    }
}
