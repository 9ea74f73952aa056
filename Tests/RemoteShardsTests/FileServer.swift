// Runs server.py over a folder, for as long as the value lives.
import Foundation
import TestSupport

final class FileServer {
    static let python: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map { $0 + "/python3" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
    static let skipMessage = "no python3 in PATH: the HTTP server of these tests needs it"
    static var isPossible: Bool { python != nil }

    let folder: TemporaryFolder
    let port: Int
    private let process: Process
    private let input: Pipe

    /// - Parameter certificate: a PEM file's name and its key's, in the folder; the server then speaks TLS.
    init(certificate: (String, String)? = nil, prepare: (TemporaryFolder) throws -> Void) throws {
        let folder = try TemporaryFolder("served")
        try prepare(folder)
        let process = Process(), input = Pipe(), output = Pipe()
        (self.folder, self.process, self.input) = (folder, process, input)
        process.executableURL = URL(fileURLWithPath: Self.python ?? "/usr/bin/python3")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("server.py").path
        process.arguments =
            [script, folder.path, folder.file("control.json"), folder.file("requests.log")]
            + (certificate.map { [folder.file($0.0), folder.file($0.1)] } ?? [])
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), let first = byte.first, first != 10 { line.append(first) }
        guard let port = Int(String(decoding: line, as: UTF8.self)) else { throw CocoaError(.fileReadUnknown) }
        self.port = port
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }

    func address(_ path: String, scheme: String = "http") -> String { "\(scheme)://127.0.0.1:\(port)/\(path)" }

    /// What server.py is to do wrong from now on.
    func misbehave(_ control: String) throws { try folder.write(control, to: "control.json") }

    /// Requests so far: PATH RANGE STATUS.
    var requests: [String] {
        ((try? String(contentsOfFile: folder.file("requests.log"), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    func forgetRequests() { try? FileManager.default.removeItem(atPath: folder.file("requests.log")) }
}
