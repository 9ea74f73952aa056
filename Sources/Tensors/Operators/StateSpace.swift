// The two sequence operators of SSMix (eqs. 14-18): a short depthwise convolution and the selective scan.

extension Tape {
    /// Depthwise convolution over positions: y[l] = sum_j w[j] x[l + j - left], zeros outside. `range` picks the columns of x [B,L,*];
    /// weight [k, range.count].
    public func convolution1D(_ x: Tensor, columns range: Range<Int>, weight: Tensor, left: Int) -> Tensor {
        let batch = x.shape[0], length = x.shape[1], kernel = weight.shape[0], width = range.count
        precondition(
            weight.shape == [kernel, width] && range.upperBound <= x.channels, "convolution1D: \(weight.shape) on \(range) of \(x.shape)")
        let needs = records(x, weight)
        let y = backend.empty([batch, length, width], requiresGradient: needs)
        let view = MatrixView(x, offset: range.lowerBound)
        backend.convolution1D(view, weight: weight, kernel: kernel, left: left, batch: batch, length: length, into: y)
        if needs {
            record(from: y) { [self] dy in
                let part = backend.empty(like: y)
                backend.convolution1DGradient(
                    view, weight: weight, kernel: kernel, left: left, batch: batch, length: length, dy, into: MatrixView(part),
                    gradientSum(of: weight))
                guard x.requiresGradient else { return }
                let (dx, beta) = destination(for: x)
                if beta == 0 { backend.fill(dx, 0) }
                backend.copyColumns(
                    MatrixView(part), into: MatrixView(dx, offset: range.lowerBound), rows: x.rows, columns: width, accumulate: true)
            }
        }
        return y
    }

    /// softplus(x + bias), the step sizes of the scan.
    public func softplus(_ x: Tensor, bias: Tensor) -> Tensor {
        let needs = records(x, bias)
        let sum = backend.empty(like: x, requiresGradient: needs)
        backend.scale(x, by: 1, into: sum)
        backend.addBias(bias, to: sum)
        if needs {
            let source = x.slot
            record(from: sum) { [self] dsum in
                if bias.requiresGradient { backend.biasGradient(dsum, into: gradientSum(of: bias)) }
                send(dsum, to: source)
            }
        }
        return activate(.softplus, sum)
    }

    /// Selective scan (eq. 16): with A = -exp(logA), h_l = exp(dt_l A) h_{l-1} + dt_l B_l u_l, y_l = <h_l, C_l> + skip u_l, h_{-1} = 0.
    /// u, dt [B,L,E]; logA [E,N]; skip [E]; projections [B,L,*] holds B at columns `b` and C at columns `c` (N each).
    public func selectiveScan(
        _ u: Tensor, step dt: Tensor, logA: Tensor, skip: Tensor, projections: Tensor, b: Range<Int>, c: Range<Int>
    ) -> Tensor {
        let state = logA.shape[1]
        precondition(
            b.count == state && c.count == state && u.shape == dt.shape && logA.shape[0] == u.channels,
            "selectiveScan: \(u.shape), \(logA.shape)")
        let inputs = ScanInputs(
            u: u, dt: dt, logA: logA, skip: skip, b: MatrixView(projections, offset: b.lowerBound),
            c: MatrixView(projections, offset: c.lowerBound), batch: u.shape[0], length: u.shape[1], width: u.channels, state: state)
        let needs = records(u, dt, logA, skip, projections)
        let y = backend.empty(like: u, requiresGradient: needs)
        backend.selectiveScan(inputs, into: y)
        if needs {
            record(from: y) { [self] dy in
                let du = backend.empty(like: u), ddt = backend.empty(like: dt)
                let dprojections = backend.zeros(projections.shape)
                backend.selectiveScanGradient(
                    inputs, dy,
                    into: ScanGradients(
                        du: du, ddt: ddt, dlogA: gradientSum(of: logA), dskip: gradientSum(of: skip),
                        db: MatrixView(dprojections, offset: b.lowerBound), dc: MatrixView(dprojections, offset: c.lowerBound)))
                send(du, to: u)
                send(ddt, to: dt)
                send(dprojections, to: projections)
            }
        }
        return y
    }
}
