// The table of a plan's runs, from their metrics.csv.
import Experiments
import Files
import Foundation
import TestSupport
import Testing

@Suite struct SummaryTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("summary") }

    private func scores(_ rows: [String], header: String = "epoch,val_dice,val_iou,best") throws -> RunScores {
        try RunScores(metrics: folder.write(([header] + rows).joined(separator: "\n") + "\n", to: "metrics.csv"))
    }

    @Test func theScoresAreThoseOfTheWeightsThatAreKept() throws {
        // The highest Dice is that of epoch 3, the lowest loss that of epoch 2.
        let found = try scores(["1,0.5,0.4,1", "2,0.7,0.6,1", "3,0.9,0.8,0"])
        #expect(found.epochs == 3 && found.bestEpoch == 2 && found.dice == 0.7 && found.iou == 0.6)
    }

    @Test func anEpochThatWasStoppedIsNotCounted() throws {
        let found = try scores(["1,0.5,0.4,1,1", "2,,,,0"], header: "epoch,val_dice,val_iou,best,complete")
        #expect(found.epochs == 1 && found.bestEpoch == 1 && found.dice == 0.5)
    }

    @Test func columnsAreFoundByName() throws {
        let found = try scores(["1,x,0.25,1,0.5"], header: "best,other,val_iou,epoch,val_dice")
        #expect(found.dice == 0.5 && found.iou == 0.25)
    }

    @Test func aRunWithoutAWholeEpochHasNoScores() throws {
        for found in [try scores([]), try RunScores(metrics: folder.file("none.csv"))] {
            #expect(found.epochs == 0 && found.bestEpoch == nil && found.dice == nil)
        }
        let error = try #require(#expect(throws: PlanError.self) { try scores([], header: "epoch,best") })
        #expect("\(error)".contains("no column val_dice, val_iou"))
    }

    @Test func seedsOfASettingHaveAMeanAndADeviation() throws {
        let setting = ExperimentPlan.Setting(name: "seu", title: "SEU, \"ours\"", options: TrainOptions())
        let rows = try [0.7, 0.8, 0.9].enumerated().map { seed, dice in
            PlanSummary.Row(
                run: PlannedRun(setting: setting, seed: UInt64(seed), options: TrainOptions()), folder: "runs/x/\(seed)", state: "finished",
                scores: try scores(["1,\(dice),0.5,1"]))
        }
        let summary = PlanSummary(rows), dice = try #require(summary.dice(of: "seu")), deviation = try #require(dice.deviation)
        #expect(abs(dice.mean - 0.8) < 1e-12 && abs(deviation - 0.1) < 1e-12 && dice.seeds == 3)
        #expect(summary.dice(of: "other") == nil)
        let lines = summary.text.split(separator: "\n")
        #expect(lines.count == 5 && lines[2].hasPrefix("seu-seed1") && lines[2].contains("80.00"))
        #expect(lines[4] == "seu: mean val Dice of 3 seeds 80.00, standard deviation 10.00")
        #expect(summary.csv.split(separator: "\n")[1] == "seu,seu,\"SEU, \"\"ours\"\"\",0,finished,1,1,0.7,0.5,runs/x/0")
    }
}
