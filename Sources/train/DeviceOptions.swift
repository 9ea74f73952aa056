// The device that the options ask for.
import CommandLineTool
import Files
import Tensors

func computeThreads(_ input: CommandInput) throws -> Int {
    let threads = try input.integer("threads", in: 0...1024)
    return threads == 0 ? ParallelMap.availableThreads : threads
}

/// - Parameter format: of activations; what --precision says where it is nil.
func chosenBackend(_ input: CommandInput, _ format: NumberFormat? = nil) throws -> any Backend {
    let name = try input.string("device")
    guard let choice = DeviceChoice(name) else {
        throw CommandError(.usage, "--device: \"\(name)\" is not one of auto, cpu, cuda, cuda:N")
    }
    let needs = DeviceChoice.Needs(
        threads: try computeThreads(input), format: try format ?? input.choice("precision", as: NumberFormat.self),
        allowsTF32: input.flag("tf32"), isDeterministic: input.flag("deterministic"))
    let (backend, note) = try choice.backend(needs)
    if let note { input.note(note) }
    return backend
}
