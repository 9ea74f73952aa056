// A small run that writes every kind of event, and what of it must be read back.
import EventFiles
import Files
import TestSupport

struct SampleRun {
    static let steps = 8
    /// The only clock of these runs, so that equal runs have equal bytes.
    static let wallTime = 1_700_000_000.25
    static let name = "events.out.tfevents.1700000000.host"
    static let png = PlainPNG.encode(width: 3, height: 2, bits: 8, colourType: 2, samples: (0..<18).map { UInt16($0 * 14) })
    static let settings: [String: EventFile.Hyperparameter] = [
        "model": "unet", "learning-rate": 0.001, "batch-size": 4, "pretrained": true,
    ]

    static func writer(_ folder: String, resumingAfter step: Int? = nil) throws -> EventFile.Writer {
        try EventFile.Writer(folder: folder, resumingAfter: step, clock: { wallTime }, host: "host")
    }

    /// All events of the steps: hyper-parameters first, a picture and a text at every third step, the end with the last step.
    static func write(_ steps: ClosedRange<Int>, to writer: EventFile.Writer) throws {
        try writer.hyperparameters(settings)
        for step in steps where step > 0 {
            try writer.scalar("loss/train", 1 / Double(step), step: step)
            if step % 3 == 0 {
                try writer.scalars([("dice/validation", Double(step) / 10), ("loss/validation", 2)], step: step)
                try writer.image("validation/1", png: png, step: step)
                try writer.text("note", "step \(step)", step: step)
            }
        }
        if steps.contains(Self.steps) { try writer.end(succeeded: true, step: Self.steps) }
        try writer.flush()
    }

    /// The bytes of the whole run.
    static func whole() throws -> [UInt8] {
        let folder = try TemporaryFolder("events"), writer = try Self.writer(folder.path)
        try write(0...steps, to: writer)
        return try FileIO.read(writer.path)
    }

    /// Where each record ends, by the lengths that the records state.
    static func ends(_ bytes: [UInt8]) -> [Int] {
        var ends: [Int] = [], place = 0
        while place < bytes.count {
            place += 16 + bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
            ends.append(place)
        }
        return ends
    }
}
