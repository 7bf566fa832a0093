// The vocabulary of oracles: rules that say whether an output is a failure. An oracle is a free function
//
//   Slack confidence(const OracleCase& c, const ConfidenceOptions& options);
//
// that looks at clean inputs, inputs made from them, and what the model says of both.
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/judge.h"
#include "faultline/core/options.h"
#include "faultline/core/target.h"
#include "faultline/core/tensor.h"

namespace faultline {

/// The model once more, run in another way.
enum class Twin { kFloat64, kBfloat16, kCuda };

/// "float64"
[[nodiscard]] std::string name_of(Twin twin);

/// What oracles ask beside the model's outputs. Belongs to one worker.
class AskedModels {
 public:
  AskedModels() = default;
  AskedModels(const AskedModels&) = delete;
  AskedModels& operator=(const AskedModels&) = delete;
  virtual ~AskedModels() = default;

  /// The model with batches as they are.
  [[nodiscard]] virtual ScoreTarget& single() = 0;

  /// The models to compare with.
  [[nodiscard]] virtual std::vector<ScoreTarget*> others() = 0;

  /// Throws Error (kUsage) when the model cannot be run that way.
  [[nodiscard]] virtual ScoreTarget& twin(Twin twin) = 0;
};

/// M rows to be judged, on the host.
struct OracleCase {
  Tensor clean_outputs{};  ///< [M, K]: of the clean inputs.
  Tensor labels{};         ///< [M] int64, of the clean inputs.
  Tensor voted{};          ///< [M] int64: what most models say of the clean inputs, or -1; of oracles that vote.
  Tensor inputs{};         ///< [M, ...], on the device of the model.
  Tensor outputs{};        ///< [M, K].
  AskedModels& models;
};

/// Who says what the class of an input should be.
enum class LabelSource { kNone, kDataSet, kModel, kVote };

/// "data set"; of kNone "none".
[[nodiscard]] std::string name_of(LabelSource source);

/// What an oracle is; with its options set, what it is then.
struct OracleInfo {
  std::string name{};
  std::string sentence{};                            ///< Plain, about a failure: "the prediction is not the label".
  LabelSource label_source = LabelSource::kDataSet;  ///< Of the class that it holds to be the right one.
  bool needs_others = false;                         ///< Whether it compares with other models.
  bool compares_batches = false;                     ///< Whether it compares a row alone with the row among others.
  bool of_exceptions = false;                        ///< Whether a throwing model is what it looks for.
  std::optional<Twin> twin{};                        ///< Which twin of the model it asks.
};

/// An oracle with its options set. Safe to use from several threads.
struct ConfiguredOracle {
  OracleInfo info{};
  std::vector<OptionInfo> options{};  ///< Every option with its value.
  std::function<Slack(const OracleCase&)> judge{};

  /// The source of the label of what it finds: where it needs no class, the data's own.
  [[nodiscard]] std::string found_label_source() const;

  /// As users write it and findings record it: "confidence:at-least=0.9"; every option, in order.
  [[nodiscard]] std::string text() const;
};

/// Oracles by name. Names are unique; the order is that of registration.
class OracleRegistry {
 public:
  struct Entry {
    OracleInfo info;
    std::vector<OptionInfo> options;  ///< With their defaults.
    std::function<ConfiguredOracle(const std::vector<OptionSetting>&)> configure;
  };

  /// Registers the oracle function. Throws std::logic_error when the name is taken.
  template <auto function>
  void add(const OracleInfo& info) {
    add_with(info, function);
  }

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  /// From "NAME[:key=value,...]". Throws Error (kUsage) that begins with `where`, with the nearest name.
  [[nodiscard]] ConfiguredOracle configure(const std::string& spec, const std::string& where) const;

 private:
  template <OptionStruct O>
  void add_with(const OracleInfo& info, Slack (*function)(const OracleCase&, const O&)) {
    const auto configure = [info, function](const std::vector<OptionSetting>& settings) {
      O options{};
      set_options(options, settings, "--oracle " + info.name);
      OracleInfo configured = info;
      if constexpr (requires { options.refine(configured); }) {
        options.refine(configured);
      }
      return ConfiguredOracle{std::move(configured), describe_options(options),
                              [options, function](const OracleCase& c) { return function(c, options); }};
    };
    add_entry({info, describe_options(O{}), configure});
  }

  void add_entry(Entry entry);

  std::vector<Entry> entries_;
};

/// Options of oracles that have none.
struct NoOptions {
  static void fields(auto& /*options*/, auto&& /*visit*/) {}
};

/// Several oracles on one clean batch: a row fails when one of them says so; its slack is the lowest, each in units of
/// its own. The oracles, and the models they ask, must outlive it.
class OracleJudge final : public Judge {
 public:
  /// `clean_outputs` [N, K]: of the batch.
  OracleJudge(const std::vector<ConfiguredOracle>& oracles, const Batch& clean, const Tensor& clean_outputs,
              AskedModels& models);

  /// The lowest slack of each row, with the oracle whose it is.
  struct Ruling {
    Slack slack{};
    Tensor oracle{};  ///< [M] int64 on the host: its number.
  };
  [[nodiscard]] Ruling ruling(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const;

  [[nodiscard]] Slack slack(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const override;

  /// Per row the oracle that it fails, the one of ruling(), or -1.
  [[nodiscard]] std::vector<std::int64_t> failed(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const;

 private:
  [[nodiscard]] OracleCase case_of(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const;

  const std::vector<ConfiguredOracle>& oracles_;
  Tensor labels_;
  Tensor clean_outputs_;
  Tensor voted_;  // undefined when no oracle votes
  AskedModels& models_;
};

}  // namespace faultline
