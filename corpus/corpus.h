// The failure corpus: a directory of findings that lives beside a model's source for years. Files are immutable and
// named by their content, so that merging is a union of files and nothing needs a lock.
//
//   corpus.json                                       what this directory is
//   findings/<2 digits>/<id>/entry.json               what defines the failure
//   findings/<2 digits>/<id>/witness.safetensors      clean input and witness
//   findings/<2 digits>/<id>/found-<hash>.json        who found it, one file per search
//   events/<hash>.jsonl                               what became of findings, one file per run
//
//   Corpus corpus = Corpus::open_or_create("corpus");
//   corpus.file({{finding, discovery}});
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "faultline/corpus/discovery.h"
#include "faultline/corpus/finding.h"
#include "faultline/corpus/state.h"

namespace faultline {

/// Hears of a file that is not as it should be: one line that begins with the file.
using DamageObserver = std::function<void(const std::string& message)>;

/// An entry without its tensors.
struct StoredFacts {
  std::string id{};
  Failure failure{};
  std::vector<Discovery> discoveries{};  ///< In order of their names.
};

/// An entry whole.
struct StoredFinding {
  Finding finding{};
  std::vector<Discovery> discoveries{};
};

/// A finding to be filed.
struct NewFinding {
  Finding finding{};
  Discovery discovery{};
};

struct Filed {
  std::int64_t added = 0;  ///< Findings that were not there.
  std::int64_t known = 0;  ///< Findings that were.
};

/// Safe to use from several threads and processes at once: files appear whole or not at all, equal ones have equal
/// names. Entries that another writer has not finished are not seen. What is not as it should be is never followed,
/// changed or deleted.
class Corpus {
 public:
  /// Throws Error (kUsage) when there is no corpus.
  [[nodiscard]] static Corpus open(const std::filesystem::path& path);

  /// Makes the directory when it is missing or empty. Throws Error (kUsage) when it holds something else.
  [[nodiscard]] static Corpus open_or_create(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path folder_of(const std::string& id) const;

  /// Ids of all entries, sorted. Reads directories only.
  [[nodiscard]] std::vector<std::string> ids() const;

  /// The one id that begins with `prefix`. Throws Error (kUsage) when there is none, or several.
  [[nodiscard]] std::string find(const std::string& prefix) const;

  /// Whether the entry is there and finished; it may be damaged.
  [[nodiscard]] bool contains(const std::string& id) const;

  /// Nothing when the entry is not finished. Throws Error (kUsage) when it is damaged. A damaged discovery is left out
  /// and reported.
  [[nodiscard]] std::optional<StoredFacts> facts(const std::string& id, const DamageObserver& damaged) const;
  [[nodiscard]] std::optional<StoredFinding> load(const std::string& id, const DamageObserver& damaged) const;

  /// load(), where a damaged entry is reported instead.
  [[nodiscard]] std::optional<StoredFinding> load_sound(const std::string& id, const DamageObserver& damaged) const;

  /// All event files; damaged ones are left out and reported.
  [[nodiscard]] std::vector<ParsedEvents> events(const DamageObserver& damaged) const;

  /// Adds findings that are not there, and discoveries that no earlier one tells of. When it returns they are on disk.
  /// Throws Error (kUsage) when they cannot be written; what was there stays.
  Filed file(const std::vector<NewFinding>& findings);

  /// Adds a file of events; one that is there already stays as it is.
  void record(const EventFile& events);

  /// Adds what another corpus holds and this one does not. Damaged entries are left out and reported.
  Filed merge(const Corpus& other, const DamageObserver& damaged);

  /// Deletes an entry.
  void remove(const std::string& id);

 private:
  explicit Corpus(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] std::vector<Discovery> discoveries(const std::string& id, const DamageObserver& damaged) const;

  std::filesystem::path path_;
};

/// Maps a file of a corpus. Throws Error (kUsage) when it is no plain file, a symbolic link for instance.
[[nodiscard]] MappedFile map_inside(const std::filesystem::path& path);

}  // namespace faultline
