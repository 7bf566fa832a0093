// The published sets of corrupted images: CIFAR-10-C and CIFAR-100-C as arrays, ImageNet-C as folders.
// Hendrycks and Dietterich, ICLR 2019, arXiv:1903.12261.
#include <algorithm>
#include <charconv>

#include "faultline/core/registry.h"
#include "faultline/core/suggest.h"
#include "faultline/data/array_dataset.h"
#include "faultline/data/concatenated.h"
#include "faultline/data/image_folder.h"
#include "faultline/data/npy.h"

namespace faultline {

namespace {

constexpr const char* kLabels = "labels.npy";

/// "DIR[,CORRUPTION[,SEVERITY]]": which part of a set is meant.
struct Selection {
  std::filesystem::path folder{};
  std::string corruption{};  ///< Empty: all.
  int severity = 0;          ///< 0: all.
};

Selection parse_selection(const std::string& location) {
  Selection selection;
  const std::size_t first = std::min(location.find(','), location.size());
  selection.folder = location.substr(0, first);
  const std::string rest = first == location.size() ? "" : location.substr(first + 1);
  const std::size_t second = std::min(rest.find(','), rest.size());
  selection.corruption = rest.substr(0, second);
  if (second < rest.size()) {
    const std::string severity = rest.substr(second + 1);
    const auto [end, error] = std::from_chars(severity.data(), severity.data() + severity.size(), selection.severity);
    if (error != std::errc{} || end != severity.data() + severity.size() || selection.severity < 1 ||
        selection.severity > kSeverities) {
      refuse("--data", "expected a severity 1 to 5 behind the corruption, got '" + severity + "'");
    }
  }
  if (first < location.size() && selection.corruption.empty()) {
    refuse("--data", "expected DIR[,CORRUPTION[,SEVERITY]], got '" + location + "'");
  }
  return selection;
}

/// The corruptions that are meant, of those that are there: in byte order.
std::vector<std::string> chosen(const Selection& selection, std::vector<std::string> there) {
  std::ranges::sort(there);
  if (selection.corruption.empty()) {
    return there;
  }
  if (std::ranges::find(there, selection.corruption) == there.end()) {
    refuse(selection.folder.string(),
           "has no corruption '" + selection.corruption + "'" + did_you_mean(selection.corruption, there));
  }
  return {selection.corruption};
}

bool is_meant(const Selection& selection, int severity) {
  return selection.severity == 0 || selection.severity == severity;
}

std::string group_name(const std::string& corruption, int severity) {
  return corruption + " " + std::to_string(severity);
}

/// What the selection takes of the set; empty: all.
std::string part_of(const Selection& selection) {
  return selection.severity == 0 ? selection.corruption : group_name(selection.corruption, selection.severity);
}

std::vector<std::string> entries_of(const std::filesystem::path& folder,
                                    const std::function<std::string(const std::filesystem::path&)>& name_of) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = name_of(entry->path());
    if (!name.empty()) {
      names.push_back(std::move(name));
    }
  }
  if (error) {
    refuse(folder.string(), "cannot be listed: " + error.message());
  }
  return names;
}

/// One fifth of an array's rows: those of a severity, which follow one another.
StoredArray rows_of(const StoredArray& all, int severity) {
  StoredArray rows = all;
  rows.shape.front() /= kSeverities;
  const std::size_t size = all.bytes.size() / kSeverities;
  rows.bytes = all.bytes.subspan(static_cast<std::size_t>(severity - 1) * size, size);
  return rows;
}

void check_fifths(const StoredArray& array) {
  if (array.order != AxisOrder::kLastFastest || array.shape.front() % kSeverities != 0) {
    refuse(array.name, "has shape " + shape_text(array.shape) +
                           "; expected as many rows for each of the severities 1 to 5, one after another");
  }
}

