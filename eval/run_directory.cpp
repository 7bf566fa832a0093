#include "faultline/eval/run_directory.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "faultline/core/error.h"
#include "faultline/data/file.h"
#include "faultline/data/json.h"
#include "faultline/eval/sample_row.h"

namespace faultline {

namespace {

constexpr const char* kSamples = "samples.jsonl";
constexpr const char* kCosts = "costs.jsonl";
constexpr const char* kHeader = "run.json";
constexpr const char* kLock = "lock";

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& action, const std::string& reason) {
  throw Error{ErrorCode::kUsage, "--out: " + action + " '" + path.string() + "': " + reason};
}

void make_folder(const std::filesystem::path& path) {
  std::error_code status;
  std::filesystem::create_directories(path, status);
  if (status || !std::filesystem::is_directory(path)) {
    fail(path, "cannot make the directory", status ? status.message() : "something else has this name");
  }
}

/// Appends text to a file in one go; on failure the file gets its old length back.
void append_text(const std::filesystem::path& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) {
    fail(path, "cannot write", std::strerror(errno));
  }
  const off_t before = ::lseek(file, 0, SEEK_END);
  int error = 0;
  while (!text.empty() && error == 0) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0) {
      error = errno == EINTR ? 0 : errno;
    } else {
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  if (error == 0 && ::fdatasync(file) != 0) {
    error = errno;
  }
  if (error != 0 && ::ftruncate(file, before) != 0) {
    error = errno;
  }
  ::close(file);
  if (error != 0) {
    fail(path, "cannot write", std::strerror(error));
  }
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  return lines;
}

Json read_header(const std::filesystem::path& path) {
  std::ifstream file(path);
  Json header = parse_json(std::string(std::istreambuf_iterator(file), {}));
  const bool whole = header.is_object() && header.contains("plan_hash") && header.contains("plan") &&
                     header["plan"].is_object() && header.contains("batch_dependent") &&
                     header["batch_dependent"].is_boolean() && header.contains("batch");
  if (!whole) {
    fail(path, "cannot resume from",
         "it is missing or not what a run writes; --resume needs the directory of an earlier run");
  }
  return header;
}

/// "epsilon is 0.1 there and 0.2 now".
std::string difference_text(const Json& earlier, const Json& now) {
  const std::optional<PlanDifference> found = first_difference(earlier, now);
  return found ? found->place + " is " + found->first + " there and " + found->second + " now"
               : "its plan_hash differs";
}

}  // namespace

RunDirectory::RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

RunDirectory::RunDirectory(RunDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

RunDirectory::~RunDirectory() {
  if (lock_ >= 0) {
    ::close(lock_);
  }
}

void RunDirectory::lock() {
  const std::filesystem::path file = path_ / kLock;
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) {
    fail(path_, "cannot write into", std::strerror(errno));
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    fail(path_, "cannot use", "another process is writing to this run directory");
  }
}

RunDirectory RunDirectory::create(const std::filesystem::path& path, const Json& header) {
  make_folder(path);
  std::error_code status;
  const bool empty = std::filesystem::is_empty(path, status);
  if (status) {
    fail(path, "cannot read", status.message());
  }
  if (!empty) {
    fail(path, "will not write into", "it is not empty; choose another directory, or continue its run with --resume");
  }
  RunDirectory run(path);
  run.lock();
  make_folder(run.witnesses());
  run.write(kHeader, json_text(header));
  return run;
}

RunDirectory RunDirectory::resume(const std::filesystem::path& path, const Json& header) {
  const Json earlier = read_header(path / kHeader);
  if (earlier.at("plan_hash") != header.at("plan_hash")) {
    fail(path, "cannot resume",
         "it holds another run: " + difference_text(earlier.at("plan"), header.at("plan")) +
             "; repeat the command that began it, or choose another directory");
  }
  if (earlier.at("batch_dependent").get<bool>() && earlier.at("batch") != header.at("batch")) {
    fail(path, "cannot resume",
         "this model's rows depend on their batch; continue with --batch " + earlier.at("batch").dump());
  }
  RunDirectory run(path);
  run.lock();
  make_folder(run.witnesses());
  run.cut_torn_line(path / kSamples);
  run.cut_torn_line(path / kCosts);
  run.drop_rows_without_witness();
  return run;
}

void RunDirectory::cut_torn_line(const std::filesystem::path& file) const {
  std::error_code status;
  const std::uintmax_t size = std::filesystem::file_size(file, status);
  if (status || size == 0) {
    return;
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text(size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  const std::size_t end = text.rfind('\n');
  std::filesystem::resize_file(file, end == std::string::npos ? 0 : end + 1, status);
  if (status) {
    fail(file, "cannot mend", status.message());
  }
}

void RunDirectory::drop_rows_without_witness() const {
  const std::vector<std::string> lines = sample_lines();
  std::string kept;
  bool dropped = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string witness;
    try {
      witness = from_line(lines[i]).witness;
    } catch (const Error&) {
      fail(path_ / kSamples, "cannot resume from",
           "line " + std::to_string(i + 1) + " is damaged; delete it, and its sample is computed again");
    }
    if (witness.empty() || std::filesystem::exists(witnesses() / (witness + ".safetensors"))) {
      kept += lines[i] + "\n";
    } else {
      dropped = true;
    }
  }
  if (dropped) {
    write(kSamples, kept);
  }
}

std::vector<std::string> RunDirectory::sample_lines() const { return lines_of(path_ / kSamples); }

std::vector<std::string> RunDirectory::cost_lines() const { return lines_of(path_ / kCosts); }

void RunDirectory::append(const std::vector<std::string>& samples, const std::string& cost) {
  std::string text;
  for (const std::string& line : samples) {
    text += line;
    text += '\n';
  }
  append_text(path_ / kCosts, cost + "\n");
  append_text(path_ / kSamples, text);
}

void RunDirectory::write(const std::string& name, std::string_view text) const {
  const Bytes part = std::as_bytes(std::span(text));
  write_file(path_ / name, std::span(&part, 1));
}

std::filesystem::path RunDirectory::folder(const std::string& name) const {
  make_folder(path_ / name);
  return path_ / name;
}

}  // namespace faultline
