// How an operator reaches its device: the one place where a profile measures, and where a device is asked what it can do.
//
// Every operator's file has a protocol of what a device must do for it, called by `perform`. Where several operators share a piece
// (products, biases, fills), an extension of Backend there calls `perform` under the same name. A device's own methods call each other
// directly.

extension Backend {
    /// The device's part in an operator. `Part` is the operator's protocol, which every device must fulfil.
    /// - Parameters:
    ///   - name: in profiles.
    ///   - operations: multiplications and additions.
    ///   - operands: what is read and written, each as often as it crosses memory.
    func perform<Part, Result>(
        _ name: @autoclosure () -> String, operations: @autoclosure () -> Double = 0, _ operands: @autoclosure () -> [Tensor],
        _ body: (Part) -> Result
    ) -> Result {
        let part: Part = part(name())
        return measured(name(), operations: operations(), operands()) { body(part) }
    }

    /// The same for operands that are parts of tensors.
    func perform<Part, Result>(
        _ name: @autoclosure () -> String, operations: @autoclosure () -> Double = 0, bytes: @autoclosure () -> Double,
        _ body: (Part) -> Result
    ) -> Result {
        let part: Part = part(name())
        return measured(name(), operations: operations(), bytes: bytes()) { body(part) }
    }

    /// What a device may do in one pass, such as a fused piece of a network: nil where it does not, or is told not to. The operator then
    /// composes it of plain ones, and calls what it gets here inside `measured`.
    func capability<Part>(_ part: Part.Type) -> Part? { usesFusedOperators ? self as? Part : nil }

    /// Runs a piece of an operator, measured if this is asked for.
    func measured<Result>(
        _ name: @autoclosure () -> String, operations: @autoclosure () -> Double = 0, _ operands: @autoclosure () -> [Tensor],
        _ body: () -> Result
    ) -> Result {
        measured(
            name(), operations: operations(), bytes: operands().reduce(0) { $0 + Double($1.count * $1.format.bytes) }, body)
    }

    func measured<Result>(
        _ name: @autoclosure () -> String, operations: @autoclosure () -> Double, bytes: @autoclosure () -> Double, _ body: () -> Result
    ) -> Result {
        claimThread()
        guard let measurement else { return body() }
        return measurement.time(name(), operations: operations(), bytes: bytes(), on: self, body)
    }

    private func part<Part>(_ name: @autoclosure () -> String) -> Part {
        guard let part = self as? Part else { preconditionFailure("\(summary) does not know \(name())") }
        return part
    }
}
