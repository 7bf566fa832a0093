// Output folders that cannot be used, runs that are continued, and runs that are interrupted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "cli/mount.h"
#include "cli/workshop.h"

namespace faultline {

namespace {

std::vector<std::string> sorted_rows(const std::string& folder) {
  std::vector<std::string> lines = lines_of(read_file(folder + "/samples.jsonl"));
  std::ranges::sort(lines);
  return lines;
}

TEST(RunDirectory, PlacesThatCannotBeWritten) {
  const Workshop shop;
  write_text(shop / "file", "taken");
  expect_refused(shop.attack({.more = {"--out", "file"}}), {"--out", "'file'"});
  expect_refused(shop.attack({.more = {"--out", "file/out"}}), {"--out", "'file/out'", "Not a directory"});
  expect_refused(shop.attack({.more = {"--out", "/proc/out"}}), {"--out", "'/proc/out'"});
  expect_refused(shop.curve({.more = {"--out", "/proc/out"}}), {"--out", "'/proc/out'"});
  expect_refused(shop.run({"demo", "--out", "/proc/out"}), {"--out", "'/proc/out'"});
  EXPECT_EQ(read_file(shop / "file"), "taken");
}

TEST(RunDirectory, ReadOnlyFolder) {
  const Workshop shop;
  const SmallDisk disk(shop / "fixed", "ro");
  if (!disk.mounted()) {
    if (geteuid() == 0) {
      GTEST_SKIP() << "cannot mount here, and root may write everywhere";
    }
    std::filesystem::permissions(shop / "fixed",
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  }
  const std::string reason = disk.mounted() ? "Read-only file system" : "Permission denied";
  expect_refused(shop.attack({.more = {"--out", "fixed"}}), {"--out", "'fixed'", reason});
  expect_refused(shop.attack({.more = {"--out", "fixed/out"}}), {"--out", "'fixed/out'", reason});
  expect_refused(shop.run({"demo", "--out", "fixed"}), {"fixed", reason});
}

TEST(RunDirectory, NothingIsMixed) {
  const Workshop shop;
  ASSERT_EQ(shop.attack({.more = {"--out", "out"}}).exit_code, 0);
  const std::vector<std::string> before = sorted_rows(shop / "out");
  EXPECT_EQ(before.size(), 24U);
  expect_refused(shop.attack({.more = {"--out", "out"}}), {"--out", "'out'", "not empty", "--resume"});
  expect_refused(shop.attack({.epsilon = "0.2", .more = {"--out", "out", "--resume"}}),
                 {"--out", "'out'", "another run"});
  expect_refused(shop.attack({.more = {"--out", "out", "--resume", "--limit", "8"}}), {"another run"});
  expect_refused(shop.attack({.more = {"--out", "out", "--resume", "--seed", "1"}}), {"another run"});
  expect_refused(shop.curve({.more = {"--out", "out", "--resume"}}), {"another run"});
  expect_refused(shop.attack({.more = {"--out", "elsewhere", "--resume"}}), {"--out", "elsewhere", "--resume"});
  EXPECT_FALSE(std::filesystem::exists(shop / "elsewhere"));
  EXPECT_EQ(sorted_rows(shop / "out"), before);
  EXPECT_EQ(shop.attack({.more = {"--out", "out", "--resume", "--workers", "1", "--batch", "5"}}).exit_code, 0);
  EXPECT_EQ(sorted_rows(shop / "out"), before);
}

TEST(RunDirectory, RefusedRunLeavesNoFolder) {
  const Workshop shop;
  const std::string model = shop.model("steps.pt", "return (x[:, 0:3] > 0.5).float()");
  expect_refused(shop.attack({.model = model, .more = {"--out", "out"}}), {"no gradient"});
  expect_refused(shop.attack({.more = {"--targeted", "7", "--out", "out"}}), {"class 7"});
  expect_refused(shop.attack({.epsilon = "3", .more = {"--out", "out"}}), {"--epsilon"});
  expect_refused(shop.curve({.more = {"--at", "3", "--out", "out"}}), {"--at"});
  expect_refused(shop.attack({.more = {"--limit", "0", "--out", "out"}}), {"--limit"}, /*exit_code=*/5);
  EXPECT_FALSE(std::filesystem::exists(shop / "out"));
}

TEST(RunDirectory, OneWriterAtATime) {
  const Workshop shop;
  ASSERT_EQ(shop.attack({.more = {"--out", "out"}}).exit_code, 0);
  const int lock = open((shop / "out/lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  expect_refused(shop.attack({.more = {"--out", "out", "--resume"}}), {"--out", "another process"});
  close(lock);
}

TEST(RunDirectory, TornAndForeignLines) {
  const Workshop shop;
  ASSERT_EQ(shop.attack({.more = {"--out", "out"}}).exit_code, 0);
  const std::vector<std::string> before = sorted_rows(shop / "out");
  const std::string whole = read_file(shop / "out/samples.jsonl");
  write_text(shop / "out/samples.jsonl", whole.substr(0, whole.size() - 20));
  ASSERT_EQ(shop.attack({.more = {"--out", "out", "--resume"}}).exit_code, 0);
  EXPECT_EQ(sorted_rows(shop / "out"), before);
  write_text(shop / "out/samples.jsonl", "garbage\n");
  expect_refused(shop.attack({.more = {"--out", "out", "--resume"}}), {"samples.jsonl"});
  std::string foreign = before.front();
  foreign.replace(foreign.find("\"index\":0"), 9, "\"index\":99");
  write_text(shop / "out/samples.jsonl", foreign + "\n");
  expect_refused(shop.attack({.more = {"--out", "out", "--resume"}}), {"samples.jsonl", "99"});
  write_text(shop / "out/run.json", "[]");
  expect_refused(shop.attack({.more = {"--out", "out", "--resume"}}), {"run.json"});
}

TEST(RunDirectory, InterruptedRunExitsTwoAndResumes) {
  const Workshop shop;
  Call call{.more = {"--attack", "noise:draws=6000", "--workers", "1", "--batch", "8", "--out", "out"}};
  const ProgramResult stopped = shop.attack(call, {.interrupt_when = shop / "out/samples.jsonl"});
  EXPECT_EQ(stopped.exit_code, 2);
  EXPECT_EQ(stopped.out, "");
  EXPECT_THAT(stopped.err, testing::HasSubstr("interrupted after"));
  EXPECT_THAT(stopped.err, testing::HasSubstr("--resume"));
  const std::string saved = read_file(shop / "out/samples.jsonl");
  EXPECT_THAT(saved, testing::EndsWith("\n"));
  EXPECT_LT(lines_of(saved).size(), 24U);
  call.more.emplace_back("--resume");
  ASSERT_EQ(shop.attack(call).exit_code, 0);
  EXPECT_THAT(read_file(shop / "out/samples.jsonl"), testing::StartsWith(saved));
  EXPECT_EQ(sorted_rows(shop / "out").size(), 24U);
}

}  // namespace

}  // namespace faultline
