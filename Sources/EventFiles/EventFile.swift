// TensorBoard's event files: names, the first record, and reading one whole. `EventFile.Writer` writes them.
//
//     events.out.tfevents.TIMESTAMP.HOST       one a run, in a folder of its own
//     record: length (8 bytes), masked CRC-32C of the length (4), message (length bytes), masked CRC-32C of the message (4)
//     message: an `Event` of TensorFlow's event.proto; the first one names the format's version and who writes
//
// Invariant: the first record of a file that this program writes has the same bytes in every run, except its time and its checksum. So a
// file is recognised as this program's own even if it was cut within that record.
import Files
import Foundation

public enum EventFile {
    /// What the first record says of the format; TensorBoard takes older versions for files of another kind.
    static let version = "brain.Event:2"
    /// What the first record says of the program.
    static let writer = "swift-vlseg"
    /// TensorBoard takes every file for an event file whose name holds "tfevents".
    static let namePrefix = "events.out.tfevents."

    /// The largest file that is read, in bytes.
    public static let limit = 1 << 32

    /// The name of a new file, as TensorFlow and PyTorch choose it: seconds since 1970 in ten digits, so that names sort by time, and the
    /// machine, so that machines that write to one file system do not meet. A run that is resumed, on whatever machine, keeps its file.
    static func name(wallTime: Double, host: String) -> String {
        let seconds = String(Int(max(0, min(wallTime, 9_999_999_999))))
        let plain = host.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_") ? $0 : "-" }
        return namePrefix + String(repeating: "0", count: 10 - seconds.count) + seconds + "."
            + (plain.isEmpty ? "localhost" : String(plain))
    }

    /// The machine's own name, without asking the network.
    public static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Seconds since 1970.
    public static func now() -> Double { Date().timeIntervalSince1970 }

    static func firstRecord(wallTime: Double) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.record { Event(wallTime: wallTime, step: 0, content: .version(version, writer: Self.writer)).encode(into: &$0) }
        return writer.bytes
    }

    /// Whether bytes begin as this program's files do, as far as they go. Time and checksum of the first record may be any.
    static func isOwn(_ bytes: [UInt8]) -> Bool {
        let first = firstRecord(wallTime: 0)
        // Behind length, checksum and the key of the time: eight bytes of time. The checksum is last.
        return zip(bytes, first).enumerated().allSatisfy { place, pair in
            pair.0 == pair.1 || (13..<21).contains(place) || place >= first.count - 4
        }
    }

    /// The events of a file, of this program or another, in their order. Damaged records are left out, and so is whatever follows a record
    /// whose length cannot be known.
    public static func read(_ path: String) throws(EventFileError) -> [Event] {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileIO.read(path, limit: limit) } catch { throw .file(error) }
        var scanner = RecordScanner(bytes), events: [Event] = []
        while let record = scanner.next() {
            if record.isIntact, let event = Event(record.content) { events.append(event) }
        }
        return events
    }

    /// The names of all event files in a folder, sorted; none if there is no such folder.
    public static func names(in folder: String) throws(EventFileError) -> [String] {
        guard FileIO.exists(folder) else { return [] }
        do throws(FileError) { return try FileIO.list(folder).filter { $0.contains("tfevents") } } catch { throw .file(error) }
    }
}
