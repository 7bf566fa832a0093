// `faultline selftest`: what is planted is found, unless the attacks cannot find anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/workshop.h"

namespace faultline {
namespace {

ProgramResult selftest(const Workshop& shop, const std::string& model, const std::vector<std::string>& more) {
  std::vector<std::string> words{"selftest", model, "--data", "npy:x.npy,y.npy"};
  words.insert(words.end(), more.begin(), more.end());
  return shop.run(words);
}

TEST(Selftest, PassesWithAnAttackThatFindsWhatIsPlanted) {
  const Workshop shop;
  for (const auto& [norm, epsilon] : {std::pair("linf", "0.1"), std::pair("l2", "0.2"), std::pair("l1", "0.3")}) {
    const ProgramResult result = selftest(shop, "model.pt", {"--norm", norm, "--epsilon", epsilon, "--json"});
    EXPECT_EQ(result.err, "");
    const Json document = expect_document(result);
    EXPECT_EQ(document["schema"], "faultline.selftest/1");
    EXPECT_EQ(document["samples"], 24);
    EXPECT_GT(document["planted"], 12) << norm;  // in four dimensions a point often lies among those inside
    EXPECT_EQ(document["found"], document["planted"]) << norm;
    EXPECT_EQ(document["passed"], true);
    EXPECT_EQ(document["preset"]["name"], "fast");
  }
  EXPECT_THAT(selftest(shop, "model.pt", {"--norm", "linf", "--epsilon", "0.1"}).out,
              testing::HasSubstr("planted adversarial examples found"));
}

TEST(Selftest, FailsWhereGradientsLeadAstray) {
  const Workshop shop;
  // Logits that the forward pass negates along the way back: the straight-through gradient points the wrong way.
  const std::string model =
      shop.model("astray.pt", "return (x * 8.0).detach()[:, 0:3] - (x - x.detach())[:, 0:3] * 8.0");
  const ProgramResult result =
      selftest(shop, model, {"--norm", "linf", "--epsilon", "0.1", "--attack", "pgd:steps=10,start=clean", "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const Json document = Json::parse(result.out);
  EXPECT_EQ(document["found"], 0);
  EXPECT_EQ(document["passed"], false);
  EXPECT_EQ(selftest(shop, model, {"--norm", "linf", "--epsilon", "0.1", "--attack", "square:queries=500"}).exit_code,
            0)
      << "which asks for no gradient";
}

TEST(Selftest, RefusesWhatItCannotPlantIn) {
  const Workshop shop;
  expect_refused(selftest(shop, "model.pt", {"--epsilon", "0.1"}), {"--norm is required"});
  expect_refused(selftest(shop, "model.pt", {"--norm", "linf"}), {"--epsilon is required"});
  expect_refused(selftest(shop, "model.pt", {"--norm", "l0", "--epsilon", "1"}), {"--preset fast", "l0"});
  expect_refused(selftest(shop, "model.pt", {"--norm", "linf", "--epsilon", "0.1", "--attack", "rotate"}),
                 {"transforms"});
  expect_refused(selftest(shop, "model.pt", {"--norm", "linf", "--epsilon", "0"}), {"nothing could be planted"}, 5);
}

}  // namespace
}  // namespace faultline
