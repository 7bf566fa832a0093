// The failure corpus as a user meets it: filing, replay with its exit codes, review and upkeep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <regex>

#include "cli/workshop.h"

namespace faultline {

namespace {

using testing::HasSubstr;

/// Right wherever x[:, 3] is as it was: the fourth number of a point, which model.pt does not look at, encodes its
/// class.
constexpr const char* kOtherModel =
    "k = torch.remainder(torch.round((x[:, 3:4] - 0.2) / 0.005), 3.0)\n"
    "return torch.cat([k == 0.0, k == 1.0, k == 2.0], 1) * 4.0";

/// Beyond the distance of every point, so that all have findings; from the clean input, so that x[:, 3] stays.
const Call kAttack{.epsilon = "0.35", .more = {"--corpus", "corpus", "--json", "--attack", "pgd:start=clean"}};

/// What a model gives whose logits are those of kRightModel with the classes turned by one.
constexpr const char* kWrongModel = "return torch.roll(x[:, 0:3] * 4.0, 1, 1)";

/// A workshop with findings of model.pt filed in the folder `corpus`.
class Filed : public testing::Test {
 protected:
  /// The corpus is made once; every test works on a copy.
  static void SetUpTestSuite() {
    first_ = std::make_unique<Workshop>();
    findings_ = expect_document(first_->attack(kAttack))["corpus"]["added"].get<std::int64_t>();
    EXPECT_GT(findings_, 10);
    (void)first_->model("other.pt", kOtherModel);
    (void)first_->model("wrong.pt", kWrongModel);
  }
  static void TearDownTestSuite() { first_.reset(); }

