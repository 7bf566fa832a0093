#include "faultline/cli/run.h"

#include <CLI/CLI.hpp>

#include "faultline/attacks/register_attacks.h"
#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/stop.h"
#include "faultline/core/error.h"
#include "faultline/core/suggest.h"
#include "faultline/data/register_data.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/process.h"
#include "faultline/mutators/register_mutators.h"
#include "faultline/oracles/register_oracles.h"

namespace faultline {

namespace {

constexpr int kInternalError = 3;

/// Flags of a command, for suggestions.
std::vector<std::string> flag_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

/// What a parse error means in our words. CLI11 reports a missing flag before a misspelt one, so words that nobody took
/// come first.
std::string explain(const CLI::App& app, const CLI::App& command, const CLI::ParseError& error) {
  const std::vector<std::string> names = command_names(command);
  const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
  if (!extras.empty()) {
    const std::string& word = extras.front();
    const std::string name = word.substr(0, word.find('='));
    if (word.starts_with("-") && command.get_option_no_throw(name) != nullptr) {
      return "'" + name + "' belongs to " + command.get_name() + "; write it after that word";
    }
    if (word.starts_with("-")) {
      const std::string nearest = did_you_mean(name, flag_names(command));
      // A command has too many flags to list in one line.
      return "unknown option '" + word + "'" + (nearest.starts_with("; did you mean") ? nearest : "");
    }
    return names.empty() ? "unexpected word '" + word + "'; options begin with --"
                         : "unknown command '" + word + "'" + did_you_mean(word, names);
  }
  std::string message = error.what();
  const std::string flag = message.substr(0, message.find(':'));
  switch (static_cast<CLI::ExitCodes>(error.get_exit_code())) {
    case CLI::ExitCodes::RequiredError:
      return names.empty() ? message : "no command given" + did_you_mean("", names);
    case CLI::ExitCodes::ArgumentMismatch:
      return message.find("received") == std::string::npos ? flag + ": a value is missing after it"
                                                           : flag + ": given more than once; it takes one value";
    default:
      return message;
  }
}

/// Turns a parse error into our one line.
int refuse(const CLI::App& app, const CLI::ParseError& error) {
  // The innermost command that was named: `corpus show` rather than `corpus`.
  const CLI::App* command = &app;
  std::string place = "faultline";
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    place += " " + command->get_name();
  }
  print_error(explain(app, *command, error) + " (see " + place + " --help)");
  return static_cast<int>(ErrorCode::kUsage);
}

/// Examples come first (they stand in the footer), long lines stay as written, and a list of commands shows one line
/// each.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(34); }
  [[nodiscard]] std::string make_description(const CLI::App* app) const override { return app->get_footer() + "\n\n"; }
  [[nodiscard]] std::string make_footer(const CLI::App*) const override { return {}; }
};

int print_and_end(const std::string& text) {
  print(text);
  return 0;
}

int dispatch(const std::function<int()>& command) {
  try {
    return command();
  } catch (const Error& error) {
    error.code() == ErrorCode::kInterrupted ? print_notice(error.what()) : print_error(error.what());
    return static_cast<int>(error.code());
  } catch (const c10::Error& error) {
    print_error("internal: " + std::string(error.what_without_backtrace()));
    return kInternalError;
  } catch (const std::exception& error) {
    print_error(std::string("internal: ") + error.what());
    return kInternalError;
  }
}

/// An empty value is a mistake everywhere, such as a variable of the shell that is not set.
void refuse_empty_values(CLI::App& app) {
  const auto refuse = [](const std::string& value) {
    return std::string(value.empty() ? "the value is empty; give one, or leave the option out" : "");
  };
  for (CLI::Option* option :
       app.get_options([](const CLI::Option* one) { return one->get_items_expected_min() > 0; })) {
    option->check(refuse);
  }
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    refuse_empty_values(*command);
  }
}

}  // namespace

void register_builtin(Registries& registries) {
  register_attacks(registries.attacks);
  register_mutators(registries.mutators);
  register_oracles(registries.oracles);
  register_data(registries.data);
}

namespace {

/// The application with all commands; the callbacks of a command leave its work in context.chosen.
void add_commands(CLI::App& app, const CommandContext& context) {
  app.footer(
      "Examples:\n"
      "  faultline demo\n"
      "  faultline attack model.pt --data mnist:DIR --norm linf --epsilon 0.1\n\n"
      "Finds the inputs on which a neural network breaks, and measures how far away they are.\n"
      "Exit codes: 0 done, 1 a gate, a replay or a check failed, 2 interrupted, 3 internal error, 4 wrong usage, file "
      "or "
      "configuration, 5 nothing ran, 7 inconclusive.");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", "faultline " + version());
  app.require_subcommand(1);
  app.fallthrough();
  for (const auto add : {add_demo_command, add_inspect_command, add_attack_command, add_curve_command,
                         add_selftest_command, add_corruptions_command, add_fuzz_command, add_fuzz_target_command,
                         add_replay_command, add_corpus_command, add_init_command, add_run_command, add_report_command,
                         add_plan_command, add_compare_command, add_baseline_command, add_list_command}) {
    add(app, context);
  }
  refuse_empty_values(app);
}

}  // namespace

std::string problem_of_words(std::vector<std::string> words, const Registries& registries) {
  CLI::App app("", "faultline");
  const std::atomic<bool> never{false};
  std::function<int()> chosen;
  std::function<void()> check;
  add_commands(app, {registries, never, chosen, check});
  const std::string command = words.front();
  std::ranges::reverse(words);  // as CLI11 takes them
  try {
    app.parse(words);
    if (check) {
      check();
    }
  } catch (const CLI::ParseError& error) {
    return explain(app, *app.get_subcommand(command), error);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

FlagKind flag_kind(const std::string& command, const std::string& key, const Registries& registries) {
  CLI::App app("", "faultline");
  const std::atomic<bool> never{false};
  std::function<int()> chosen;
  std::function<void()> check;
  add_commands(app, {registries, never, chosen, check});
  const CLI::Option* option = app.get_subcommand(command)->get_option_no_throw("--" + key);
  return option == nullptr                      ? FlagKind::kUnknown
         : option->get_items_expected_min() > 0 ? FlagKind::kWithValue
                                                : FlagKind::kWithoutValue;
}

int run(int argc, char** argv, const Registries& registries) {
  prepare_process();
  reserve_standard_streams();
  CLI::App app("", "faultline");
  std::function<int()> chosen;
  std::function<void()> check;
  add_commands(app, {registries, stop_on_signals(), chosen, check});
  std::string color = "auto";
  app.add_option("--color", color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  set_color(ColorMode::kAuto);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    chosen = [&app] { return print_and_end(app.help()); };
  } catch (const CLI::CallForVersion&) {
    chosen = [&app] { return print_and_end(app.version() + "\n"); };
  } catch (const CLI::ParseError& error) {
    return refuse(app, error);
  }
  set_color(color == "always" ? ColorMode::kAlways : (color == "never" ? ColorMode::kNever : ColorMode::kAuto));
  return dispatch(chosen);
}

}  // namespace faultline
