// A run on disk. The only code that knows file names inside a run directory.
//
//   RunDirectory run = RunDirectory::create("out", header);
//   run.append(lines, cost_line);
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "faultline/eval/plan.h"

namespace faultline {

/// Invariant: this object is the only writer of the directory (a lock that ends with the process), and samples.jsonl
/// ends with a whole line. Every failure to write is an Error (kUsage) with the system's reason; what was there stays.
class RunDirectory {
 public:
  /// Makes or takes an empty directory and writes run.json. Throws Error (kUsage) when it holds anything.
  [[nodiscard]] static RunDirectory create(const std::filesystem::path& path, const Json& header);

  /// Opens the directory of a run with the same `plan_hash` in its header, cutting off a torn last line and rows whose
  /// witness is missing. Throws Error (kUsage) when it holds another run, or a line that is no row.
  [[nodiscard]] static RunDirectory resume(const std::filesystem::path& path, const Json& header);

  RunDirectory(RunDirectory&& other) noexcept;
  RunDirectory& operator=(RunDirectory&&) = delete;
  ~RunDirectory();

  /// The lines of samples.jsonl and costs.jsonl.
  [[nodiscard]] std::vector<std::string> sample_lines() const;
  [[nodiscard]] std::vector<std::string> cost_lines() const;

  /// Appends a chunk: its cost first, then its samples in one write.
  void append(const std::vector<std::string>& samples, const std::string& cost);

  /// Writes a file whole: temporary name, sync, rename.
  void write(const std::string& name, std::string_view text) const;

  [[nodiscard]] std::filesystem::path witnesses() const { return path_ / "witnesses"; }
  /// A sub-folder for exports, made when missing.
  [[nodiscard]] std::filesystem::path folder(const std::string& name) const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit RunDirectory(std::filesystem::path path);
  void lock();
  void cut_torn_line(const std::filesystem::path& file) const;
  void drop_rows_without_witness() const;

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace faultline
