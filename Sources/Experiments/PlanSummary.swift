// The table of a plan's runs: state and validation scores of each, and the mean over the seeds of a setting. As text and as CSV.
// Not for scores of the test split: `segment compare` gives those, with intervals and tests.
import Foundation

public struct PlanSummary: Sendable {
    public struct Row: Sendable {
        public let run: PlannedRun
        public let folder: String
        /// "finished", "stopped at step 12", "failed", ...
        public let state: String
        public let scores: RunScores

        public init(run: PlannedRun, folder: String, state: String, scores: RunScores) {
            self.run = run
            self.folder = folder
            self.state = state
            self.scores = scores
        }
    }

    public let rows: [Row]

    public init(_ rows: [Row]) { self.rows = rows }

    /// The mean and, of two or more seeds, the standard deviation (n - 1) of a setting's Dice; nil if no run of it has one.
    public func dice(of setting: String) -> (mean: Double, deviation: Double?, seeds: Int)? {
        let values = rows.filter { $0.run.setting.name == setting }.compactMap(\.scores.dice)
        guard !values.isEmpty else { return nil }
        let count = Double(values.count), mean = values.reduce(0, +) / count
        guard values.count > 1 else { return (mean, nil, 1) }
        return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot(), values.count)
    }

    /// A table for a terminal; scores in percent.
    public var text: String {
        var cells = [["run", "setting", "state", "epochs", "best epoch", "val Dice", "val IoU"]]
        for row in rows {
            let scores = row.scores
            cells.append([
                row.run.name, row.run.setting.title, row.state, "\(scores.epochs)", scores.bestEpoch.map { "\($0)" } ?? "-",
                Self.percent(scores.dice), Self.percent(scores.iou),
            ])
        }
        var lines = Self.aligned(cells, leading: 3)
        let settings = rows.map(\.run.setting.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        if settings.count < rows.count {
            for setting in settings {
                guard let dice = dice(of: setting), let deviation = dice.deviation else { continue }
                lines.append(
                    "\(setting): mean val Dice of \(dice.seeds) seeds \(Self.percent(dice.mean)), standard deviation "
                        + Self.percent(deviation))
            }
        }
        return lines.joined(separator: "\n")
    }

    public static let csvHeader = "run,setting,title,seed,state,epochs,best_epoch,val_dice,val_iou,folder"

    /// One line per run; scores from 0 to 1.
    public var csv: String {
        let lines = rows.map { row in
            let scores = row.scores
            return [
                row.run.name, row.run.setting.name, row.run.setting.title, "\(row.run.seed)", row.state, "\(scores.epochs)",
                scores.bestEpoch.map { "\($0)" } ?? "", scores.dice.map { "\($0)" } ?? "", scores.iou.map { "\($0)" } ?? "", row.folder,
            ].map(Self.quoted).joined(separator: ",")
        }
        return ([Self.csvHeader] + lines).joined(separator: "\n") + "\n"
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { ",\"\n\r".contains($0) }) else { return cell }
        return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    private static func percent(_ value: Double?) -> String { value.map { String(format: "%.2f", $0 * 100) } ?? "-" }

    /// Columns of equal width; the first `leading` ones begin at the left, the others end at the right.
    static func aligned(_ rows: [[String]], leading: Int) -> [String] {
        let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
                return column < leading ? cell.0 + blanks : blanks + cell.0
            }
            return cells.joined(separator: "  ").trimmingCharacters(in: CharacterSet(charactersIn: " "))
        }
    }
}
