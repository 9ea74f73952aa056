// Where tests find the optional real data set folder. Tests that need it are skipped, with this message, where it is absent.
import Foundation

public enum RealData {
    /// The folder with real sample data: the environment's VLSEG_REAL_DATA, else ../shared/data beside the package; nil when neither
    /// exists.
    public static let folder: String? = {
        let beside = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared/data").path
        let candidates = [ProcessInfo.processInfo.environment["VLSEG_REAL_DATA"], beside]
        return candidates.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0) }
    }()

    public static let skipMessage = "real data not found: set VLSEG_REAL_DATA to a folder laid out as docs/developer/real-data.md says"
    public static var isPresent: Bool { folder != nil }

    /// The absolute path of a file or folder in the real data. Call only where `isPresent` holds.
    public static func path(_ relative: String) -> String { (folder ?? "/nonexistent") + "/" + relative }
}
