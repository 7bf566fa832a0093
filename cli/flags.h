// Flags that several commands share, and how they become parts of a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faultline/core/dataset.h"
#include "faultline/eval/plan.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace faultline {

struct ModelFlags {
  std::string path{};
  std::string output{};
  bool binary = false;
  std::string mean{};
  std::string std{};
  std::string device = "auto";
};

struct DataFlags {
  std::string spec{};
  std::string bounds = "0,1";
  std::string resize{};
  std::string crop{};
  std::string layout{};
  std::string classes{};
  std::int64_t offset = 0;
  std::int64_t limit = -1;  ///< -1: all.
};

struct RunFlags {
  std::uint64_t seed = 0;
  int workers = 0;         ///< 0: one per core.
  std::int64_t batch = 0;  ///< 0: by the size and the number of samples.
  std::string out{};
  bool resume = false;
  bool json = false;
};

struct ThreatFlags {
  std::string norm{};
  std::string targeted{};
  std::vector<std::string> attacks{};
  std::string preset{};
  std::vector<std::string> oracles{};
  std::vector<std::string> against{};
};

/// How a command takes its model: as its first word, or after --model.
enum class ModelPlace { kFirstWord, kOption };

void add_model_flags(CLI::App& app, ModelFlags& flags, ModelPlace place = ModelPlace::kFirstWord);
void add_data_flags(CLI::App& app, DataFlags& flags, bool required);
void add_keep_flag(CLI::App& app, std::int64_t& keep, const std::string& help);
void add_workers_flag(CLI::App& app, int& workers);
void add_batch_flag(CLI::App& app, std::int64_t& batch);
void add_seed_flag(CLI::App& app, RunFlags& flags);
void add_run_flags(CLI::App& app, RunFlags& flags);
/// `usual`: the attack without --attack and --preset.
void add_threat_flags(CLI::App& app, ThreatFlags& flags, const std::string& usual);
/// --attack and --preset alone; `usual`: what the attack is without them, the last words of the help.
void add_ensemble_flags(CLI::App& app, std::vector<std::string>& attacks, std::string& preset,
                        const std::string& usual);
/// `usual`: the oracles without --oracle.
void add_oracle_flags(CLI::App& app, ThreatFlags& flags, const std::string& usual);

/// A whole number in least..most; others are refused by name.
CLI::Option* add_whole_number(CLI::App& app, const std::string& name, std::int64_t& value, std::int64_t least,
                              std::int64_t most, const std::string& help);

/// Seconds from "90", "90s", "10m" or "8h". Throws Error (kUsage) that begins with `name` unless they are above 0.
[[nodiscard]] double parse_duration(const std::string& text, const std::string& name);

/// --norm, or none.
[[nodiscard]] std::optional<Norm> parse_optional_norm(const std::string& text);

/// Numbers divided by commas. Throws Error (kUsage) that begins with `name`.
[[nodiscard]] std::vector<double> parse_numbers(const std::string& text, const std::string& name);

/// The flags as a user writes them for a shell, those left at their defaults and the choice of samples left out:
/// "--data mnist:data --resize 32x32".
[[nodiscard]] std::string data_words(const DataFlags& flags);

/// Throws Error (kUsage) for values that these flags cannot have, whatever the files are.
void check_values(const ModelFlags& model, const DataFlags& data);

[[nodiscard]] DataOptions parse_data_options(const DataFlags& flags);
[[nodiscard]] Goal parse_goal(const std::string& text);

/// An epsilon in input units: finite, >= 0 and at most the largest distance inside the bounds. Throws Error (kUsage).
void check_epsilon(double epsilon, double largest, const std::string& name);

/// The number of samples that offset and limit select. Throws Error (kNothingRan) when nothing is selected.
[[nodiscard]] std::int64_t selected(const DataFlags& flags, std::int64_t size);

/// --batch, or by rule from the size and the number of samples: about 400,000 numbers a batch, 16 to 500 samples, and
/// about 4 batches a run, of 50 samples at least. It must not depend on the machine: the results of a model whose rows
/// depend on their batch are a function of it.
[[nodiscard]] std::int64_t batch_size(const RunFlags& flags, const std::vector<std::int64_t>& sample_shape,
                                      std::int64_t samples);

}  // namespace faultline
