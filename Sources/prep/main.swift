// The entry point of `prep`: its commands, one line each. No logic.
import CommandLineTool
import Foundation

let program = Program(
    name: "prep", summary: "From raw datasets to shards, with checks on the way.",
    commands: [
        ingestCommand,
        foldsCommand,
        shardCommand,
        verifyCommand,
        previewCommand,
        statsCommand,
        exportCommand,
        demoCommand,
        benchmarkCommand,
    ])

exit(program.run())
