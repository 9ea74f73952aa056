// Arguments of a kernel in the sizes of its parameters: addresses and counts in eight bytes, int and float in four, structures word by
// word.
import Randomness

/// A value that can be passed to a kernel.
protocol KernelArgument {
    func add(to arguments: inout KernelArguments)
}

struct KernelArguments {
    private var words: [UInt64] = []
    private var starts: [Int] = []

    init(_ arguments: [any KernelArgument]) {
        words.reserveCapacity(arguments.count + 4)
        starts.reserveCapacity(arguments.count)
        for argument in arguments { argument.add(to: &self) }
    }

    /// Adds one kernel parameter that consists of the given words.
    mutating func add(_ parameter: UInt64...) {
        starts.append(words.count)
        words += parameter
    }

    /// The driver's form: one address per parameter.
    func withPointers<Result>(_ body: (UnsafePointer<UnsafeMutableRawPointer?>?) -> Result) -> Result {
        var words = words
        return words.withUnsafeMutableBytes { bytes in
            let pointers = starts.map { start in bytes.baseAddress.map { $0 + start * 8 } }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}

/// Passed as i64.
extension Int: KernelArgument {
    func add(to arguments: inout KernelArguments) { arguments.add(UInt64(bitPattern: Int64(self))) }
}

/// Passed as int.
extension Int32: KernelArgument {
    func add(to arguments: inout KernelArguments) { arguments.add(UInt64(UInt32(bitPattern: self))) }
}

/// Passed as int, 0 or 1.
extension Bool: KernelArgument {
    func add(to arguments: inout KernelArguments) { arguments.add(self ? 1 : 0) }
}

extension Float: KernelArgument {
    func add(to arguments: inout KernelArguments) { arguments.add(UInt64(bitPattern)) }
}

/// Passed as an address.
extension Tensor: KernelArgument {
    func add(to arguments: inout KernelArguments) { arguments.add(deviceAddress) }
}

extension ByteTensor: KernelArgument {
    func add(to arguments: inout KernelArguments) { arguments.add(storage.deviceAddress) }
}

extension MatrixView: KernelArgument {
    func add(to arguments: inout KernelArguments) { arguments.add(deviceAddress) }
}

extension Storage: KernelArgument {
    func add(to arguments: inout KernelArguments) { arguments.add(deviceAddress) }
}

/// Passed as an address or null.
extension Optional: KernelArgument where Wrapped: KernelArgument {
    func add(to arguments: inout KernelArguments) {
        if let self { self.add(to: &arguments) } else { arguments.add(0) }
    }
}

extension Storage {
    var deviceAddress: UInt64 { UInt64(UInt(bitPattern: address)) }
}

extension Tensor {
    var deviceAddress: UInt64 { storage.deviceAddress + UInt64(offset * format.bytes) }
}

extension MatrixView {
    var deviceAddress: UInt64 { tensor.deviceAddress + UInt64(offset * tensor.format.bytes) }
}

/// dropout_seed in common.cuh: the seed of the pass (read from memory if there is an address) mixed with the number of the dropout.
struct DeviceDropoutSeed: KernelArgument {
    let passAddress: UInt64
    let seed: DropoutSeed

    func add(to arguments: inout KernelArguments) { arguments.add(passAddress, seed.pass, SplitMix64.hash(seed.number)) }
}

/// loss_weights in losses.cu.
extension LossWeights: KernelArgument {
    func add(to arguments: inout KernelArguments) {
        func pair(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(low) | UInt64(high) << 32 }
        arguments.add(
            pair(dice.bitPattern, crossEntropy.bitPattern), pair(spectral.bitPattern, entropy.bitPattern),
            pair((twoClass ? 1 : 0) | (squares ? 2 : 0) | (balanced ? 4 : 0) | (acrossBatch ? 8 : 0), Float(smoothing).bitPattern))
    }
}
