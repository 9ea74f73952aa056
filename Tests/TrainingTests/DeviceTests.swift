// The GPU backend without a GPU: a small model's training on the stand-in for the driver, against the CPU; recorded steps, and what happens on failures.
import EmulatedGPU
import Networks
import Tensors
import Testing
import Training

@Suite(.serialized) struct DeviceTests {
    /// Every operator of the published model, at a fraction of its size.
    private var small: ModelConfiguration {
        var configuration = ModelConfiguration()
        configuration.encoder.depths = [1, 1, 2, 1]
        configuration.encoder.widths = [16, 32, 64, 96]
        configuration.textWidth = 40
        configuration.tokens = 8
        configuration.textPositions = [8, 5, 4]
        return configuration
    }

    @Test(arguments: NumberFormat.allCases) func threeStepsAreThoseOfTheCPU(format: NumberFormat) throws {
        let check = ParityCheck(device: try EmulatedGPU.backend(), cpu: try CPUBackend(threads: 2))
        for row in try check.steps(format, batch: 2, imageSize: 64, configuration: small) {
            #expect(row.isGood, "\(row.name): \(row.difference) of \(row.tolerance)")
        }
    }

    /// The losses of so many steps of the small model.
    private func losses(_ backend: CUDABackend, steps: Int, batch: Int = 2) throws -> [Float] {
        let model = SegmentationModel(configuration: small, backend: backend, seed: 3)
        let values = model.parameters.values, first = backend.zeros(values.shape), second = backend.zeros(values.shape)
        let images = backend.bytes((0..<(batch * 32 * 32 * 3)).map { UInt8(truncatingIfNeeded: Mixing.mix(UInt64($0))) }, [batch, 32, 32, 3])
        let target = backend.bytes((0..<(batch * 32 * 32)).map { UInt8($0 / 400 % 2) }, [batch, 32, 32])
        let shape = [batch, small.tokens, small.textWidth]
        let text = backend.tensor((0..<shape.reduce(1, *)).map { Float(Mixing.mix(UInt64($0)) % 100) / 50 - 1 }, shape)
        let loss = SegmentationLoss(), terms = loss.terms(on: backend)
        let gradients = try #require(model.parameters.gradients)
        var pending: [any PendingValues] = []
        for step in 1...steps {
            backend.step(batch, StepVariables(dropoutSeed: UInt64(step), learningRate: 1e-3, step: step)) {
                let tape = model.tape(isTraining: true, dropoutSeed: UInt64(step))
                loss.enqueue(model.forward(images: images, text: text, tape: tape), target: target, tape: tape, terms: terms)
                tape.backward()
                backend.adamW(
                    values, gradients: gradients, first: first, second: second, halves: nil, settings: AdamWSettings(), guardedBy: terms)
            }
            pending.append(backend.beginDownload(terms))
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
        guard case .outOfMemory(let wanted, let free, _)? = backend.failure else {
            Issue.record("\(String(describing: backend.failure))")
            return
        }
        #expect(wanted >= 320 << 20 && free <= 64 << 20)
        #expect(backend.peakBytes >= 352 << 20, "what does not fit is counted all the same")
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
