// The failure corpus: a directory of findings that lives beside a model's source for years. What a file holds follows
// from its name, so that merging is a union of files, a damaged one can be made whole, and nothing needs a lock.
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
  std::int64_t added = 0;  ///< Findings that were not there, or damaged.
  std::int64_t known = 0;  ///< Findings that were there, and sound.
};

/// Safe to use from several threads and processes at once: files appear whole or not at all, equal ones have equal
/// names. Entries that another writer has not finished are not seen. What is not as it should be is never followed or
/// deleted; a damaged file is replaced when the sound one of its name is filed, recorded or merged, and by nothing
/// else. Symbolic links: below findings/ they are not seen; findings/ and events/ themselves, and whatever would be
/// written or deleted through a link, are refused with Error (kUsage).
class Corpus {
 public:
  /// Throws Error (kUsage) when there is no corpus.
  [[nodiscard]] static Corpus open(const std::filesystem::path& path);

  /// Makes the directory when it is missing or empty. Throws Error (kUsage) when it holds something else.
  [[nodiscard]] static Corpus open_or_create(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path folder_of(const std::string& id) const;

  /// Ids of all entries, sorted. Reads directories only. Throws Error (kUsage) when findings/ cannot be read.
  [[nodiscard]] std::vector<std::string> ids() const;

  /// The one id that begins with `prefix`. Throws Error (kUsage) when there is none, or several.
  [[nodiscard]] std::string find(const std::string& prefix) const;

  /// Whether the entry is there, reached through no link, and finished; it may be damaged.
  [[nodiscard]] bool contains(const std::string& id) const;

  /// Nothing when the entry is not finished. Throws Error (kUsage) when it is damaged. A damaged discovery is left out
  /// and reported. A finding of which only a recipe is stored has no tensors.
  [[nodiscard]] std::optional<StoredFacts> facts(const std::string& id, const DamageObserver& damaged) const;
  [[nodiscard]] std::optional<StoredFinding> load(const std::string& id, const DamageObserver& damaged) const;

  /// load(), where a damaged entry is reported instead.
  [[nodiscard]] std::optional<StoredFinding> load_sound(const std::string& id, const DamageObserver& damaged) const;

  /// All event files; damaged ones are left out and reported. Throws Error (kUsage) when events/ cannot be read.
  [[nodiscard]] std::vector<ParsedEvents> events(const DamageObserver& damaged) const;

  /// Adds findings that are not there or damaged, and discoveries that no earlier one tells of. When it returns they
  /// are on disk. Throws Error (kUsage) when they cannot be written; what was there stays.
  Filed file(const std::vector<NewFinding>& findings);

  /// Adds a file of events; one that is there already stays as it is. When it returns it is on disk.
  void record(const EventFile& events);

  /// Adds what another corpus holds and this one does not, or damaged only. What is damaged in the other one is left
  /// out and reported.
  Filed merge(const Corpus& other, const DamageObserver& damaged);

  /// Deletes an entry. Throws Error (kUsage) when it cannot be deleted.
  void remove(const std::string& id);

 private:
  explicit Corpus(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] bool is_linked(const std::string& id) const;
  [[nodiscard]] bool is_recipe_only(const std::string& id) const;
  [[nodiscard]] std::vector<std::string> ids_in(const std::string& fan) const;
  [[nodiscard]] std::optional<Finding> finding(const std::string& id) const;
  struct Merging {
    const DamageObserver& damaged;
    FileBatch& batch;
    Filed& filed;
  };
  void merge_entry(const Corpus& other, const std::string& id, const Merging& merging);

  [[nodiscard]] std::vector<Discovery> discoveries(const std::string& id, const DamageObserver& damaged) const;

  std::filesystem::path path_;
};

}  // namespace faultline
