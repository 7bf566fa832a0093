// Sanity checks: each prints its line and stands in the JSON under its name; the run goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/workshop.h"

namespace faultline {

namespace {

std::vector<std::string> checks_of(const Json& document) {
  std::vector<std::string> names;
  for (const Json& warning : document["warnings"]) {
    names.push_back(warning["check"]);
    EXPECT_FALSE(warning["message"].get<std::string>().empty());
  }
  return names;
}

/// The document of an attack on this model, whose only warning must be `check`, on stderr and in the JSON.
Json expect_warned(const Workshop& shop, const std::string& model, const std::string& check) {
  const ProgramResult result = shop.attack({.model = model, .epsilon = "0.27", .more = {"--json"}});
  EXPECT_THAT(result.err, testing::StartsWith("faultline: warning: "));
  EXPECT_THAT(result.err, testing::EndsWith("[" + check + "]\n"));
  EXPECT_EQ(lines_of(result.err).size(), 1U) << result.err;
  Json document = expect_document(result);
  EXPECT_EQ(checks_of(document), std::vector<std::string>{check});
  return document;
}

std::vector<std::string> rows_of(const Workshop& shop, const std::string& model, const std::string& out) {
  const ProgramResult result = shop.attack({.model = model, .epsilon = "0.27", .more = {"--out", out}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::vector<std::string> lines = lines_of(read_file(shop / (out + "/samples.jsonl")));
  std::ranges::sort(lines);
  return lines;
}

TEST(Warning, NoneOnASoundModel) {
  const Workshop shop;
  const ProgramResult result = shop.attack({.more = {"--json"}});
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(checks_of(expect_document(result)), testing::IsEmpty());
}

TEST(Warning, TrainModeIsSwitchedToEvaluation) {
  const Workshop shop;
  const std::string body = "return torch.dropout(x, 0.9, self.training)[:, 0:3] * 4.0";
  const Json document = expect_warned(shop, shop.model("train.pt", body, SavedMode::kTraining), "train-mode");
  EXPECT_EQ(document["clean_errors"], 0);
  EXPECT_EQ(rows_of(shop, "train.pt", "train"), rows_of(shop, shop.model("eval.pt", body), "eval"));
  const ProgramResult inspected = shop.run({"inspect", "train.pt", "--json"});
  EXPECT_EQ(expect_document(inspected)["model"]["saved_in_train_mode"], true);
}

TEST(Warning, Probabilities) {
  const Workshop shop;
  expect_warned(shop, shop.model("softmax.pt", "return torch.softmax(x[:, 0:3] * 4.0, 1)"), "probabilities");
  // Rows that happen to lie in [0, 1] are logits all the same.
  EXPECT_EQ(shop.attack({.model = shop.model("small.pt", "return x[:, 0:3]")}).err, "");
}

TEST(Warning, TwoCallsThatDiffer) {
  const Workshop shop;
  expect_warned(shop, shop.model("noisy.pt", "return x[:, 0:3] * 4.0 + torch.rand_like(x[:, 0:3]) * 0.00001"),
                "not-deterministic");
  const Json checks = expect_document(shop.attack({.model = "noisy.pt", .more = {"--json"}}))["sanity"]["checks"];
  EXPECT_THAT(checks.get<std::vector<std::string>>(), testing::Not(testing::Contains("batch-dependent")))
      << "which cannot be told here, and is not said to be so";
  // Claims that do not hold a second time are the model's doing.
  const ProgramResult loud = shop.attack(
      {.model = shop.model("loud.pt", "return x[:, 0:3] * 4.0 + torch.rand_like(x[:, 0:3]) * 0.2"), .epsilon = "0.27"});
  EXPECT_EQ(loud.exit_code, 0);
  EXPECT_THAT(loud.err, testing::HasSubstr("failed verification: the model's calls differ [rejected]"));
}

TEST(Warning, RowThatDependsOnItsBatch) {
  const Workshop shop;
  expect_warned(shop, shop.model("mixed.pt", "return x[:, 0:3] * 4.0 + x.mean()"), "batch-dependent");
}

// The attack saw the rows in other batches than the verifier does.
TEST(Warning, RejectedClaimsOfAModelWhoseRowsDependOnTheirBatch) {
  const Workshop shop;
  const std::string body = "return x[:, 0:3] * 4.0 - x[:, 0:3].mean(0) * 40.0";
  const ProgramResult result =
      shop.attack({.model = shop.model("centred.pt", body), .epsilon = "0.1", .more = {"--attack", "pgd"}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, testing::HasSubstr("because the model's rows depend on their batch [rejected]"));
}

TEST(Warning, RowThatDependsOnItsBatchResumesWithTheSameBatchOnly) {
  const Workshop shop;
  const std::string model = shop.model("mixed.pt", "return x[:, 0:3] * 4.0 + x.mean()");
  ASSERT_EQ(shop.attack({.model = model, .more = {"--out", "out", "--batch", "8"}}).exit_code, 0);
  const ProgramResult other = shop.attack({.model = model, .more = {"--out", "out", "--batch", "6", "--resume"}});
  EXPECT_EQ(other.exit_code, 4);
  EXPECT_THAT(other.err, testing::HasSubstr("--batch 8"));
  EXPECT_EQ(shop.attack({.model = model, .more = {"--out", "out", "--batch", "8", "--resume"}}).exit_code, 0);
}

TEST(Warning, ZeroGradient) {
  const Workshop shop;
  const std::string model = shop.model("flat.pt", "return (x[:, 0:3] > 0.5).float() * 4.0 + x[:, 0:3] * 0.0");
  expect_warned(shop, model, "zero-gradient");
  EXPECT_EQ(shop.attack({.model = model, .more = {"--attack", "noise:draws=2"}}).err, "");
}

TEST(Warning, NonFiniteGradient) {
  const Workshop shop;
  const std::string model = shop.model("root.pt", "return (x + torch.sqrt(x * 0.0))[:, 0:3] * 4.0");
  const Json document = expect_warned(shop, model, "non-finite-gradient");
  EXPECT_THAT(document["warnings"][0]["message"].get<std::string>(), testing::HasSubstr("16 of the first 16 samples"));
  EXPECT_EQ(shop.attack({.model = model, .more = {"--attack", "noise:draws=2"}}).err, "");
  EXPECT_THAT(shop.run({"inspect", model, "--data", "npy:x.npy,y.npy"}).out,
              testing::HasSubstr("gradient    NaN or infinite on 24 of 24 samples tried\n"));
}

TEST(Warning, NearTies) {
  const Workshop shop;
  (void)shop.model("constant.pt", "return torch.cat([x[:, 0:3]], 1) * 0.0");
  const ProgramResult result = shop.attack({.model = "constant.pt", .more = {"--json"}});
  EXPECT_EQ(checks_of(expect_document(result)), (std::vector<std::string>{"zero-gradient", "near-ties"}));
}

TEST(Warning, IndependenceCannotBeToldWhenTwoCallsDiffer) {
  const Workshop shop;
  const std::string model = shop.model("noisy.pt", "return x[:, 0:3] * 4.0 + torch.rand_like(x[:, 0:3]) * 0.00001");
  const std::vector<std::string> call{"inspect", model, "--data", "npy:x.npy,y.npy"};
  EXPECT_THAT(shop.run(call).out, testing::HasSubstr("rows independent of their batch  cannot be told"));
  const Json document = expect_document(shop.run({"inspect", model, "--data", "npy:x.npy,y.npy", "--json"}));
  EXPECT_TRUE(document["data"]["rows_independent_of_batch"].is_null());
}

}  // namespace

}  // namespace faultline
