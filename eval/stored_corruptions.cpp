#include "faultline/eval/stored_corruptions.h"

#include <algorithm>
#include <optional>

#include "faultline/core/error.h"
#include "faultline/data/array.h"
#include "faultline/data/sha256.h"

namespace faultline {

namespace {

[[noreturn]] void refuse_cell(const std::string& spec, const std::string& reason) {
  throw Error{ErrorCode::kUsage, "--stored " + spec + ": " + reason};
}

/// Throws unless the cell holds the clean samples in their places.
void check_cell(const std::string& spec, const Dataset& cell, const CleanSamples& clean) {
  if (cell.sample_shape() != clean.data.sample_shape()) {
    refuse_cell(spec, "its samples are " + shape_text(cell.sample_shape()) + ", those of --data " +
                          shape_text(clean.data.sample_shape()));
  }
  if (cell.size() < clean.first + clean.count) {
    refuse_cell(spec, "has " + std::to_string(cell.size()) + " samples, --data is used up to sample " +
                          std::to_string(clean.first + clean.count - 1));
  }
  const auto begin = cell.labels().begin() + clean.first;
  const auto differing = std::mismatch(begin, begin + clean.count, clean.data.labels().begin() + clean.first);
  if (differing.first != begin + clean.count) {
    refuse_cell(spec, "sample " + std::to_string(differing.first - cell.labels().begin()) + " has label " +
                          std::to_string(*differing.first) + ", in --data " + std::to_string(*differing.second) +
                          ": they are not the same samples in the same order");
  }
}

/// Nothing when the corruption, which is in no mean, cannot be opened.
std::optional<std::array<std::unique_ptr<Dataset>, kSeverities>> open_cells(const std::string& spec,
                                                                            const Corruption& corruption,
                                                                            const DataRegistry& readers,
                                                                            const DataOptions& options) {
  std::array<std::unique_ptr<Dataset>, kSeverities> cells;
  try {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      cells.at(i) = readers.open(spec + "," + corruption.name + "," + std::to_string(i + 1), options);
    }
  } catch (const Error& error) {
    if (corruption.extra) {
      return std::nullopt;
    }
    refuse_cell(spec, error.what());
  }
  return cells;
}

}  // namespace

StoredCorruptions open_stored(const std::string& spec, CorruptionProfile& profile, const CleanSamples& clean,
                              const DataRegistry& readers, const DataOptions& options) {
  StoredCorruptions stored{.source = spec};
  std::vector<std::filesystem::path> files;
  std::vector<Corruption> there;
  for (const Corruption& corruption : profile.corruptions) {
    auto cells = open_cells(spec, corruption, readers, options);
    if (!cells) {
      continue;
    }
    for (const std::unique_ptr<Dataset>& cell : *cells) {
      check_cell(spec + "," + corruption.name, *cell, clean);
      const std::vector<std::filesystem::path> of_cell = cell->files(clean.first, clean.count);
      files.insert(files.end(), of_cell.begin(), of_cell.end());
    }
    stored.cells.push_back(std::move(*cells));
    there.push_back(corruption);
  }
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  stored.sha256 = sha256_of(files);
  profile.corruptions = std::move(there);
  return stored;
}

}  // namespace faultline
