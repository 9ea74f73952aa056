// The texts of MaskError: what was found, what was expected.

extension MaskError {
    public var description: String {
        switch self {
        case .size(let width, let height, let values):
            return "a mask of width \(width) and height \(height) cannot hold \(values) values; expected width x height"
        case .differentSizes(let truth, let prediction):
            return
                "the prediction is \(prediction.width)x\(prediction.height) pixels, the true mask \(truth.width)x\(truth.height); "
                + "expected the same size: resize the prediction first"
        case .spacing(let row, let column):
            return "a spacing of \(row) between rows and \(column) between columns; expected positive, finite numbers"
        }
    }
}
