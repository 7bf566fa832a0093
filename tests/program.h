// The built program, run as a user runs it.
//
//   const ProgramResult result = run_program({"attack", "model.pt"}, {.folder = folder.path()});
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace faultline {

struct ProgramResult {
  int exit_code = -1;  ///< 128 + the signal when one ended it.
  std::string out{};
  std::string err{};
};

struct ProgramSetting {
  std::filesystem::path folder{};                          ///< Where it runs; empty: here.
  std::vector<std::pair<std::string, std::string>> env{};  ///< Set beside what is inherited.
  std::optional<std::uint64_t> largest_file{};             ///< RLIMIT_FSIZE in bytes.
  std::filesystem::path out{};                             ///< File or device that stdout goes to.
  bool close_out = false;                                  ///< Start it without a stdout.
  std::filesystem::path interrupt_when{};                  ///< Send SIGINT once this file ...
  std::uintmax_t interrupt_above = 0;                      ///< ... holds more bytes than that.
};

/// Runs the program named by FAULTLINE_PROGRAM to its end.
[[nodiscard]] ProgramResult run_program(const std::vector<std::string>& arguments, const ProgramSetting& setting = {});

/// Runs any command, found in PATH.
[[nodiscard]] ProgramResult run_command(const std::vector<std::string>& command, const ProgramSetting& setting = {});

/// The bytes of a whole file; nothing when it cannot be read.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

/// The lines of a text without their ends.
[[nodiscard]] std::vector<std::string> lines_of(const std::string& text);

}  // namespace faultline
