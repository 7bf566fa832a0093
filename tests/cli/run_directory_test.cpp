// Output folders that cannot be used, runs that are continued, and runs that are interrupted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "cli/mount.h"
#include "cli/workshop.h"
#include "faultline/data/npy.h"

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
  expect_refused(shop.run({"demo", "--out", "."}), {"--out", "'.'", "not empty"});
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
                 {"--out", "'out'", "another run", "epsilon is 0.1 there and 0.2 now"});
  expect_refused(shop.attack({.more = {"--out", "out", "--resume", "--limit", "8"}}),
                 {"another run", "data/samples is 24 there and 8 now"});
  expect_refused(shop.attack({.more = {"--out", "out", "--resume", "--seed", "1"}}),
                 {"another run", "seed is 0 there and 1 now"});
  expect_refused(shop.attack({.more = {"--out", "out", "--resume", "--attack", "pgd:steps=7"}}),
                 {"another run", "attacks/0/name is \"apgd\" there and \"pgd\" now"});
  const std::string other = shop.model("other.pt", "return x[:, 0:3] * 5.0");
  expect_refused(shop.attack({.model = other, .more = {"--out", "out", "--resume"}}), {"another run", "model/sha256"});
  expect_refused(shop.curve({.more = {"--out", "out", "--resume"}}),
                 {"another run", "command is \"attack\" there and \"curve\" now"});
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
  std::string damaged = whole;
  damaged[whole.find('\n') + 5] = '{';
  write_text(shop / "out/samples.jsonl", damaged);
  expect_refused(shop.attack({.more = {"--out", "out", "--resume"}}), {"'out/samples.jsonl'", "line 2", "delete it"});
  write_text(shop / "out/samples.jsonl", whole.substr(0, whole.find('\n') + 1));
  ASSERT_EQ(shop.attack({.more = {"--out", "out", "--resume"}}).exit_code, 0);
  EXPECT_EQ(sorted_rows(shop / "out"), before);
  std::string foreign = before.front();
  foreign.replace(foreign.find("\"index\":0"), 9, "\"index\":99");
  write_text(shop / "out/samples.jsonl", foreign + "\n");
  expect_refused(shop.attack({.more = {"--out", "out", "--resume"}}), {"samples.jsonl", "99"});
  write_text(shop / "out/run.json", "[]");
  expect_refused(shop.attack({.more = {"--out", "out", "--resume"}}), {"run.json"});
}

TEST(RunDirectory, RowsWhoseWitnessIsMissingAreComputedAgain) {
  const Workshop shop;
  const Call call{.epsilon = "0.5", .more = {"--batch", "8", "--out", "out"}};
  ASSERT_EQ(shop.attack(call).exit_code, 0);
  const std::vector<std::string> before = sorted_rows(shop / "out");
  const std::string witness = "out/witnesses/" + Json::parse(before[9])["witness"].get<std::string>() + ".safetensors";
  const std::string bytes = read_file(shop / witness);
  ASSERT_TRUE(std::filesystem::remove(shop / witness));
  Call again = call;
  again.more.insert(again.more.end(), {"--resume", "--export", "npy"});
  const ProgramResult resumed = shop.attack(again);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(sorted_rows(shop / "out"), before);
  EXPECT_EQ(read_file(shop / witness), bytes);
}

TEST(RunDirectory, ARunOfFewSamplesIsSavedInParts) {
  const Workshop shop;
  write_npy(shop / "many.npy", at::full({400, 4}, 0.2, at::kFloat));
  write_npy(shop / "labels.npy", at::zeros({400}, at::kLong));
  const auto batch = [&](const std::vector<std::string>& more, const std::string& out) {
    Call call{.data = "npy:many.npy,labels.npy", .more = {"--attack", "fgsm", "--out", out}};
    call.more.insert(call.more.end(), more.begin(), more.end());
    EXPECT_EQ(shop.attack(call).exit_code, 0);
    return Json::parse(read_file(shop / (out + "/run.json")))["batch"].get<int>();
  };
  EXPECT_EQ(batch({"--limit", "100"}, "hundred"), 50);
  EXPECT_EQ(lines_of(read_file(shop / "hundred/costs.jsonl")).size(), 2U);
  EXPECT_EQ(batch({"--workers", "3"}, "three"), 100);
  EXPECT_EQ(batch({"--batch", "400"}, "one"), 400);
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
