// The GPU backend without a GPU: a small model's training on the stand-in for the driver, against the CPU; recorded steps, and what happens
// on failures.
import EmulatedGPU
import Files
import Networks
import Randomness
import Segmenting
import Tensors
import Testing
import Training

@Suite(.serialized) struct DeviceTests {
    /// Every operator of the published model, at a fraction of its size.
    private var small: UAVLS.Configuration {
        var configuration = UAVLS.Configuration()
        configuration.encoder.depths = [1, 1, 2, 1]
        configuration.encoder.widths = [16, 32, 64, 96]
        configuration.textWidth = 40
        configuration.tokens = 8
        configuration.textPositions = [8, 5, 4]
        return configuration
    }

    @Test(arguments: NumberFormat.allCases) func threeStepsAreThoseOfTheCPU(format: NumberFormat) throws {
        let check = ParityCheck(device: try EmulatedGPU.backend(), cpu: try CPUBackend(threads: 2))
        for row in try check.steps(format, batch: 2, imageSize: 64, model: small.specification) {
            #expect(row.isGood, "\(row.name): \(row.difference) of \(row.tolerance)")
        }
    }

    @Test(arguments: NumberFormat.allCases) func threeStepsOfUNetAreThoseOfTheCPU(format: NumberFormat) throws {
        let check = ParityCheck(device: try EmulatedGPU.backend(), cpu: try CPUBackend(threads: 2))
        var unet = UNet.descriptor.published
        unet.options["width"] = "8"
        for row in try check.steps(format, batch: 2, imageSize: 48, model: unet) {
            #expect(row.isGood, "\(row.name): \(row.difference) of \(row.tolerance)")
        }
    }

    @Test(arguments: NumberFormat.allCases) func threeStepsOfSwinUnetAreThoseOfTheCPU(format: NumberFormat) throws {
        let check = ParityCheck(device: try EmulatedGPU.backend(), cpu: try CPUBackend(threads: 2))
        var network = SwinUnet.descriptor.published
        network.options["head-width"] = "1"
        network.options["depths"] = "1,2,1,1"
        for row in try check.steps(format, batch: 1, imageSize: 224, model: network) {
            #expect(row.isGood, "\(row.name): \(row.difference) of \(row.tolerance)")
        }
    }

    /// The losses of so many steps of the small model.
    private func losses(_ backend: CUDABackend, steps: Int, batch: Int = 2) throws -> [Float] {
        let step = TrainingStep(UAVLS(small, ModelSetup(backend: backend, seed: 3)), loss: SegmentationLoss())
        let images = backend.bytes(
            (0..<(batch * 32 * 32 * 3)).map { UInt8(truncatingIfNeeded: SplitMix64.hash(UInt64($0))) }, [batch, 32, 32, 3])
        let target = backend.bytes((0..<(batch * 32 * 32)).map { UInt8($0 / 400 % 2) }, [batch, 32, 32])
        let shape = [batch, small.tokens, small.textWidth]
        let text = backend.tensor((0..<shape.reduce(1, *)).map { Float(SplitMix64.hash(UInt64($0)) % 100) / 50 - 1 }, shape)
        let tensors = BatchTensors(images: images, target: target, text: text)
        var pending: [any PendingValues] = []
        for number in 1...steps {
            step.run(tensors, StepVariables(dropoutSeed: UInt64(number), learningRate: 1e-3, step: number))
            pending.append(step.beginTerms())
        }
        try backend.check()
        return pending.map { $0.values[0] }
    }

    @Test func aRecordedStepIsTheStepItself() throws {
        var options = CUDAOptions(formats: [])
        options.recordsSteps = false
        let before = EmulatedGPU.graphs
        let plain = try losses(try EmulatedGPU.backend(options), steps: 5)
        #expect(EmulatedGPU.graphs == before)
        options.recordsSteps = true
        let recorded = try losses(try EmulatedGPU.backend(options), steps: 5)
        #expect(EmulatedGPU.graphs == before + 4, "the first step runs by itself, the others as one graph")
        #expect(recorded == plain, "dropout, learning rate and step number must be new in every run of a recording")
        #expect(Set(plain).count == 5)
    }

    @Test func aFailedLaunchIsNamedAndNothingFollows() throws {
        let backend = try EmulatedGPU.backend(CUDAOptions(formats: []))
        let x = backend.zeros([64])
        EmulatedGPU.failNextLaunch(700)
        backend.fill(x, 1)
        backend.fill(x, 2)
        let failure = try #require(backend.failure)
        #expect("\(failure)".contains("fill of pointwise.cu in fp32"), "\(failure)")
        #expect(throws: BackendError.self) { try backend.check() }
        #expect(backend.values(x) == [Float](repeating: 0, count: 64), "nothing can be read from a device that failed")
    }

