// Entries from someone who means harm: one line each, the others are still loaded, nothing is followed or deleted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <limits>

#include "corpus/corpus_fixtures.h"
#include "faultline/data/safetensors.h"
#include "faultline/data/sha256.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSound = 3;

Bytes bytes_of_text(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

/// A corpus of three sound findings, to which a test adds one that is not.
class HostileCorpus : public testing::Test {
 protected:
  HostileCorpus() {
    corpus.file(numbered_range(0, kSound));
    corpus.record(event_file({{.finding = numbered_finding(0).id, .state = State::kFixed}}));
  }

  /// Writes an entry whose folder has the name that its text asks for.
  fs::path add(const std::string& entry, const std::string& witness) const {
    return add_as(sha256_of(bytes_of_text(entry)), entry, witness);
  }

  fs::path add_as(const std::string& id, const std::string& entry, const std::string& witness) const {
    const std::string place = "c/findings/" + id.substr(0, 2) + "/" + id + "/";
    (void)folder.write(place + "entry.json", entry);
    (void)folder.write(place + "witness.safetensors", witness);
    return folder.path() / place;
  }

  /// Reading everything must give one line that begins with `place` and holds the words, and all that is sound.
  void expect_one_line(const fs::path& place, const std::vector<std::string>& words = {}, std::size_t events = 1,
                       std::size_t sound = kSound) const {
    const Tree before = tree_of(folder.path());
    const Reading reading = read_all_of(corpus);
    EXPECT_EQ(reading.loaded.size(), sound);
    EXPECT_EQ(reading.events.size(), events);
    ASSERT_EQ(reading.damage.size(), 1U) << testing::PrintToString(reading.damage) << place;
    const std::string& line = reading.damage.front();
    EXPECT_THAT(line, testing::StartsWith(fs::path(place / "").parent_path().string()));
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    EXPECT_LT(line.size(), 1000U) << line;
    for (const std::string& word : words) {
      EXPECT_THAT(line, testing::HasSubstr(word));
    }
    EXPECT_EQ(difference(tree_of(folder.path()), before), "");
  }

  /// The same for an entry that is then taken away.
  void expect_entry_damaged(const std::string& entry, const std::string& witness,
                            const std::vector<std::string>& words = {}) const {
    SCOPED_TRACE(entry.substr(0, 200));
    const fs::path place = add(entry, witness);
    expect_one_line(place, words);
    Corpus here = Corpus::open_or_create(folder.path() / "merged");
    std::vector<std::string> damage;
    here.merge(corpus, [&](const std::string& message) { damage.push_back(message); });
    EXPECT_EQ(damage.size(), 1U) << testing::PrintToString(damage);
    EXPECT_EQ(here.ids().size(), std::size_t{kSound});
    fs::remove_all(folder.path() / "merged");
    fs::remove_all(place);
  }

  /// The same for tensors that the facts describe truly.
  void expect_tensors_refused(const Failure& failure, const Tensor& clean, const Tensor& witness,
                              const std::vector<std::string>& words) const {
    const Finding finding = make_finding(failure, clean, witness);
    expect_entry_damaged(entry_bytes(finding.failure), witness_bytes(finding), words);
  }

  /// Nothing is reported: the file is none that a corpus looks at.
  void expect_not_seen() const {
    const Tree before = tree_of(folder.path());
    const Reading reading = read_all_of(corpus);
    EXPECT_EQ(reading.loaded.size(), std::size_t{kSound});
    EXPECT_TRUE(reading.damage.empty()) << testing::PrintToString(reading.damage);
    EXPECT_EQ(difference(tree_of(folder.path()), before), "");
  }

  [[nodiscard]] std::string event_place(const std::string& bytes) const { return "c/events/" + event_file_name(bytes); }

  TemporaryFolder folder{memory_folder()};
  Corpus corpus = Corpus::open_or_create(folder.path() / "c");
  const Finding added = numbered_finding(100);
  const std::string added_entry = entry_bytes(added.failure);
  const std::string added_witness = witness_bytes(added);
};

TEST_F(HostileCorpus, WhatIsNoJsonIsDamage) {
  for (const std::string& text :
       {std::string("{"), std::string("null"), std::string("[]"), std::string("3"), std::string("{}"),
        std::string("\0", 1), std::string("{\"schema\":\"faultline.finding/1\"}"), std::string("\xff\xfe{"),
        std::string(65, '\n'), added_entry + "x", replaced(added_entry, "misclass", "mis\xff")}) {
    expect_entry_damaged(text, added_witness);
  }
}

TEST_F(HostileCorpus, DeepJsonIsDamage) {
  expect_entry_damaged(std::string(60'000, '['), added_witness, {"schema"});
  expect_entry_damaged(nested(30'000), added_witness, {"schema"});
  expect_entry_damaged("{\"schema\":" + nested(30'000) + "}", added_witness, {"schema"});
  expect_entry_damaged("{\"schema\":\"faultline.finding/1\",\"oracle\":" + nested(30'000) + "}", added_witness);
  expect_entry_damaged(replaced(added_entry, "[2,2]", nested(30'000)), added_witness);
  expect_entry_damaged("{\"schema\":\"faultline.finding/1\"," + std::string(70'000, ' ') + "}", added_witness,
                       {"64 KB"});
}

TEST_F(HostileCorpus, TextUnderAnotherHashIsDamage) {
  const std::string other = replaced(added_entry, "\"epsilon\":0.1", "\"epsilon\":0.2");
  const fs::path place = add_as(added.id, other, added_witness);
  expect_one_line(place, {"altered"});
  // Its facts are not believed either.
  expect_refusal([&] { (void)corpus.facts(added.id, [](const std::string&) {}); }, {place.parent_path().string()});
}

TEST_F(HostileCorpus, ShapeBombsAreDamage) {
  for (const char* shape :
       {"[1099511627776,1099511627776]", "[4294967296,4294967296,4294967296]", "[9223372036854775807]",
        "[9223372036854775807,2]", "[18446744073709551615]", "[-1]", "[-2,-2]", "[0]", "[2,0]", "[1e300]", "[4]", "[]",
        "[2,2,1]", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2,2]", "{}", "[[2,2]]", "[\"2\",2]", "[2.5,2]"}) {
    expect_entry_damaged(replaced(added_entry, "[2,2]", shape), added_witness);
  }
}

TEST_F(HostileCorpus, FactsThatMakeNoSenseAreDamage) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"linf\"", "\"l7\""},
           {"\"linf\"", "\"LINF\""},
           {"\"epsilon\":0.1", "\"epsilon\":-0.1"},
           {"\"epsilon\":0.1", "\"epsilon\":1e999"},
           {"\"epsilon\":0.1", "\"epsilon\":\"0.1\""},
           {"\"lower\":0.0", "\"lower\":1.0"},
           {"\"lower\":0.0", "\"lower\":null"},
           {"\"value\":0", "\"value\":-1"},
           {"\"value\":0", "\"value\":-9223372036854775809"},
           {"\"value\":0", "\"value\":1e300"},
           {"\"value\":0", "\"value\":true"},
           {"\"name\":\"misclassification\"", "\"name\":\"misclassification\",\"target\":-1"},
           {"\"clean\":\"", "\"clean\":\"../"},
       }) {
    expect_entry_damaged(replaced(added_entry, from, to), added_witness);
  }
}

TEST_F(HostileCorpus, ValuesThatAreNotFiniteOrOutOfBoundsAreDamage) {
  const Tensor clean = at::full({2, 2}, 0.5);
  const auto with = [&](double value) {
    Tensor changed = clean.clone();
    changed[1][0] = value;
    return changed;
  };
  const Failure unbounded{.label = 1};
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {std::nan(""), infinity, -infinity, -0.001, 1.001, 3e38}) {
    expect_tensors_refused(unbounded, clean, with(value), {"finite", "bounds"});
    expect_tensors_refused(unbounded, with(value), clean, {"finite", "bounds"});
  }
  expect_tensors_refused({.label = 1, .budget = Budget{Norm::kLinf, 0.25}}, clean, clean + 0.375, {"epsilon"});
  expect_tensors_refused({.label = 1, .budget = Budget{Norm::kL0, 1}}, clean, clean + 0.125, {"epsilon"});
  expect_tensors_refused({.label = 1, .budget = Budget{Norm::kL1, 1}}, clean, clean + 0.375, {"epsilon"});
  expect_tensors_refused({.label = 1, .budget = Budget{Norm::kL2, 0.5}}, clean, clean + 0.375, {"epsilon"});
}

TEST_F(HostileCorpus, DamagedTensorFilesAreDamage) {
  using fixtures::bytes_of;
  const std::string header_of_10_gb = bytes_of<std::uint64_t>({10'000'000'000}) + "{}";
  expect_entry_damaged(added_entry, header_of_10_gb, {"10000000000"});
  expect_entry_damaged(added_entry, bytes_of<std::uint64_t>({~std::uint64_t{0}}) + "{}");
  expect_entry_damaged(added_entry, "", {"empty"});
  expect_entry_damaged(added_entry, "x");
  expect_entry_damaged(added_entry, fixtures::safetensors("{\"clean\":" + nested(30'000) + "}", ""));
  expect_entry_damaged(added_entry, fixtures::safetensors("{}", ""), {"clean"});
  expect_entry_damaged(added_entry,
                       fixtures::safetensors(R"({"clean":{"dtype":"F32","shape":[1099511627776,1099511627776],)"
                                             R"("data_offsets":[0,0]}})",
                                             ""));
  expect_entry_damaged(added_entry,
                       safetensors_bytes({{"clean", added.clean.to(at::kDouble)}, {"witness", added.witness}}, {}));
  expect_entry_damaged(added_entry, safetensors_bytes({{"clean", added.clean}}, {}), {"witness"});
  expect_entry_damaged(added_entry, safetensors_bytes({{"clean", added.witness}, {"witness", added.clean}}, {}),
                       {"altered"});
  for (std::size_t length = 1; length < added_witness.size(); length += 13) {
    expect_entry_damaged(added_entry, added_witness.substr(0, length));
  }
}

TEST_F(HostileCorpus, EmptyAndMissingFilesAreDamage) {
  expect_one_line(add_as(added.id, "", added_witness), {"entry.json", "empty"});
  const fs::path place = add(added_entry, added_witness);
  fs::remove(place / "witness.safetensors");
  expect_one_line(place, {"witness.safetensors"});
}

TEST_F(HostileCorpus, WhatIsNoPlainFileIsDamage) {
  const fs::path place = add(added_entry, added_witness);
  for (const char* name : {"entry.json", "witness.safetensors"}) {
    const fs::path kept = place / "kept";
    fs::rename(place / name, kept);
    fs::create_directory(place / name);
    expect_one_line(place, {name});
    fs::remove(place / name);
    ASSERT_EQ(::mkfifo((place / name).c_str(), 0600), 0);
    const Reading reading = read_all_of(corpus);
    EXPECT_EQ(reading.damage.size(), 1U);
    EXPECT_EQ(reading.loaded.size(), std::size_t{kSound});
    fs::remove(place / name);
    fs::rename(kept, place / name);
  }
  EXPECT_EQ(read_all_of(corpus).loaded.size(), std::size_t{kSound + 1});
}

TEST_F(HostileCorpus, LinksAreNotFollowed) {
  const fs::path place = add(added_entry, added_witness);
  for (const char* name : {"entry.json", "witness.safetensors"}) {
    const fs::path kept = folder.path() / "kept";
    fs::rename(place / name, kept);
    fs::create_symlink(kept, place / name);
    expect_one_line(place, {name, "symbolic link"});
    fs::remove(place / name);
    fs::create_symlink(folder.path() / "nothing", place / name);
    expect_one_line(place, {name, "symbolic link"});
    fs::remove(place / name);
    fs::rename(kept, place / name);
  }
}

TEST_F(HostileCorpus, LinkedFoldersAreNotSeen) {
  const fs::path place = add(added_entry, added_witness);
  const fs::path outside = folder.path() / "outside";
  fs::rename(place.parent_path(), outside);
  fs::create_directory_symlink(outside, place.parent_path());
  expect_not_seen();
  // Nor is anything written through them.
  const Tree before = tree_of(outside);
  fs::remove(outside / "entry.json");
  const Tree without = tree_of(outside);
  EXPECT_NE(difference(before, without), "");
  NewFinding again{added, numbered_discovery(100, "second")};
  expect_refusal([&] { corpus.file({again}); }, {place.parent_path().string(), "symbolic link"});
  EXPECT_EQ(difference(tree_of(outside), without), "");
}

TEST_F(HostileCorpus, ALinkedFanOutFolderIsNotSeen) {
  const fs::path place = add(added_entry, added_witness).parent_path().parent_path();
  const fs::path outside = folder.path() / "outside";
  fs::rename(place, outside);
  fs::create_directory_symlink(outside, place);
  if (place.filename() != fs::path(numbered_finding(0).id.substr(0, 2))) {
    expect_not_seen();
  }
}

TEST_F(HostileCorpus, NamesThatAreNoIdsAreNotSeen) {
  const std::string id = added.id;
  std::string upper = id;
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const std::string wrong_fan = id.starts_with("00") ? "01" : "00";
  for (const std::string& place :
       {"findings/" + wrong_fan + "/" + id, "findings/" + id, "findings/" + id.substr(0, 3) + "/" + id,
        "findings/" + id.substr(0, 1) + "/" + id, "findings/" + id.substr(0, 2) + "/" + id + "0",
        "findings/" + id.substr(0, 2) + "/" + upper, "findings/" + id.substr(0, 2) + "/..%2f..%2f" + id.substr(10),
        "findings/" + id.substr(0, 2) + "/x/" + id, "findings/..." + id, "findings/\xff\xfe/" + id, "other/00/" + id}) {
    (void)folder.write("c/" + place + "/entry.json", added_entry);
    (void)folder.write("c/" + place + "/witness.safetensors", added_witness);
  }
  expect_not_seen();
  for (const char* prefix : {"..", "/", "../../etc", "0/../", "..%2f"}) {
    expect_refusal([&] { (void)corpus.find(prefix); }, {"no finding"});
  }
}

TEST_F(HostileCorpus, ForeignFilesAreNotSeen) {
  const std::string id = numbered_finding(0).id;
  const std::string place = "c/findings/" + id.substr(0, 2) + "/";
  for (const std::string& name : {std::string("c/README.md"), std::string("c/.git/config"), std::string("c/findings/x"),
                                  place + "x", place + id + "/notes.txt", place + id + "/entry.json.tmp12.3",
                                  std::string("c/events/README"), std::string("c/events/x.jsonl.tmp4.5")}) {
    (void)folder.write(name, "foreign");
  }
  expect_not_seen();
}

TEST_F(HostileCorpus, ADamagedDiscoveryIsReportedAndItsEntryLoads) {
  const fs::path place = add(added_entry, added_witness);
  const std::size_t all = kSound + 1;
  const std::string deep = "{\"schema\":" + nested(100'000) + "}";
  std::string large = discovery_bytes(numbered_discovery(100));
  large = large.substr(0, large.size() - 1) + std::string(300'000, ' ') + "\n";
  for (const std::string& text :
       {std::string("{"), std::string("[]"), deep, large, nested(120'000),
        std::string(R"({"schema":"faultline.found/1"})"),
        replaced(discovery_bytes(numbered_discovery(100)), "\"seed\":7", "\"seed\":\"7\""),
        replaced(discovery_bytes(numbered_discovery(100)), "\"sample\":100", "\"sample\":1e300"),
        replaced(discovery_bytes(numbered_discovery(100)), "\"seed\":7", "\"seed\":-7"),
        replaced(discovery_bytes(numbered_discovery(100)), "\"logits\":[[", "\"logits\":[[],[")}) {
    SCOPED_TRACE(text.substr(0, 200));
    const fs::path file = place / discovery_name(text);
    (void)folder.write(fs::relative(file, folder.path()).string(), text);
    expect_one_line(file, {}, /*events=*/1, all);
    fs::remove(file);
  }
  const fs::path file = place / ("found-" + std::string(32, '0') + ".json");
  (void)folder.write(fs::relative(file, folder.path()).string(), discovery_bytes(numbered_discovery(100)));
  expect_one_line(file, {"altered"}, /*events=*/1, all);
  fs::remove(file);
  fs::create_symlink("/etc/passwd", file);
  expect_one_line(file, {"symbolic link"}, /*events=*/1, all);
  fs::remove(file);
  fs::create_directory(file);
  expect_one_line(file, {}, /*events=*/1, all);
}

TEST_F(HostileCorpus, ADamagedEventFileIsReportedAndTheOthersHold) {
  const std::string whole = event_file_bytes(event_file({{.finding = added.id, .state = State::kFlaky}}));
  const std::string header = whole.substr(0, whole.find('\n') + 1);
  for (const std::string& bytes :
       {std::string("x"), std::string("\n"), nested(30'000), "{\"schema\":" + nested(30'000) + "}\n", header + "{\n",
        header + "\n" + whole.substr(header.size()), header + nested(30'000) + "\n",
        header + "{\"finding\":" + nested(30'000) + "}\n", whole + "torn", replaced(whole, "flaky", "flakey"),
        replaced(whole, added.id, "../../../etc/passwd"), replaced(whole, "\"after\":[]", "\"after\":[{}]"),
        replaced(whole, "\"verdicts\":{}", "\"verdicts\":[1]"),
        replaced(whole, "\"verdicts\":{}", "\"verdicts\":{\"x\":1e300}"),
        replaced(whole, "\"state\":", "\"prediction\":1e300,\"state\":")}) {
    SCOPED_TRACE(bytes.substr(0, 200));
    const fs::path file = folder.write(event_place(bytes), bytes);
    expect_one_line(file);
    fs::remove(file);
  }
  const fs::path file = folder.path() / event_place(whole);
  (void)folder.write(event_place(whole), whole + whole);
  expect_one_line(file, {"altered"});
  (void)folder.write(event_place(whole), "");
  expect_one_line(file, {"empty"});
  fs::remove(file);
  fs::create_symlink(folder.write("elsewhere", whole), file);
  expect_one_line(file, {"symbolic link"});
  fs::remove(file);
  fs::create_directory(file);
  expect_one_line(file);
}

TEST_F(HostileCorpus, AHostileMarkerIsNoCorpus) {
  for (const std::string& text : {std::string("{"), std::string("[]"), std::string(""), nested(100'000),
                                  "{\"schema\":" + nested(100'000) + "}", std::string("\xff")}) {
    (void)folder.write("c/corpus.json", text);
    expect_refusal([&] { (void)Corpus::open(corpus.path()); }, {"corpus.json"});
  }
}

}  // namespace
}  // namespace faultline