  Filed() {
    std::filesystem::copy(first_->path(), shop_.path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }

  [[nodiscard]] ProgramResult replay(const std::string& model, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> call{"replay", "corpus", "--model", model};
    call.insert(call.end(), more.begin(), more.end());
    return shop_.run(call, {.env = {{"XDG_CACHE_HOME", shop_ / "cache"}}});
  }

  [[nodiscard]] ProgramResult corpus(const std::vector<std::string>& words) const {
    std::vector<std::string> call{"corpus"};
    call.insert(call.end(), words.begin(), words.end());
    return shop_.run(call, {.env = {{"XDG_CACHE_HOME", shop_ / "cache"}}});
  }

  /// The counts of `replay --json`, whatever its exit code.
  [[nodiscard]] Json verdicts(const std::string& model, int exit_code, std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    const ProgramResult result = replay(model, more);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    const Json document = Json::parse(result.out, nullptr, /*allow_exceptions=*/false);
    EXPECT_TRUE(document.is_object()) << result.out;
    EXPECT_EQ(document["schema"], "faultline.replay/1");
    EXPECT_EQ(document["passed"].get<bool>(), exit_code == 0);
    return document["verdicts"];
  }

  [[nodiscard]] std::string first_id() const {
    return expect_document(corpus({"ls", "corpus", "--json"}))["findings"][0]["id"].get<std::string>();
  }

  static inline std::unique_ptr<Workshop> first_;
  static inline std::int64_t findings_ = 0;
  Workshop shop_;
};

TEST_F(Filed, SecondTimeEverythingIsKnown) {
  const ProgramResult again = shop_.attack(kAttack);
  const Json document = expect_document(again);
  EXPECT_EQ(document["corpus"]["added"], 0);
  EXPECT_EQ(document["corpus"]["known"], findings_);
  EXPECT_EQ(expect_document(corpus({"stats", "corpus", "--json"}))["discoveries"], findings_) << "nothing new was said";
}

TEST_F(Filed, LifeOfAFinding) {
  EXPECT_EQ(verdicts("model.pt", 0), (Json{{"still failing", findings_}}));
  EXPECT_EQ(verdicts("model.pt", 1, {"--fail-on", "open"}), (Json{{"still failing", findings_}}));
  EXPECT_EQ(verdicts("other.pt", 0), (Json{{"fixed", findings_}}));
  EXPECT_FALSE(std::filesystem::exists(shop_ / "corpus/events")) << "states change with --update only";
  EXPECT_EQ(verdicts("other.pt", 0, {"--update"}), (Json{{"fixed", findings_}}));
  EXPECT_EQ(verdicts("other.pt", 0), (Json{{"passing", findings_}}));
  EXPECT_EQ(verdicts("model.pt", 1), (Json{{"regressed", findings_}}));
  EXPECT_EQ(verdicts("model.pt", 0, {"--fail-on", "none"}), (Json{{"regressed", findings_}}));
  EXPECT_EQ(verdicts("model.pt", 0, {"--line", "other"}), (Json{{"new", findings_}})) << "lines are apart";
  EXPECT_EQ(verdicts("wrong.pt", 1), (Json{{"invalid baseline", findings_}}));
}

TEST_F(Filed, UnchangedReplayAddsOneFileWithoutEvents) {
  (void)verdicts("model.pt", 0, {"--update"});
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(shop_ / "corpus/events")) {
    files.push_back(entry.path());
  }
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(lines_of(read_file(files.front())).size(), 1U);
}

/// A JUnit file without what tells of time.
std::string timeless(const std::string& path) {
  return std::regex_replace(read_file(path), std::regex(" (time|timestamp)=\"[^\"]*\""), "");
}

TEST_F(Filed, JunitIsTheSameTwiceAndHoldsTheFailures) {
  EXPECT_EQ(replay("other.pt", {"--update"}).exit_code, 0);
  EXPECT_EQ(replay("model.pt", {"--junit", "a.xml"}).exit_code, 1);
  EXPECT_EQ(replay("model.pt", {"--junit", "b.xml", "--workers", "1"}).exit_code, 1);
  EXPECT_EQ(timeless(shop_ / "a.xml"), timeless(shop_ / "b.xml"));
  EXPECT_THAT(root_of(shop_ / "a.xml"), HasSubstr("testsuites"));
  const std::string text = read_file(shop_ / "a.xml");
  EXPECT_THAT(text, HasSubstr("failures=\"" + std::to_string(findings_) + "\""));
  EXPECT_THAT(text, HasSubstr("name=\"finding " + first_id().substr(0, 12) + " label "));
  EXPECT_THAT(text, HasSubstr("<failure message=\"regressed\">"));
}

TEST_F(Filed, ModelThatOnlyMovedIsNotFixed) {
  // The same decision boundary, moved by less than the budget: most witnesses pass, others are near.
  (void)shop_.model("moved.pt", "return (x[:, 0:3] + torch.tensor([0.0, 0.03, -0.03])) * 4.0");
  const Json counts = verdicts("moved.pt", 0, {"--strengthen"});
  ASSERT_TRUE(counts.contains("fixed at the point, not nearby")) << counts;
  EXPECT_FALSE(counts.contains("fixed")) << counts;
}

TEST_F(Filed, AcceptedFindingsFailNothingUntilTheirDay) {
  const std::string id = first_id();
  EXPECT_EQ(corpus({"accept", "corpus", id.substr(0, 10), "--until", "2999-01-01", "--reason", "known"}).exit_code, 0);
  EXPECT_EQ(verdicts("model.pt", 0)["accepted"], 1);
  expect_refused(corpus({"accept", "corpus", id, "--until", "2020-01-01", "--reason", "known"}),
                 {"--until", "is over"});
  expect_refused(corpus({"accept", "corpus", id, "--until", "tomorrow", "--reason", "known"}), {"YYYY-MM-DD"});
  // The same corpus a thousand years on.
  const ProgramResult later =
      shop_.run({"replay", "corpus", "--model", "model.pt", "--json"}, {.env = {{"SOURCE_DATE_EPOCH", "40000000000"}}});
  EXPECT_EQ(later.exit_code, 1);
  EXPECT_EQ(Json::parse(later.out)["verdicts"]["expired acceptance"], 1);
}

TEST_F(Filed, AcceptanceIsTakenBack) {
  const std::string id = first_id();
  expect_refused(corpus({"accept", "corpus", id, "--revoke"}), {"--revoke", "is not accepted on line main"});
  EXPECT_EQ(corpus({"accept", "corpus", id, "--until", "2999-01-01", "--reason", "known"}).exit_code, 0);
  expect_refused(corpus({"accept", "corpus", id, "--revoke", "--reason", "known"}), {"--revoke"});
  EXPECT_EQ(corpus({"accept", "corpus", id, "--revoke"}).exit_code, 0);
  EXPECT_EQ(verdicts("model.pt", 0), (Json{{"still failing", findings_}}));
  for (const std::string day : {"2030- 1-31", "2030-+1-31", "2030-13-01", "2030-02-30", "2030-1-31", "2030-01-311"}) {
    expect_refused(corpus({"accept", "corpus", id, "--until", day, "--reason", "known"}), {"--until", "YYYY-MM-DD"});
  }
}

TEST_F(Filed, WhatIsAcceptedOnAnotherLineIsNotThinnedOut) {
  const Json list = expect_document(corpus({"ls", "corpus", "--json"}));
  for (const Json& finding : list["findings"]) {
    EXPECT_EQ(
        corpus({"accept", "corpus", finding["id"], "--line", "release", "--until", "2999-01-01", "--reason", "known"})
            .exit_code,
        0);
  }
  EXPECT_TRUE(expect_document(corpus({"gc", "corpus", "--keep", "1", "--json"}))["surplus"].empty());
}

TEST_F(Filed, FlakyModelDoesNotDisarmTheGate) {
  EXPECT_EQ(verdicts("other.pt", 0, {"--update"}), (Json{{"fixed", findings_}}));
  (void)shop_.model("constant.pt", "return x[:, 0:3] * 0.0");
  EXPECT_EQ(verdicts("constant.pt", 0, {"--update"}), (Json{{"flaky", findings_}}));
  EXPECT_THAT(replay("constant.pt").err, HasSubstr("[mostly-flaky]"));
  EXPECT_EQ(verdicts("model.pt", 1), (Json{{"regressed", findings_}}));
}

TEST_F(Filed, AnotherWrongClassThanTheTargetIsNoMend) {
  const Call targeted{
      .epsilon = "0.35",
      .more = {"--corpus", "aimed", "--targeted", "1", "--attack", "pgd:start=clean,loss=margin", "--json"}};
  const std::int64_t found = expect_document(shop_.attack(targeted))["corpus"]["added"].get<std::int64_t>();
  ASSERT_GT(found, 0);
  // Whatever was taken for class 1 is taken for the class that is neither 1 nor its own.
  (void)shop_.model("elsewhere.pt",
                    "k = torch.remainder(torch.round((x[:, 3:4] - 0.2) / 0.005), 3.0)\n"
                    "other = torch.cat([k == 2.0, k == 1.0, k == 0.0], 1) * 4.0\n"
                    "return torch.where(torch.argmax(x[:, 0:3], 1, True) == 1, other, x[:, 0:3] * 4.0)");
  const ProgramResult result = shop_.run({"replay", "aimed", "--model", "elsewhere.pt", "--json"});
  EXPECT_EQ(Json::parse(result.out)["verdicts"], (Json{{"changed", found}})) << result.out;
}

TEST_F(Filed, MistypedLineIsWarnedOf) {
  const ProgramResult result = replay("model.pt", {"--line", "relaese", "--json"});
  EXPECT_THAT(result.err, testing::AllOf(HasSubstr("[new-line]"), HasSubstr("'relaese'"), HasSubstr("main")));
  EXPECT_EQ(Json::parse(result.out)["warnings"][0]["check"], "new-line");
  EXPECT_THAT(
      corpus({"accept", "corpus", first_id(), "--line", "relaese", "--until", "2999-01-01", "--reason", "x"}).err,
      HasSubstr("[new-line]"));
}

TEST_F(Filed, TheCommandThatIsPrintedReplays) {
  const ProgramResult attack = shop_.attack(
      {.epsilon = "0.35", .more = {"--corpus", "a corpus", "--line", "release", "--mean", "0.1", "--std", "2"}});
  EXPECT_THAT(attack.out,
              HasSubstr("faultline replay 'a corpus' --model model.pt --mean 0.1 --std 2 --line release\n"));
  const ProgramResult shown = corpus({"show", "a corpus", "0", "--json"});
  const std::string id = expect_document(corpus({"ls", "a corpus", "--json"}))["findings"][0]["id"];
  EXPECT_THAT(corpus({"show", "a corpus", id}).out,
              HasSubstr("faultline replay 'a corpus' --model MODEL.pt --mean 0.1 --std 2 --line release --finding " +
                        id.substr(0, 12) + "\n"));
}

TEST_F(Filed, JsonListsEveryFinding) {
  const ProgramResult result = replay("other.pt", {"--json"});
  const Json document = Json::parse(result.out);
  EXPECT_EQ(static_cast<std::int64_t>(document["findings"].size()), findings_);
  EXPECT_EQ(document["findings"][0]["verdict"], "fixed");
  EXPECT_TRUE(document["failed"].empty());
}

TEST_F(Filed, StrictReplayLeavesNoOlderJunitBehind) {
  EXPECT_EQ(replay("model.pt", {"--junit", "junit.xml"}).exit_code, 0);
  const std::string id = first_id();
  write_text(shop_ / ("corpus/findings/" + id.substr(0, 2) + "/" + id + "/entry.json"), "{}\n");
  EXPECT_EQ(replay("model.pt", {"--junit", "junit.xml", "--strict"}).exit_code, 4);
  const std::string text = read_file(shop_ / "junit.xml");
  EXPECT_THAT(text, HasSubstr("<failure message=\"damaged files\">"));
  EXPECT_THAT(text, HasSubstr("failures=\"1\""));
}

TEST_F(Filed, WhatIsDamagedIsLeftOutOfAnExportAndMendedByFilingAgain) {
  const std::string id = first_id();
  write_text(shop_ / ("corpus/findings/" + id.substr(0, 2) + "/" + id + "/witness.safetensors"), "torn");
  const ProgramResult exported = corpus({"export", "corpus", "--format", "npy", "--out", "arrays"});
  EXPECT_EQ(exported.exit_code, 0) << exported.err;
  EXPECT_THAT(exported.err, HasSubstr(id));
  EXPECT_EQ(static_cast<std::int64_t>(lines_of(read_file(shop_ / "arrays/ids.txt")).size()), findings_ - 1);
  EXPECT_EQ(expect_document(shop_.attack(kAttack))["corpus"]["added"], 1);
  EXPECT_EQ(corpus({"check", "corpus"}).exit_code, 0);
}

TEST_F(Filed, MinimizingOnAModelThatCannotTakeThemSaysSo) {
  (void)shop_.model("five.pt", "return torch.cat([x, x[:, 0:1]], 1)");
  const Json other = expect_document(corpus({"minimize", "corpus", "--model", "five.pt", "--json"}));
  EXPECT_EQ(other["incompatible"], findings_);
  const Json wrong = expect_document(corpus({"minimize", "corpus", "--model", "wrong.pt", "--json"}));
  EXPECT_EQ(wrong["invalid"], findings_);
}

TEST_F(Filed, ModelThatCannotTakeThemIsRefused) {
  (void)shop_.model("five.pt", "return torch.cat([x, x[:, 0:1]], 1)");
  expect_refused(replay("five.pt"), {"none of the " + std::to_string(findings_) + " findings", "5", "classes"});
  (void)shop_.model("wide.pt", "return torch.matmul(x, torch.ones([7, 3]))");
  expect_refused(replay("wide.pt"), {"none of the " + std::to_string(findings_) + " findings", "[16, 4]"});
}

TEST_F(Filed, OtherPreprocessingIsWarnedOf) {
  const ProgramResult result = replay("model.pt", {"--mean", "0.1", "--json"});
  EXPECT_THAT(result.err, HasSubstr("[preprocessing]"));
  EXPECT_EQ(Json::parse(result.out)["warnings"][0]["check"], "preprocessing");
  EXPECT_THAT(replay("model.pt").err, testing::Not(HasSubstr("warning")));
  EXPECT_THAT(corpus({"show", "corpus", first_id()}).out, testing::ContainsRegex("preprocessing +none"));
}

TEST_F(Filed, DamagedEntryIsNamedSkippedAndStrict) {
  const std::string id = first_id();
  const std::string folder = shop_ / ("corpus/findings/" + id.substr(0, 2) + "/" + id);
  write_text(folder + "/entry.json", "{}\n");
  const ProgramResult lenient = replay("model.pt", {"--json"});
  EXPECT_EQ(lenient.exit_code, 0);
  EXPECT_THAT(lenient.err, HasSubstr(id));
  EXPECT_EQ(lines_of(lenient.err).size(), 1U);
  EXPECT_EQ(Json::parse(lenient.out)["corpus"]["damaged"], 1);
  EXPECT_EQ(replay("model.pt", {"--strict"}).exit_code, 4);
  const ProgramResult check = corpus({"check", "corpus"});
  EXPECT_EQ(check.exit_code, 1);
  EXPECT_THAT(check.out, HasSubstr("damaged: "));
  EXPECT_THAT(check.out, HasSubstr(id));
}

TEST_F(Filed, ReviewCommandsAgree) {
  const Json list = expect_document(corpus({"ls", "corpus", "--state", "open", "--json"}))["findings"];
  EXPECT_EQ(static_cast<std::int64_t>(list.size()), findings_);
  std::int64_t in_clusters = 0;
  const Json document = expect_document(corpus({"clusters", "corpus", "--json"}));
  for (const Json& cluster : document["clusters"]) {
    in_clusters += cluster["findings"].get<std::int64_t>();
  }
  EXPECT_EQ(in_clusters, findings_);
  const ProgramResult sql = corpus({"sql", "corpus", "SELECT count(*) AS n FROM open_findings", "--json"});
  EXPECT_EQ(expect_document(sql)["rows"][0][0], findings_);
  EXPECT_TRUE(
      expect_document(corpus({"sql", "corpus", "SELECT target FROM findings", "--json"}))["rows"][0][0].is_null());
  EXPECT_TRUE(expect_document(corpus({"sql", "corpus", "--json"}))["definitions"].is_array());
  expect_refused(corpus({"sql", "corpus", "SELECT 1; SELECT 2"}), {"SQL: expected one statement, got 2"});
  expect_refused(corpus({"sql", "corpus", "-- nothing"}), {"SQL: expected one statement, got 0"});
  expect_refused(corpus({"sql", "corpus", "ATTACH 'made.sqlite' AS other"}), {"SQL: "});
  expect_refused(corpus({"sql", "corpus", "VACUUM INTO 'made.sqlite'"}), {"SQL: "});
  EXPECT_FALSE(std::filesystem::exists(shop_ / "made.sqlite"));
  expect_refused(corpus({"sql", "corpus", "DELETE FROM findings"}), {"SQL: "});
  expect_refused(corpus({"sql", "corpus", "SELEC"}), {"SQL: "});
  expect_refused(corpus({"ls", "corpus", "--state", "opn"}), {"did you mean 'open'"});
  EXPECT_EQ(corpus({"ls", "corpus", "--state", "flaky"}).exit_code, 5);
  const Json shown = expect_document(corpus({"show", "corpus", first_id().substr(0, 12), "--json"}));
  EXPECT_EQ(shown["states"]["main"], "open");
  expect_refused(corpus({"show", "corpus", "zz"}), {"holds no finding 'zz'"});
  expect_refused(corpus({"show", "nowhere", "zz"}), {"nowhere", "does not exist"});
  expect_refused(corpus({"ls", "."}), {"is no failure corpus"});
}

TEST_F(Filed, IndexThatIsBrokenIsMadeAgain) {
  (void)corpus({"ls", "corpus"});
  std::int64_t broken = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shop_ / "cache/faultline")) {
    write_text(entry.path(), "no database at all, but long enough to be read as one by a careless program\n");
    ++broken;
  }
  EXPECT_GT(broken, 0);
  EXPECT_EQ(static_cast<std::int64_t>(expect_document(corpus({"ls", "corpus", "--json"}))["findings"].size()),
            findings_);
}

