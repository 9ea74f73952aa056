// The frame of every page: one self-contained HTML document with the style sheet of all pages. Invariant: the same content gives the same
// bytes.

package enum PageDocument {
    /// - Parameters:
    ///   - title: markup.
    ///   - generator: names the command; `isWritten` knows the page by it.
    ///   - style: what the page needs beyond the common style sheet.
    ///   - body: markup.
    package static func html(title: String, generator: String, style: String = "", body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang=en>
        <head>
        <meta charset=utf-8>
        <meta name=viewport content="width=device-width,initial-scale=1">
        \(mark(generator))
        <title>\(title)</title>
        <link rel=icon href="data:,">
        <style>
        \(PageStyle.css)\(style.isEmpty ? "" : "\n" + style)
        </style>
        </head>
        <body>
        <main>
        \(body)</main>
        </body>
        </html>

        """
    }

    /// Whether the beginning of a file is that of a page of this generator.
    package static func isWritten(by generator: String, head: String) -> Bool { head.contains(mark(generator)) }

    private static func mark(_ generator: String) -> String { "<meta name=generator content=\"\(generator)\">" }
}
