// Findings of `faultline fuzz` as recipes: stored alone, rendered again, minimised.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>

#include "cli/workshop.h"
#include "faultline/corpus/discovery.h"

namespace faultline {

namespace {

const std::string kTestData = FAULTLINE_TEST_DATA;
const std::string kModel = kTestData + "/mnist_nor_mlp_b.pt";
const std::string kData = "mnist:" + kTestData;

Json fuzzed(const std::vector<std::string>& more) {
  std::vector<std::string> call{"fuzz", kModel, "--data", kData, "--json"};
  call.insert(call.end(), more.begin(), more.end());
  return expect_document(run_program(call));
}

Json minimized(const std::string& corpus, const std::vector<std::string>& more = {}) {
  std::vector<std::string> call{"corpus", "minimize", corpus, "--model", kModel, "--json"};
  call.insert(call.end(), more.begin(), more.end());
  return expect_document(run_program(call));
}

/// What the discoveries of each finding say, by its id.
std::map<std::string, std::vector<Json>> discoveries_of(const std::filesystem::path& corpus) {
  std::map<std::string, std::vector<Json>> discoveries;
  for (const auto& file : std::filesystem::recursive_directory_iterator(corpus)) {
    if (file.path().filename().string().starts_with("found-")) {
      discoveries[file.path().parent_path().filename().string()].push_back(
          Json::parse(read_file(file.path().string())));
    }
  }
  return discoveries;
}

/// What minimising makes smaller: steps, then severity, then the distance.
auto size_of(const Json& discovery) {
  const std::string attack = discovery["attack"]["name"].get<std::string>();
  return std::tuple(discovery["attack"]["recipe"].size(), std::stoll(attack.substr(attack.rfind(' '))),
                    discovery["witness"]["distance"].get<double>());
}

/// Whatever names a parent is smaller than what that was found as. Returns how many findings only minimising found.
std::int64_t expect_simpler_children(const std::filesystem::path& corpus) {
  const auto by_id = discoveries_of(corpus);
  std::int64_t made = 0;
  for (const auto& [id, discoveries] : by_id) {
    bool by_fuzzing = false;
    for (const Json& child : discoveries) {
      if (child["parents"].empty()) {
        by_fuzzing = true;
        continue;
      }
      const std::string parent = child["parents"][0].get<std::string>();
      EXPECT_NE(parent, id) << "no finding is made from itself";
      const std::vector<Json>& before = by_id.at(parent);
      EXPECT_TRUE(std::ranges::any_of(before, [&](const Json& one) { return size_of(child) < size_of(one); })) << id;
    }
    made += by_fuzzing ? 0 : 1;
  }
  return made;
}

/// Replaces all of a text in every file of that name's ending below a folder, and renames what is named by its hash.
void edit_discoveries(const std::filesystem::path& corpus, const std::string& from, const std::string& to) {
  for (const auto& file : std::filesystem::recursive_directory_iterator(corpus)) {
    const std::string name = file.path().filename().string();
    if (!name.starts_with("found-")) {
      continue;
    }
    std::string text = read_file(file.path().string());
    for (std::size_t place = text.find(from); place != std::string::npos; place = text.find(from, place + to.size())) {
      text.replace(place, from.size(), to);
    }
    std::filesystem::remove(file.path());
    write_text(file.path().parent_path() / discovery_name(text), text);
  }
}

TEST(FuzzRecipes, StoresRecipesAloneAndMakesTheirInputsAgain) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "run").string();
  const Json document = fuzzed({"--offset", "20", "--limit", "40", "--evaluations", "3000", "--norm", "linf",
                                "--epsilon", "0.3", "--store", "recipe", "--out", out});
  for (const auto& [id, discoveries] : discoveries_of(out)) {
    EXPECT_LE(discoveries.front()["witness"]["distance"], 0.3) << "in the norm of the budget";
  }
  ASSERT_GT(document["findings"], 0);
  for (const auto& file : std::filesystem::recursive_directory_iterator(out)) {
    EXPECT_NE(file.path().extension(), ".safetensors") << "no input leaves the run";
  }
  const std::vector<std::string> replay{"replay", out + "/corpus", "--model", kModel, "--json"};
  std::vector<std::string> with_data = replay;
  with_data.insert(with_data.end(), {"--data", kData});
  EXPECT_EQ(expect_document(run_program(with_data))["verdicts"]["still failing"], document["corpus"]["added"]);
  expect_refused(run_program(replay), {"stored as a recipe", "--data"});
  std::vector<std::string> with_others = replay;
  with_others.insert(with_others.end(), {"--data", kData, "--layout", "nhwc"});
  EXPECT_NE(run_program(with_others).exit_code, 0);
  EXPECT_EQ(run_program({"corpus", "check", out + "/corpus"}).exit_code, 0) << "nothing is damaged";
  const std::string copy = (folder.path() / "copy").string();
  EXPECT_EQ(run_program({"corpus", "merge", copy, out + "/corpus"}).exit_code, 0);
  with_data[1] = copy;
  EXPECT_EQ(expect_document(run_program(with_data))["verdicts"]["still failing"], document["corpus"]["added"]);

