// What the page of a run shows, as plain values. Not for computing: a run's own state is elsewhere.

package struct RunRecord: Sendable {
    package enum Status: Sendable, Equatable {
        case running, finished
        /// After `epoch` epochs, because the validation loss no longer fell.
        case stoppedEarly(epoch: Int)
        /// By --max-steps or Ctrl-C.
        case stopped(step: Int)
    }

    /// A row of metrics.csv.
    package struct Epoch: Sendable, Equatable {
        /// From 1.
        package var number: Int
        package var step: Int
        /// The columns that hold a number.
        package var values: [String: Double]
        package var isBest: Bool
        /// Not the row of a run that was stopped within an epoch.
        package var isWhole: Bool

        package init(number: Int, step: Int, values: [String: Double], isBest: Bool, isWhole: Bool) {
            self.number = number
            self.step = step
            self.values = values
            self.isBest = isBest
            self.isWhole = isWhole
        }
    }

    /// A row of timing.csv.
    package struct Timing: Sendable, Equatable {
        package var epoch: Int
        package var seconds: Double, images: Double, imagesPerSecond: Double, validationSeconds: Double
    }

    /// A validation sample whose predictions are shown.
    package struct Sample: Sendable {
        package var id: String
        package var caption: String?
        /// The image as JPEG.
        package var jpeg: [UInt8]
        package var width: Int, height: Int
        /// The truth's outline, and the side of the picture that it belongs to.
        package var truth: (side: Int, path: String)

        package init(id: String, caption: String?, jpeg: [UInt8], width: Int, height: Int, truth: (side: Int, path: String)) {
            self.id = id
            self.caption = caption
            self.jpeg = jpeg
            self.width = width
            self.height = height
            self.truth = truth
        }
    }

    /// A validation column of metrics.csv.
    package struct Score: Sendable, Equatable {
        /// Without its prefix "val_".
        package var column: String
        /// Of the measure, and what it is computed over.
        package var title: String, scope: String

        package init(column: String, title: String, scope: String) {
            self.column = column
            self.title = title
            self.scope = scope
        }
    }

    package var name: String
    package var status = Status.running
    /// The most epochs that the run may take.
    package var plannedEpochs = 0
    /// In a whole epoch.
    package var imagesPerEpoch = 0
    package var settings: [(name: String, value: String)] = []
    package var scores: [Score] = []
    package var steps = StepCurve()
    package var epochs: [Epoch] = []
    package var timings: [Timing] = []
    package var samples: [Sample] = []
    package var outlines: [SampleOutlines] = []

    package init(name: String) { self.name = name }

    package var wholeEpochs: [Epoch] { epochs.filter(\.isWhole) }
    /// The last one with a lower validation loss than all before it.
    package var best: Epoch? { epochs.last { $0.isBest } }

    /// Nothing would be left to resume.
    package var hasEnded: Bool {
        switch status {
        case .finished, .stoppedEarly: true
        case .running, .stopped: false
        }
    }

    /// Seconds to the last epoch, from the last five epochs' rates; nil before the first epoch's end, and at the run's.
    package var secondsLeft: Double? {
        if hasEnded { return nil }
        let last = timings.suffix(5), images = last.reduce(0) { $0 + $1.images }, left = plannedEpochs - wholeEpochs.count
        guard left > 0, images > 0 else { return nil }
        let perImage = last.reduce(0) { $0 + $1.seconds } / images
        let validation = last.reduce(0) { $0 + $1.validationSeconds } / Double(last.count)
        return Double(left) * (perImage * Double(imagesPerEpoch) + validation)
    }
}
