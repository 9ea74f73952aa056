// The protocol of learning rate schedules, and the one list of schedules. --schedule, its help and config.json use the list.
// Invariant: a rate is a function of the settings, the epoch and the batch, so that a resumed run continues exactly.

/// Settings of all schedules; each schedule uses those that apply to it.
public struct ScheduleConfiguration: Sendable, Equatable {
    /// A schedule's name in `Schedules`.
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
    /// The value of --schedule.
    static var name: String { get }
    static var help: String { get }
    init(_ configuration: ScheduleConfiguration)
    /// - Parameters:
    ///   - epoch: from 0.
    ///   - batch: number in the epoch, from 0.
    ///   - batches: number of batches in an epoch.
    func learningRate(epoch: Int, batch: Int, of batches: Int) -> Double
}

public enum Schedules {
    public static let all: [any Schedule.Type] = [CosineSchedule.self, PolynomialSchedule.self]

    public static var names: [String] { all.map { $0.name } }

    /// An unknown name is an error of the caller: names are checked where they are read.
    public static func make(_ configuration: ScheduleConfiguration) -> any Schedule {
        guard let type = all.first(where: { $0.name == configuration.name }) else {
            preconditionFailure("no schedule \(configuration.name)")
        }
        return type.init(configuration)
    }
}
