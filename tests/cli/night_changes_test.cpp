// What a run changes in its plan, what it would take, and its reports made again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "cli/night.h"
#include "cli/workshop.h"
#include "engine.h"
#include "faultline/cli/nightly_estimate.h"

namespace faultline {
namespace {

const std::string kPlan = std::string(kPlanHead) + kLinfStage;

Json limits_of(const Json& summary) {
  Json samples = Json::array();
  for (const Json& stage : summary["stages"]) {
    samples.push_back(stage["document"]["samples"]);
  }
  return samples;
}

TEST(DryRun, SaysWhatTheRunWouldTakeAndWritesNothing) {
  const Workshop shop;
  const std::string model = "mnist_nor_mlp_b.pt";
  const std::string plan = "[model]\npath = \"" + test_data(model).string() + "\"\n[data]\nsource = \"" +
                           data_spec(model) + "\"\nlimit = 24\n" + kLinfStage +
                           "[[stage]]\nkind = \"fuzz\"\nevaluations = 600\ncorpus = \"corpus\"\n";
  const Json document = expect_document(shop.run({"run", write_plan(shop, plan), "--dry-run", "--json"}));
  EXPECT_EQ(document["schema"], "faultline.estimate/1");
  ASSERT_EQ(document["stages"].size(), 2U);
  EXPECT_EQ(document["stages"][0]["id"], "linf");
  EXPECT_EQ(document["stages"][0]["samples"], 24);
  EXPECT_GE(document["stages"][0]["forwards"], 24 * 2);
  EXPECT_EQ(document["stages"][1]["samples"], 600);
  EXPECT_GT(document["seconds"], 0);
  EXPECT_FALSE(std::filesystem::exists(shop / "corpus")) << "it only tried";
  const ProgramResult text = shop.run({"run", "plan.toml", "--dry-run", "--limit", "10"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, testing::HasSubstr("limit of linf is 10 instead of 24, by --limit"));
}

TEST(DryRun, TriesContractStagesWhole) {
  const Workshop shop;
  const std::string model = "mnist_nor_mlp_b.pt";
  const std::string plan = "[model]\npath = \"" + test_data(model).string() + "\"\n[data]\nsource = \"" +
                           data_spec(model) + "\"\nlimit = 4\n[[stage]]\nkind = \"fuzz\"\nmode = \"contract\"\n";
  const Json document =
      expect_document(shop.run({"run", write_plan(shop, plan), "--dry-run", "--json", "--workers", "2"}));
  EXPECT_GT(document["stages"][0]["samples"], 3);
}

TEST(DryRun, RefusesWhatAStageWouldRefuse) {
  const Workshop shop;
  shop.model("model.pt", "return x[:, 0:1]");
  const ProgramResult result = shop.run({"run", write_plan(shop, kPlan), "--dry-run"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, testing::HasSubstr("plan.toml:6"));
}

TEST(FlagsOverAPlan, AreDoneAndNoted) {
  const Workshop shop;
  const ProgramResult result =
      night(shop, kPlan, "night",
            {"--limit", "12", "--set", "linf.epsilon=0.2", "--set", "linf.attack=fgsm", "--set", "linf.attack=noise"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const Json summary = summary_in(shop / "night");
  EXPECT_EQ(limits_of(summary), Json({12}));
  EXPECT_EQ(summary["stages"][0]["document"]["threat"]["epsilon"], 0.2);
  EXPECT_EQ(summary["stages"][0]["document"]["attacks"].size(), 2U);
  ASSERT_EQ(summary["changes"].size(), 3U);
  EXPECT_EQ(summary["changes"][2]["key"], "limit");
  EXPECT_THAT(read_file(shop / "night/report.html"), testing::HasSubstr("epsilon of linf is 0.2 instead of 0.27"));
  EXPECT_THAT(read_file(shop / "night/report.md"), testing::HasSubstr("epsilon of linf is 0.2 instead of 0.27"));
  expect_refused(night(shop, kPlan, "night", {"--resume"}), {"another run"});
  EXPECT_EQ(night(shop, kPlan, "night",
                  {"--resume", "--limit", "12", "--set", "linf.epsilon=0.2", "--set", "linf.attack=fgsm", "--set",
                   "linf.attack=noise"})
                .exit_code,
            0);
}

TEST(FlagsOverAPlan, AreRefusedWhereNothingTakesThem) {
  const Workshop shop;
  const auto run = [&](const std::string& set) { return night(shop, kPlan, "night", {"--set", set}); };
  expect_refused(run("limf.epsilon=1"), {"no stage is called 'limf'", "did you mean 'linf'"});
  expect_refused(run("evaluations=10"), {"no stage of the plan takes 'evaluations'"});
  expect_refused(run("epsilon"), {"expected [STAGE.]KEY=VALUE"});
  expect_refused(run("linf.epsilon=much"), {"epsilon", "'much'"});
  EXPECT_FALSE(std::filesystem::exists(shop / "night"));
}

TEST(FlagsOverAPlan, MakeNoBaseline) {
  const Workshop shop;
  const std::string plan = "baseline = \"baseline.json\"\n" + kPlan;
  EXPECT_EQ(night(shop, plan, "night", {"--limit", "12"}).exit_code, 0);
  expect_refused(shop.run({"baseline", "update", "plan.toml", "night"}), {"changed the plan"});
}

/// Names of changed keys, by stage.
std::map<std::string, std::string> keys_of(const std::vector<PlanChange>& changes) {
  std::map<std::string, std::string> keys;
  for (const PlanChange& change : changes) {
    keys[change.stage] = change.key + " " + change.before + " -> " + change.values.at(0);
  }
  return keys;
}

TEST(TimeLimit, LeavesStagesWholeThatNeedLessThanTheirShare) {
  PlanFile plan{.path = "plan.toml"};
  plan.models = {{.name = "a", .path = "a.pt"}, {.name = "b", .path = "b.pt"}};
  plan.stages = {{.name = "quick", .kind = "attack"},
                 {.name = "long", .kind = "attack"},
                 {.name = "fuzz", .kind = "fuzz", .settings = {{"evaluations", {"1000"}, 0}}},
                 {.name = "timed", .kind = "fuzz"},
                 {.name = "replay", .kind = "replay"}};
  std::vector<StageEstimate> estimates;
  const std::map<std::string, double> seconds{{"quick", 1}, {"long", 20}, {"fuzz", 30}, {"timed", 30}, {"replay", 0}};
  for (const StageRun& run : stage_runs(plan)) {
    estimates.push_back({.run = run,
                         .samples = run.stage->name == "fuzz" ? 1000 : 500,
                         .fixed_seconds = 1,
                         .sample_seconds = seconds.at(run.stage->name)});
  }
  EXPECT_DOUBLE_EQ(seconds_of(estimates), 10 + 2 * 81);
  EXPECT_TRUE(cuts_for(plan, estimates, 172 / 0.9 + 0.01, "--time").empty());
  // Of 70 s 10 go to starting and 2 to the quick stage; the three long ones share 58 s, of which long needs 40 s.
  EXPECT_EQ(keys_of(cuts_for(plan, estimates, (10 + 2 + 3 * 12) / 0.9, "--time")),
            (std::map<std::string, std::string>{
                {"long", "limit 500 -> 150"}, {"fuzz", "evaluations 1000 -> 200"}, {"timed", "time 60s -> 6s"}}));
  EXPECT_THROW((void)cuts_for(plan, estimates, 10, "--time"), Error);
}

TEST(TimeLimit, CutsWhatIsTooLongAndSaysSo) {
  const Workshop shop;
  const std::string model = "mnist_nor_mlp_b.pt";
  // The stage that is cut comes last: where the estimate was too short, later ones would be left out.
  const std::string plan = "[model]\npath = \"" + test_data(model).string() + "\"\n[data]\nsource = \"" +
                           data_spec(model) + "\"\nlimit = 20\n" +
                           "[[stage]]\nkind = \"attack\"\nnorm = \"linf\"\nepsilon = 0.1\nattack = \"fgsm\"\n" +
                           "[[stage]]\nkind = \"fuzz\"\nevaluations = 1000000000\n";
  const ProgramResult result = night(shop, plan, "night", {"--time", "40s"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json summary = summary_in(shop / "night");
  ASSERT_EQ(summary["changes"].size(), 1U) << result.err;
  EXPECT_EQ(summary["changes"][0]["key"], "evaluations");
  EXPECT_EQ(summary["changes"][0]["before"], "1000000000");
  EXPECT_EQ(summary["changes"][0]["why"], "--time 40s");
  EXPECT_EQ(summary["stages"][0]["document"]["samples"], 20) << "it needs less than its share";
  EXPECT_THAT(result.err, testing::HasSubstr("cut: evaluations of fuzz is"));
  const ProgramResult resumed = night(shop, plan, "night", {"--resume"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(summary_in(shop / "night")["changes"], summary["changes"]) << "a resumed run keeps its cuts";
}

TEST(TimeLimit, TooShortIsRefused) {
  const Workshop shop;
  expect_refused(shop.run({"run", write_plan(shop, kPlan), "--out", "night", "--time", "0"}),
                 {"--time", "expected a duration"});
  const ProgramResult result = night(shop, kPlan, "night", {"--time", "0.01s"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, testing::HasSubstr("--time 0.01s: too short"));
  EXPECT_FALSE(std::filesystem::exists(shop / "night"));
}

TEST(Report, IsMadeAgainFromTheDirectory) {
  const Workshop shop;
  const std::string plan = kPlan + gate(std::string(kMeasured) + "max-drop = 0.5\n");
  EXPECT_EQ(night(shop, plan, "nights/one").exit_code, 1) << "nothing to compare with";
  EXPECT_EQ(night(shop, plan, "nights/two", {"--baseline", shop / "nights/one"}).exit_code, 0);
  const std::string before = read_file(shop / "nights/two/summary.json");
  for (const char* name : {"report.html", "report.md", "junit.xml", "metrics.prom", "measures.csv"}) {
    EXPECT_TRUE(std::filesystem::remove(shop / (std::string("nights/two/") + name))) << name;
  }
  std::filesystem::remove(shop / "plan.toml");
  std::filesystem::remove_all(shop / "nights/one/stages");
  const ProgramResult again = shop.run({"report", "nights/two", "--history", "nights"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(read_file(shop / "nights/two/summary.json"), before);
  const std::string page = read_file(shop / "nights/two/report.html");
  EXPECT_THAT(page, testing::HasSubstr("From run to run"));
  EXPECT_THAT(page, testing::HasSubstr("robust_accuracy over 2 runs"));
  EXPECT_THAT(read_file(shop / "nights/two/report.md"), testing::HasSubstr("since the baseline"));
  EXPECT_THAT(read_file(shop / "nights/two/metrics.prom"), testing::HasSubstr("faultline_run_failed 0\n"));
}

TEST(Report, RefusesWhatIsNoNight) {
  const Workshop shop;
  expect_refused(shop.run({"report", "nowhere"}), {"nowhere", "no nightly run in it"});
  EXPECT_EQ(shop.attack({.more = {"--out", "run1"}}).exit_code, 0);
  expect_refused(shop.run({"report", "run1"}), {"run1", "no nightly run in it"});
  EXPECT_EQ(night(shop, kPlan, "night").exit_code, 0);
  expect_refused(shop.run({"report", "night", "--history", "nowhere"}), {"nowhere"});
  std::ofstream(shop / "night/plan.toml", std::ios::app) << "# changed\n";
  expect_refused(shop.run({"report", "night"}), {"plan.toml", "changed after the run began"});
}

TEST(Report, LeavesDamagedRunsOutOfTheTrend) {
  const Workshop shop;
  EXPECT_EQ(night(shop, kPlan, "nights/one").exit_code, 0);
  std::filesystem::create_directory(shop / "nights/torn");
  std::ofstream(shop / "nights/torn/summary.json") << "{\"stages\": [";
  const ProgramResult result = night(shop, kPlan, "nights/two", {"--history", "nights"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, testing::HasSubstr("torn is left out"));
}

TEST(Report, TellsGitHub) {
  const Workshop shop;
  write_plan(shop, kPlan + gate(std::string(kMeasured) + "min = 1.5\n"));
  const ProgramResult result = shop.run({"run", "plan.toml", "--out", "night", "--github", "--json"},
                                        {.env = {{"GITHUB_STEP_SUMMARY", shop / "step.md"}}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, testing::HasSubstr(
                              "::error file=plan.toml,line=12,title=linf%3A robust_accuracy >= 1.5 [model]::failed: "));
  EXPECT_EQ(read_file(shop / "step.md"), read_file(shop / "night/report.md"));
  EXPECT_EQ(Json::parse(result.out)["verdict"], "failed") << "stdout is the document alone";
}

TEST(Report, ShowsGroupsAndNamesOfClasses) {
  const Workshop shop;
  std::ofstream(shop / "names.txt") << "alpha\n<b>beta</b>\ngamma\n";
  const std::string plan = std::string(kPlanHead) + "classes = \"names.txt\"\n" + kLinfStage;
  EXPECT_EQ(night(shop, plan, "night").exit_code, 0);
  const std::string page = read_file(shop / "night/report.html");
  EXPECT_THAT(page, testing::HasSubstr("1 &lt;b&gt;beta&lt;/b&gt;"));
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("Per group</h3>"))) << "the data have none";
}

TEST(Plan, FalseTakesBackWhatTheDataSay) {
  const Workshop shop;
  const auto lint = [&](const std::string& text) { return shop.run({"plan", "lint", write_plan(shop, text)}); };
  const std::string head = std::string(kPlanHead).insert(std::string(kPlanHead).find("[data]"), "binary = true\n");
  EXPECT_THAT(lint(head + kLinfStage).out, testing::HasSubstr("--binary"));
  EXPECT_THAT(lint(head + kLinfStage + "binary = false\n").out, testing::Not(testing::HasSubstr("--binary")));
  expect_refused(lint(kPlan + "binry = false\n"), {"plan.toml:12", "unknown key 'binry'"});
  expect_refused(lint(kPlan + "models = []\n"), {"plan.toml:12", "list is empty"});
}

TEST(FlagsOverAPlan, AStageThatWasRenamedIsNoticed) {
  const Workshop shop;
  EXPECT_EQ(night(shop, kPlan, "one").exit_code, 0);
  std::string renamed = kPlan;
  renamed.replace(renamed.find("name = \"linf\""), 13, "name = \"other\"");
  EXPECT_THAT(night(shop, renamed, "two", {"--baseline", shop / "one"}).err,
              testing::HasSubstr("the baseline has a stage linf that the plan does not have"));
}

TEST(Init, SaysInOneLineWhatIsMissing) {
  const Workshop shop;
  expect_refused(shop.run({"init", "nowhere.pt", "--data", "npy:x.npy,y.npy"}), {"nowhere.pt"});
}

TEST(Plan, LintLooksAtNamesAndValues) {
  const Workshop shop;
  const auto lint = [&](const std::string& lines) {
    return shop.run(
        {"plan", "lint", write_plan(shop, std::string(kPlanHead) + "[[stage]]\nkind = \"attack\"\n" + lines)});
  };
  expect_refused(lint("norm = \"linff\"\nepsilon = 0.1\n"), {"plan.toml:8", "unknown norm 'linff'"});
  expect_refused(lint("norm = \"linf\"\nepsilon = \"x\"\n"), {"plan.toml:9", "epsilon", "'x'"});
  expect_refused(lint("norm = \"linf\"\nepsilon = 0.1\nattack = \"fgssm\"\n"), {"plan.toml:10", "did you mean 'fgsm'"});
  expect_refused(lint("norm = \"linf\"\nepsilon = 0.1\npreset = \"fst\"\n"), {"plan.toml:10", "did you mean 'fast'"});
  expect_refused(lint("norm = \"linf\"\n"), {"plan.toml:6", "epsilon is required"});
  expect_refused(lint("norm = \"linf\"\nepsilon = 0.1\nmean = \"0.5,x\"\n"), {"plan.toml:10", "mean"});
}

TEST(Report, KeepsWhatTheRunKnewOfStagesWithoutADocument) {
  const Workshop shop;
  shop.model("deadly.pt", "return torch.as_strided(x, [x.size(0), 3], [1, 1 << 40])");
  const std::string plan = kPlan + "[[stage]]\nname = \"shapes\"\nkind = \"attack\"\nattack = \"rotate\"\n";
  const ProgramResult result = night(shop, plan, "night");  // rotations of what is no image are refused
  EXPECT_EQ(result.exit_code, 4) << result.err;
  const Json before = summary_in(shop / "night");
  EXPECT_EQ(before["stages"][1]["problem"], "it was refused; its message stands above");
  EXPECT_TRUE(before["stages"][0]["finished"]) << "what was measured is reported";
  EXPECT_EQ(shop.run({"report", "night"}).exit_code, 0);
  EXPECT_EQ(summary_in(shop / "night"), before);
}

TEST(Report, DamagedStagesAreRefusedInOneLine) {
  const Workshop shop;
  EXPECT_EQ(night(shop, kPlan, "night").exit_code, 0);
  const std::string whole = read_file(shop / "night/stages/linf.json");
  const auto damage = [&](const std::string& text) {
    std::ofstream(shop / "night/stages/linf.json") << text;
    return shop.run({"report", "night"});
  };
  expect_refused(damage("{\"exit_code\": 0, \"document\": 5}"), {"linf.json", "no document of a stage of kind attack"});
  Json json = Json::parse(whole);
  json["document"]["attacks"] = 5;
  expect_refused(damage(json.dump()), {"damaged"});
  json["document"]["schema"] = "faultline.curve/1";
  expect_refused(damage(json.dump()), {"no document of a stage of kind attack"});
  std::ofstream(shop / "night/stages/linf.json") << whole;
  std::ofstream(shop / "night/summary.json") << "";
  EXPECT_EQ(shop.run({"report", "night"}).exit_code, 0) << "a damaged summary is made again";
}

TEST(Report, OddThingsInTheHistoryDoNotCostTheNightItsVerdict) {
  const Workshop shop;
  expect_refused(night(shop, kPlan, "night", {"--history", "nowhere"}), {"nowhere"});
  EXPECT_FALSE(std::filesystem::exists(shop / "night")) << "before anything is run";
  std::filesystem::create_directories(shop / "nights/empty");
  std::filesystem::create_directories(shop / "nights/loop");
  std::ofstream(shop / "nights/empty/summary.json") << "";
  std::filesystem::create_symlink("summary.json", shop / "nights/loop/summary.json");
  EXPECT_EQ(night(shop, kPlan, "nights/odd").exit_code, 0);
  Json odd = summary_in(shop / "nights/odd");
  odd["stages"][0]["measures"]["robust_accuracy"] = {{"value", 1e308}, {"low", -1e308}, {"high", 1e308}};
  std::ofstream(shop / "nights/odd/summary.json") << odd.dump();
  const ProgramResult result = night(shop, kPlan, "nights/two/", {"--history", "nights"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(night(shop, kPlan, "nights/two/", {"--history", "nights", "--resume"}).exit_code, 0);
  EXPECT_THAT(read_file(shop / "nights/two/report.html"), testing::HasSubstr("robust_accuracy over 2 runs"));
}

TEST(Resume, TellsOtherFlagsFromOtherPlans) {
  const Workshop shop;
  EXPECT_EQ(night(shop, kPlan, "night", {"--limit", "12"}).exit_code, 0);
  expect_refused(night(shop, kPlan, "night", {"--resume"}), {"another run", "limit of linf is 12", "now nothing"});
  EXPECT_EQ(night(shop, kPlan, "night", {"--resume", "--limit", "12", "--set", "linf.epsilon=0.27"}).exit_code, 0)
      << "what changes nothing is no change";
  Json header = Json::parse(read_file(shop / "night/run.json"));
  header["plan"]["changes"][0]["why"] = "--time 1s";
  header["plan"]["changes"][0]["stage"] = "gone";
  std::ofstream(shop / "night/run.json") << header.dump();
  expect_refused(night(shop, kPlan, "night", {"--resume"}), {"another run"});
}

TEST(Resume, WithoutABaselineForgetsTheOneItHad) {
  const Workshop shop;
  const std::string plan = kPlan + gate("no-new-failures = true\n");
  EXPECT_EQ(night(shop, kPlan, "one").exit_code, 0);
  EXPECT_EQ(night(shop, plan, "two", {"--baseline", shop / "one"}).exit_code, 0);
  EXPECT_EQ(night(shop, plan, "two", {"--resume"}).exit_code, 1);
  EXPECT_EQ(shop.run({"report", "two"}).exit_code, 0);
  EXPECT_EQ(summary_in(shop / "two")["verdict"], "failed");
}

TEST(Resume, NoticesDataThatChanged) {
  const Workshop shop;
  const std::string plan =
      kPlan + "[[stage]]\nname = \"l2\"\nkind = \"attack\"\nnorm = \"l2\"\nepsilon = 0.1\nattack = \"fgsm\"\n";
  EXPECT_EQ(night(shop, plan, "night").exit_code, 0);
  std::filesystem::remove(shop / "night/stages/l2.json");
  std::filesystem::remove_all(shop / "night/stages/l2");
  std::string inputs = read_file(shop / "x.npy");
  inputs[inputs.size() - 2] = static_cast<char>(inputs[inputs.size() - 2] ^ 1);
  std::ofstream(shop / "x.npy", std::ios::binary) << inputs;
  const ProgramResult result = night(shop, plan, "night", {"--resume"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, testing::HasSubstr("the data changed during the run"));
}

TEST(Plan, LintLooksAtGates) {
  const Workshop shop;
  const auto lint = [&](const std::string& lines) {
    return shop.run({"plan", "lint", write_plan(shop, kPlan + gate(lines))});
  };
  expect_refused(lint("corpus-must-pass = true\n"), {"plan.toml:12", "of stages of kind replay"});
  expect_refused(lint("measure = \"warnings\"\non = \"interval\"\nmax = 0\n"), {"plan.toml:14", "has no interval"});
  expect_refused(lint("measure = \"adversarial_errors\"\nmax-drop = 0.1\n"), {"plan.toml:14", "limit it with max"});
  expect_refused(lint("name = \"\"\nmeasure = \"rejected\"\nmax = 0\n"), {"the text is empty"});
  expect_refused(shop.run({"plan", "lint", write_plan(shop, kPlan + "seed = true\n")}),
                 {"plan.toml:12", "'seed' needs a value"});
}

}  // namespace
}  // namespace faultline
