// Disks that fill up: one line, exit code 4, and nothing that was saved is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/mount.h"
#include "cli/workshop.h"
#include "faultline/data/npy.h"

namespace faultline {

namespace {

/// Chunks of eight samples, one at a time; every sample is found, so every chunk writes witnesses.
Call chunked(const std::string& out, const std::vector<std::string>& more = {}) {
  Call call{.epsilon = "0.5", .more = {"--batch", "8", "--workers", "1", "--out", out}};
  call.more.insert(call.more.end(), more.begin(), more.end());
  return call;
}

std::vector<std::string> sorted_rows(const std::string& folder) {
  std::vector<std::string> lines = lines_of(read_file(folder + "/samples.jsonl"));
  std::ranges::sort(lines);
  return lines;
}

/// What a run that a full disk ended left behind: whole lines of whole chunks, and no temporary files.
void expect_whole_lines(const std::string& folder) {
  const std::string text = read_file(folder + "/samples.jsonl");
  EXPECT_TRUE(text.empty() || text.back() == '\n') << text;
  const std::vector<std::string> lines = lines_of(text);
  EXPECT_LT(lines.size(), 24U);
  EXPECT_EQ(lines.size() % 8, 0U);
  for (const std::string& line : lines) {
    const Json row = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    ASSERT_FALSE(row.is_discarded()) << line;
    EXPECT_TRUE(std::filesystem::exists(folder + "/witnesses/" + row["witness"].get<std::string>() + ".safetensors"));
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    EXPECT_THAT(entry.path().filename().string(), testing::Not(testing::HasSubstr("tmp")));
  }
}

void expect_resumable(const Workshop& shop, const std::string& out) {
  const ProgramResult resumed = shop.attack(chunked(out, {"--resume"}));
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  ASSERT_EQ(shop.attack(chunked("undisturbed")).exit_code, 0);
  EXPECT_EQ(sorted_rows(shop / out), sorted_rows(shop / "undisturbed"));
  EXPECT_EQ(sorted_rows(shop / out).size(), 24U);
}

TEST(FullDisk, FileSizeLimitKeepsWholeChunksAndTheRunResumes) {
  const Workshop shop;
  expect_refused(shop.attack(chunked("out"), {.largest_file = 8500}), {"samples.jsonl", "File too large"});
  expect_whole_lines(shop / "out");
  EXPECT_EQ(lines_of(read_file(shop / "out/samples.jsonl")).size(), 16U);
  expect_resumable(shop, "out");
}

TEST(FullDisk, SmallFileSystemKeepsWholeChunksAndTheRunResumes) {
  const Workshop shop;
  const SmallDisk disk(shop / "disk", "size=64k");
  if (!disk.mounted()) {
    GTEST_SKIP() << "cannot mount here; FileSizeLimitKeepsWholeChunksAndTheRunResumes covers the rest";
  }
  expect_refused(shop.attack(chunked("disk/out")), {"disk/out", "No space left on device"});
  expect_whole_lines(shop / "disk/out");
  ASSERT_TRUE(disk.remount("size=1m"));
  expect_resumable(shop, "disk/out");
}

TEST(FullDisk, NoRoomForAnythingAtAll) {
  const Workshop shop;
  expect_refused(shop.attack(chunked("out"), {.largest_file = 100}), {"run.json", "File too large"});
  EXPECT_FALSE(std::filesystem::exists(shop / "out/run.json"));
}

TEST(FullDisk, ExportsAndTheRunStays) {
  const Workshop shop;
  const Tensor labels = at::arange(6, at::kLong).remainder(3);
  const Tensor images = at::full({6, 1, 28, 28}, 0.3, at::kFloat);
  images.flatten(1).scatter_(1, labels.unsqueeze(1), 0.7);
  write_npy(shop / "images.npy", images);
  write_npy(shop / "labels.npy", labels);
  Call call{.model = shop.model("first.pt", "return torch.flatten(x, 1)[:, 0:3] * 4.0"),
            .data = "npy:images.npy,labels.npy",
            .epsilon = "0.5"};
  call.more = {"--out", "out", "--export", "npy"};
  expect_refused(shop.attack(call, {.largest_file = 12'000}), {"npy/", "File too large"});
  EXPECT_EQ(lines_of(read_file(shop / "out/samples.jsonl")).size(), 6U);
  call.more.emplace_back("--resume");
  EXPECT_EQ(shop.attack(call).exit_code, 0);
  EXPECT_EQ(open_npy(shop / "out/npy/clean.npy").shape, (std::vector<std::int64_t>{6, 1, 28, 28}));
}

TEST(FullDisk, CurvePicture) {
  const Workshop shop;
  Call call{.more = {"--limit", "2", "--at", "0.3", "--epsilon-max", "0.4", "--out", "out"}};
  expect_refused(shop.curve(call, {.largest_file = 4000}), {"curve.svg", "File too large"});
  EXPECT_EQ(lines_of(read_file(shop / "out/samples.jsonl")).size(), 2U);
  EXPECT_FALSE(std::filesystem::exists(shop / "out/curve.svg"));
  call.more.emplace_back("--resume");
  EXPECT_EQ(shop.curve(call).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(shop / "out/curve.svg"));
}

TEST(FullDisk, StandardOutput) {
  const Workshop shop;
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                    {"--version"},
                                                    {"attack", "--help"},
                                                    {"list"},
                                                    {"list", "attacks", "--json"},
                                                    {"inspect", "model.pt"}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    expect_refused(shop.run(arguments, {.out = "/dev/full"}), {"standard output", "No space left"});
  }
  expect_refused(shop.attack({.more = {"--json", "--out", "out"}}, {.out = "/dev/full"}), {"standard output"});
  EXPECT_EQ(lines_of(read_file(shop / "out/samples.jsonl")).size(), 24U);
}

TEST(FullDisk, ClosedStandardOutputEndsInNoFile) {
  const Workshop shop;
  expect_refused(shop.attack({.more = {"--out", "out"}}, {.close_out = true}), {"standard output"});
  EXPECT_EQ(lines_of(read_file(shop / "out/samples.jsonl")).size(), 24U);
  EXPECT_EQ(read_file(shop / "out/lock"), "");
  expect_refused(shop.run({"list"}, {.close_out = true}), {"standard output"});
}

}  // namespace

}  // namespace faultline
