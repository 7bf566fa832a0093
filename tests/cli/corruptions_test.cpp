// Mutators and corruptions as a user meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/workshop.h"
#include "faultline/data/npy.h"

namespace faultline {

namespace {

using testing::HasSubstr;

const std::string kTestData = FAULTLINE_TEST_DATA;

/// `faultline corruptions` on the hundred CIFAR-10 images.
std::vector<std::string> corruptions_of_cifar(const std::vector<std::string>& more) {
  std::vector<std::string> call{
      "corruptions",
      kTestData + "/cifar10_resnet20.pt",
      "--data",
      "npy:" + kTestData + "/cifar10_test100_images_u8.npy," + kTestData + "/cifar10_test100_labels_i64.npy",
      "--layout",
      "nchw",
      "--limit",
      "32"};
  call.insert(call.end(), more.begin(), more.end());
  return call;
}

TEST(Corruptions, MeasureEveryCellTheSameForAnyWorkersAndBatch) {
  const Workshop shop;
  Json one = expect_document(shop.run(corruptions_of_cifar({"--json", "--workers", "1", "--batch", "32"})));
  Json two = expect_document(shop.run(corruptions_of_cifar({"--json", "--workers", "2", "--batch", "16"})));
  EXPECT_EQ(one.erase("seconds") + two.erase("seconds"), 2U);
  EXPECT_EQ(one, two);
  EXPECT_EQ(one["schema"], "faultline.corruptions/1");
  EXPECT_EQ(one["samples"], 32);
  EXPECT_EQ(one["corruptions"].size(), 19U);
  double errors = 0;
  for (const Json& row : one["corruptions"]) {
    ASSERT_EQ(row["severities"].size(), 5U);
    double of_row = 0;
    for (const Json& cell : row["severities"]) {
      of_row += cell["errors"].get<double>() / 32 / 5;
      EXPECT_LE(one["worst"]["accuracy"]["value"], cell["accuracy"]["value"]);
    }
    EXPECT_NEAR(row["mean_error"].get<double>(), of_row, 1e-12);
    errors += row["extra"].get<bool>() ? 0 : of_row / 15;
  }
  EXPECT_NEAR(one["mean_corruption_error"].get<double>(), errors, 1e-12);
  EXPECT_NEAR(one["mean_accuracy"].get<double>(), 1 - errors, 1e-12);
  EXPECT_GT(one["clean"]["accuracy"]["value"], one["mean_accuracy"]);
  EXPECT_NEAR(one["intervals"]["mean_accuracy"]["value"].get<double>(), 1 - errors, 1e-12);
  EXPECT_LT(one["intervals"]["mean_accuracy"]["low"], one["mean_accuracy"]);
  EXPECT_EQ(one["intervals"]["calibration_error"]["value"], one["clean"]["calibration_error"]);
  EXPECT_NE(one["corruptions"],
            expect_document(shop.run(corruptions_of_cifar({"--json", "--seed", "1"})))["corruptions"]);
}

TEST(Corruptions, GateBaselineAndPicture) {
  const Workshop shop;
  EXPECT_EQ(shop.run(corruptions_of_cifar({"--out", "first", "--fail-under", "0.01"})).exit_code, 0);
  EXPECT_EQ(root_of(shop / "first/corruptions.svg"), "svg\n");
  EXPECT_THAT(read_file(shop / "first/corruptions.svg"), HasSubstr(">gaussian_noise</text>"));
  const ProgramResult same = shop.run(corruptions_of_cifar({"--baseline", "first", "--json", "--fail-under", "1"}));
  EXPECT_EQ(same.exit_code, 1) << same.err;
  const Json document = Json::parse(same.out);
  EXPECT_EQ(document["passed"], false);
  EXPECT_DOUBLE_EQ(document["baseline"]["mean_corruption_error"].get<double>(), 1);
  EXPECT_DOUBLE_EQ(document["baseline"]["relative_error"].get<double>(), 1);
  const ProgramResult text =
      shop.run(corruptions_of_cifar({"--baseline", "first/summary.json", "--fail-under", "0.99"}));
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.out, testing::AllOf(HasSubstr("FAILED"), HasSubstr("against the baseline 1 times")));
  expect_refused(shop.run(corruptions_of_cifar({"--out", "first"})), {"first", "empty"});
}

/// A set of stored corruptions [15 * N rows, 4, 4, 3] of the N labels: every corruption but the extra ones.
void write_stored(const Workshop& shop, const Tensor& labels) {
  std::filesystem::create_directory(shop.path() / "stored");
  write_npy(shop.path() / "stored/labels.npy", labels.repeat({5}));
  const Json rows = expect_document(shop.run(corruptions_of_cifar({"--json"})))["corruptions"];
  for (const Json& row : rows) {
    if (!row["extra"].get<bool>()) {
      // Brightness 0.1, 0.2 .. 0.5 at severities 1 .. 5.
      const Tensor levels = (at::arange(1, 6, at::kFloat) / 10).repeat_interleave(labels.size(0));
      write_npy(shop.path() / ("stored/" + row["name"].get<std::string>() + ".npy"),
                levels.reshape({-1, 1, 1, 1}).expand({-1, 4, 4, 3}).contiguous());
    }
  }
}

TEST(Corruptions, MeasureStoredImagesInPlaceOfRenderings) {
  const Workshop shop;
  const Tensor labels = at::tensor({0, 1, 0, 1}, at::kLong);
  write_stored(shop, labels);
  // Clean images as bright as severity 3; the model calls what is brighter class 1.
  write_npy(shop.path() / "clean.npy", at::full({4, 3, 4, 4}, 0.3, at::kFloat));
  write_npy(shop.path() / "labels.npy", labels);
  const std::string model =
      shop.model("bright.pt", "m = x.mean(dim=[1, 2, 3])\nreturn torch.stack([m * 0.0, m - 0.35], 1)");
  const auto call = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"corruptions", model, "--data", "npy:clean.npy,labels.npy"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return shop.run(arguments);
  };
  const Json document = expect_document(call({"--stored", "cifar10c:stored", "--limit", "3", "--json"}));
  EXPECT_EQ(document["profile"]["rendered"], "stored");
  EXPECT_EQ(document["stored"]["source"], "cifar10c:stored");
  ASSERT_EQ(document["corruptions"].size(), 15U);
  for (const Json& row : document["corruptions"]) {
    for (std::size_t severity = 0; severity < 5; ++severity) {
      // Of the labels 0, 1, 0 one is wrong while all are called 0, two while all are called 1.
      EXPECT_EQ(row["severities"][severity]["errors"], severity < 3 ? 1 : 2);
    }
  }
  EXPECT_THAT(call({"--stored", "cifar10c:stored"}).out, HasSubstr("cifar10-c, images of cifar10c:stored"));
  write_npy(shop.path() / "labels.npy", at::tensor({0, 1, 1, 1}, at::kLong));
  expect_refused(call({"--stored", "cifar10c:stored"}), {"sample 2 has label 0, in --data 1", "same order"});
  EXPECT_EQ(call({"--stored", "cifar10c:stored", "--limit", "2"}).exit_code, 0) << "the samples that are used agree";
  expect_refused(call({"--stored", "cifar10c:elsewhere"}), {"--stored", "elsewhere"});
  std::filesystem::remove(shop.path() / "stored/fog.npy");
  expect_refused(call({"--stored", "cifar10c:stored", "--limit", "2"}), {"no corruption 'fog'"});
  expect_refused(shop.run({"corruptions", model, "--data", "cifar10c:stored"}), {"corrupted already", "--stored"});
}