  edit_discoveries(copy, R"("version":1,)", R"("version":9,)");  // as if mutators had changed since
  const ProgramResult changed = run_program(with_data);
  EXPECT_EQ(changed.exit_code, 1) << "what cannot be made again has not been tested";
  EXPECT_EQ(Json::parse(changed.out)["verdicts"]["not reproducible"], document["corpus"]["added"]);
  edit_discoveries(copy, R"("version":9,)", R"("version":1,)");
  edit_discoveries(copy, R"("parameters":{)", R"("parameters":{"more":1,)");
  EXPECT_EQ(expect_document(run_program(with_data))["verdicts"]["still failing"], document["corpus"]["added"]);
  edit_discoveries(copy, R"("sample":)", R"("sample":1)");  // another sample
  expect_refused(run_program(with_data), {"is not sample"});
}

TEST(FuzzRecipes, AreMinimised) {
  const TemporaryFolder folder;
  const std::string corpus = (folder.path() / "corpus").string();
  const Json document = fuzzed({"--limit", "40", "--evaluations", "3000", "--no-minimize", "--corpus", corpus});
  const std::int64_t findings = document["corpus"]["added"].get<std::int64_t>();
  const Json smaller = minimized(corpus);
  EXPECT_EQ(smaller["findings"], findings);
  EXPECT_EQ(smaller["smaller"], smaller["simpler_recipe"]);
  EXPECT_GT(smaller["simpler_recipe"], findings / 2);
  EXPECT_LT(smaller["median_severity_ratio"], 1.0);
  EXPECT_EQ(smaller["smaller"].get<std::int64_t>() + smaller["smallest"].get<std::int64_t>(), findings);
  const std::int64_t added = smaller["added"].get<std::int64_t>();
  EXPECT_GT(added, 0);
  EXPECT_EQ(expect_simpler_children(corpus), added);
  const Json verdicts = expect_document(run_program({"replay", corpus, "--model", kModel, "--json"}))["verdicts"];
  EXPECT_EQ(verdicts["still failing"], findings + added);
  EXPECT_EQ(minimized(corpus)["added"], 0) << "what is minimal stays what it is";
}

TEST(FuzzRecipes, AreMinimisedWhereNothingElseIsStored) {
  const TemporaryFolder folder;
  const std::string corpus = (folder.path() / "corpus").string();
  const Json document = fuzzed({"--limit", "40", "--evaluations", "3000", "--no-minimize", "--norm", "l2", "--epsilon",
                                "6", "--store", "recipe", "--corpus", corpus});
  const std::int64_t findings = document["corpus"]["added"].get<std::int64_t>();
  EXPECT_EQ(minimized(corpus)["no_witness"], findings) << "without the data there is no witness";
  const Json smaller = minimized(corpus, {"--data", kData});
  const std::int64_t added = smaller["added"].get<std::int64_t>();
  EXPECT_GT(added, 0);
  for (const auto& file : std::filesystem::recursive_directory_iterator(corpus)) {
    EXPECT_NE(file.path().extension(), ".safetensors") << "no input is stored now either";
  }
  const Json verdicts =
      expect_document(run_program({"replay", corpus, "--model", kModel, "--data", kData, "--json"}))["verdicts"];
  EXPECT_EQ(verdicts["still failing"], findings + added) << "inside the ball too: else the recipe gives another input";
}

