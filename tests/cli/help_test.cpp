// Help, version, colours, and what the text output says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/workshop.h"

namespace faultline {

namespace {

const std::string kData = FAULTLINE_TEST_DATA;

TEST(Help, BeginsWithTwoExamples) {
  for (const std::string command : {"", "demo", "inspect", "attack", "curve", "fuzz", "list"}) {
    SCOPED_TRACE(command);
    std::vector<std::string> arguments{"--help"};
    if (!command.empty()) {
      arguments.insert(arguments.begin(), command);
    }
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.err, "");
    const std::vector<std::string> lines = lines_of(result.out);
    ASSERT_GT(lines.size(), 5U);
    EXPECT_EQ(lines[0], "Examples:");
    EXPECT_THAT(lines[1], testing::StartsWith(command.empty() ? "  faultline demo" : "  faultline " + command));
    EXPECT_THAT(lines[2], testing::StartsWith("  faultline " + command));
    EXPECT_EQ(lines[3], "");
  }
}

TEST(Help, ListOfCommandsShowsOneLineEach) {
  const std::string help = run_program({"--help"}).out;
  for (const std::string command : {"demo", "inspect", "attack", "curve", "list"}) {
    EXPECT_THAT(help, testing::ContainsRegex("\n  " + command + "  +[a-z]"));
  }
  EXPECT_THAT(help, testing::Not(testing::HasSubstr("faultline list attacks")));
}

/// Words of an example with a real model, few samples and few steps in the place of what it names.
std::vector<std::string> made_real(const std::string& line, const std::string& out) {
  std::vector<std::string> words;
  std::istringstream stream(line);
  std::string word;
  stream >> word;
  EXPECT_EQ(word, "faultline");
  bool limited = false;
  while (stream >> word) {
    const bool limit = !words.empty() && words.back() == "--limit";
    limited = limited || limit;
    words.push_back(word == "model.pt"                      ? kData + "/mnist_nor_mlp_b.pt"
                    : word == "mnist:DIR"                   ? "mnist:" + kData
                    : word.starts_with("mnist:tests/data")  ? "mnist:" + kData
                    : limit                                 ? "5"
                    : word == "run1" || word == "/tmp/demo" ? out
                                                            : word);
  }
  if (!limited && (words[0] == "attack" || words[0] == "curve")) {
    words.insert(words.end(), {"--limit", "5"});
  }
  return words;
}

TEST(Help, ExamplesRun) {
  const TemporaryFolder folder;
  int number = 0;
  for (const std::string command : {"inspect", "attack", "curve", "list"}) {
    const std::vector<std::string> lines = lines_of(run_program({command, "--help"}).out);
    for (const std::string& line : {lines.at(1), lines.at(2)}) {
      const ProgramResult result =
          run_program(made_real(line, "out" + std::to_string(number++)), {.folder = folder.path()});
      EXPECT_EQ(result.exit_code, 0) << line << "\n" << result.err;
      EXPECT_NE(result.out, "");
    }
  }
}

TEST(Help, Version) {
  EXPECT_THAT(run_program({"--version"}).out, testing::MatchesRegex("faultline [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Text, ColoursOnlyWhereTheyAreWanted) {
  const Workshop shop;
  const std::string escape = "\033[";
  EXPECT_THAT(shop.attack({}).out, testing::Not(testing::HasSubstr(escape)));
  EXPECT_THAT(shop.attack({.more = {"--color", "always"}}).out, testing::HasSubstr(escape));
  EXPECT_THAT(shop.attack({.more = {"--color", "never"}}).out, testing::Not(testing::HasSubstr(escape)));
  EXPECT_THAT(shop.run({"--color", "always", "inspect", "none.pt"}).err, testing::HasSubstr(escape));
  const ProgramResult json = shop.attack({.more = {"--color", "always", "--json"}});
  (void)expect_document(json);
  // A pseudo-terminal, by script(1), shows whether NO_COLOR is respected.
  const std::string call = std::string(FAULTLINE_PROGRAM) + " inspect model.pt";
  const ProgramResult terminal = run_command({"script", "-qec", call, "/dev/null"}, {.folder = shop.path()});
  if (terminal.exit_code != 0) {
    GTEST_SKIP() << "script(1) is missing";
  }
  EXPECT_THAT(terminal.out, testing::HasSubstr(escape));
  const ProgramResult plain =
      run_command({"script", "-qec", call, "/dev/null"}, {.folder = shop.path(), .env = {{"NO_COLOR", "1"}}});
  EXPECT_THAT(plain.out, testing::Not(testing::HasSubstr(escape)));
}

TEST(Text, AttackSaysWhatItFound) {
  const Workshop shop;
  const ProgramResult result = shop.attack({.epsilon = "0.5"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, testing::ContainsRegex("clean accuracy +100.00 % \\([0-9.]+ .. 100.00\\), 0 errors"));
  EXPECT_THAT(result.out, testing::ContainsRegex("robust accuracy +0.00 % \\(0.00 .. [0-9.]+\\), 24 errors"));
  EXPECT_THAT(result.out, testing::HasSubstr("24 of 24 claims accepted"));
}

TEST(Text, NothingIsWrittenWithoutOut) {
  const Workshop shop;
  const auto names = [&shop] {
    std::vector<std::string> list;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(shop.path())) {
      list.push_back(entry.path().filename().string());
    }
    return list;
  };
  const std::vector<std::string> before = names();
  EXPECT_EQ(shop.attack({.epsilon = "0.5"}).exit_code, 0);
  EXPECT_EQ(shop.curve({}).exit_code, 0);
  EXPECT_EQ(shop.run({"inspect", "model.pt", "--data", "npy:x.npy,y.npy"}).exit_code, 0);
  EXPECT_THAT(names(), testing::UnorderedElementsAreArray(before));
}

}  // namespace

}  // namespace faultline
