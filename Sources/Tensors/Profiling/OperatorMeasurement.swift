// Times every operator of a backend (`Backend.measurement`). For `train profile` and `train summary`; the device is waited for after each
// operator, so a measured run is slower than another, and its steps are not recorded.
import Foundation

public final class OperatorMeasurement {
    public private(set) var profile = OperatorProfile()

    public init() {}

    /// Forgets what was measured so far.
    public func reset() { profile = OperatorProfile() }

    func time<Result>(_ name: String, operations: Double, bytes: Double, on device: any Backend, _ body: () -> Result) -> Result {
        let start = DispatchTime.now().uptimeNanoseconds
        let result = body()
        device.synchronise()
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
        profile.add(name, seconds: seconds, operations: operations, bytes: bytes)
        return result
    }
}

extension Backend {
    /// Measures the operators of a piece of work.
    public func measuring<Result, Failure: Error>(
        _ body: (OperatorMeasurement) throws(Failure) -> Result
    ) throws(Failure) -> (result: Result, profile: OperatorProfile) {
        let before = measurement, measurement = OperatorMeasurement()
        self.measurement = measurement
        defer { self.measurement = before }
        return (try body(measurement), measurement.profile)
    }
}
