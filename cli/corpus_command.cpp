#include <CLI/CLI.hpp>

#include "faultline/cli/commands.h"
namespace faultline {
void add_corpus_command(CLI::App& app, const CommandContext& context) {
  (void)app; (void)context;
}
}
