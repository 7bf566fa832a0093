// The rules of the source tree that a compiler does not check: who may include whom, and how sources are written.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace faultline {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = FAULTLINE_SOURCE_ROOT;

using Layers = std::set<std::string>;

/// What each layer may include beside itself. Plug-ins never include each other, and what stands above them reaches
/// attacks, mutators and oracles through registries only.
const std::map<std::string, Layers>& allowed() {
  static const Layers kCore{"core"};
  static const Layers kStores{"core", "targets", "data", "corpus"};
  static const std::map<std::string, Layers> kAllowed{
      {"core", {}},
      {"statistics", kCore},
      {"attacks", kCore},
      {"mutators", kCore},
      {"targets", kCore},
      {"oracles", kCore},
      {"data", kCore},
      {"corpus", {"core", "data"}},
      {"fuzz", kStores},
      {"eval", {"core", "statistics", "targets", "data", "corpus", "fuzz"}},
      {"nightly", {"core", "statistics", "data", "eval"}},
      {"report", {"core", "statistics", "targets", "data", "corpus", "fuzz", "eval", "nightly"}},
      {"cli", {"core", "statistics", "targets", "data", "corpus", "fuzz", "eval", "nightly", "report"}},
  };
  return kAllowed;
}

/// All but the command line.
constexpr const char* kLibraries[] = {"core", "statistics", "attacks", "mutators", "targets", "oracles",
                                      "data", "corpus",     "fuzz",    "eval",     "nightly", "report"};

/// Whether a file of layer `from` may include "faultline/<to>/<file>".
bool may_include(const std::string& from, const std::string& to, const std::string& file) {
  const bool table_of_plug_ins = from == "cli" && file.starts_with("register_");
  return from == to || table_of_plug_ins || allowed().at(from).contains(to);
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

/// The C++ sources below a folder of the repository.
std::vector<fs::path> sources_in(const std::string& folder) {
  std::vector<fs::path> sources;
  if (!fs::exists(kRoot / folder)) {
    return sources;
  }
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / folder)) {
    const std::string ending = entry.path().extension().string();
    if (entry.is_regular_file() && (ending == ".h" || ending == ".cpp")) {
      sources.push_back(entry.path());
    }
  }
  return sources;
}

std::vector<fs::path> all_sources() {
  std::vector<fs::path> sources;
  for (const char* folder : {"core", "statistics", "attacks", "mutators", "targets", "oracles", "data", "corpus",
                             "fuzz", "eval", "nightly", "report", "cli", "bench", "tests", "examples"}) {
    const std::vector<fs::path> found = sources_in(folder);
    sources.insert(sources.end(), found.begin(), found.end());
  }
  return sources;
}

std::string place(const fs::path& path, std::size_t line) {
  return fs::relative(path, kRoot).string() + ":" + std::to_string(line + 1);
}

/// Calls visit(path, line number, line) for every line of the sources.
template <typename Visit>
void for_each_line(const std::vector<fs::path>& sources, const Visit& visit) {
  for (const fs::path& path : sources) {
    const std::vector<std::string> lines = lines_of(path);
    for (std::size_t n = 0; n < lines.size(); ++n) {
      visit(path, n, lines[n]);
    }
  }
}

TEST(Layers, AFileIncludesOnlyWhatStandsBelowIt) {
  const std::regex include(R"(^\s*#\s*include\s*["<]faultline/([a-z_]+)/([^">]+)[">])");
  std::size_t seen = 0;
  for (const auto& [layer, below] : allowed()) {
    for_each_line(sources_in(layer), [&](const fs::path& path, std::size_t n, const std::string& line) {
      std::smatch match;
      if (std::regex_search(line, match, include)) {
        ++seen;
        EXPECT_TRUE(may_include(layer, match[1], match[2])) << place(path, n) << ": " << line;
      }
    });
  }
  EXPECT_GT(seen, 50U) << "the pattern must match the include lines of the tree";
}

