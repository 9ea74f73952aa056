// Writes the event file of one run: numbers, pictures, texts and hyper-parameters, by step. A run that is resumed goes on in its file.
// Invariants: the file holds whole records, except that a crash may cut the last one; no point is there twice after a resumption. The bytes
// are a function of the calls, the clock and the host. Not for use by several threads at once.
import Files

extension EventFile {
    public final class Writer {
        public let path: String
        /// What was found in the file of a resumed run; nil where a new file was begun.
        public let resumption: Resumption?
        private let file: GrowingFile
        private let clock: @Sendable () -> Double
        private var waiting = ProtobufWriter()
        private var holdsHyperparameters: Bool
        /// Records wait in memory until they are this many bytes.
        private static let room = 1 << 18

        /// Begins or continues the event file in a folder, which is made if it does not exist.
        ///
        /// A file is named `events.out.tfevents.TIMESTAMP.HOST`, after the moment and the machine of the run's begin, and keeps its name.
        /// - Parameters:
        ///   - folder: the run's own. TensorBoard joins all event files of a folder into one run, so files of other programs are refused.
        ///   - resumingAfter: the step of the saved state from which the run goes on: events of later steps are dropped. Nil begins
        ///     anew and removes the file of an attempt that saved no state. For a curve without gaps, flush before the state is saved.
        ///   - clock: seconds since 1970, read once for each event.
        ///   - host: the machine's name; characters other than letters, digits, ".", "-" and "_" become "-".
        public init(
            folder: String, resumingAfter step: Int? = nil, clock: @escaping @Sendable () -> Double = EventFile.now,
            host: String = EventFile.hostName
        ) throws(EventFileError) {
            self.clock = clock
            let own = try Self.ownFile(in: folder)
            do throws(FileError) {
                if let step, let own {
                    let bytes = try FileIO.read(own, limit: EventFile.limit)
                    let resumption = Resumption(bytes, after: step)
                    self.resumption = resumption
                    path = own
                    file = try resumption.open(own, bytes: bytes, wallTime: clock())
                    holdsHyperparameters = resumption.holdsHyperparameters
                    return
                }
                try FileIO.createFolder(folder)
                if let own { try FileIO.remove(own) }
                try FileIO.remove(folder + "/" + EventFile.temporaryName)
                let start = clock()
                path = folder + "/" + EventFile.name(wallTime: start, host: host)
                resumption = nil
                holdsHyperparameters = false
                file = try GrowingFile(new: path)
                try file.append(EventFile.firstRecord(wallTime: start))
                try file.synchronise()
            } catch {
                throw .file(error)
            }
        }

        /// Records that no flush has put on the disk are written at least.
        deinit { try? file.append(waiting.bytes) }

        /// A point of a curve. TensorBoard holds single precision; values may be NaN or infinite.
        /// - Parameter tag: the curve's name. What is before its first "/" is the group: "loss/train", "loss/validation".
        public func scalar(_ tag: String, _ value: Double, step: Int) throws(EventFileError) {
            try add([Value(tag: tag, plugin: "scalars", datum: .scalar(Float(value)))], step: step)
        }

        /// Points of several curves at one step, in one event with one time.
        public func scalars(_ values: [(tag: String, value: Double)], step: Int) throws(EventFileError) {
            try add(values.map { Value(tag: $0.tag, plugin: "scalars", datum: .scalar(Float($0.value))) }, step: step)
        }

        /// A picture of a series of pictures.
        /// - Parameter png: a whole PNG file; size and channels are read from its header.
        public func image(_ tag: String, png: [UInt8], step: Int) throws(EventFileError) {
            guard let header = PNGHeader(png) else { throw .notPNG(tag: tag) }
            let image = Datum.image(png: png, width: header.width, height: header.height, channels: header.channels)
            try add([Value(tag: tag, datum: image)], step: step)
        }

        /// A text, which TensorBoard shows as Markdown.
        public func text(_ tag: String, _ text: String, step: Int) throws(EventFileError) {
            try add([Value(tag: tag, plugin: "text", datum: .text(text))], step: step)
        }

