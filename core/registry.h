// The tables through which the engine reaches plug-ins. They are objects built in main, never singletons.
//
//   registry.add<&pgd>({.name = "pgd", .norms = {Norm::kLinf}, .paper = "arXiv:1706.06083"});
//   ConfiguredAttack attack = registry.configure("pgd", {{"steps", "100"}});
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faultline/core/attack.h"
#include "faultline/core/batch.h"
#include "faultline/core/dataset.h"
#include "faultline/core/error.h"
#include "faultline/core/mutator_registry.h"
#include "faultline/core/options.h"
#include "faultline/core/oracle.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/threat_model.h"
#include "faultline/core/transform_task.h"

namespace faultline {

/// An attack with its options set. Safe to run from several threads at once.
struct ConfiguredAttack {
  AttackInfo info;
  Knowledge knowledge = Knowledge::kGradients;
  std::vector<OptionInfo> options;  ///< Every option with its value.
  std::string spec{};               ///< As the user wrote it.
  /// Of all but searches over transforms, which have no budget but a space instead.
  std::function<AttackResult(Target&, const Batch&, const ThreatModel&, const Rng&)> run{};
  std::function<AttackResult(Target&, const TransformTask&, const Rng&)> search{};
  /// The space for inputs of a shape [C, H, W]. Throws Error (kUsage) when they are no images, or its mutators leave
  /// all of them alone.
  std::function<TransformSpace(const std::vector<std::int64_t>& shape)> space{};
  std::vector<ConfiguredOracle> oracles{};  ///< What a search over transforms looks for; empty: the goal.
  /// Lines for the user: where its transforms may change what a person sees.
  std::function<std::vector<std::string>(const std::vector<std::int64_t>& shape)> cautions{};

  /// In an ensemble, of attacks with a budget: which rows it takes on, by how many epsilons the best point of those
  /// before it is from failing if the model were linear; nothing: all that are left.
  std::optional<double> within{};
  bool from_best = false;  ///< Whether it begins at that point.

  [[nodiscard]] bool transforms() const { return info.kind == AttackKind::kTransforms; }
};

namespace registry_detail {

template <std::derived_from<DecisionTarget> T>
[[nodiscard]] consteval Knowledge knowledge_of() {
  return std::derived_from<T, Target>        ? Knowledge::kGradients
         : std::derived_from<T, ScoreTarget> ? Knowledge::kScores
                                             : Knowledge::kDecisions;
}

/// Takes the signature of an attack, or of a search over transforms, apart.
template <typename Function>
struct Signature;

template <std::derived_from<DecisionTarget> T, OptionStruct O>
struct Signature<AttackResult (*)(T&, const Batch&, const ThreatModel&, const O&, const Rng&)> {
  using Options = O;
  static constexpr Knowledge kKnowledge = knowledge_of<T>();

  template <auto function>
  static void bind(ConfiguredAttack& attack, const O& options) {
    attack.run = [options](Target& target, const Batch& batch, const ThreatModel& threat, const Rng& rng) {
      return function(target, batch, threat, options, rng);
    };
  }
};

template <std::derived_from<DecisionTarget> T, OptionStruct O>
struct Signature<AttackResult (*)(T&, const TransformTask&, const O&, const Rng&)> {
  using Options = O;
  static constexpr Knowledge kKnowledge = knowledge_of<T>();

  template <auto function>
  static void bind(ConfiguredAttack& attack, const O& options) {
    attack.search = [options](Target& target, const TransformTask& task, const Rng& rng) {
      return function(target, task, options, rng);
    };
  }
};

}  // namespace registry_detail

/// Attacks by name. Names are unique; the order is that of registration.
class AttackRegistry {
 public:
  struct Entry {
    AttackInfo info;
    Knowledge knowledge = Knowledge::kGradients;
    std::vector<OptionInfo> options;  ///< With their defaults.
    std::function<ConfiguredAttack(const std::vector<OptionSetting>&)> configure;
  };

  /// Registers the attack function. Throws std::logic_error when the name is taken.
  template <auto function>
  void add(const AttackInfo& info) {
    using Shape = registry_detail::Signature<decltype(function)>;
    using Options = typename Shape::Options;
    const auto configure = [info](const std::vector<OptionSetting>& settings) {
      Options options{};
      set_options(options, settings, "--attack " + info.name);
      ConfiguredAttack attack{.info = info, .knowledge = Shape::kKnowledge, .options = describe_options(options)};
      Shape::template bind<function>(attack, options);
      return attack;
    };
    add_entry({info, Shape::kKnowledge, describe_options(Options{}), configure});
  }

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  /// The attack with options set. Throws Error (kUsage) with the nearest name when there is none.
  [[nodiscard]] ConfiguredAttack configure(const std::string& name, const std::vector<OptionSetting>& settings) const;

 private:
  void add_entry(Entry entry);

  std::vector<Entry> entries_;
};

/// Readers of data by kind.
class DataRegistry {
 public:
  struct Entry {
    std::string kind;     ///< The word before the colon: "mnist".
    std::string pattern;  ///< How the rest is written: "mnist:DIR".
    std::string summary;  ///< One line for help.
    /// Opens what stands behind the colon. Throws Error (kUsage).
    std::function<std::unique_ptr<Dataset>(const std::string& location, const DataOptions& options)> open;
    /// Whether a bare path is evidently of this kind.
    std::function<bool(const std::string& path)> recognises;
  };

  void add(Entry entry);

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  /// Opens `KIND:LOCATION`, or a bare path whose kind is evident. Throws Error (kUsage) otherwise.
  [[nodiscard]] std::unique_ptr<Dataset> open(const std::string& spec, const DataOptions& options) const;

 private:
  std::vector<Entry> entries_;
};

/// Everything a program can be extended with.
struct Registries {
  AttackRegistry attacks;
  MutatorRegistry mutators;
  OracleRegistry oracles;
  DataRegistry data;
};

}  // namespace faultline
