// The input contract: what is made of a sample, what a model makes of that, and replays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "faultline/eval/contract_run.h"
#include "faultline/eval/outside_finding.h"
#include "faultline/targets/torchscript.h"
#include "models.h"

namespace faultline {
namespace {

const Bounds kBounds{0, 1};

Tensor small_sample() { return at::linspace(0.1, 0.9, 16).view({1, 4, 4}).to(at::kFloat); }

/// Dies of 17 rows, never comes back from two, divides by the mean, and refuses whatever is no row of numbers.
const std::string kBroken =
    "def forward(self, x):\n"
    "  if x.size(0) == 17:\n"
    "    x = x + torch._sparse_coo_tensor_unsafe(torch.full([1, 1], 17592186044416), torch.ones([1]), "
    "[4]).to_dense().sum()\n"
    "  i = 0\n"
    "  while x.size(0) == 2:\n"
    "    i = i + 1\n"
    "  m = x.to(6).flatten(1).mean(dim=1)\n"
    "  return torch.stack([m / m, m], 1)\n";

/// A model in a file, as a target.
struct Subject {
  explicit Subject(const std::string& source) {
    write_model(folder.path() / "model.pt", source);
    target = std::make_unique<TargetStack>([loaded = TorchScriptModel::load(folder.path() / "model.pt", {})] {
      return std::make_unique<TorchScriptTarget>(loaded);
    });
  }

  TemporaryFolder folder;
  std::unique_ptr<TargetStack> target;
};

std::vector<ContractRow> rows_of(Subject& subject) {
  const std::atomic<bool> stop{false};
  return run_contract(subject.target->plain(), small_sample(), kBounds, {.limits = {.seconds = 2}, .stop = stop});
}

const ContractRow& row_of(const std::vector<ContractRow>& rows, const std::string& name) {
  const auto place = std::ranges::find_if(rows, [&](const ContractRow& row) { return row.broken->name == name; });
  EXPECT_NE(place, rows.end()) << name;
  return *place;
}

TEST(ContractCases, LeaveTheSampleAlone) {
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{7}, {3, 5, 4}, {1, 4, 4}, {2, 3}}) {
    const Tensor sample = at::rand(shape);
    const Tensor before = sample.clone();
    for (const ContractCase& broken : contract_cases()) {
      const Tensor input = broken.input(sample, kBounds);
      EXPECT_TRUE(sample.equal(before)) << broken.name;
      if (!input.defined()) {
        continue;
      }
      EXPECT_LE(input.nbytes(), std::size_t{256} << 20) << broken.name;
      if (broken.sound) {
        EXPECT_EQ(input.sizes().slice(1), sample.sizes()) << broken.name;
        EXPECT_EQ(input.scalar_type(), at::kFloat) << broken.name;
        EXPECT_TRUE(input.ge(0).logical_and(input.le(1)).all().item<bool>()) << broken.name;
      }
    }
  }
}

TEST(ContractCases, AreNamedOnce) {
  std::set<std::string> names;
  for (const ContractCase& broken : contract_cases()) {
    EXPECT_TRUE(names.insert(broken.name).second) << broken.name;
    EXPECT_EQ(contract_case_of(oracle_of(broken)), &broken);
  }
  EXPECT_EQ(contract_case_of("contract:case=unheard-of"), nullptr);
  EXPECT_TRUE(is_contract_oracle("contract:case=unheard-of"));
  EXPECT_FALSE(is_contract_oracle("misclassification"));
}

TEST(ContractRun, TellsFindingsFromInformation) {
  Subject subject(kBroken);
  const std::vector<ContractRow> rows = rows_of(subject);
  const auto expect = [&](const std::string& name, OutsideEnd end, ContractVerdict verdict) {
    const ContractRow& row = row_of(rows, name);
    EXPECT_EQ(name_of(row.look.end), name_of(end)) << name << " " << row.look.message;
    EXPECT_EQ(name_of(row.verdict), name_of(verdict)) << name;
  };
  expect("seventeen-rows", OutsideEnd::kDied, ContractVerdict::kFinding);
  expect("two-rows", OutsideEnd::kHung, ContractVerdict::kFinding);
  expect("lowest-inside", OutsideEnd::kNotFinite, ContractVerdict::kFinding);
  expect("one-row", OutsideEnd::kAnswered, ContractVerdict::kKept);
  expect("nan", OutsideEnd::kNotFinite, ContractVerdict::kKept);
  expect("longer", OutsideEnd::kAnswered, ContractVerdict::kSilent);
  expect("scalar", OutsideEnd::kRefused, ContractVerdict::kKept);
  EXPECT_FALSE(row_of(rows, "scalar").look.message.empty());
}

TEST(ContractRun, SoundInputsThatAreRefusedAreInformation) {
  Subject subject(
      "def forward(self, x):\n  assert x.size(0) == 1, 'one at a time'\n  m = x.to(6).flatten(1).mean(dim=1)\n"
      "  return torch.stack([m + 1.0, m], 1)\n");
  const std::vector<ContractRow> rows = rows_of(subject);
  EXPECT_EQ(row_of(rows, "seventeen-rows").verdict, ContractVerdict::kRefused);
  EXPECT_THAT(row_of(rows, "seventeen-rows").look.message, testing::HasSubstr("one at a time"));
  EXPECT_EQ(row_of(rows, "one-row").verdict, ContractVerdict::kKept);
}

TEST(ContractFindings, FailAgainUntilTheModelIsMended) {
  Subject broken(kBroken);
  Subject mended(
      "def forward(self, x):\n  m = x.to(6).flatten(1).mean(dim=1)\n  return torch.stack([m + 1.0, m], 1)\n");
  const ChildLimits limits{.seconds = 2};
  for (const char* name : {"seventeen-rows", "two-rows", "lowest-inside"}) {
    const Failure failure{.oracle = std::string("contract:case=") + name, .bounds = kBounds};
    const Finding finding = make_finding(failure, small_sample(), small_sample());
    EXPECT_TRUE(is_run_outside(finding.failure.oracle));
    const OutsideVerdict now = look_at_outside(finding, *broken.target, at::kCPU, limits);
    EXPECT_TRUE(now.why.empty()) << now.why;
    EXPECT_FALSE(now.clean_fails) << name;
    EXPECT_TRUE(now.witness_fails) << name;
    EXPECT_FALSE(look_at_outside(finding, *mended.target, at::kCPU, limits).witness_fails) << name;
  }
  const Failure unknown{.oracle = "contract:case=unheard-of", .bounds = kBounds};
  const Finding finding = make_finding(unknown, small_sample(), small_sample());
  EXPECT_FALSE(look_at_outside(finding, *mended.target, at::kCPU, limits).why.empty());
}

}  // namespace
}  // namespace faultline
