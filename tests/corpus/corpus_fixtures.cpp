#include "corpus/corpus_fixtures.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "faultline/core/error.h"

namespace faultline {

namespace fs = std::filesystem;

Finding numbered_finding(std::int64_t number) {
  constexpr std::int64_t kDifferent = 5000;
  Tensor clean = at::empty({2, 2}, at::kFloat);
  for (std::int64_t i = 0; i < 4; ++i) {
    clean.view({4})[i] = static_cast<float>((number * 4 + i) % kDifferent) / (2.0F * kDifferent);
  }
  return make_finding({.label = number % 10, .budget = Budget{Norm::kLinf, 0.1}}, clean, clean + 0.0625);
}

Discovery numbered_discovery(std::int64_t number, const std::string& model) {
  Discovery discovery{.model = model, .classes = 10, .data = "data", .sample = number, .attack = "pgd", .seed = 7};
  discovery.options = {{"steps", "40"}, {"start", "clean"}};
  discovery.faultline = "1";
  discovery.libtorch = "2";
  discovery.clean_prediction = number % 10;
  discovery.clean_margin = 1.5;
  discovery.prediction = (number + 1) % 10;
  discovery.margin = -0.25;
  discovery.confidence = 0.75;
  discovery.distance = 0.0625;
  discovery.logits = {{(number + 1) % 10, 2.25}, {number % 10, 2.0}};
  discovery.date = today();
  return discovery;
}

NewFinding numbered(std::int64_t number, const std::string& model) {
  return {numbered_finding(number), numbered_discovery(number, model)};
}

std::vector<NewFinding> numbered_range(std::int64_t first, std::int64_t count) {
  std::vector<NewFinding> findings;
  for (std::int64_t number = first; number < first + count; ++number) {
    findings.push_back(numbered(number));
  }
  return findings;
}

EventFile event_file(const std::vector<StateEvent>& events, const std::string& line) {
  return {.kind = "accept", .line = line, .faultline = "1", .date = "2023-11-14", .events = events};
}

Tree tree_of(const fs::path& folder) {
  Tree tree;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) {
      std::ifstream file(entry.path(), std::ios::binary);
      tree[fs::relative(entry.path(), folder).string()].assign(std::istreambuf_iterator<char>(file), {});
    }
  }
  return tree;
}

std::string difference(const Tree& a, const Tree& b) {
  for (const auto& [path, bytes] : a) {
    const auto other = b.find(path);
    if (other == b.end() || other->second != bytes) {
      return path + (other == b.end() ? " is missing in the second" : " differs");
    }
  }
  for (const auto& [path, bytes] : b) {
    if (!a.contains(path)) {
      return path + " is missing in the first";
    }
  }
  return {};
}

Reading read_all_of(const Corpus& corpus) {
  Reading reading;
  const DamageObserver damaged = [&](const std::string& message) { reading.damage.push_back(message); };
  for (const std::string& id : corpus.ids()) {
    try {
      if (corpus.load(id, damaged)) {
        reading.loaded.push_back(id);
      }
    } catch (const Error& error) {
      damaged(error.what());
    }
  }
  reading.events = corpus.events(damaged);
  return reading;
}

FixedDay::FixedDay() { ::setenv("SOURCE_DATE_EPOCH", "1700000000", /*overwrite=*/1); }

FixedDay::~FixedDay() { ::unsetenv("SOURCE_DATE_EPOCH"); }

}  // namespace faultline
