// Which device computes: what --device says, made into a backend.
import Foundation

/// A device as people name it: auto, cpu, cuda or cuda:N.
public enum DeviceChoice: Sendable, Equatable {
    case automatic, cpu
    case cuda(Int)

    public init?(_ name: String) {
        switch name {
        case "auto": self = .automatic
        case "cpu": self = .cpu
        case "cuda": self = .cuda(0)
        default:
            guard name.hasPrefix("cuda:"), let number = Int(name.dropFirst(5)), number >= 0 else { return nil }
            self = .cuda(number)
        }
    }

    /// What a backend must be able to do.
    public struct Needs: Sendable {
        /// Compute threads of the CPU.
        public var threads: Int
        public var format: NumberFormat
        public var allowsTF32: Bool
        public var isDeterministic: Bool

        public init(threads: Int, format: NumberFormat = .float32, allowsTF32: Bool = false, isDeterministic: Bool = false) {
            self.threads = threads
            self.format = format
            self.allowsTF32 = allowsTF32
            self.isDeterministic = isDeterministic
        }
    }

    /// - Parameters:
    ///   - note: told what takes a while at a GPU's first use; and where `automatic` ends on the CPU, why, unless there is a `fallback`.
    ///   - fallback: told why `automatic` ends on the CPU.
    /// - Throws: why the device that was named cannot be used.
    public func backend(
        _ needs: Needs, note: (String) -> Void, fallback: ((BackendError) -> Void)? = nil
    ) throws(BackendError) -> any Backend {
        func gpu(_ ordinal: Int) throws(BackendError) -> any Backend {
            // Beside activations of 8 bits the float32 products of the text path need no more than TF32's 11.
            try CUDABackend(
                CUDAOptions(
                    ordinal: ordinal, formats: [.float32, needs.format], allowsTF32: needs.allowsTF32 || needs.format == .bfloat16,
                    isDeterministic: needs.isDeterministic), note: note)
        }
        switch self {
        case .cpu: return try CPUBackend(threads: needs.threads)
        case .cuda(let ordinal):
            do throws(BackendError) { return try gpu(ordinal) } catch {
                throw .deviceUnavailable("--device cuda\(ordinal == 0 ? "" : ":\(ordinal)"): \(error). --device cpu computes on the CPU")
            }
        case .automatic:
            do throws(BackendError) { return try gpu(0) } catch {
                if let fallback { fallback(error) } else { note("no GPU is used: \(error)") }
                return try CPUBackend(threads: needs.threads)
            }
        }
    }
}

/// What `train devices` prints: everything that was looked for, where it was found, which version, and what is missing.
public enum DeviceList {
    public static func text(environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        var lines: [String] = []
        let platform = CUDAPlatform(environment: environment)
        do throws(BackendError) {
            let driver = try CUDADriver(platform)
            lines.append("NVIDIA driver  supports CUDA \(driver.version / 1000).\(driver.version % 1000 / 10)  (\(driver.path))")
            var missing = false
            for library in CUDALibrary.allCases where library != .driver {
                do throws(BackendError) {
                    let found = try platform.open(library, release: driver.release)
                    lines.append("\(library.title.padding(toLength: 15, withPad: " ", startingAt: 0))found  (\(found.path))")
                } catch {
                    missing = true
                    lines.append("\(library.title.padding(toLength: 15, withPad: " ", startingAt: 0))missing: \(error)")
                }
            }
            for device in driver.devices {
                let state =
                    !device.isSupported ? "too old: compute capability 8.0 is needed" : missing ? "needs the libraries above" : "usable"
                lines.append(
                    "cuda:\(device.ordinal)         \(device.name), compute capability "
                        + "\(device.capability.major).\(device.capability.minor),"
                        + " \(device.memory >> 30) GiB: \(state)")
            }
        } catch {
            lines.append("no GPU: \(error)")
        }
        lines.append("cpu            \((try? CPUBackend().summary) ?? "unusable")")
        return lines.joined(separator: "\n")
    }
}