TEST(Corruptions, WrongInputIsRefused) {
  const Workshop shop;
  expect_refused(shop.run(corruptions_of_cifar({"--profile", "cifar-c"})), {"did you mean 'cifar10-c'?"});
  expect_refused(shop.run(corruptions_of_cifar({"--fail-under", "70"})), {"--fail-under", "0 to 1", "'70'"});
  expect_refused(shop.run(corruptions_of_cifar({"--baseline", "x.npy"})), {"x.npy", "no summary"});
  expect_refused(shop.run(corruptions_of_cifar({"--baseline", "missing"})), {"missing"});
  write_text(shop / "odd.json", R"({"schema": 5})");
  expect_refused(shop.run(corruptions_of_cifar({"--baseline", "odd.json"})), {"odd.json", "no summary"});
  expect_refused(shop.run({"corruptions", "model.pt", "--data", "npy:x.npy,y.npy"}), {"images [C, H, W]", "[4]"});
  const ProgramResult other = shop.run(corruptions_of_cifar({"--out", "run", "--json"}));
  ASSERT_EQ(other.exit_code, 0);
  expect_refused(shop.run(corruptions_of_cifar({"--profile", "tiny-imagenet-c", "--baseline", "run"})),
                 {"cifar10-c", "tiny-imagenet-c"});
}

TEST(Corruptions, AProfileForOtherSizesIsWarnedOf) {
  const Workshop shop;
  const ProgramResult result = shop.run(corruptions_of_cifar({"--profile", "imagenet-c", "--json"}));
  EXPECT_THAT(result.err, HasSubstr("[profile]"));
}

TEST(ListMutators, NamesAtLeastFortyWithTheirSeverities) {
  const Workshop shop;
  const Json mutators = expect_document(shop.run({"list", "mutators", "--json"}))["mutators"];
  EXPECT_GE(mutators.size(), 40U);
  for (const Json& mutator : mutators) {
    for (const Json& parameter : mutator["parameters"]) {
      EXPECT_TRUE(parameter["type"] == "choice" || parameter["severities"].size() == 5U) << mutator["name"];
    }
  }
  const std::string text = shop.run({"list", "mutators"}).out;
  EXPECT_THAT(text, testing::AllOf(HasSubstr("rotate"), HasSubstr("degrees, either sign"), HasSubstr("fog")));
}

TEST(ListMutators, ThePageInTheDocumentationIsCurrent) {
  const Workshop shop;
  EXPECT_EQ(shop.run({"list", "mutators", "--markdown"}).out, read_file(kTestData + "/../../docs/mutators.md"))
      << "write it anew: faultline list mutators --markdown >docs/mutators.md";
}

TEST(ListAttacks, TheTableInTheDocumentationIsCurrent) {
  const Workshop shop;
  const std::string table = shop.run({"list", "attacks", "--markdown"}).out;
  EXPECT_THAT(table, HasSubstr("| `apgd-t` |"));
  EXPECT_THAT(read_file(kTestData + "/../../docs/attacks.md"), HasSubstr(table))
      << "put in its place what `faultline list attacks --markdown` prints";
}

TEST(ListMutators, ShowsThemOnDataOfTheUser) {
  const Workshop shop;
  const ProgramResult result = shop.run({"list", "mutators", "--sheet", "sheet.png", "--data", "mnist:" + kTestData});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(read_file(shop / "sheet.png"), testing::StartsWith("\x89PNG"));
  expect_refused(shop.run({"list", "mutators", "--sheet", "a.png"}), {"--sheet needs --data"});
  expect_refused(shop.run({"list", "oracles", "--markdown"}), {"list mutators", "list attacks"});
  expect_refused(shop.run({"list", "mutators", "--sheet", "a.png", "--data", "npy:x.npy,y.npy"}), {"an image"});
}

}  // namespace

}  // namespace faultline
