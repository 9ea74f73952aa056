// The rule for images whose channels differ from the model's, for prediction and evaluation: they are converted, and a note says so.

import Imaging

struct ChannelChange: Sendable {
    /// Whether colours become grey.
    let losesColour: Bool

    /// Nil if nothing changes.
    init?(from found: Int, to wanted: Int) {
        if found == wanted { return nil }
        losesColour = found > wanted
    }

    /// Whether a picture with three channels is grey everywhere, so that the conversion loses nothing.
    static func isGrey(_ image: Raster) -> Bool {
        if image.channels == 1 { return true }
        let values = image.pixels
        for place in stride(from: 0, to: values.count - 2, by: 3) {
            if values[place] != values[place + 1] || values[place] != values[place + 2] { return false }
        }
        return true
    }

    var words: String {
        losesColour
            ? "three channels, but the model was trained on grey images: colours are converted to grey"
            : "one channel, but the model was trained on colour images: the grey channel is repeated three times"
    }
}
