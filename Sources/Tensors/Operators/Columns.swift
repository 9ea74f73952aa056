// Columns taken out of a matrix and put side by side.

/// What a device does for it.
protocol ColumnDevice {
    /// y = x, or += where it accumulates, over rows x columns of one format.
    func copyColumns(_ x: MatrixView, into y: MatrixView, rows: Int, columns: Int, accumulate: Bool)
}

extension Backend {
    /// y = x, or += where it accumulates.
    func copyColumns(_ x: MatrixView, into y: MatrixView, rows: Int, columns: Int, accumulate: Bool) {
        perform("column copies", bytes: Double(rows * columns * x.tensor.format.bytes * (accumulate ? 3 : 2))) {
            (device: any ColumnDevice) in device.copyColumns(x, into: y, rows: rows, columns: columns, accumulate: accumulate)
        }
    }
}

extension Tape {
    /// Columns `range` of the last dimension, copied.
    public func columns(_ x: Tensor, _ range: Range<Int>) -> Tensor {
        precondition(range.lowerBound >= 0 && range.upperBound <= x.channels, "columns: \(range) of \(x.shape)")
        let needs = records(x)
        let y = backend.empty(x.shape.dropLast() + [range.count], format: x.format, requiresGradient: needs)
        backend.copyColumns(
            MatrixView(x, offset: range.lowerBound), into: MatrixView(y), rows: x.rows, columns: range.count, accumulate: false)
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in
                let (dx, beta) = destination(for: source)
                if beta == 0 { backend.fill(dx, 0) }
                backend.copyColumns(
                    MatrixView(dy), into: MatrixView(dx, offset: range.lowerBound), rows: dx.rows, columns: range.count, accumulate: true)
            }
        }
        return y
    }

    /// [a, b] along the last dimension.
    public func concatenate(_ a: Tensor, _ b: Tensor) -> Tensor {
        precondition(a.shape.dropLast() == b.shape.dropLast() && a.format == b.format, "concatenate: \(a.shape) and \(b.shape)")
        let needs = records(a, b)
        let y = backend.empty(a.shape.dropLast() + [a.channels + b.channels], format: a.format, requiresGradient: needs)
        let parts = [(a, 0), (b, a.channels)]
        for (part, start) in parts {
            backend.copyColumns(
                MatrixView(part), into: MatrixView(y, offset: start), rows: y.rows, columns: part.channels, accumulate: false)
        }
        if needs {
            let sources = [(a.slot, 0), (b.slot, a.channels)]
            record(from: y) { [self] dy in
                for (source, start) in sources where source.isWanted {
                    let (dx, beta) = destination(for: source)
                    backend.copyColumns(
                        MatrixView(dy, offset: start), into: MatrixView(dx), rows: dx.rows, columns: dx.channels, accumulate: beta == 1)
                }
            }
        }
        return y
    }
}