std::unique_ptr<Dataset> open_cifar_c(const std::string& location, const DataOptions& options) {
  const Selection selection = parse_selection(location);
  if (options.layout == Layout::kNchw) {
    refuse(location, "--layout nchw does not apply: these arrays have channels last; leave it out");
  }
  DataOptions channels_last = options;
  channels_last.layout = Layout::kNhwc;
  const StoredArray labels = open_npy(selection.folder / kLabels);
  check_fifths(labels);
  const std::vector<std::string> there = entries_of(selection.folder, [](const std::filesystem::path& path) {
    return path.extension() == ".npy" && path.filename() != kLabels ? path.stem().string() : std::string();
  });
  std::vector<DatasetPart> parts;
  for (const std::string& corruption : chosen(selection, there)) {
    const std::filesystem::path path = selection.folder / (corruption + ".npy");
    const StoredArray images = open_npy(path);
    check_fifths(images);
    for (int severity = 1; severity <= kSeverities; ++severity) {
      if (is_meant(selection, severity)) {
        parts.push_back(
            {group_name(corruption, severity), make_array_dataset(rows_of(images, severity), rows_of(labels, severity),
                                                                  {path, selection.folder / kLabels}, channels_last)});
      }
    }
  }
  if (parts.empty()) {
    refuse(selection.folder.string(), "has no corruption; expected arrays like fog.npy beside labels.npy");
  }
  return concatenated(std::move(parts), part_of(selection));
}

std::vector<std::string> folders_in(const std::filesystem::path& folder) {
  std::vector<std::string> names = entries_of(folder, [](const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored) ? path.filename().string() : std::string();
  });
  std::ranges::sort(names);
  return names;
}

/// Throws when a cell lacks a class folder that others have: labels are places in the list of folders, and would shift.
/// Looks at all cells that are there, not only at those that are meant.
void check_classes(const std::filesystem::path& set, const std::vector<std::string>& corruptions) {
  std::vector<std::string> classes;
  std::filesystem::path first;
  for (const std::string& corruption : corruptions) {
    for (int severity = 1; severity <= kSeverities; ++severity) {
      const std::filesystem::path cell = set / corruption / std::to_string(severity);
      std::error_code ignored;
      if (!std::filesystem::is_directory(cell, ignored)) {
        continue;
      }
      const std::vector<std::string> names = folders_in(cell);
      if (first.empty()) {
        first = cell;
        classes = names;
      } else if (names != classes) {
        refuse(cell.string(), "has other class folders than " + first.string() +
                                  ": labels are places in that list and would not agree");
      }
    }
  }
}

std::unique_ptr<Dataset> open_imagenet_c(const std::string& location, const DataOptions& options) {
  const Selection selection = parse_selection(location);
  const std::vector<std::string> there = entries_of(selection.folder, [](const std::filesystem::path& path) {
    std::error_code ignored;  // what cannot be looked at is no corruption
    return std::filesystem::is_directory(path / "1", ignored) ? path.filename().string() : std::string();
  });
  check_classes(selection.folder, there);
  std::vector<DatasetPart> parts;
  for (const std::string& corruption : chosen(selection, there)) {
    for (int severity = 1; severity <= kSeverities; ++severity) {
      if (is_meant(selection, severity)) {
        const std::filesystem::path folder = selection.folder / corruption / std::to_string(severity);
        parts.push_back({group_name(corruption, severity), open_images(folder.string(), options)});
      }
    }
  }
  if (parts.empty()) {
    refuse(selection.folder.string(), "has no corruption; expected folders like fog/1 with one folder per class");
  }
  return concatenated(std::move(parts), part_of(selection));
}

/// Only folders that say so by their labels; ImageNet-C's look like any others.
bool is_cifar_c_folder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(std::filesystem::path(path) / kLabels, ignored) &&
         std::filesystem::is_regular_file(std::filesystem::path(path) / "gaussian_noise.npy", ignored);
}

}  // namespace

void register_corrupted_sets(DataRegistry& registry) {
  registry.add({.kind = "cifar10c",
                .pattern = "cifar10c:DIR[,CORRUPTION[,SEVERITY]]",
                .summary = "CIFAR-10-C or CIFAR-100-C: labels.npy and an array per corruption; all, or a part",
                .open = open_cifar_c,
                .recognises = is_cifar_c_folder});
  registry.add({.kind = "imagenetc",
                .pattern = "imagenetc:DIR[,CORRUPTION[,SEVERITY]]",
                .summary = "ImageNet-C: folders CORRUPTION/SEVERITY/CLASS with image files; all, or a part",
                .open = open_imagenet_c,
                .recognises = {}});
}

}  // namespace faultline
