// Learning rates against PyTorch's, early stopping by hand.
import Foundation
import Networks
import Testing
import Training

@Suite struct ScheduleTests {
    @Test func cosineEqualsPyTorch() throws {
        for golden in try TrainingGolden.load().cosine {
            let schedule = CosineSchedule(base: golden.base, minimum: golden.minimum, epochs: golden.epochs)
            #expect(golden.rates.count == golden.epochs)
            for (epoch, rate) in golden.rates.enumerated() {
                // PyTorch multiplies its way from epoch to epoch; ours is the closed form.
                #expect(abs(schedule.learningRate(epoch: epoch) - rate) <= 1e-12 + 1e-9 * rate, "epoch \(epoch)")
            }
        }
    }

    /// torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(T_0=10, eta_min=1e-4) from 3e-4.
    @Test func theCosineBeginsAnew() {
        let schedule = CosineSchedule(base: 3e-4, minimum: 1e-4, epochs: 2000, restartEpochs: 10)
        let expected = [0: 3e-4, 1: 2.9510565e-4, 5: 2e-4, 9: 1.0489435e-4, 10: 3e-4, 25: 2e-4, 1999: 1.0489435e-4]
        for (epoch, rate) in expected { #expect(abs(schedule.learningRate(epoch: epoch) - rate) < 1e-11, "epoch \(epoch)") }
    }

    /// torch.optim.lr_scheduler.PolynomialLR(total_iters=10, power=0.9) from 0.05, two epochs of five batches.
    @Test func polynomialDecayGoesFromStepToStep() {
        let schedule = PolynomialSchedule(ScheduleConfiguration("polynomial", base: 0.05, minimum: 0, epochs: 2))
        let expected = [0.05, 0.0454766, 0.0409026, 0.0362709, 0.0315723]
        for (step, rate) in expected.enumerated() {
            #expect(abs(schedule.learningRate(epoch: 0, batch: step, of: 5) - rate) < 1e-6, "step \(step)")
        }
        #expect(abs(schedule.learningRate(epoch: 1, batch: 0, of: 5) - 0.05 * pow(0.5, 0.9)) < 1e-12)
        #expect(abs(schedule.learningRate(epoch: 1, batch: 4, of: 5) - 0.05 * pow(0.1, 0.9)) < 1e-12)
        let limited = PolynomialSchedule(ScheduleConfiguration("polynomial", base: 0.05, minimum: 0.01, epochs: 1))
        #expect(abs(limited.learningRate(epoch: 0, batch: 9, of: 10) - (0.01 + 0.04 * pow(0.1, 0.9))) < 1e-12)
    }

    @Test func stopsAfterPatienceButNotBeforeTheMinimum() {
        var stopping = EarlyStopping(minimumEpochs: 4, patience: 2)
        let losses = [1.0, 1.5, 1.5, 1.5, 0.5, 0.5, 0.6]
        var bests: [Bool] = [], stops: [Bool] = []
        for (epoch, loss) in losses.enumerated() {
            bests.append(stopping.record(loss, epoch: epoch))
            stops.append(stopping.shouldStop(after: epoch))
        }
        #expect(bests == [true, false, false, false, true, false, false])
        #expect(stops == [false, false, false, true, false, false, true])
        #expect(stopping.best == 0.5 && stopping.bestEpoch == 4)
    }

    @Test func aLossThatIsNotANumberIsNeverBest() {
        var stopping = EarlyStopping(minimumEpochs: 0, patience: 1)
        let first = stopping.record(0.7, epoch: 0), second = stopping.record(.nan, epoch: 1)
        #expect(first && !second)
        #expect(stopping.best == 0.7 && stopping.shouldStop(after: 1))
    }
}
