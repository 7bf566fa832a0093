// Sanity checks: each has a model or an attack with the defect that makes it fire; a sound pair makes none fire
// (warnings_test.cpp).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/workshop.h"
#include "engine.h"

namespace faultline {

namespace {

std::vector<std::string> fired(const Json& document) {
  std::vector<std::string> names;
  for (const Json& warning : document["warnings"]) {
    names.push_back(warning["check"]);
  }
  return names;
}

/// Expects that `check` was made and fired, and that its line says so.
void expect_fired(const Workshop& shop, const Call& call, const std::string& check) {
  SCOPED_TRACE(check);
  Call as_json = call;
  as_json.more.emplace_back("--json");
  const Json document = expect_document(shop.attack(as_json));
  EXPECT_THAT(fired(document), testing::Contains(check));
  EXPECT_THAT(document["sanity"]["checks"].get<std::vector<std::string>>(), testing::Contains(check));
  const std::string text = shop.attack(call).out;
  EXPECT_THAT(text, testing::HasSubstr("  WARN  "));
  EXPECT_THAT(text, testing::HasSubstr("[" + check + "]\n"));
}

// The gradient leads away from the other classes.
constexpr const char* kMisleading =
    "hard = torch.one_hot(torch.argmax(x[:, 0:3], 1), 3).to(x.dtype)\nreturn hard * 4.0 - x[:, 0:3] * 0.01";

TEST(Sanity, PassesAreListedOnASoundModel) {
  const Workshop shop;
  const ProgramResult result = shop.attack({.epsilon = "0.27", .more = {"--expect-accuracy", "100%"}});
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, testing::HasSubstr("sanity checks ("));
  for (const std::string line :
       {"two calls on the same inputs agree", "a small step does what the gradient says", "gradients are finite",
        "an attack without limits finds something everywhere", "the clean accuracy is what was expected",
        "twice the steps break none of the survivors tried", "every claim holds when it is recomputed"}) {
    EXPECT_THAT(result.out, testing::HasSubstr("  PASS  " + line));
  }
  EXPECT_THAT(result.out, testing::Not(testing::HasSubstr("WARN")));
  const Json sanity = expect_document(shop.attack({.epsilon = "0.27", .more = {"--json"}}))["sanity"];
  EXPECT_GT(sanity["forwards"].get<int>(), 100);
  EXPECT_GT(sanity["backwards"].get<int>(), 100);
}

TEST(Sanity, NoticesALossWithoutGradient) {
  const Workshop shop;
  expect_fired(shop, {.model = shop.model("scaled.pt", "return x[:, 0:3] * 4000.0")}, "saturated-softmax");
}

TEST(Sanity, NoticesAGradientOfItsOwn) {
  const Workshop shop;
  const std::string body = "q = torch.round(x * 20.0) / 20.0\nreturn (x + (q - x).detach())[:, 0:3] * 4.0";
  expect_fired(shop, {.model = shop.model("straight_through.pt", body)}, "gradient-mismatch");
}

TEST(Sanity, AsksForNothingOutsideTheBounds) {
  const Workshop shop;
  const std::string body =
      "assert float(x.min()) >= 0.0 and float(x.max()) <= 1.0, \"outside\"\nreturn torch.clamp(x, 0, 1)[:, 0:3] * 4.0";
  const ProgramResult result = shop.attack({.model = shop.model("strict.pt", body)});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, testing::HasSubstr("  PASS  a small step does what the gradient says"));
}

TEST(Sanity, NoticesALossThatJumps) {
  const Workshop shop;
  const std::string body = "return x[:, 0:3] * 4.0 + torch.sin(x[:, 0:3] * 700.0)";
  expect_fired(shop, {.model = shop.model("rough.pt", body)}, "unstable-loss");
}

TEST(Sanity, NoticesHiddenGradients) {
  const Workshop shop;
  const std::string model = shop.model("misleading.pt", kMisleading);
  expect_fired(shop, {.model = model, .more = {"--attack", "apgd"}}, "unbounded-attack");
}

