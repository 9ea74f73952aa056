// The datasets that `prep ingest` knows by name. Where their files lie is Layouts/'s.

/// A family of folder layouts; the raw value is its name on the command line.
public enum DatasetKind: String, Codable, CaseIterable, Sendable {
    case qata, mosmed, kvasir, lvit, table

    /// The dataset's name for people.
    public var title: String {
        switch self {
        case .qata: "QaTa-COV19"
        case .mosmed: "MosMed++ (MosMedData+)"
        case .kvasir: "Kvasir-SEG"
        case .table: "a folder of images, one of masks and a caption table"
        case .lvit: "a {Train,Val,Test}_Folder tree (LViT, MoNuSeg)"
        }
    }

    /// Folder names under data/ that are tried when no root is given, in this order.
    var releaseFolders: [String] {
        switch self {
        case .qata: ["QaTa-COV19-v2", "QaTa-COV19"]
        case .mosmed: ["MosMedDataPlus", "MosMedData+", "MosMed++", "COVID-19 lung CT"]
        case .kvasir: ["Kvasir-SEG", "kvasir-seg"]
        case .lvit: ["MoNuSeg", "LViT"]
        case .table: []
        }
    }
}
