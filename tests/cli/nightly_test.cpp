// `faultline run`: stages, gates, exit codes, resuming; `faultline plan lint`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/night.h"
#include "cli/workshop.h"
#include "engine.h"

namespace faultline {
namespace {

TEST(Nightly, RunsStagesJudgesGatesAndReports) {
  const Workshop shop;
  const ProgramResult result =
      night(shop,
            std::string(kPlanHead) + kLinfStage +
                "[[stage]]\nkind = \"curve\"\nnorm = \"l2\"\nat = \"0.1,0.2\"\nattack = \"pgd:steps=5\"\n" +
                gate(std::string(kMeasured) + "min = 0.1\n") + gate("measure = \"rejected\"\nmax = 0\n"),
            "night");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, testing::HasSubstr("  PASS  linf: robust_accuracy >= 0.1\n"));
  EXPECT_THAT(result.out, testing::HasSubstr("passed: All 2 limits of the plan are kept."));
  const Json summary = summary_in(shop / "night");
  EXPECT_EQ(summary["schema"], "faultline.nightly/1");
  EXPECT_EQ(summary["verdict"], "passed");
  EXPECT_EQ(summary["stages"].size(), 2U);
  EXPECT_EQ(summary["stages"][0]["document"]["schema"], "faultline.attack/1");
  EXPECT_TRUE(summary["stages"][1]["measures"].contains("robust_accuracy@0.2"));
  EXPECT_EQ(root_of(shop / "night/junit.xml"), "testsuites\n");
  EXPECT_THAT(read_file(shop / "night/report.md"), testing::HasSubstr("## Faultline: passed"));
  EXPECT_THAT(read_file(shop / "night/report.md"), testing::HasSubstr("Goal: keeps what it knows"));
}

TEST(Nightly, AnImpossibleGateFailsAndNamesItsLine) {
  const Workshop shop;
  const std::string plan = std::string(kPlanHead) + kLinfStage + gate(std::string(kMeasured) + "min = 1.5\n");
  const ProgramResult result = night(shop, plan, "night");
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, testing::HasSubstr("FAIL  linf: robust_accuracy >= 1.5"));
  EXPECT_THAT(result.out, testing::HasSubstr("plan.toml:12"));
  EXPECT_EQ(summary_in(shop / "night")["gates"][0]["place"], "plan.toml:12");
  EXPECT_THAT(read_file(shop / "night/junit.xml"), testing::HasSubstr("failures=\"1\""));
}

TEST(Nightly, AnIntervalThatStraddlesTheLimitIsInconclusive) {
  const Workshop shop;
  // Of 24 samples some break: no interval is narrow enough for a limit at the value itself.
  const ProgramResult measured = night(shop, std::string(kPlanHead) + kLinfStage, "first");
  EXPECT_EQ(measured.exit_code, 0) << measured.err;
  const double value = summary_in(shop / "first")["stages"][0]["measures"]["robust_accuracy"]["value"];
  const std::string limit = gate(std::string(kMeasured) + "on = \"interval\"\nmin = " + std::to_string(value) + "\n");
  EXPECT_EQ(night(shop, std::string(kPlanHead) + kLinfStage + limit, "asks").exit_code, 0);
  const ProgramResult strict =
      night(shop, std::string(kPlanHead) + kLinfStage + limit + "inconclusive = \"fail\"\n", "strict");
  EXPECT_EQ(strict.exit_code, 7) << strict.err;
  EXPECT_EQ(summary_in(shop / "strict")["verdict"], "inconclusive");
}

TEST(Nightly, ComparesWithAnEarlierRunSampleBySample) {
  const Workshop shop;
  const std::string plan = std::string(kPlanHead) + kLinfStage + gate("no-new-failures = true\n") +
                           gate(std::string(kMeasured) + "max-drop = 0\n");
  const ProgramResult alone = night(shop, plan, "alone");
  EXPECT_EQ(alone.exit_code, 1) << "nothing to compare with";
  EXPECT_THAT(alone.out, testing::HasSubstr("no baseline"));
  EXPECT_EQ(night(shop, plan, "again", {"--baseline", shop / "alone"}).exit_code, 0);
  shop.model("model.pt", "return x[:, 0:3] * 4.0 + torch.tensor([1.0, 0.0, 0.0])");  // leans towards class 0
  const ProgramResult worse = night(shop, plan, "worse", {"--baseline", shop / "alone"});
  EXPECT_EQ(worse.exit_code, 1) << worse.err;
  EXPECT_THAT(worse.out, testing::HasSubstr("samples fail that did not before"));
  const ProgramResult other =
      night(shop, plan + gate("measure = \"clean_accuracy\"\nmin = 0\n"), "other", {"--baseline", shop / "nowhere"});
  expect_refused(other, {"nowhere"});
}

