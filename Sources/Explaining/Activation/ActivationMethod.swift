// Class activation maps of one interior feature map: Grad-CAM (Selvaraju et al., ICCV 2017), Grad-CAM++ (Chattopadhyay et al., WACV 2018)
// and HiResCAM (Draelos and Carin, 2020). The conventions, epsilon included, are those of the library pytorch-grad-cam.
// Shape letters: H W rows and columns, C channels.

/// An activation of a pass and the gradient of the target with respect to it, both [H,W,C].
public struct FeatureMap: Sendable {
    public let height: Int, width: Int, channels: Int
    public let activations: [Float], gradients: [Float]

    public init(height: Int, width: Int, channels: Int, activations: [Float], gradients: [Float]) {
        precondition(activations.count == height * width * channels && gradients.count == activations.count)
        self.height = height
        self.width = width
        self.channels = channels
        self.activations = activations
        self.gradients = gradients
    }
}

public enum ActivationMethod: String, Sendable, CaseIterable {
    case gradCAM = "grad-cam"
    case gradCAMPlusPlus = "grad-cam++"
    case hiResCAM = "hirescam"

    public var title: String {
        switch self {
        case .gradCAM: "Grad-CAM"
        case .gradCAMPlusPlus: "Grad-CAM++"
        case .hiResCAM: "HiResCAM"
        }
    }

    /// The map [H,W] at the feature map's own size, not negative: what speaks against the target is cut off. All 0 if nothing speaks for
    /// it.
    public func map(_ feature: FeatureMap) -> HeatMap {
        let channels = feature.channels, pixels = feature.height * feature.width
        let sums: [Float]
        switch self {
        case .hiResCAM:
            sums = (0..<pixels).map { pixel in
                var sum = 0.0
                for place in pixel * channels..<(pixel + 1) * channels {
                    sum += Double(feature.activations[place]) * Double(feature.gradients[place])
                }
                return Float(sum)
            }
        case .gradCAM, .gradCAMPlusPlus:
            let weights = self == .gradCAM ? Self.meanGradients(feature) : Self.secondOrderWeights(feature)
            sums = (0..<pixels).map { pixel in
                var sum = 0.0
                for channel in 0..<channels { sum += Double(feature.activations[pixel * channels + channel]) * weights[channel] }
                return Float(sum)
            }
        }
        return HeatMap(width: feature.width, height: feature.height, values: sums.map { max($0, 0) })
    }

    /// For each channel the mean of the gradient over all pixels.
    private static func meanGradients(_ feature: FeatureMap) -> [Double] {
        var sums = [Double](repeating: 0, count: feature.channels)
        for (place, gradient) in feature.gradients.enumerated() { sums[place % feature.channels] += Double(gradient) }
        return sums.map { $0 / Double(feature.height * feature.width) }
    }

    /// For each channel the sum over all pixels of max(g, 0) g^2 / (2 g^2 + S g^3 + 1e-6), where S is the channel's sum of activations
    /// (eq. 19 of Grad-CAM++).
    private static func secondOrderWeights(_ feature: FeatureMap) -> [Double] {
        let channels = feature.channels
        var sums = [Double](repeating: 0, count: channels), weights = sums
        for (place, activation) in feature.activations.enumerated() { sums[place % channels] += Double(activation) }
        for (place, value) in feature.gradients.enumerated() where value > 0 {
            let gradient = Double(value), square = gradient * gradient
            weights[place % channels] += gradient * square / (2 * square + sums[place % channels] * square * gradient + 1e-6)
        }
        return weights
    }
}
