// Plans as their files say them: the runs that follow, and a refusal with file and line for everything that is not understood.
import Experiments
import Files
import Foundation
import TestSupport
import Testing

/// Rules without networks: a few of train's options, and a train that refuses the loss "dise".
private let rules = PlanRules(options: ["loss": .value, "epochs": .value, "lr": .value, "tf32": .flag, "model-option": .pairs]) { words in
    words.contains("dise") ? "--loss: \"dise\" is not one of seu, dice" : nil
}

private let good = """
    {
      "name": "losses", "title": "two losses", "varies": ["loss"], "shards": "shards/demo",
      "options": {"epochs": 20, "lr": 3e-4, "tf32": true, "model-option": {"widths": "8,16"}},
      "settings": [
        {"name": "seu", "title": "SEU", "options": {"loss": "seu"}},
        {"name": "dice", "title": "Dice", "options": {"loss": "dice"}}
      ],
      "seeds": [0, 7]
    }
    """

private func parse(_ text: String) throws(PlanError) -> ExperimentPlan {
    try PlanReader.parse(Array(text.utf8), path: "plan.json", rules: rules)
}

@Suite struct PlanTests {
    @Test func everySettingRunsWithTheFirstSeedBeforeTheNext() throws {
        let plan = try parse(good), runs = try plan.runs()
        #expect(runs.map(\.name) == ["seu", "dice", "seu-seed7", "dice-seed7"])
        #expect(plan.varies == ["loss"] && plan.shards == "shards/demo" && plan.title == "two losses")
        let words = runs[3].words(shards: "s", folder: "runs/x", resumes: false).joined(separator: " ")
        #expect(
            words == "--shards s --run runs/x --seed 7 --epochs 20 --lr 3e-4 --tf32 --model-option widths=8,16 --loss dice")
        #expect(runs[0].words(shards: "s", folder: "r", resumes: true).prefix(5) == ["--shards", "s", "--run", "r", "--resume"])
    }

    @Test func theCommandLineReplacesOptionsAndSeeds() throws {
        let overrides = TrainOptions([
            .init("epochs", value: "1"), .init("model-option", key: "depths", value: "1"), .init("lr", value: "-1"),
        ])
        let runs = try parse(good).runs(overrides: overrides, seeds: [0])
        #expect(runs.map(\.name) == ["seu", "dice"])
        #expect(
            runs[0].options.words
                == ["--epochs", "1", "--lr=-1", "--tf32", "--model-option", "widths=8,16", "--model-option", "depths=1", "--loss", "seu"])
    }

    @Test func whatSettingsDifferInIsNotTheSameForAll() throws {
        let error = try #require(
            #expect(throws: PlanError.self) { try parse(good).runs(overrides: TrainOptions([.init("loss", value: "seu")])) })
        #expect("\(error)" == "--loss is what the settings of plan.json differ in, so it cannot be the same for all; leave it out")
    }

    @Test(arguments: [
        ("\"name\": \"losses\"", "\"nome\": \"losses\"", "line 2: unknown key \"nome\" in the plan; did you mean name?"),
        ("\"title\": \"two losses\", ", "", "line 1: the plan has no \"title\"; expected a sentence"),
        ("\"losses\"", "\"../x\"", "line 2: \"name\" is \"../x\"; expected letters, digits, - and _"),
        ("[\"loss\"]", "\"loss\"", "line 2: \"varies\" is \"loss\"; expected a list"),
        ("[\"loss\"]", "[\"loss\", \"mixer\"]", "line 2: \"varies\" names \"mixer\", but no setting gives it"),
        ("[\"loss\"]", "[\"epochs\"]", "line 3: \"epochs\" is in \"varies\", so the plan's \"options\" cannot"),
        ("[\"loss\"]", "[\"mixer\"]", "line 5: setting seu gives \"loss\", which \"varies\" does not name (it names mixer)"),
        ("\"epochs\": 20", "\"epoch\": 20", "line 3: \"epoch\" is no option that a plan may give; did you mean epochs?"),
        ("\"epochs\": 20", "\"epochs\": [20]", "line 3: \"epochs\" is a list; expected a string or a number"),
        ("\"epochs\": 20", "\"epochs\": 20, \"epochs\": 30", "line 3: the key \"epochs\" is there twice in one object"),
        ("\"epochs\": 20", "\"epochs\": NaN", "line 3: \"epochs\" is NaN; expected a string or a number"),
        ("\"epochs\": 20", "\"seed\": 20", "line 3: \"seed\" is no option of a plan; give the plan's \"seeds\""),
        ("\"tf32\": true", "\"tf32\": false", "line 3: \"tf32\" is false; expected true, or leave the option out"),
        ("{\"widths\": \"8,16\"}", "\"widths=8\"", "line 3: \"model-option\" is \"widths=8\"; expected an object"),
        ("\"loss\": \"dice\"", "\"loss\": \"dise\"", "line 6: setting dice: train refuses its options: --loss: \"dise\" is not one of"),
        ("\"name\": \"dice\"", "\"name\": \"SEU\"", "line 6: two runs would have the folder \"SEU\"; give each setting"),
        ("\"name\": \"dice\"", "\"name\": \"seu-seed7\"", "line 6: two runs would have the folder \"seu-seed7\""),
        (", \"options\": {\"loss\": \"seu\"}", "", "line 5: setting seu has no \"options\"; expected an object of train's options"),
        ("[0, 7]", "[0, 0]", "line 8: \"seeds\" is 0; expected a list of whole numbers, each once"),
        ("[0, 7]", "[0, -7]", "line 8: \"seeds\" is -7; expected a list of whole numbers"),
        ("[0, 7]", "[]", "line 8: \"seeds\" is an empty list"),
        ("\"seeds\"", "seeds", "line 8, column 3: not JSON: 's' where a quoted key was expected"),
    ])
    func whatIsNotUnderstoodIsRefusedWithItsLine(part: String, with other: String, says: String) throws {
        let text = good.replacingOccurrences(of: part, with: other)
        #expect(text != good)
        let error = try #require(#expect(throws: PlanError.self) { try parse(text) })
        #expect("\(error)".hasPrefix("plan.json, " + says), "\(error)")
    }

    @Test func aPlanThatIsNotThereIsNamed() throws {
        let error = try #require(#expect(throws: PlanError.self) { try PlanReader.read("/nowhere/plan.json", rules: rules) })
        #expect(error.kind == .usage && "\(error)".contains("/nowhere/plan.json"))
    }
}
