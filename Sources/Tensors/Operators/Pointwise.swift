// Pointwise operators: activations, sums, scaled sums, dropout, position tables, column slices and concatenation.

extension Tape {
    /// y = f(x); dx = f'(x) dy.
    public func activate(_ kind: Activation, _ x: Tensor) -> Tensor {
        let needs = records(x)
        let y = backend.empty(like: x, requiresGradient: needs)
        backend.activate(kind, x, into: y)
        if needs {
            let saved = kind.derivativeUsesOutput ? y : x
            // The output must not hold itself alive through its own record: a view of it is kept instead.
            let kept = saved === y ? y.viewed(as: y.shape) : x
            let source = x.slot
            record(from: y) { [self] dy in
                // Element by element, so the gradient can take the place of dy, which nobody else holds.
                backend.activationGradient(kind, saved: kept, dy, into: dy)
                send(dy, to: source)
            }
        }
        return y
    }

    /// The same values stored in another format; the gradient is converted back.
    public func convert(_ x: Tensor, to format: NumberFormat) -> Tensor {
        if x.format == format { return x }
        let needs = records(x)
        let y = backend.empty(x.shape, format: format, requiresGradient: needs)
        backend.convert(x, into: y)
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in
                let dx = backend.empty(source.shape, format: source.format)
                backend.convert(dy, into: dx)
                send(dx, to: source)
            }
        }
        return y
    }

    /// y = a + b, equal shapes.
    public func add(_ a: Tensor, _ b: Tensor) -> Tensor {
        precondition(a.shape == b.shape && a.format == b.format, "add: \(a.shape) and \(b.shape) differ")
        let needs = records(a, b)
        let y = backend.empty(like: a, requiresGradient: needs)
        backend.add(a, b, into: y)
        if needs {
            let first = a.slot, second = b.slot
            record(from: y) { [self] dy in
                sendCopy(dy, to: second)
                send(dy, to: first)
            }
        }
        return y
    }

    /// y = a + s b with a learned scalar s [1] (MoDAB's output scale). db = s dy, ds += <dy, b>.
    public func addScaled(_ a: Tensor, _ b: Tensor, scale s: Tensor) -> Tensor {
        precondition(a.shape == b.shape && a.format == b.format && s.count == 1, "addScaled: \(a.shape), \(b.shape), scale \(s.shape)")
        let needs = records(a, b, s)
        let y = backend.empty(like: a, requiresGradient: needs)
        backend.addScaled(a, b, scale: s, into: y)
        if needs {
            let first = a.slot
            record(from: y) { [self] dy in
                if s.requiresGradient { backend.dot(dy, b, accumulateInto: gradientSum(of: s)) }
                if b.requiresGradient {
                    let db = backend.empty(like: b)
                    backend.scale(dy, by: s, into: db)
                    send(db, to: b)
                }
                send(dy, to: first)
            }
        }
        return y
    }

    /// Adds a constant table [L, C] to every image of x [B, L, C].
    public func addPositionalEmbedding(_ x: Tensor, _ table: Tensor) -> Tensor {
        precondition(
            x.channels == table.channels && x.rows % table.rows == 0, "addPositionalEmbedding: \(x.shape) and table \(table.shape)")
        let needs = records(x)
        let y = backend.empty(like: x, requiresGradient: needs)
        backend.addPositionalEmbedding(x, table, into: y)
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in send(dy, to: source) }
        }
        return y
    }

    /// Inverted dropout: elements are kept with probability 1-p and scaled by 1/(1-p). The identity where the mode has no dropout.
    public func dropout(_ x: Tensor, probability: Float) -> Tensor {
        guard mode.dropout, probability > 0 else { return x }
        let seed = nextDropoutSeed()
        let needs = records(x)
        let y = backend.empty(like: x, requiresGradient: needs)
        backend.dropout(x, probability: probability, seed: seed, into: y)
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in
                backend.dropout(dy, probability: probability, seed: seed, into: dy)
                send(dy, to: source)
            }
        }
        return y
    }

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

    /// The same elements under another shape.
    public func reshape(_ x: Tensor, _ shape: [Int]) -> Tensor {
        precondition(shape.reduce(1, *) == x.count, "reshape: \(x.shape) to \(shape)")
        let needs = records(x)
        let y = x.viewed(as: shape, requiresGradient: needs)
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in send(dy.viewed(as: source.shape), to: source) }
        }
        return y
    }
}
