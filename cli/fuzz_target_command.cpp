#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <limits>

#include "faultline/cli/fuzz_session.h"
#include "faultline/eval/fuzz_findings.h"
#include "faultline/eval/fuzz_scene.h"
#include "faultline/fuzz/libfuzzer_engine.h"

namespace faultline {

namespace {

struct TargetFlags {
  FuzzFlags fuzz{};
  std::string findings{};
  std::string name = "faultline";
  std::vector<std::string> arguments{};  ///< Of libFuzzer.
};

/// Takes failures as they come, for a process that libFuzzer ends: they are filed as soon as they are verified, or, for
/// fleets, end the process with a line that names their kind.
class FailureTaker {
 public:
  FailureTaker(const TargetFlags& flags, FuzzSession& open, const FuzzScene& scene)
      : flags_(flags), open_(open), scene_(scene) {}

  void file(const Island& island) {
    const std::map<std::uint64_t, FuzzFailure>& kept = island.failures().kept();
    std::vector<FuzzFailure> fresh;
    for (auto failure = kept.lower_bound(next_); failure != kept.end(); ++failure) {
      fresh.push_back(failure->second);
      next_ = failure->first + 1;
    }
    const std::vector<NewFinding> findings = verified(fresh);
    if (!findings.empty()) {
      Corpus::open_or_create(flags_.findings).file(findings);
    }
  }

  void end_with(const Screened& failing) const {
    const std::int64_t label = open_.seeds.batch.labels[failing.input.seed].item<std::int64_t>();
    for (const NewFinding& found : verified({{failing, label}})) {
      // The form by which fleets tell bugs apart.
      std::cerr << "Check failed: " << signature_of(found.finding.failure, found.discovery) << "\n" << std::flush;
      std::abort();
    }
  }

 private:
  [[nodiscard]] std::vector<NewFinding> verified(const std::vector<FuzzFailure>& failures) const {
    const FuzzProvenance provenance{open_.plan, open_.seeds, open_.oracles, "main", open_.session.facts.classes};
    const auto lives = [](const FuzzInput&) { return std::nullopt; };
    std::vector<NewFinding> findings;
    for (VerifiedFailure& one : verify_failures(failures, scene_.task(), provenance, *open_.target, lives)) {
      if (one.judgement == Judgement::kAccepted) {
        findings.push_back(std::move(one.finding));
      }
    }
    return findings;
  }

  const TargetFlags& flags_;
  FuzzSession& open_;
  const FuzzScene& scene_;
  std::uint64_t next_ = 0;
};

int fuzz_target(const TargetFlags& flags, const CommandContext& context) {
  FuzzSession open = open_fuzz_session(flags.fuzz, context);
  const FuzzScene scene(open.plan, open.seeds, context.registries.mutators, open.oracles, *open.target);
  FailureTaker taker(flags, open, scene);
  IslandObserver observer;
  std::function<void(const Screened&)> on_failure;
  if (flags.fuzz.abort) {
    on_failure = [&](const Screened& failing) { taker.end_with(failing); };
  } else {
    observer.after = [&](const Island& island) { taker.file(island); };
  }
  const IslandJob job{.seed = open.plan.seed, .evaluations = std::numeric_limits<std::int64_t>::max()};
  Island island(scene.task(), open.target->padded_for(open.oracles), job, observer);
  return run_libfuzzer(island, flags.name, flags.arguments, on_failure);
}

}  // namespace

void add_fuzz_target_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<TargetFlags>();
  CLI::App* command = app.add_subcommand("fuzz-target", "what an emitted fuzzer runs");
  command->group("");  // for scripts
  command->footer(
      "Examples:\n"
      "  faultline fuzz model.pt --data mnist:DIR --limit 200 --emit-fuzzer DIR\n"
      "  DIR/model_fuzzer -runs=10000\n\n"
      "Runs libFuzzer's own driver on a model; `faultline fuzz --emit-fuzzer` writes the script that calls it.");
  add_fuzz_subject_flags(*command, flags->fuzz);
  command->add_flag("--abort-on-failure", flags->fuzz.abort, "abort at the first failure");
  command->add_option("--findings", flags->findings, "failure corpus to file findings in")->required();
  command->add_option("--name", flags->name, "how libFuzzer calls this process again")->required();
  command->add_option("ARGUMENTS", flags->arguments, "flags and files of libFuzzer, after --");
  command->callback([flags, context] { context.chosen = [flags, context] { return fuzz_target(*flags, context); }; });
}

}  // namespace faultline
