#include "faultline/data/manifest.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "faultline/data/class_names.h"
#include "faultline/data/file.h"
#include "faultline/data/image_file.h"

namespace faultline {

namespace {

enum class Kind { kFolder, kImage };

/// Names in a folder that are not hidden and of that kind, in byte order.
std::vector<std::string> list_names(const std::filesystem::path& folder, Kind kind) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;  // what cannot be looked at is of no kind
    const bool wanted =
        kind == Kind::kFolder ? entry->is_directory(ignored) : entry->is_regular_file(ignored) && is_image_name(name);
    if (wanted && !name.starts_with('.')) {
      names.push_back(name);
    }
  }
  if (error) {
    refuse(folder.string(), "cannot be read: " + error.message());
  }
  std::ranges::sort(names);
  return names;
}

std::size_t find_column(const std::vector<std::string>& header, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(header, name) - header.begin());
}

std::optional<std::int64_t> parse_label(const std::string& text) {
  std::int64_t label = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), label);
  const bool whole = status == std::errc{} && end == text.data() + text.size();
  return whole && label >= 0 ? std::optional(label) : std::nullopt;
}

/// Where the columns of a manifest stand; `group` is the number of columns when there is none.
struct Columns {
  Columns(const std::vector<std::string>& header, const std::string& name)
      : count(header.size()),
        path(find_column(header, "path")),
        label(find_column(header, "label")),
        group(find_column(header, "group")) {
    if (path == count || label == count) {
      refuse(name, "line 1: the column '" + std::string(path == count ? "path" : "label") +
                       "' is missing; expected the header path,label or path,label,group");
    }
  }

  std::size_t count;
  std::size_t path;
  std::size_t label;
  std::size_t group;
};

void add_line(Manifest& manifest, const Columns& columns, const std::string& line, const std::filesystem::path& folder,
              const std::string& where) {
  const std::vector<std::string> fields = split_csv(line);
  if (fields.size() != columns.count) {
    refuse(where,
           std::to_string(fields.size()) + " fields; expected " + std::to_string(columns.count) + ", as in the header");
  }
  const std::optional<std::int64_t> label = parse_label(fields[columns.label]);
  if (!label) {
    refuse(where, "the label is '" + fields[columns.label] + "'; expected a class number from 0");
  }
  const std::filesystem::path image = folder / fields[columns.path];
  std::error_code ignored;  // what cannot be looked at is not there
  if (!std::filesystem::is_regular_file(image, ignored)) {
    refuse(where, "the file '" + image.string() + "' does not exist; paths are relative to the manifest");
  }
  manifest.images.push_back(image);
  manifest.labels.push_back(*label);
  if (columns.group < columns.count) {
    manifest.groups.push_back(fields[columns.group]);
  }
}

}  // namespace

std::vector<std::string> split_csv(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

Manifest list_class_folders(const std::filesystem::path& folder, const std::filesystem::path& classes) {
  const std::vector<std::string> folders = list_names(folder, Kind::kFolder);
  if (folders.empty()) {
    refuse(folder.string(), "has no folders; expected one folder of images per class");
  }
  Manifest manifest;
  manifest.class_names = classes.empty() ? folders : read_class_names(classes, {});
  for (const std::string& name : folders) {
    if (std::ranges::find(manifest.class_names, name) == manifest.class_names.end()) {
      refuse(classes.string(), "does not name the class folder '" + name + "' of " + folder.string());
    }
  }
  for (std::size_t label = 0; label < manifest.class_names.size(); ++label) {
    const std::string& name = manifest.class_names[label];
    if (!std::ranges::binary_search(folders, name)) {
      continue;  // a named class without samples
    }
    const std::vector<std::string> images = list_names(folder / name, Kind::kImage);
    if (images.empty()) {
      refuse((folder / name).string(), "the class folder holds no images; fill or remove it");
    }
    for (const std::string& image : images) {
      manifest.images.push_back(folder / name / image);
      manifest.labels.push_back(static_cast<std::int64_t>(label));
    }
  }
  return manifest;
}

Manifest read_manifest(const std::filesystem::path& path, const std::filesystem::path& classes) {
  const std::vector<std::string> lines = read_lines(path);
  const Columns columns(split_csv(lines.empty() ? "" : lines.front()), path.string());
  Manifest manifest;
  manifest.sources.push_back(path);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!lines[i].empty()) {
      add_line(manifest, columns, lines[i], path.parent_path(), path.string() + ", line " + std::to_string(i + 1));
    }
  }
  if (manifest.images.empty()) {
    refuse(path.string(), "lists no images; expected lines of path,label after the header");
  }
  manifest.class_names = read_class_names(classes, manifest.labels);
  return manifest;
}

}  // namespace faultline
