// Convolutions by cuDNN, channels last, all channels together: descriptors and an algorithm for each shape, kept.
import CCUDA

/// The key of a convolution's plan: x, weight and y are in one format.
struct DeviceConvolution: Hashable {
    let shape: ConvolutionShape
    let format: NumberFormat
}

final class ConvolutionLibrary {
    enum Direction: Int, CaseIterable { case forward, data, weight }

    /// Constants of cudnn.h.
    private enum Name {
        static let float32: Int32 = 0, bfloat16: Int32 = 9, channelsLast: Int32 = 1, crossCorrelation: Int32 = 1
        static let tensorOperations: Int32 = 1, plainOperations: Int32 = 3, anyOperations: Int32 = 0
    }

    /// The largest workspace that an algorithm may use.
    private static let workspaceLimit = 1 << 30

    private let device: CUDADevice
    private let functions: vlseg_cuda_convolutions
    private let handle: vlseg_handle
    private let options: CUDAOptions
    private var plans: [DeviceConvolution: Plan] = [:]
    let version: String

    init(_ device: CUDADevice, options: CUDAOptions) throws(BackendError) {
        self.device = device
        self.options = options
        let library = try device.driver.platform.open(.convolutions, release: device.driver.release)
        functions = try device.driver.platform.table(of: library, "cuDNN", vlseg_cuda_load_convolutions)
        var handle: vlseg_handle?
        let status = functions.cudnnCreate(&handle)
        guard status == 0, let handle else {
            throw .deviceUnavailable(
                "\(device.info.name): cuDNN could not start: \(String(cString: functions.cudnnGetErrorString(status)))")
        }
        self.handle = handle
        let number = functions.cudnnGetVersion()
        version = "\(number / 10_000).\(number % 10_000 / 100).\(number % 100)"
        note(functions.cudnnSetStream(handle, device.stream), "its stream")
    }

    deinit { _ = functions.cudnnDestroy(handle) }

    private func note(_ status: Int32, _ call: @autoclosure () -> String) {
        if status == 0 { return }
        device.note(
            .deviceFailed(
                device: device.info.name, call: "cuDNN", reason: "\(call()): \(String(cString: functions.cudnnGetErrorString(status)))"))
    }

    /// Whether the library can do it: groups are left out, as few of their forms exist channels last, and so is what has no algorithm.
    func has(_ direction: Direction, _ convolution: DeviceConvolution) -> Bool {
        guard device.failure == nil, convolution.shape.groups == 1, let plan = plan(convolution) else { return false }
        if let known = plan.proposals[direction.rawValue] { return !known.isEmpty }
        let found = proposals(plan, direction)
        plan.proposals[direction.rawValue] = found
        return !found.isEmpty
    }

    private func plan(_ convolution: DeviceConvolution) -> Plan? {
        if let plan = plans[convolution] { return plan }
        let plan = Plan(convolution, functions, options)
        plans[convolution] = plan
        return plan
    }

    /// Runs one of the three: y from x and weight, dx from dy and weight, dweight from x and dy. The workspace is taken from `arena`.
    func run(_ convolution: DeviceConvolution, _ direction: Direction, x: UInt64, weight: UInt64, y: UInt64, arena: Arena) {
        guard device.failure == nil else { return }
        guard has(direction, convolution), let plan = plan(convolution) else {
            return note(9, "no algorithm for \(direction) of a \(convolution.shape) in \(convolution.format.rawValue)")
        }
        let operands = Operands(x: x, weight: weight, y: y, arena: arena)
        guard let choice = plan.choices[direction.rawValue] ?? choose(plan, direction, operands) else { return }
        plan.choices[direction.rawValue] = choice
        note(
            convolve(plan, direction, choice, operands), "\(direction) of a \(convolution.shape) in \(convolution.format.rawValue)")
    }

    /// Addresses of the operands, and the arena for the workspace.
    private struct Operands {
        let x: UInt64, weight: UInt64, y: UInt64
        let arena: Arena
    }

    private func convolve(_ plan: Plan, _ direction: Direction, _ choice: vlseg_convolution_choice, _ o: Operands) -> Int32 {
        let bytes = choice.workspace_bytes, scratch = bytes > 0 ? o.arena.block(bytes: bytes) : nil, workspace = scratch?.deviceAddress ?? 0
        var one: Float = 1, zero: Float = 0
        return switch direction {
        case .forward:
            functions.cudnnConvolutionForward(
                handle, &one, plan.x, o.x, plan.weight, o.weight, plan.convolution, choice.algorithm, workspace, bytes, &zero, plan.y, o.y)
        case .data:
            functions.cudnnConvolutionBackwardData(
                handle, &one, plan.weight, o.weight, plan.y, o.y, plan.convolution, choice.algorithm, workspace, bytes, &zero, plan.x, o.x)
        case .weight:
            functions.cudnnConvolutionBackwardFilter(
                handle, &one, plan.x, o.x, plan.y, o.y, plan.convolution, choice.algorithm, workspace, bytes, &zero, plan.weight, o.weight)
        }
    }

