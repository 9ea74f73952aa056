// The table of operators on small sizes: value against float64, gradient against central differences in float64, on both devices and in
// both formats; and that nothing is missing from it, or from the lists of kernels that are checked elsewhere.
import EmulatedGPU
import Foundation
import OperatorCases
import Tensors
import Testing

@Suite struct OperatorCaseTests {
    @Test(arguments: OperatorCase.small.map(\.name)) func small(name: String) throws {
        let operation = try #require(OperatorCase.small.first { $0.name == name })
        guard let reference = operation.reference else { return try compareDevices(operation) }
        try checkOperator(
            operation.inputs, samples: 12, tolerance: 2e-5 * operation.slack, gradientTolerance: 1e-4 * operation.slack,
            half: operation.activations, mode: operation.mode, operation: operation.body, reference: reference)
    }

    /// Of an operator that is not said in float64: the emulated GPU beside the CPU.
    private func compareDevices(_ operation: OperatorCase) throws {
        for format in operation.activations.isEmpty ? [.float32] : NumberFormat.allCases {
            let found = try [CPUBackend(threads: 2), EmulatedGPU.backend()].map { (backend: any Backend) in
                var random = TestRandom(3)
                let leaves = operation.inputs.map { input in
                    backend.tensor(random.values(input.count, scale: input.scale, around: input.centre).map(Float.init), [input.count])
                        .parameterView(input.shape, at: 0, gradients: backend.zeros([input.count]))
                }
                let tape = Tape(backend: backend, mode: operation.mode, dropoutSeed: 5)
                let y = operation.body(
                    tape, leaves.enumerated().map { operation.activations.contains($0) ? tape.convert($1, to: format) : $1 })
                let output = tape.convert(y, to: .float32), value = backend.values(output)
                tape.start(backend.tensor(random.values(y.count).map(Float.init), y.shape), at: output)
                tape.backward()
                try backend.check()
                return [value] + leaves.map { $0.gradient.map(backend.values) ?? [] }
            }
            for (a, b) in zip(found[0], found[1]) {
                let tolerance = (a.map(abs).max() ?? 0) * (format == .float32 ? 2e-5 : 0x1p-6) * Float(operation.slack)
                #expect(a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }, "in \(format)")
            }
        }
    }

    @Test func namesAreUnique() {
        for names in [OperatorCase.small.map(\.name), OperatorCase.networkSizes(batch: 1).map(\.name)] {
            #expect(Set(names).count == names.count)
        }
    }

    // MARK: Nothing is missing

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String { try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) }

    private static func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path).sorted()
    }

    /// Public methods of the tape in Sources/Tensors/Operators.
    static func operators() throws -> Set<String> {
        var found: Set<String> = []
        for file in try files("Sources/Tensors/Operators") {
            var isTape = false
            for line in try text("Sources/Tensors/Operators/" + file).split(separator: "\n") {
                if line.hasPrefix("extension ") { isTape = line.hasPrefix("extension Tape") }
                guard isTape, let range = line.range(of: "    public func "), range.lowerBound == line.startIndex else { continue }
                found.insert(String(line[range.upperBound...].prefix { $0.isLetter || $0.isNumber }))
            }
        }
        return found
    }

    @Test func everyOperatorOfTheTapeHasACase() throws {
        let operators = try Self.operators()
        #expect(operators.count > 20)
        for (sizes, cases) in [("small sizes", OperatorCase.small), ("networks' sizes", OperatorCase.networkSizes(batch: 1))] {
            let missing = operators.subtracting(cases.flatMap(\.operators)).sorted()
            #expect(missing.isEmpty, "no case of \(sizes) in Sources/OperatorCases: \(missing)")
            let unknown = Set(cases.flatMap(\.operators)).subtracting(operators).sorted()
            #expect(unknown.isEmpty, "cases of \(sizes) for what is no operator of the tape: \(unknown)")
        }
    }

    /// A device writes every method of the protocols that it names itself. Where `Backend` has an extension of the same name, a device that
    /// forgets one would compile, and call itself without end.
    @Test(arguments: ["CPU", "CUDA"]) func devicesWriteTheirMethodsThemselves(device: String) throws {
        let code = try Self.files("Sources/Tensors/" + device).filter { $0.hasSuffix(".swift") }
            .map { try Self.text("Sources/Tensors/\(device)/" + $0) }.joined()
        var checked = 0
        for file in try Self.files("Sources/Tensors/Operators") {
            let text = try Self.text("Sources/Tensors/Operators/" + file)
            for declaration in text.matches(of: #/protocol (\w+Device)[^{]*\{\n((?:.*\n)*?)\}/#) {
                let (name, body) = (declaration.output.1, declaration.output.2)
                guard code.contains(name) else { continue }
                for method in body.matches(of: #/ func (\w+)\(/#) {
                    checked += 1
                    #expect(code.contains("func \(method.output.1)("), "\(device) has no \(method.output.1) of \(name)")
                }
            }
        }
        #expect(checked > 40)
    }

    @Test func theEmulatorHasEveryFileOfKernels() throws {
        let known = try ["kernels.inc.h", "kernels_float32.cpp", "kernels_bfloat16.cpp"].map { try Self.text("Tests/CUDAEmulator/" + $0) }
            .joined()
        for file in try Self.files("Sources/Tensors/CUDA/Kernels") where file.hasSuffix(".cu") {
            #expect(known.contains("\"\(file)\""), "Tests/CUDAEmulator/kernels.inc.h has no \(file)")
        }
    }

    /// Both kinds of processor are compared kernel by kernel by Scripts/check-arm64.sh.
    @Test func theArm64CheckHasEveryKernel() throws {
        let header = try Self.text("Sources/CKernels/include/CKernels.h"), check = try Self.text("Tests/Arm64/kernels.c")
        // Not kernels: the team of threads.
        let others: Set = ["set_threads", "threads", "parallel"]
        func names(_ text: String) -> Set<String> {
            Set(text.matches(of: /vlseg_(\w+?)(?:##S)?\(/).map { String($0.output.1) })
        }
        var shown = names(check)
        // The macros ONE and TWO make a kernel's name, for both formats.
        for match in check.matches(of: /(?:ONE|TWO)(?:_FLOAT)?\((\w+)/) { shown.insert(String(match.output.1)) }
        for name in names(header).subtracting(others) {
            let stem = name.hasSuffix("_bf16") ? String(name.dropLast(5)) : name
            #expect(shown.contains(name) || shown.contains(stem), "Tests/Arm64/kernels.c has no vlseg_\(name)")
        }
    }
}
