// The commands of README.md, run as written, in a folder that looks like the repository after a build.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/workshop.h"

namespace faultline {

namespace {

/// Blocks marked ```sh whose first line sets F or runs the program, one script in their order.
std::string script_of(const std::string& text) {
  std::string script;
  std::string block;
  bool inside = false;
  for (const std::string& line : lines_of(text)) {
    if (line == "```sh") {
      inside = true;
      block.clear();
    } else if (inside && line.starts_with("```")) {
      inside = false;
      const bool ours =
          block.starts_with("F=build/release/faultline") || block.starts_with("$F ") || block.starts_with("faultline ");
      script += ours ? block : "";
    } else if (inside) {
      block += line + "\n";
    }
  }
  return script;
}

TEST(Readme, CommandsRunAsWritten) {
  const std::filesystem::path root = FAULTLINE_SOURCE_ROOT;
  const std::string script = script_of(read_file(root / "README.md"));
  for (const std::string command : {"$F demo", "$F list", "$F inspect", "$F attack", "$F curve"}) {
    EXPECT_THAT(script, testing::HasSubstr(command)) << "README.md shows no such command in a block marked sh";
  }
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "build/release");
  std::filesystem::create_symlink(FAULTLINE_PROGRAM, folder.path() / "build/release/faultline");
  std::filesystem::create_symlink(root / "tests", folder.path() / "tests");
  std::filesystem::create_symlink(root / "examples", folder.path() / "examples");
  const ProgramResult result = run_command({"bash", "-euxo", "pipefail", "-c", script}, {.folder = folder.path()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const std::string file :
       {"out/attack/run.json", "out/attack/samples.jsonl", "out/curve/curve.svg", "out/curve/summary.json"}) {
    EXPECT_TRUE(std::filesystem::exists(folder.path() / file)) << file << ", which README.md describes";
  }
}

}  // namespace

}  // namespace faultline
