// TensorBoard itself reads what is written: Scripts/check-tensorboard.py, which uses the Python package `tensorboard`.
import EventFiles
import Files
import Foundation
import TestSupport
import Testing

@Suite struct TensorBoardTests {
    /// The first python3 of PATH if it has TensorBoard.
    private static let python: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        .map { $0 + "/python3" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        .flatMap { python in
            let probe = "import importlib.util as u, sys; sys.exit(0 if u.find_spec('tensorboard') else 1)"
            return output(python, ["-c", probe]) == nil ? nil : python
        }

    /// Nil if the program cannot be run or fails.
    private static func output(_ program: String, _ arguments: [String]) -> Data? {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        guard (try? process.run()) != nil else { return nil }
        let data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? data : nil
    }

    private struct Answer: Decodable {
        struct Run: Decodable {
            let scalars: [String: [[Double]]]
            let images: [String: [ImagePoint]]
            let texts: [String: [TextPoint]]
            let events: Int
        }
        struct ImagePoint: Decodable {
            let step: Int, width: Int, height: Int, hash: String, decoded: [Int]
            init(from decoder: Decoder) throws {
                var list = try decoder.unkeyedContainer()
                (step, width, height) = (try list.decode(Int.self), try list.decode(Int.self), try list.decode(Int.self))
                (hash, decoded) = (try list.decode(String.self), try list.decode([Int].self))
            }
        }
        struct TextPoint: Decodable {
            let step: Int, text: String
            init(from decoder: Decoder) throws {
                var list = try decoder.unkeyedContainer()
                (step, text) = (try list.decode(Int.self), try list.decode(String.self))
            }
        }
        enum Setting: Decodable, Equatable {
            case number(Double), text(String), flag(Bool)
            init(from decoder: Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let flag = try? value.decode(Bool.self) {
                    self = .flag(flag)
                } else if let number = try? value.decode(Double.self) {
                    self = .number(number)
                } else {
                    self = .text(try value.decode(String.self))
                }
            }
        }
        struct Row: Decodable {
            let settings: [String: Setting]
            let status: String
            let metrics: [String: [Double]]
        }
        struct Table: Decodable {
            let settings: [String], metrics: [String]
            let runs: [String: Row]
        }
        let runs: [String: Run]
        let hparams: Table
    }

    /// Three runs: one that went through, one that was killed within a record and resumed, one that is still running with settings of
    /// another network.
    @Test(.enabled(if: python != nil, "the first python3 in PATH has no TensorBoard: pip install tensorboard"))
    func tensorBoardShowsEveryRunOnceAndWhole() throws {
        let runs = try TemporaryFolder("runs")
        try SampleRun.write(0...SampleRun.steps, to: SampleRun.writer(runs.file("whole/tensorboard")))
        let whole = try SampleRun.whole()
        try runs.write(Array(whole.dropLast(250)), to: "resumed/tensorboard/" + SampleRun.name)
        try SampleRun.write(5...SampleRun.steps, to: SampleRun.writer(runs.file("resumed/tensorboard"), resumingAfter: 4))
        let running = try SampleRun.writer(runs.file("running/tensorboard"))
        try running.hyperparameters(["windows": 7, "learning-rate": .number(.infinity)])
        try running.scalar("loss/train", 0.5, step: 3)
        try running.flush()

        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Scripts/check-tensorboard.py").path
        let python = try #require(Self.python), data = try #require(Self.output(python, [script, runs.path]))
        let answer = try JSONDecoder().decode(Answer.self, from: data)
        #expect(answer.runs.keys.sorted() == ["resumed/tensorboard", "running/tensorboard", "whole/tensorboard"])
        for name in ["whole/tensorboard", "resumed/tensorboard"] {
            let run = try #require(answer.runs[name])
            #expect(run.events == SampleRun.ends(whole).count)
            let losses: [[Double]] = (1...SampleRun.steps).map { step -> [Double] in
                let number = Double(step)
                return [number, Double(Float(1 / number))]
            }
            let dice: [[Double]] = [[3, Double(Float(0.3))], [6, Double(Float(0.6))]]
            #expect(run.scalars["loss/train"] == losses && run.scalars["dice/validation"] == dice)
            #expect(run.scalars["loss/validation"] == [[3, 2], [6, 2]])
            let images = try #require(run.images["validation/1"])
            #expect(images.map(\.step) == [3, 6] && images.allSatisfy { $0.width == 3 && $0.height == 2 && $0.decoded == [3, 2] })
            #expect(images.allSatisfy { $0.hash == Digest.sha256(SampleRun.png) })
            let texts = try #require(run.texts["note"])
            #expect(texts.map(\.step) == [3, 6] && texts.map(\.text) == ["step 3", "step 6"])
            let row = try #require(answer.hparams.runs[name])
            #expect(
                row.settings == [
                    "model": .text("unet"), "learning-rate": .number(0.001), "batch-size": .number(4), "pretrained": .flag(true),
                ])
            #expect(row.status == "STATUS_SUCCESS" && row.metrics["loss/train"] == [8, 0.125])
        }
        #expect(answer.hparams.runs["running/tensorboard"]?.settings == ["windows": .number(7), "learning-rate": .text("inf")])
        #expect(answer.hparams.settings == ["batch-size", "learning-rate", "model", "pretrained", "windows"])
        #expect(answer.hparams.metrics == ["dice/validation", "loss/train", "loss/validation"])
    }
}
