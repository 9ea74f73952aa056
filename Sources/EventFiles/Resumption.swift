// What of an event file stays when its run goes on after a saved step: the events up to that step, each once.
// Invariant: until the file is whole again under its name, the old file stays. A crash at any moment loses no event that stays.
import Files

extension EventFile {
    /// What was done to a file when it was opened again.
    public struct Resumption: Sendable, Equatable {
        /// Events that stay, without the first record, which only names the format.
        public private(set) var keptEvents = 0
        /// Intact events behind the step: the run does these steps again.
        public private(set) var droppedEvents = 0
        /// Records whose checksum does not hold, or that hold no event. Other than a cut end, this is a fault of the disk.
        public private(set) var damagedRecords = 0
        /// Bytes behind the last record: a record that was being written when the program or the machine stopped.
        public private(set) var cutBytes = 0
        /// The largest step of an event that stays; nil if none stays. If it is less than the step of the saved state, points are missing.
        public private(set) var lastStep: Int?

        /// Whether the file holds the run's hyper-parameters.
        private(set) var holdsHyperparameters = false
        /// Where the kept records are; neighbours are joined.
        private(set) var kept: [Range<Int>] = []
        private(set) var isFirstRecordIntact = false

        /// - Parameter bytes: a file that `EventFile.isOwn` accepts.
        init(_ bytes: [UInt8], after step: Int) {
            var scanner = RecordScanner(bytes)
            if let first = scanner.next(), first.isIntact {
                isFirstRecordIntact = true
                kept.append(first.range)
            }
            while let record = scanner.next() {
                guard record.isIntact, let event = EventOutline(record.content) else {
                    damagedRecords += 1
                    continue
                }
                // A run that goes on has not ended, whatever the file says.
                guard event.step <= step, !event.tags.contains(HyperparameterTag.end) else {
                    droppedEvents += 1
                    continue
                }
                keptEvents += 1
                lastStep = max(lastStep ?? event.step, event.step)
                if event.tags.contains(HyperparameterTag.start) { holdsHyperparameters = true }
                if let last = kept.last, last.upperBound == record.range.lowerBound {
                    kept[kept.count - 1] = last.lowerBound..<record.range.upperBound
                } else {
                    kept.append(record.range)
                }
            }
            cutBytes = bytes.count - scanner.place
        }

        /// Makes the file hold the kept records alone, and opens it.
        ///
        /// What is dropped is nearly always the file's end, which is cut off. That needs no space. A TensorBoard that has the file open
        /// goes on with it: a resumed run writes records of the same lengths again, so its place in the file stays right. Otherwise
        /// the kept records are written anew, under a name that TensorBoard does not read, and the new file takes the old one's name.
        func open(_ path: String, bytes: [UInt8], wallTime: Double) throws(FileError) -> GrowingFile {
            let temporary = FileIO.sibling(of: path, named: EventFile.temporaryName)
            if isFirstRecordIntact, kept.count == 1 {
                try FileIO.remove(temporary)
                let file = try GrowingFile(path, keeping: kept[0].upperBound)
                try file.synchronise()
                return file
            }
            var whole = isFirstRecordIntact ? [] : EventFile.firstRecord(wallTime: wallTime)
            for range in kept { whole += bytes[range] }
            try AtomicFile.removeLeftovers(for: temporary)
            try FileIO.writeAtomically(whole, to: temporary)
            try GrowingFile.rename(temporary, to: path)
            return try GrowingFile(path, keeping: whole.count)
        }
    }

    /// A file under this name is left by a crash within a resumption; the next one replaces or removes it.
    package static let temporaryName = ".resumed.vlseg-next"
}
