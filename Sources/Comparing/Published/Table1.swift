// Table 1 of the paper of UA-VLS (Das et al., "Uncertainty-Aware Vision-Language Segmentation for Medical Imaging", WACV 2026) as data: the
// figures as printed. Those of other methods are what that paper reports, not what their own papers do.

extension PublishedFigures {
    /// The name by which --published knows it.
    public static let table1Name = "table1"

    private static let citation = "Das et al., WACV 2026, Table 1"

    /// The figures of Table 1, one value for each data set, as `prep ingest` names these. What the paper prints as mIoU is here `iou`, IoU
    /// of the foreground: the paper does not define it, and the mean over both classes would be well above these values.
    package static let table1: [PublishedFigures] = {
        let lines = text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
        return ["qata", "mosmed", "kvasir"].enumerated().map { place, dataset in
            PublishedFigures(
                source: citation, dataset: dataset,
                rows: lines.map { fields in
                    var figures: [String: Double] = [:]
                    figures["parameters"] = Double(fields[2]).map { $0 * 1e6 }
                    figures["operations"] = Double(fields[3]).map { $0 * 1e9 }
                    figures["dice"] = Double(fields[4 + 2 * place]).map { $0 / 100 }
                    figures["iou"] = Double(fields[5 + 2 * place]).map { $0 / 100 }
                    return PublishedRow(name: fields[0], readsText: fields[1] == "yes", figures: figures)
                })
        }
    }()

    /// Method, whether it reads text, trained parameters in millions, FLOPs in billions, then Dice and mIoU in percent on QaTa-COV19,
    /// MosMedData+ and Kvasir-SEG. LGA's two figures on MosMedData+ are printed in this order, though Dice cannot be below IoU.
    private static let text = """
        U-Net,no,14.8,50.3,78.91,69.32,64.30,50.50,82.33,74.26
        UNet++,no,74.5,94.6,79.47,70.05,71.63,58.14,82.79,73.94
        AttUNet,no,34.9,101.9,79.11,69.83,66.07,52.68,82.94,74.17
        nnUNet,no,19.1,412.7,80.30,70.62,72.32,60.14,84.22,75.41
        TransUNet,no,105,56.7,78.44,68.84,71.13,58.28,90.53,85.94
        Swin-Unet,no,82.3,67.3,77.85,68.07,63.19,49.93,89.09,85.84
        UCTransNet,no,65.6,63.2,79.00,69.34,65.71,52.55,91.04,87.31
        Swin-UMamba,no,60,68,80.02,70.11,65.31,51.28,79.43,68.63
        U-Mamba,no,18.51,375.78,80.51,70.89,65.88,52.17,89.81,85.14
        ConVIRT,yes,35.2,44.6,79.45,70.29,71.92,59.52,89.24,83.01
        TGANet,yes,19.8,41.9,79.66,70.61,71.63,59.00,89.76,83.20
        CLIP,yes,87,105.3,79.57,70.54,71.75,59.43,90.04,86.29
        BiomedClip,yes,87,105.3,87.75,78.10,66.33,50.27,85.34,77.60
        GLoRIA,yes,45.6,60.8,79.83,70.54,72.36,60.12,86.10,77.93
        ViLT,yes,87.4,55.9,79.45,70.02,72.10,59.85,86.42,76.91
        LAVT,yes,118.6,83.8,79.15,69.73,73.10,60.14,87.16,74.72
        LViT,yes,29.7,54.1,83.40,74.89,74.32,61.03,87.59,75.16
        Ariadne,yes,43.95,22.36,88.06,79.00,78.29,64.44,90.45,82.34
        SLViT,yes,131.5,51.1,79.10,68.71,72.36,60.55,89.88,83.03
        DMMI,yes,114.6,63.3,83.85,75.42,74.78,61.59,90.96,83.41
        RefSegformer,yes,195,103.6,83.93,75.34,74.81,61.46,90.57,83.69
        RecLMIS,yes,23.7,24.1,84.93,76.86,77.26,64.95,86.58,77.08
        LGA,yes,8.24,382.17,84.40,76.05,62.30,75.43,89.82,83.25
        MAdapter,yes,-,-,90.07,81.88,78.40,62.77,91.37,84.36
        UA-VLS (the paper),yes,39.9,17.87,92.24,84.9,79.67,66.38,93.83,87.62
        """
}