TEST(Nightly, AModelThatKillsItsProcessDoesNotEndTheNight) {
  const Workshop shop;
  shop.model("deadly.pt", "return torch.as_strided(x, [x.size(0), 3], [1, 1 << 40])");
  const std::string plan =
      "[[model]]\npath = \"deadly.pt\"\n[[model]]\npath = \"model.pt\"\n[data]\nsource = \"npy:x.npy,y.npy\"\n" +
      std::string(kLinfStage) + gate(std::string(kMeasured) + "min = 0.1\nmodel = \"model\"\n");
  const ProgramResult result = night(shop, plan, "night");
  EXPECT_THAT(result.exit_code, testing::AnyOf(3, 4)) << result.out << result.err;
}

TEST(Nightly, GoesOnWhereItWasLeft) {
  const Workshop shop;
  const std::string plan = std::string(kPlanHead) + kLinfStage +
                           "[[stage]]\nkind = \"curve\"\nnorm = \"l2\"\nat = \"0.1,0.2\"\nattack = \"fgsm\"\n";
  EXPECT_EQ(night(shop, plan, "whole").exit_code, 0);
  expect_refused(night(shop, plan, "whole"), {"not empty", "--resume"});
  std::filesystem::remove(shop / "whole/stages/curve.json");
  std::filesystem::remove(shop / "whole/summary.json");
  const ProgramResult resumed = night(shop, plan, "whole", {"--resume"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, testing::HasSubstr("stage 1 of 2: linf, attack, done before"));
  expect_refused(night(shop, plan + "# changed\n", "whole", {"--resume"}), {"another run"});
}

TEST(Nightly, AnotherModelIsAnotherRun) {
  const Workshop shop;
  const std::string plan = std::string(kPlanHead) + kLinfStage;
  EXPECT_EQ(night(shop, plan, "night").exit_code, 0);
  shop.model("model.pt", "return x[:, 0:3] * 0.1");
  expect_refused(night(shop, plan, "night", {"--resume"}), {"another run", "models/model"});
}

TEST(Nightly, MeasuresCorruptionsAndReplays) {
  const Workshop shop;
  const std::string model = test_data("mnist_nor_mlp_b.pt").string();
  const std::string data = data_spec("mnist_nor_mlp_b.pt");
  EXPECT_EQ(shop.run({"attack", model, "--data", data, "--limit", "20", "--norm", "linf", "--epsilon", "0.1",
                      "--attack", "fgsm", "--corpus", "corpus"})
                .exit_code,
            0);
  const std::string plan = "[model]\npath = \"" + model + "\"\n[data]\nsource = \"" + data +
                           "\"\nlimit = 20\n[[stage]]\nkind = \"corruptions\"\n[[stage]]\nkind = \"replay\"\ncorpus = "
                           "\"corpus\"\n[[gate]]\nstage = \"corruptions\"\nmeasure = \"mean_accuracy\"\nmin = 0.1\n"
                           "[[gate]]\nstage = \"replay\"\nmeasure = \"verdict.regressed\"\nmax = 0\n";
  const ProgramResult result = night(shop, plan, "night");
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(read_file(shop / "night/report.html"), testing::HasSubstr("Noise, blur, weather"));
  const std::string open = "[[stage]]\nname = \"open\"\nkind = \"replay\"\ncorpus = \"corpus\"\nfail-on = \"open\"\n";
  const ProgramResult failing = night(shop, plan.substr(0, plan.find("[[gate]]")) + open, "open");
  EXPECT_EQ(failing.exit_code, 1) << failing.out;
  EXPECT_THAT(failing.out, testing::HasSubstr("stage open failed by a limit of its own"));
}

TEST(Nightly, BeforeThereIsABaselineGatesThatCompareFail) {
  const Workshop shop;
  const std::string plan = "baseline = \"baseline.json\"\n" + std::string(kPlanHead) + kLinfStage +
                           gate(std::string(kMeasured) + "max-drop = 0\n");
  const ProgramResult first = night(shop, plan, "night1");
  EXPECT_EQ(first.exit_code, 1);
  EXPECT_THAT(first.err, testing::HasSubstr("does not exist yet"));
  EXPECT_EQ(shop.run({"baseline", "update", "plan.toml", "night1"}).exit_code, 0);
  EXPECT_EQ(night(shop, plan, "night2").exit_code, 0);
  write_plan(shop, plan + "# another plan\n");
  expect_refused(shop.run({"baseline", "update", "plan.toml", "night1"}), {"another plan"});
}

TEST(Nightly, ShowsHostileNamesAsText) {
  const Workshop shop;
  const std::string goal = "goal = \"<script>alert(1)</script> | \\u202e ]]>\"\n";
  const ProgramResult result =
      night(shop,
            goal + (std::string(kPlanHead) + kLinfStage).substr(std::string(kPlanHead).find("[model]")) +
                gate("name = \"<b>|`x`\"\n" + std::string(kMeasured) + "min = 0\n"),
            "night");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string markdown = read_file(shop / "night/report.md");
  EXPECT_THAT(markdown, testing::Not(testing::HasSubstr("<script")));
  EXPECT_THAT(markdown, testing::HasSubstr("&lt;b\\>\\|\\`x\\`"));
  EXPECT_EQ(root_of(shop / "night/junit.xml"), "testsuites\n");
  const std::string page = read_file(shop / "night/report.html");
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("<script")));
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("<b>|")));
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("\xe2\x80\xae"))) << "a mark that turns the direction of writing";
  EXPECT_THAT(page, testing::HasSubstr("&lt;script&gt;alert(1)"));
}