    /// The library's proposals that sum in a fixed order.
    private func proposals(_ plan: Plan, _ direction: Direction) -> [vlseg_convolution_choice] {
        var results = [vlseg_convolution_choice](repeating: vlseg_convolution_choice(), count: 10)
        var found: Int32 = 0
        let status =
            switch direction {
            case .forward:
                functions.cudnnGetConvolutionForwardAlgorithm_v7(
                    handle, plan.x, plan.weight, plan.convolution, plan.y, 10, &found, &results)
            case .data:
                functions.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                    handle, plan.weight, plan.y, plan.convolution, plan.x, 10, &found, &results)
            case .weight:
                functions.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                    handle, plan.x, plan.y, plan.convolution, plan.weight, 10, &found, &results)
            }
        guard status == 0 else { return [] }
        var proposals: [vlseg_convolution_choice] = []
        for var choice in results.prefix(Int(found)) where choice.status == 0 && choice.deterministic == 1 {
            var bytes = 0
            let asked =
                switch direction {
                case .forward:
                    functions.cudnnGetConvolutionForwardWorkspaceSize(
                        handle, plan.x, plan.weight, plan.convolution, plan.y, choice.algorithm, &bytes)
                case .data:
                    functions.cudnnGetConvolutionBackwardDataWorkspaceSize(
                        handle, plan.weight, plan.y, plan.convolution, plan.x, choice.algorithm, &bytes)
                case .weight:
                    functions.cudnnGetConvolutionBackwardFilterWorkspaceSize(
                        handle, plan.x, plan.y, plan.convolution, plan.weight, choice.algorithm, &bytes)
                }
            guard asked == 0, bytes <= ConvolutionLibrary.workspaceLimit else { continue }
            choice.workspace_bytes = bytes
            proposals.append(choice)
        }
        return proposals
    }

    /// The fastest of the proposals on these operands; the first where results must not depend on timing.
    private func choose(_ plan: Plan, _ direction: Direction, _ operands: Operands) -> vlseg_convolution_choice? {
        guard let proposals = plan.proposals[direction.rawValue], let first = proposals.first else { return nil }
        guard !options.isDeterministic, proposals.count > 1 else { return first }
        let best = device.fastest(of: proposals.count) { convolve(plan, direction, proposals[$0], operands) == 0 }
        return best.map { proposals[$0] } ?? first
    }

    /// The descriptors of one shape.
    private final class Plan {
        private let functions: vlseg_cuda_convolutions
        private(set) var x: vlseg_handle?, y: vlseg_handle?, weight: vlseg_handle?, convolution: vlseg_handle?
        let mathType: Int32
        var proposals: [Int: [vlseg_convolution_choice]] = [:]
        var choices: [Int: vlseg_convolution_choice] = [:]

        init?(_ c: DeviceConvolution, _ functions: vlseg_cuda_convolutions, _ options: CUDAOptions) {
            self.functions = functions
            let type = c.format == .float32 ? Name.float32 : Name.bfloat16
            mathType = c.format == .bfloat16 ? Name.tensorOperations : options.allowsTF32 ? Name.anyOperations : Name.plainOperations
            let s = c.shape, batch = Int32(s.batch), input = Int32(s.input), output = Int32(s.output)
            let statuses = [
                functions.cudnnCreateTensorDescriptor(&x), functions.cudnnCreateTensorDescriptor(&y),
                functions.cudnnCreateFilterDescriptor(&weight),
                functions.cudnnCreateConvolutionDescriptor(&convolution),
                functions.cudnnSetTensor4dDescriptor(x, Name.channelsLast, type, batch, input, Int32(s.height), Int32(s.width)),
                functions.cudnnSetTensor4dDescriptor(y, Name.channelsLast, type, batch, output, Int32(s.outHeight), Int32(s.outWidth)),
                functions.cudnnSetFilter4dDescriptor(
                    weight, type, Name.channelsLast, output, input, Int32(s.kernel.rows), Int32(s.kernel.columns)),
                functions.cudnnSetConvolution2dDescriptor(
                    convolution, Int32(s.padding.rows), Int32(s.padding.columns), Int32(s.stride.rows), Int32(s.stride.columns),
                    Int32(s.dilation.rows), Int32(s.dilation.columns), Name.crossCorrelation, Name.float32),
                functions.cudnnSetConvolutionMathType(convolution, mathType),
            ]
            guard statuses.allSatisfy({ $0 == 0 }) else { return nil }
        }

        deinit {
            if let x { _ = functions.cudnnDestroyTensorDescriptor(x) }
            if let y { _ = functions.cudnnDestroyTensorDescriptor(y) }
            if let weight { _ = functions.cudnnDestroyFilterDescriptor(weight) }
            if let convolution { _ = functions.cudnnDestroyConvolutionDescriptor(convolution) }
        }
    }
}
