// swift-tools-version: 6.0
// The layout of the package is the architecture: lower targets never import upper ones (docs/developer/architecture.md).
import PackageDescription

let package = Package(
    name: "swift-vlseg",
    products: [
        .executable(name: "prep", targets: ["prep"]),
        .executable(name: "train", targets: ["train"]),
        .executable(name: "segment", targets: ["segment"]),
    ],
    targets: [
        // System libraries, each behind a shim of its own.
        .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .target(name: "CTIFF", linkerSettings: [.linkedLibrary("tiff")]),
        .target(name: "CGIF", linkerSettings: [.linkedLibrary("gif")]),
        .target(name: "CWebP", linkerSettings: [.linkedLibrary("webp"), .linkedLibrary("webpdemux")]),
        .target(name: "CZstd", linkerSettings: [.linkedLibrary("zstd")]),
        .target(name: "CHash", linkerSettings: [.linkedLibrary("crypto"), .linkedLibrary("xxhash")]),
        .target(name: "CMemory"),
        .target(name: "CZip", linkerSettings: [.linkedLibrary("zip")]),
        .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),
        .target(name: "COpenBLAS", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CCURL", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CFFTW", linkerSettings: [.linkedLibrary("fftw3f")]),
        .target(name: "CPixels", linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CCUDA", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CKernels", linkerSettings: [.linkedLibrary("gomp"), .linkedLibrary("m")]),

        // The data side.
        .target(name: "Files", dependencies: ["CHash", "CMemory"]),
        .target(name: "Randomness"),
        .target(name: "Metrics", dependencies: ["Randomness"], linkerSettings: [.linkedLibrary("m")]),
        .target(name: "Imaging", dependencies: ["CPNG", "CJPEG", "CTIFF", "CGIF", "CWebP", "CPixels", "Files"]),
        .target(name: "Text", dependencies: ["Randomness", "Files"]),
        .target(name: "Tables", dependencies: ["CZip", "Files", "Imaging", "Text"]),
        .target(name: "Datasets", dependencies: ["Randomness", "Imaging", "Text", "Tables", "Files"]),
        .target(name: "Shards", dependencies: ["Randomness", "CZstd", "CPixels", "Files", "Imaging", "Text", "Datasets"]),
        .target(name: "Statistics", dependencies: ["CFFTW", "Metrics", "Datasets", "Shards", "Imaging", "Text", "Files"]),
        .target(name: "Reports", dependencies: ["Imaging", "Datasets", "Shards", "Statistics", "Text", "Files"]),

        .target(name: "Downloads", dependencies: ["CCURL", "Files"]),
        .target(name: "RemoteShards", dependencies: ["Downloads", "Shards", "Datasets", "Files"]),
        .target(name: "Exporting", dependencies: ["Imaging", "Datasets", "Shards", "Files"]),

        // The model side.
        .target(
            name: "Tensors", dependencies: ["Randomness", "CKernels", "COneDNN", "COpenBLAS", "CFFTW", "CCUDA", "Files"],
            resources: [.copy("CUDA/Kernels")]),
        .target(name: "OperatorCases", dependencies: ["Tensors"]),
        .target(name: "WeightFiles", dependencies: ["CZip", "Files"]),
        .target(name: "NumPyFiles", dependencies: ["Files"]),
        .target(name: "EventFiles", dependencies: ["Files"]),
        .target(name: "Networks", dependencies: ["Randomness", "Tensors", "WeightFiles", "Files"]),
        .target(
            name: "Training",
            dependencies: [
                "Randomness", "Metrics", "EventFiles", "Reports", "Networks", "OperatorCases", "Tensors", "WeightFiles", "Shards",
                "Datasets",
                "Imaging",
                "Text", "Files",
            ]),
        .target(name: "Experiments", dependencies: ["Files"]),
        .target(
            name: "Segmenting",
            dependencies: [
                "Metrics", "Networks", "Tensors", "WeightFiles", "NumPyFiles", "Training", "Shards", "Imaging", "Text", "Files",
            ]),
        .target(
            name: "Comparing",
            dependencies: [
                "Explaining", "Segmenting", "Training", "Networks", "Tensors", "Metrics", "Shards", "Reports", "Tables", "Imaging", "Files",
            ]),
        .target(
            name: "Explaining",
            dependencies: [
                "Metrics", "Networks", "Tensors", "NumPyFiles", "Training", "Segmenting", "Shards", "Reports", "Imaging", "Text", "Files",
            ]),

        // The programs.
        .target(name: "CommandLineTool", dependencies: ["Files"]),
        .target(name: "DeviceOptions", dependencies: ["CommandLineTool", "Tensors", "Files"]),
        .target(name: "ModelOptions", dependencies: ["CommandLineTool", "Networks", "Training"]),
        .executableTarget(
            name: "prep",
            dependencies: [
                "CommandLineTool", "Randomness", "Datasets", "Experiments", "Shards", "Imaging", "Text", "Files", "Statistics", "Reports",
                "Exporting", "RemoteShards",
            ]),
        .executableTarget(
            name: "train",
            dependencies: [
                "CommandLineTool", "DeviceOptions", "ModelOptions", "Experiments", "Metrics", "Training", "Networks", "Tensors", "Shards",
                "Files", "RemoteShards",
                "Downloads", "Datasets",
            ]),
        .executableTarget(
            name: "segment",
            dependencies: [
                "CommandLineTool", "DeviceOptions", "ModelOptions", "Segmenting", "Comparing", "Explaining", "Training", "Shards",
                "Datasets",
                "NumPyFiles", "Tensors", "Imaging", "Text", "Metrics", "Files",
            ]),

        // Runs the CUDA kernels on the CPU, for tests.
        .target(
            name: "CUDAEmulator", dependencies: ["CCUDA"], path: "Tests/CUDAEmulator",
            cxxSettings: [.headerSearchPath("."), .headerSearchPath("../../Sources/Tensors/CUDA/Kernels")]),
        .target(name: "EmulatedGPU", dependencies: ["CUDAEmulator", "Tensors"], path: "Tests/EmulatedGPU"),
        .target(name: "TestSupport", dependencies: ["Files"], path: "Tests/TestSupport"),
        .target(name: "GoldenSupport", dependencies: ["Randomness", "Networks", "Tensors"], path: "Tests/GoldenSupport"),
        .target(
            name: "FuzzHarnesses", dependencies: ["Imaging", "Text", "Tables", "Shards", "WeightFiles", "NumPyFiles", "Files"],
            path: "Tests/Fuzz/Harnesses"),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzHarnesses", "TestSupport"], path: "Tests/Fuzz/Replay"),
        .testTarget(name: "RandomnessTests", dependencies: ["Randomness"]),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics", "Randomness", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
        .testTarget(
            name: "EventFilesTests", dependencies: ["EventFiles", "Randomness", "Files", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "TextTests", dependencies: ["Text", "Tables", "Files", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "TablesTests", dependencies: ["Tables", "Text", "Files", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(
            name: "DatasetsTests", dependencies: ["Randomness", "Datasets", "Tables", "Text", "Imaging", "Files", "TestSupport"],
            resources: [.copy("Golden")]),
        .testTarget(
            name: "ShardsTests", dependencies: ["Shards", "Datasets", "Imaging", "Text", "Files", "TestSupport"],
            resources: [.copy("Golden")]),
        .testTarget(
            name: "StatisticsTests",
            dependencies: ["Statistics", "Reports", "Datasets", "Shards", "Imaging", "Text", "Files", "TestSupport"]),
        .testTarget(name: "CPixelsTests", dependencies: ["CPixels"]),
        .testTarget(
            name: "RemoteShardsTests", dependencies: ["RemoteShards", "Downloads", "Datasets", "Shards", "Files", "TestSupport"],
            exclude: ["server.py"]),
        .testTarget(name: "ExportingTests", dependencies: ["Exporting", "Datasets", "Shards", "Imaging", "Text", "Files", "TestSupport"]),
        .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "TestSupport"]),
        .testTarget(name: "TensorsTests", dependencies: ["Randomness", "OperatorCases", "Tensors", "EmulatedGPU", "TestSupport"]),
        .testTarget(name: "WeightFilesTests", dependencies: ["WeightFiles", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "NumPyFilesTests", dependencies: ["NumPyFiles", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(
            name: "NetworksTests",
            dependencies: ["Randomness", "Networks", "Training", "Tensors", "WeightFiles", "Files", "GoldenSupport", "TestSupport"],
            resources: [.copy("Golden")]),
        .testTarget(
            name: "ModelsTests",
            dependencies: [
                "Randomness", "Networks", "Training", "Tensors", "WeightFiles", "EmulatedGPU", "Files", "GoldenSupport", "TestSupport",
            ],
            resources: [.copy("Golden")]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Randomness", "Training", "Segmenting", "EventFiles", "Reports", "Metrics", "Networks", "Tensors", "WeightFiles",
                "EmulatedGPU", "Shards",
                "Datasets",
                "Text",
                "Imaging", "Files", "TestSupport",
            ],
            resources: [.copy("Golden")]),
        .testTarget(
            name: "ComparingTests", dependencies: ["Comparing", "Explaining", "Metrics", "Imaging", "Files", "TestSupport"],
            resources: [.copy("Golden")]),
        .testTarget(name: "ExperimentsTests", dependencies: ["Experiments", "Files", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(
            name: "ExplainingTests",
            dependencies: [
                "Randomness", "Explaining", "Segmenting", "Networks", "Tensors", "EmulatedGPU", "Imaging", "Text", "Files", "GoldenSupport",
                "TestSupport",
            ],
            resources: [.copy("Golden")]),
        .testTarget(name: "CommandLineToolTests", dependencies: ["CommandLineTool", "Files", "TestSupport"]),
        .testTarget(name: "CommandTests", dependencies: ["TestSupport"], exclude: ["Snapshots"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu11,
    cxxLanguageStandard: .cxx17
)

// The plain loops to which operators are compared take a good part of the kernels' tests if a debug build leaves them as they are.
for target in package.targets where target.name == "OperatorCases" {
    target.swiftSettings = [.unsafeFlags(["-O"], .when(configuration: .debug))]
}

// Compiling tests is a quarter of a release build. What they call is optimised; they themselves need not be.
for target in package.targets where target.type == .test {
    target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-Onone"])]
}

// Where warnings are errors, as in .ci/run. Not in general: another compiler may warn of something else.
if Context.environment["VLSEG_WARNINGS_AS_ERRORS"] != nil {
    for target in package.targets where target.type != .system {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-warnings-as-errors"])]
        target.cSettings = (target.cSettings ?? []) + [.unsafeFlags(["-Werror"])]
        target.cxxSettings = (target.cxxSettings ?? []) + [.unsafeFlags(["-Werror"])]
    }
}

// The fuzzing program has libFuzzer's main, so it is part of the package only where Scripts/fuzz.sh asks for it.
if Context.environment["VLSEG_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzHarnesses"], path: "Tests/Fuzz/Program",
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}

// Targets named in the environment, with what they need: nothing else is built. Scripts/sanitize.sh asks for the tests that it runs.
if let named = Context.environment["VLSEG_TEST_TARGETS"] {
    var kept = Set(named.split(separator: ",").map(String.init))
    var waiting = kept
    while let name = waiting.popFirst() {
        for case .byNameItem(let needed, _) in package.targets.first(where: { $0.name == name })?.dependencies ?? []
        where kept.insert(needed).inserted { waiting.insert(needed) }
    }
    package.products = []
    package.targets.removeAll { !kept.contains($0.name) }
}