    @Test func memoryThatIsNotThereIsCounted() throws {
        let backend = try EmulatedGPU.backend(CUDAOptions(formats: []))
        defer { EmulatedGPU.limitMemory(nil) }
        EmulatedGPU.limitMemory(64 << 20)
        let kept = [backend.empty([4 << 20]), backend.empty([4 << 20]), backend.empty([80 << 20])]
        backend.fill(kept[2], 1)
        guard case .outOfMemory(let wanted, let free, let step, let available, _)? = backend.failure else {
            Issue.record("\(String(describing: backend.failure))")
            return
        }
        #expect(wanted >= 320 << 20 && free <= 64 << 20 && available == free && step == 0)
        #expect(backend.peakBytes >= 352 << 20, "what does not fit is counted all the same")
    }

    /// A batch that the device cannot hold is refused with the one that would fit, and that one does fit.
    @Test func aBatchThatIsTooLargeIsToldWhichWouldFit() throws {
        let runs = try Runs(size: 128)
        func train(_ name: String, batch: Int) throws -> TrainingOutcome {
            var options = CUDAOptions(formats: [])
            options.memoryGrowth = 2 << 20
            let backend = try EmulatedGPU.backend(options)
            defer { EmulatedGPU.limitMemory(nil) }
            return try runs.train(
                name, steps: 1, on: backend, change: { $0.batchSize = batch }, beforeSteps: { EmulatedGPU.limitMemory(12 << 20) })
        }
        let error = #expect(throws: TrainingError.self) { try train("large", batch: 10) }
        guard case .batchTooLarge(let batch, let fits, let wanted, let available, let total)? = error else { return }
        #expect(batch == 10 && (1..<10).contains(fits) && wanted > 20 << 20 && available <= 12 << 20 && total == 8 << 30)
        #expect("\(try #require(error))".hasSuffix("--batch-size \(fits) would fit"))
        #expect(try train("small", batch: fits) == .reachedStepLimit(step: 1))
    }

    /// Checkpoints, --resume and evaluation know no device: a run that changes devices twice is the run on the CPU, and scores the same on
    /// both.
    @Test func aRunCrossesDevicesBothWays() throws {
        let runs = try Runs()
        func gpu() throws -> CUDABackend { try EmulatedGPU.backend(CUDAOptions(formats: [])) }
        let whole = Observer(), parts = Observer()
        try runs.train("whole", steps: 7, observer: whole)
        #expect(try runs.train("parts", steps: 2, observer: parts) == .reachedStepLimit(step: 2))
        #expect(try runs.train("parts", resume: true, steps: 4, observer: parts, on: gpu()) == .reachedStepLimit(step: 4))
        #expect(try runs.train("parts", resume: true, workers: 2, steps: 5, observer: parts) == .reachedStepLimit(step: 5))
        #expect(try runs.train("parts", resume: true, steps: 7, observer: parts, on: gpu()) == .reachedStepLimit(step: 7))
        #expect(parts.steps.map(\.step) == Array(1...7))
        for (crossed, stayed) in zip(parts.steps, whole.steps) {
            #expect(abs(crossed.terms.total - stayed.terms.total) < 1e-3 * stayed.terms.total, "step \(crossed.step)")
        }

        // The checkpoint, begun on the CPU and written by the GPU, on both: every probability, and the scores.
        let checkpoint = RunFolder(runs.folder.file("parts")).best
        func evaluate(_ backend: any Backend, _ name: String) throws -> (report: EvaluationReport, predictions: [[UInt8]]) {
            let model = try TrainedModel(checkpoint: checkpoint, textEncoder: nil, backend: backend)
            let evaluator = Evaluator(model: model, shards: runs.shards, split: "test", batchSize: 2, workers: 1)
            let folder = runs.folder.file(name)
            let report = try evaluator.run(predictions: folder, cancellation: Cancellation()) { _, _, _ in }
            return (report, try report.samples.map { try FileIO.read("\(folder)/\($0.id).npy") })
        }
        let onCPU = try evaluate(CPUBackend(threads: 1), "cpu"), onGPU = try evaluate(gpu(), "gpu")
        #expect(onCPU.report.samples.map(\.id) == onGPU.report.samples.map(\.id) && onCPU.report.images == 3)
        let scores = try [onCPU, onGPU].map { try #require($0.report["dice"]) }
        #expect(abs(scores[0] - scores[1]) < 1e-3)
        for (left, right) in zip(onCPU.predictions, onGPU.predictions) {
            let left = probabilities(left), right = probabilities(right)
            #expect(left.count == 64 * 64 && right.count == left.count)
            #expect(zip(left, right).allSatisfy { abs($0 - $1) < 1e-3 })
        }
    }

    /// The numbers of an .npy file with a header of 128 bytes.
    private func probabilities(_ bytes: [UInt8]) -> [Float] {
        bytes[128...].withUnsafeBytes { bytes in (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) } }
    }

    @Test func theStandInFindsAllNamesAndOthersAreMissing() throws {
        let driver = try CUDADriver(EmulatedGPU.platform())
        #expect(driver.devices.count == 1 && driver.devices[0].name == "emulated")
        // No folder of this environment has any library; where the system has a driver of its own there is nothing to be seen.
        let nowhere = CUDAPlatform(environment: [:])
        do {
            let found = try CUDADriver(nowhere)
            #expect(found.devices.count > 0)
        } catch {
            #expect("\(error)".contains("driver"), "\(error)")
        }
    }
}
