// Transforms as attacks, and curves over them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/workshop.h"
#include "faultline/data/npy.h"

namespace faultline {

namespace {

const std::string kData = FAULTLINE_TEST_DATA;

std::vector<std::string> call(const std::string& command, const std::vector<std::string>& more) {
  std::vector<std::string> arguments{command, kData + "/mnist_wk17a.pt", "--data", "mnist:" + kData};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::vector<Json> rows_in(const std::filesystem::path& run) {
  std::vector<Json> rows;
  for (const std::string& line : lines_of(read_file(run / "samples.jsonl"))) {
    rows.push_back(Json::parse(line));
  }
  std::ranges::sort(rows, std::less{}, [](const Json& row) { return row["index"].get<int>(); });
  return rows;
}

TEST(Transforms, GiveTheWorstCaseOfEachSampleWithoutNormOrEpsilon) {
  const TemporaryFolder folder;
  const std::string run = (folder.path() / "run").string();
  const Json document =
      expect_document(run_program(call("attack", {"--limit", "1000", "--attack", "rotate:max-degrees=30", "--attack",
                                                  "translate:max-pixels=3", "--json", "--out", run})));
  EXPECT_TRUE(document["threat"].is_null());
  EXPECT_EQ(document["samples"], 1000);
  EXPECT_EQ(document["clean_errors"], 20);
  EXPECT_EQ(document["verification"]["rejected"], 0);
  const Json& rotate = document["attacks"][0];
  EXPECT_EQ(rotate["name"], "rotate");
  EXPECT_EQ(rotate["options"]["max-degrees"], 30);
  EXPECT_EQ(rotate["attempted"], 980);
  EXPECT_EQ(rotate["forwards"], 980 * 121);
  EXPECT_EQ(document["attacks"][1]["attempted"], 980 - rotate["found"].get<int>()) << "survivors only";
  EXPECT_EQ(document["adversarial_errors"],
            20 + rotate["found"].get<int>() + document["attacks"][1]["found"].get<int>());
  EXPECT_EQ(document["warnings"][0]["check"], "label-validity");
  int told = 0;
  for (const Json& row : rows_in(run)) {
    if (row["status"] == "found" && row["attack"] == 0) {
      ASSERT_EQ(row["recipe"].size(), 1U);
      EXPECT_EQ(row["recipe"][0]["mutator"], "rotate");
      EXPECT_LE(std::abs(row["recipe"][0]["parameters"]["degrees"].get<double>()), 30);
      EXPECT_TRUE(row["distance"].is_null());
      ++told;
    }
  }
  EXPECT_EQ(told, rotate["found"]);
}

TEST(Transforms, DoNotDependOnWorkersBatchesOrResuming) {
  const TemporaryFolder folder;
  const auto rows = [&](const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> arguments =
        call("attack", {"--limit", "60", "--attack", "translate+rotate+fog:queries=20"});
    arguments.insert(arguments.end(), {"--out", (folder.path() / name).string()});
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(run_program(arguments).exit_code, 0);
    return rows_in(folder.path() / name);
  };
  const std::vector<Json> one = rows("one", {"--workers", "1", "--batch", "60"});
  EXPECT_EQ(rows("two", {"--workers", "2", "--batch", "16"}), one);
  // Half the lines are lost.
  std::vector<std::string> lines = lines_of(read_file(folder.path() / "two" / "samples.jsonl"));
  std::string kept;
  for (std::size_t i = 0; i < lines.size() / 2; ++i) {
    kept += lines[i] + "\n";
  }
  write_text(folder.path() / "two" / "samples.jsonl", kept);
  EXPECT_EQ(rows("two", {"--workers", "2", "--batch", "16", "--resume"}), one);
}

TEST(Transforms, StandBesideAttacksOfANormAndAreFiledWithoutABudget) {
  const TemporaryFolder folder;
  const std::string corpus = (folder.path() / "corpus").string();
  const Json document = expect_document(
      run_program(call("attack", {"--limit", "100", "--norm", "linf", "--epsilon", "0.2", "--attack",
                                  "rotate:max-degrees=30", "--attack", "pgd:steps=10", "--corpus", corpus, "--json"})));
  EXPECT_EQ(document["threat"]["epsilon"], 0.2);
  const int rotated = document["attacks"][0]["found"];
  const int bounded = document["attacks"][1]["found"];
  EXPECT_GT(rotated, 0);
  EXPECT_GT(bounded, 0);
  const Json listed = expect_document(run_program({"corpus", "ls", corpus, "--json"}));
  int without_norm = 0;
  std::string id;
  for (const Json& finding : listed["findings"]) {
    if (finding["attack"] == "rotate") {
      EXPECT_TRUE(finding["norm"].is_null());
      EXPECT_TRUE(finding["distance"].is_null());
      id = finding["id"];
      ++without_norm;
    } else {
      EXPECT_EQ(finding["norm"], "linf");
    }
  }
  EXPECT_EQ(without_norm, rotated);
  const std::string shown = run_program({"corpus", "show", corpus, id}).out;
  EXPECT_THAT(shown, testing::HasSubstr("rotate degrees="));
  EXPECT_THAT(shown, testing::HasSubstr("no norm"));
  EXPECT_EQ(run_program({"corpus", "check", corpus}).exit_code, 0);
  const Json replayed =
      expect_document(run_program({"replay", corpus, "--model", kData + "/mnist_wk17a.pt", "--json"}));
  EXPECT_EQ(replayed["verdicts"]["still failing"], rotated + bounded);
}

TEST(Transforms, OfPublishedCorruptionsKeepTheirParameters) {
  const TemporaryFolder folder;
  const std::string corpus = (folder.path() / "corpus").string();
  const Json document = expect_document(run_program(
      {"attack", kData + "/cifar10_resnet20.pt", "--data",
       "npy:" + kData + "/cifar10_test100_images_u8.npy," + kData + "/cifar10_test100_labels_i64.npy", "--attack",
       "corruption:name=jpeg_compression,profile=cifar10-c", "--limit", "30", "--json", "--corpus", corpus}));
  EXPECT_EQ(document["attacks"][0]["options"]["name"], "jpeg_compression");
  EXPECT_EQ(document["attacks"][0]["forwards"].get<int>() % 5, 0) << "five severities, nothing is drawn";
  EXPECT_EQ(document["verification"]["rejected"], 0);
  ASSERT_GT(document["corpus"]["added"], 0);
  const Json listed = expect_document(run_program({"corpus", "ls", corpus, "--json"}));
  EXPECT_EQ(listed["findings"][0]["attack"], "corruption:jpeg_compression");
}

TEST(Transforms, MixNaturalAndAdversarialChanges) {
  const TemporaryFolder folder;
  const std::string run = (folder.path() / "run").string();
  const auto errors = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = call("attack", {"--limit", "200", "--json"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return expect_document(run_program(arguments));
  };
  const std::string together = "gradient-step+rotate:max-size=0.08,max-degrees=15,search=grid,queries=121";
  const Json mixed = errors({"--attack", together, "--out", run});
  EXPECT_EQ(mixed["verification"]["rejected"], 0);
  EXPECT_GT(mixed["attacks"][0]["backwards"], 0);
  EXPECT_GE(mixed["adversarial_errors"],
            errors({"--attack", "rotate:max-degrees=15,queries=11"})["adversarial_errors"]);
  EXPECT_GE(mixed["adversarial_errors"],
            errors({"--attack", "gradient-step:max-size=0.08,queries=11"})["adversarial_errors"]);
  bool told = false;
  for (const Json& row : rows_in(run)) {
    if (row["status"] == "found") {
      EXPECT_EQ(row["recipe"][0]["model"], mixed["model"]["sha256"]);
      EXPECT_FALSE(row["recipe"][1].contains("model"));
      told = true;
    }
  }
  EXPECT_TRUE(told);
}

TEST(CurveOverATransform, FallsWithItsMagnitude) {
  const TemporaryFolder folder;
  const std::string run = (folder.path() / "run").string();
  const Json curve = expect_document(
      run_program(call("curve", {"--limit", "200", "--over", "rotate.degrees", "--json", "--out", run})));
  EXPECT_TRUE(curve["threat"].is_null());
  EXPECT_EQ(curve["over"]["parameter"], "rotate.degrees");
  EXPECT_EQ(curve["over"]["unit"], "degrees");
  EXPECT_EQ(curve["verification"]["rejected"], 0);
  ASSERT_EQ(curve["points"].size(), 30U);
  double before = curve["clean_accuracy"]["value"];
  for (const Json& point : curve["points"]) {
    EXPECT_LE(point["robust_accuracy"]["value"], before);
    before = point["robust_accuracy"]["value"];
  }
  EXPECT_EQ(curve["points"][29]["epsilon"], 30);
  EXPECT_LT(before, 0.9);
  EXPECT_THAT(read_file(std::filesystem::path(run) / "curve.svg"), testing::HasSubstr("rotate.degrees"));
  const Json early = expect_document(
      run_program(call("curve", {"--limit", "50", "--over", "rotate.degrees", "--at", "10", "--json"})));
  EXPECT_EQ(early["area"]["epsilon_max"], 10) << "nothing is said of what was not looked at";
  const Json further = expect_document(run_program(
      call("curve", {"--limit", "50", "--over", "rotate.degrees", "--at", "10", "--epsilon-max", "20", "--json"})));
  EXPECT_EQ(further["points"].size(), 2U);
  EXPECT_EQ(further["points"][1]["epsilon"], 20);
  const Json probed = expect_document(
      run_program(call("curve", {"--limit", "200", "--over", "rotate.degrees", "--at", "30", "--json"})));
  EXPECT_GE(curve["points"][29]["errors"], probed["points"][0]["errors"]) << "more magnitudes break no fewer";
}

TEST(OraclesOfTransforms, SayWhatAFailureIs) {
  const TemporaryFolder folder;
  const std::string corpus = (folder.path() / "corpus").string();
  const std::string run = (folder.path() / "run").string();
  const auto errors = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments =
        call("attack", {"--limit", "200", "--attack", "rotate:max-degrees=30", "--json"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return expect_document(run_program(arguments));
  };
  const Json wrong = errors({});
  const Json sure = errors({"--oracle", "confidence:at-least=0.9", "--corpus", corpus, "--out", run});
  EXPECT_GT(sure["adversarial_errors"], 0);
  EXPECT_LT(sure["adversarial_errors"], wrong["adversarial_errors"]) << "to be wrong and sure is rarer";
  EXPECT_EQ(sure["attacks"][0]["options"]["oracle"], "confidence:at-least=0.9");
  EXPECT_EQ(sure["verification"]["rejected"], 0);
  for (const Json& row : rows_in(run)) {
    if (row["status"] == "found") {
      EXPECT_EQ(row["oracle"], "confidence:at-least=0.9");
      EXPECT_GE(row["confidence"], 0.9);
    }
  }
  const Json listed = expect_document(run_program({"corpus", "ls", corpus, "--json"}));
  EXPECT_EQ(listed["findings"][0]["oracle"], "confidence:at-least=0.9");
  const auto replayed = [&](const std::string& model, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"replay", corpus, "--model", kData + "/" + model, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Json::parse(run_program(arguments).out);
  };
  EXPECT_EQ(replayed("mnist_wk17a.pt", {})["verdicts"]["still failing"], sure["attacks"][0]["found"]);
  const Json other = replayed("mnist_adv_mlp_b_0.1.pt", {"--update"});
  const int fixed = other["verdicts"].value("fixed", 0);
  EXPECT_GT(fixed, 0) << "on the other model they are right, or not that sure";
  EXPECT_EQ(replayed("mnist_wk17a.pt", {})["verdicts"]["regressed"], fixed);
  const Json any = errors({"--oracle", "confidence:at-least=0.9", "--oracle", "misclassification"});
  EXPECT_EQ(any["adversarial_errors"], wrong["adversarial_errors"]) << "any of the two";
}

TEST(OraclesOfTransforms, SurviveResuming) {
  const TemporaryFolder folder;
  const std::filesystem::path run = folder.path() / "run";
  std::vector<std::string> arguments =
      call("attack", {"--limit", "60", "--batch", "20", "--attack", "rotate:max-degrees=45,queries=20", "--oracle",
                      "confidence:at-least=0.5", "--oracle", "label-invariance", "--out", run.string()});
  ASSERT_EQ(run_program(arguments).exit_code, 0);
  const std::vector<Json> whole = rows_in(run);
  const std::vector<std::string> lines = lines_of(read_file(run / "samples.jsonl"));
  write_text(run / "samples.jsonl", lines[0] + "\n" + lines[1] + "\n");
  arguments.emplace_back("--resume");
  ASSERT_EQ(run_program(arguments).exit_code, 0);
  EXPECT_EQ(rows_in(run), whole);
}

/// Six grey pictures that the model takes for class 0.
void write_grey(const Workshop& shop) {
  write_npy(shop.path() / "pictures.npy", at::full({6, 1, 4, 4}, 0.25, at::kFloat));
  write_npy(shop.path() / "zeros.npy", at::zeros({6}, at::kLong));
}

TEST(OraclesOfTransforms, FindOutputsThatAreNoNumbers) {
  const Workshop shop;
  // NaN in a band of brightness.
  const std::string model =
      shop.model("nan.pt",
                 "m = x.mean(dim=[1, 2, 3])\nz = torch.stack([m + 2.0, m * 0.0], 1)\nbad = (m > 0.3) & (m < 0.35)\n"
                 "return torch.where(bad.unsqueeze(1), z / 0.0 - z / 0.0, z)");
  const auto attack = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{
        "attack", model, "--data", "npy:pictures.npy,zeros.npy", "--attack", "brightness:max-amount=0.5", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return shop.run(arguments);
  };
  write_grey(shop);
  const Json plain = expect_document(attack({}));
  EXPECT_EQ(plain["adversarial_errors"], 0);
  EXPECT_THAT(plain["warnings"].dump(), testing::HasSubstr("not-finite"));
  const std::string run = shop / "run";
  const Json found = expect_document(attack({"--oracle", "non-finite", "--out", run, "--corpus", shop / "corpus"}));
  EXPECT_EQ(found["adversarial_errors"], 6);
  EXPECT_EQ(found["verification"]["rejected"], 0);
  EXPECT_EQ(attack({"--oracle", "non-finite", "--out", run, "--resume"}).exit_code, 0) << "rows with NaN read back";
  const Json replayed = Json::parse(shop.run({"replay", "corpus", "--model", model, "--json"}).out);
  EXPECT_EQ(replayed["verdicts"]["still failing"], found["corpus"]["added"]);
}

TEST(OraclesOfTransforms, FindWhereTheModelThrows) {
  const Workshop shop;
  const std::string model = shop.model("throws.pt",
                                       "m = x.mean(dim=[1, 2, 3])\n"
                                       "assert not bool(((m > 0.3) & (m < 0.35)).any()), 'too bright'\n"
                                       "return torch.stack([m + 2.0, m * 0.0], 1)");
  write_grey(shop);
  const Json found =
      expect_document(shop.run({"attack", model, "--data", "npy:pictures.npy,zeros.npy", "--attack",
                                "brightness:max-amount=0.5", "--oracle", "exception", "--corpus", "corpus", "--json"}));
  EXPECT_EQ(found["adversarial_errors"], 6);
  EXPECT_EQ(found["verification"]["rejected"], 0);
  const Json replayed = Json::parse(shop.run({"replay", "corpus", "--model", model, "--json"}).out);
  EXPECT_EQ(replayed["verdicts"]["still failing"], found["corpus"]["added"]);
  const std::string mended =
      shop.model("mended.pt", "m = x.mean(dim=[1, 2, 3])\nreturn torch.stack([m + 2.0, m * 0.0], 1)");
  const Json now = Json::parse(shop.run({"replay", "corpus", "--model", mended, "--json"}).out);
  EXPECT_EQ(now["verdicts"]["fixed"], found["corpus"]["added"]);
}

TEST(OraclesOfTransforms, FindWherePrecisionMatters) {
  const Workshop shop;
  const std::string model = shop.model("cancels.pt",
                                       "m = x.mean(dim=[1, 2, 3])\n"
                                       "big = torch.where(m > 0.3, m * 1e8, m * 0.0)\n"
                                       "return torch.stack([m + 2.0, (big + 0.5) - big], 1)");
  write_grey(shop);
  const auto across = [&](const std::string& what) {
    return expect_document(
        shop.run({"attack", model, "--data", "npy:pictures.npy,zeros.npy", "--attack", "brightness:max-amount=0.5",
                  "--oracle", "consistency:across=" + what, "--corpus", "corpus-" + what, "--json"}));
  };
  EXPECT_EQ(across("batch")["adversarial_errors"], 0);
  const Json found = across("float64");
  EXPECT_EQ(found["adversarial_errors"], 6);
  EXPECT_EQ(found["verification"]["rejected"], 0);
  const Json replayed = Json::parse(shop.run({"replay", "corpus-float64", "--model", model, "--json"}).out);
  EXPECT_EQ(replayed["verdicts"]["still failing"], found["corpus"]["added"]);
  EXPECT_EQ(across("bfloat16")["adversarial_errors"], 6) << "three digits are not enough for 1e-4";
}

TEST(OraclesOfTransforms, RecordWhoSaysWhatTheLabelIs) {
  const TemporaryFolder folder;
  const auto source = [&](const std::vector<std::string>& oracle) {
    const std::string corpus = (folder.path() / oracle.front()).string();
    std::vector<std::string> arguments{"--limit",  "60",   "--attack", "rotate:max-degrees=30,queries=13",
                                       "--corpus", corpus, "--oracle"};
    arguments.insert(arguments.end(), oracle.begin(), oracle.end());
    EXPECT_EQ(run_program(call("attack", arguments)).exit_code, 0);
    const Json listed = Json::parse(run_program({"corpus", "ls", corpus, "--json"}).out);
    const std::string id = listed["findings"][0]["id"];
    const Json shown = Json::parse(run_program({"corpus", "show", corpus, id, "--json"}).out);
    return shown.dump();
  };
  EXPECT_THAT(source({"misclassification"}), testing::HasSubstr("\"data set\""));
  EXPECT_THAT(source({"label-invariance"}), testing::HasSubstr("\"model\""));
  EXPECT_THAT(source({"label-invariance:from=vote", "--against", kData + "/mnist_nor_mlp_b.pt", "--against",
                      kData + "/mnist_adv_mlp_b_0.1.pt"}),
              testing::HasSubstr("\"vote\""));
}

TEST(OraclesOfTransforms, CompareTwoModels) {
  const auto compare = [](const std::string& other) {
    return expect_document(
        run_program(call("attack", {"--limit", "100", "--attack", "rotate:max-degrees=30,queries=13", "--oracle",
                                    "disagreement", "--against", kData + "/" + other, "--json"})));
  };
  EXPECT_EQ(compare("mnist_wk17a.pt")["attacks"][0]["found"], 0) << "a model agrees with itself";
  const Json others = compare("mnist_nor_mlp_b.pt");
  EXPECT_GT(others["attacks"][0]["found"], 0);
  EXPECT_EQ(others["verification"]["rejected"], 0);
}

TEST(OraclesOfTransforms, AreListed) {
  const Json list = expect_document(run_program({"list", "oracles", "--json"}));
  EXPECT_EQ(list["oracles"].size(), 9U);
  EXPECT_EQ(list["oracles"][0]["name"], "misclassification");
  EXPECT_THAT(run_program({"list", "oracles"}).out, testing::HasSubstr("at-least=0.9"));
}

TEST(TransformRefusals, AreOneLine) {
  const std::vector<std::string> rotate{"--limit", "5", "--attack", "rotate"};
  const auto attack = [](const std::string& spec) {
    return run_program(call("attack", {"--limit", "5", "--attack", spec}));
  };
  expect_refused(attack("rotat"), {"unknown attack 'rotat'", "did you mean 'rotate'?"});
  expect_refused(attack("rotate+moon"), {"unknown mutator 'moon'"});
  expect_refused(attack("rotate+rotate"), {"rotate is named twice"});
  expect_refused(attack("rotate:degres=3"), {"unknown option 'degres'", "did you mean 'degrees'?"});
  expect_refused(attack("rotate:max-degrees=x"), {"rotate:max-degrees", "'x'"});
  expect_refused(attack("rotate:max-degrees=400"), {"expected 0..360", "'400'"});
  expect_refused(attack("rotate:severity=6"), {"rotate:severity", "expected 1..5"});
  expect_refused(attack("rotate:queries=0"), {"queries", "expected 1..1000000"});
  expect_refused(attack("rotate:severity=1,severity=2"), {"'severity' is given twice"});
  expect_refused(attack("scale:direction=sideways"), {"unknown value 'sideways'", "magnify, shrink"});
  expect_refused(attack("contrast:max-factor=0.1"), {"contrast.factor would go from", "min-factor"});
  expect_refused(attack("translate+rotate:search=grid,queries=7"), {"a grid over 3 parameters"});
  expect_refused(attack("corruption"), {"corruption:name=fog"});
  expect_refused(attack("corruption:name=fogg"), {"unknown corruption 'fogg'", "did you mean 'fog'?"});
  expect_refused(attack("hue"), {"hue needs colours", "[1, 28, 28]"});
  expect_refused(attack("transform-search"), {"name the transforms instead"});
  const auto oracle = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = call("attack", {"--limit", "5"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  };
  expect_refused(oracle({"--attack", "rotate", "--oracle", "sure"}), {"--oracle", "unknown oracle 'sure'"});
  expect_refused(oracle({"--attack", "rotate", "--oracle", "confidence:at-least=2"}), {"at-least", "0..1"});
  expect_refused(oracle({"--attack", "pgd", "--norm", "l2", "--epsilon", "1", "--oracle", "confidence"}),
                 {"--oracle", "use transforms"});
  expect_refused(oracle({"--attack", "rotate", "--targeted", "3", "--oracle", "confidence"}), {"--targeted"});
  expect_refused(oracle({"--attack", "rotate", "--oracle", "disagreement"}), {"--against MODEL"});
  expect_refused(oracle({"--attack", "rotate", "--against", kData + "/mnist_nor_mlp_b.pt"}), {"--against"});
  expect_refused(run_program(call("attack", {"--attack", "rotate", "--epsilon", "0.1"})),
                 {"--epsilon", "no norm bounds transforms"});
  expect_refused(run_program(call("attack", {"--attack", "rotate", "--attack", "pgd"})), {"pgd needs --norm"});
  expect_refused(run_program(call("curve", {"--attack", "rotate", "--norm", "linf"})), {"--over"});
  expect_refused(run_program(call("curve", {"--over", "rotate"})), {"unknown parameter 'rotate'", "rotate.degrees"});
  expect_refused(run_program(call("curve", {"--over", "fog.thickness", "--attack", "corruption:name=fog"})),
                 {"does not search fog.thickness"});
  expect_refused(oracle({"--attack", "rotate", "--oracle", "label-invariance:from=vote"}), {"--against MODEL"});
  expect_refused(oracle({"--attack", "rotate", "--oracle", "consistency:across=half"}), {"across", "float64"});
  expect_refused(run_program(call("curve", {"--over", "jpeg.quality"})), {"has no value that changes nothing"});
  expect_refused(run_program(call("curve", {"--over", "rotate.degrees", "--norm", "l2"})), {"--norm"});
  expect_refused(run_program(call("attack", {"--attack", "rotate", "--norm", "l2"})), {"--norm", "no norm bounds"});
  expect_refused(run_program(call("curve", {"--over", "rotate.degrees", "--attack", "rotate:max-degrees=5"})),
                 {"max-degrees", "--epsilon-max"});
  expect_refused(attack("rotate:degrees=3,max-degrees=5"), {"rotate.degrees is held and limited"});
  expect_refused(run_program(call("curve", {"--over", "rotate.degrees", "--at", "0"})), {"--at", "above 0"});
  expect_refused(run_program(call("curve", {"--over", "rotate.degrees", "--attack", "translate"})),
                 {"does not search rotate.degrees"});
}

TEST(TransformRefusals, NeedImages) {
  const Workshop shop;
  expect_refused(shop.attack({.norm = "", .epsilon = "", .more = {"--attack", "rotate"}}),
                 {"transforms are of images [C, H, W]", "[4]"});
}

}  // namespace

}  // namespace faultline
