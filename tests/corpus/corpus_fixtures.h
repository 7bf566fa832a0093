// Small findings and what the tests of the corpus look at again and again. Used by the fuzz seeds too.
//
//   corpus.file({numbered(0), numbered(1)});
//   EXPECT_EQ(difference(tree_of(a), tree_of(b)), "");
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "faultline/corpus/corpus.h"
#include "temporary_folder.h"

namespace faultline {

/// Finding number `number`: 2x2 values, label number % 10, Linf within 0.1. Every number has another id.
[[nodiscard]] Finding numbered_finding(std::int64_t number);

/// How it was found on a model of that name.
[[nodiscard]] Discovery numbered_discovery(std::int64_t number, const std::string& model = "first");

[[nodiscard]] NewFinding numbered(std::int64_t number, const std::string& model = "first");

/// numbered(first), numbered(first + 1), ...
[[nodiscard]] std::vector<NewFinding> numbered_range(std::int64_t first, std::int64_t count);

/// An event file of kind "accept" on that line.
[[nodiscard]] EventFile event_file(const std::vector<StateEvent>& events, const std::string& line = "main");

/// Every file below a folder with its bytes, by relative path.
using Tree = std::map<std::string, std::string>;
[[nodiscard]] Tree tree_of(const std::filesystem::path& folder);

/// The first file that only one of two trees holds, or that differs; empty when the trees are equal.
[[nodiscard]] std::string difference(const Tree& a, const Tree& b);

/// What reading a whole corpus gives.
struct Reading {
  std::vector<std::string> loaded{};  ///< Ids.
  std::vector<std::string> damage{};  ///< One line each.
  std::vector<ParsedEvents> events{};
};
[[nodiscard]] Reading read_all_of(const Corpus& corpus);

/// While it lives the day is 2023-11-14, so that files made on different days agree.
class FixedDay {
 public:
  FixedDay();
  FixedDay(const FixedDay&) = delete;
  FixedDay& operator=(const FixedDay&) = delete;
  ~FixedDay();
};

}  // namespace faultline
