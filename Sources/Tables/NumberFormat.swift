// The text of a number in a cell as a spreadsheet program shows it, for the formats that are used for names and ids: General, digits with
// leading zeros ("000", "IMG_"0000, 000-00), fixed decimals, ISO dates. Other formats give nil, because their text depends on the program
// and its language.
import Foundation

enum NumberFormat {
    /// - Returns: nil for other formats.
    static func text(_ value: Double, format: String, date1904: Bool) -> String? {
        guard value.isFinite, let tokens = tokens(firstSection(format)) else { return nil }
        if isDate(format) { return date(value, tokens, date1904: date1904) }
        if value < 0, format.contains(";") { return nil }
        return digits(value, tokens)
    }

    /// General: as many digits as a number cell stores; nil if the number has more digits.
    static func general(_ value: Double) -> String? {
        guard value.isFinite, abs(value) < 1e15 else { return nil }
        return value == value.rounded() ? String(Int(value)) : String(format: "%.15g", value)
    }

    static func isGeneral(_ format: String) -> Bool {
        let name = firstSection(format).lowercased()
        return name == "general" || name == "@" || name.isEmpty
    }

    /// Whether the format shows a date or a time: it has a date or time letter outside quotes and brackets.
    static func isDate(_ format: String) -> Bool {
        guard !isGeneral(format) else { return false }
        var quoted = false, escaped = false, bracketed = false
        for character in firstSection(format).lowercased() {
            if escaped { escaped = false; continue }
            switch character {
            case "\"": quoted.toggle()
            case "\\", "_", "*": escaped = !quoted
            case "[": bracketed = !quoted
            case "]": bracketed = false
            case "y", "m", "d", "h", "s": if !quoted && !bracketed { return true }
            default: break
            }
        }
        return false
    }

    private enum Token: Equatable {
        case literal(Character)
        /// `0` always shows a digit, `#` only if there is one.
        case digit(isForced: Bool)
        case point
        case year, month, day
    }

    private static func firstSection(_ format: String) -> String {
        var quoted = false
        for index in format.indices {
            if format[index] == "\"" { quoted.toggle() }
            if format[index] == ";", !quoted { return String(format[..<index]) }
        }
        return format
    }

    private static func tokens(_ section: String) -> [Token]? {
        var tokens: [Token] = []
        var rest = Substring(section)
        while let character = rest.popFirst() {
            switch character {
            case "0": tokens.append(.digit(isForced: true))
            case "#": tokens.append(.digit(isForced: false))
            case ".": tokens.append(.point)
            case "\"":
                guard let end = rest.firstIndex(of: "\"") else { return nil }
                tokens += rest[..<end].map { .literal($0) }
                rest = rest[rest.index(after: end)...]
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                tokens.append(.literal(next))
            case "[":
                // A language or a colour does not change digits; a condition or a count of hours does.
                guard let end = rest.firstIndex(of: "]"),
                    rest.hasPrefix("$-") || ["red", "black", "blue", "green", "white"].contains(rest[..<end].lowercased())
                else { return nil }
                rest = rest[rest.index(after: end)...]
            case "-", " ", "(", ")", "+", ":": tokens.append(.literal(character))
            case "y", "Y", "m", "M", "d", "D":
                let letter = Character(character.lowercased())
                let run = rest.prefix { $0.lowercased() == String(letter) }.count + 1
                rest = rest.dropFirst(run - 1)
                switch (letter, run) {
                case ("y", 4): tokens.append(.year)
                case ("m", 2): tokens.append(.month)
                case ("d", 2): tokens.append(.day)
                default: return nil
                }
            default: return nil
            }
        }
        return tokens
    }

    private static func digits(_ value: Double, _ tokens: [Token]) -> String? {
        let points = tokens.indices.filter { tokens[$0] == .point }
        let whole = points.first.map { Array(tokens[..<$0]) } ?? tokens
        let fraction = points.first.map { Array(tokens[($0 + 1)...]) } ?? []
        func isDigit(_ token: Token) -> Bool { if case .digit = token { true } else { false } }
        guard points.count <= 1, whole.contains(where: isDigit), !tokens.contains(where: { [.year, .month, .day].contains($0) }) else {
            return nil
        }
        let places = fraction.prefix { $0 == .digit(isForced: true) }.count
        if fraction.dropFirst(places).contains(where: isDigit) || points.count == 1 && places == 0 || places > 10 { return nil }
        let scale = pow(10, Double(places)), scaled = (abs(value) * scale).rounded(.toNearestOrAwayFromZero)
        guard scaled < 1e15 else { return nil }
        var number = String(Int(scaled))
        number = String(repeating: "0", count: max(0, places - number.count)) + number
        var rest = Array(number.dropLast(places))
        if rest == ["0"] { rest = [] }
        var shown: [Character] = []
        let first = whole.firstIndex(where: isDigit)
        for (index, token) in whole.enumerated().reversed() {
            switch token {
            case .literal(let character): shown.append(character)
            case .digit(let isForced):
                if let last = rest.popLast() { shown.append(last) } else if isForced { shown.append("0") }
                if index == first { while let last = rest.popLast() { shown.append(last) } }
            default: return nil
            }
        }
        var text = String(shown.reversed())
        if places > 0 { text += "." + number.suffix(places) }
        for token in fraction.dropFirst(places) { if case .literal(let character) = token { text.append(character) } }
        return (value < 0 && scaled > 0 ? "-" : "") + text
    }

    private static func date(_ value: Double, _ tokens: [Token], date1904: Bool) -> String? {
        guard value >= 0, value < 2_958_466, !tokens.contains(where: { if case .digit = $0 { true } else { $0 == .point } }) else {
            return nil
        }
        var serial = Int(value)
        if date1904 { serial += 1462 } else if serial < 60 { serial += 1 } else if serial == 60 { return nil }
        // Serial number 25569 is 1970-01-01. Years begin in March here, so that leap days come last.
        let shifted = serial - 25_569 + 719_468
        let era = shifted / 146_097, dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func padded(_ number: Int, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
        }
        return tokens.map { token in
            switch token {
            case .year: padded(year, 4)
            case .month: padded(month, 2)
            case .day: padded(day, 2)
            case .literal(let character): String(character)
            default: ""
            }
        }.joined()
    }
}
