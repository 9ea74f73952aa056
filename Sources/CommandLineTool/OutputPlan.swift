// What a command reads and what it will write, told before it works, so that nothing of the user's is lost and nothing is computed in vain.
// Invariant: after `check` every output is a file of its own that can be written: none is an input or another output, however the path is
// spelt; none replaces what this program did not write, unless --overwrite says so. `check` leaves nothing behind.
import Files
import Foundation

/// A kind of file that a command writes, and how one is known again.
public struct OutputKind: Sendable {
    /// As in "no mask or picture that segment wrote".
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
    public static let option = Option.flag("overwrite", "replace a file at an output's place even if this program did not write it")

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

    /// A file that is read; nil: none.
    public mutating func reads(_ path: String?, as label: String) {
        guard let path else { return }
        inputs.append(
            Input(label: "\(label) \(path)", identity: FileIdentity(path), isFolder: FileIO.isFolder(path), keepsOutputsOut: false))
    }

    /// A folder that is read: what is in it is not replaced, but for this program's own outputs of an earlier time.
    /// - Parameter keepsOutputsOut: nor may outputs lie in it.
    public mutating func readsFolder(_ path: String?, as label: String, keepsOutputsOut: Bool = false) {
        guard let path else { return }
        inputs.append(Input(label: "\(label) \(path)", identity: FileIdentity(path), isFolder: true, keepsOutputsOut: keepsOutputsOut))
    }

    /// A file that will be written; nil and "-" (standard output): none.
    public mutating func writes(_ path: String?, as label: String, _ kind: OutputKind) {
        guard let path, path != "-" else { return }
        outputs.append(Output(path: path, label: label, identity: FileIdentity(path), kind: kind))
    }

    /// A folder that will be made or filled; nil: none.
    public mutating func writesFolder(_ path: String?, as label: String) {
        guard let path else { return }
        outputs.append(Output(path: path, label: label, identity: FileIdentity(path), kind: nil))
    }

    /// - Throws: a `CommandError`: usage for an output that is an input, another output or somebody else's file; environment for one that
    ///   cannot be written.
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
            throw refused("\(what) is the same \(input.isFolder ? "folder" : "file") as \(input.label), which is read; give another name")
        }
        if output.identity.differsOnlyInCase(from: input.identity) {
            throw refused("\(what) and \(input.label), which is read, differ only in capitals and may be one file; give another name")
        }
        guard input.isFolder, output.identity.isInside(input.identity) else { return }
        if input.keepsOutputsOut {
            throw refused("\(what) lies in \(input.label), which is read; give a \(output.kind == nil ? "folder" : "file") beside it")
        }
        if let kind = output.kind {
            guard output.identity.exists, !kind.isOwn(output.path), !FileIO.isFolder(output.path) else { return }
            throw refused("\(what) is a file of \(input.label), which is read; give another name")
        }
    }

    private func check(_ output: Output, against other: Output) throws(CommandError) {
        let what = "\(other.label) \(other.path) and \(output.label) \(output.path)"
        if output.identity.isSame(as: other.identity) { throw refused("\(what) are the same file; give each a name of its own") }
        if output.identity.differsOnlyInCase(from: other.identity) {
            throw refused("\(what) differ only in capitals and may be one file; give each a name of its own")
        }
    }

    private func checkKind(_ output: Output) throws(CommandError) {
        guard let kind = output.kind, output.identity.exists, !overwrites, FileIO.isFile(output.path) else { return }
        // An empty file loses nothing.
        if (try? FileIO.size(output.path)) == 0 || kind.isOwn(output.path) { return }
        throw refused(
            "\(output.label) \(output.path): a file is there that is no \(kind.name); give another name, or add --overwrite to replace it")
    }

    private func checkPlace(_ output: Output) throws(CommandError) {
        do throws(FileError) {
            if output.kind == nil { try FileIO.checkWritableFolder(output.path) } else { try FileIO.checkWritable(output.path) }
        } catch {
            if case .notAFile = error { throw refused("\(output.label) \(output.path): a folder is there; give a file's name") }
            if case .noFolder = error { throw refused("\(output.label) \(error)") }
            throw CommandError(.environment, "\(output.label) \(error)")
        }
    }

    private func refused(_ message: String) -> CommandError { CommandError(.usage, message) }
}
