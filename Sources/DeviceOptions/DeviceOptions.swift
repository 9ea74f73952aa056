// The options that select where a command computes, and the backend they name.
import CommandLineTool
import Files
import Tensors

public enum DeviceOptions {
    public static let threads = Option.value("threads", "N", default: "0", "compute threads; 0 means one per core")
    public static let device = Option.value("device", "NAME", default: "auto", "auto, cpu, or cuda[:N]")

    /// The value of --threads.
    public static func threads(_ input: CommandInput) throws -> Int {
        let threads = try input.integer("threads", in: 0...1024)
        return threads == 0 ? ParallelMap.availableThreads : threads
    }

    /// The backend that --device names.
    /// - Parameters:
    ///   - format: how activations are stored.
    ///   - allowsTF32: see `CUDAOptions`; the same holds for `isDeterministic`.
    ///   - explainsCPU: prints one line that says why the CPU is used where a GPU was expected. `train devices` names what is missing.
    public static func backend(
        _ input: CommandInput, _ format: NumberFormat, allowsTF32: Bool = false, isDeterministic: Bool = false, explainsCPU: Bool = false
    ) throws -> any Backend {
        let name = try input.string("device")
        guard let choice = DeviceChoice(name) else {
            throw CommandError(.usage, "--device: \"\(name)\" is not one of auto, cpu, cuda, cuda:N")
        }
        let needs = DeviceChoice.Needs(
            threads: try threads(input), format: format, allowsTF32: allowsTF32, isDeterministic: isDeterministic)
        return try choice.backend(needs, note: input.note) { _ in
            guard explainsCPU else { return }
            // The driver's device file exists: there is a GPU, but something that it needs is missing.
            let isThere = ["/dev/nvidiactl", "/dev/dxg"].contains(where: FileIO.exists)
            input.note(
                isThere
                    ? "the GPU cannot be used, computing on the CPU; `train devices` says what is missing"
                    : "no NVIDIA GPU found; computing on the CPU")
        }
    }
}
