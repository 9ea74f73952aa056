// The entry point of `segment`.
import CommandLineTool
import Foundation

exit(
    Program(
        name: "segment", summary: "Uses a trained checkpoint: scores it on a split, or segments one image by one sentence.",
        commands: [evaluateCommand, predictCommand]
    ).run())
