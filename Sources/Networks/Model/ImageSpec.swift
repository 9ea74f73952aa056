// The images and captions that a network expects.
import Tensors

/// How pixel values become a network's input.
public enum ImageNormalisation: Sendable, Equatable {
    /// (x - mean) / deviation over the pixels of each image and channel; a deviation of 0 counts as 1.
    case perImage
    /// (x - mean) / deviation of each channel, in the network's order of channels, for pixel values of 0 to 255.
    case fixed(mean: [Double], deviation: [Double], ChannelOrder)
}

/// The channel order of colour images that a network was trained with; images are stored as red, green, blue.
public enum ChannelOrder: Sendable, Equatable {
    case rgb
    /// The order in which OpenCV reads files.
    case bgr
}

public struct ImageSpec: Sendable, Equatable {
    /// Height and width of the published network.
    public let size: Int
    /// Height and width must be multiples of this, the network's total stride.
    public let multiple: Int
    public let normalisation: ImageNormalisation

    public init(size: Int, multiple: Int, normalisation: ImageNormalisation) {
        self.size = size
        self.multiple = multiple
        self.normalisation = normalisation
    }

    /// uint8 [B,H,W,1 or 3] -> [B,H,W,3]; one channel is repeated.
    public func normalised(_ images: ByteTensor, activations: NumberFormat, on backend: any Backend) -> Tensor {
        let shape = images.shape
        precondition(
            shape.count == 4 && shape[1] % multiple == 0 && shape[2] % multiple == 0,
            "images \(shape): height and width must be multiples of \(multiple)")
        let result = backend.empty([shape[0], shape[1], shape[2], 3], format: activations)
        switch normalisation {
        case .perImage: backend.normaliseImages(images, into: result)
        case .fixed(let mean, let deviation, let order):
            backend.scaleImages(images, mean: mean, deviation: deviation, reversesChannels: order == .bgr, into: result)
        }
        return result
    }
}

/// The text features that the published network uses: N positions of D numbers.
public struct TextShape: Codable, Sendable, Equatable {
    public var tokens: Int
    public var width: Int

    public init(tokens: Int, width: Int) {
        self.tokens = tokens
        self.width = width
    }
}