        /// The run's settings, for the HParams tab. A file holds them once, at step 0: if it has them from before a resumption, nothing is
        /// written.
        /// - Parameter metrics: tags of the scalars that are columns of the tab's table. If there are none, TensorBoard collects settings
        ///   and scalars of all runs. If there are some, it takes settings and metrics of all runs from the first run that names any;
        ///   settings that only other runs have (of another network) are then hidden.
        public func hyperparameters(_ settings: [String: Hyperparameter], metrics: [String] = []) throws(EventFileError) {
            guard !holdsHyperparameters else { return }
            holdsHyperparameters = true
            let now = clock()
            var values = [EventFile.sessionStart(settings, wallTime: now)]
            if !metrics.isEmpty { values.insert(EventFile.experiment(settings, metrics: metrics, wallTime: now), at: 0) }
            try add(Event(wallTime: now, step: 0, content: .values(values)))
        }

        /// The run's end, for the HParams tab, which otherwise shows no status. A resumption drops it.
        public func end(succeeded: Bool, step: Int) throws(EventFileError) {
            let now = clock()
            try add(Event(wallTime: now, step: step, content: .values([EventFile.sessionEnd(succeeded: succeeded, wallTime: now)])))
        }

        /// Returns when all events are on the disk: they survive a crash of the machine. After an error (a full disk) the events wait, and
        /// the next flush tries again.
        public func flush() throws(EventFileError) {
            try write()
            do throws(FileError) { try file.synchronise() } catch { throw .file(error) }
        }

        private func add(_ values: [Value], step: Int) throws(EventFileError) {
            try add(Event(wallTime: clock(), step: step, content: .values(values)))
        }

        private func add(_ event: Event) throws(EventFileError) {
            waiting.record { event.encode(into: &$0) }
            if waiting.bytes.count >= Self.room { try write() }
        }

        private func write() throws(EventFileError) {
            guard !waiting.bytes.isEmpty else { return }
            do throws(FileError) { try file.append(waiting.bytes) } catch { throw .file(error) }
            waiting.empty()
        }

        /// Throws where a writer could not begin or go on in the folder because of files in it. Writes nothing.
        public static func check(folder: String) throws(EventFileError) { _ = try ownFile(in: folder) }

        /// The folder's event file, if there is one. Of files that may be another's, only the beginning is read.
        private static func ownFile(in folder: String) throws(EventFileError) -> String? {
            var own: [String] = []
            for name in try EventFile.names(in: folder) {
                let path = folder + "/" + name
                guard FileIO.isFile(path) else {
                    throw .foreign(path: path, found: FileIO.isFolder(path) ? "a folder with the name of an event file" : "no regular file")
                }
                let start = try beginning(of: path)
                guard EventFile.isOwn(start) else { throw .foreign(path: path, found: Self.foreigner(start)) }
                own.append(name)
            }
            guard own.count <= 1 else { throw .several(folder: folder, names: own) }
            return own.first.map { folder + "/" + $0 }
        }

        private static func beginning(of path: String) throws(EventFileError) -> [UInt8] {
            do throws(FileError) {
                var bytes = [UInt8](repeating: 0, count: min(1024, try FileIO.size(path)))
                // The closure form rethrows without a type, so the typed failure is passed out through this variable.
                var failure: FileError?
                bytes.withUnsafeMutableBytes { buffer in
                    do throws(FileError) { try FileIO.read(path, filling: buffer) } catch { failure = error }
                }
                if let failure { throw failure }
                return bytes
            } catch {
                throw .file(error)
            }
        }

        private static func foreigner(_ bytes: [UInt8]) -> String {
            var scanner = RecordScanner(bytes)
            guard let record = scanner.next(), record.isIntact, case .version(_, let writer)? = Event(record.content)?.content else {
                return "has the name of an event file and does not begin as one"
            }
            return "an event file of another program" + (writer.map { " (\(Printable.line($0)))" } ?? "")
        }
    }
}
