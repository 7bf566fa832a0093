// Lists of labelled image files: folders of classes, and CSV manifests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace faultline {

/// Image files with their labels, in the order of the data set.
struct Manifest {
  std::vector<std::filesystem::path> images;
  std::vector<std::int64_t> labels;
  std::vector<std::string> groups;             ///< One per image, or none at all.
  std::vector<std::string> class_names;        ///< Or none when only numbers are known.
  std::vector<std::filesystem::path> sources;  ///< Files beside the images that define labels.
};

/// One folder per class, in byte order of their names or in the order of `classes` (a file with one folder name per
/// line; may be empty); images in byte order of their names. Hidden entries and files of other kinds are left out.
/// Throws Error (kUsage) when there is no class folder, one has no image, or one is not named in `classes`.
[[nodiscard]] Manifest list_class_folders(const std::filesystem::path& folder, const std::filesystem::path& classes);

/// A CSV file with the header path,label[,group]; paths are relative to it, labels are class numbers.
/// Throws Error (kUsage) naming the line when a column or a file is missing or a label is no class number.
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& path, const std::filesystem::path& classes);

/// The fields of one CSV line; a field may stand in double quotes, which double inside it.
[[nodiscard]] std::vector<std::string> split_csv(const std::string& line);

}  // namespace faultline
