// One function per subcommand: it adds its flags to the application and, when the user chose it, leaves its work in
// `chosen`, which returns the exit code; and in `check`, where a plan may name the command, what can be said of its
// words before any file is opened, as an Error.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "faultline/core/registry.h"

namespace CLI {
class App;
}

namespace faultline {

/// What a command gets from main.
struct CommandContext {
  const Registries& registries;
  const std::atomic<bool>& stop;
  std::function<int()>& chosen;
  std::function<void()>& check;
};

/// What is wrong with a command line, in one line, as far as its words tell: flags, names and values, but no file;
/// empty: nothing.
[[nodiscard]] std::string problem_of_words(std::vector<std::string> words, const Registries& registries);

enum class FlagKind { kUnknown, kWithValue, kWithoutValue };

/// What the flag --key is to a command such as "attack".
[[nodiscard]] FlagKind flag_kind(const std::string& command, const std::string& key, const Registries& registries);

void add_attack_command(CLI::App& app, const CommandContext& context);
void add_curve_command(CLI::App& app, const CommandContext& context);
void add_corruptions_command(CLI::App& app, const CommandContext& context);
void add_fuzz_command(CLI::App& app, const CommandContext& context);
void add_fuzz_target_command(CLI::App& app, const CommandContext& context);
void add_selftest_command(CLI::App& app, const CommandContext& context);
void add_replay_command(CLI::App& app, const CommandContext& context);
void add_run_command(CLI::App& app, const CommandContext& context);
void add_report_command(CLI::App& app, const CommandContext& context);
void add_plan_command(CLI::App& app, const CommandContext& context);
void add_init_command(CLI::App& app, const CommandContext& context);
void add_baseline_command(CLI::App& app, const CommandContext& context);
void add_compare_command(CLI::App& app, const CommandContext& context);
void add_corpus_command(CLI::App& app, const CommandContext& context);
void add_inspect_command(CLI::App& app, const CommandContext& context);
void add_list_command(CLI::App& app, const CommandContext& context);
void add_demo_command(CLI::App& app, const CommandContext& context);

}  // namespace faultline