TEST_F(Filed, StatesOfWhatWasDeletedAreNotCounted) {
  EXPECT_EQ(verdicts("other.pt", 0, {"--update"}), (Json{{"fixed", findings_}}));
  const Json gone = expect_document(corpus({"gc", "corpus", "--keep", "1", "--apply", "--json"}));
  EXPECT_EQ(gone["states"]["fixed"], gone["surplus"].size());
  const Json stats = expect_document(corpus({"stats", "corpus", "--json"}));
  EXPECT_EQ(stats["by_line"]["main"], stats["findings"]);
}

TEST_F(Filed, JunitGoesToWhatIsNamedAsItIs) {
  EXPECT_EQ(replay("model.pt", {"--junit", "/dev/null"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  expect_refused(replay("model.pt", {"--junit", "/dev/full"}), {"/dev/full", "No space left"});
  write_text(shop_ / "real.xml", "old");
  std::filesystem::create_symlink("real.xml", shop_ / "link.xml");
  EXPECT_EQ(replay("model.pt", {"--junit", "link.xml"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(shop_ / "link.xml"));
  EXPECT_THAT(read_file(shop_ / "real.xml"), HasSubstr("<testsuites"));
}

TEST_F(Filed, MergeMinimizeAndGc) {
  EXPECT_EQ(expect_document(corpus({"merge", "copy", "corpus", "--json"}))["added"], findings_);
  EXPECT_EQ(expect_document(corpus({"merge", "copy", "corpus", "--json"}))["known"], findings_);
  EXPECT_EQ(corpus({"check", "copy"}).exit_code, 0);
  const Json smaller = expect_document(corpus({"minimize", "copy", "--model", "model.pt", "--json"}));
  EXPECT_GT(smaller["smaller"], 0);
  EXPECT_LT(smaller["median_ratio"], 1.0);
  const std::int64_t added = smaller["added"].get<std::int64_t>();
  const Json dry = expect_document(corpus({"gc", "copy", "--keep", "1", "--json"}));
  EXPECT_EQ(dry["findings"], findings_ + added);
  EXPECT_EQ(dry["applied"], false);
  const Json applied = expect_document(corpus({"gc", "copy", "--keep", "1", "--apply", "--json"}));
  EXPECT_EQ(applied["surplus"], dry["surplus"]);
  const std::int64_t left = findings_ + added - static_cast<std::int64_t>(applied["surplus"].size());
  EXPECT_EQ(expect_document(corpus({"stats", "copy", "--json"}))["findings"], left);
  EXPECT_EQ(corpus({"check", "copy"}).exit_code, 0);
  expect_refused(corpus({"merge", "copy"}), {"at least one to take from"});
}

TEST_F(Filed, ExportsInEveryFormat) {
  for (const std::string format : {"npy", "safetensors", "markdown"}) {
    EXPECT_EQ(corpus({"export", "corpus", "--format", format, "--out", "out-" + format}).exit_code, 0);
  }
  EXPECT_TRUE(std::filesystem::exists(shop_ / "out-npy/witness.npy"));
  const std::string name = first_id().substr(0, 12);
  EXPECT_TRUE(std::filesystem::exists(shop_ / ("out-safetensors/" + name + ".safetensors")));
  EXPECT_THAT(read_file(shop_ / ("out-markdown/" + name + ".md")), HasSubstr("faultline replay corpus --model"));
  expect_refused(corpus({"export", "corpus", "--format", "png", "--out", "out-png"}), {"is no picture"});
  expect_refused(corpus({"export", "corpus", "--format", "npy", "--out", "out-npy"}), {"not empty"});
  expect_refused(corpus({"export", "corpus", "--format", "gif", "--out", "x"}), {"expected npy, png"});
}

TEST_F(Filed, QuotaPerSignature) {
  Call call = kAttack;
  call.more = {"--corpus", "few", "--keep", "1", "--batch", "16", "--json"};
  const ProgramResult kept = shop_.attack(call);
  const Json document = expect_document(kept);
  const Json clusters = expect_document(corpus({"clusters", "few", "--json"}))["clusters"];
  EXPECT_EQ(document["corpus"]["added"], clusters.size());
  EXPECT_GT(document["corpus"]["over_quota"], 0);
}

TEST(Filing, ResumedRunFilesWhatWasFoundBefore) {
  const Workshop shop;
  const std::int64_t found =
      expect_document(shop.attack({.epsilon = "0.4", .more = {"--out", "run", "--json"}}))["attacks"][0]["found"];
  const Json resumed = expect_document(
      shop.attack({.epsilon = "0.4", .more = {"--out", "run", "--resume", "--corpus", "corpus", "--json"}}));
  EXPECT_EQ(resumed["corpus"]["added"], found);
  EXPECT_EQ(shop.run({"replay", "corpus", "--model", "model.pt"}).exit_code, 0);
}

TEST(Filing, QuotaIsAnInteger) {
  const Workshop shop;
  for (const std::string text : {"abc", "1.5", "0", "-1", "99999999999999999999"}) {
    expect_refused(shop.attack({.more = {"--corpus", "corpus", "--keep", text}}), {"--keep", "'" + text + "'"});
  }
  EXPECT_FALSE(std::filesystem::exists(shop / "corpus"));
}

TEST(Filing, QuotaIsTheSameForARunThatIsResumed) {
  const Workshop shop;
  const std::vector<std::string> quota{"--corpus", "whole", "--keep", "1", "--batch", "16", "--out", "run", "--json"};
  const Json whole = expect_document(shop.attack({.epsilon = "0.4", .more = quota}));
  // Only the second of the two chunks is there.
  std::vector<std::string> rows = lines_of(read_file(shop / "run/samples.jsonl"));
  std::string late;
  for (const std::string& row : rows) {
    late += Json::parse(row)["index"] >= 16 ? row + "\n" : "";
  }
  write_text(shop / "run/samples.jsonl", late);
  std::vector<std::string> resumed = quota;
  resumed[1] = "resumed";
  resumed.emplace_back("--resume");
  EXPECT_EQ(expect_document(shop.attack({.epsilon = "0.4", .more = resumed}))["corpus"]["added"],
            whole["corpus"]["added"]);
  const auto listing = [&](const std::string& corpus) {
    return expect_document(shop.run({"corpus", "ls", corpus, "--json"}))["findings"];
  };
  EXPECT_EQ(listing("resumed"), listing("whole"));
  const std::string id = listing("whole")[0]["id"];
  const auto shown = [&](const std::string& corpus) {
    return expect_document(shop.run({"corpus", "show", corpus, id, "--json"}))["discoveries"];
  };
  EXPECT_EQ(shown("resumed"), shown("whole")) << "logits and all";
}

TEST(Replay, WordsAreChecked) {
  const Workshop shop;
  (void)shop.attack({.epsilon = "0.4", .more = {"--corpus", "corpus"}});
  expect_refused(shop.run({"replay", "corpus", "--model", "model.pt", "--fail-on", "regresed"}),
                 {"--fail-on", "did you mean 'regressed'"});
  expect_refused(shop.run({"replay", "corpus", "--model", "model.pt", "--fail-on", "open,none"}),
                 {"'none' stands alone"});
  expect_refused(shop.run({"replay", "corpus", "--model", "model.pt", "--update", "--junit", "no/where.xml"}),
                 {"no/where.xml"});
  EXPECT_FALSE(std::filesystem::exists(shop / "corpus/events")) << "a replay that failed has changed no state";
  expect_refused(shop.run({"replay", "corpus", "--model", "model.pt", "--line", "a/b"}), {"--line"});
  expect_refused(shop.run({"replay", "corpus", "--model", "missing.pt"}), {"missing.pt"});
  expect_refused(shop.run({"replay", "--model", "model.pt"}), {"CORPUS is required"});
  expect_refused(shop.run({"corpus", "shov", "corpus"}), {"did you mean 'show'"});
}

}  // namespace

}  // namespace faultline
