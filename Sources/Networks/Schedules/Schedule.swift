// How the learning rate goes over a run, and the one list of schedules: --schedule, its help and config.json follow the list.
// Invariant: a rate is a function of the settings, the epoch and the batch, so that a resumed run goes on exactly.

/// Settings that schedules share; a schedule takes what concerns it.
public struct ScheduleConfiguration: Sendable, Equatable {
    /// A name of `Schedules`.
    public var name: String
    /// The first learning rate, and the last one.
    public var base: Double, minimum: Double
    public var epochs: Int
    /// See CosineSchedule.
    public var restartEpochs: Int?

    public init(_ name: String, base: Double, minimum: Double, epochs: Int, restartEpochs: Int? = nil) {
        self.name = name
        self.base = base
        self.minimum = minimum
        self.epochs = epochs
        self.restartEpochs = restartEpochs
    }
}

public protocol Schedule: Sendable {
    /// As --schedule takes it.
    static var name: String { get }
    static var help: String { get }
    init(_ configuration: ScheduleConfiguration)
    /// - Parameters:
    ///   - epoch: from 0.
    ///   - batch: in the epoch, from 0.
    ///   - batches: of an epoch.
    func learningRate(epoch: Int, batch: Int, of batches: Int) -> Double
}

public enum Schedules {
    public static let all: [any Schedule.Type] = [CosineSchedule.self, PolynomialSchedule.self]

    public static var names: [String] { all.map { $0.name } }

    /// An unknown name is a mistake of the caller: names are checked where they come in.
    public static func make(_ configuration: ScheduleConfiguration) -> any Schedule {
        guard let type = all.first(where: { $0.name == configuration.name }) else {
            preconditionFailure("no schedule \(configuration.name)")
        }
        return type.init(configuration)
    }
}
