// The regression test: every finding of a corpus on a model, with a verdict each.
//
//   const ReplayResult result = replay(corpus, setup);
//   corpus.record(events_of(result, "main", model_sha256));
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "faultline/core/registry.h"
#include "faultline/corpus/corpus.h"
#include "faultline/eval/replay_verdict.h"
#include "faultline/eval/run.h"
#include "faultline/eval/stored_recipe.h"
#include "faultline/fuzz/child_process.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

/// What a replay needs; apart from line and strengthen none of it changes verdicts.
struct ReplaySetup {
  TargetFactory make_target;
  ComparedModels compared = {};  ///< Twins of the model; replay compares with no other model.
  const std::atomic<bool>& stop;
  const OracleRegistry* oracles = nullptr;  ///< Null: findings of misclassification only.
  const StoredRecipes* recipes = nullptr;   ///< For findings stored as recipes; null: those cannot be replayed.
  std::string line = "main";
  std::vector<std::string> only{};                            ///< Ids of the findings to replay; empty: all.
  std::string model{};                                        ///< SHA-256 of the model file, for what is found.
  Preprocessing preprocessing{};                              ///< Around the model.
  std::optional<ConfiguredAttack> strengthen = std::nullopt;  ///< Run from the witness where the witness passes.
  std::uint64_t seed = 0;                                     ///< Of that attack.
  ChildLimits child{};  ///< Of the processes in which findings are run that ended theirs.
  int workers = 1;
  std::int64_t batch = 0;  ///< 0: by the size of an input.
  c10::Device device = c10::Device(c10::kCPU);
  DamageObserver damaged = [](const std::string&) {};  ///< Called by one thread at a time.
  std::function<void(const Progress&)> progress = {};  ///< Called by one thread at a time.
};

/// One finding on the model. Holds no tensors: there may be very many.
struct ReplayRow {
  std::string id{};
  std::string oracle{};
  std::int64_t label = 0;
  std::optional<std::int64_t> target{};
  std::optional<Budget> budget{};
  std::string attack{};  ///< That found it first.
  Prior prior{};
  ReplayVerdict verdict = ReplayVerdict::kIncompatible;
  std::int64_t clean_prediction = -1;
  std::int64_t prediction = -1;  ///< At the witness.
  double margin = 0;             ///< There; negative: fails.
  double confidence = 0;
  std::string why{};  ///< kIncompatible: the reason.
};

struct ReplayResult {
  std::vector<ReplayRow> rows{};           ///< In order of id.
  std::vector<NewFinding> strengthened{};  ///< What --strengthen found; not filed yet.
  std::int64_t not_strengthened = 0;       ///< Passing findings that --strengthen has no attack for.
  std::set<std::string> lines{};           ///< Of models, that findings were found or judged on.
  std::int64_t damaged = 0;                ///< Files and entries that could not be used.
  std::int64_t other_preprocessing = 0;    ///< Rows that were found with other preprocessing only.
  double seconds = 0;
  bool interrupted = false;
};

/// Judges every finding in batches, padded to the floor batch. What changes, and every near tie, is looked at four
/// times more: alone and in the floor batch, with one and with two threads; only when all looks agree is it fixed or
/// failing. Entries are streamed: memory does not grow with their tensors. Throws Error (kUsage) when no finding fits
/// the model.
[[nodiscard]] ReplayResult replay(const Corpus& corpus, const ReplaySetup& setup);

/// The state changes of a replay, with its counts.
[[nodiscard]] EventFile events_of(const ReplayResult& result, const std::string& line, const std::string& model);

/// How many rows got each verdict that occurs, in order of the enumeration.
[[nodiscard]] std::vector<std::pair<ReplayVerdict, std::int64_t>> counts_of(const ReplayResult& result);

}  // namespace faultline