TEST(Nightly, TheReportIsOnePageThatLoadsNothing) {
  const Workshop shop;
  EXPECT_EQ(night(shop, std::string(kPlanHead) + kLinfStage + gate(std::string(kMeasured) + "min = 0.9\n"), "night")
                .exit_code,
            1);
  const std::string page = read_file(shop / "night/report.html");
  EXPECT_LT(page.size(), 5'000'000U);
  EXPECT_THAT(page, testing::HasSubstr("1 of 1 limit is not kept."));
  EXPECT_THAT(page, testing::HasSubstr("plan.toml:12"));
  EXPECT_THAT(page, testing::HasSubstr("Content-Security-Policy"));
  for (const std::string outside : {"http://", "https://", "src=\"/", "<link", "url(", "@import", "{{"}) {
    EXPECT_THAT(page, testing::Not(testing::HasSubstr(outside))) << outside;
  }
}

/// A run of `attack` on the robust or the plain perceptron, for comparisons.
std::string attacked(const Workshop& shop, const std::string& model, const std::string& out,
                     const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{"attack",    test_data(model).string(),
                                 "--data",    data_spec(model),
                                 "--limit",   "200",
                                 "--norm",    "linf",
                                 "--epsilon", "0.1",
                                 "--attack",  "pgd:steps=10,relative-step=0.25",
                                 "--out",     out};
  words.insert(words.end(), more.begin(), more.end());
  EXPECT_EQ(shop.run(words).exit_code, 0);
  return out;
}

TEST(Compare, TellsABetterModelFromAWorse) {
  const Workshop shop;
  const std::string robust = attacked(shop, "mnist_lpd_mlp_b_0.1.pt", "robust");
  const std::string plain = attacked(shop, "mnist_nor_mlp_b.pt", "plain");
  const Json worse = expect_document(shop.run({"compare", robust, plain, "--json"}));
  EXPECT_EQ(worse["schema"], "faultline.compare/1");
  EXPECT_EQ(worse["verdict"], "worse");
  const Json& attacked_accuracy = worse["comparisons"][1];
  EXPECT_EQ(attacked_accuracy["measure"], "robust_accuracy");
  EXPECT_GT(attacked_accuracy["broken"], 100);
  EXPECT_LT(attacked_accuracy["p"], 1e-20);
  EXPECT_EQ(expect_document(shop.run({"compare", plain, robust, "--json"}))["comparisons"][1]["verdict"], "better");
  EXPECT_EQ(shop.run({"compare", robust, plain, "--fail-on-worse"}).exit_code, 1);
  const Json same = expect_document(shop.run({"compare", robust, robust, "--json"}));
  EXPECT_EQ(same["verdict"], "no difference shown");
  EXPECT_EQ(same["comparisons"][1]["p"], 1.0);
}

