// Opens a page in a browser without a screen, by Scripts/check-report.sh. Tests of pages are skipped where no browser is installed.
import Foundation

public enum Browser {
    public static let isInstalled = ["chromium", "chromium-browser", "google-chrome"].contains { name in
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    public static let wanted = "no chromium found: install it to have reports opened in a browser (Debian: apt install chromium)"

    /// Screenshots NAME-light.png, NAME-dark.png and NAME-narrow.png lie beside the page then.
    /// - Parameter log: a file that exists.
    public static func check(_ page: String, log: String) throws -> (status: Int32, said: String) {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Scripts/check-report.sh")
            .standardized.path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [script, page]
        guard let handle = FileHandle(forWritingAtPath: log) else { throw CocoaError(.fileNoSuchFile) }
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self))
    }
}
