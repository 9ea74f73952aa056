// The texts of StatisticsError: what was found, what was expected, what to do.
import Shards

extension StatisticsError {
    public var description: String {
        switch self {
        case .dataset(let error): error.description
        case .shards(let error): "\(error)"
        case .sampleChanged(let path, let reason): "\(path): \(reason); it was valid when prep ingest read it: run prep ingest again"
        case .nothingThere(let path, let looked):
            "\(path): nothing to measure; looked for \(looked.joined(separator: ", "))"
                + (ShardAdvice.hint(for: path).map { "; \($0)" } ?? "")
        case .drawing(let reason): "a picture for the report could not be encoded: \(reason)"
        case .noMemory(let what): "no memory for \(what)"
        case .cancelled: "stopped on request"
        }
    }
}