TEST(Compare, RefusesRunsOfOtherSettings) {
  const Workshop shop;
  const std::string one = attacked(shop, "mnist_nor_mlp_b.pt", "one");
  const std::string other = attacked(shop, "mnist_nor_mlp_b.pt", "other", {"--seed", "1"});
  expect_refused(shop.run({"compare", one, other}),
                 {"cannot be compared", "seed is 0 in the first and 1 in the second"});
  expect_refused(shop.run({"compare", one, "nowhere"}), {"nowhere", "nothing to compare"});
}

TEST(Init, WritesAPlanThatPasses) {
  const Workshop shop;
  std::filesystem::create_directory(shop / "plans");
  const ProgramResult written =
      shop.run({"init", "model.pt", "--data", "npy:x.npy,y.npy", "--epsilon", "0.27", "--out", "plans/plan.toml"});
  EXPECT_EQ(written.exit_code, 0) << written.err;
  EXPECT_THAT(read_file(shop / "plans/plan.toml"), testing::HasSubstr("path = \"../model.pt\""));
  const ProgramResult night_one = shop.run({"run", "plans/plan.toml", "--out", "night1"});
  EXPECT_EQ(night_one.exit_code, 0) << night_one.out << night_one.err;
  expect_refused(shop.run({"init", "model.pt", "--data", "npy:x.npy,y.npy", "--out", "plans/plan.toml"}),
                 {"it exists"});
}

TEST(Baseline, OnlyRisesUnlessToldWhy) {
  const Workshop shop;
  const std::string plan = "baseline = \"baseline.json\"\n" + std::string(kPlanHead) + kLinfStage;
  EXPECT_EQ(night(shop, plan, "night1").exit_code, 0);
  EXPECT_EQ(shop.run({"baseline", "update", "plan.toml", "night1"}).exit_code, 0);
  shop.model("model.pt", "return x[:, 0:3] * 4.0 + torch.tensor([1.0, 0.0, 0.0])");
  EXPECT_EQ(night(shop, plan, "night2").exit_code, 0);
  const auto update = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{"baseline", "update", "plan.toml", "night2"};
    words.insert(words.end(), more.begin(), more.end());
    return shop.run(words);
  };
  expect_refused(update({}), {"accuracy falls from", "--allow-lower"});
  expect_refused(update({"--allow-lower", "--reason", " "}), {"accuracy falls from"});
  EXPECT_EQ(update({"--allow-lower", "--reason", "harder data"}).exit_code, 0);
  EXPECT_EQ(Json::parse(read_file(shop / "baseline.json"))["updates"][1]["reason"], "harder data");
}

TEST(Plan, LintPrintsTheCommandsThatItStandsFor) {
  const Workshop shop;
  const ProgramResult result = shop.run({"plan", "lint", write_plan(shop, std::string(kPlanHead) + kLinfStage)});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              testing::HasSubstr("faultline attack model.pt --data npy:x.npy,y.npy --norm linf --epsilon 0.27"));
}

TEST(Plan, LintRefusesWhatACommandDoesNotKnow) {
  const Workshop shop;
  const auto lint = [&](const std::string& text) { return shop.run({"plan", "lint", write_plan(shop, text)}); };
  const std::string head = kPlanHead;
  expect_refused(lint(head + "[[stage]]\nkind = \"attack\"\nepsilom = 0.1\n"),
                 {"plan.toml:8", "unknown key 'epsilom'", "did you mean 'epsilon'"});
  expect_refused(lint(head + "limt = 5\n" + kLinfStage), {"plan.toml:6", "unknown key 'limt'", "did you mean 'limit'"});
  expect_refused(lint(head + kLinfStage + "limit = \"many\"\n"), {"plan.toml:12", "limit"});
  expect_refused(lint(head + kLinfStage + "out = \"x\"\n"), {"plan.toml:12", "'out' is set by the run"});
  expect_refused(shop.run({"run", write_plan(shop, head + kLinfStage)}), {"--out is required"});
}

}  // namespace
}  // namespace faultline
