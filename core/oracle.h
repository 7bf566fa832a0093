// The vocabulary of oracles: rules that say whether an output is a failure. An oracle is a free function
//
//   Slack confidence(const OracleCase& c, const ConfidenceOptions& options);
//
// that looks at clean inputs, inputs made from them, and what the model says of both.
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/judge.h"
#include "faultline/core/options.h"
#include "faultline/core/target.h"
#include "faultline/core/tensor.h"

namespace faultline {

/// M rows to be judged, on the host.
struct OracleCase {
  Tensor clean_outputs{};        ///< [M, K]: of the clean inputs.
  Tensor labels{};               ///< [M] int64, of the clean inputs.
  Tensor inputs{};               ///< [M, ...], on the device of the model.
  Tensor outputs{};              ///< [M, K].
  ScoreTarget& single;           ///< The model with batches as they are, for looks of another kind.
  ScoreTarget* other = nullptr;  ///< The model to compare with; null: none.
};

struct OracleInfo {
  std::string name{};
  std::string sentence{};         ///< Plain, about a failure: "the prediction is not the label".
  bool needs_labels = true;       ///< Whether it looks at the labels of the data.
  bool needs_other = false;       ///< Whether it compares with a second model.
  bool compares_batches = false;  ///< Whether it compares a row alone with the row among others.
};

/// An oracle with its options set. Safe to use from several threads.
struct ConfiguredOracle {
  OracleInfo info{};
  std::vector<OptionInfo> options{};  ///< Every option with its value.
  std::function<Slack(const OracleCase&)> judge{};

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
      return ConfiguredOracle{info, describe_options(options),
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
/// its own. The oracles, and the targets they ask, must outlive it.
class OracleJudge final : public Judge {
 public:
  /// `clean_outputs` [N, K]: of the batch.
  OracleJudge(const std::vector<ConfiguredOracle>& oracles, const Batch& clean, const Tensor& clean_outputs,
              ScoreTarget& single, ScoreTarget* other);

  [[nodiscard]] Slack slack(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const override;

  /// Per row the oracle that it fails, the one whose slack slack() gives, by number, or -1.
  [[nodiscard]] std::vector<std::int64_t> failed(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const;

 private:
  struct Ruling {
    Slack slack{};
    Tensor oracle{};  ///< [M] int64: whose slack it is.
  };

  [[nodiscard]] Ruling ruling(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const;
  [[nodiscard]] OracleCase case_of(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const;

  const std::vector<ConfiguredOracle>& oracles_;
  Tensor labels_;
  Tensor clean_outputs_;
  ScoreTarget& single_;
  ScoreTarget* other_;
};

}  // namespace faultline
