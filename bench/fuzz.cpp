// Guided engines beside the random one at equal evaluations, over twenty seeds: on the puzzles, evaluations to the
// first failure; on real models, distinct clusters of verified failures.
//
//   build/release/bench/fuzz 2>/dev/null                  # all
//   build/release/bench/fuzz puzzles|models [seeds] 2>/dev/null
//
// A12: how likely an engine is to do better than the random one, ties half (Vargha and Delaney, "A Critique and
// Improvement of the CL Common Language Effect Size Statistics", 2000). p: two-sided Mann-Whitney U test, normal
// approximation with ties. A puzzle that was not solved counts as one evaluation more than the budget.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "faultline/eval/process.h"
#include "fuzz_subject.h"
#include "puzzles/puzzles.h"

namespace faultline {
namespace {

constexpr std::array<EngineKind, 3> kEngines{EngineKind::kRandom, EngineKind::kLoop, EngineKind::kLibFuzzer};

/// How one sample compares with another.
struct Comparison {
  double a12 = 0.5;  ///< That one of the first is larger, ties half.
  double p = 1;
};

Comparison compared(const std::vector<double>& first, const std::vector<double>& second) {
  double larger = 0;
  std::map<double, double> ties;
  for (const double a : first) {
    for (const double b : second) {
      larger += a > b ? 1.0 : a == b ? 0.5 : 0.0;
    }
  }
  for (const std::vector<double>* list : {&first, &second}) {
    for (const double value : *list) {
      ties[value] += 1;
    }
  }
  const auto n = static_cast<double>(first.size());
  const auto m = static_cast<double>(second.size());
  double tied = 0;
  for (const auto& [value, count] : ties) {
    tied += count * count * count - count;
  }
  const double all = n + m;
  const double deviation = std::sqrt(n * m / 12 * (all + 1 - tied / (all * (all - 1))));
  Comparison result{.a12 = larger / (n * m)};
  if (deviation > 0) {
    const double z = std::max(0.0, std::abs(larger - n * m / 2) - 0.5) / deviation;
    result.p = std::erfc(z / std::sqrt(2.0));
  }
  return result;
}

/// One puzzle, one engine: its evaluations for every seed.
void print_row(const std::string& puzzle, EngineKind engine, const std::vector<double>& values,
               const std::vector<double>& random, std::size_t solved) {
  const Comparison beside = compared(random, values);  // fewer evaluations are better
  std::printf("| %s | %s | %.0f | %zu of %zu | %.2f | %.2g |\n", puzzle.c_str(), name_of(engine).c_str(),
              median(values), solved, values.size(), beside.a12, beside.p);
  std::fflush(stdout);
}

void solve_puzzles(std::uint64_t seeds) {
  std::printf(
      "| puzzle | engine | median evaluations to the first failure | solved | A12 | p |\n|---|---|---|---|---|---|\n");
  for (const Puzzle& puzzle : puzzles()) {
    FuzzTable table(puzzle);
    std::vector<double> random;
    for (const EngineKind engine : kEngines) {
      std::vector<double> values;
      std::size_t solved = 0;
      for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const FuzzState state = table.fuzz({.engine = engine,
                                            .seed = seed,
                                            .evaluations = puzzle.evaluations,
                                            .islands = 1,
                                            .workers = 1,
                                            .first_failure = true,
                                            .round = puzzle.evaluations});
        const bool found = state.accepted > 0;
        solved += found ? 1 : 0;
        values.push_back(static_cast<double>(found ? state.first_failure : puzzle.evaluations + 1));
      }
      random = engine == EngineKind::kRandom ? values : random;
      print_row(puzzle.name, engine, values, random, solved);
    }
  }
}

constexpr std::array<FuzzSubject, 5> kSubjects{{{"mnist_wk17a.pt", 200, 20'000},
                                                {"mnist_lpd_mlp_b_0.1.pt", 200, 20'000},
                                                {"mnist_nor_mlp_b.pt", 200, 20'000},
                                                {"mnist_adv_mlp_b_0.1.pt", 200, 20'000},
                                                {"cifar10_resnet20.pt", 90, 3'000}}};

void fuzz_models(std::uint64_t seeds) {
  std::printf(
      "| model | engine | median clusters | median seeds broken | A12 of clusters | p | A12 of seeds | p |\n"
      "|---|---|---|---|---|---|---|---|\n");
  for (const FuzzSubject& subject : kSubjects) {
    FuzzTable table(subject.model, subject.samples);
    std::array<std::vector<double>, 2> random;
    for (const EngineKind engine : kEngines) {
      std::array<std::vector<double>, 2> figures;  // clusters, seeds broken
      for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const FuzzState state =
            table.fuzz({.engine = engine, .seed = seed, .evaluations = subject.evaluations, .islands = kIslands});
        figures[0].push_back(static_cast<double>(state.clusters.size()));
        figures[1].push_back(static_cast<double>(state.verified_seeds.size()));
      }
      random = engine == EngineKind::kRandom ? figures : random;
      const Comparison clusters = compared(figures[0], random[0]);
      const Comparison broken = compared(figures[1], random[1]);
      std::printf("| %s | %s | %.0f | %.0f | %.2f | %.2g | %.2f | %.2g |\n", subject.model, name_of(engine).c_str(),
                  median(figures[0]), median(figures[1]), clusters.a12, clusters.p, broken.a12, broken.p);
      std::fflush(stdout);
    }
  }
}

}  // namespace
}  // namespace faultline

int main(int argc, char** argv) {
  using namespace faultline;
  prepare_process();
  const std::string what = argc > 1 ? argv[1] : "";
  const std::uint64_t seeds = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 20;
  if (seeds == 0 || !(what.empty() || what == "puzzles" || what == "models")) {
    std::fprintf(stderr, "usage: fuzz [puzzles|models] [seeds]\n");
    return 2;
  }
  if (what != "models") {
    solve_puzzles(seeds);
  }
  if (what != "puzzles") {
    fuzz_models(seeds);
  }
  return 0;
}