TEST(Sanity, NoticesThatSimplerAttacksFindMore) {
  const Workshop shop;
  const std::string model = shop.model("misleading.pt", kMisleading);
  expect_fired(shop, {.model = model, .epsilon = "0.5", .more = {"--attack", "apgd"}}, "noise-finds-more");
  expect_fired(shop, {.model = model, .epsilon = "0.5", .more = {"--attack", "apgd", "--attack", "square:queries=200"}},
               "black-box-finds-more");
  expect_fired(shop, {.epsilon = "0.27", .more = {"--attack", "pgd:steps=2,relative-step=0.1,start=clean"}},
               "single-step-finds-more");
}

TEST(Sanity, NoticesTooFewSteps) {
  const Workshop shop;
  const Call call{.epsilon = "0.3", .more = {"--attack", "pgd:steps=3,relative-step=0.2,start=clean"}};
  expect_fired(shop, call, "not-converged");
}

TEST(Sanity, NoticesAnotherAccuracy) {
  const Workshop shop;
  expect_fired(shop, {.more = {"--expect-accuracy", "0.5"}}, "clean-accuracy");
  expect_refused(shop.attack({.more = {"--expect-accuracy", "95"}}), {"--expect-accuracy", "'95'", "95%"});
}

TEST(Sanity, NoticesADefenceThatOptimises) {
  const Workshop shop;
  const std::string body =
      "if x.size(0) < 0:\n"
      "  g = torch.autograd.grad([(x * x).sum()], [x])[0]\n"
      "  assert g is not None\n"
      "  x = g\n"
      "return x[:, 0:3] * 4.0";
  expect_fired(shop, {.model = shop.model("dynamic.pt", body)}, "dynamic-defence");
}

TEST(Sanity, NoticesWitnessesThatAnImageFileDoesNotHold) {
  const Workshop shop;  // MNIST has 256 levels, and epsilon is less than half a level
  const Call call{.model = test_data("mnist_nor_mlp_b.pt").string(),
                  .data = data_spec("mnist_nor_mlp_b.pt"),
                  .epsilon = "0.0015",
                  .more = {"--attack", "apgd", "--limit", "1000"}};
  expect_fired(shop, call, "eight-bits");
}

/// The robust perceptron with something in its way.
std::string defended(const Workshop& shop, const std::string& name, const std::string& input, const std::string& hidden,
                     const std::string& output) {
  const std::string source = "def forward(self, x):\n  x = torch.flatten(" + input +
                             ", 1)\n"
                             "  h = torch.relu(torch.linear(x, self.p0, self.p1))\n  h = " +
                             hidden +
                             "\n"
                             "  h = torch.relu(torch.linear(h, self.p2, self.p3))\n  h = " +
                             hidden + "\n  return torch.linear(h, self.p4, self.p5)" + output + "\n";
  write_model(shop / name, source, parameters_of(test_data("mnist_lpd_mlp_b_0.1.pt")));
  return name;
}

// Models that defeat weak attacks: the checks name what is wrong, and the default preset breaks them all the same.
TEST(Sanity, DefencesThatDefeatWeakAttacksAreNamedAndBroken) {
  struct Defence {
    std::string name, input, hidden, output, check, weak;
  };
  const std::string winners = "h * (h >= torch.topk(h, 20, 1)[0][:, 19:20]).to(h.dtype)";
  const std::string kWeak = "pgd:loss=ce,steps=20,relative-step=0.1";
  const Workshop shop;
  for (const Defence& defence : {Defence{"scaled.pt", "x", "h", " * 1000.0", "saturated-softmax", kWeak},
                                 Defence{"quantised.pt", "torch.round(x * 7.0) / 7.0", "h", "", "zero-gradient", kWeak},
                                 Defence{"winners.pt", "x", winners, "", "unstable-loss", "mifgsm:loss=ce"}}) {
    SCOPED_TRACE(defence.name);
    const Call call{.model = defended(shop, defence.name, defence.input, defence.hidden, defence.output),
                    .data = data_spec("mnist_lpd_mlp_b_0.1.pt"),
                    .epsilon = "0.2",
                    .more = {"--limit", "100", "--json"}};
    Call weak = call;
    weak.more.insert(weak.more.end(), {"--attack", defence.weak});
    const Json strong = expect_document(shop.attack(call));
    const std::int64_t fooled = expect_document(shop.attack(weak))["adversarial_errors"];
    EXPECT_GE(strong["adversarial_errors"].get<std::int64_t>(), fooled + 15) << "as weak as " << defence.weak;
    EXPECT_THAT(fired(strong), testing::Contains(defence.check));
  }
}

}  // namespace

}  // namespace faultline
