// The settings of a run as TensorBoard's HParams tab reads them: messages of the plugin "hparams", inside values without a datum. Field
// numbers are those of tensorboard/plugins/hparams (plugin_data.proto, api.proto).

extension EventFile {
    /// The value of one setting.
    public enum Hyperparameter: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
        ExpressibleByBooleanLiteral
    {
        case number(Double)
        case text(String)
        case flag(Bool)

        public init(stringLiteral value: String) { self = .text(value) }
        public init(floatLiteral value: Double) { self = .number(value) }
        public init(integerLiteral value: Int) { self = .number(Double(value)) }
        public init(booleanLiteral value: Bool) { self = .flag(value) }
    }

    enum HyperparameterTag {
        static let experiment = "_hparams_/experiment"
        static let start = "_hparams_/session_start_info"
        static let end = "_hparams_/session_end_info"
    }

    /// The values of the settings, and when the run began. They are sorted, so that equal settings give equal bytes.
    static func sessionStart(_ settings: [String: Hyperparameter], wallTime: Double) -> Value {
        value(HyperparameterTag.start) { data in
            data.message(3) { start in
                for (name, setting) in sorted(settings) {
                    start.message(1) { entry in
                        entry.text(1, name)
                        entry.message(2, setting.encode)
                    }
                }
                start.double(5, wallTime)
            }
        }
    }

    /// Which settings and which series are columns of the table.
    static func experiment(_ settings: [String: Hyperparameter], metrics: [String], wallTime: Double) -> Value {
        value(HyperparameterTag.experiment) { data in
            data.message(2) { experiment in
                experiment.double(3, wallTime)
                for (name, setting) in sorted(settings) {
                    experiment.message(4) { info in
                        info.text(1, name)
                        info.integer(4, setting.type)
                    }
                }
                for metric in metrics {
                    experiment.message(5) { info in
                        info.message(1) { $0.text(2, metric) }
                    }
                }
            }
        }
    }

    static func sessionEnd(succeeded: Bool, wallTime: Double) -> Value {
        value(HyperparameterTag.end) { data in
            data.message(4) { end in
                end.integer(1, succeeded ? 1 : 2)
                end.double(2, wallTime)
            }
        }
    }

    private static func value(_ tag: String, _ body: (inout ProtobufWriter) -> Void) -> Value {
        var data = ProtobufWriter()
        body(&data)
        return Value(tag: tag, plugin: "hparams", pluginData: data.bytes, datum: .nothing)
    }

    private static func sorted(_ settings: [String: Hyperparameter]) -> [(key: String, value: Hyperparameter)] {
        settings.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

extension EventFile.Hyperparameter {
    /// As google.protobuf.Value. TensorBoard shows it as JSON, which has no infinite numbers, so those are text.
    fileprivate func encode(into value: inout ProtobufWriter) {
        switch self {
        case .number(let number) where number.isFinite: value.double(2, number)
        case .number(let number): value.text(3, "\(number)")
        case .text(let text): value.text(3, text)
        case .flag(let flag): value.integer(4, flag ? 1 : 0)
        }
    }

    /// api.proto's DataType.
    fileprivate var type: Int {
        switch self {
        case .number(let number): number.isFinite ? 3 : 1
        case .text: 1
        case .flag: 2
        }
    }
}
