// What a command reads and writes, declared before it works, so that no user file is lost and no result is computed in vain.
// Invariant: after `check` every output is a separate file that can be written. No output is an input or another output, in any spelling of
// the path. No output replaces a file that this program did not write, unless --overwrite is given. `check` leaves nothing behind.
import Files
import Foundation

/// A kind of file that a command writes, and how such a file is recognised.
public struct OutputKind: Sendable {
    /// The name in messages, as in "no mask or picture that segment wrote".
    public let name: String
    let isOwn: @Sendable (_ path: String) -> Bool

    /// - Parameter isOwn: whether the file at a path is of this kind.
    public init(_ name: String, isOwn: @escaping @Sendable (_ path: String) -> Bool) {
        self.name = name
        self.isOwn = isOwn
    }
}

public struct OutputPlan {
    /// `--overwrite`, for commands that have outputs.
    public static let option = Option.flag(
        "overwrite", "overwrite existing files, even those that this program did not write (never inputs)")

    private struct Input {
        let label: String
        let identity: FileIdentity
        let isFolder: Bool
        let keepsOutputsOut: Bool
    }

    private struct Output {
        let path: String
        let label: String
        let identity: FileIdentity
        /// Nil for a folder.
        let kind: OutputKind?
    }

    private let overwrites: Bool
    private var inputs: [Input] = []
    private var outputs: [Output] = []

    public init(_ input: CommandInput) { overwrites = input.flag("overwrite") }

    /// Declares a file that is read; nil means none.
    public mutating func reads(_ path: String?, as label: String) {
        guard let path else { return }
        inputs.append(
            Input(label: "\(label) \(path)", identity: FileIdentity(path), isFolder: FileIO.isFolder(path), keepsOutputsOut: false))
    }

    /// Declares a folder that is read. Its files are not replaced, except this program's own earlier outputs.
    /// - Parameter keepsOutputsOut: outputs must not lie in the folder at all.
    public mutating func readsFolder(_ path: String?, as label: String, keepsOutputsOut: Bool = false) {
        guard let path else { return }
        inputs.append(Input(label: "\(label) \(path)", identity: FileIdentity(path), isFolder: true, keepsOutputsOut: keepsOutputsOut))
    }

    /// Declares a file that will be written; nil and "-" (standard output) mean none.
    public mutating func writes(_ path: String?, as label: String, _ kind: OutputKind) {
        guard let path, path != "-" else { return }
        outputs.append(Output(path: path, label: label, identity: FileIdentity(path), kind: kind))
    }

    /// Declares a folder that will be created or filled; nil means none.
    public mutating func writesFolder(_ path: String?, as label: String) {
        guard let path else { return }
        outputs.append(Output(path: path, label: label, identity: FileIdentity(path), kind: nil))
    }

    /// - Throws: a `CommandError`: usage if an output is an input, another output or a file that another program wrote; environment if an
    ///   output cannot be written.
    public func check() throws(CommandError) {
        for (index, output) in outputs.enumerated() where !output.identity.isSpecial {
            for input in inputs { try check(output, against: input) }
            for other in outputs[..<index] where !other.identity.isSpecial { try check(output, against: other) }
            try checkKind(output)
        }
        for output in outputs { try checkPlace(output) }
    }

    private func check(_ output: Output, against input: Input) throws(CommandError) {
        let what = "\(output.label) \(output.path)"
        if output.identity.isSame(as: input.identity) {
            throw refused(
                "\(what) is the same \(input.isFolder ? "folder" : "file") as \(input.label), which is an input; give another name")
        }
        if output.identity.differsOnlyInCase(from: input.identity) {
            throw refused("\(what) and \(input.label), which is an input, differ only in capitals and may be one file; give another name")
        }
        guard input.isFolder, output.identity.isInside(input.identity) else { return }
        if input.keepsOutputsOut {
            throw refused("\(what) is inside \(input.label), which is an input; give a \(output.kind == nil ? "folder" : "file") beside it")
        }
        if let kind = output.kind {
            guard output.identity.exists, !kind.isOwn(output.path), !FileIO.isFolder(output.path) else { return }
            throw refused("\(what) is a file of \(input.label), which is an input; give another name")
        }
    }

    private func check(_ output: Output, against other: Output) throws(CommandError) {
        let what = "\(other.label) \(other.path) and \(output.label) \(output.path)"
        if output.identity.isSame(as: other.identity) { throw refused("\(what) are the same file; give them different names") }
        if output.identity.differsOnlyInCase(from: other.identity) {
            throw refused("\(what) differ only in capitals and may be one file; give them different names")
        }
    }

    private func checkKind(_ output: Output) throws(CommandError) {
        guard let kind = output.kind, output.identity.exists, !overwrites, FileIO.isFile(output.path) else { return }
        // An empty file has nothing to lose.
        if (try? FileIO.size(output.path)) == 0 || kind.isOwn(output.path) { return }
        throw refused(
            "\(output.label) \(output.path): this file exists and is not a \(kind.name); give another name, or add --overwrite to replace "
                + "it")
    }

    private func checkPlace(_ output: Output) throws(CommandError) {
        if output.kind == nil, FileIO.exists(output.path), !FileIO.isFolder(output.path) {
            throw refused("\(output.label) \(output.path): this is a file; give a folder")
        }
        do throws(FileError) {
            if output.kind == nil { try FileIO.checkWritableFolder(output.path) } else { try FileIO.checkWritable(output.path) }
        } catch {
            if case .notAFile = error { throw refused("\(output.label) \(output.path): this is a folder; give a file name") }
            if case .noFolder = error { throw refused("\(output.label) \(error)") }
            throw CommandError(.environment, "\(output.label) \(error)")
        }
    }

    private func refused(_ message: String) -> CommandError { CommandError(.usage, message) }
}