TEST(Layers, ProjectHeadersAreIncludedByTheirFullName) {
  const std::regex quoted(R"re(^\s*#\s*include\s*"([^"]+)")re");
  for (const auto& [layer, below] : allowed()) {
    for_each_line(sources_in(layer), [&](const fs::path& path, std::size_t n, const std::string& line) {
      std::smatch match;
      if (std::regex_search(line, match, quoted)) {
        EXPECT_TRUE(match[1].str().starts_with("faultline/")) << place(path, n) << ": " << line;
      }
    });
  }
}

TEST(Layers, LibrariesNeitherSeedNorPrintNorExit) {
  const std::regex forbidden(
      R"(\bmanual_seed\s*\(|\bstd::(cout|cerr|clog)\b|\bf?printf\s*\(|\b(std::)?(exit|abort|_Exit)\s*\()");
  for (const char* layer : kLibraries) {
    for_each_line(sources_in(layer), [&](const fs::path& path, std::size_t n, const std::string& line) {
      const std::string code = line.substr(0, line.find("//"));
      EXPECT_FALSE(std::regex_search(code, forbidden)) << place(path, n) << ": " << line;
    });
  }
}

TEST(Layers, JsonFromOutsideIsReadInOnePlace) {
  const std::set<std::string> readers{"json.h", "json.cpp",
                                      "safetensors.cpp"};  // the second watches for names that repeat
  const std::regex forbidden(R"(\b[Jj]son::parse\s*\(|\bget_to\s*\(|\bvalue\("\w+", *(std::u?int|\d))"
                             R"(|\.get<(std::vector<)?(int|(std::)?u?int(8|16|32|64)_t|(std::)?size_t|Features?)>)");
  for (const char* wrong : {R"(json.value("first", std::int64_t{-1}))", "json.get<std::vector<std::int64_t>>()",
                            "entry.at(1).get<Features>()", "json.get<int>()", "Json::parse(text)"}) {
    EXPECT_TRUE(std::regex_search(wrong, forbidden)) << wrong;
  }
  for (const char* layer : kLibraries) {
    for_each_line(sources_in(layer), [&](const fs::path& path, std::size_t n, const std::string& line) {
      const bool reader = readers.contains(path.filename().string());
      EXPECT_TRUE(reader || !std::regex_search(line, forbidden))
          << place(path, n) << ": parse_json() and integer() refuse what is too deep and what is no integer: " << line;
    });
  }
}

TEST(Sources, HoldPlainAsciiLinesOfAtMost120Columns) {
  const std::vector<fs::path> sources = all_sources();
  ASSERT_GT(sources.size(), 40U);
  for_each_line(sources, [](const fs::path& path, std::size_t n, const std::string& line) {
    EXPECT_LE(line.size(), 120U) << place(path, n);
    for (const char c : line) {
      ASSERT_TRUE(c >= ' ' && c <= '~') << place(path, n) << ": a tab, a control character or a byte beyond ASCII";
    }
  });
}

TEST(Sources, HoldNoNotesOfUnfinishedWork) {
  // In two pieces, so that this file passes.
  const std::regex note(std::string(R"(\b(TO)") + "DO|FIX" + R"(ME|XX)" + R"(X)\b)");
  for_each_line(all_sources(), [&](const fs::path& path, std::size_t n, const std::string& line) {
    EXPECT_FALSE(std::regex_search(line, note)) << place(path, n) << ": " << line;
  });
}

TEST(Sources, PropertiesAreExpectedToHold) {
  // In two pieces, so that this file passes. The library prints what falsifies a property and returns false.
  const std::string call = std::string("rc::") + "check(";
  for_each_line(sources_in("tests"), [&](const fs::path& path, std::size_t n, const std::string& line) {
    const std::size_t at = line.find(call);
    EXPECT_TRUE(at == std::string::npos || line.substr(0, at).ends_with("_TRUE(")) << place(path, n) << ": " << line;
  });
}

TEST(Sources, HeadersAreGuarded) {
  for (const fs::path& path : all_sources()) {
    if (path.extension() != ".h") {
      continue;
    }
    const std::vector<std::string> lines = lines_of(path);
    EXPECT_NE(std::ranges::find(lines, "#pragma once"), lines.end()) << place(path, 0);
  }
}

}  // namespace
}  // namespace faultline
