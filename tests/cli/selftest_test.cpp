// `faultline selftest`: what is planted is found, unless the attacks cannot find anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/workshop.h"
#include "engine.h"
#include "models.h"

namespace faultline {
namespace {

ProgramResult selftest(const Workshop& shop, const std::string& model, const std::vector<std::string>& more) {
  std::vector<std::string> words{"selftest", model, "--data", "npy:x.npy,y.npy"};
  words.insert(words.end(), more.begin(), more.end());
  return shop.run(words);
}

TEST(Selftest, PassesWithAnAttackThatFindsWhatIsPlanted) {
  const Workshop shop;
  const std::string model = "mnist_lpd_mlp_b_0.1.pt";
  for (const auto& [norm, epsilon] : {std::pair("linf", "0.1"), std::pair("l2", "1"), std::pair("l1", "8")}) {
    const ProgramResult result = shop.run({"selftest", test_data(model).string(), "--data", data_spec(model), "--limit",
                                           "25", "--norm", norm, "--epsilon", epsilon, "--json"});
    EXPECT_EQ(result.err, "");
    const Json document = expect_document(result);
    EXPECT_EQ(document["schema"], "faultline.selftest/1");
    EXPECT_EQ(document["samples"], 25);
    EXPECT_GE(document["planted"], 20) << norm;
    EXPECT_EQ(document["found"], document["planted"]) << norm;
    EXPECT_LE(document["found_at_random"], 5) << norm << ": hard enough to say something";
    EXPECT_EQ(document["passed"], true);
    EXPECT_EQ(document["preset"]["name"], "fast");
  }
}

TEST(Selftest, FailsWhereGradientsLeadAstray) {
  const Workshop shop;
  // Logits that the forward pass negates along the way back: the straight-through gradient points the wrong way.
  const std::string source =
      "def forward(self, x):\n"
      "  x = torch.flatten(x, 1)\n"
      "  y = x.detach() * 2.0 - x\n"
      "  h = torch.relu(torch.linear(y, self.p0, self.p1))\n"
      "  h = torch.relu(torch.linear(h, self.p2, self.p3))\n"
      "  return torch.linear(h, self.p4, self.p5)\n";
  write_model(shop / "astray.pt", source, parameters_of(test_data("mnist_lpd_mlp_b_0.1.pt")));
  const auto run = [&](const std::string& attack) {
    return shop.run({"selftest", "astray.pt", "--data", data_spec("mnist_lpd_mlp_b_0.1.pt"), "--limit", "25", "--norm",
                     "linf", "--epsilon", "0.1", "--attack", attack, "--json"});
  };
  const ProgramResult result = run("pgd:steps=10,start=clean");
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_EQ(Json::parse(result.out)["found"], 0);
  EXPECT_EQ(Json::parse(result.out)["passed"], false);
  EXPECT_EQ(run("square:queries=2000").exit_code, 0) << "which asks for no gradient";
}

TEST(Selftest, OfFewSamplesIsInconclusive) {
  const Workshop shop;
  const ProgramResult result = selftest(shop, "model.pt", {"--norm", "linf", "--epsilon", "0.1", "--limit", "12"});
  EXPECT_EQ(result.exit_code, 7) << result.err;
  EXPECT_THAT(result.out, testing::HasSubstr("INCONCLUSIVE"));
  EXPECT_THAT(result.out, testing::HasSubstr("a verdict needs 20"));
}

TEST(Selftest, RefusesWhatItCannotPlantIn) {
  const Workshop shop;
  expect_refused(selftest(shop, "model.pt", {"--epsilon", "0.1"}), {"--norm", "linf, l2 and l1"});
  expect_refused(selftest(shop, "model.pt", {"--norm", "linf"}), {"--epsilon is required"});
  expect_refused(selftest(shop, "model.pt", {"--norm", "l0", "--epsilon", "1"}), {"--norm", "linf, l2 and l1"});
  expect_refused(selftest(shop, "model.pt", {"--norm", "linf", "--epsilon", "0.1", "--attack", "rotate"}),
                 {"transforms"});
  expect_refused(selftest(shop, "model.pt", {"--norm", "linf", "--epsilon", "0"}), {"nothing could be planted"}, 5);
}

}  // namespace
}  // namespace faultline
