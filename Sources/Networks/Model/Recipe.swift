// The published training settings of a network, which a run uses unless an option changes them.

public struct Recipe: Sendable, Equatable {
    public var epochs = 200
    public var minimumEpochs = 20
    public var patience = 20
    public var batchSize = 32
    public var learningRate = 3e-4
    public var minimumLearningRate = 1e-6
    /// The number of epochs after which the cosine of the learning rate restarts; nil for one cosine over the whole run.
    public var restartEpochs: Int?
    /// Names of `Schedules` and `Optimizers`.
    public var schedule = CosineSchedule.name
    public var optimizer = AdamW.name
    public var weightDecay = 0.01
    /// For optimizers that use it.
    public var momentum = 0.9
    public var loss = LossConfiguration()

    public init() {}

    public var optimizerConfiguration: OptimizerConfiguration {
        OptimizerConfiguration(optimizer, weightDecay: weightDecay, momentum: momentum)
    }
}
