// The entry point of `segment`.
import CommandLineTool
import Foundation

exit(
    Program(
        name: "segment",
        summary: "Uses trained checkpoints: scores them on a split, compares and calibrates them, segments images, explains masks.",
        commands: [evaluateCommand, compareCommand, calibrateCommand, predictCommand, explainCommand]
    ).run())
