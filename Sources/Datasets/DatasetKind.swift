// The datasets that `prep ingest` knows by name. Layouts/ says where their files are.

/// A family of folder layouts; the raw value is its name on the command line.
public enum DatasetKind: String, Codable, CaseIterable, Sendable {
    case qata, mosmed, kvasir, lvit, isic, table

    /// A new layout needs its own file, a case above and a line here.
    var layout: any DatasetLayout.Type {
        switch self {
        case .qata: QaTaLayout.self
        case .mosmed: MosMedLayout.self
        case .kvasir: KvasirLayout.self
        case .lvit: LViTLayout.self
        case .isic: ISICLayout.self
        case .table: UnknownLayout.self
        }
    }

    /// The dataset's name for people.
    public var title: String { layout.title }
}
