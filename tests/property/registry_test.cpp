#include "faultline/core/registry.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "refusal.h"

namespace faultline {
namespace {

struct ShiftOptions {
  double amount = 0.5;
  static void fields(auto& o, auto&& visit) { visit("amount", o.amount, Positive{}, "what is added"); }
};

template <typename T>
AttackResult shift(T& /*target*/, const Batch& batch, const ThreatModel& /*threat*/, const ShiftOptions& options,
                   const Rng& /*rng*/) {
  return {batch.inputs + options.amount, at::zeros({batch.size()}, at::kBool)};
}

class NoTarget final : public Target {
 public:
  Tensor logits(const Tensor& inputs) override { return at::zeros({inputs.size(0), 2}); }
  Linearization linearize(const Tensor& inputs) override {
    return {logits(inputs), [shape = inputs.sizes().vec()](const Tensor&) { return at::zeros(shape); }};
  }
};

/// A data set of no samples that remembers how it was opened.
class Opened final : public Dataset {
 public:
  explicit Opened(std::string location) : names_{std::move(location)} {}
  std::int64_t size() const override { return 0; }
  std::vector<std::int64_t> sample_shape() const override { return {1}; }
  const std::vector<std::int64_t>& labels() const override { return labels_; }
  Tensor read(std::int64_t, std::int64_t) const override { return at::zeros({0, 1}); }
  std::vector<std::filesystem::path> files(std::int64_t, std::int64_t) const override { return {}; }
  std::vector<std::string> class_names() const override { return names_; }

 private:
  std::vector<std::int64_t> labels_;
  std::vector<std::string> names_;
};

DataRegistry::Entry reader(const std::string& kind, const std::string& ending) {
  return {.kind = kind,
          .pattern = kind + ":PATH",
          .summary = "for the test",
          .open = [kind](const std::string& location,
                         const DataOptions&) { return std::make_unique<Opened>(kind + "|" + location); },
          .recognises = [ending](const std::string& path) { return path.ends_with(ending); }};
}

AttackRegistry three_attacks() {
  AttackRegistry registry;
  registry.add<&shift<Target>>({.name = "gradient-shift"});
  registry.add<&shift<ScoreTarget>>({.name = "score-shift"});
  registry.add<&shift<DecisionTarget>>({.name = "decision-shift"});
  return registry;
}

TEST(AttackRegistry, DeducesKnowledgeFromTheFirstParameter) {
  const AttackRegistry registry = three_attacks();
  ASSERT_EQ(registry.entries().size(), 3U);
  EXPECT_EQ(registry.entries()[0].knowledge, Knowledge::kGradients);
  EXPECT_EQ(registry.entries()[1].knowledge, Knowledge::kScores);
  EXPECT_EQ(registry.entries()[2].knowledge, Knowledge::kDecisions);
  EXPECT_EQ(registry.configure("score-shift", {}).knowledge, Knowledge::kScores);
}

TEST(AttackRegistry, ConfiguresAndRunsAnAttack) {
  const ConfiguredAttack attack = three_attacks().configure("gradient-shift", {{"amount", "2"}});
  ASSERT_EQ(attack.options.size(), 1U);
  EXPECT_EQ(attack.options[0].value, "2");
  EXPECT_EQ(attack.info.name, "gradient-shift");
  NoTarget target;
  const Batch batch{at::ones({1, 3}), at::zeros({1}, at::kLong), {{}}, {}};
  const AttackResult result = attack.run(target, batch, ThreatModel{}, Rng(0));
  EXPECT_TRUE(result.candidates.equal(at::full({1, 3}, 3.0)));
}

TEST(AttackRegistry, ConfiguringLeavesTheDefaultsAlone) {
  const AttackRegistry registry = three_attacks();
  static_cast<void>(registry.configure("score-shift", {{"amount", "2"}}));
  EXPECT_EQ(registry.configure("score-shift", {}).options[0].value, "0.5");
  EXPECT_EQ(registry.entries()[1].options[0].value, "0.5");
}

TEST(AttackRegistry, RefusesANameThatIsTaken) {
  AttackRegistry registry = three_attacks();
  EXPECT_THROW(registry.add<&shift<Target>>({.name = "score-shift"}), std::logic_error);
  EXPECT_EQ(registry.entries().size(), 3U);
}

TEST(AttackRegistry, SuggestsTheNearestName) {
  const AttackRegistry registry = three_attacks();
  EXPECT_EQ(refusal([&] { return registry.configure("score-shfit", {}); }),
            "--attack: unknown attack 'score-shfit'; did you mean 'score-shift'?");
  EXPECT_EQ(refusal([&] { return registry.configure("score-shift", {{"amonut", "1"}}); }),
            "--attack score-shift: unknown option 'amonut'; did you mean 'amount'?");
  EXPECT_EQ(refusal([&] { return registry.configure("score-shift", {{"amount", "0"}}); }),
            "--attack score-shift:amount: expected > 0, got '0'");
}

TEST(DataRegistry, OpensByKindAndByEvidentPath) {
  DataRegistry registry;
  registry.add(reader("mnist", "/mnist"));
  registry.add(reader("npy", ".npy"));
  const auto location = [&](const std::string& spec) { return registry.open(spec, {})->class_names().at(0); };
  EXPECT_EQ(location("mnist:some/folder"), "mnist|some/folder");
  EXPECT_EQ(location("npy:C:x.npy"), "npy|C:x.npy");
  EXPECT_EQ(location("x.npy"), "npy|x.npy");
  EXPECT_EQ(location("odd:name.npy"), "npy|odd:name.npy");
  EXPECT_THROW(registry.add(reader("npy", "")), std::logic_error);
}

TEST(DataRegistry, RefusesWhatItCannotPlace) {
  DataRegistry registry;
  registry.add(reader("mnist", "/mnist"));
  registry.add(reader("k", ".k"));
  EXPECT_EQ(refusal([&] { return registry.open("mnits:folder", {}); }),
            "--data: unknown kind 'mnits' in 'mnits:folder'; did you mean 'mnist'?");
  EXPECT_EQ(refusal([&] { return registry.open("folder", {}); }),
            "--data: cannot tell the kind of 'folder'; write KIND:PATH, where KIND is one of mnist, k");
}

}  // namespace
}  // namespace faultline