TEST(FuzzRecipes, TheReplayThatIsPrintedRuns) {
  const TemporaryFolder folder;
  const std::string corpus = (folder.path() / "corpus").string();
  const ProgramResult fuzzing = run_program({"fuzz", kModel, "--data", kData, "--bounds", "-0.5,1", "--limit", "20",
                                             "--evaluations", "1000", "--store", "recipe", "--corpus", corpus});
  ASSERT_EQ(fuzzing.exit_code, 0) << fuzzing.err;
  const std::string begin = "replay them: faultline ";
  const std::size_t place = fuzzing.out.find(begin);
  ASSERT_NE(place, std::string::npos) << fuzzing.out;
  std::istringstream line(
      fuzzing.out.substr(place + begin.size(), fuzzing.out.find('\n', place) - place - begin.size()));
  const std::vector<std::string> words{std::istream_iterator<std::string>(line), {}};
  const ProgramResult replay = run_program(words);
  EXPECT_EQ(replay.exit_code, 0) << replay.err;
  EXPECT_THAT(replay.out, testing::HasSubstr("still failing"));
}

TEST(FuzzRecipes, OfAttacksAreMinimisedToo) {
  // Tables with values that float32 does not hold, and ends of ranges.
  for (const std::string attack : {"rotate", "contrast", "spatter", "snow", "zoom-blur", "gaussian-noise"}) {
    const TemporaryFolder folder;
    const std::string corpus = (folder.path() / "corpus").string();
    const Json document = expect_document(run_program(
        {"attack", kModel, "--data", kData, "--limit", "60", "--attack", attack, "--corpus", corpus, "--json"}));
    if (document["corpus"]["added"] == 0) {
      continue;
    }
    const Json smaller = minimized(corpus);
    EXPECT_EQ(smaller["smaller"].get<std::int64_t>() + smaller["smallest"].get<std::int64_t>(), smaller["findings"])
        << attack << ": " << smaller;
    EXPECT_EQ(expect_document(run_program({"replay", corpus, "--model", kModel, "--json"}))["verdicts"].size(), 1U);
  }
}

TEST(FuzzRecipes, ThatMeanNothingForAFindingAreNotFollowed) {
  const Workshop shop;
  const std::string corpus = shop / "corpus";
  EXPECT_EQ(shop.attack({.epsilon = "0.3", .more = {"--corpus", corpus}}).exit_code, 0);
  edit_discoveries(corpus, R"("attack":{)",
                   R"("attack":{"recipe":[{"mutator":"rotate","version":1,"parameters":{"degrees":5.0},)"
                   R"("key":"00000000000000ff"}],)");
  const Json smaller =
      expect_document(run_program({"corpus", "minimize", corpus, "--model", shop / "model.pt", "--json"}));
  EXPECT_GT(smaller["smaller"], 0) << "by the search in a norm: rotation is for images";
  EXPECT_EQ(smaller["simpler_recipe"], 0);
}

TEST(FuzzRecipes, AreShownAndExportedWithTheirData) {
  const TemporaryFolder folder;
  const std::string corpus = (folder.path() / "corpus").string();
  const Json document = fuzzed({"--limit", "20", "--evaluations", "1000", "--store", "recipe", "--corpus", corpus});
  const std::string id = discoveries_of(corpus).begin()->first;
  const std::string picture = (folder.path() / "finding.png").string();
  const ProgramResult shown = run_program({"corpus", "show", corpus, id, "--data", kData, "--png", picture});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, testing::HasSubstr("--data DATA"));
  EXPECT_THAT(read_file(picture), testing::HasSubstr("PNG"));
  const ProgramResult without = run_program({"corpus", "show", corpus, id, "--png", picture});
  EXPECT_EQ(without.exit_code, 4);
  EXPECT_THAT(without.err, testing::HasSubstr("with --data"));
  const std::vector<std::string> exporting{
      "corpus", "export", corpus, "--format", "npy", "--out", (folder.path() / "arrays").string()};
  EXPECT_EQ(run_program(exporting).exit_code, 5) << "nothing without the data";
  std::vector<std::string> with_data = exporting;
  with_data.insert(with_data.end(), {"--data", kData});
  EXPECT_EQ(run_program(with_data).exit_code, 0);
  EXPECT_EQ(static_cast<std::int64_t>(lines_of(read_file((folder.path() / "arrays/ids.txt").string())).size()),
            document["corpus"]["added"].get<std::int64_t>());
}

}  // namespace
}  // namespace faultline
