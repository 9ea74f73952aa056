// The selective scan of SSMix (UA-VLS eqs. 16-18) and its step sizes.

/// Inputs of the selective scan: u and dt [B, L, E], logA [E, N], skip [E], and B_l and C_l as column ranges of one [B, L, ...] tensor.
public struct ScanInputs {
    let u: Tensor, dt: Tensor, logA: Tensor, skip: Tensor
    let b: MatrixView, c: MatrixView
    let batch: Int, length: Int, width: Int, state: Int
}

/// Where the scan's gradients go: `dlogA` and `dskip` are "+=", the others overwritten.
public struct ScanGradients {
    let du: Tensor, ddt: Tensor, dlogA: Tensor, dskip: Tensor
    let db: MatrixView, dc: MatrixView
}

/// What a device does for it.
protocol ScanDevice {
    func selectiveScan(_ inputs: ScanInputs, into y: Tensor)
    func selectiveScanGradient(_ inputs: ScanInputs, _ dy: Tensor, into gradients: ScanGradients)
}

extension Tape {
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
        backend.perform("scan and its convolutions", [inputs.u, inputs.dt, y]) { (device: any ScanDevice) in
            device.selectiveScan(inputs, into: y)
        }
        if needs {
            record(from: y) { [self] dy in
                let du = backend.empty(like: u), ddt = backend.empty(like: dt)
                let dprojections = backend.zeros(projections.shape)
                let gradients = ScanGradients(
                    du: du, ddt: ddt, dlogA: gradientSum(of: logA), dskip: gradientSum(of: skip),
                    db: MatrixView(dprojections, offset: b.lowerBound), dc: MatrixView(dprojections, offset: c.lowerBound))
                backend.perform("scan and its convolutions", [inputs.u, inputs.dt, dy, du, ddt]) { (device: any ScanDevice) in
                    device.selectiveScanGradient(inputs, dy, into: gradients)
                }
                send(du, to: u)
                send(ddt, to: dt)
                send(dprojections, to: projections)
            }
        }
        return y
    }
}
