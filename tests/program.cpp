#include "program.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace faultline {

namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  return {ends[0], ends[1]};
}

/// In the child: everything that the setting asks for, then the program.
[[noreturn]] void become(const std::vector<std::string>& command, const ProgramSetting& setting, int out, int err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!setting.folder.empty() && chdir(setting.folder.c_str()) != 0) {
    _exit(126);
  }
  for (const auto& [name, value] : setting.env) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  if (setting.largest_file) {
    const rlimit limit{*setting.largest_file, *setting.largest_file};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  dup2(setting.out.empty() ? out : open(setting.out.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666), STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (setting.close_out) {
    close(STDOUT_FILENO);
  }
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

/// Takes what has come; false at the end of the stream.
bool take(int file, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t count = read(file, buffer.data(), buffer.size());
  if (count > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return count > 0;
}

/// Reads both streams to their ends, and interrupts the child when it is time.
void follow(pid_t child, int out, int err, const ProgramSetting& setting, ProgramResult& result) {
  constexpr int kTick = 5;  // milliseconds
  std::array<pollfd, 2> streams{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
  bool waiting = !setting.interrupt_when.empty();
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    poll(streams.data(), streams.size(), waiting ? kTick : -1);
    std::error_code status;
    if (waiting && std::filesystem::file_size(setting.interrupt_when, status) > setting.interrupt_above && !status) {
      kill(child, SIGINT);
      waiting = false;
    }
    for (pollfd& stream : streams) {
      if (stream.revents != 0 && !take(stream.fd, stream.fd == out ? result.out : result.err)) {
        stream.fd = -1;
      }
    }
  }
}

}  // namespace

ProgramResult run_command(const std::vector<std::string>& command, const ProgramSetting& setting) {
  const Pipe out = make_pipe();
  const Pipe err = make_pipe();
  const pid_t child = fork();
  if (child == 0) {
    become(command, setting, out.write_end, err.write_end);
  }
  close(out.write_end);
  close(err.write_end);
  ProgramResult result;
  follow(child, out.read_end, err.read_end, setting, result);
  close(out.read_end);
  close(err.read_end);
  int status = 0;
  waitpid(child, &status, 0);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

ProgramResult run_program(const std::vector<std::string>& arguments, const ProgramSetting& setting) {
  std::vector<std::string> command{FAULTLINE_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_command(command, setting);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

}  // namespace faultline
