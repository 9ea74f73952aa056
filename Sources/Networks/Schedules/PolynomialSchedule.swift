// Polynomial decay of power 0.9 from step to step, in closed form: PyTorch's PolynomialLR(total_iters = all steps), stepped once per batch.
import Foundation

public struct PolynomialSchedule: Schedule {
    public static let name = "polynomial", help = "a decay to --min-lr as (1 - t)^0.9, step by step"
    public let base: Double
    public let minimum: Double
    public let epochs: Int

    public init(_ configuration: ScheduleConfiguration) {
        base = configuration.base
        minimum = configuration.minimum
        epochs = configuration.epochs
    }

    /// minimum + (base - minimum) (1 - t)^0.9, where t is the fraction of the run's steps that is done.
    public func learningRate(epoch: Int, batch: Int, of batches: Int) -> Double {
        let all = Double(epochs * batches), done = Double(epoch * batches + batch)
        guard all > 0 else { return base }
        return minimum + (base - minimum) * pow(max(0, 1 - done / all), 0.9)
    }
}
