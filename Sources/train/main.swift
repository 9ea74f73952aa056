// The entry point of `train`.
import CommandLineTool
import Foundation

exit(
    Program(
        main: trainCommand,
        jobs: [planCommand, modelsCommand, devicesCommand, summaryCommand, benchmarkCommand, profileCommand, checkCommand]
    ).run())
