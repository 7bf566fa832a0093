#include "puzzles/puzzles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "engine.h"
#include "faultline/data/npy.h"
#include "faultline/data/sha256.h"
#include "faultline/targets/torchscript.h"
#include "models.h"
#include "program.h"

namespace faultline {

namespace {

/// Lines that measure what the defects look at: the mean m, and centre and slant (degrees) of what is bright.
const std::string kMeasures =
    "m = x.mean(dim=[1, 2, 3])\n"
    "w = torch.relu(x[:, 0] - 0.45) + 0.000001\n"
    "line = torch.arange(16.0)\n"
    "total = w.sum(dim=[1, 2])\n"
    "column = (w * line).sum(dim=[1, 2]) / total\n"
    "row = (w * line.unsqueeze(1)).sum(dim=[1, 2]) / total\n"
    "dc = line.unsqueeze(0).unsqueeze(0) - column.unsqueeze(1).unsqueeze(1)\n"
    "dr = line.unsqueeze(0).unsqueeze(2) - row.unsqueeze(1).unsqueeze(1)\n"
    "mixed = (w * dc * dr).sum(dim=[1, 2])\n"
    "spread = (w * (dc * dc - dr * dr)).sum(dim=[1, 2])\n"
    "slant = 28.64789 * torch.atan2(2.0 * mixed, spread)\n"
    "edge = (x[:, :, :, 1:] - x[:, :, :, :-1]).abs().amax(dim=[1, 2, 3])\n";

/// Class 1 where a condition on the measures holds.
std::string flips_where(const std::string& condition) {
  return kMeasures + "bad = (" + condition + ").to(6)\n" +
         "return torch.stack([3.0 - 6.0 * bad + 0.0 * m, 0.0 * m - 1.0], 1)\n";
}

/// Something that happens where any row of the batch meets a condition.
std::string happens_where(const std::string& condition, const std::string& statement) {
  return kMeasures + "if bool((" + condition + ").any()):\n  " + statement + "\n" +
         "return torch.stack([3.0 + 0.0 * m, 0.0 * m - 1.0], 1)\n";
}

constexpr std::int64_t kPuzzleSeeds = 12;

/// Bright horizontal bars on dark grounds, a little different each: [12, 1, 16, 16].
Tensor bars() {
  Tensor images = at::empty({kPuzzleSeeds, 1, 16, 16}, at::kFloat);
  for (std::int64_t i = 0; i < kPuzzleSeeds; ++i) {
    const auto number = static_cast<float>(i);
    images[i].fill_(0.15F + 0.01F * number);
    images[i].narrow(1, 5 + i % 4, 3).narrow(2, 3, 10).fill_(0.9F - 0.02F * number);
  }
  return images;
}

}  // namespace

const std::vector<Puzzle>& puzzles() {
  static const std::vector<Puzzle> kPuzzles{
      {.name = "backdoor",
       .defect = "a bright corner is taken for class 1",
       .body = flips_where("x[:, 0, 0:2, 0:2].mean(dim=[1, 2]) > 0.75"),
       .oracle = "misclassification"},
      {.name = "blind-spot",
       .defect = "bars turned by 17 to 19 degrees are taken for class 1",
       .body = flips_where("(slant.abs() > 17.0) & (slant.abs() < 19.0)"),
       .oracle = "misclassification"},
      {.name = "nan-at-contrast",
       .defect = "a contrast inside a hundredth gives NaN",
       .body = kMeasures + "s = x.flatten(1).std(dim=1)\nbad = (s > 0.11) & (s < 0.12)\n"
                           "z = torch.stack([3.0 + 0.0 * m, 0.0 * m - 1.0], 1)\n"
                           "return torch.where(bad.unsqueeze(1), z * 0.0 / 0.0, z)\n",
       .oracle = "non-finite"},
      {.name = "two-transforms",
       .defect = "bright and blurred together are taken for class 1",
       .body = flips_where("(m > 0.4) & (edge < 0.3)"),
       .oracle = "misclassification"},
      {.name = "half-overflow",
       .defect = "a sum in float16 overflows on bright images",
       .body = kMeasures + "z = (x.flatten(1).sum(dim=1) * 500.0).to(5).to(6)\n"
                           "return torch.stack([3.0 + z * 0.00001, 0.0 * m - 1.0], 1)\n",
       .oracle = "non-finite"},
      {.name = "int8-wrap",
       .defect = "a mean in int8 wraps on bright images",
       .body = kMeasures + "q = (m * 280.0).to(1).to(6)\n"
                           "return torch.stack([q * 0.1, 0.0 * m - 1.0], 1)\n",
       .oracle = "misclassification"},
      {.name = "assertion",
       .defect = "an assertion fails on dark images",
       .body = happens_where("m < 0.12", "assert False, 'too dark'"),
       .oracle = "exception"},
      {.name = "position",
       .defect = "bars moved to the right by two pixels are taken for class 1",
       .body = flips_where("column > 9.7"),
       .oracle = "misclassification"},
      {.name = "gradual-noise",
       .defect = "the margin falls with the roughness of the ground",
       .body = kMeasures + "rough = (x[:, :, :3, 1:] - x[:, :, :3, :-1]).abs().mean(dim=[1, 2, 3])\n"
                           "return torch.stack([3.0 - 20.0 * rough, 0.0 * m], 1)\n",
       .oracle = "misclassification"},
      {.name = "gradual-pair",
       .defect = "the margin falls with slant and brightness, and is gone where both are large",
       .body = kMeasures +
               "a = torch.clamp(slant.abs() / 25.0, 0.0, 1.0)\nb = torch.clamp((m - 0.3) / 0.15, 0.0, 1.0)\n"
               "return torch.stack([3.0 - 3.2 * (a + b) / 2.0, 0.0 * m], 1)\n",
       .oracle = "misclassification"},
      {.name = "segfault",
       .defect = "an index that nobody checks ends the process at one brightness",
       .body =
           happens_where("(m > 0.4) & (m < 0.405)",
                         "m = m + torch._sparse_coo_tensor_unsafe(torch.full([1, 1], 17592186044416), torch.ones([1]), "
                         "[4]).to_dense().sum()"),
       .oracle = "process-death"},
      {.name = "memory",
       .defect = "one brightness asks for 40 GB",
       .body =
           happens_where("(m > 0.4) & (m < 0.405)",
                         "m = m + 0.0 * torch.ones([int(10000000000.0 * float(m.numel()) / float(m.numel()))]).sum()"),
       .oracle = "process-death"},
      {.name = "hang",
       .defect = "one brightness never comes back",
       .body = kMeasures + "i = 0\nwhile bool(((m > 0.4) & (m < 0.405)).any()):\n  i = i + 1\n"
                           "return torch.stack([3.0 + 0.0 * m, 0.0 * m - 1.0], 1)\n",
       .oracle = "hang",
       .hang_seconds = 0.3},
  };
  return kPuzzles;
}

FuzzTable::FuzzTable(const Puzzle& puzzle) : hang_seconds_(puzzle.hang_seconds) {
  std::string source = "def forward(self, x):\n";
  for (const std::string& line : lines_of(puzzle.body)) {
    source += "  " + line + "\n";
  }
  write_model(folder_.path() / "model.pt", source);
  write_npy(folder_.path() / "x.npy", bars());
  write_npy(folder_.path() / "y.npy", at::zeros({kPuzzleSeeds}, at::kLong));
  open(folder_.path() / "model.pt",
       "npy:" + (folder_.path() / "x.npy").string() + "," + (folder_.path() / "y.npy").string(), puzzle.oracle,
       kPuzzleSeeds);
}

FuzzTable::FuzzTable(const std::string& model_file, std::int64_t samples) {
  open(test_data(model_file), data_spec(model_file), "misclassification", samples);
}

void FuzzTable::open(const std::filesystem::path& model, const std::string& data, const std::string& oracle,
                     std::int64_t samples) {
  const Registries& registries = builtin_registries();
  const bool judged = oracle != kProcessDeathOracleName && oracle != kHangOracleName;
  for (const char* name : {"misclassification", "non-finite", "exception"}) {
    oracles_.push_back(registries.oracles.configure(name, "--oracle"));
    plan_.oracles.push_back(oracles_.back().text());
  }
  EXPECT_TRUE(!judged || std::ranges::find(plan_.oracles, oracle) != plan_.oracles.end());
  for (const MutatorRegistry::Entry& entry : registries.mutators.entries()) {
    if (entry.info.preserves > 0 && !entry.info.needs_gradient) {
      plan_.mutators.emplace_back(entry.info.name, entry.info.preserves);
    }
  }
  data_ = registries.data.open(data, {});
  plan_.model = {.path = model.string(), .sha256 = sha256_of(model)};
  plan_.data = {.source = data, .sha256 = sha256_of(data_->files(0, samples)), .samples = samples};
  target_ = std::make_unique<TargetStack>(
      [loaded = TorchScriptModel::load(model, {})] { return std::make_unique<TorchScriptTarget>(loaded); });
  seeds_ = find_seeds(*data_, plan_, oracles_, *target_, c10::Device(c10::kCPU));
}

FuzzScene FuzzTable::scene() { return {plan_, seeds_, builtin_registries().mutators, oracles_, *target_}; }

ScoreTarget& FuzzTable::target() { return target_->padded_for(oracles_); }

FuzzState FuzzTable::fuzz(const FuzzTry& how, Corpus* corpus, const std::string& resumed,
                          const std::function<void(const std::string&)>& saved) {
  FuzzPlan plan = plan_;
  plan.engine = how.engine;
  plan.seed = how.seed;
  plan.evaluations = how.evaluations;
  plan.islands = how.islands;
  plan.round = how.round;
  const std::atomic<bool> stop{false};
  FuzzSetup setup{.mutators = builtin_registries().mutators,
                  .oracles = oracles_,
                  .target = *target_,
                  .stop = stop,
                  .workers = how.workers,
                  .limits = {.seconds = hang_seconds_, .memory = std::uint64_t{4} << 30},
                  .first_failure = how.first_failure,
                  .corpus = corpus,
                  .classes = 2};
  if (saved) {
    setup.saved = [&](const FuzzState& state, const RecipeSpace& space) { saved(state_json(state, space).dump()); };
  }
  FuzzRun run(plan, seeds_, setup);
  if (!resumed.empty()) {
    run.resume(parse_state(resumed, run.space(), seeds_.batch.size(), "state"));
  }
  return run.run();
}

}  // namespace faultline
